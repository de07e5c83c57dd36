"""What a sweep says: a line for each choice of bounds, then how far each property is established."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from checker.fired import by_file, place_order
from checker.report import item
from checker.sweeping import Choice, Searched, Sweep, is_below
from checker.verdict import Answer

MOST_SHOWN = 4  # of the largest choices of bounds for which a property holds


def heading(sweep: Sweep) -> Iterator[str]:
    yield from item(sweep.scenario.name, f"the bounds of the scenario are {_bounds(sweep, sweep.start)}")


def searched_line(sweep: Sweep, found: Searched) -> Iterator[str]:
    """`  cpus=3: 12,345 states, 0.42 s`."""
    name = f"  {_raised(sweep, found.choice)}"
    if found.run is None:
        yield from item(name, f"cannot be built: {found.refused}")
        return
    outcome = found.run.outcome
    text = f"{outcome.states:,} {'reduced ' if outcome.reduced else ''}states, {outcome.seconds:.2f} s"
    if not outcome.complete:
        text += f"; {outcome.ended}, every state up to depth {outcome.covered_depth} was covered"
    for verdict in found.verdicts:
        if verdict.trace is not None:
            violated = verdict.answer is Answer.VIOLATED
            text += f"; {verdict.name} is violated" if violated else f"; {verdict.name}"
    yield from item(name, text)


def conclusions(sweep: Sweep, smallest: Searched | None, whole: bool) -> Iterator[str]:
    for name in _names(sweep):
        yield from item(name, "; ".join(_established(sweep, name)))
    yield from _blocks(sweep, smallest, whole)
    if sweep.without_effect:
        yield from item("without effect if raised by one", ", ".join(sweep.without_effect))


def _established(sweep: Sweep, name: str) -> Iterator[str]:
    by_answer = _by_answer(sweep, name)
    good = _largest(by_answer.get(Answer.HOLDS, []))
    if good:
        shown = [_raised(sweep, choice) for choice in good[:MOST_SHOWN]]
        more = f", and {len(good) - MOST_SHOWN} more (--json)" if len(good) > MOST_SHOWN else ""
        yield f"holds up to {' and up to '.join(shown)}{more}"
    for answer in (Answer.VIOLATED, Answer.MODEL_ERROR, Answer.NOT_EXERCISED, Answer.INCOMPLETE):
        choices = _smallest(by_answer.get(answer, []))
        if choices:
            yield f"{answer.value} with {' and with '.join(_raised(sweep, choice) for choice in choices[:2])}"


def _blocks(sweep: Sweep, smallest: Searched | None, whole: bool) -> Iterator[str]:
    dead = sorted(sweep.never_fired, key=place_order)
    which = "every block fires" if not dead else f"every block but {len(dead)} fires"
    if smallest is None:
        yield from item(which, "with none of the bounds that were tried")
    else:
        parts = [
            f"{name}={value}"
            for name, value in zip(sweep.names, smallest.choice, strict=True)
            if name not in sweep.without_effect
        ]
        also = "none can be lowered by one" if whole else "the time was over before all were lowered"
        bounds = f"{', '.join(parts)} ({also})" if parts else "the scenario's bounds (none matters)"
        yield from item(f"{which} with", bounds)
    if dead:
        yield from item("never fired", ", ".join(by_file(dead)))


def as_data(sweep: Sweep, smallest: Searched | None, whole: bool) -> dict[str, Any]:
    """{"scenario", "bounds", "without_effect": [bound],
    "searches": [{"bounds", "states", "seconds", "complete", "ended", "covered_depth", "refused",
                  "verdicts": {property: answer}}],
    "properties": [{"name", "largest": {answer: [bounds]}, "smallest": {answer: [bounds]}}],
    "every_block_fires": null | bounds, "cannot_be_lowered": bool, "never_fired": [place]}"""
    return {
        "scenario": sweep.scenario.name,
        "bounds": _values(sweep, sweep.start),
        "without_effect": sweep.without_effect,
        "searches": [_search_data(sweep, each) for each in sweep.searched.values()],
        "properties": [
            {
                "name": name,
                "largest": _all_values(sweep, name, _largest),
                "smallest": _all_values(sweep, name, _smallest),
            }
            for name in _names(sweep)
        ],
        "every_block_fires": None if smallest is None else _values(sweep, smallest.choice),
        "cannot_be_lowered": smallest is not None and whole,
        "never_fired": sorted(sweep.never_fired, key=place_order),
    }


def _search_data(sweep: Sweep, found: Searched) -> dict[str, Any]:
    outcome = None if found.run is None else found.run.outcome
    return {
        "bounds": _values(sweep, found.choice),
        "states": found.states,
        "seconds": 0.0 if outcome is None else outcome.seconds,
        "complete": found.complete,
        "ended": None if outcome is None else outcome.ended,
        "covered_depth": 0 if outcome is None else outcome.covered_depth,
        "refused": found.refused or None,
        "verdicts": {verdict.name: verdict.answer.value for verdict in found.verdicts},
    }


def _all_values(sweep: Sweep, name: str, which: Any) -> dict[str, list[dict[str, int]]]:
    return {
        answer.value: [_values(sweep, choice) for choice in which(choices)]
        for answer, choices in _by_answer(sweep, name).items()
    }


def _names(sweep: Sweep) -> list[str]:
    """The properties that were asked for, and asserts and model errors that were met."""
    asked = [each.name for each in sweep.wanted]
    met = [verdict.name for each in sweep.searched.values() for verdict in each.verdicts]
    return list(dict.fromkeys([*asked, *met]))


def _by_answer(sweep: Sweep, name: str) -> dict[Answer, list[Choice]]:
    found: dict[Answer, list[Choice]] = {}
    for each in sweep.searched.values():
        for verdict in each.verdicts:
            if verdict.name == name:
                found.setdefault(verdict.answer, []).append(each.choice)
    return found


def _largest(choices: Sequence[Choice]) -> list[Choice]:
    return [a for a in choices if not any(a != b and is_below(a, b) for b in choices)]


def _smallest(choices: Sequence[Choice]) -> list[Choice]:
    return [a for a in choices if not any(a != b and is_below(b, a) for b in choices)]


def _raised(sweep: Sweep, choice: Choice) -> str:
    """What is not as in the scenario."""
    values = zip(sweep.names, sweep.start, choice, strict=True)
    changed = [f"{name}={value}" for name, before, value in values if value != before]
    return ", ".join(changed) or "the scenario's bounds"


def _bounds(sweep: Sweep, choice: Choice) -> str:
    return ", ".join(f"{name}={value}" for name, value in _values(sweep, choice).items())


def _values(sweep: Sweep, choice: Choice) -> dict[str, int]:
    return {**sweep.request.bounds, **dict(zip(sweep.names, choice, strict=True))}


def worst(sweeps: Iterable[Sweep]) -> int:
    """The exit code: what was asked of the scenarios' own bounds is to hold, and nothing may be violated.
    That the model is wrong for larger ones is no mistake of whoever asks."""
    codes = set()
    for sweep in sweeps:
        for each in sweep.searched.values():
            codes |= {
                verdict.answer.exit_code
                for verdict in each.verdicts
                if each.choice == sweep.start or verdict.answer is Answer.VIOLATED
            }
        if sweep.start not in sweep.searched:
            codes.add(3)
    return next((code for code in (2, 1, 3) if code in codes), 0)
