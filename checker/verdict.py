"""What one or more searches say about a property. Nothing here turns an unfinished search into an answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from checker.engines.outcome import Outcome
from checker.language.properties import ALWAYS_POSSIBLE, DEADLOCK, REACHABLE
from checker.language.world import World
from checker.request import Wanted
from checker.traces.trace import Trace


class Answer(Enum):
    """The value is the exit code that it calls for."""

    HOLDS = "holds"
    REACHABLE = "yes"
    VIOLATED = "violated"
    UNREACHABLE = "no"
    NOT_EXERCISED = "not exercised"
    INCOMPLETE = "incomplete"
    MODEL_ERROR = "model error"

    @property
    def exit_code(self) -> int:
        return _EXIT[self]


_EXIT = {
    Answer.HOLDS: 0,
    Answer.REACHABLE: 0,
    Answer.VIOLATED: 1,
    Answer.UNREACHABLE: 1,
    Answer.MODEL_ERROR: 2,
    Answer.NOT_EXERCISED: 3,
    Answer.INCOMPLETE: 3,
}


@dataclass
class Run:
    """One search: a scenario with the properties that were checked together in it."""

    world: World
    wanted: tuple[Wanted, ...]
    outcome: Outcome
    engine: str
    statistics: dict[str, object] = field(default_factory=dict)

    @property
    def scenario(self) -> str:
        return self.world.scenario.name

    def violated(self, wanted: Wanted) -> bool:
        return any(wanted.covers(name) for name in self.outcome.violations)

    def exercised(self, wanted: Wanted) -> bool:
        """Some condition that could have decided against it was evaluated; for deadlock, something ran."""
        if wanted.kind in (DEADLOCK, ALWAYS_POSSIBLE):
            return self.outcome.transitions > 0
        return self.outcome.exercised(wanted.key)


@dataclass(frozen=True)
class Verdict:
    name: str
    answer: Answer
    kind: str
    why: str = ""
    scenario: str | None = None  # where it is violated
    trace: Trace | None = None


def verdict_on(wanted: Wanted, runs: Iterable[Run], trace: Trace | None) -> Verdict:
    """The answer for one property from all the runs that it took part in."""
    own = [run for run in runs if wanted in run.wanted]
    for run in own:
        if run.violated(wanted):
            return Verdict(wanted.name, Answer.VIOLATED, wanted.kind, "", run.scenario, trace)
    if not own:
        return Verdict(
            wanted.name, Answer.NOT_EXERCISED, wanted.kind, "no scenario that was run is meant for it"
        )
    if wanted.kind == REACHABLE:
        return _reached(wanted, own)
    unfinished = _unfinished(own)
    if unfinished:
        return Verdict(wanted.name, Answer.INCOMPLETE, wanted.kind, unfinished)
    if not any(run.exercised(wanted) for run in own):
        return Verdict(
            wanted.name, Answer.NOT_EXERCISED, wanted.kind, "nothing in the search could have violated it"
        )
    return Verdict(wanted.name, Answer.HOLDS, wanted.kind, _count(own))


def _reached(wanted: Wanted, runs: Sequence[Run]) -> Verdict:
    for run in runs:
        if wanted.key in run.outcome.reached:
            steps = len(run.outcome.reached[wanted.key].events)
            return Verdict(
                wanted.name, Answer.HOLDS, wanted.kind, f"reached in {run.scenario}, {steps} steps"
            )
    unfinished = _unfinished(runs)
    if unfinished:
        return Verdict(wanted.name, Answer.INCOMPLETE, wanted.kind, unfinished)
    return Verdict(wanted.name, Answer.VIOLATED, wanted.kind, f"never reached: {_count(runs)}")


def _unfinished(runs: Sequence[Run]) -> str:
    """Why some search ended before its end, and how far it came; empty if all ran to the end."""
    for run in runs:
        outcome = run.outcome
        if not outcome.complete:
            ended = outcome.ended or "stopped early"
            return f"{run.scenario}: {ended}; every state up to depth {outcome.covered_depth} was covered"
    return ""


def _count(runs: Sequence[Run]) -> str:
    states = sum(run.outcome.states for run in runs)
    return f"{states:,} states" + (f" in {len(runs)} scenarios" if len(runs) > 1 else "")


def answer_to(question: str, verdict: Verdict) -> Verdict:
    """`can` asks the opposite of the property behind it: a violation is a yes."""
    if question != "can":
        return verdict
    turned = {
        Answer.VIOLATED: Answer.REACHABLE,
        Answer.HOLDS: Answer.UNREACHABLE,
        Answer.NOT_EXERCISED: Answer.UNREACHABLE,
    }.get(verdict.answer, verdict.answer)
    why = "in no reachable state" if turned is Answer.UNREACHABLE else verdict.why
    return Verdict(verdict.name, turned, verdict.kind, why, verdict.scenario, verdict.trace)


def exit_code(verdicts: Iterable[Verdict]) -> int:
    """A wrong model outweighs a violation, that an open question, and that a proof."""
    codes = {verdict.answer.exit_code for verdict in verdicts}
    return next((code for code in (2, 1, 3) if code in codes), 0)
