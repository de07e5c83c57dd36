"""What a Python value is as a C value of some type: the ground that all lowering stands on."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from checker.compiler import advice, arithmetic
from checker.compiler.codes import (
    BOOL,
    EMPTY,
    SET_LIMIT,
    NoneOnly,
    code_range,
    contains,
    decode,
    describe,
    encode,
    is_number,
    is_scalar,
    join,
    join_all,
    none_code,
    set_size,
    set_words,
    type_of_constant,
)
from checker.compiler.ir import Apply, Bits, Counted, Expr, Fold, Literal, Load, Read, Selected, Variable
from checker.compiler.ir_statements import Site
from checker.compiler.source import Extent, Source, extent
from checker.compiler.unit import Unit, unique
from checker.compiler.values import Constant, Family, Pair, Ref, Value, taken_apart
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
        """What an expression means, by the method for its kind of node."""
        method = getattr(self, f"value_{type(node).__name__.lower()}", None)
        if method is None:
            usual = type(node).__name__, "write it with names, fields, comparisons and loops"
            what, instead = advice.EXPRESSIONS.get(type(node), usual)
            self.source.unsupported(node, f"{what} is not in the language", instead)
        result: Value = method(node)
        return result

    def scalar(self, node: ast.expr) -> Expr:
        return self.as_expr(self.value(node), node)

    def boolean(self, node: ast.expr) -> Expr:
        """A condition.  Numbers, None and sets have no truth value: 0 and None are too easily confused."""
        expr = self.scalar(node)
        if not isinstance(expr.type, BoolType):
            self.source.type_error(
                node,
                f"only bools have a truth value, and this is {a(describe(expr.type))}",
                "write `... is True`, or ask `is not None`"
                if expr.type == OptionalType(BOOL)
                else "compare it: `is not None`, `== 0`, `in`, `len(...) > 0`",
            )
        number = self.conditions.get(extent(node))
        return expr if number is None else Counted(BOOL, number, expr)

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
        if isinstance(kind, SetType) and isinstance(expr.type, SetType) and is_zero(expr):
            return Literal(kind, 0)
        if isinstance(kind, SetType) and expr.type == EMPTY:
            return Apply(kind, "{0}", (expr,))
        if isinstance(kind, TupleType) and isinstance(expr.type, TupleType):
            if len(kind.items) == len(expr.type.items):
                return self.pack_tuple(self.parts(expr), kind, node)
        elif isinstance(kind, SetType) and isinstance(expr.type, SetType):
            if join(kind.of, expr.type.of) is not None:
                return self._set_of(kind, expr, node)
        elif contains(kind, expr.type):
            return Apply(kind, "{0}", (expr,))
        self.source.type_error(
            node,
            f"{what} is {a(describe(kind))}, and this is {a(describe(expr.type))}",
            f"give it {a(describe(kind))}",
        )

    def _set_of(self, kind: SetType, expr: Expr, node: ast.AST) -> Expr:
        """The same members, numbered as those of another set are."""
        assert isinstance(expr.type, SetType)
        if isinstance(expr, Literal) and contains(kind.of, expr.type.of):
            return Literal(kind, encode(kind, decode(expr.type, expr.code)))
        variable = self.fresh("member", expr.type.of)
        member = self.coerce(Read(expr.type.of, variable), kind.of, node, "a member")
        return Fold(kind, "set", ((variable, Bits(expr)),), ((),), ((),), member)

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
        if not isinstance(expr.type, OptionalType):
            return Apply(kind, "{0}", (self.coerce(expr, kind.of, node, what),))
        inner = self.coerce(Apply(expr.type.of, "{0}", (expr,)), kind.of, node, what)
        return Apply(kind, f"({{0}} == {none_code(expr.type)} ? {none_code(kind)} : {{1}})", (expr, inner))

    def common(self, one: Expr, other: Expr, node: ast.AST) -> Any:
        """The type in which two values are compared."""
        if isinstance(one.type, SetType) and isinstance(other.type, SetType):
            if is_zero(other) or other.type == EMPTY:
                return one.type
            return join(one.type, other.type) or other.type
        sets = isinstance(one.type, SetType) or isinstance(other.type, SetType)
        kind = None if sets else join(one.type, other.type)
        if kind is None:
            self.source.type_error(
                node,
                f"{describe(one.type)} and {describe(other.type)} are never equal",
                "compare values of one type",
            )
        return kind

    def literal(self, value: Any, node: ast.AST) -> Expr:
        """A Python constant, if the language has such values."""
        if isinstance(value, (set, frozenset)):
            return self._constant_set(value, node)
        if isinstance(value, Index) and not 0 <= int(value) < len(type(value)):
            self.source.type_error(
                node,
                f"{value!r} does not exist: there are {len(type(value))}",
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
        if not value:
            return Literal(EMPTY, 0)
        result = self.set_of([type_of_constant(member) for member in value], node)
        return Literal(result, encode(result, value))

    def set_of(self, members: list[Any], node: ast.AST) -> SetType:
        """The type of a set that is written out."""
        kind = join_all(members)
        if kind is None:
            self.source.type_error(
                node, "the members of this set are of several types", "keep one type in a set"
            )
        return self.set_type(kind, node)

    def set_type(self, member: Any, node: ast.AST) -> SetType:
        """Sets of `member`, if they fit into one word."""
        kind = SetType(member)
        if not is_scalar(member):
            self.source.type_error(
                node, f"{a(describe(member))} cannot be in a set", "put indexes, enum members or tuples in it"
            )
        if set_size(kind) > SET_LIMIT:
            self.source.type_error(
                node,
                f"{describe(kind)} has {set_size(kind)} possible members",
                f"a set holds at most {SET_LIMIT}: lower a bound",
            )
        if set_words(kind) > 1 and self.unit.wide_set is None:
            self.unit.wide_set = kind, self.source.place(node)
        return kind

    def load(self, ref: Ref) -> Expr:
        return Load(ref.type, ref.root, self.unit.leaf(ref.key, ref.sizes, ref.type), ref.index)

    def selected(self, variant: int) -> Selected:
        self.unit.selects = True
        return Selected(BOOL, variant)

    def fresh(self, name: str, kind: Any) -> Variable:
        """A variable whose C name nothing else in the function has."""
        return Variable(name, kind, unique(self.names, name))

    def pack_tuple(self, items: list[Expr], kind: TupleType, node: ast.AST) -> Expr:
        """One number for a tuple: its items are digits, each in the base of its own type."""
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
        """The items of a tuple's number: `pack_tuple` backwards."""
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
        """block.pages as a set: a table of masks instead of one of members."""
        result = SetType(family.member)
        low, _ = code_range(family.member)
        masks = tuple(sum(1 << (code - low) for code in row) for row in family.domain.rows)
        if len(masks) == 1:
            return Literal(result, masks[0])
        return Apply(result, f"{self.unit.table(masks)}[{{0}}]", (family.domain.row,))

    def as_member(self, set_type: SetType, node: ast.expr) -> Expr:
        """An element for a set.

        Tuples are matched item by item, so that (va, page) finds its place in a Set[tuple[Va, Page]].
        """
        value = self.value(node)
        if isinstance(set_type.of, TupleType):
            value = taken_apart(value)
            if isinstance(value, Pair) and len(value.items) == len(set_type.of.items):
                return self.pack_tuple([self.as_expr(item, node) for item in value.items], set_type.of, node)
        return self.coerce(self.as_expr(value, node), set_type.of, node, "a member of this set")

    def as_number(self, value: Expr, node: ast.AST) -> Expr:
        """The number that a member of an IntEnum is."""
        raise NotImplementedError

    def call_helper(self, function: Callable[..., Any], arguments: list[Value], node: ast.AST) -> Value:
        """A helper in an expression, where it may neither write nor choose."""
        raise NotImplementedError


def is_zero(expr: Expr) -> bool:
    """Of a set: is it known to be empty?"""
    return isinstance(expr, Literal) and expr.code == 0
