"""Plain functions of the model: each becomes one C function per shape of its arguments."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NoReturn

from checker.compiler.codes import NoneOnly, is_scalar, type_of_constant
from checker.compiler.expressions import Expressions
from checker.compiler.ir import Call, Expr, Literal, Read, Variable
from checker.compiler.ir_statements import Helper, Return
from checker.compiler.sites import has_site
from checker.compiler.source import Source, signature_of
from checker.compiler.syntax import statements_of
from checker.compiler.unit import unique
from checker.compiler.values import Constant, Family, Ref, Value
from checker.language.context import world_in_force
from checker.language.types import SetType, evaluated, resolve

MOST_NESTED = 8  # calls of one helper by itself, with constants that tell them apart


Given = Ref | Constant | Expr


@dataclass
class Shape:
    """What of a call's arguments is translated into the C function (`key`), and what is passed to it."""

    key: list[Any]
    given: dict[str, Given] = field(default_factory=dict)  # by parameter
    exprs: list[Expr] = field(default_factory=list)
    roots: list[str] = field(default_factory=list)

    def add_place(self, name: str, place: Ref) -> None:
        """Which array it is in is translated; the indexes are passed."""
        self.given[name] = place
        self.exprs += place.index
        self.roots.append(place.root)
        self.key.append((place.key, place.sizes))

    def add_constant(self, name: str, constant: Constant) -> None:
        """A class, a function and the like: translated for this very one."""
        self.given[name] = constant
        value = constant.value
        self.key.append(("constant", value if _hashable(value) else id(value)))

    def add_scalar(self, name: str, expr: Expr) -> None:
        self.given[name] = expr
        self.exprs.append(expr)
        self.key.append(expr.type)


@dataclass
class Inside:
    """The parameters as the body of a helper sees them; made only where it is translated."""

    scope: dict[str, Value] = field(default_factory=dict)
    taken: dict[str, int] = field(default_factory=dict)
    parameters: list[Variable] = field(default_factory=list)
    roots: list[str] = field(default_factory=list)

    def add(self, name: str, given: Given) -> None:
        if isinstance(given, Ref):
            indexes = tuple(self._parameter(f"{name}.{i}", name, e) for i, e in enumerate(given.index))
            self.roots.append(f"s_{name}")
            self.scope[name] = Ref(f"s_{name}", given.key, given.sizes, indexes, given.type)
        elif isinstance(given, Constant):
            self.scope[name] = given
        else:
            self.scope[name] = self._parameter(name, name, given)

    def _parameter(self, name: str, cname: str, argument: Expr) -> Read:
        variable = Variable(name, argument.type, unique(self.taken, cname))
        self.parameters.append(variable)
        return Read(argument.type, variable)


class Helpers(Expressions):
    """A helper is translated once for each shape of its arguments."""

    def call_helper(self, function: Callable[..., Any], arguments: list[Value], node: ast.AST) -> Value:
        reference = self.inline_reference(function, arguments, node)
        if reference is not None:
            return reference
        return self.called(*self.specialise(function, arguments, node), node)

    def called(
        self, helper: Helper, roots: tuple[str, ...], arguments: tuple[Expr, ...], node: ast.AST
    ) -> Value:
        """A helper's value, where it may have no effects."""
        if helper.effects:
            what = "chooses" if helper.chooses else "changes the state"
            if self.conditions:
                self.source.mistake(node, f"{helper.name}() {what}", "a predicate only reads")
            self.source.unsupported(
                node,
                f"{helper.name}() {what}, inside an expression",
                "make the call a statement, or the whole right side of an assignment",
            )
        if helper.result is None or isinstance(helper.result, NoneOnly):
            return Constant(None)
        constant = _constant(helper)
        if constant is not None and not any(map(has_site, arguments)):
            return constant
        return Call(helper.result, helper, roots, arguments)

    def inline_reference(
        self, function: Callable[..., Any], arguments: list[Value], node: ast.AST
    ) -> Value | None:
        """`def frame(k, p): return k.page[p]` hands out a place: it is put where it is called."""
        if inspect.isgeneratorfunction(function):
            self.source.mistake(
                node, f"{function.__name__}() is a sub-operation", "call it with `yield from`"
            )
        source = self.unit.source(function)
        body = statements_of(source)
        if (
            len(body) != 1
            or not isinstance(body[0], ast.Return)
            or not isinstance(body[0].value, (ast.Subscript, ast.Attribute, ast.Name))
        ):
            return None
        inner = type(self)(self.unit, source, self.names)
        for name, value in zip(signature_of(function).parameters, arguments, strict=True):
            inner.scope[name] = value
        result = inner.value(body[0].value)
        return result if isinstance(result, (Ref, Family)) else None

    def specialise(
        self, function: Callable[..., Any], arguments: list[Value], node: ast.AST
    ) -> tuple[Helper, tuple[str, ...], tuple[Expr, ...]]:
        """The C function for these arguments; the states they point into, and the scalars to pass."""
        source = self.unit.source(function)
        self.unit.called(self.source.function, function)
        shape = Shape([function])
        for name, value in zip(signature_of(function).parameters, arguments, strict=True):
            if isinstance(value, Ref):
                shape.add_place(name, value)
            elif isinstance(value, Constant) and type_of_constant(value.value) is None:
                shape.add_constant(name, value)
            else:
                shape.add_scalar(name, self._argument(source, name, value, node))
        key = tuple(shape.key)
        if self.unit.active.count(function) > MOST_NESTED:  # each time with arguments of other types
            self._refuse_recursion(function, node)
        if key not in self.unit.helpers:
            cname = self.unit.function_name(function.__name__)
            inside = Inside()
            for name, given in shape.given.items():
                inside.add(name, given)
            helper = Helper(function.__name__, cname, inside.parameters, inside.roots)
            self.lower_helper(key, helper, source, inside.scope, inside.taken)
        found = self.unit.helpers[key]
        if found is UNDER_WAY:
            self._refuse_recursion(function, node)
        return found, tuple(shape.roots), tuple(shape.exprs)

    def _refuse_recursion(self, function: Callable[..., Any], node: ast.AST) -> NoReturn:
        self.source.unsupported(
            node,
            f"{function.__name__}() calls itself",
            "write a loop; only sub-operations may call themselves (@suboperation(depth=...))",
        )

    def annotated(self, source: Source, name: str) -> Any:
        """The type of the language that a parameter is annotated with, if it is one."""
        key = (source.function, name)
        if key not in self.unit.annotations:
            self.unit.annotations[key] = _type(source, name)
        return self.unit.annotations[key]

    def _argument(self, source: Source, name: str, value: Value, node: ast.AST) -> Expr:
        """A scalar argument takes its parameter's annotated type, if that is a type of the language."""
        expr = self.as_expr(value, node)
        kind = self.annotated(source, name)
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
    ) -> None:
        raise NotImplementedError


UNDER_WAY: Any = object()


def _constant(helper: Helper) -> Literal | None:
    """What a helper always gives, in this world: what is tested with it may be folded."""
    match helper.body:
        case [Return(value=Literal() as value)]:
            return value
    return None


def _type(source: Source, name: str) -> Any:
    annotation = _annotation(source, name)
    if annotation is None or annotation is int:
        return None
    try:
        return resolve(annotation, world_in_force().bounds)
    except Exception:  # an annotation that is no type of the language says nothing
        return None


@lru_cache(maxsize=4096)
def _annotation(source: Source, name: str) -> Any:
    """The same in each world; None for one that says nothing."""
    try:
        return evaluated(source.function.__annotations__.get(name), source.names)
    except Exception:
        return None


def _hashable(value: Any) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True
