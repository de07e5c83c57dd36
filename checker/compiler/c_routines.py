"""Operations, and the sub-operations that several places share, as C functions that can stop and go on.

Such a function is told where to go on (`at`: 0 is its beginning, n its n-th program point, counting those of
the functions it calls) and answers DONE, the number of the point it has stopped at, or 0: no such step. An
operation itself answers 1 or 0, and writes down where its actor stands.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from checker.compiler.c_functions import FunctionWriter
from checker.compiler.c_numbering import Numbering
from checker.compiler.c_text import ctype
from checker.compiler.codes import code_range
from checker.compiler.ir import Expr, Variable
from checker.compiler.ir_statements import Block, Leave, Point, Return, Stmt, Yield
from checker.compiler.layout import Field
from checker.compiler.sharing import Copies
from checker.compiler.walking import walk
from checker.language.types import SetType


@dataclass
class Suspension:
    """How an actor's position is written: the slots of the locals, and of its kind all slots and the pc."""

    actor: str
    slot_of: dict[Variable, Field]
    slots: list[Field]
    copies: Copies
    names: dict[int, str]  # the C functions of the shared sub-operations


@dataclass
class Routine:
    """What becomes one C function. `outer` are locals of its callers, `result` is what it hands back."""

    cname: str
    comment: str
    body: list[Stmt]
    parameters: list[Variable]
    outer: list[Variable]
    result: Variable | None = None
    is_operation: bool = False

    @property
    def given(self) -> list[Variable]:
        return [*self.parameters, *self.outer]


class RoutineWriter(FunctionWriter):
    """Where control can stop, each level keeps its own locals; a caller's are its caller's business."""

    def __init__(self, numbering: Numbering, routine: Routine, suspension: Suspension) -> None:
        super().__init__(numbering)
        self.routine = routine
        self.suspension = suspension
        self.points = [stmt.point for stmt in walk(routine.body) if isinstance(stmt, Yield)]
        self.base = self.points[0].number - 1 if self.points else 0
        self.region = list(self._region(routine.body))
        blocks = [stmt for stmt in self.region if isinstance(stmt, Block)]
        self.calls = [block for block in blocks if self._shared(block)]
        self.labels = {block.label for block in blocks}
        handed = {variable for block in self.calls for variable in block.parameters}
        self.own = (set(self._targets()) | set(routine.parameters)) - handed

    def lines(self) -> list[str]:
        routine = self.routine
        self.declare(routine.body, set(routine.given))
        if self.points:
            self._entries()
        self.body(routine.body)
        self.text.label("done")
        self._finish()
        arguments = ["Step *b", "State *t", "int me", "int at"]
        arguments += [f"{ctype(v.type)} {v.cname}" for v in routine.given]
        head = f"static int {routine.cname}({', '.join(arguments)})"
        return [f"/* {routine.comment} */", head, "{", *self.text.lines, "}", ""]

    # -- which statements and locals are its own -------------------------------------------------------------

    def _shared(self, block: Block) -> bool:
        return self.suspension.copies.is_shared(block)

    def _region(self, body: list[Stmt]) -> Iterator[Stmt]:
        """The statements that are written into this function."""
        for stmt in body:
            yield stmt
            if not (isinstance(stmt, Block) and self._shared(stmt)):
                for inner in stmt.bodies():
                    yield from self._region(inner)

    def _targets(self) -> Iterator[Variable]:
        for stmt in self.region:
            if self.numbering.kept.matters(stmt):
                variable = stmt.result if isinstance(stmt, Block) else getattr(stmt, "variable", None)
                if isinstance(variable, Variable) and variable in self.numbering.kept.needed:
                    yield variable

    def declared(self, body: list[Stmt]) -> Iterator[Variable]:
        return self._targets()

    def _own_live(self, point: Point) -> list[Variable]:
        return [variable for variable in point.live if variable in self.own]

    # -- going on --------------------------------------------------------------------------------------------

    def _entries(self) -> None:
        self.text.open("switch (at)")
        if self.numbering.asks_running and self.routine.is_operation:
            begun = self.points[0].number
            self.text.add(f"case 0: set_pc_{self.suspension.actor}(t, me, {begun}); break;")
        for stmt in self._region(self.routine.body):
            if isinstance(stmt, Yield):
                number = self._number(stmt.point)
                self._entry(f"case {number}:", [stmt.point], f"goto at_{number};")
            elif isinstance(stmt, Block) and self._shared(stmt):
                inside = _points(stmt)
                if inside:
                    first, last = self._number(inside[0]), self._number(inside[-1])
                    self._entry(f"case {first} ... {last}:", inside, f"at -= {first - 1}; goto call_{first};")
        self.text.close()

    def _entry(self, case: str, points: list[Point], go: str) -> None:
        self.text.add(case)
        self.text.depth += 1
        live = {variable: None for point in points for variable in self._own_live(point)}
        for variable in live:
            self.text.add(_loaded(variable, self.suspension.slot_of[variable]))
        self.text.add(go)
        self.text.depth -= 1

    def _number(self, point: Point) -> int:
        return point.number - self.base

    # -- stopping --------------------------------------------------------------------------------------------

    def _yield(self, stmt: Yield) -> None:
        label = f"at_{self._number(stmt.point)}"
        if stmt.always:
            self._suspend(stmt.point)
            self.text.label(label)
            self._go_on(stmt)
            return
        self._arrive(stmt)
        self.text.open("if (0)")
        self.text.label(label)
        self._go_on(stmt)
        self.text.close()

    def _arrive(self, stmt: Yield) -> None:
        """At a wait in the middle of a block."""
        assert stmt.wait is not None
        if stmt.place not in self.numbering.waits:
            self.text.open(f"if ({self.expr(stmt.wait)})")
            self._suspend(stmt.point)
            self.text.close()
            return
        self.text.open("if (1)")
        self._ask(stmt.wait, "{.now = t, .arrives = true}")
        self.text.open("if (wait.stops)")
        self._suspend(stmt.point)
        self.text.close()
        self.text.close()

    def _go_on(self, stmt: Yield) -> None:
        """If it waits no more."""
        if stmt.wait is None:
            return
        if stmt.place not in self.numbering.waits:
            self.text.add(f"if ({self.expr(stmt.wait)}) return 0;")
            return
        self.text.open("if (1)")
        self._ask(stmt.wait, "{.now = t}")
        self.text.add("if (wait.stops) return 0;")
        self.text.close()

    def _ask(self, test: Expr, about: str) -> None:
        """Of each state that counts: stops.h."""
        self.text.add(f"Wait wait = {about};")
        self.text.add(f"while (next_question(&wait, &t, b->x)) wait.holds = {self.expr(test)};")

    def _suspend(self, point: Point) -> None:
        self._save({self.suspension.slot_of[v].cname: v for v in self._own_live(point)}, point.number)

    def _finish(self) -> None:
        """The operation has returned: its locals are forgotten, its actor is idle. Or: its caller goes on."""
        if self.routine.is_operation:
            self._save({}, 0)
            return
        if self.routine.result is not None:
            self.text.add(f"b->result = (uint64_t){self.routine.result.cname};")
        self.text.add("return DONE;")

    def _save(self, kept: dict[str, Variable], pc: int) -> None:
        codes = [_stored(kept[s.cname]) if s.cname in kept else _empty(s) for s in self.suspension.slots]
        whole = pc if self.routine.is_operation else 0  # the operation will put the number in
        self.text.add(f"suspend_{self.suspension.actor}({', '.join(['t', 'me', str(whole), *codes])});")
        self.text.add(f"return {1 if self.routine.is_operation else pc - self.base};")

    # -- calls -----------------------------------------------------------------------------------------------

    def _block(self, stmt: Block) -> None:
        if not self._shared(stmt):
            self.body(stmt.body)
            self.text.label(stmt.label)
            return
        copy = self.suspension.copies.of[id(stmt)]
        self.text.add("at = 0;")
        if copy.points:
            self.text.label(f"call_{self._number(copy.points[0])}")
        given = [variable.cname for variable in (*copy.parameters, *copy.outer)]
        name = self.suspension.names[copy.number]
        self.text.add(f"at = {name}({', '.join(['b', 't', 'me', 'at', *given])});")
        self.text.add("if (at == 0) return 0;")
        if copy.points:
            self.text.open("if (at > 0)")
            self._stop_in(copy.points)
            self.text.close()
        result = stmt.result
        if result is not None and result in self.numbering.kept.needed:
            self.text.add(f"{result.cname} = ({ctype(result.type)})b->result;")

    def _stop_in(self, points: list[Point]) -> None:
        """What was called has stopped at one of these points, and has kept its own locals."""
        for variable in {variable: None for point in points for variable in self._own_live(point)}:
            keeping = [variable in point.live for point in points]
            save = f"set_{self.suspension.slot_of[variable].cname}(t, me, {_stored(variable)});"
            if not all(keeping):
                self.count += 1
                table = ", ".join(str(int(each)) for each in keeping)
                self.text.declare(f"static const unsigned char kept{self.count}[] = {{{table}}};")
                save = f"if (kept{self.count}[at - 1]) {save}"
            self.text.add(save)
        before = self._number(points[0]) - 1
        if self.routine.is_operation:
            self.text.add(f"set_pc_{self.suspension.actor}(t, me, {self.base + before} + at);")
            self.text.add("return 1;")
        else:
            self.text.add(f"return {before} + at;")

    def _leave(self, stmt: Leave) -> None:
        self.text.add(f"goto {stmt.label if stmt.label in self.labels else 'done'};")

    def _return(self, stmt: Return) -> None:
        self.text.add("goto done;" if self.routine.is_operation else "return 0;")

    def _stop(self) -> str:
        return "return 0;"


def _points(block: Block) -> list[Point]:
    return [stmt.point for stmt in walk(block.body) if isinstance(stmt, Yield)]


def _low(variable: Variable) -> int:
    return 0 if isinstance(variable.type, SetType) else code_range(variable.type)[0]


def _stored(variable: Variable) -> str:
    low = _low(variable)
    return variable.cname if low == 0 else f"{variable.cname} - ({low})"


def _empty(slot: Field) -> str:
    return f"({slot.ctype}){{{{0}}}}" if slot.parts else "0"


def _loaded(variable: Variable, slot: Field) -> str:
    if slot.parts:
        return f"{variable.cname} = get_{slot.cname}(t, me);"
    low = f" + ({_low(variable)})" if _low(variable) else ""
    return f"{variable.cname} = ({ctype(variable.type)})get_{slot.cname}(t, me){low};"
