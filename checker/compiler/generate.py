"""The C text of a whole program: accessors, helpers, one function per operation, expand(), and the checks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checker.compiler.c_checks import Checks
from checker.compiler.c_costs import cost_lines
from checker.compiler.c_eager import MACROS, hardware
from checker.compiler.c_expand import Expansion
from checker.compiler.c_fields import accessors, constant_table, rows_table
from checker.compiler.c_functions import ActionWriter, helper_writer
from checker.compiler.c_numbering import Numbering
from checker.compiler.c_prelude import PRELUDE, VARIANTS
from checker.compiler.c_routines import Routine, RoutineWriter, Suspension
from checker.compiler.c_symmetry import SymmetryWriter
from checker.compiler.c_text import ctype
from checker.compiler.c_twins import without_twins
from checker.compiler.c_wide import definitions
from checker.compiler.codes import WORD_BITS
from checker.compiler.ir import LeafKey
from checker.compiler.ir_statements import Helper
from checker.compiler.layout import Field, Layout
from checker.compiler.program import Program
from checker.language.index import Index
from checker.language.properties import DEADLOCK

if TYPE_CHECKING:
    from checker.compiler.compile import Compilation
    from checker.compiler.declarations import Lowered


class Generator:
    """Puts the parts of the C file together, in the order that C wants."""

    def __init__(
        self, compilation: Compilation, numbering: Numbering, layout: Layout, leaves: dict[LeafKey, Field]
    ) -> None:
        self.c = compilation
        self.numbering = numbering
        self.layout = layout
        self.leaves = leaves
        self.names: dict[int, str] = {}  # the C functions of shared sub-operations

    def source(self, program: Program) -> str:
        functions: list[str] = []
        for group in self.c.enabled.values():
            for helper in group:
                functions += helper_writer(self.numbering, helper)
        functions += self._shared()
        for lowered in self.c.operations:
            functions += self._operation(lowered)
        for lowered in self.c.actions:
            functions += self._action(lowered)
        expansion = Expansion(self.c)
        functions += expansion.lines()
        functions += hardware(expansion, self.c)
        functions += Checks(self.c, self.numbering).lines(program)
        functions += cost_lines(self.c, self.numbering, expansion.blocks)
        symmetry = SymmetryWriter(self.c, program.goals)
        functions += symmetry.lines()
        # Helpers are written last and placed first: only now are all sites, tables and rows known.
        written: list[tuple[Helper, list[str]]] = []
        for helper in reversed(self._helpers_in_order()):  # callers first: some are called no more
            if helper in self.numbering.called:
                written.insert(0, (helper, helper_writer(self.numbering, helper)))
        helpers = without_twins(written)
        program.blocks = expansion.blocks
        program.sites = self.numbering.sites
        program.last_lines = self.numbering.marks
        program.asked_variants = frozenset(self.numbering.variants)
        fields_and_tables = [*self._accessors(), *self._tables()]
        return "\n".join(
            [
                *self._defines(program, symmetry),
                '#include "explore.h"',
                PRELUDE,
                *definitions("\n".join([*fields_and_tables, *helpers, *functions])),
                *self._variants(),
                *([MACROS] if self.c.reduction.order else []),
                *fields_and_tables,
                *self._barred(program),
                *helpers,
                *functions,
                "#ifndef PROGRAM_ONLY",
                '#include "explore.c"',
                "#endif",
                *self._telling(program),
                "",
            ]
        )

    def _variants(self) -> list[str]:
        declared = self.c.variants
        return [f"#define N_VARIANTS {max(declared) + 1}", VARIANTS] if declared else []

    def _helpers_in_order(self) -> list[Helper]:
        """Callees first: a helper is entered in the table when its body is complete."""
        return [helper for helper in self.c.unit.helpers.values() if isinstance(helper, Helper)]

    # -- declarations ----------------------------------------------------------------------------------------

    def _defines(self, program: Program, symmetry: SymmetryWriter) -> list[str]:
        conditions = sum(len(found) for found in self.c.conditions.values())
        numbers = {
            "WORDS": self.layout.words,
            "N_INVARIANTS": len(program.invariants),
            "N_REACHABLE": len(program.reachables),
            "N_STEPS": len(program.steps),
            "N_GOALS": len(program.goals),
            "N_BLOCKS": len(program.blocks),
            "N_SITES": len(self.numbering.sites),
            "N_CONDITIONS": conditions,
            "N_COSTS": len(self.c.costs),
            "ANY_SUCCESSOR": int(program.goals[:1] == [DEADLOCK]),  # it is the first goal then
            "N_MARKS": len(program.last_lines),
        }
        if self.c.reduction.order:
            not_interleaved = len(self.c.reduction.eager) + len(self.c.reduction.covered)
            numbers |= {"EAGER": 1, "N_HARDWARE": not_interleaved}
        if self.c.reduction.passed:
            numbers["ASSUMES_STOPS"] = 1
        if self.c.symmetry.classes:
            numbers |= {"SYMMETRY": 1} | symmetry.counts()
        # Nothing here says which world it is for: worlds with the same program share the library.
        return [f"#define {name} {value}" for name, value in numbers.items()]

    def _accessors(self) -> list[str]:
        lines: list[str] = []
        slots = [slot for slots in self.c.slots.values() for slot in slots]
        for f in (*self.leaves.values(), *self.c.pcs.values(), *self.c.once.values(), *slots):
            lines += [line.replace("static inline", "static inline MAYBE_UNUSED") for line in accessors(f)]
        for kind, pc in self.c.pcs.items():
            active = " || ".join(f"me == {n}" for n in pc.active)
            lines.append(
                f"static inline MAYBE_UNUSED int pc_of_{kind.__name__}(const State *s, int me) "
                f"{{ return ({active}) ? get_{pc.cname}(s, me) : 0; }}"
            )
        for kind, pc in self.c.pcs.items():
            lines += self._suspend(kind, pc)
        return [*lines, ""]

    def _suspend(self, kind: type[Index], pc: Field) -> list[str]:
        """Where an actor stops, and all its locals (0: forgotten).  Not inlined: there are many yields."""
        slots = self.c.slots[kind]
        parameters = "".join(f", {slot.ctype} l{n}" for n, slot in enumerate(slots))
        stores = [f"    set_{slot.cname}(t, me, l{n});" for n, slot in enumerate(slots)]
        head = f"static MAYBE_UNUSED void suspend_{kind.__name__}(State *t, int me, int pc{parameters})"
        return [head, "{", *stores, f"    set_{pc.cname}(t, me, pc);", "}"]

    def _tables(self) -> list[str]:
        lines = [
            constant_table(name, values)
            for values, name in self.numbering.tables.items()
            if max(values) < 1 << WORD_BITS
        ]
        values_of = {name: values for values, name in self.numbering.tables.items()}
        for (name, words), wide in self.numbering.wide_tables.items():
            lines.append(constant_table(wide, values_of[name], words))
        for rows, name in self.numbering.rows.items():
            lines += rows_table(name, rows)
        return [*lines, ""]

    # -- operations and actions ------------------------------------------------------------------------------

    def _barred(self, program: Program) -> list[str]:
        """What is said before a search: the starts that are barred."""
        return [f"static uint64_t barred[{len(program.blocks)}];"] if self.c.selectable else []

    def _telling(self, program: Program) -> list[str]:
        lines: list[str] = []
        if self.c.selectable:
            lines += [
                "EXPORTED void explore_bar(uint64_t block, uint64_t members);",
                "void explore_bar(uint64_t block, uint64_t members) { barred[block] = members; }",
            ]
        if program.last_lines:
            lines += [
                "EXPORTED void explore_passed(uint8_t *out);",
                "void explore_passed(uint8_t *out)",
                "{",
                "    memcpy(out, passed, sizeof passed);",
                "    memset(passed, 0, sizeof passed);",
                "}",
            ]
        return lines

    def _shared(self) -> list[str]:
        """The sub-operations that several places share; those they call come first."""
        lines: list[str] = []
        copies = self.c.copies
        for number in sorted(copies.shared):
            copy = copies.first[number]
            self.names[number] = self.c.unit.function_name(copy.block.name)
            result = copy.block.result if copy.block.result in self.numbering.kept.needed else None
            routine = Routine(
                self.names[number],
                f"{copy.block.name}, for all that call it so",
                copy.block.body,
                copy.parameters,
                copy.outer,
                result,
            )
            lines += self._routine(routine, copy.actor)
        return lines

    def _operation(self, lowered: Lowered) -> list[str]:
        assert lowered.actor is not None
        given = list(lowered.parameters.values())
        routine = Routine(lowered.cname, _comment(lowered), lowered.body, given, [], is_operation=True)
        return self._routine(routine, lowered.actor)

    def _routine(self, routine: Routine, actor: type[Index]) -> list[str]:
        slots = self.c.slots[actor]
        suspension = Suspension(actor.__name__, self.c.slot_of, slots, self.c.copies, self.names)
        return RoutineWriter(self.numbering, routine, suspension).lines()

    def _action(self, lowered: Lowered) -> list[str]:
        given = list(lowered.parameters.values())
        writer = ActionWriter(self.numbering)
        writer.declare(lowered.body, set(given))
        writer.body(lowered.body)
        writer.text.add("return 1;")
        arguments = ["Step *b", "State *t", "int me", *(f"{ctype(v.type)} {v.cname}" for v in given)]
        head = f"static inline int {lowered.cname}({', '.join(arguments)})"
        return [f"/* {_comment(lowered)} */", head, "{", *writer.text.lines, "}", ""]


def _comment(lowered: Lowered) -> str:
    place = lowered.source.place(lowered.source.tree)
    return f"{place.shown_file}:{place.line}: {lowered.declaration.name}"
