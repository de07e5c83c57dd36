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
from checker.compiler.ir_statements import Site
from checker.compiler.source import Place, positions_of, signature_of
from checker.compiler.values import Constant, Family, Value
from checker.language.errors import CheckerError, model_frame
from checker.language.types import EnumType, RangeType, order_key

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
            if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
                self.source.unsupported(
                    node, f"{function.__name__}() takes `*{name}`", "give it a parameter for each value"
                )
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
        results = [
            self.tried(function, [decode(e.type, c) for e, c in zip(exprs, row, strict=True)], node)
            for row in codes
        ]
        place: Expr = Literal(RangeType(0, 0), 0)
        for expr, (low, high) in zip(exprs, ranges, strict=True):
            digit = f"({{0}} * {high - low + 1} + ({{1}} - ({low})))"
            place = Apply(RangeType(0, total - 1), digit, (place, expr))
        return self.tabulated(results, place, node)

    def tried(self, function: Callable[..., Any], arguments: list[Any], node: ast.AST) -> Any:
        """Its result, or how it fails for these arguments, which need not ever come up."""
        try:
            result = function(*arguments)
            return list(result) if inspect.isgenerator(result) else result
        except Exception as problem:
            known = (
                problem.text if isinstance(problem, CheckerError) else f"{type(problem).__name__}: {problem}"
            )
            found = model_frame(problem.__traceback__)
            own = found is not None and found[0] == function.__code__.co_filename
            place = Place(found[0], found[1], 0) if own and found is not None else self.source.place(node)
            return Site("model error", known, place)

    def as_number(self, value: Expr, node: ast.AST) -> Expr:
        """The number that a member of an IntEnum is; anything else as it is."""
        kind = value.type
        if not isinstance(kind, EnumType) or not issubclass(kind.enum, int):
            return value
        numbers = [int(member) for member in kind.enum]
        if isinstance(value, Literal):
            return Literal(RangeType(numbers[value.code], numbers[value.code]), numbers[value.code])
        found = self.tabulated(numbers, value, node)
        assert isinstance(found, Expr)
        return found

    def looked_up(self, function: Callable[[Any], Any], key: Expr, node: ast.AST) -> Value:
        """What a constant mapping has for a value that is only known when it runs."""
        low, high = code_range(key.type)
        if high - low >= TABLE_LIMIT:
            self.source.unsupported(node, f"a table of {high - low + 1} entries", "narrow the key")
        results = []
        for code in range(low, high + 1):
            value = decode(key.type, code)
            try:
                results.append(function(value))
            except LookupError:
                text = f"{self.source.text(node)}: there is nothing for {value!r}"
                results.append(Site("model error", text, self.source.place(node)))
        place = Apply(RangeType(0, high - low), f"({{0}} - ({low}))", (key,))
        return self.tabulated(results, place, node)

    def tabulated(self, results: list[Any], code: Expr, node: ast.AST) -> Value:
        """The value of a pure function whose results for the codes 0, 1, … are known."""
        failing = [result for result in results if isinstance(result, Site)]
        if failing:
            return self._tabulated_in_part(results, failing, code, node)
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

    def _tabulated_in_part(self, results: list[Any], failing: list[Site], code: Expr, node: ast.AST) -> Value:
        """It is a model error to ask for one of the results that are none."""
        found = [result for result in results if not isinstance(result, Site)]
        kind = join_all(map(type_of_constant, found)) if found else None
        if kind is None:
            self.source.type_error(
                node, f"{self.source.text(node)}: {failing[0].message}", "look at its definition"
            )
        low, high = code_range(kind)
        places = list(dict.fromkeys(site.place for site in failing))  # one number below for each
        codes = tuple(
            low - 1 - places.index(result.place) if isinstance(result, Site) else encode(kind, result)
            for result in results
        )
        value: Expr = Apply(RangeType(low - len(places), high), f"{self.unit.table(codes)}[{{0}}]", (code,))
        for number in reversed(range(len(places))):
            site = next(site for site in failing if site.place == places[number])
            none = low - 1 - number
            value = Apply(
                kind if number == 0 else RangeType(none + 1, high),
                f"not_none(b, {{0}}, {none}, {{site}})",
                (value,),
                site,
            )
        return value

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
    return sorted(members, key=order_key) if isinstance(members, (set, frozenset)) else list(members)
