"""What was found, as text and as data."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

from checker.language.errors import shown_path
from checker.mutation.running import Mutation
from checker.mutation.verdicts import Fate, Notice, Record, exit_code, score

WIDTH = 75
VERSION = 1
STYLES = {
    Fate.NOTICED: "green",
    Fate.SURVIVED: "bold red",
    Fate.EXCUSED: "",
    Fate.INCOMPLETE: "bold yellow",
    Fate.STILLBORN: "",
}
TITLES = {
    Fate.NOTICED: "noticed",
    Fate.EXCUSED: "survived, for a reason that the model states",
    Fate.STILLBORN: "no model of the language",
    Fate.INCOMPLETE: "incomplete",
    Fate.SURVIVED: "survived",
}


def lines_of(mutation: Mutation) -> Iterator[tuple[str, str]]:
    """Each line and its style; what asks for an answer stands last."""
    records = mutation.found()
    for fate, title in TITLES.items():
        having = [each for each in records if each.fate is fate]
        if having:
            yield f"{title}:", STYLES[fate]
            for record in having:
                yield from ((line, "") for line in _entry(record))
            yield "", ""
    stale = [each for each in records if each.stale]
    if stale:
        yield "noticed, though the model says that it is harmless:", "bold red"
        for record in stale:
            assert record.reason is not None
            text = f"{shown_path(record.reason.file)}:{record.reason.line}: {record.reason.text}"
            yield from ((line, "") for line in _wrapped(text, f"{record.number:>4}  "))
        yield "", ""
    for line in _footing(mutation):
        yield line, ""
    yield score_line(records), ""


def _entry(record: Record) -> Iterator[str]:
    yield from _wrapped(f"{record.mutant.place} ({record.mutant.function})", f"{record.number:>4}  ")
    yield from _wrapped(record.mutant.change, " " * 6)
    if record.fate is Fate.NOTICED:
        told = ", ".join(map(_told, record.found))
        yield from _wrapped(f"by {told}", " " * 6)
    elif record.fate is Fate.EXCUSED and record.reason is not None:
        yield from _wrapped(record.reason.text, " " * 6)
    elif record.why:
        yield from _wrapped(record.why, " " * 6)


def _told(notice: Notice) -> str:
    if notice.steps is None:
        return f"{notice.name} (no longer reached, {notice.scenario})"
    return f"{notice.name} ({notice.steps} step{'' if notice.steps == 1 else 's'}, {notice.scenario})"


def _footing(mutation: Mutation) -> Iterator[str]:
    """What the answers rest on."""
    for name, scenarios in sorted(mutation.unable.items()):
        yield from _wrapped(f"{name} cannot notice where it is violated already: {', '.join(scenarios)}", "")
    reasons: dict[str, list[str]] = {}
    for function, why in sorted(mutation.left_out.items()):
        reasons.setdefault(why, []).append(function)
    for why, functions in reasons.items():
        yield from _wrapped(f"not changed: {', '.join(functions)}: {why}", "")
    yield from _wrapped(f"searched: {', '.join(mutation.searched) or 'nothing'}", "")
    if mutation.left:
        yield from _wrapped(
            f"not wholly searched: {', '.join(mutation.left)}: {mutation.stopped or 'a limit'}", ""
        )


def score_line(records: Sequence[Record]) -> str:
    """Of the mutants that count: those that were noticed, and those that survived without a reason."""
    counts = score(records)
    of = counts[Fate.NOTICED] + counts[Fate.SURVIVED]
    share = f" ({100 * counts[Fate.NOTICED] // of} %)" if of else ""
    rest = [
        f"{counts[fate]} {fate.value}"
        for fate in (Fate.EXCUSED, Fate.INCOMPLETE, Fate.STILLBORN)
        if counts[fate]
    ]
    return ", ".join([f"mutation score: {counts[Fate.NOTICED]} of {of} noticed{share}", *rest])


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=" " * (len(indent) or 2),
        break_on_hyphens=False,
        break_long_words=False,
    )


def as_data(mutation: Mutation, design: str) -> dict[str, Any]:
    """
    {"version": 1, "exit_code", "design",
     "mutants": [{"number", "function", "file", "line", "column", "kind": "drop"|"swap"|"negate"|"merge",
                  "change", "fate": "noticed"|"survived"|"excused"|"incomplete"|"stillborn", "why",
                  "noticed_by": [{"property", "steps": null where no longer reached, "scenario"}],
                  "reason", "stale": bool, "scenarios": [name]}],
     "score": {fate: count}, "cannot_notice": {property: [scenario]},
     "not_changed": {function: why}, "searches",
     "searched": [scenario], "not_searched": [scenario]}
    """
    records = mutation.found()
    return {
        "version": VERSION,
        "exit_code": exit_code(records),
        "design": design or None,
        "mutants": [_mutant(each) for each in records],
        "score": {fate.value: count for fate, count in score(records).items()},
        "cannot_notice": mutation.unable,
        "not_changed": mutation.left_out,
        "searches": mutation.searches,
        "searched": mutation.searched,
        "not_searched": mutation.left,
    }


def _mutant(record: Record) -> dict[str, Any]:
    mutant = record.mutant
    return {
        "number": record.number,
        "function": mutant.function,
        "file": shown_path(mutant.file),
        "line": mutant.line,
        "column": mutant.column + 1,
        "kind": mutant.kind,
        "change": mutant.change,
        "fate": record.fate.value,
        "why": record.why if record.fate is not Fate.NOTICED else "",
        "noticed_by": [
            {"property": each.name, "steps": each.steps, "scenario": each.scenario} for each in record.found
        ],
        "reason": record.reason.text if record.reason is not None else None,
        "stale": record.stale,
        "scenarios": record.scenarios,
    }
