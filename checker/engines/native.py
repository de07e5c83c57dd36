"""The native engine: a compiled program, explored by explore.c in a thread of its own."""

from __future__ import annotations

import ctypes
import threading
import time
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from checker.engines.build import NoCompiler, build, find_compiler, is_built
from checker.engines.decoding import Found, condition_counts, decode_outcome, read_tape
from checker.engines.outcome import (
    DEPTH,
    INTERRUPTED,
    MEMORY,
    STATES,
    TIME,
    UNDECIDED,
    Limits,
    Outcome,
    Progress,
    ProgressCallback,
)
from checker.engines.resources import memory_in_use
from checker.engines.undecided import completed, left_for_another
from checker.language.index import Index

__all__ = ["NoCompiler", "Run", "build", "explore", "find_compiler", "reachable_words"]

NO_LIMIT = 2**64 - 1
PROGRESS_SECONDS = 0.1
QUICK_STATES = 100_000  # a quarter of a second for a program that was compiled in a hurry
ENDED = (  # the enum of explore.c; None: nothing was left to find out
    None,
    None,
    DEPTH,
    STATES,
    MEMORY,
    TIME,
    INTERRUPTED,
    "more than 128 choices in one atomic block",
    UNDECIDED,
)

MEMORY_LIMIT = ENDED.index(MEMORY)

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
        *((name, _U64) for name in ("states", "transitions", "depth", "frontier", "bytes", "sweeps")),
        *((name, _U64) for name in ("ended", "covered_depth", "nanoseconds", "gave_up", "undecided_goals")),
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
) -> Outcome:
    """Search every reachable state. `properties` (objects with a name, or names; None: all that there are)
    are what the search goes on for: it ends early when each is violated or, of a reachable one, reached.
    `starts`: the operations that each member may start, of a program that was compiled as selectable.

    What a reduced program leaves open is answered by one that is not reduced."""
    limits = limits or Limits()
    outcome = _searched(program, properties, limits, progress, extra_flags, starts)
    if not outcome.undecided:
        return outcome
    rest = left_for_another(limits, outcome)
    full = _searched(program.unreduced(outcome.undecided), properties, rest, progress, extra_flags, starts)
    return completed(outcome, full)


def _searched(
    program: Any,
    properties: Sequence[Any] | None,
    limits: Limits,
    progress: ProgressCallback | None,
    extra_flags: Sequence[str],
    starts: Starts | None,
) -> Outcome:
    """A new program is first compiled in a hurry, and compiled well only if it has more than a few states."""

    def search(limits: Limits, quick: bool) -> Outcome:
        with Run(program, properties, limits, extra_flags, quick) as run:
            if starts is not None:
                run.bar_all_but(starts)
            run.go(progress)
            return run.outcome()

    if extra_flags or (limits.max_states or NO_LIMIT) <= QUICK_STATES or is_built(program.source):
        return search(limits, quick=False)
    outcome = search(replace(limits, max_states=QUICK_STATES), quick=True)
    if outcome.ended != STATES:
        return outcome
    try:
        return search(limits, quick=False)
    except KeyboardInterrupt:  # while it is compiled: what was found so far is not lost
        return replace(outcome, ended=INTERRUPTED)


@contextmanager
def reachable_words(program: Any, limits: Limits | None = None) -> Iterator[Iterator[list[tuple[int, ...]]]]:
    """The packed states, level by level; of a whole search, whatever it violates."""
    with Run(program, (), limits) as run:
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

    def go(self, progress: ProgressCallback | None) -> None:
        """Run the search. Ctrl-C ends it; its outcome is then an incomplete one."""
        done = threading.Event()
        status = []

        def call() -> None:
            try:
                status.append(self.library.explore(ctypes.byref(self.run)))
            finally:
                done.set()

        threading.Thread(target=call, daemon=True).start()
        begun = time.monotonic()
        while not done.is_set():
            try:
                if not done.wait(PROGRESS_SECONDS) and progress is not None:
                    progress(self._progress(time.monotonic() - begun))
            except KeyboardInterrupt:
                self.run.stop = 1
            except BaseException:
                self.run.stop = 1
                done.wait()
                raise
        if status != [0]:
            self.run.ended = MEMORY_LIMIT

    def outcome(self) -> Outcome:
        run = self.run
        outcome = Outcome(
            states=run.states,
            transitions=run.transitions,
            depth=run.depth,
            seconds=run.nanoseconds / 1e9,
            memory_bytes=run.bytes,
            bytes_per_state=run.bytes / max(1, run.states),
            complete=run.ended == 0,
            ended=ENDED[run.ended],
            reduced=self.program.is_reduced,
            undecided=self._undecided(),
            covered_depth=run.covered_depth,
        )
        self._count(outcome)
        outcome.last_lines = self._last_lines()
        decode_outcome(self.program, self.found(), outcome)
        return outcome

    def _undecided(self) -> frozenset[str]:
        """The properties that a reduced search leaves open: all, or some about what stays possible."""
        if self.run.gave_up:
            p = self.program
            names = (*p.invariants, *p.steps, *p.reachables, *p.goals, "deadlock")
            return frozenset(name.partition(":")[0] for name in names)
        goals = enumerate(self.program.goals)
        return frozenset(name.partition(":")[0] for bit, name in goals if self.run.undecided_goals >> bit & 1)

    def found(self) -> list[Found]:
        """The findings, packed as they are."""
        tape = self.run.tape[: self.run.tape_length] if self.run.tape else []
        return list(read_tape(tape, self.program.words))

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

    def _last_lines(self) -> set[str]:
        names = self.program.last_lines
        if not names:
            return set()
        passed = (ctypes.c_uint8 * len(names))()
        self.library.explore_passed(passed)
        return {name for name, came in zip(names, passed, strict=True) if came}

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
        return Progress(run.states, run.transitions, run.depth, run.frontier, run.bytes, seconds)

    def _count(self, outcome: Outcome) -> None:
        run = self.run
        for number, block in enumerate(self.program.blocks):
            outcome.fired[block.location] = outcome.fired.get(block.location, 0) + run.fired[number]
        outcome.conditions.update(condition_counts(self.program, run.condition_true, run.condition_false))


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
