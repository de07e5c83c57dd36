"""The native engine: a program is compiled, in a hurry first, and searched to the end by explore.c."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from checker.engines.build import build, is_built
from checker.engines.c_run import NO_LIMIT
from checker.engines.checkpoint import Keeper, key_of
from checker.engines.compilers import NoCompiler, find_compiler
from checker.engines.figures import outcome_of
from checker.engines.outcome import INTERRUPTED, STATES, Limits, Outcome, ProgressCallback
from checker.engines.run import Run, Starts
from checker.engines.undecided import completed, left_for_another

__all__ = ["NoCompiler", "Run", "build", "explore", "find_compiler", "reachable_words"]

QUICK_STATES = 400_000  # they take a program compiled in a hurry less time than it takes to compile it well


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

    What a reduced program leaves open is answered by one that is reduced less, or not at all."""
    limits = limits or Limits()
    outcome = _searched(program, properties, limits, progress, extra_flags, starts, keeper, long)
    if not outcome.undecided:
        return outcome
    rest = left_for_another(limits, outcome)
    other = program.unreduced(outcome.undecided, outcome.stop_not_met)
    full = completed(outcome, explore(other, properties, rest, progress, extra_flags, starts, keeper))
    if outcome.stop_not_met:
        full.statistics = other.statistics
    return full


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

    if long or saved is not None or extra_flags:
        return search(limits, quick=False)
    outcome = None
    for here, quick in attempts(program, limits):
        try:
            outcome = search(here, quick, at_first=here is not limits)
        except KeyboardInterrupt:
            if outcome is None:
                raise
            # While it is compiled well: what was found so far is not lost.
            return replace(outcome, ended=INTERRUPTED)
        if outcome.ended != STATES:
            break
    assert outcome is not None
    return outcome


def attempts(program: Any, limits: Limits) -> Iterator[tuple[Limits, bool]]:
    """What to search with, and whether to compile in a hurry: for few states at first and, where these were
    not all, well compiled and to the end. Whoever is content with an attempt asks for no other."""
    if is_short(program, limits):
        yield limits, True
        return
    if not is_built(program.source):
        yield replace(limits, max_states=QUICK_STATES), True
    yield limits, False


def is_short(program: Any, limits: Limits) -> bool:
    """Whether to visit so few states, or to walk so few steps, takes less time than to compile well."""
    return (limits.max_states or NO_LIMIT) <= QUICK_STATES and not is_built(program.source)


@contextmanager
def reachable_words(program: Any, limits: Limits | None = None) -> Iterator[Iterator[list[tuple[int, ...]]]]:
    """The packed states, level by level; of a whole search, whatever it violates. They are few, if they are
    to be looked at one by one."""
    with Run(program, (), limits, quick=not is_built(program.source)) as run:
        run.go(None)
        yield run.levels()
