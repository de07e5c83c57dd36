"""The C text of a whole program: accessors, helpers, one function per operation, expand(), and the checks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checker.compiler.c_fields import accessors, constant_table, rows_table
from checker.compiler.c_functions import FunctionWriter, OperationNames, helper_writer, loaded, point_name
from checker.compiler.c_numbering import Numbering
from checker.compiler.c_text import ctype
from checker.compiler.codes import code_range
from checker.compiler.ir import Helper, LeafKey, chooses
from checker.compiler.layout import Field, Layout
from checker.compiler.program import BlockInfo, Program
from checker.language.index import Index
from checker.language.properties import ALWAYS_POSSIBLE, DEADLOCK, INVARIANT, REACHABLE, STEP
from checker.language.types import Type

if TYPE_CHECKING:
    from checker.compiler.compile import Compilation, Lowered

PRELUDE = """
/* The block that is being run: where its choices come from, and whether it went wrong. */
typedef struct {
    Worker *x;
    bool disabled;  /* `when` failed, or nothing was left to choose */
    bool wrote;     /* something was written before that */
} Step;

static inline void fault(Step *b, uint32_t site)
{
    if (!b->x->fault)
        b->x->fault = site;
}

static inline bool stopped(const Step *b)
{
    return b->disabled || b->x->fault;
}

/* A value in low..high; else the model is wrong here, and `low` keeps the rest of the block harmless. */
static inline int64_t in_range(Step *b, int64_t v, int64_t low, int64_t high, uint32_t site)
{
    if (LIKELY(v >= low && v <= high))
        return v;
    fault(b, site);
    return low;
}

static inline int64_t not_none(Step *b, int64_t v, int64_t none, uint32_t site)
{
    if (LIKELY(v != none))
        return v;
    fault(b, site);
    return none + 1;
}

static inline bool counted(Step *b, int condition, bool value)
{
    if (value)
        b->x->condition_true[condition]++;
    else
        b->x->condition_false[condition]++;
    return value;
}

/* Python's // and %, which round down. */
static inline int64_t floor_quotient(int64_t a, int64_t b)
{
    return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

static inline int64_t floor_remainder(int64_t a, int64_t b)
{
    return a - b * floor_quotient(a, b);
}

static inline bool within(int pc, int first, int last)
{
    return pc >= first && pc <= last;
}

/* Where a resumed loop stands: the members of a row differ. */
static inline int position_in(const int *row, int member)
{
    int at = 0;
    while (row[at] != member)
        at++;
    return at;
}

#if N_SITES > 0
#define RUN(call, block, actor, arguments)                       \\
    do {                                                         \\
        State next = *from, *t = &next;                          \\
        step.disabled = step.wrote = false;                      \\
        x->fault = 0;                                            \\
        if ((call) && LIKELY(!x->fault))                         \\
            emit(x, t, block, actor, arguments);                 \\
        else if (UNLIKELY(x->fault))                             \\
            report_fault(x, block, actor, arguments);            \\
    } while (0)
#else
#define RUN(call, block, actor, arguments)                       \\
    do {                                                         \\
        State next = *from, *t = &next;                          \\
        step.disabled = step.wrote = false;                      \\
        if (call)                                                \\
            emit(x, t, block, actor, arguments);                 \\
    } while (0)
#endif

#define RUN_CHOICES(call, block, actor, arguments)               \\
    do {                                                         \\
        choices_begin(x);                                        \\
        do                                                       \\
            RUN(call, block, actor, arguments);                  \\
        while (choices_next(x));                                 \\
    } while (0)
"""


class Generator:
    def __init__(
        self, compilation: Compilation, numbering: Numbering, layout: Layout, leaves: dict[LeafKey, Field]
    ) -> None:
        self.c = compilation
        self.numbering = numbering
        self.layout = layout
        self.leaves = leaves
        self.blocks: list[BlockInfo] = []

    def source(self, program: Program) -> str:
        functions: list[str] = []
        for group in self.c.enabled.values():
            for helper in group:
                functions += helper_writer(self.numbering, helper)
        for lowered in (*self.c.operations, *self.c.actions):
            functions += self._function(lowered)
        functions += self._expand()
        functions += self._checks(program)
        # Helpers are written last and placed first: only now are all sites, tables and rows known.
        helpers: list[str] = []
        for helper in reversed(
            self._helpers_in_order()
        ):  # callers first: what only a dropped statement calls is left out
            if helper in self.numbering.called:
                helpers = helper_writer(self.numbering, helper) + helpers
        program.blocks = self.blocks
        return "\n".join(
            [
                *self._defines(program),
                '#include "explore.h"',
                PRELUDE,
                *self._accessors(),
                *self._tables(),
                *helpers,
                *functions,
                '#include "explore.c"',
                "",
            ]
        )

    def _helpers_in_order(self) -> list[Helper]:
        """Callees first: a helper is entered in the table when its body is complete."""
        return [helper for helper in self.c.unit.helpers.values() if isinstance(helper, Helper)]

    # -- declarations ----------------------------------------------------------------------------------------

    def _defines(self, program: Program) -> list[str]:
        world = self.c.world
        conditions = sum(len(found) for found in self.c.conditions.values())
        numbers = {
            "WORDS": self.layout.words,
            "N_INVARIANTS": len(program.invariants),
            "N_REACHABLE": len(program.reachables),
            "N_STEPS": len(program.steps),
            "N_GOALS": len(program.goals),
            "N_BLOCKS": len(self.blocks),
            "N_SITES": len(self.numbering.sites),
            "N_CONDITIONS": conditions,
            "ANY_SUCCESSOR": int(program.goals == [DEADLOCK]),
        }
        settings = f"{dict(world.bounds)} {dict(world.design)}"
        head = f"/* {world.model.name}, scenario {world.scenario.name}: {settings} */"
        return [head.replace("*/ */", "*/"), *(f"#define {name} {value}" for name, value in numbers.items())]

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
        for lowered in self.c.operations:
            names = [f"{point_name(lowered.cname, point)} = {point.number}" for point in lowered.points]
            if names:
                lines.append(f"enum {{ {', '.join(names)} }};")
        return [*lines, ""]

    def _suspend(self, kind: type[Index], pc: Field) -> list[str]:
        """Where an actor stops, and all its locals (0: forgotten).  Not inlined: there are many yields."""
        slots = self.c.slots[kind]
        parameters = "".join(f", uint64_t l{n}" for n in range(len(slots)))
        stores = [f"    set_{slot.cname}(t, me, l{n});" for n, slot in enumerate(slots)]
        head = f"static MAYBE_UNUSED void suspend_{kind.__name__}(State *t, int me, int pc{parameters})"
        return [head, "{", *stores, f"    set_{pc.cname}(t, me, pc);", "}"]

    def _tables(self) -> list[str]:
        lines = [constant_table(name, values) for values, name in self.numbering.tables.items()]
        for rows, name in self.numbering.rows.items():
            lines += rows_table(name, rows)
        return [*lines, ""]

    # -- operations and actions ------------------------------------------------------------------------------

    def _function(self, lowered: Lowered) -> list[str]:
        """One C function: `pc` 0 starts it, any other number resumes at that program point."""
        actor = lowered.actor.__name__ if lowered.actor else ""
        slots = self.c.slots.get(lowered.actor, []) if lowered.actor and lowered.points else []
        is_operation = any(lowered is operation for operation in self.c.operations)
        if is_operation and lowered.actor is not None:
            slots = self.c.slots[lowered.actor]
        pc = self.c.pcs[lowered.actor] if is_operation and lowered.actor is not None else None
        writer = FunctionWriter(
            self.numbering, OperationNames(lowered.cname, actor, self.c.slot_of, slots, pc)
        )
        given = list(lowered.parameters.values())
        writer.declare(lowered.body, set(given))
        self._entries(writer, lowered, slots)
        writer.body(lowered.body)
        writer.text.label(f"{lowered.cname}_done")
        writer.finish()
        place = lowered.source.place(lowered.source.tree)
        arguments = ", ".join(
            ["Step *b", "State *t", "int me", "int pc", *(f"{ctype(v.type)} {v.cname}" for v in given)]
        )
        inline = "inline " if not is_operation else ""
        return [
            f"/* {place.shown_file}:{place.line}: {lowered.declaration.name} */",
            f"static {inline}int {lowered.cname}({arguments})",
            "{",
            *writer.text.lines,
            "}",
            "",
        ]

    def _entries(self, writer: FunctionWriter, lowered: Lowered, slots: list[Field]) -> None:
        if not lowered.points:
            return
        writer.text.open("switch (pc)")
        if self.numbering.asks_running:
            assert lowered.actor is not None
            begun = point_name(lowered.cname, lowered.points[0])
            writer.text.add(f"case 0: set_pc_{lowered.actor.__name__}(t, me, {begun}); break;")
        for point in lowered.points:
            name = point_name(lowered.cname, point)
            writer.text.add(f"case {name}:")
            writer.text.depth += 1
            for variable in point.live:
                writer.text.add(loaded(variable, self.c.slot_of[variable]))
            writer.text.add(f"goto at_{name};")
            writer.text.depth -= 1
        writer.text.close()

    # -- expand ----------------------------------------------------------------------------------------------

    def _expand(self) -> list[str]:
        lines = [
            "static void expand(const State *from, Worker *x)",
            "{",
            "    Step step = {.x = x}, *b = &step;",
            "    (void)b;",
        ]
        for kind in self.c._kinds():
            lines += self._actors(kind)
        for lowered in self.c.actions:
            lines += self._actions(lowered)
        return [*lines, "}", ""]

    def _actors(self, kind: type[Index]) -> list[str]:
        pc = self.c.pcs[kind]
        mine = [lowered for lowered in self.c.operations if lowered.actor is kind]
        lines = [f"    for (int me = 0; me < {self.c.world.size(kind)}; me++) {{"]
        if len(pc.active) != pc.count:
            lines.append(f"        if (!(UINT64_C({sum(1 << n for n in pc.active):#x}) >> me & 1)) continue;")
        for helper in self.c.enabled.get(kind, []):
            lines.append(f"        if (!{helper.cname}(b, from, me)) continue;")
        lines.append(f"        switch (get_{pc.cname}(from, me)) {{")
        lines.append("        case 0:")
        for lowered in mine:
            lines += self._start(lowered, kind)
        lines.append("            break;")
        for lowered in mine:
            for point in lowered.points:
                block = self._block("resume", lowered, point.place.shown_file, point.place.line)
                zeros = "".join(", 0" for _ in lowered.parameters)
                name = point_name(lowered.cname, point)
                lines.append(f"        case {name}:")
                call = f"{lowered.cname}(b, t, me, {name}{zeros})"
                lines.append(f"            {self._run(lowered)}({call}, {block}, (uint32_t)me, 0);")
                lines.append("            break;")
        return [*lines, "        }", "    }"]

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

    def _argument_loops(self, lowered: Lowered, call: str, block: int, actor: str, indent: str) -> list[str]:
        """Every combination of arguments; their code is decoded by Program.decode_arguments."""
        loops, code, names = "", "0", ""
        for number, variable in enumerate(lowered.parameters.values()):
            low, high = code_range(variable.type)
            loops += f"for (int a{number} = {low}; a{number} <= {high}; a{number}++) "
            code = f"({code} * {high - low + 1} + (uint64_t)(a{number} - ({low})))"
            names += f", a{number}"
        call = call.replace("{arguments}", names)
        return [
            f"{indent}{loops}",
            f"{indent}    {self._run(lowered)}({call}, {block}, {actor}, {code});",
        ]

    def _run(self, lowered: Lowered) -> str:
        """Without a choice there is no odometer to turn."""
        return "RUN_CHOICES" if chooses(lowered.body) else "RUN"

    def _actions(self, lowered: Lowered) -> list[str]:
        place = lowered.source.place(lowered.source.tree)
        block = self._block("action", lowered, place.shown_file, place.line)
        call = f"{lowered.cname}(b, t, me, 0{{arguments}})"
        size = self.c.world.size(lowered.actor) if lowered.actor is not None else 1
        loop = f"    for (int me = 0; me < {size}; me++)"
        return [loop, *self._argument_loops(lowered, call, block, "(uint32_t)me", "        ")]

    def _block(self, kind: str, lowered: Lowered, file: str, line: int) -> int:
        parameters: tuple[Type, ...] = (
            tuple(v.type for v in lowered.parameters.values()) if kind != "resume" else ()
        )
        name = lowered.declaration.name
        self.blocks.append(BlockInfo(kind, name, lowered.actor, f"{name}:{file}:{line}", parameters))
        return len(self.blocks) - 1

    # -- properties ------------------------------------------------------------------------------------------

    def _checks(self, program: Program) -> list[str]:
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

        A predicate that cannot be evaluated is a violation.
        """
        lines = [
            f"static uint64_t {name}({parameters}, Worker *x)",
            "{",
            "    Step step = {.x = x}, *b = &step;",
            "    uint64_t bits = 0;",
            "    (void)b;",
        ]
        for bit, declared in enumerate(properties):
            call = f"{self.c.predicates[declared].cname}(b, {arguments})"
            test = f"!{call} || x->fault" if bad else call
            lines += ["    x->fault = 0;", f"    if ({test}) bits |= UINT64_C(1) << {bit};"]
        return [*lines, "    x->fault = 0;", "    return bits;", "}", ""]

    def _goals(self, program: Program) -> list[str]:
        lines = ["static uint64_t check_goals(const State *s)", "{", "    uint64_t bits = 0;"]
        if program.goals:
            lines += [
                "    static Worker scratch;",
                "    Step step = {.x = &scratch}, *b = &step;",
                "    (void)b;",
            ]
        for bit, declared in enumerate(program.goals):
            lines.append(f"    if ({self.c.predicates[declared].cname}(b, s)) bits |= UINT64_C(1) << {bit};")
        if self.c.deadlock:
            lines += self._idle_goals(program)
        return [*lines, "    return bits;", "}", ""]

    def _idle_goals(self, program: Program) -> list[str]:
        """Deadlock: an actor inside an operation that can never be idle again."""
        if not self.c.operations:
            program.goals.append(DEADLOCK)
            return []
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
