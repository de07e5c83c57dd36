"""The native engine: a compiled program, explored by explore.c in a thread of its own."""

from __future__ import annotations

import ctypes
import os
import threading
import time
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from checker.engines import checkpoint
from checker.engines.build import NoCompiler, build, find_compiler, is_built
from checker.engines.checkpoint import Keeper, Saved, key_of
from checker.engines.decoding import Found, read_tape
from checker.engines.estimating import DESCENT_LENGTH, DESCENTS, Estimate, estimate
from checker.engines.figures import ENDED, Figures, outcome_of
from checker.engines.outcome import (
    INTERRUPTED,
    MEMORY,
    STATES,
    Limits,
    Outcome,
    Progress,
    ProgressCallback,
)
from checker.engines.resources import memory_in_use
from checker.engines.undecided import completed, left_for_another
from checker.language.errors import CheckerError
from checker.language.index import Index

__all__ = ["NoCompiler", "Run", "build", "explore", "find_compiler", "reachable_words"]

NO_LIMIT = 2**64 - 1
PROGRESS_SECONDS = 0.1
QUICK_STATES = 400_000  # they take a program compiled in a hurry less time than it takes to compile it well
MEMORY_LIMIT = ENDED.index(MEMORY)
RECENT_LEVELS = 32  # whose sizes are told while a search runs
DAMAGED = 2  # what explore() returns of a file

_U64 = ctypes.c_uint64
_Words = ctypes.POINTER(_U64)


class _Run(ctypes.Structure):
    """`Run` of explore.c, field by field."""

    _fields_ = [
        ("initial", _Words),
        *((name, _U64) for name in ("initial_count", "threads", "max_states", "max_depth", "max_bytes")),
        *((name, _U64) for name in ("max_nanoseconds", "keep_going")),
        *((f"wanted_{name}", _U64) for name in ("invariants", "steps", "goals", "reachable")),
        ("wanted_sites", ctypes.POINTER(ctypes.c_uint8)),
        ("cause", _U64),
        ("forbidden", ctypes.POINTER(ctypes.c_uint8)),
        ("stop", _U64),
        *((name, ctypes.c_char_p) for name in ("save_file", "save_unfinished", "save_text", "resume_file")),
        *((name, _U64) for name in ("save_text_length", "save_nanoseconds", "save_ends", "resume_offset")),
        *((name, _U64) for name in ("states", "transitions", "depth", "frontier", "bytes", "sweeps")),
        *((name, _U64) for name in ("ended", "covered_depth", "nanoseconds", "nanoseconds_before")),
        *((name, _U64) for name in ("seed", "walk_length", "walks", "last_new_pair", "even")),
        ("paid", _Words),
        ("cost_fault", _U64),
        *(
            (name, _U64)
            for name in ("descents", "descents_found", "descents_of", "descends_at_end", "level_count")
        ),
        ("level_size", _U64 * RECENT_LEVELS),
        ("pairs", ctypes.POINTER(ctypes.c_uint32)),
        *((name, _U64) for name in ("saves", "save_error", "gave_up", "undecided_goals", "asymmetric")),
        *((name, _Words) for name in ("array", "level_start")),
        *((name, _Words) for name in ("fired", "condition_true", "condition_false", "tape")),
        ("tape_length", _U64),
        ("engine", ctypes.c_void_p),
    ]


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


def explore(
    program: Any,
    properties: Sequence[Any] | None = None,
    limits: Limits | None = None,
    progress: ProgressCallback | None = None,
    extra_flags: Sequence[str] = (),
    starts: Starts | None = None,
    keeper: Keeper | None = None,
    long: bool = False,
) -> Outcome:
    """Search every reachable state. `properties` (objects with a name, or names; None: all that there are)
    are what the search goes on for: it ends early when each is violated or, of a reachable one, reached.
    `starts`: the operations that each member may start, of a program that was compiled as selectable.
    `keeper`: saves the search, and may have one to go on with. `long`: it is expected to be worth a program
    that is compiled well.

    What a reduced program leaves open is answered by one that is not reduced."""
    limits = limits or Limits()
    outcome = _searched(program, properties, limits, progress, extra_flags, starts, keeper, long)
    if not outcome.undecided:
        return outcome
    rest = left_for_another(limits, outcome)
    unreduced = program.unreduced(outcome.undecided)
    full = _searched(unreduced, properties, rest, progress, extra_flags, starts, keeper)
    return completed(outcome, full)


def _searched(
    program: Any,
    properties: Sequence[Any] | None,
    limits: Limits,
    progress: ProgressCallback | None,
    extra_flags: Sequence[str],
    starts: Starts | None,
    keeper: Keeper | None,
    long: bool = False,
) -> Outcome:
    """A new program is first compiled in a hurry, and compiled well only if it has more than a few states."""
    key = key_of(program, properties, limits) if keeper is not None else ""
    known = keeper.known(key) if keeper is not None else None
    if known is not None:
        return outcome_of(program, known)

    saved = keeper.to_go_on_with(key) if keeper is not None else None

    def search(limits: Limits, quick: bool, at_first: bool = False) -> Outcome:
        """`at_first`: with a limit of its own, after which it is searched again."""
        with Run(program, properties, limits, extra_flags, quick) as run:
            if starts is not None:
                run.bar_all_but(starts)
            if keeper is not None:
                run.keep(keeper, key, at_first, saved)
            run.go(progress)
            figures = run.figures()
            if keeper is not None:
                keeper.ended(key, figures, at_first, run.run.saves, run.run.save_error)
            return outcome_of(program, figures)

    if long or saved is not None or extra_flags or is_built(program.source):
        return search(limits, quick=False)
    if (limits.max_states or NO_LIMIT) <= QUICK_STATES:
        return search(limits, quick=True)
    outcome = search(replace(limits, max_states=QUICK_STATES), quick=True, at_first=True)
    if outcome.ended != STATES:
        return outcome
    try:
        return search(limits, quick=False)
    except KeyboardInterrupt:  # while it is compiled: what was found so far is not lost
        return replace(outcome, ended=INTERRUPTED)


@contextmanager
def reachable_words(program: Any, limits: Limits | None = None) -> Iterator[Iterator[list[tuple[int, ...]]]]:
    """The packed states, level by level; of a whole search, whatever it violates. They are few, if they are
    to be looked at one by one."""
    with Run(program, (), limits, quick=not is_built(program.source)) as run:
        run.go(None)
        yield run.levels()


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
        self.run = _Run()
        self.kept: list[Any] = []  # what the C side points to
        self.resumed: Path | None = None
        self.states_before = 0  # when it was resumed
        self._ask(properties, limits or Limits())

    def __enter__(self) -> Run:
        return self

    def __exit__(self, *about: object) -> None:
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
            try:
                status.append(self.library[entry](ctypes.byref(self.run)))
            finally:
                done.set()

        threading.Thread(target=call, daemon=True).start()
        begun = time.monotonic()
        while not done.is_set():
            try:
                if not done.wait(PROGRESS_SECONDS) and progress is not None:
                    progress(self._progress(time.monotonic() - begun))
            except KeyboardInterrupt:
                self.run.stop += 1  # the second one does not wait for the search to be saved
            except BaseException:
                self.run.stop = 2
                done.wait()
                raise
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
        conditions = sum(map(len, self.program.conditions.values()))
        return Figures(
            states=run.states,
            transitions=run.transitions,
            depth=run.depth,
            bytes=run.bytes,
            ended=run.ended,
            covered_depth=run.covered_depth,
            nanoseconds=run.nanoseconds,
            nanoseconds_before=run.nanoseconds_before,
            gave_up=run.gave_up,
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
            flat = self.run.array[first * words : end * words]
            yield [tuple(flat[i : i + words]) for i in range(0, len(flat), words)]

    def bar_all_but(self, starts: Starts) -> None:
        """Only these operations may be started; it holds for this library until the next word."""
        for number, block in enumerate(self.program.blocks):
            if block.kind == "start":
                allowed = (m for m, names in starts.items() if type(m) is block.actor and block.name in names)
                members = sum(1 << int(member) for member in allowed)
                self.library.explore_bar(_U64(number), _U64(NO_LIMIT & ~members))

    def _passed(self) -> list[int]:
        """Which last lines were come to; the library forgets it."""
        if not self.program.last_lines:
            return []
        passed = (ctypes.c_uint8 * len(self.program.last_lines))()
        self.library.explore_passed(passed)
        return list(passed)

    # ---- filling in the question ----

    def _check_shape(self) -> None:
        shape = (_U64 * 9)()
        self.library.explore_shape(shape)
        p = self.program
        conditions = sum(map(len, p.conditions.values()))
        mine = [p.words, *(len(x) for x in (p.invariants, p.steps, p.sites, p.goals, p.reachables, p.blocks))]
        expected = [*mine, conditions, ctypes.sizeof(_Run)]
        if list(shape) != expected:
            raise AssertionError(
                f"shape of the generated program {list(shape)}, of its description {expected}"
            )

    def _ask(self, properties: Sequence[Any] | None, limits: Limits) -> None:
        run, p = self.run, self.program
        initial = p.initial_words()
        run.initial = self.array(_U64, [word for words in initial for word in words])
        run.initial_count = len(initial)
        run.threads = limits.threads or 1
        run.max_states = _or_none(limits.max_states)
        run.max_depth = _or_none(limits.max_depth)
        run.max_bytes = available_memory() if limits.memory is None else left_of(limits.memory)
        run.max_nanoseconds = NO_LIMIT if limits.seconds is None else int(limits.seconds * 1e9)
        wanted = _wanted(properties)
        run.keep_going = limits.keep_going
        run.wanted_invariants = _mask(p.invariants, wanted)
        run.wanted_steps = _mask(p.steps, wanted)
        run.wanted_goals = _mask(p.goals, wanted)
        run.wanted_reachable = _mask(p.reachables, wanted)
        run.wanted_sites = self.array(ctypes.c_uint8, [int(wanted(site.property)) for site in p.sites])
        run.fired = self.array(_U64, [0] * len(p.blocks))
        conditions = sum(map(len, p.conditions.values()))
        run.condition_true = self.array(_U64, [0] * conditions)
        run.condition_false = self.array(_U64, [0] * conditions)

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
        return estimate(run.states, levels, run.descents_of, descents, run.descents_found)


def _or_none(limit: int | None) -> int:
    return NO_LIMIT if limit is None else limit


def _wanted(properties: Sequence[Any] | None) -> Callable[[str], bool]:
    if properties is None:
        return lambda name: True
    names = {p if isinstance(p, str) else p.name for p in properties}
    return lambda name: name in names or name.partition(":")[0] in names & {"deadlock"}


def _mask(names: Sequence[str], wanted: Callable[[str], bool]) -> int:
    return sum(1 << bit for bit, name in enumerate(names) if wanted(name))


def left_of(memory: int) -> int:
    """What a limit on the whole process leaves for the search; a first level always finds room."""
    return max(memory - memory_in_use(), 1 << 20)


def available_memory() -> int:
    """What the machine and the control group can still give, less a reserve: who takes more is killed."""
    free = []
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                free.append(int(line.split()[1]) * 1024)
        limit = Path("/sys/fs/cgroup/memory.max").read_text().strip()
        if limit != "max":
            free.append(int(limit) - int(Path("/sys/fs/cgroup/memory.current").read_text()))
    except (OSError, ValueError):
        pass
    return max(0, min(free)) * 9 // 10 if free else NO_LIMIT
