"""Whole functions: lowered again and again until the types of their locals no longer grow."""

from __future__ import annotations

import ast
from typing import Any, NoReturn

from checker.compiler.codes import NoneOnly, code_range, is_scalar, join
from checker.compiler.context import Context
from checker.compiler.helpers import UNDER_WAY
from checker.compiler.ir import Apply, Literal, Origin, Read, Variable
from checker.compiler.ir_statements import Check, Choose, Helper, Perform, Return, Stmt, Store, When, While
from checker.compiler.sites import has_site
from checker.compiler.source import Extent, Source
from checker.compiler.statements import Statements
from checker.compiler.syntax import always_returns, assigned_names, statements_of
from checker.compiler.unit import Unit, unique
from checker.compiler.values import Ref, Value
from checker.compiler.walking import loaded, walk
from checker.language.errors import CheckerError
from checker.language.types import SetType

PASSES = 12  # rounds of type inference before a number counts as one that keeps growing


class Body(Statements):
    """Statements that can also lower the helpers they call."""

    def lower_helper(
        self,
        key: Any,
        helper: Helper,
        source: Source,
        scope: dict[str, Value],
        taken: dict[str, int],
    ) -> None:
        self.unit.helpers[key] = UNDER_WAY
        self.unit.active.append(source.function)
        helper.place = source.place(source.tree)
        try:
            lower_function(self.unit, helper, source, scope, taken, {})
        except BaseException:  # it may be tried again, and must not count as under way then
            del self.unit.helpers[key]
            raise
        finally:
            self.unit.active.pop()
        del self.unit.helpers[key]  # entered anew, after the helpers that it calls: C wants them first
        self.unit.helpers[key] = helper


def lower_function(
    unit: Unit,
    helper: Helper,
    source: Source,
    scope: dict[str, Value],
    taken: dict[str, int],
    conditions: dict[Extent, int],
) -> None:
    """A helper or a property: its statements and the type of its result."""
    context = Context()
    for number in range(2 * PASSES):
        context.changed, context.widening = False, number >= PASSES
        context.names = dict(taken)
        lowering = Body(unit, source, context.names, context)
        lowering.scope = dict(scope)
        lowering.locals = assigned_names(source)
        lowering.conditions = conditions
        lowering.result_key = ("return",)
        for name in [n for n in scope if n in lowering.locals]:
            _own_parameter(lowering, name, source)
        helper.body = lowering.out + _attempt(lowering, source, context)
        if not context.changed:
            break
    else:
        _unbounded(source, context)
    helper.result = context.types.get(("return",))
    if helper.result is not None:
        lowering.give_results(helper.result)
    _return_everywhere(helper, source)
    _sum_up(helper)


def _sum_up(helper: Helper) -> None:
    """What whoever calls it has to know; all that it calls itself is summed up already."""
    inner = walk(helper.body)
    performed = [stmt.helper for stmt in inner if isinstance(stmt, Perform)]
    helper.writes = any(isinstance(s, Store) for s in inner) or any(h.writes for h in performed)
    stops = any(isinstance(s, (Choose, When, Check)) for s in inner)
    helper.chooses = stops or any(h.chooses for h in performed)
    exprs = [expr for stmt in inner for expr in stmt.expressions()]
    helper.can_fail = any(isinstance(s, (Check, While)) for s in inner) or any(map(has_site, exprs))
    helper.loads = frozenset(loaded(exprs))


def _return_everywhere(helper: Helper, source: Source) -> None:
    """A function that also ends without a return gives None there."""
    if helper.result is None or isinstance(helper.result, NoneOnly):
        return
    if always_returns(statements_of(source)):
        return
    kind = join(helper.result, NoneOnly()) if is_scalar(helper.result) else None
    if kind is None:
        source.type_error(
            source.tree,
            f"{source.function.__name__}() does not return a value on every path",
            "end it with a return",
        )
    helper.result = kind
    for stmt in walk(helper.body):
        if isinstance(stmt, Return) and stmt.value is not None:
            stmt.value = Apply(kind, "{0}", (stmt.value,))
    helper.body.append(Return(source.place(source.tree), Literal(kind, code_range(kind)[0])))


def _attempt(lowering: Body, source: Source, context: Context) -> list[Stmt]:
    """One pass.  What is refused may only be for a type that this pass has widened meanwhile."""
    try:
        return lowering.lower_body(statements_of(source))
    except CheckerError:
        if not context.changed:
            raise
        return []


def _own_parameter(lowering: Body, name: str, source: Source) -> None:
    """A parameter that is assigned to becomes an ordinary local that starts with its value."""
    value = lowering.scope.pop(name)
    if isinstance(value, Ref):
        lowering.scope[name] = value
        return
    lowering.set_local(name, lowering.as_expr(value, source.tree), source.tree)


def _unbounded(source: Source, context: Context) -> NoReturn:
    names = [key[-1] for key, kind in context.types.items() if isinstance(kind, SetType)]
    grown = [stmt for stmt in ast.walk(source.tree) if _assigns_to(stmt, set(names))]
    source.type_error(
        grown[-1] if grown else source.tree,
        f"a set may hold ever larger numbers (one of: {', '.join(sorted(set(names)))})",
        "say which it can hold: s: Set[Range(0, 7)] = set()",
    )


def _assigns_to(stmt: ast.AST, names: set[str]) -> bool:
    """`n += 1`, `n = n + 1`: a local that is computed from itself."""
    if isinstance(stmt, ast.AugAssign):
        return isinstance(stmt.target, ast.Name) and stmt.target.id in names
    if not isinstance(stmt, ast.Assign) or len(stmt.targets) != 1:
        return False
    target = stmt.targets[0]
    return (
        isinstance(target, ast.Name)
        and target.id in names
        and any(isinstance(node, ast.Name) and node.id == target.id for node in ast.walk(stmt.value))
    )


def lower_operation(
    unit: Unit, source: Source, scope: dict[str, Value]
) -> tuple[list[Stmt], Context, dict[str, Variable]]:
    """An operation's statements, its program points and its parameters."""
    context = Context()
    for number in range(2 * PASSES):
        context.changed, context.widening = False, number >= PASSES
        context.points, context.names, context.labels = [], {"me": 1, "pc": 1}, 0
        context.first, context.entered = number == 0, []
        lowering = Body(unit, source, context.names, context)
        lowering.scope = dict(scope)
        lowering.is_operation = True
        lowering.locals = assigned_names(source)
        parameters: dict[str, Variable] = {}
        for name, value in scope.items():
            if not isinstance(value, Read):
                continue
            if value.variable.cname == "me":
                lowering.constant.add(value.variable)
                if name in lowering.locals:
                    _own_parameter(lowering, name, source)
            else:
                parameters[name] = _parameter(lowering, name, value.type)
        body = lowering.out + _attempt(lowering, source, context)
        if not context.changed:
            return body, context, parameters
    _unbounded(source, context)


def _parameter(lowering: Body, name: str, kind: Any) -> Variable:
    """An operation's parameter is a local that is there from the start."""
    variable = Variable(name, kind, unique(lowering.names, name), Origin(0, name))
    lowering.variables[name] = variable
    lowering.context.types[(name,)] = kind
    lowering.scope[name] = Read(kind, variable)
    if name not in lowering.locals:
        lowering.constant.add(variable)
    return variable
