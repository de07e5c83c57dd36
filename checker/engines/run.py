"""One search of a compiled program, by explore.c in a thread of its own."""

from __future__ import annotations

import ctypes
import os
import threading
import time
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from checker.engines import checkpoint
from checker.engines.build import build
from checker.engines.c_run import NO_LIMIT, RECENT_LEVELS, U64, CRun
from checker.engines.checkpoint import Keeper, Saved
from checker.engines.decoding import Found, read_tape
from checker.engines.estimating import DESCENT_LENGTH, DESCENTS, Estimate, estimate
from checker.engines.figures import ENDED, Figures, outcome_of
from checker.engines.outcome import MEMORY, Limits, Outcome, Progress, ProgressCallback
from checker.engines.resources import available_memory, left_of
from checker.language.errors import CheckerError
from checker.language.index import Index

PROGRESS_SECONDS = 0.1
MEMORY_LIMIT = ENDED.index(MEMORY)
DAMAGED = 2  # what explore() returns of a file

Starts = Mapping[Index, Container[str]]


class Program(Protocol):
    """What the engine needs of a compiled program (checker.compiler makes them)."""

    source: str
    words: int
    blocks: Sequence[Any]
    sites: Sequence[Any]
    invariants: Sequence[str]
    steps: Sequence[str]
    costs: Sequence[str]
    reachables: Sequence[str]
    goals: Sequence[str]
    conditions: dict[str, list[Any]]
    last_lines: Sequence[str]
    world: Any
    is_reduced: bool  # some actions are not interleaved

    def initial_words(self) -> list[tuple[int, ...]]: ...
    def decode_arguments(self, block: int, code: int) -> tuple[Any, ...]: ...
    def decode_member(self, block: int, actor: int) -> Any: ...


class Run:
    """One search, and its states until it is closed."""

    def __init__(
        self,
        program: Any,
        properties: Sequence[Any] | None = None,
        limits: Limits | None = None,
        extra_flags: Sequence[str] = (),
        quick: bool = False,
    ) -> None:
        self.program = program
        self.library = build(program.source, extra_flags, quick)
        self._check_shape()
        self.run = CRun()
        self.searching = threading.Lock()
        self.closed = False
        self.kept: list[Any] = []  # what the C side points to
        self.resumed: Path | None = None
        self.states_before = 0  # when it was resumed
        self._ask(properties, limits or Limits())

    def __enter__(self) -> Run:
        return self

    def __exit__(self, *about: object) -> None:
        """Ctrl-C may come where go() does not hear it: what the search uses is freed when it is over."""
        self.closed = True
        self.run.stop = 2
        with self.searching:
            self.library.explore_free(ctypes.byref(self.run))

    def choose(self, variant: int) -> None:
        """Of a program with several variants: which is searched."""
        if self.program.variants:
            self.library.choose_variant(variant)

    def variants_met(self) -> frozenset[int]:
        """The variants that the search came to ask for."""
        if not self.program.variants:
            return frozenset()
        self.library.met_variants.restype = ctypes.POINTER(ctypes.c_uint8)
        met = self.library.met_variants()
        return frozenset(number for number in self.program.variants if met[number])

    def go(self, progress: ProgressCallback | None, entry: str = "explore") -> None:
        """Run the search. Ctrl-C ends it; its outcome is then an incomplete one."""
        done = threading.Event()
        status = []
        if progress is not None and entry == "explore":
            self.run.descents, self.run.walk_length, self.run.seed = DESCENTS, DESCENT_LENGTH, 1

        def call() -> None:
            with self.searching:
                if not self.closed:
                    status.append(self.library[entry](ctypes.byref(self.run)))
            done.set()

        threading.Thread(target=call, daemon=True).start()
        begun, waits = time.monotonic(), True
        while waits:
            try:
                while not done.wait(PROGRESS_SECONDS):
                    if progress is not None:
                        progress(self._progress(time.monotonic() - begun))
                waits = False
            except KeyboardInterrupt:
                self.run.stop += 1  # the second one does not wait for the search to be saved
        if status == [DAMAGED] and self.resumed is not None:
            raise checkpoint.damaged(self.resumed)
        if status != [0]:
            self.run.ended = MEMORY_LIMIT

    def keep(self, keeper: Keeper, key: str, at_first: bool, saved: Saved | None) -> None:
        """Save the search, and begin with what was saved of it."""
        run = self.run
        if saved is not None:
            run.resume_file, run.resume_offset = os.fsencode(saved.path), saved.offset
            self.resumed = saved.path
        if keeper.closed:
            return
        text = keeper.text(key)
        run.save_file, run.save_unfinished = os.fsencode(keeper.path), os.fsencode(keeper.unfinished)
        run.save_text, run.save_text_length = text, len(text)
        run.save_nanoseconds = int(checkpoint.SAVE_SECONDS * 1e9)
        run.save_ends = keeper.ends_to_save(at_first)

    def estimate_at_end(self) -> None:
        """Random descents after the search, if it is not whole."""
        run = self.run
        run.descents, run.descends_at_end = DESCENTS, 1
        run.walk_length, run.seed = DESCENT_LENGTH, 1

    def figures(self) -> Figures:
        run = self.run
        if run.asymmetric:
            raise CheckerError(
                "members that were proved to be interchangeable are not: two reached states show it",
                advice="the proof is wrong: report the model; --no-reduction searches without it",
            )
        if run.unfounded:
            raise CheckerError(
                "a violation was found that no run of the model was found for",
                advice="a proof is wrong: report the model; --no-reduction searches without it",
            )
        conditions = sum(map(len, self.program.conditions.values()))
        return Figures(
            states=run.states,
            transitions=run.transitions,
            depth=run.depth,
            bytes=run.bytes,
            ended=run.ended,
            covered_depth=run.covered_depth,
            left_out=run.left_out,
            nanoseconds=run.nanoseconds,
            nanoseconds_before=run.nanoseconds_before,
            gave_up=run.gave_up,
            gave_up_at=run.gave_up_at,
            undecided_goals=run.undecided_goals,
            fired=run.fired[: len(self.program.blocks)],
            condition_true=run.condition_true[:conditions],
            condition_false=run.condition_false[:conditions],
            passed=self._passed(),
            tape=self._tape(),
        )

    def outcome(self) -> Outcome:
        return outcome_of(self.program, self.figures())

    def found(self) -> list[Found]:
        """The findings, packed as they are."""
        return list(read_tape(self._tape(), self.program.words))

    def _tape(self) -> list[int]:
        return self.run.tape[: self.run.tape_length] if self.run.tape else []

    def levels(self) -> Iterator[list[tuple[int, ...]]]:
        words = self.program.words
        for level in range(self.run.depth):
            first, end = self.run.level_start[level], self.run.level_start[level + 1]
            flat = (U64 * (words * (end - first)))()
            self.library.explore_states(ctypes.byref(self.run), U64(first), U64(end), flat)
            yield [tuple(flat[i : i + words]) for i in range(0, len(flat), words)]

    def bar_all_but(self, starts: Starts) -> None:
        """Only these operations may be started; it holds for this library until the next word."""
        for number, block in enumerate(self.program.blocks):
            if block.kind == "start":
                allowed = (m for m, names in starts.items() if type(m) is block.actor and block.name in names)
                members = sum(1 << int(member) for member in allowed)
                self.library.explore_bar(U64(number), U64(NO_LIMIT & ~members))

    def _passed(self) -> list[int]:
        """Which last lines were come to; the library forgets it."""
        if not self.program.last_lines:
            return []
        passed = (ctypes.c_uint8 * len(self.program.last_lines))()
        self.library.explore_passed(passed)
        return list(passed)

    # ---- filling in the question ----

    def _check_shape(self) -> None:
        shape = (U64 * 9)()
        self.library.explore_shape(shape)
        p = self.program
        conditions = sum(map(len, p.conditions.values()))
        mine = [p.words, *(len(x) for x in (p.invariants, p.steps, p.sites, p.goals, p.reachables, p.blocks))]
        expected = [*mine, conditions, ctypes.sizeof(CRun)]
        if list(shape) != expected:
            raise AssertionError(
                f"shape of the generated program {list(shape)}, of its description {expected}"
            )

    def _ask(self, properties: Sequence[Any] | None, limits: Limits) -> None:
        run, p = self.run, self.program
        initial = p.initial_words()
        run.initial = self.array(U64, [word for words in initial for word in words])
        run.initial_count = len(initial)
        run.threads = limits.threads or 1
        run.max_states = _or_none(limits.max_states)
        run.max_depth = _or_none(limits.max_depth)
        run.max_bytes = _or_none(available_memory() if limits.memory is None else left_of(limits.memory))
        run.max_nanoseconds = NO_LIMIT if limits.seconds is None else int(limits.seconds * 1e9)
        wanted = _wanted(properties)
        run.keep_going = limits.keep_going
        run.wanted_invariants = _mask(p.invariants, wanted)
        run.wanted_steps = _mask(p.steps, wanted)
        run.wanted_goals = _mask(p.goals, wanted)
        run.wanted_reachable = _mask(p.reachables, wanted)
        run.wanted_sites = self.array(ctypes.c_uint8, [int(wanted(site.property)) for site in p.sites])
        run.fired = self.array(U64, [0] * len(p.blocks))
        conditions = sum(map(len, p.conditions.values()))
        run.condition_true = self.array(U64, [0] * conditions)
        run.condition_false = self.array(U64, [0] * conditions)

    def array(self, kind: Any, values: Sequence[int]) -> Any:
        array = (kind * max(1, len(values)))(*values)
        self.kept.append(array)
        return ctypes.cast(array, ctypes.POINTER(kind))

    # ---- reading figures ----

    def _progress(self, seconds: float) -> Progress:
        run = self.run
        states = run.states
        if self.resumed is not None:
            self.states_before = self.states_before or states
        return Progress(
            states,
            run.transitions,
            run.depth,
            run.frontier,
            run.bytes,
            seconds,
            rate=(states - self.states_before) / seconds if seconds > 0 else 0.0,
            estimate=self.estimate(),
        )

    def estimate(self) -> Estimate | None:
        """Of all states, from what is known of the levels and from random descents."""
        run = self.run
        count = run.level_count
        first = max(0, count - RECENT_LEVELS + 1)  # the oldest place may just be written again
        levels = [run.level_size[number % RECENT_LEVELS] for number in range(first, count)]
        if run.states == 0 or 0 in levels:
            return None
        descents = run.descents if run.descents_of else 0
        return estimate(run.states, levels, run.descents_of, descents, run.descents_found, run.descents_met)


def _or_none(limit: int | None) -> int:
    return NO_LIMIT if limit is None else limit


def _wanted(properties: Sequence[Any] | None) -> Callable[[str], bool]:
    if properties is None:
        return lambda name: True
    names = {p if isinstance(p, str) else p.name for p in properties}
    return lambda name: name in names or name.partition(":")[0] in names & {"deadlock"}


def _mask(names: Sequence[str], wanted: Callable[[str], bool]) -> int:
    return sum(1 << bit for bit, name in enumerate(names) if wanted(name))
