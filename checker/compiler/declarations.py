"""Operations, actions, @enabled and properties: their parameters, and what becomes of their bodies."""

from __future__ import annotations

from dataclasses import dataclass

from checker.compiler.codes import BOOL, code_range, is_number
from checker.compiler.functions import lower_function, lower_operation
from checker.compiler.ir import Read, Variable
from checker.compiler.ir_statements import Helper, Point, Stmt, Yield
from checker.compiler.source import Extent, Source, extent, signature_of, source_of
from checker.compiler.syntax import first_assert
from checker.compiler.unit import Unit, unique
from checker.compiler.values import Ref, Value
from checker.compiler.walking import walk
from checker.language.conditions import Condition, conditions_of
from checker.language.cost import Cost
from checker.language.declaration import Declaration
from checker.language.index import Index
from checker.language.properties import INVARIANT, STEP, Property
from checker.language.steps import Action, Operation
from checker.language.types import IndexType
from checker.language.world import World

MOST = 1_000_000  # that one step costs


@dataclass
class Lowered:
    """An operation of one kind of actor, or an action."""

    declaration: Operation | Action
    actor: type[Index] | None
    cname: str
    body: list[Stmt]
    points: list[Point]
    parameters: dict[str, Variable]
    source: Source


class Declarations:
    """Lowers what a model declares, all into one unit."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.unit = Unit(world)
        self.conditions: dict[str, list[Condition]] = {}

    def _scope(
        self, declaration: Declaration, root: str, actor: type[Index] | None
    ) -> tuple[dict[str, Value], dict[str, int]]:
        """The parameters: the state, the actor, and the arguments as variables."""
        names = list(signature_of(declaration.function).parameters)
        scope: dict[str, Value] = {names[0]: Ref(root, (), (), (), self.world.state_type)}
        taken = {"me": 1, "pc": 1}
        rest = names[1:]
        if actor is not None:
            scope[names[1]] = Read(IndexType(actor), Variable(names[1], IndexType(actor), "me"))
            rest = names[2:]
        for name in rest:
            kind = self.world.parameters(declaration)[name]
            scope[name] = Read(kind, Variable(name, kind, unique(taken, name)))
        return scope, taken

    def operation(self, operation: Operation, kind: type[Index]) -> Lowered:
        source = source_of(operation.function)
        scope, _ = self._scope(operation, "t", kind)
        body, _, parameters = lower_operation(self.unit, source, scope)
        cname = self.unit.function_name(operation.name)
        points = [stmt.point for stmt in walk(body) if isinstance(stmt, Yield)]
        return Lowered(operation, kind, cname, body, points, parameters, source)

    def action(self, action: Action) -> Lowered:
        source = source_of(action.function)
        scope, _ = self._scope(action, "t", action.actor)
        body, context, parameters = lower_operation(self.unit, source, scope)
        if context.points:
            source.unsupported(
                source.tree, "an action has a `yield`", "an action is one atomic step; make it an @operation"
            )
        return Lowered(
            action, action.actor, self.unit.function_name(action.name), body, [], parameters, source
        )

    def predicate(self, declaration: Declaration, root: str) -> Helper:
        """@enabled: a helper of the state and the actor."""
        source = source_of(declaration.function)
        names = list(signature_of(declaration.function).parameters)
        actor = Variable(names[1], IndexType(declaration.actor), f"{names[1]}_")  # type: ignore[attr-defined]
        scope: dict[str, Value] = {
            names[0]: Ref(root, (), (), (), self.world.state_type),
            names[1]: Read(actor.type, actor),
        }
        helper = Helper(
            declaration.name,
            self.unit.function_name(declaration.name),
            [actor],
            [root],
            place=source.place(source.tree),
        )
        lower_function(self.unit, helper, source, scope, {names[1]: 1}, {})
        self._must_be_bool(helper, source)
        return helper

    def property(self, declaration: Property) -> Helper:
        found = list(conditions_of(declaration.function)) if declaration.kind in (INVARIANT, STEP) else []
        self.conditions[declaration.name] = found
        marks = {extent(c.node): number for number, c in enumerate(found)}
        roots = ["before", "after"] if declaration.kind == STEP else ["s"]
        helper = self._of_states(declaration, roots, marks)
        self._must_be_bool(helper, source_of(declaration.function))
        return helper

    def cost(self, declaration: Cost) -> Helper:
        source = source_of(declaration.function)
        helper = self._of_states(declaration, ["before", "after"], {})
        self._must_be_cost(helper, source)
        return helper

    def _of_states(self, declaration: Declaration, roots: list[str], marks: dict[Extent, int]) -> Helper:
        source = source_of(declaration.function)
        names = list(signature_of(declaration.function).parameters)
        scope: dict[str, Value] = {
            name: Ref(root, (), (), (), self.world.state_type)
            for name, root in zip(names, roots, strict=False)
        }
        helper = Helper(
            declaration.name,
            self.unit.function_name(declaration.name),
            [],
            roots,
            place=source.place(source.tree),
        )
        lower_function(self.unit, helper, source, scope, {}, marks)
        return helper

    def _must_be_bool(self, helper: Helper, source: Source) -> None:
        if helper.result != BOOL:
            source.type_error(
                source.tree,
                f"{helper.name}() returns no bool",
                "end every path with `return` and a condition",
            )
        self._must_only_read(helper, source)

    def _must_be_cost(self, helper: Helper, source: Source) -> None:
        if not is_number(helper.result):
            source.type_error(
                source.tree, f"{helper.name}() returns no number", "end every path with `return` and a count"
            )
        low, high = code_range(helper.result)
        if low < 0 or high > MOST:
            source.type_error(
                source.tree,
                f"{helper.name}() can be anything from {low} to {high}: a cost is 0 to {MOST:,}",
                "max(..., 0) leaves out what is below 0",
            )
        self._must_only_read(helper, source)

    def _must_only_read(self, helper: Helper, source: Source) -> None:
        asserted = first_assert(source.tree)
        if asserted is not None:
            source.mistake(
                asserted, "an assert in a predicate", "return what must hold: `return ... and ...`"
            )
        if helper.effects:
            source.mistake(
                source.tree, f"{helper.name}() changes the state or chooses", "a predicate only reads"
            )
