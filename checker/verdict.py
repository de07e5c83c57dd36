"""What one or more searches say about a property. Nothing here turns an unfinished search into an answer."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

from checker.causes import Causes
from checker.engines.outcome import Outcome, Violation
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
    causes: Mapping[str, Causes] = field(default_factory=dict)  # of what is violated, if they are asked for

    @property
    def scenario(self) -> str:
        return self.world.scenario.name

    def decided(self, wanted: Wanted) -> bool:
        """Whether other scenarios have nothing to add: it is violated, or what was to be reached is."""
        reached = wanted.kind == REACHABLE and wanted.key in self.outcome.reached
        return reached or any(wanted.covers(name) for name in self.outcome.violations)

    def violation_of(self, wanted: Wanted | None, name: str) -> Violation | None:
        """The shortest one of what is wanted; or, of what nobody named, such as an assert, of this name."""
        found = [
            bad
            for key, bad in self.outcome.violations.items()
            if (wanted.covers(key) if wanted is not None else key == name)
        ]
        return min(found, key=lambda bad: bad.depth, default=None)

    def to_be_shown(self) -> Iterator[tuple[Violation, Wanted | None]]:
        """Each violation with what was wanted, the shortest first; of several stuck actors only the first."""
        shown: set[Wanted] = set()
        for name, violation in sorted(self.outcome.violations.items(), key=lambda item: item[1].depth):
            wanted = next((each for each in self.wanted if each.covers(name)), None)
            if wanted not in shown:
                shown.update([wanted] if wanted is not None else [])
                yield violation, wanted

    def exercised(self, wanted: Wanted) -> bool:
        """Some condition that could have decided against it was evaluated; for deadlock, something ran."""
        if wanted.kind in (DEADLOCK, ALWAYS_POSSIBLE):
            return self.outcome.transitions > 0
        companion = None if wanted.found is None else wanted.found.companion
        if companion is not None:
            return companion.name in self.outcome.reached
        return self.outcome.exercised(wanted.key)


@dataclass(frozen=True)
class ShownCause:
    """A group of violations by its shortest trace; for `shows` and `wrote` see Cause in causes.py."""

    shows: str
    wrote: str
    scenario: str
    trace: Trace


@dataclass(frozen=True)
class Verdict:
    name: str
    answer: Answer
    kind: str
    why: str = ""
    scenario: str | None = None  # where it is violated
    trace: Trace | None = None
    causes: tuple[ShownCause, ...] = ()  # if they are asked for; the first has the same trace
    all_causes: bool = True  # there are no others that can be told apart


@dataclass(frozen=True)
class Unsearched:
    """A scenario that a limit or Ctrl-C kept from being searched, and the properties that wait for it."""

    scenario: str
    wanted: tuple[Wanted, ...]
    why: str


def verdict_on(wanted: Wanted, runs: Iterable[Run], unsearched: Iterable[Unsearched] = ()) -> Verdict:
    """The answer for a property without a counterexample, from all the runs that it took part in."""
    own = [run for run in runs if wanted in run.wanted]
    reached = _reached(wanted, own)
    if reached:
        return Verdict(wanted.name, Answer.HOLDS, wanted.kind, reached)
    unfinished = _unfinished(wanted, own, unsearched)
    if unfinished:
        return Verdict(wanted.name, Answer.INCOMPLETE, wanted.kind, unfinished)
    if not own:
        why = "no scenario that was searched is meant for it"
        return Verdict(wanted.name, Answer.NOT_EXERCISED, wanted.kind, why)
    if wanted.kind == REACHABLE:
        return Verdict(wanted.name, Answer.VIOLATED, wanted.kind, f"never reached: {_count(own)}")
    if not any(run.exercised(wanted) for run in own):
        why = "nothing in the search could have violated it"
        return Verdict(wanted.name, Answer.NOT_EXERCISED, wanted.kind, why)
    proofs = dict.fromkeys(filter(None, (run.outcome.proved.get(wanted.key) for run in own)))
    return Verdict(wanted.name, Answer.HOLDS, wanted.kind, "; ".join(proofs) or _count(own))


def within_reach(verdict: Verdict, ended: Collection[str]) -> Verdict:
    """Where asserts or model errors ended paths, nothing is known of what would have come after.

    What was reached was reached; of what was not, none can say that it never is.
    """
    reached = verdict.kind == REACHABLE and verdict.answer is Answer.HOLDS
    if not ended or reached or verdict.trace is not None or verdict.answer is Answer.INCOMPLETE:
        return verdict
    return replace(verdict, answer=Answer.INCOMPLETE, why=f"not known beyond {', '.join(ended)}")


def _reached(wanted: Wanted, runs: Sequence[Run]) -> str:
    for run in runs:
        if wanted.kind == REACHABLE and wanted.key in run.outcome.reached:
            steps = len(run.outcome.reached[wanted.key].events)
            return f"reached in {run.scenario}, {steps} step{'' if steps == 1 else 's'}"
    return ""


def _unfinished(wanted: Wanted, runs: Sequence[Run], unsearched: Iterable[Unsearched]) -> str:
    """Why some search ended before its end, and how far it came; empty if all ran to the end."""
    for run in runs:
        outcome = run.outcome
        if not outcome.complete and wanted.key not in outcome.proved:
            ended = outcome.ended or "stopped early"
            covered = f"{run.scenario}: {ended}; every state up to depth {outcome.covered_depth} was covered"
            step = outcome.not_inductive.get(wanted.key)
            return f"{covered}; not inductive: {step}" if step else covered
    for each in unsearched:
        if wanted in each.wanted:
            return f"{each.scenario} was not searched: {each.why}"
    return ""


def _count(runs: Sequence[Run]) -> str:
    states = sum(run.outcome.states for run in runs)
    kind = "reduced states" if any(run.outcome.reduced for run in runs) else "states"
    return f"{states:,} {kind}" + (f" in {len(runs)} scenarios" if len(runs) > 1 else "")


def answer_to(question: str, verdict: Verdict) -> Verdict:
    """`can` asks the opposite of the property behind it: a violation is a yes."""
    if question != "can" or verdict.name != question:
        return verdict
    turned = {
        Answer.VIOLATED: Answer.REACHABLE,
        Answer.HOLDS: Answer.UNREACHABLE,
        Answer.NOT_EXERCISED: Answer.UNREACHABLE,
    }.get(verdict.answer, verdict.answer)
    why = "in no reachable state" if turned is Answer.UNREACHABLE else verdict.why
    return replace(verdict, answer=turned, why=why)


def exit_code(verdicts: Iterable[Verdict]) -> int:
    """A wrong model outweighs a violation, that an open question, and that a proof."""
    codes = {verdict.answer.exit_code for verdict in verdicts}
    return next((code for code in (2, 1, 3) if code in codes), 0)
