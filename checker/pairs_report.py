"""The table of pairs as text and as JSON."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

from checker.basis import SEQUENTIAL
from checker.json_report import VERSION
from checker.pairs import Found, Pair, PairSearch, Small
from checker.report import WIDTH
from checker.traces.json_form import json_of

COLUMN = 6
LEGEND = (
    "ok   both reach their last line, and every property holds",
    "Vn   violated, in n steps, and by neither of the two alone",
    "[n]  violated, in n steps; in another world one of the two alone does it too",
    "(n)  violated, in n steps, but one of the two alone does it too",
    "?    incomplete: a limit ended the search",
    "-    in none of the worlds do both reach their last line",
    "E    the model does what no model may do",
)


def table(search: PairSearch, design: str, rows: Sequence[str]) -> Iterator[str]:
    """Operation x operation; with `rows`, these are the columns, and all operations stand beside them."""
    involved = {name for pair in search.pairs for name in pair.names}
    names = [each.name for each in search.model.current_operations if each.name in involved]
    numbers = [(len(search.pairs), "pair"), (len(names), "operation"), (len(search.declared), "world")]
    pairs, operations, worlds = (f"{number} {what}{'s' * (number != 1)}" for number, what in numbers)
    heading = f"{pairs} of {operations} in {worlds}"
    yield heading + (f", design {design}" if design else "")
    yield ""
    cells = {frozenset(pair.names): cell(pair) for pair in search.pairs}
    columns = list(rows) or names
    wide = max(map(len, names)) + 4
    per_block = max(1, (WIDTH - wide) // COLUMN)
    for first in range(0, len(columns), per_block):
        yield from _block(names, columns[first : first + per_block], cells, wide, half=not rows)
        yield ""
    used = {kind for each in cells.values() for kind in _kinds(each)}
    yield from (f"  {line}" for line in LEGEND if line.split()[0] in used)


def _block(
    names: Sequence[str], columns: Sequence[str], cells: dict[Any, str], wide: int, half: bool
) -> Iterator[str]:
    """Some columns of the table; `half`: below the diagonal only, as the rest is the same."""
    numbers = {name: number for number, name in enumerate(names, 1)}
    yield " " * wide + "".join(f"{numbers[name]:>{COLUMN}}" for name in columns)
    for row in names:
        shown = [
            "" if half and numbers[column] > numbers[row] else cells.get(frozenset((row, column)), "")
            for column in columns
        ]
        if any(shown):
            line = f"{numbers[row]:>2} {row:<{wide - 3}}" + "".join(f"{text:>{COLUMN}}" for text in shown)
            yield line.rstrip()


def cell(pair: Pair) -> str:
    text = {"holds": "ok", "incomplete": "?", "never": "-", "model error": "E"}.get(pair.answer)
    if text is not None:
        return text
    found = list(pair.found.values())
    new = [each.steps for each in found if each.is_new]
    elsewhere = [each.steps for each in found if not each.is_known_here]
    known = [each.steps for each in found]
    text = f"V{min(new)}" if new else f"[{min(elsewhere)}]" if elsewhere else f"({min(known)})"
    return text + ("-" if pair.missing else "")


def _kinds(text: str) -> Iterator[str]:
    """The words of the legend for a cell."""
    violated = {"V": "Vn", "[": "[n]", "(": "(n)"}.get(text[:1])
    if violated is not None:
        yield violated
        text = text.lstrip("V[]()0123456789")
    yield text


def details(search: PairSearch) -> Iterator[str]:
    """What is not as it should be; pairs that show something new first, then those that are open."""
    order = {"model error": 0, "violated": 1}
    bad = [pair for pair in search.pairs if pair.found]
    for pair in sorted(bad, key=lambda each: (order[each.answer], not _new(each))):
        yield f"{' + '.join(pair.names)}: {pair.answer}"
        for found in sorted(pair.found.values(), key=_order):
            yield from _line(_violation(found))
        yield from (line for reason in _open(pair) for line in _line(reason))
    groups: dict[str, list[str]] = {}
    for pair in search.pairs:
        if not pair.found and pair.answer != "holds":
            groups.setdefault(f"{pair.answer}: {'; '.join(_open(pair))}", []).append(" + ".join(pair.names))
    for reason, pairs in groups.items():
        yield from textwrap.wrap(reason, WIDTH, subsequent_indent="  ", break_on_hyphens=False)
        yield from _line(", ".join(pairs))


def _open(pair: Pair) -> Iterator[str]:
    """Why a pair's answer is not complete."""
    if pair.unfinished:
        yield f"the search ended early: {pair.unfinished}"
    elif not pair.tried:
        yield "no world has an actor for each of them"
    elif pair.missing and set(pair.missing) <= pair.came:
        yield "each reaches its last line, but in no world do both"
    elif pair.missing:
        begun = [name for name in pair.missing if name not in pair.idle]
        lines = {"never started": pair.idle, "last line not reached": begun}
        yield "; ".join(f"{text}: {', '.join(names)}" for text, names in lines.items() if names)


def _violation(found: Found) -> str:
    of_model = found.kind in ("assert", "model error")
    text = f"{found.name}: {f'{found.trace.message}; ' if of_model else ''}"
    text += f"{found.steps} step{'' if found.steps == 1 else 's'}, in {found.world}"
    text += "; only if an assumed step is right" if found.trace.assumed else ""
    elsewhere = f", in {found.alone_in}" if found.alone_in != found.world else ""
    return text + (f" ({found.alone} alone does it too{elsewhere})" if found.alone else "")


def _order(found: Found) -> tuple[bool, bool, int]:
    """What takes both operations first."""
    return not found.is_new, found.is_known_here, found.steps


def _new(pair: Pair) -> bool:
    return any(found.is_new for found in pair.found.values())


def _line(text: str) -> Iterator[str]:
    yield from textwrap.wrap(
        text, WIDTH, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False
    )


def basis(search: PairSearch) -> Iterator[str]:
    """What the table rests on."""
    yield "within:"
    every = [set(small.world.bounds.items()) for small in search.searched]
    common = set.intersection(*every) if every else set()
    if common:
        yield from _line(f"- bounds {_bounds(search.searched[0], common)}")
    for small, values in zip(search.searched, every, strict=True):
        text = f"{small.declared.name}: {small.declared.description}".rstrip(": ")
        own = _bounds(small, values - common)
        yield from _line(f"- {text}{f' ({own})' if own else ''}")
    yield from _line("- properties that need further operations may fail for the lack of them")
    yield from _line(f"- {SEQUENTIAL}")


def _bounds(small: Small, values: set[tuple[str, int]]) -> str:
    return ", ".join(
        f"{name}={value}" for name, value in small.world.bounds.items() if (name, value) in values
    )


def exit_code(search: PairSearch) -> int:
    codes = {"model error": 2, "violated": 1, "incomplete": 3, "never": 3, "holds": 0}
    found = {codes[pair.answer] for pair in search.pairs}
    return next((code for code in (2, 1, 3) if code in found), 0)


def json_report(search: PairSearch, design: str, with_traces: bool) -> dict[str, Any]:
    """
    {"version": 1, "exit_code", "design", "worlds": [{"name", "description", "bounds", "switches"}],
     "pairs": [{"operations": [a, b], "answer": "holds"|"violated"|"incomplete"|"never"|"model error",
                "worlds": {family: name}, "states", "not_started": [operation],
                "not_reached": [operation], "why",
                "violations": [{"property", "kind", "steps", "world", "alone": null|operation,
                                "alone_in": null|world, "conditional": bool,
                                "trace": null | see checker/traces/json_form.py}]}]}
    """
    return {
        "version": VERSION,
        "exit_code": exit_code(search),
        "design": design or None,
        "worlds": [
            {
                "name": small.declared.name,
                "description": small.declared.description,
                "bounds": dict(small.world.bounds),
            }
            for small in search.searched
        ],
        "pairs": [_pair(pair, with_traces) for pair in search.pairs],
    }


def _pair(pair: Pair, with_traces: bool) -> dict[str, Any]:
    return {
        "operations": list(pair.names),
        "answer": pair.answer,
        "worlds": pair.worlds,
        "states": pair.states,
        "not_started": pair.idle,
        "not_reached": pair.missing,
        "why": pair.unfinished or None,
        "violations": [
            {
                "property": found.name,
                "kind": found.kind,
                "steps": found.steps,
                "world": found.world,
                "alone": found.alone or None,
                "alone_in": found.alone_in or None,
                "conditional": bool(found.trace.assumed),
                "trace": json_of(found.trace) if with_traces else None,
            }
            for found in pair.found.values()
        ],
    }
