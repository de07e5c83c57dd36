"""Sets and tuples: writing them out, asking what is in them, combining them."""

from __future__ import annotations

import ast
from typing import Any

from checker.compiler import arithmetic
from checker.compiler.codes import BOOL, describe, join, none_code, type_of_class
from checker.compiler.conversion import Conversion
from checker.compiler.ir import Apply, Expr, Literal
from checker.compiler.values import Constant, Method, Pair, Ref, Value
from checker.compiler.wording import a
from checker.language.types import OptionalType, SetType


class Sets(Conversion):
    """A set is one word, a bit for each possible member; a tuple is one number."""

    def value_tuple(self, node: ast.Tuple) -> Value:
        values = tuple(self.value(item) for item in node.elts)
        if all(isinstance(value, Constant) for value in values):
            return Constant(tuple(value.value for value in values if isinstance(value, Constant)))
        return Pair(values)

    def value_set(self, node: ast.Set) -> Expr:
        members = [self.scalar(item) for item in node.elts]
        kind: Any = members[0].type
        for member in members[1:]:
            kind = join(kind, member.type)
            if kind is None:
                self.source.type_error(
                    node, "the members of this set are of several types", "keep one type in a set"
                )
        result = self.set_type(kind, node)
        value: Expr = Literal(result, 0)
        for member in members:
            value = Apply(
                result,
                "({0} | {1})",
                (value, arithmetic.element_bit(result, self.coerce(member, kind, node, "a member"))),
            )
        return value

    def inside(self, left: ast.expr, right: ast.expr) -> Expr:
        container = self.value(right)
        if isinstance(container, Constant) and isinstance(container.value, (tuple, list, dict)):
            container = Pair(tuple(map(Constant, container.value)))
        if isinstance(container, Constant) and isinstance(container.value, type):
            return self._of_class(left, container.value)
        if isinstance(container, Constant) and isinstance(container.value, range):
            return self._in_range(left, container.value)
        if isinstance(container, Pair):
            return self._one_of(left, container)
        members = self.as_expr(container, right)
        if not isinstance(members.type, SetType):
            self.source.type_error(
                right,
                f"`in` needs a set, and this is {a(describe(members.type))}",
                "use a Set or a tuple of values",
            )
        return self._in_set(members, left)

    def _of_class(self, left: ast.expr, owner: type) -> Expr:
        """`x in Page`: only None is not."""
        value = self.scalar(left)
        kind = value.type
        inner = kind.of if isinstance(kind, OptionalType) else kind
        if type_of_class(owner) != inner:
            self.source.type_error(
                left,
                f"{a(describe(kind))} is never in {owner.__name__}",
                "ask it of a member of that Index or Enum, or of None",
            )
        if isinstance(kind, OptionalType):
            return Apply(BOOL, f"({{0}} != {none_code(kind)})", (value,))
        return Literal(BOOL, 1)

    def _in_range(self, left: ast.expr, span: range) -> Expr:
        value = self.number(left)
        if span.step < 0:
            span = span[::-1]
        test = f"{{0}} >= {span.start} && {{0}} < {span.stop}"
        if span.step != 1:
            test += f" && ({{0}} - ({span.start})) % {span.step} == 0"
        return Apply(BOOL, f"({test})", (value,))

    def _in_set(self, members: Expr, left: ast.expr) -> Expr:
        assert isinstance(members.type, SetType)
        value = self.value(left)
        if isinstance(value, Expr) and isinstance(value.type, OptionalType):
            none = none_code(value.type)
            inside = arithmetic.member_of(
                members.type,
                members,
                self.coerce(Apply(value.type.of, "{0}", (value,)), members.type.of, left, "a member"),
            )
            return Apply(BOOL, f"({{0}} != {none} && {{1}})", (value, inside))
        return arithmetic.member_of(members.type, members, self.as_member(members.type, left))

    def _one_of(self, left: ast.expr, options: Pair) -> Expr:
        value = self.scalar(left)
        result: Expr = Literal(BOOL, 0)
        for option in options.items:
            candidate = self.as_expr(option, left)
            kind = self.common(value, candidate, left)
            same = Apply(
                BOOL,
                "({0} == {1})",
                (self.coerce(value, kind, left, "it"), self.coerce(candidate, kind, left, "it")),
            )
            result = same if isinstance(result, Literal) else Apply(BOOL, "({0} || {1})", (result, same))
        return result

    def set_method(self, method: Method, node: ast.Call) -> Value:
        owner = self.as_expr(method.owner, node)
        assert isinstance(owner.type, SetType)
        operators = {
            "union": ast.BitOr,
            "intersection": ast.BitAnd,
            "difference": ast.Sub,
            "symmetric_difference": ast.BitXor,
        }
        if method.name in operators and len(node.args) == 1:
            other = self.coerce(self.scalar(node.args[0]), owner.type, node, "the other set")
            return arithmetic.binary(self.source, node, operators[method.name](), owner, other)
        if method.name in ("issubset", "issuperset", "isdisjoint") and len(node.args) == 1:
            other = self.coerce(self.scalar(node.args[0]), owner.type, node, "the other set")
            template = {
                "issubset": "(({0} & ~{1}) == 0)",
                "issuperset": "(({1} & ~{0}) == 0)",
                "isdisjoint": "(({0} & {1}) == 0)",
            }
            return Apply(BOOL, template[method.name], (owner, other))
        if method.name == "pop":
            self.source.unsupported(node, "pop() takes any one", "write x = choose(S), and then S.discard(x)")
        if not isinstance(method.owner, Ref):
            self.source.unsupported(
                node,
                f".{method.name}() of a set that is a value: only sets of the state change in place",
                "give the local another value: s = s | {x}, s = s - {x}",
            )
        if method.name in ("add", "discard", "remove", "clear", "update", "assign"):
            self.source.unsupported(
                node, f".{method.name}() writes, inside an expression", "make it a statement of its own"
            )
        self.source.unknown(
            node,
            f"a set has no method `{method.name}`",
            "use add, discard, remove, clear, update, assign, or | & - in len",
        )
