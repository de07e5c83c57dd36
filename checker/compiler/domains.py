"""What a loop ranges over."""

from __future__ import annotations

import ast
import inspect
from typing import Any

from checker.compiler.codes import code_range, decode, describe, is_scalar, type_of_class
from checker.compiler.ir import Bits, Domain, Expr, Literal, Read, Rows, Span, Variable
from checker.compiler.pure import PureFunctions, in_order
from checker.compiler.values import Constant, Family, Pair, Ref, Value
from checker.compiler.wording import a, shown
from checker.language.types import ArrayType, RangeType, SetType, TupleType


class Domains(PureFunctions):
    """Domains of `for` and of comprehensions, and the variables they bind."""

    def domain(self, node: ast.expr) -> tuple[Domain, Any]:
        """What a loop ranges over, and the type of its members."""
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "range"
            and "range" not in self.scope
        ):
            return self._range(node)
        value = self._known(self.iterated(node))
        if isinstance(value, Constant):
            return self._constant_domain(value.value, node)
        if isinstance(value, Family):
            return value.domain, value.member
        if isinstance(value, Ref) and isinstance(value.type, ArrayType):
            self.source.unsupported(
                node,
                "a loop over an array of the state",
                f"loop over its index: for i in {value.type.index.__name__}",
            )
        members = self.as_expr(value, node)
        if not isinstance(members.type, SetType):
            self.source.type_error(
                node,
                f"a loop needs a finite collection, and this is {a(describe(members.type))}",
                "loop over an Index, an Enum, a range or a set",
            )
        return Bits(members), members.type.of

    def _known(self, value: Value) -> Value:
        """(Page(0), Page(2)) is known while compiling."""
        if not isinstance(value, Pair) or not all(
            isinstance(item, Constant | Literal) for item in value.items
        ):
            return value
        return Constant(
            tuple(
                item.value if isinstance(item, Constant) else decode(item.type, item.code)
                for item in value.items
                if isinstance(item, Constant | Literal)
            )
        )

    def iterated(self, node: ast.expr) -> Value:
        """Functions of scalars that list members are tabulated; all else is an ordinary value."""
        if isinstance(node, ast.Call):
            function = self.value(node.func)
            if isinstance(function, Constant) and inspect.isfunction(function.value):
                arguments = self.arguments(function.value, node)
                if all(
                    isinstance(a, Constant) or (isinstance(a, Expr) and is_scalar(a.type)) for a in arguments
                ):
                    return self.tabulate(function.value, arguments, node)
        return self.value(node)

    def _constant_domain(self, value: Any, node: ast.expr) -> tuple[Domain, Any]:
        kind = type_of_class(value) if isinstance(value, type) else None
        if kind is not None:
            return span(0, len(value)), kind
        if isinstance(value, range):
            family = self.family([list(value)], Literal(RangeType(0, 0), 0), node)
            return family.domain, family.member
        if isinstance(value, (tuple, list, set, frozenset)):
            family = self.family([in_order(value)], Literal(RangeType(0, 0), 0), node)
            return family.domain, family.member
        self.source.type_error(
            node, f"{shown(value)} cannot be looped over", "loop over an Index, an Enum, a range or a set"
        )

    def _range(self, node: ast.Call) -> tuple[Domain, Any]:
        bounds = [self.unwrap(self.number(argument), argument) for argument in node.args]
        low = bounds[0] if len(bounds) > 1 else Literal(RangeType(0, 0), 0)
        high = bounds[1] if len(bounds) > 1 else bounds[0]
        step = 1
        if len(bounds) == 3:
            if not isinstance(bounds[2], Literal) or bounds[2].code == 0:
                self.source.unsupported(
                    node, "a range's step must be a constant other than 0", "write the number"
                )
            step = bounds[2].code
        smallest, largest = code_range(low.type)[0], code_range(high.type)[1] - 1
        if step < 0:
            smallest, largest = code_range(high.type)[0] + 1, code_range(low.type)[1]
        return Span(low, high, step), RangeType(smallest, max(smallest, largest))

    def bind_target(self, target: ast.expr, member: Any) -> tuple[Variable, list[tuple[Variable, Expr]]]:
        """The loop's variable; a tuple target is taken apart at the start of each iteration."""
        if isinstance(target, ast.Name):
            variable = self.fresh(target.id, member)
            self.scope[target.id] = Read(member, variable)
            return variable, []
        if (
            isinstance(target, ast.Tuple)
            and isinstance(member, TupleType)
            and len(target.elts) == len(member.items)
        ):
            whole = self.fresh("entry", member)
            bound = []
            for item, part in zip(target.elts, self.parts(Read(member, whole)), strict=True):
                if not isinstance(item, ast.Name):
                    self.source.unsupported(
                        item, "a loop variable must be a name", "take it apart in the loop's body"
                    )
                variable = self.fresh(item.id, part.type)
                self.scope[item.id] = Read(part.type, variable)
                self.stale.discard(item.id)
                bound.append((variable, part))
            return whole, bound
        self.source.type_error(
            target,
            f"the members are {describe(member)}",
            "use one name, or as many names as a member has items",
        )


def span(low: int, high: int) -> Span:
    return Span(Literal(RangeType(low, low), low), Literal(RangeType(high, high), high))


def trips(domain: Domain, variable: Variable) -> int:
    if isinstance(domain, Span):
        low, high = code_range(domain.low.type)[0], code_range(domain.high.type)[1]
        if domain.step < 0:
            low, high = code_range(domain.high.type)[0], code_range(domain.low.type)[1]
        return max(0, -(-(high - low) // abs(domain.step)))
    if isinstance(domain, Rows):
        return max((len(row) for row in domain.rows), default=0)
    low, high = code_range(variable.type)
    return high - low + 1
