"""Plain functions of the model: each becomes one C function per shape of its arguments."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from typing import Any

from checker.compiler.codes import NoneOnly, is_scalar, type_of_constant
from checker.compiler.expressions import Expressions
from checker.compiler.ir import Call, Expr, Helper, Read, Variable
from checker.compiler.source import Source, source_of
from checker.compiler.syntax import statements_of
from checker.compiler.unit import unique
from checker.compiler.values import Constant, Family, Ref, Value
from checker.language.context import world_in_force
from checker.language.types import SetType, evaluated, resolve


class Helpers(Expressions):
    """A helper is translated once for each shape of its arguments."""

    def call_helper(self, function: Callable[..., Any], arguments: list[Value], node: ast.AST) -> Value:
        reference = self.inline_reference(function, arguments, node)
        if reference is not None:
            return reference
        helper, roots, exprs = self.specialise(function, arguments, node)
        if helper.effects:
            what = "chooses" if helper.chooses else "changes the state"
            self.source.unsupported(
                node,
                f"{function.__name__}() {what}, inside an expression",
                "make the call a statement, or the whole right side of an assignment",
            )
        if helper.result is None or isinstance(helper.result, NoneOnly):
            return Constant(None)
        return Call(helper.result, helper, roots, exprs)

    def inline_reference(
        self, function: Callable[..., Any], arguments: list[Value], node: ast.AST
    ) -> Value | None:
        """`def frame(k, p): return k.page[p]` hands out a place: it is put where it is called."""
        if inspect.isgeneratorfunction(function):
            self.source.unsupported(
                node, f"{function.__name__}() is a sub-operation", "call it with `yield from`"
            )
        source = source_of(function)
        body = statements_of(source)
        if (
            len(body) != 1
            or not isinstance(body[0], ast.Return)
            or not isinstance(body[0].value, (ast.Subscript, ast.Attribute, ast.Name))
        ):
            return None
        inner = type(self)(self.unit, source, self.names)
        for name, value in zip(inspect.signature(function).parameters, arguments, strict=True):
            inner.scope[name] = value
        result = inner.value(body[0].value)
        return result if isinstance(result, (Ref, Family)) else None

    def specialise(
        self, function: Callable[..., Any], arguments: list[Value], node: ast.AST
    ) -> tuple[Helper, tuple[str, ...], tuple[Expr, ...]]:
        source = source_of(function)
        names = list(inspect.signature(function).parameters)
        scope: dict[str, Value] = {}
        taken: dict[str, int] = {}
        shape: list[Any] = [function]
        parameters: list[Variable] = []
        exprs: list[Expr] = []
        roots: list[str] = []
        for name, value in zip(names, arguments, strict=True):
            if isinstance(value, Ref):
                indexes = [
                    Variable(f"{name}.{i}", e.type, unique(taken, name)) for i, e in enumerate(value.index)
                ]
                scope[name] = Ref(
                    f"s_{name}", value.key, value.sizes, tuple(Read(v.type, v) for v in indexes), value.type
                )
                parameters += indexes
                exprs += value.index
                roots.append(value.root)
                shape.append((value.key, value.sizes, value.type))
            elif isinstance(value, Constant) and type_of_constant(value.value) is None:
                scope[name] = value
                shape.append(("constant", value.value if _hashable(value.value) else id(value.value)))
            else:
                expr = self._argument(source, name, value, node)
                variable = Variable(name, expr.type, unique(taken, name))
                scope[name] = Read(expr.type, variable)
                parameters.append(variable)
                exprs.append(expr)
                shape.append(expr.type)
        key = tuple(shape)
        if key not in self.unit.helpers:
            helper = Helper(
                function.__name__,
                unique(self.unit.function_names, function.__name__),
                parameters,
                [f"s_{n}" for n in names if isinstance(scope[n], Ref)],
            )
            self.lower_helper(key, helper, source, scope, taken, node)
        found = self.unit.helpers[key]
        if found is UNDER_WAY:
            self.source.unsupported(
                node, f"{function.__name__}() calls itself", "write a loop; recursion is not in the language"
            )
        return found, tuple(roots), tuple(exprs)

    def _argument(self, source: Source, name: str, value: Value, node: ast.AST) -> Expr:
        """A scalar argument takes its parameter's annotated type, if that is a type of the language."""
        expr = self.as_expr(value, node)
        annotation = source.function.__annotations__.get(name)
        kind = _annotated(annotation, source.names)
        if kind is None or not (is_scalar(kind) or isinstance(kind, SetType)):
            return expr
        return self.coerce(expr, kind, node, f"the argument `{name}`")

    def lower_helper(
        self,
        key: Any,
        helper: Helper,
        source: Source,
        scope: dict[str, Value],
        taken: dict[str, int],
        node: ast.AST,
    ) -> None:
        raise NotImplementedError


UNDER_WAY: Any = object()


def _annotated(annotation: Any, names: dict[str, Any]) -> Any:
    if annotation is None or annotation is int:
        return None
    try:
        return resolve(evaluated(annotation, names), world_in_force().bounds)
    except Exception:  # an annotation that is no type of the language says nothing
        return None


def _hashable(value: Any) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True
