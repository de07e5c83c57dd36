"""What the canonical form of a state is computed with (engines/symmetry.h): two functions, their tables, and
the goals of members that have changed places."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from checker.compiler.c_member_keys import MemberKeys
from checker.compiler.c_members import Members
from checker.compiler.c_permuted import Image
from checker.language.properties import DEADLOCK

if TYPE_CHECKING:
    from checker.compiler.compile import Compilation


class SymmetryWriter(Members):
    """Nothing where no member is interchangeable with another."""

    def __init__(self, compilation: Compilation, goals: list[str]) -> None:
        super().__init__(compilation)
        self.goals = goals

    def lines(self) -> list[str]:
        if not self.symmetry.classes:
            return []
        return [*self._tables(), *Image(self.c).lines(), *MemberKeys(self.c).lines(), *self._goals()]

    def counts(self) -> dict[str, int]:
        """As #defines, which the engine's tables go by."""
        classes = self.symmetry.classes
        return {
            "N_CLASSES": len(classes),
            "N_IN_CLASSES": sum(len(each.members) for each in classes),
            "N_MOVED": self.total,
            "N_MOVED_INDEXES": len(self.bases),
        }

    # -- tables ----------------------------------------------------------------------------------------------

    def _tables(self) -> list[str]:
        world, bases = self.c.world, self.bases
        around, each = [], []
        for index in self.symmetry.moved:
            outer, size = self.around(index)
            for member in range(world.size(index)):
                inside = outer is not None and size > 0 and member // size < world.size(outer)
                around.append(bases[outer] + member // size if outer is not None and inside else 255)
                each.append(size)
        starts = [*bases.values(), self.total]
        classes = sorted(self.symmetry.classes, key=lambda c: bases[c.index])
        members = [bases[c.index] + member for c in classes for member in c.members]
        ends = [0]
        for each_class in classes:
            ends.append(ends[-1] + len(each_class.members))
        of_index = [list(bases).index(c.index) for c in classes]
        named = [f"{index.__name__} {base}" for index, base in bases.items()]
        return [
            f"/* Where the members of each index begin: {', '.join(named)}. */",
            _table("index_start", starts),
            _table("around", around),
            _table("each_around", each),
            _table("class_member", members),
            _table("class_start", ends),
            _table("class_index", of_index),
        ]

    # -- goals -----------------------------------------------------------------------------------------------

    def _goals(self) -> list[str]:
        """Which goal is about the actor that has changed places with the actor of goal g."""
        lines = ["LINKED int moved_goal(int g, const uint8_t *p)", "{", "    (void)p;"]
        numbers = {name: number for number, name in enumerate(self.goals)}
        for kind in self.c.kinds():
            mine = {
                int(actor.member): numbers[name]
                for actor in self.c.world.actors
                if type(actor.member) is kind and (name := f"{DEADLOCK}:{actor.member!r}") in numbers
            }
            if kind in self.bases and mine:
                table = f"goals_{kind.__name__}"
                row = [mine.get(n, 255) for n in range(self.c.world.size(kind))]
                lines.append(f"    {_table(table, row, 'static')}")
                for member, goal in mine.items():
                    lines.append(f"    if (g == {goal}) return {table}[p[{self.bases[kind]} + {member}]];")
        return [*lines, "    return g;", "}", ""]


def _table(name: str, values: Iterable[int], linkage: str = "LINKED") -> str:
    return f"{linkage} const uint8_t {name}[] = {{{', '.join(map(str, values))}}};"
