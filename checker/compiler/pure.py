"""Pure functions of scalars: Python evaluates them while compiling, for all their arguments."""

from __future__ import annotations

import ast
import inspect
import itertools
import math
from collections.abc import Callable, Iterable
from typing import Any

from checker.compiler.codes import code_range, decode, encode, join_all, type_of_constant
from checker.compiler.conversion import Conversion
from checker.compiler.ir import Apply, Expr, Literal, Rows
from checker.compiler.source import positions_of, signature_of
from checker.compiler.values import Constant, Family, Value
from checker.language.types import RangeType

TABLE_LIMIT = 1 << 12  # combinations of arguments a pure function is tabulated for
COLLECTIONS = (list, tuple, range, set, frozenset)


class PureFunctions(Conversion):
    """A call of a pure function becomes a look-up: nothing of it needs to be translated."""

    def arguments(
        self, function: Callable[..., Any], node: ast.Call, first: Value | None = None
    ) -> list[Value]:
        """Positional, keyword and default arguments in the order of the parameters."""
        given: list[Value] = [] if first is None else [first]
        for item in node.args:
            if isinstance(item, ast.Starred):
                self.source.unsupported(item, "*arguments are not in the language", "write the arguments out")
            given.append(self.value(item))
        named: dict[str, Value] = {}
        for keyword in node.keywords:
            if keyword.arg is None:
                self.source.unsupported(
                    keyword.value, "**arguments are not in the language", "write the arguments out"
                )
            named[keyword.arg] = self.value(keyword.value)
        signature = signature_of(function)
        if not named and len(given) == positions_of(function):
            return given
        try:
            bound = signature.bind(*given, **named)
        except TypeError as error:
            self.source.type_error(node, f"{function.__name__}(): {error}", "see its definition")
        values = []
        for name, parameter in signature.parameters.items():
            values.append(bound.arguments[name] if name in bound.arguments else Constant(parameter.default))
        return values

    def tabulate(self, function: Callable[..., Any], arguments: list[Value], node: ast.AST) -> Value:
        """A pure function of scalars, evaluated by Python itself for every combination of their values."""
        self.unit.tabulated.add(function)
        exprs = [self.as_expr(argument, node) for argument in arguments]
        ranges = [code_range(expr.type) for expr in exprs]
        total = math.prod(high - low + 1 for low, high in ranges)
        if total > TABLE_LIMIT:
            self.source.unsupported(
                node,
                f"{function.__name__}() would be tabulated for {total} combinations",
                "narrow its arguments",
            )
        codes = itertools.product(*(range(low, high + 1) for low, high in ranges))
        results = [function(*(decode(e.type, c) for e, c in zip(exprs, row, strict=True))) for row in codes]
        place: Expr = Literal(RangeType(0, 0), 0)
        for expr, (low, high) in zip(exprs, ranges, strict=True):
            digit = f"({{0}} * {high - low + 1} + ({{1}} - ({low})))"
            place = Apply(RangeType(0, total - 1), digit, (place, expr))
        return self.tabulated(results, place, node)

    def tabulated(self, results: list[Any], code: Expr, node: ast.AST) -> Value:
        """The value of a pure function whose results for the codes 0, 1, … are known."""
        if all(isinstance(r, COLLECTIONS) or inspect.isgenerator(r) for r in results):
            return self.family([in_order(result) for result in results], code, node)
        kind = join_all(map(type_of_constant, results))
        if kind is None:
            self.source.type_error(
                node,
                f"{self.source.text(node)} is no value of the language",
                "return bools, indexes, enum members or numbers",
            )
        codes = tuple(encode(kind, result) for result in results)
        if len(set(codes)) == 1:
            return Literal(kind, codes[0])
        return Apply(kind, f"{self.unit.table(codes)}[{{0}}]", (code,))

    def family(self, lists: list[list[Any]], code: Expr, node: ast.AST) -> Family:
        """The members that a pure function lists for each code."""
        members = [type_of_constant(member) for row in lists for member in row]
        kind = join_all(members) if members else RangeType(0, 0)
        if kind is None:
            self.source.type_error(
                node, "a loop needs members of one type", "list members of one Index or Enum"
            )
        rows = tuple(tuple(encode(kind, member) for member in row) for row in lists)
        if any(len(set(row)) != len(row) for row in rows):
            self.source.unsupported(node, "a member is listed twice", "a loop ranges over different members")
        return Family(Rows(rows, code), kind)


def in_order(members: Iterable[Any]) -> list[Any]:
    """The members of a collection as a loop meets them."""
    return sorted(members) if isinstance(members, (set, frozenset)) else list(members)
