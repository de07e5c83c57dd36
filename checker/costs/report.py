"""What was paid, as text and as data."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from checker.costs.ratio import Circle
from checker.costs.running import Asked, Paid, Table, with_units
from checker.costs.worst import Worst
from checker.language.cost import Cost
from checker.names import typed
from checker.report import WIDTH, item
from checker.traces.json_form import json_of

UNLIMITED = "no limit"
UNKNOWN = "?"
NOTHING = "-"
COLUMNS = 3  # designs side by side
FIRST = 36  # characters, for what a row is about
PER_STEPS = 1000

Row = tuple[str, list[str]]


def lines_of(table: Table, seed: int) -> Iterator[str]:
    names = list(table.asked.designs)
    if table.asked.text:
        yield from item(table.asked.text, table.asked.source or "counted, not measured")
        yield ""
    for scenario, paid in table.paid.items():
        for at in range(0, len(names), COLUMNS):
            yield from _part(table, scenario, paid[at : at + COLUMNS])
            yield ""
    yield from item(
        "at most",
        "the worst of all schedules; of one run of an operation its own steps; per unit "
        "in the long run, or in a whole run where all ends",
    )
    yield from item("at random", f"every possible step equally often, seed {seed}")


def _part(table: Table, scenario: str, paid: Sequence[Paid]) -> Iterator[str]:
    names = [each.design for each in paid]
    if any(names):
        yield from _row(scenario, names)
    else:
        yield scenario
    for cost in table.asked.costs:
        rows = [row for row in _rows(cost, table.asked.costs, paid) if set(row[1]) != {NOTHING}]
        if rows:
            yield f"  {typed(cost.name)}"
            for name, cells in rows:
                yield from _row(f"    {name}", cells)
    beside = [table.asked.beside.get(name, "") for name in names]
    if any(beside):
        yield from _row("  measured elsewhere", beside)
    yield from _row("  states", [f"{each.states:,}" for each in paid])
    for each in paid:
        where = f"{scenario}, {each.design}".removesuffix(", ")
        if each.ended:
            yield from item(f"  {where}", f"incomplete ({each.ended}): no worst case is known")
        if each.cut:
            yield from item(f"  {where}", f"paths end at {', '.join(each.cut)}")


def _row(name: str, cells: Sequence[str]) -> Iterator[str]:
    width = (WIDTH - FIRST) // COLUMNS
    heads = textwrap.wrap(name, FIRST, subsequent_indent=" " * 6, break_long_words=False) or [""]
    yield from (head for head in heads[:-1])
    wrapped = [textwrap.wrap(cell, width - 1) or [""] for cell in cells]
    for at in range(max(map(len, wrapped))):
        texts = [each[at] if at < len(each) else "" for each in wrapped]
        head = heads[-1] if at == 0 else ""
        yield (head.ljust(FIRST) + "".join(text.rjust(width) for text in texts)).rstrip()


def _rows(cost: Cost, asked: Sequence[Cost], paid: Sequence[Paid]) -> Iterator[Row]:
    """Nothing about a cost that nobody has to pay here."""
    costs = with_units(asked)
    number = costs.index(cost)
    worst = [each.worst[number] if each.worst else None for each in paid]
    if all(each is not None and each.run == 0 for each in worst):
        return
    walked = any(each.walked for each in paid)
    for name in _operations(worst):
        yield f"one {name}(), at most", [_of_operation(each, name) for each in worst]
    if any(each and each.run is not None for each in worst):
        yield "in all, at most", [_limit(each.run) if each else UNKNOWN for each in worst]
    for unit in cost.per:
        per = costs.index(unit)
        yield f"per {typed(unit.name)}, at most", [_per(each, per) for each in worst]
        if walked:
            yield f"per {typed(unit.name)}, at random", [_mean(each, number, per) for each in paid]
    if not cost.per and walked:
        yield f"in {PER_STEPS:,} random steps", [_in_steps(each, number) for each in paid]


def _operations(worst: Sequence[Worst | None]) -> list[str]:
    """Those that pay anything."""
    paying = (name for each in worst if each for name, most in each.operations.items() if most != 0)
    return list(dict.fromkeys(paying))


def _of_operation(worst: Worst | None, name: str) -> str:
    if worst is None:
        return UNKNOWN
    return _limit(worst.operations[name]) if name in worst.operations else NOTHING


def _limit(most: int | None) -> str:
    return UNLIMITED if most is None else f"{most:,}"


def _per(worst: Worst | None, unit: int) -> str:
    if worst is None:
        return UNKNOWN
    circle = worst.per[unit]
    if circle is None:
        return NOTHING
    return UNLIMITED if circle.ratio is None else str(circle.ratio)


def mean(paid: Paid, number: int, unit: int) -> float | None:
    walked = paid.walked
    return walked.paid[number] / walked.paid[unit] if walked and walked.paid[unit] else None


def _mean(paid: Paid, number: int, unit: int) -> str:
    found = mean(paid, number, unit)
    return NOTHING if found is None else f"{found:.2f}"


def _in_steps(paid: Paid, number: int) -> str:
    walked = paid.walked
    return f"{PER_STEPS * walked.paid[number] / walked.steps:.1f}" if walked and walked.steps else NOTHING


def as_data(table: Table) -> dict[str, Any]:
    """As docs/cost.md describes it."""
    asked = table.asked
    return {
        "text": asked.text or None,
        "source": asked.source or None,
        "scenarios": [
            {
                "scenario": scenario,
                "designs": [_design(each, asked) for each in paid],
            }
            for scenario, paid in table.paid.items()
        ],
    }


def _design(paid: Paid, asked: Asked) -> dict[str, Any]:
    costs = with_units(asked.costs)
    return {
        "design": paid.design or None,
        "states": paid.states,
        "transitions": paid.transitions,
        "ended": paid.ended or None,
        "cut": list(paid.cut),
        "measured_elsewhere": asked.beside.get(paid.design),
        "walks": {"steps": paid.walked.steps, "walks": paid.walked.walks} if paid.walked else None,
        "schedule": json_of(paid.trace) if paid.trace else None,
        "costs": {typed(cost.name): _cost(paid, cost, costs) for cost in asked.costs},
    }


def _cost(paid: Paid, cost: Cost, costs: Sequence[Cost]) -> dict[str, Any]:
    number = costs.index(cost)
    worst = paid.worst[number] if paid.worst else None
    walked = paid.walked
    return {
        "operations": {name: _data(most) for name, most in worst.operations.items()} if worst else None,
        "in_all": _data(worst.run) if worst else None,
        "random_total": walked.paid[number] if walked else None,
        "per": {
            typed(unit.name): {
                "at_most": _ratio(worst.per[costs.index(unit)]) if worst else None,
                "random_total": walked.paid[costs.index(unit)] if walked else None,
                "at_random": mean(paid, number, costs.index(unit)),
            }
            for unit in cost.per
        },
    }


def _data(most: int | None) -> int | str:
    return UNLIMITED if most is None else most


def _ratio(circle: Circle | None) -> list[int] | str | None:
    """A fraction as numerator and denominator."""
    if circle is None:
        return None
    ratio: Fraction | None = circle.ratio
    return UNLIMITED if ratio is None else [ratio.numerator, ratio.denominator]
