"""What is asked of a state, or of a step: invariants, reachable states, goals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checker.compiler.c_functions import helper_writer
from checker.compiler.c_numbering import Numbering
from checker.compiler.program import Program
from checker.language.properties import ALWAYS_POSSIBLE, DEADLOCK, INVARIANT, REACHABLE, STEP

if TYPE_CHECKING:
    from checker.compiler.compile import Compilation


class Checks:
    """The properties as C functions, and one function for each kind of question."""

    def __init__(self, compilation: Compilation, numbering: Numbering) -> None:
        self.c = compilation
        self.numbering = numbering

    def lines(self, program: Program) -> list[str]:
        lines: list[str] = []
        by_kind: dict[str, list[str]] = {
            INVARIANT: program.invariants,
            STEP: program.steps,
            REACHABLE: program.reachables,
            ALWAYS_POSSIBLE: program.goals,
        }
        base = 0
        for declaration in self.c.properties:
            by_kind[declaration.kind].append(declaration.name)
            self.numbering.condition_base = base
            lines += helper_writer(self.numbering, self.c.predicates[declaration.name])
            base += len(self.c.conditions[declaration.name])
        lines += self._check("check_state", "const State *s", "s", program.invariants, True)
        lines += self._check("check_reachable", "const State *s", "s", program.reachables, False)
        lines += self._check(
            "check_step", "const State *before, const State *after", "before, after", program.steps, True
        )
        return lines + self._goals(program)

    def _check(
        self, name: str, parameters: str, arguments: str, properties: list[str], bad: bool
    ) -> list[str]:
        """Bit i: property i is violated (or, of a reachable one, holds).

        A predicate that cannot be evaluated is a violation, and reaches nothing.
        """
        if not properties:
            return []
        lines = [
            f"LINKED uint64_t {name}({parameters}, Worker *x)",
            "{",
            "    Step step = {.x = x}, *b = &step;",
            "    uint64_t bits = 0;",
            "    (void)b;",
        ]
        for bit, declared in enumerate(properties):
            call = f"{self.c.predicates[declared].cname}(b, {arguments})"
            test = f"!{call} || x->fault" if bad else f"{call} && !x->fault"
            lines += ["    x->fault = 0;", f"    if ({test}) bits |= UINT64_C(1) << {bit};"]
        return [*lines, "    x->fault = 0;", "    return bits;", "}", ""]

    def _goals(self, program: Program) -> list[str]:
        lines: list[str] = []
        asked = list(program.goals)
        if (
            self.c.deadlock and not self.c.operations
        ):  # that there is a successor is no question about one state
            program.goals.insert(0, DEADLOCK)
        for bit, declared in enumerate(program.goals):
            if declared in asked:
                test = f"{self.c.predicates[declared].cname}(b, s) && !x->fault"
                lines += ["    x->fault = 0;", f"    if ({test}) bits |= UINT64_C(1) << {bit};"]
        if self.c.deadlock:
            lines += self._idle_goals(program)
        if not lines:
            return []
        return [
            "LINKED uint64_t check_goals(const State *s)",
            "{",
            "    static _Thread_local Worker scratch;",
            "    Worker *x = &scratch;",
            "    Step step = {.x = x}, *b = &step;",
            "    uint64_t bits = 0;",
            "    (void)b;",
            *lines,
            "    return bits;",
            "}",
            "",
        ]

    def _idle_goals(self, program: Program) -> list[str]:
        """Deadlock: an actor inside an operation that can never be idle again."""
        lines = []
        for actor in self.c.world.actors:
            kind = type(actor.member)
            waits = [o for o in self.c.operations if o.actor is kind and o.declaration.forever and o.points]  # type: ignore[union-attr]
            if all(operation.forever for operation in actor.all_operations):
                continue
            pc = f"pc_of_{kind.__name__}(s, {int(actor.member)})"
            tests = [
                f"{pc} == 0",
                *(f"within({pc}, {o.points[0].number}, {o.points[-1].number})" for o in waits),
            ]
            lines.append(f"    if ({' || '.join(tests)}) bits |= UINT64_C(1) << {len(program.goals)};")
            program.goals.append(f"{DEADLOCK}:{actor.member!r}")
        return lines
