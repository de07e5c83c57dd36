"""Operators, comparisons and conditional expressions."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from checker.compiler import advice, arithmetic, word_arithmetic
from checker.compiler.codes import BOOL, WORD_BITS, NoneOnly, code_range, describe, is_number, is_word, join
from checker.compiler.ir import Apply, Expr, Literal
from checker.compiler.sets import Sets
from checker.compiler.snapshots import Snapshots
from checker.compiler.source import extent
from checker.compiler.values import Constant, Pair, Ref, Snapshot, Value, taken_apart
from checker.language.errors import ModelError
from checker.language.types import OptionalType, RangeType, SetType, TupleType


class Operators(Sets, Snapshots):
    """What is known while compiling is folded: `if design.x:` leaves no trace in C."""

    def value_boolop(self, node: ast.BoolOp) -> Expr:
        sign, neutral = ("&&", 1) if isinstance(node.op, ast.And) else ("||", 0)
        result: Expr | None = None
        for item in node.values:
            operand = self.boolean(item)
            if isinstance(operand, Literal):
                if operand.code == neutral:
                    continue
                return operand if result is None else Apply(BOOL, f"({{0}} {sign} {{1}})", (result, operand))
            result = operand if result is None else Apply(BOOL, f"({{0}} {sign} {{1}})", (result, operand))
        return result if result is not None else Literal(BOOL, neutral)

    def value_unaryop(self, node: ast.UnaryOp) -> Value:
        if isinstance(node.op, ast.Not):
            operand = self.boolean(node.operand)
            return negated(operand)
        if isinstance(node.op, ast.USub | ast.Invert):
            word = self.unwrap(self.scalar(node.operand), node)
            if is_word(word.type):
                sign = "-" if isinstance(node.op, ast.USub) else "~"
                return word_arithmetic.unary(self.source, node, sign, word)
        if isinstance(node.op, ast.USub):
            value = self.number(node.operand)
            if isinstance(value, Literal):
                return Constant(-value.code)
            low, high = code_range(value.type)
            return Apply(RangeType(-high, -low), "(-{0})", (value,))
        self.source.unsupported(
            node, "`~` is for words", "of a bool write `not`; of bits, Unsigned(8)(x) is a word"
        )

    def value_binop(self, node: ast.BinOp) -> Value:
        left, right = (
            self.unwrap(self.scalar(node.left), node.left),
            self.unwrap(self.scalar(node.right), node.right),
        )
        left, right = self.as_number(left, node.left), self.as_number(right, node.right)
        if isinstance(node.op, ast.Pow):
            return self._power(left, right, node)
        if isinstance(left.type, SetType) and isinstance(right.type, SetType) and left.type != right.type:
            kind = self.common(left, right, node)
            left, right = self.coerce(left, kind, node, "a set"), self.coerce(right, kind, node, "a set")
        return arithmetic.binary(self.source, node, node.op, left, right)

    def _power(self, left: Expr, right: Expr, node: ast.BinOp) -> Expr:
        """2 ** 3, but no more: how large would it get?"""
        known = isinstance(left, Literal) and isinstance(right, Literal) and 0 <= right.code < WORD_BITS
        if known and is_number(left.type) and is_number(right.type):
            return self.literal(left.code**right.code, node)  # type: ignore[attr-defined]
        self.source.unsupported(node, "this `**` is not in the language", advice.OPERATORS[ast.Pow])

    def value_compare(self, node: ast.Compare) -> Expr:
        result: Expr | None = None
        left = node.left
        for operator, right in zip(node.ops, node.comparators, strict=True):
            one = self._comparison(left, operator, right)
            if result is None:
                result = one
            elif isinstance(result, Literal):
                result = one if result.code else result
            else:
                result = Apply(BOOL, "({0} && {1})", (result, one))
            left = right
        assert result is not None
        return result

    def _comparison(self, left: ast.expr, operator: ast.cmpop, right: ast.expr) -> Expr:
        if isinstance(operator, ast.In | ast.NotIn):
            inside = self.inside(left, right)
            return inside if isinstance(operator, ast.In) else negated(inside)
        one, other = self.value(left), self.value(right)
        if isinstance(one, Constant) and isinstance(other, Constant):
            try:
                return Literal(BOOL, int(_compare_constants(operator, one.value, other.value)))
            except (TypeError, ModelError) as error:
                self.source.type_error(left, str(error), "compare values of one type")
        if isinstance(one, Snapshot) or isinstance(other, Snapshot):
            return self.same_contents(one, other, operator, left)
        if isinstance(one, Ref) and isinstance(other, Ref) and not isinstance(one.type, SetType):
            return self._same_place(one, other, operator, left)
        if isinstance(operator, ast.Lt | ast.LtE | ast.Gt | ast.GtE):
            items = self._items(one, left), self._items(other, right)
            if items[0] and len(items[0]) == len(items[1]):
                return self._in_turn(operator, *items, left, right)
        a, b = self.as_expr(one, left), self.as_expr(other, right)
        if isinstance(operator, ast.Eq | ast.NotEq | ast.Is | ast.IsNot):
            return self._equality(a, operator, b, left, right)
        a, b = self.as_number(self.unwrap(a, left), left), self.as_number(self.unwrap(b, right), right)
        if isinstance(a.type, SetType) and isinstance(b.type, SetType) and a.type != b.type:
            kind = self.common(a, b, left)
            a, b = self.coerce(a, kind, left, "a set"), self.coerce(b, kind, right, "a set")
        return arithmetic.compare(self.source, left, operator, a, b)

    def _items(self, value: Value, node: ast.AST) -> list[Expr]:
        """Of a tuple; of anything else none."""
        value = taken_apart(value)
        if isinstance(value, Pair):
            return [self.as_expr(item, node) for item in value.items]
        kind = value.type if isinstance(value, Expr) else None
        inner = kind.of if isinstance(kind, OptionalType) else kind
        if isinstance(value, Expr) and isinstance(inner, TupleType):
            return self.parts(self.unwrap(value, node))
        return []

    def _in_turn(
        self, operator: ast.cmpop, ours: list[Expr], theirs: list[Expr], left: ast.expr, right: ast.expr
    ) -> Expr:
        """Tuples are ordered by the first items that differ."""
        one, other = self.unwrap(ours[0], left), self.unwrap(theirs[0], right)
        if len(ours) == 1:
            return arithmetic.compare(self.source, left, operator, one, other)
        strict = ast.Lt() if isinstance(operator, ast.Lt | ast.LtE) else ast.Gt()
        before = arithmetic.compare(self.source, left, strict, one, other)
        same = self._equality(one, ast.Eq(), other, left, right)
        rest = self._in_turn(operator, ours[1:], theirs[1:], left, right)
        return Apply(BOOL, "({0} || {1})", (before, Apply(BOOL, "({0} && {1})", (same, rest))))

    def _equality(self, a: Expr, operator: ast.cmpop, b: Expr, left: ast.expr, right: ast.expr) -> Expr:
        """None is compared with everything; whatever cannot be None differs from it."""
        nones = isinstance(a.type, NoneOnly) + isinstance(b.type, NoneOnly)
        optional = isinstance(a.type, OptionalType) or isinstance(b.type, OptionalType)
        if nones == 2 or (nones == 1 and not optional):
            return Literal(BOOL, int((nones == 2) == isinstance(operator, ast.Eq | ast.Is)))
        if is_number(a.type) != is_number(b.type):
            a, b = self.as_number(a, left), self.as_number(b, right)
        a, b = self._as_word(a, b, left), self._as_word(b, a, right)
        if is_word(a.type) and is_word(b.type):
            return arithmetic.compare(self.source, left, operator, a, b)
        kind = self.common(a, b, left)
        return arithmetic.compare(
            self.source,
            left,
            operator,
            self.coerce(a, kind, left, "the left side"),
            self.coerce(b, kind, right, "the right side"),
        )

    def _as_word(self, value: Expr, partner: Expr, node: ast.AST) -> Expr:
        """A number that is compared with a word, or with a word or None, is one of that type."""
        kind = partner.type.of if isinstance(partner.type, OptionalType) else partner.type
        if not is_word(kind) or not is_number(value.type):
            return value
        return word_arithmetic.operand(self.source, node, "==", value, Literal(kind, 0))

    def _same_place(self, one: Ref, other: Ref, operator: ast.cmpop, node: ast.AST) -> Expr:
        if isinstance(operator, ast.Eq | ast.NotEq):
            self.source.type_error(
                node, "two places are compared", "compare their values: frozen(a) == frozen(b)"
            )
        if one.key != other.key or one.root != other.root or not isinstance(operator, ast.Is | ast.IsNot):
            self.source.type_error(node, "two different kinds of place are compared", "compare their fields")
        same: Expr = Literal(BOOL, 1)
        for a, b in zip(one.index, other.index, strict=True):
            same = Apply(BOOL, "({0} && {1} == {2})", (same, a, b))
        return same if isinstance(operator, ast.Is) else Apply(BOOL, "!{0}", (same,))

    def value_ifexp(self, node: ast.IfExp) -> Value:
        test = self.boolean(node.test)
        if isinstance(test, Literal):
            return self._branch(node.body if test.code else node.orelse)
        then, other = (self.as_expr(self._branch(each), each) for each in (node.body, node.orelse))
        kind = join(then.type, other.type)
        if kind is None and isinstance(then.type, SetType):
            kind = self.common(then, other, node)
        if kind is None:
            self.source.type_error(
                node,
                f"this is {describe(then.type)} or {describe(other.type)}",
                "give both branches one type",
            )
        return Apply(
            kind,
            "({0} ? {1} : {2})",
            (test, self.coerce(then, kind, node, "it"), self.coerce(other, kind, node, "it")),
        )

    def _branch(self, node: ast.expr) -> Value:
        """A condition of a property is counted where it stands in a branch, too."""
        return self.boolean(node) if extent(node) in self.conditions else self.value(node)


def _compare_constants(operator: ast.cmpop, one: Any, other: Any) -> bool:
    results: dict[type, Callable[[], bool]] = {
        ast.Eq: lambda: one == other, ast.NotEq: lambda: one != other, ast.Is: lambda: one == other,
        ast.IsNot: lambda: one != other, ast.Lt: lambda: one < other, ast.LtE: lambda: one <= other,
        ast.Gt: lambda: one > other, ast.GtE: lambda: one >= other,
    }  # fmt: skip
    return results[type(operator)]()


def negated(test: Expr) -> Expr:
    return Literal(BOOL, 1 - test.code) if isinstance(test, Literal) else Apply(BOOL, "!{0}", (test,))
