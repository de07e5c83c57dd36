"""IR expressions as terms. A condition that goes wrong is noted with the condition under which it is met."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import z3

from checker.compiler.c_numbering import Numbering
from checker.compiler.ir import (
    Apply,
    Call,
    Counted,
    Expr,
    InOperation,
    Leaf,
    Literal,
    Load,
    Read,
    Variable,
)
from checker.compiler.ir_statements import Site
from checker.compiler.templates import Node, parsed
from checker.engines.bits import (
    WIDTH,
    Bit,
    Number,
    as_bit,
    as_number,
    calculate,
    choose,
    conj,
    disj,
    equal,
    known,
    less,
    neg,
    pattern,
    term,
)
from checker.engines.symbolic_state import State
from checker.language.types import BoolType, SetType, WordType


class Expressions:
    """Evaluates under `guard`: the condition on which the place in the program is reached at all."""

    def __init__(self, numbering: Numbering, points: dict[tuple[type, str], list[int]]) -> None:
        self.numbering = numbering
        self.points = points
        self.tables = {name: values for values, name in numbering.tables.items()}
        self.roots: dict[str, State] = {}
        self.env: dict[Variable, Any] = {}
        self.me: Number = 0
        self.guard: Bit = True
        self.faults: list[tuple[Bit, Site]] = []

    def fault(self, wrong: Bit, site: Site) -> None:
        met = conj(self.guard, wrong)
        if met is not False:
            self.faults.append((met, site))

    def under(self, condition: Bit, work: Callable[[], Any]) -> Any:
        """The value of something that is only looked at where the condition holds."""
        before = self.guard
        self.guard = conj(before, condition)
        try:
            return work()
        finally:
            self.guard = before

    # ---- expressions ----------------------------------------------------------------------------------

    def expr(self, expr: Expr) -> Any:
        """A truth value for a bool, else a number: the code in 64 bits."""
        value = getattr(self, f"_{type(expr).__name__.lower()}")(expr)
        return as_bit(value) if isinstance(expr.type, BoolType) else as_number(value)

    def bit(self, expr: Expr) -> Bit:
        return as_bit(self.expr(expr))

    def number(self, expr: Expr) -> Number:
        return as_number(self.expr(expr))

    def _literal(self, expr: Literal) -> Any:
        return pattern(expr.code)

    def _read(self, expr: Read) -> Any:
        return self.me if expr.variable.cname == "me" else self.env[expr.variable]

    def _counted(self, expr: Counted) -> Any:
        return self.expr(expr.value)

    def _load(self, expr: Load) -> Any:
        key = expr.leaf.key
        if key in self.numbering.constants:
            values: list[Any] = [pattern(code) for code in self.numbering.constants[key]]
        else:
            values = self.roots[expr.root][key]
        return element(values, self.position(expr.leaf, expr.index))

    def position(self, leaf: Leaf, index: tuple[Expr, ...]) -> Number:
        at: Number = 0
        for size, expr in zip(leaf.sizes, index, strict=True):
            at = calculate("+", calculate("*", at, size, False), self.number(expr), False)
        return at

    def _inoperation(self, expr: InOperation) -> Bit:
        member = self.number(expr.member)
        pcs = self.roots[expr.root].get(("pc", expr.actor))
        if pcs is None:
            return False
        pc = element(pcs, member)
        if not expr.operations:
            return neg(equal(pc, 0))
        tests = [False]
        for name in expr.operations:
            numbers = self.points.get((expr.actor, name), [])
            if numbers:
                tests.append(conj(neg(less(pc, min(numbers), True)), neg(less(max(numbers), pc, True))))
        return disj(*tests)

    def _call(self, expr: Call) -> Any:
        raise NotImplementedError  # needs statements

    # ---- operators: what their C text says ------------------------------------------------------------

    def _apply(self, expr: Apply) -> Any:
        return self._node(parsed(expr.operator), expr)[0]

    def _node(self, node: Node, expr: Apply) -> tuple[Any, bool]:
        """The value, and whether C takes it as unsigned."""
        result: tuple[Any, bool] = getattr(self, f"_c_{node.kind}")(node, expr)
        return result

    def _c_number(self, node: Node, expr: Apply) -> tuple[Any, bool]:
        return node.number, False

    def _c_name(self, node: Node, expr: Apply) -> tuple[Any, bool]:
        return {"INT64_MAX": (1 << 63) - 1, "true": True, "false": False}[node.text], False

    def _c_argument(self, node: Node, expr: Apply) -> tuple[Any, bool]:
        argument = expr.arguments[node.number]
        return self.expr(argument), isinstance(argument.type, SetType | WordType)

    def _c_cast(self, node: Node, expr: Apply) -> tuple[Any, bool]:
        value, _ = self._node(node.parts[0], expr)
        if node.text == "bool":
            return as_bit(value), False
        return as_number(value), node.text == "uint64_t"

    def _c_unary(self, node: Node, expr: Apply) -> tuple[Any, bool]:
        value, unsigned = self._node(node.parts[0], expr)
        if node.text == "!":
            return neg(as_bit(value)), False
        number = as_number(value)
        if node.text == "-":
            return calculate("-", 0, number, unsigned), unsigned
        return calculate("^", number, pattern(-1), unsigned), unsigned

    def _c_choice(self, node: Node, expr: Apply) -> tuple[Any, bool]:
        test = as_bit(self._node(node.parts[0], expr)[0])
        then, one = self.under(test, lambda: self._node(node.parts[1], expr))
        other, two = self.under(neg(test), lambda: self._node(node.parts[2], expr))
        if known(test):
            return (then, one) if test else (other, two)
        if not (isinstance(then, bool | z3.BoolRef) and isinstance(other, bool | z3.BoolRef)):
            then, other = as_number(then), as_number(other)
        return choose(test, then, other), one or two

    def _c_binary(self, node: Node, expr: Apply) -> tuple[Any, bool]:
        left, one = self._node(node.parts[0], expr)
        if node.text in ("&&", "||"):
            first = as_bit(left)
            going = first if node.text == "&&" else neg(first)
            if going is False:
                return first, False
            second = as_bit(self.under(going, lambda: self._node(node.parts[1], expr))[0])
            return (conj if node.text == "&&" else disj)(first, second), False
        right, two = self._node(node.parts[1], expr)
        if node.text in ("==", "!="):
            return equal(left, right) if node.text == "==" else neg(equal(left, right)), False
        a, b = as_number(left), as_number(right)
        if node.text in ("<<", ">>"):
            return calculate(node.text, a, b, one), one
        unsigned = one or two
        if node.text in ("<", ">", "<=", ">="):
            first, second = (a, b) if node.text in ("<", ">=") else (b, a)
            below = less(first, second, unsigned)
            return (below if node.text in ("<", ">") else neg(below)), False
        return calculate(node.text, a, b, unsigned), unsigned

    def _c_element(self, node: Node, expr: Apply) -> tuple[Any, bool]:
        values = [pattern(value) for value in self._table(node.text)]
        return element(values, as_number(self._node(node.parts[0], expr)[0])), max(values) >> 31 == 1

    def _table(self, name: str) -> tuple[int, ...]:
        if name not in self.tables:
            self.tables = {name: values for values, name in self.numbering.tables.items()}
        return self.tables[name]

    def _c_call(self, node: Node, expr: Apply) -> tuple[Any, bool]:
        parts = [part for part in node.parts if part.kind != "site" and part.text != "b"]
        numbers = [as_number(self._node(part, expr)[0]) for part in parts]
        return getattr(self, f"_f_{node.text.strip('_').lower()}")(expr.check, *numbers)

    def _f_uint64_c(self, site: Site | None, number: Number) -> tuple[Any, bool]:
        return number, True

    def _f_in_range(self, site: Site, value: Number, low: Number, high: Number) -> tuple[Any, bool]:
        wrong = disj(less(value, low, False), less(high, value, False))
        self.fault(wrong, site)
        return choose(wrong, low, value), False

    def _f_not_none(self, site: Site, value: Number, none: Number) -> tuple[Any, bool]:
        wrong = equal(value, none)
        self.fault(wrong, site)
        return choose(wrong, calculate("+", none, 1, False), value), False

    def _f_floor_quotient(self, site: Site | None, a: Number, b: Number) -> tuple[Any, bool]:
        quotient, rest = calculate("/", a, b, False), calculate("%", a, b, False)
        down = conj(neg(equal(rest, 0)), neg(equal(less(a, 0, False), less(b, 0, False))))
        return calculate("-", quotient, as_number(down), False), False

    def _f_floor_remainder(self, site: Site | None, a: Number, b: Number) -> tuple[Any, bool]:
        quotient, _ = self._f_floor_quotient(site, a, b)
        return calculate("-", a, calculate("*", b, quotient, False), False), False

    def _f_extended(self, site: Site | None, value: Number, bits: int) -> tuple[Any, bool]:
        away = WIDTH - bits
        return calculate(">>", calculate("<<", value, away, True), away, False), False

    def _f_word_quotient(self, site: Site | None, a: Number, b: Number) -> tuple[Any, bool]:
        return calculate("/", a, b, False), True

    def _f_word_remainder(self, site: Site | None, a: Number, b: Number) -> tuple[Any, bool]:
        return calculate("%", a, b, False), True

    def _f_builtin_popcountll(self, site: Site | None, value: Number) -> tuple[Any, bool]:
        total: Number = 0
        for at in range(WIDTH):
            total = calculate("+", total, calculate("&", calculate(">>", value, at, True), 1, True), False)
        return total, False


def element(values: list[Any], at: Number) -> Any:
    """values[at]"""
    if isinstance(at, int):
        return values[at] if at < len(values) else 0
    result = values[-1]
    for number in reversed(range(len(values) - 1)):
        result = choose(at == term(number), values[number], result)
    return result
