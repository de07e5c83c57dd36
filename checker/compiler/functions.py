"""Whole functions: lowered again and again until the types of their locals no longer grow."""

from __future__ import annotations

import ast
from typing import Any

from checker.compiler.codes import NoneOnly, code_range, is_number, is_scalar, join
from checker.compiler.context import Context
from checker.compiler.helpers import UNDER_WAY
from checker.compiler.ir import (
    Apply,
    Check,
    Choose,
    Helper,
    Literal,
    Origin,
    Perform,
    Read,
    Return,
    Stmt,
    Store,
    Variable,
    When,
    walk,
)
from checker.compiler.source import Extent, Source
from checker.compiler.statements import Statements
from checker.compiler.syntax import always_returns, assigned_names, statements_of
from checker.compiler.unit import Unit, unique
from checker.compiler.values import Ref, Value
from checker.language.errors import CheckerError

PASSES = 12  # rounds of type inference before a local is called unbounded


class Body(Statements):
    """Statements that can also lower the helpers they call."""

    def lower_helper(
        self,
        key: Any,
        helper: Helper,
        source: Source,
        scope: dict[str, Value],
        taken: dict[str, int],
        node: ast.AST,
    ) -> None:
        self.unit.helpers[key] = UNDER_WAY
        helper.place = source.place(source.tree)
        lower_function(self.unit, helper, source, scope, taken, {})
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
    for _ in range(PASSES):
        context.changed = False
        context.names = dict(taken)
        lowering = Body(unit, source, context.names, context)
        lowering.scope = dict(scope)
        lowering.locals = assigned_names(source)
        lowering.conditions = conditions
        lowering.result_key = ("return",)
        for name in [n for n in lowering.locals if n in scope]:
            _own_parameter(lowering, name, source)
        start = lowering.out
        body = start + _attempt(lowering, source, context)
        if not context.changed:
            break
    else:
        _unbounded(source, context)
    helper.body = body
    helper.result = context.types.get(("return",))
    if (
        helper.result is not None
        and not isinstance(helper.result, NoneOnly)
        and not always_returns(statements_of(source))
    ):
        kind = join(helper.result, NoneOnly()) if is_scalar(helper.result) else None
        if kind is None:
            source.type_error(
                source.tree,
                f"{source.function.__name__}() does not return a value on every path",
                "end it with a return",
            )
        helper.result = kind
        helper.body = [_widen(stmt, kind) for stmt in body] + [
            Return(source.place(source.tree), Literal(kind, code_range(kind)[0]))
        ]
    inner = list(walk(helper.body))
    helper.writes = any(isinstance(s, Store) or (isinstance(s, Perform) and s.helper.writes) for s in inner)
    helper.chooses = any(
        isinstance(s, (Choose, When, Check)) or (isinstance(s, Perform) and s.helper.chooses) for s in inner
    )


def _attempt(lowering: Body, source: Source, context: Context) -> list[Stmt]:
    """One pass.  What is refused may only be for a type that this pass has widened meanwhile."""
    try:
        return lowering.lower_body(statements_of(source))
    except CheckerError:
        if not context.changed:
            raise
        return []


def _widen(stmt: Stmt, kind: Any) -> Stmt:
    for inner in walk([stmt]):
        if isinstance(inner, Return) and inner.value is not None:
            inner.value = Apply(kind, "{0}", (inner.value,))
    return stmt


def _own_parameter(lowering: Body, name: str, source: Source) -> None:
    """A parameter that is assigned to becomes an ordinary local that starts with its value."""
    value = lowering.scope.pop(name)
    if isinstance(value, Ref):
        lowering.scope[name] = value
        return
    lowering.set_local(name, lowering.as_expr(value, source.tree), source.tree)


def _unbounded(source: Source, context: Context) -> None:
    number = [key[-1] for key, kind in context.types.items() if is_number(kind)]
    source.type_error(
        source.tree,
        f"a number keeps growing (one of: {', '.join(sorted(set(number)))})",
        "say how large it can get: n: Range(0, 7) = 0",
    )


def lower_operation(
    unit: Unit, source: Source, scope: dict[str, Value]
) -> tuple[list[Stmt], Context, dict[str, Variable]]:
    """An operation's statements, its program points and its parameters."""
    context = Context()
    for _ in range(PASSES):
        context.changed = False
        context.points, context.names, context.labels = [], {"me": 1, "pc": 1}, 0
        lowering = Body(unit, source, context.names, context)
        lowering.scope = dict(scope)
        lowering.is_operation = True
        lowering.locals = assigned_names(source)
        parameters: dict[str, Variable] = {}
        for name, value in scope.items():
            if isinstance(value, Read) and value.variable.cname == "me":
                lowering.constant.add(value.variable)
            if isinstance(value, Read):
                variable = Variable(
                    name,
                    value.type,
                    "me" if value.variable.cname == "me" else unique(context.names, name),
                    Origin(0, name),
                )
                if value.variable.cname == "me":
                    lowering.scope[name] = value
                    continue
                lowering.variables[name] = variable
                context.types[(name,)] = value.type
                lowering.scope[name] = Read(value.type, variable)
                parameters[name] = variable
                if name not in lowering.locals:
                    lowering.constant.add(variable)
        body = _attempt(lowering, source, context)
        if not context.changed:
            return body, context, parameters
    _unbounded(source, context)
    raise AssertionError("unreachable")
