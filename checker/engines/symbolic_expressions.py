"""IR expressions as terms. A condition that goes wrong is noted with the condition under which it is met."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import z3

from checker.compiler.c_numbering import Numbering
from checker.compiler.codes import code_range
from checker.compiler.ir import (
    Apply,
    Bits,
    Call,
    Counted,
    Domain,
    Expr,
    Fold,
    InOperation,
    Leaf,
    Literal,
    Load,
    Read,
    Rows,
    Span,
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
    signed,
    term,
)
from checker.engines.symbolic_state import State
from checker.language.types import BoolType, SetType, WordType

Round = tuple[Number, Bit]  # a value of a loop's variable, and whether the loop has it


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

    # ---- loops inside expressions ---------------------------------------------------------------------

    def rounds(self, variable: Variable, domain: Domain) -> Iterator[Round]:
        """What a loop's variable goes through, in order, and whether it has each of these values."""
        if isinstance(domain, Span):
            return self._span(variable, domain)
        if isinstance(domain, Rows):
            return self._rows(domain)
        assert isinstance(domain, Bits)
        return self._bits(domain)

    def _span(self, variable: Variable, domain: Span) -> Iterator[Round]:
        low, high = self.number(domain.low), self.number(domain.high)
        if known(low) and known(high):
            for value in range(signed(low), signed(high), domain.step):
                yield pattern(value), True
            return
        smallest, largest = code_range(variable.type)
        values = range(smallest, largest + 1)
        for value in values if domain.step > 0 else reversed(values):
            number = pattern(value)
            after = neg(less(number, low, False)) if domain.step > 0 else neg(less(low, number, False))
            before = less(number, high, False) if domain.step > 0 else less(high, number, False)
            distance = calculate("-", number, low, False)
            on_step = equal(calculate("%", distance, pattern(abs(domain.step)), False), 0)
            yield number, conj(after, before, True if abs(domain.step) == 1 else on_step)

    def _rows(self, domain: Rows) -> Iterator[Round]:
        row = self.number(domain.row)
        if known(row):
            yield from ((pattern(member), True) for member in domain.rows[row])
            return
        for at in range(max(map(len, domain.rows))):
            members: list[Any] = [pattern(each[at]) if at < len(each) else 0 for each in domain.rows]
            lengths: list[Any] = [len(each) > at for each in domain.rows]
            yield element(members, row), element(lengths, row)

    def _bits(self, domain: Bits) -> Iterator[Round]:
        value = self.number(domain.value)
        assert isinstance(domain.value.type, SetType)
        low, high = code_range(domain.value.type.of)
        for at in range(high - low + 1):
            yield pattern(at + low), as_bit(calculate("&", calculate(">>", value, at, True), 1, True))

    def each_round(
        self, fold: Fold, work: Callable[[], None], going: Callable[[], Bit] = lambda: True
    ) -> None:
        """Does the work in each round of nested loops, under the condition that the round takes place.

        The conditions are relative to the fold's own: what is met is put under that one afterwards.
        """
        outside, self.guard = self.guard, True
        first = len(self.faults)
        try:
            self._nested(fold, 0, work, going)
        finally:
            self.guard = outside
        if outside is not True:
            self.faults[first:] = [(conj(outside, met), site) for met, site in self.faults[first:]]

    def _nested(self, fold: Fold, level: int, work: Callable[[], None], going: Callable[[], Bit]) -> None:
        if level == len(fold.loops):
            work()
            return
        variable, domain = fold.loops[level]
        before = self.guard
        for value, there in list(self.rounds(variable, domain)):
            self.guard = conj(before, there, going())
            self.env[variable] = as_bit(value) if isinstance(variable.type, BoolType) else value
            for bound, part in fold.bindings[level]:
                self.env[bound] = self.expr(part)
            for test in fold.filters[level]:
                self.guard = conj(self.guard, self.bit(test))
            if self.guard is not False:
                self._nested(fold, level + 1, work, going)
        self.guard = before

    def _fold(self, fold: Fold) -> Any:
        return getattr(self, f"_fold_{fold.kind}")(fold)

    def _fold_any(self, fold: Fold) -> Bit:
        return self._decided(fold, True)

    def _fold_all(self, fold: Fold) -> Bit:
        return neg(self._decided(fold, False))

    def _decided(self, fold: Fold, decisive: bool) -> Bit:
        """Whether some round decides; those after it are not looked at."""
        decided: Bit = False

        def look() -> None:
            nonlocal decided
            value = self.bit(fold.body)
            decided = disj(decided, conj(self.guard, value if decisive else neg(value)))

        self.each_round(fold, look, lambda: neg(decided))
        return decided

    def _fold_sum(self, fold: Fold) -> Number:
        return self._gathered(fold, lambda total: calculate("+", total, self.number(fold.body), False))

    def _fold_set(self, fold: Fold) -> Number:
        assert isinstance(fold.type, SetType)
        low = pattern(code_range(fold.type.of)[0])

        def added(total: Number) -> Number:
            at = calculate("-", self.number(fold.body), low, False)
            return calculate("|", total, calculate("<<", 1, at, True), True)

        return self._gathered(fold, added)

    def _gathered(self, fold: Fold, added: Callable[[Number], Number]) -> Number:
        total: Number = 0

        def add() -> None:
            nonlocal total
            total = choose(self.guard, added(total), total)

        self.each_round(fold, add)
        return total

    def _fold_min(self, fold: Fold) -> Number:
        return self._extreme(fold, lambda one, best: less(one, best, False))

    def _fold_max(self, fold: Fold) -> Number:
        return self._extreme(fold, lambda one, best: less(best, one, False))

    def _extreme(self, fold: Fold, better: Callable[[Number, Number], Bit]) -> Number:
        some: Bit = False
        best: Number = 0

        def look() -> None:
            nonlocal some, best
            one = self.number(fold.body)
            best = choose(conj(self.guard, disj(neg(some), better(one, best))), one, best)
            some = disj(some, self.guard)

        self.each_round(fold, look)
        assert fold.check is not None
        self.fault(neg(some), fold.check)
        return best


def element(values: list[Any], at: Number) -> Any:
    """values[at]"""
    if isinstance(at, int):
        return values[at] if at < len(values) else 0
    result = values[-1]
    for number in reversed(range(len(values) - 1)):
        result = choose(at == term(number), values[number], result)
    return result
