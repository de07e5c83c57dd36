"""Whether a loop over interchangeable members does the same in whatever order it goes through them.

Rounds commute if each one writes to its own members only, or all add to the same sets, or all store the same
constant; and if none reads what another one writes. A loop may be left early where it has written nothing and
all ways out say the same: then it is an `any`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from checker.compiler.codes import code_range, is_number
from checker.compiler.equivariance import Asymmetric
from checker.compiler.faults import AND, OR, can_fail, conjuncts, denied, may_end_block, sites_of
from checker.compiler.ir import Apply, Call, Expr, LeafKey, Literal, Load, Read, Variable
from checker.compiler.ir_statements import (
    Assign,
    Block,
    Check,
    Choose,
    For,
    If,
    Jump,
    Leave,
    Perform,
    Return,
    Stmt,
    Store,
    When,
    While,
)
from checker.compiler.source import Place
from checker.compiler.walking import visit, walk

_SUMS = {"({0} + {1})", "({0} - {1})"}
_COMMUTING = {OR, AND, "({0} | {1})", "({0} & {1})", "({0} + {1})", "({0} & ~{1})", "({0} ^ {1})"}
Aliases = Mapping[Variable, Variable]  # a parameter of a helper → the local it was given


@dataclass
class _Round:
    """What one round of the loop does, helpers included."""

    stores: list[tuple[Store, Aliases]] = field(default_factory=list)
    loads: list[tuple[Load, Aliases]] = field(default_factory=list)
    performs: bool = False


def prove_orderless(loop: For, around: list[Stmt], name: str) -> None:
    """`around`: the body of the function that the loop stands in."""
    if loop.yields:
        raise Asymmetric(
            loop.place,
            f"a loop over {name} with a `yield` inside goes through its members in one order; "
            "write `for ... in any_order(...)`",
        )
    made = _Round()
    _collect(loop.body, {}, made, set())
    _stores_commute(loop, made, name)
    _locals_stay(loop, around, name)
    _leaves_alike(loop, made, name)
    _fails_alike(loop, name)


def _open(place: Place, text: str) -> Asymmetric:
    return Asymmetric(place, text, open_=True)


def _collect(body: list[Stmt], aliases: Aliases, made: _Round, seen: set[str]) -> None:
    for stmt in walk(body):
        found = list(stmt.expressions())
        if isinstance(stmt, Store):
            made.stores.append((stmt, aliases))
            if stmt.updates and isinstance(stmt.value, Apply):  # but for the old value of the same element
                found = [*stmt.index, *stmt.value.arguments[1:]]
        for expr in found:
            _loads(expr, aliases, made, seen)
        if isinstance(stmt, Perform):
            made.performs = True
            _collect(stmt.helper.body, _bound(stmt, aliases), made, seen)


def _bound(call: Perform | Call, aliases: Aliases) -> dict[Variable, Variable]:
    given = zip(call.helper.parameters, call.arguments, strict=True)
    return {p: aliases.get(a.variable, a.variable) for p, a in given if isinstance(a, Read)}


def _loads(expr: Expr, aliases: Aliases, made: _Round, seen: set[str]) -> None:
    def note(each: Expr) -> None:
        if isinstance(each, Load):
            made.loads.append((each, aliases))
        elif isinstance(each, Call) and each.helper.cname not in seen:
            inner = _bound(each, aliases)
            for stmt in walk(each.helper.body):
                for inside in stmt.expressions():
                    _loads(inside, inner, made, seen | {each.helper.cname})

    visit(expr, note)


# ---- the state ----


def _own(index: tuple[Expr, ...], aliases: Aliases, loop: For) -> set[int]:
    """The positions at which an element is the round's own."""
    return {
        position
        for position, each in enumerate(index)
        if isinstance(each, Read) and aliases.get(each.variable, each.variable) is loop.variable
    }


def _stores_commute(loop: For, made: _Round, name: str) -> None:
    by_leaf: dict[LeafKey, list[tuple[Store, Aliases]]] = {}
    for store, aliases in made.stores:
        by_leaf.setdefault(store.leaf.key, []).append((store, aliases))
    for key, stores in by_leaf.items():
        own = set.intersection(*(_own(store.index, aliases, loop) for store, aliases in stores))
        reads = [(load, aliases) for load, aliases in made.loads if load.leaf.key == key]
        for load, aliases in reads:
            own &= _own(load.index, aliases, loop)
        if own or (not reads and _same_for_all([store for store, _ in stores])):
            continue
        store = stores[0][0]
        raise _open(
            store.place, f"rounds of a loop over {name} write what other rounds read or write: {shown(key)}"
        )


def shown(key: LeafKey) -> str:
    return ".".join(key).replace(".[]", "[]")


def _same_for_all(stores: list[Store]) -> bool:
    """All add, all take away, or all store one constant."""
    if all(store.updates and isinstance(store.value, Apply) for store in stores):
        operators = {store.value.operator for store in stores if isinstance(store.value, Apply)}
        return len(operators) == 1 and operators <= _COMMUTING
    codes = {store.value.code for store in stores if isinstance(store.value, Literal)}
    return len(codes) == 1 and all(isinstance(store.value, Literal) for store in stores)


# ---- locals ----


def _locals_stay(loop: For, around: list[Stmt], name: str) -> None:
    inside = list(walk(loop.body))
    assigned = {stmt.variable for stmt in inside if isinstance(stmt, (Assign, Choose))}
    assigned |= {stmt.variable for stmt in inside if isinstance(stmt, Perform) and stmt.variable is not None}
    outside = _read_outside(loop, around)
    for variable in assigned:
        if variable not in outside and _set_first(loop.body, variable):
            continue
        if not _accumulates(inside, variable):
            raise _open(
                loop.place, f"a loop over {name} carries `{variable.name}` from one round to the next"
            )


def _read_outside(loop: For, around: list[Stmt]) -> set[Variable]:
    within = {id(stmt) for stmt in walk(loop.body)}
    found: set[Variable] = set()
    for stmt in walk(around):
        if id(stmt) not in within:
            for expr in stmt.expressions():
                found |= _read(expr)
    return found


def _read(expr: Expr) -> set[Variable]:
    found: set[Variable] = set()
    visit(expr, lambda each: found.add(each.variable) if isinstance(each, Read) else None)
    return found


def _set_first(body: list[Stmt], variable: Variable) -> bool:
    """Is it assigned before it is read, in the straight line of the statements?"""
    for stmt in body:
        if any(variable in _read(expr) for expr in stmt.expressions()):
            return False
        if isinstance(stmt, (Assign, Choose, Perform)) and stmt.variable is variable:
            return True
        inner = list(stmt.bodies())
        if inner and any(_mentions(part, variable) for part in inner):
            return all(_set_first(part, variable) or not _mentions(part, variable) for part in inner) and (
                not _mentions_after(body, stmt, variable)
            )
    return True


def _mentions(body: list[Stmt], variable: Variable) -> bool:
    return any(
        (isinstance(stmt, (Assign, Choose, Perform)) and stmt.variable is variable)
        or any(variable in _read(expr) for expr in stmt.expressions())
        for stmt in walk(body)
    )


def _mentions_after(body: list[Stmt], stmt: Stmt, variable: Variable) -> bool:
    at = next(number for number, each in enumerate(body) if each is stmt)
    return _mentions(body[at + 1 :], variable)


def _accumulates(inside: list[Stmt], variable: Variable) -> bool:
    """`total = total + x` in every place, or one constant in every place; and no other use of it."""
    mine = [stmt for stmt in inside if isinstance(stmt, Assign) and stmt.variable is variable]
    values = [_counting(stmt.value) for stmt in mine]
    written = [s for s in inside if isinstance(s, (Assign, Choose, Perform)) and s.variable is variable]
    if len(values) != len(written):
        return False
    reads = sum(_count(expr, variable) for stmt in inside for expr in stmt.expressions())
    if all(isinstance(value, Literal) for value in values):
        return reads == 0 and len({value.code for value in values if isinstance(value, Literal)}) == 1
    operators = {value.operator for value in values if isinstance(value, Apply)}
    if len(operators) != 1 or not operators <= _COMMUTING | _SUMS:
        return False
    firsts = [value.arguments[0] for value in values if isinstance(value, Apply)]
    return (
        len(firsts) == len(values) == reads
        and all(isinstance(first, Read) and first.variable is variable for first in firsts)
        and not any(can_fail(value) for value in values)
    )


def _counting(value: Expr) -> Expr:
    """`n + x` of an `n += x` whose range is checked. What is added, or taken away, is never below 0: whether
    the last number is out of range says whether any was, in whatever order.
    """
    if not isinstance(value, Apply) or not value.operator.startswith("in_range(b, {0},"):
        return value
    inner = value.arguments[0]
    if not isinstance(inner, Apply) or inner.operator not in _SUMS:
        return value
    step = inner.arguments[1]
    return inner if is_number(step.type) and code_range(step.type)[0] >= 0 else value


def _count(expr: Expr, variable: Variable) -> int:
    return int(isinstance(expr, Read) and expr.variable is variable) + sum(
        _count(child, variable) for child in expr.children()
    )


# ---- ways out, and failures ----


def _leaves_alike(loop: For, made: _Round, name: str) -> None:
    exits = list(_exits(loop.body, False))
    if not exits:
        return
    values = {_said(stmt) for stmt in exits}
    results = {
        (stmt.variable.cname, stmt.value.code if isinstance(stmt.value, Literal) else None)
        for stmt in walk(loop.body)
        if isinstance(stmt, Assign) and any(isinstance(each, Leave) for each in exits)
    }
    if made.stores or made.performs or len(values) > 1 or None in values or len(results) > 1:
        raise _open(exits[0].place, f"a loop over {name} is left early, so that its order matters")


def _exits(body: list[Stmt], in_loop: bool) -> Iterator[Stmt]:
    for stmt in body:
        leaves = isinstance(stmt, (Return, Leave)) or (
            isinstance(stmt, Jump) and stmt.kind == "break" and not in_loop
        )
        if leaves:
            yield stmt
        for inner in stmt.bodies():
            yield from _exits(inner, in_loop or isinstance(stmt, (For, While)))


def _said(stmt: Stmt) -> tuple[str, int | str] | None:
    """What a way out says; None if that may depend on the round."""
    if isinstance(stmt, Return):
        if stmt.value is None:
            return ("return", 0)
        return ("return", stmt.value.code) if isinstance(stmt.value, Literal) else None
    return ("leave", stmt.label) if isinstance(stmt, Leave) else ("break", 0)


def _fails_alike(loop: For, name: str) -> None:
    failing = list(_failing(loop.body, []))
    asserts = [stmt for stmt in walk(loop.body) if isinstance(stmt, Check)]
    performs = any(isinstance(stmt, Perform) and may_end_block(stmt.helper) for stmt in walk(loop.body))
    if not failing and not asserts and not performs:
        return
    ends = list(_exits(loop.body, False)) or [stmt for stmt in walk(loop.body) if isinstance(stmt, When)]
    ends += [stmt for stmt in walk(loop.body) if isinstance(stmt, Choose)]
    if ends or performs or sites_of(*failing) + len(asserts) > 1:
        raise _open(loop.place, f"what fails first in a loop over {name} depends on its order")


def _failing(body: list[Stmt], known: list[Expr]) -> Iterator[Expr]:
    """What may fail, given the tests around it and the early ends before it."""
    for stmt in body:
        for expr in stmt.expressions():
            if can_fail(expr, known):
                yield expr
        if isinstance(stmt, If):
            yield from _failing(stmt.then, [*known, *conjuncts(stmt.test)])
            yield from _failing(stmt.orelse, [*known, *denied(stmt.test)])
            if stmt.then and isinstance(stmt.then[-1], (Jump, Return, Leave)):
                known = [*known, *denied(stmt.test)]
        elif isinstance(stmt, (For, While, Block)):
            for inner in stmt.bodies():
                yield from _failing(inner, known)
