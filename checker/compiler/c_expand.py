"""expand(): every block that can be run in a state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checker.compiler.codes import code_range
from checker.compiler.layout import Field
from checker.compiler.program import BlockInfo
from checker.compiler.stops import may_stop
from checker.compiler.walking import chooses
from checker.language.index import Index
from checker.language.types import Type
from checker.language.world import argument_values

if TYPE_CHECKING:
    from checker.compiler.compile import Compilation
    from checker.compiler.declarations import Lowered


class Expansion:
    """One C function that runs all blocks of all actors; `blocks` says what their numbers mean."""

    def __init__(self, compilation: Compilation) -> None:
        self.c = compilation
        self.blocks: list[BlockInfo] = []
        self._numbers: dict[str, int] = {}  # of the actions' blocks

    def lines(self) -> list[str]:
        lines = [
            "LINKED void expand(const State *from, Worker *x)",
            "{",
            "    Step step = {.x = x}, *b = &step;",
            "    (void)b;",
        ]
        for kind in self.c.kinds():
            lines += self._actors(kind)
        for lowered in self.c.actions:
            if self.c.reduction.is_ordinary(lowered):
                lines += self.action(lowered, "RUN")
        for lowered in self.c.reduction.covered:
            lines += self.action(lowered, "COVER")
        return [*lines, "}", ""]

    def _actors(self, kind: type[Index]) -> list[str]:
        pc = self.c.pcs[kind]
        mine = [lowered for lowered in self.c.operations if lowered.actor is kind]
        lines = [f"    for (int me = 0; me < {self.c.world.size(kind)}; me++) {{"]
        if len(pc.active) != pc.count:
            lines.append(f"        if (!(UINT64_C({sum(1 << n for n in pc.active):#x}) >> me & 1)) continue;")
        for helper in self.c.enabled.get(kind, []):
            lines.append(f"        if (!{helper.cname}(b, from, me)) continue;")
        lines.append(f"        int pc = get_{pc.cname}(from, me);")
        lines.append("        if (pc == 0) {")
        for lowered in mine:
            lines += self._start(lowered, kind)
        for lowered in mine:
            lines += self._resume(lowered)
        return [*lines, "        }", "    }"]

    def _resume(self, lowered: Lowered) -> list[str]:
        """The points of an operation have consecutive numbers, and so have their blocks."""
        blocks = [
            self._block("resume", lowered, point.place.shown_file, point.place.line)
            for point in lowered.points
        ]
        if not blocks:
            return []
        first, last = lowered.points[0].number, lowered.points[-1].number
        zeros = "".join(", 0" for _ in lowered.parameters)
        call = f"{lowered.cname}(b, t, me, pc - {first - 1}{zeros})"
        tries = " || ".join(f"pc == {point.number}" for point in lowered.points if point.tries)
        if tries:
            call = f"({call} && !(({tries}) && memcmp(from, t, sizeof *t) == 0))"
        run = f"{self._run(lowered)}({call}, (uint32_t)pc + {blocks[0]} - {first}, (uint32_t)me, 0);"
        return [f"        }} else if (pc <= {last}) {{", f"            {run}"]

    def _start(self, lowered: Lowered, kind: type[Index]) -> list[str]:
        starters = []
        for actor in self.c.world.actors:
            if type(actor.member) is not kind or lowered.declaration not in actor.all_operations:
                continue
            mark = "" if lowered.declaration in actor.operations else self._once_test(lowered, kind)
            starters.append((int(actor.member), mark))
        place = lowered.source.place(lowered.source.tree)
        block = self._block("start", lowered, place.shown_file, place.line)
        lines: list[str] = []
        for mark in dict.fromkeys(mark for _, mark in starters):
            members = [n for n, m in starters if m == mark]
            everyone = len(members) == len(self.c.pcs[kind].active)
            tests = [] if everyone else ["(" + " || ".join(f"me == {n}" for n in members) + ")"]
            if mark:
                tests.append(mark)
            if self.c.selectable:
                tests.append(f"(barred[{block}] >> me & 1) == 0")
            call = f"{lowered.cname}(b, t, me, 0{{arguments}})"
            if mark:
                call = f"(set_{self._once(lowered, kind).cname}(t, me, 1), {call})"
            inner = self._argument_loops(lowered, call, block, "(uint32_t)me", "            ")
            lines += (
                [f"            if ({' && '.join(tests)})", "            {", *inner, "            }"]
                if tests
                else inner
            )
        return lines

    def _once(self, lowered: Lowered, kind: type[Index]) -> Field:
        return self.c.once[f"once_{lowered.declaration.name}_{kind.__name__}"]

    def _once_test(self, lowered: Lowered, kind: type[Index]) -> str:
        return f"!get_{self._once(lowered, kind).cname}(from, me)"

    def _argument_loops(
        self, lowered: Lowered, call: str, block: int, actor: str, indent: str, macro: str = "RUN"
    ) -> list[str]:
        """Every combination of arguments; their code is decoded by Program.decode_arguments."""
        argument_values(lowered.declaration, self.c.world)  # refuses too many
        loops, code, names = "", "0", ""
        for number, variable in enumerate(lowered.parameters.values()):
            low, high = code_range(variable.type)
            loops += f"for (int a{number} = {low}; a{number} <= {high}; a{number}++) "
            code = f"({code} * {high - low + 1} + (uint64_t)(a{number} - ({low})))"
            names += f", a{number}"
        call = call.replace("{arguments}", names)
        return [
            f"{indent}{loops}",
            f"{indent}    {self._run(lowered, macro)}({call}, {block}, {actor}, {code});",
        ]

    def _run(self, lowered: Lowered, macro: str = "RUN") -> str:
        """Without a choice there is no odometer to turn."""
        choice = chooses(lowered.body) or may_stop(lowered.body, self.c.reduction.passed)
        return f"{macro}_CHOICES" if choice else macro

    def action(self, lowered: Lowered, macro: str) -> list[str]:
        """An action, for every actor and with all its arguments."""
        place = lowered.source.place(lowered.source.tree)
        if lowered.cname not in self._numbers:
            self._numbers[lowered.cname] = self._block("action", lowered, place.shown_file, place.line)
        block = self._numbers[lowered.cname]
        call = f"{lowered.cname}(b, t, me{{arguments}})"
        size = self.c.world.size(lowered.actor) if lowered.actor is not None else 1
        loop = f"    for (int me = 0; me < {size}; me++)"
        return [loop, *self._argument_loops(lowered, call, block, "(uint32_t)me", "        ", macro)]

    def _block(self, kind: str, lowered: Lowered, file: str, line: int) -> int:
        parameters: tuple[Type, ...] = (
            tuple(v.type for v in lowered.parameters.values()) if kind != "resume" else ()
        )
        name = lowered.declaration.name
        self.blocks.append(BlockInfo(kind, name, lowered.actor, f"{name}:{file}:{line}", parameters))
        return len(self.blocks) - 1
