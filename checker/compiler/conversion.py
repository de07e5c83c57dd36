"""What a Python value is as a C value of some type: the ground that all lowering stands on."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from checker.compiler import arithmetic
from checker.compiler.codes import (
    BOOL,
    SET_LIMIT,
    NoneOnly,
    code_range,
    contains,
    describe,
    encode,
    is_number,
    join,
    none_code,
    set_size,
    type_of_constant,
)
from checker.compiler.ir import Apply, Counted, Expr, Literal, Load, Site, Variable
from checker.compiler.source import Extent, Source, extent
from checker.compiler.unit import Unit, unique
from checker.compiler.values import Constant, Family, Pair, Ref, Value
from checker.compiler.wording import a, shown
from checker.language.index import Index
from checker.language.types import BoolType, OptionalType, SetType, TupleType


class Conversion:
    """Values, expressions and types of one function; the subclasses add what can be written in it."""

    def __init__(self, unit: Unit, source: Source, names: dict[str, int]) -> None:
        self.unit = unit
        self.source = source
        self.names = names  # C identifiers taken in the C function that this one becomes part of
        self.scope: dict[str, Value] = {}
        self.stale: set[str] = set()  # loop variables whose loop is over
        self.locals: set[str] = set()
        self.conditions: dict[Extent, int] = {}  # atomic conditions of a property

    def value(self, node: ast.expr) -> Value:
        method = getattr(self, f"value_{type(node).__name__.lower()}", None)
        if method is None:
            self.source.unsupported(
                node,
                f"{type(node).__name__} is not in the language",
                "write it with names, fields, comparisons and loops",
            )
        result: Value = method(node)
        return result

    def scalar(self, node: ast.expr) -> Expr:
        return self.as_expr(self.value(node), node)

    def boolean(self, node: ast.expr) -> Expr:
        expr = self.scalar(node)
        if not isinstance(expr.type, BoolType):
            self.source.type_error(
                node,
                f"only bools have a truth value, and this is {a(describe(expr.type))}",
                "compare it: `is not None`, `== 0`, `in`, `len(...) > 0`",
            )
        number = self.conditions.get(extent(node))
        return expr if number is None or isinstance(expr, Literal) else Counted(BOOL, number, expr)

    def number(self, node: ast.expr) -> Expr:
        expr = self.scalar(node)
        if not is_number(expr.type):
            self.source.type_error(
                node, f"a number is needed, and this is {a(describe(expr.type))}", "convert it with int(...)"
            )
        return expr

    def as_expr(self, value: Value, node: ast.AST) -> Expr:
        """A scalar or a set, as an expression."""
        if isinstance(value, Expr):
            return value
        if isinstance(value, Constant):
            return self.literal(value.value, node)
        if isinstance(value, Pair):
            return self._tuple_code(value, node)
        if isinstance(value, Ref) and isinstance(value.type, SetType):
            return self.load(value)
        if isinstance(value, Ref):
            self.source.type_error(
                node,
                f"{describe(value.type)} is a place with several fields, not a value",
                "name one of its fields, or use frozen(...)",
            )
        if isinstance(value, Family):
            return self._family_set(value)
        self.source.type_error(node, f"{self.source.text(node)} is not a value", "call it")

    def coerce(self, expr: Expr, kind: Any, node: ast.AST, what: str) -> Expr:
        """`expr` as a value of `kind`, with a check where only running can tell."""
        if expr.type == kind:
            return expr
        if isinstance(kind, OptionalType):
            return self._to_optional(expr, kind, node, what)
        if isinstance(expr.type, OptionalType) and not isinstance(kind, OptionalType):
            return self.coerce(self.unwrap(expr, node), kind, node, what)
        if is_number(kind) and is_number(expr.type):
            return arithmetic.within(self.source, node, expr, kind, f"{what} out of range")
        if (
            isinstance(kind, SetType)
            and isinstance(expr, Literal)
            and expr.code == 0
            and isinstance(expr.type, SetType)
        ):
            return Literal(kind, 0)
        if contains(kind, expr.type) and not isinstance(kind, TupleType):
            return Apply(kind, "{0}", (expr,))
        self.source.type_error(
            node,
            f"{what} is {a(describe(kind))}, and this is {a(describe(expr.type))}",
            f"give it {a(describe(kind))}",
        )

    def unwrap(self, expr: Expr, node: ast.AST) -> Expr:
        """The T of a `T | None`; None is a model error."""
        if isinstance(expr.type, NoneOnly):
            self.source.type_error(node, "None is used as a value here", "test with `is not None` first")
        if not isinstance(expr.type, OptionalType):
            return expr
        none = none_code(expr.type)
        site = Site(
            "model error",
            f"None used where {a(describe(expr.type.of))} is needed: {self.source.text(node)}",
            self.source.place(node),
        )
        return Apply(expr.type.of, f"not_none(b, {{0}}, {none}, {{site}})", (expr,), site)

    def _to_optional(self, expr: Expr, kind: OptionalType, node: ast.AST, what: str) -> Expr:
        if isinstance(expr.type, NoneOnly):
            return Literal(kind, none_code(kind))
        if isinstance(expr.type, OptionalType):
            inner = self.coerce(Apply(expr.type.of, "{0}", (expr,)), kind.of, node, what)
            if none_code(expr.type) == none_code(kind) and not isinstance(inner, Apply):
                return Apply(kind, "{0}", (expr,))
            return Apply(
                kind, f"({{0}} == {none_code(expr.type)} ? {none_code(kind)} : {{1}})", (expr, inner)
            )
        return Apply(kind, "{0}", (self.coerce(expr, kind.of, node, what),))

    def common(self, a: Expr, b: Expr, node: ast.AST) -> Any:
        if isinstance(a.type, SetType) and isinstance(b.type, SetType):
            return a.type if isinstance(b, Literal) and b.code == 0 else b.type
        kind = None if isinstance(a.type, SetType) or isinstance(b.type, SetType) else join(a.type, b.type)
        if kind is None:
            self.source.type_error(
                node,
                f"{describe(a.type)} and {describe(b.type)} are never equal",
                "compare values of one type",
            )
        return kind

    def literal(self, value: Any, node: ast.AST) -> Expr:
        if isinstance(value, (set, frozenset)):
            return self._constant_set(value, node)
        if isinstance(value, Index):
            size = len(type(value))
            if not 0 <= int(value) < size:
                self.source.type_error(
                    node,
                    f"{value!r} does not exist: there are {size}",
                    "raise the bound, or name another member",
                )
        kind = type_of_constant(value)
        if kind is None:
            self.source.type_error(
                node,
                f"{shown(value)} is not a value of the language",
                "use bools, enum members, indexes, numbers, None, tuples and sets",
            )
        return Literal(kind, encode(kind, value))

    def _constant_set(self, value: Any, node: ast.AST) -> Expr:
        kinds = {type_of_constant(member) for member in value}
        if not kinds:
            return Literal(SetType(BOOL), 0)
        kind = None
        for one in kinds:
            kind = one if kind is None else join(kind, one)
        if kind is None:
            self.source.type_error(
                node, "the members of this set are of several types", "keep one type in a set"
            )
        result = self.set_type(kind, node)
        return Literal(result, encode(result, value))

    def set_type(self, member: Any, node: ast.AST) -> SetType:
        kind = SetType(member)
        if set_size(kind) > SET_LIMIT:
            self.source.type_error(
                node,
                f"{describe(kind)} has {set_size(kind)} possible members",
                f"a set holds at most {SET_LIMIT}: lower a bound",
            )
        return kind

    def load(self, ref: Ref) -> Expr:
        return Load(ref.type, ref.root, self.unit.leaf(ref.key, ref.sizes, ref.type), ref.index)

    def fresh(self, name: str, kind: Any) -> Variable:
        return Variable(name, kind, unique(self.names, name))

    def pack_tuple(self, items: list[Expr], kind: TupleType, node: ast.AST) -> Expr:
        code = "0"
        for position, item in enumerate(kind.items):
            low, high = code_range(item)
            code = f"({code} * {high - low + 1} + ({{{position}}} - ({low})))"
        parts = tuple(
            self.coerce(expr, item, node, "a tuple's item")
            for expr, item in zip(items, kind.items, strict=True)
        )
        return Apply(kind, code, parts)

    def _tuple_code(self, pair: Pair, node: ast.AST) -> Expr:
        items = [self.as_expr(item, node) for item in pair.items]
        return self.pack_tuple(items, TupleType(tuple(item.type for item in items)), node)

    def parts(self, expr: Expr) -> list[Expr]:
        """The items of a tuple code, last one fastest."""
        assert isinstance(expr.type, TupleType)
        parts: list[Expr] = []
        divisor = 1
        for item in reversed(expr.type.items):
            low, high = code_range(item)
            size = high - low + 1
            parts.append(Apply(item, f"({{0}} / {divisor} % {size} + ({low}))", (expr,)))
            divisor *= size
        return parts[::-1]

    def _family_set(self, family: Family) -> Expr:
        result = SetType(family.member)
        low, _ = code_range(family.member)
        masks = tuple(sum(1 << (code - low) for code in row) for row in family.domain.rows)
        if len(masks) == 1:
            return Literal(result, masks[0])
        return Apply(result, f"{self.unit.table(masks)}[{{0}}]", (family.domain.row,))

    def as_member(self, set_type: SetType, node: ast.expr) -> Expr:
        """An element for a set: tuples are matched item by item, so that (va, page) finds its Set[tuple[Va, Page]]."""
        value = self.value(node)
        if isinstance(set_type.of, TupleType):
            if isinstance(value, Constant) and isinstance(value.value, tuple):
                value = Pair(tuple(Constant(item) for item in value.value))
            if isinstance(value, Pair) and len(value.items) == len(set_type.of.items):
                return self.pack_tuple([self.as_expr(item, node) for item in value.items], set_type.of, node)
        return self.coerce(self.as_expr(value, node), set_type.of, node, "a member of this set")

    def call_helper(self, function: Callable[..., Any], arguments: list[Value], node: ast.AST) -> Value:
        """A helper in an expression: it may neither write nor choose.  (helpers.py specialises it.)"""
        raise NotImplementedError
