"""Slots: the bits in which an actor keeps its locals. Those that are never live together share one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from checker.compiler.codes import WORD_BITS, width
from checker.compiler.ir import Variable
from checker.compiler.ir_statements import Point
from checker.compiler.layout import Field


@dataclass(eq=False)
class _Slot:
    field: Field
    owners: list[Variable]

    def takes(self, variable: Variable, neighbours: set[Variable]) -> bool:
        """A set of several words shares with its like only: it has a C type of its own."""
        wanted = width(variable.type)
        same = wanted == self.field.width or max(wanted, self.field.width) <= WORD_BITS
        return same and neighbours.isdisjoint(self.owners)


def share_slots(
    kind: str, pc: Field, points: Sequence[Point], same: dict[Variable, Variable]
) -> tuple[list[Field], dict[Variable, Field]]:
    """The slots of an actor, which is as wide as its widest point needs, and that of each local.

    `same`: the local of another copy of its code, whose slot a local has to have.
    """
    together: dict[Variable, set[Variable]] = {}
    for point in points:
        live = {same.get(variable, variable) for variable in point.live}
        for variable in live:
            together.setdefault(variable, set()).update(live)
    slots: list[_Slot] = []
    slot_of: dict[Variable, Field] = {}
    for variable in sorted(together, key=lambda v: (-width(v.type), v.cname)):
        slot = next((each for each in slots if each.takes(variable, together[variable])), None)
        if slot is None:
            name = f"local{len(slots)}_{kind}"
            slot = _Slot(Field(name, width(variable.type), 0, pc.count, wide=True, active=pc.active), [])
            slots.append(slot)
        slot.owners.append(variable)
        slot_of[variable] = slot.field
    for point in points:
        for variable in point.live:
            slot_of[variable] = slot_of[same.get(variable, variable)]
    return [slot.field for slot in slots], slot_of
