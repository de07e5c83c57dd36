"""Which actions need not be interleaved, because they only move sets along an order that was proved sound.

If a state further up the order can do whatever one below can, and is bad wherever that one is, then actions
that only move upwards are taken at once, until nothing moves, and actions that only move downwards are never
needed. docs/design/eager.md has the argument. What cannot be proved is interleaved, and the reason is kept.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from checker.compiler.declarations import Lowered
from checker.compiler.failing import stays_bad_in, touches
from checker.compiler.ir import Apply, LeafKey
from checker.compiler.ir_statements import Choose, Helper, Store, Yield
from checker.compiler.lockstep import Lockstep
from checker.compiler.monotone import Monotone
from checker.compiler.movements import movement
from checker.compiler.objections import NotProved, missing_of, shown
from checker.compiler.orders import (
    DOWN,
    FIXED,
    MIXED,
    UP,
    Climb,
    CoarseOrder,
    Fibres,
    Movement,
    Order,
    Polarity,
)
from checker.compiler.selfguards import climb_of, is_always_possible, unguarded
from checker.compiler.sites import has_site
from checker.compiler.slicing import Slice
from checker.compiler.source import Place
from checker.compiler.stops import doubted, refuse_stuck
from checker.compiler.touched import Touched
from checker.compiler.walking import chooses, walk, with_helpers
from checker.language.properties import INVARIANT, STEP, Property
from checker.language.types import SetType, TupleType


@dataclass(frozen=True)
class Claim:
    """A property as it was lowered."""

    declaration: Property
    helper: Helper


@dataclass
class Reduction:
    """`eager` actions are taken at once, `covered` ones never. `repeat`: one round may not be enough.
    `restored`: what an eager action that is always possible brings back to the upper end. `merged`: sets of
    the order, of tuples of which an item does not matter. `passed`: waits that eager actions may have ended
    when a block comes to them, `waits` (places of `ended`): all that they may end; `doubted`: enums that the
    former ask for."""

    order: Order = field(default_factory=dict)
    restored: frozenset[LeafKey] = frozenset()
    eager: list[Lowered] = field(default_factory=list)
    covered: list[Lowered] = field(default_factory=list)
    prevented: dict[str, str] = field(default_factory=dict)  # action → file:line and why
    repeat: bool = False
    merged: dict[LeafKey, Fibres] = field(default_factory=dict)
    ended: list[Yield] = field(default_factory=list)
    passed: frozenset[Place] = frozenset()
    waits: frozenset[Place] = frozenset()
    doubted: frozenset[LeafKey] = frozenset()

    def statistics(self) -> dict[str, Any]:
        """For the report; nothing where nothing was tried."""
        lists = {
            "eager actions": [each.declaration.name for each in self.eager],
            "actions never needed": [each.declaration.name for each in self.covered],
            "items that do not matter": [
                f"item {moves.item + 1} of {shown(key)}" for key, moves in self.merged.items()
            ],
            "waits that hardware ends": sorted(f"{at.shown_file}:{at.line}" for at in self.passed),
            "interleaved because": [f"{name}: {why}" for name, why in self.prevented.items()],
        }
        return {name: found for name, found in lists.items() if found}

    def is_ordinary(self, lowered: Lowered) -> bool:
        return not any(lowered is each for each in (*self.eager, *self.covered))


@dataclass(frozen=True)
class Subject:
    """All that a proof is about."""

    operations: Sequence[Lowered]
    actions: Sequence[Lowered]
    enabled: Sequence[Helper]
    claims: Sequence[Claim]
    kept: Slice
    late: Collection[Choose]
    asks_goals: bool  # what stays possible, deadlock included
    passing: bool  # waits that hardware ends may be passed without a stop
    touched: Touched


def reduce_actions(subject: Subject) -> Reduction:
    """The largest order that is found, action by action; all of them together first, as that is the rule."""
    moves = {}
    for lowered in subject.actions:
        moved = _moves(lowered, subject.kept)
        if moved:
            moves[lowered.cname] = moved
    growing = [m for m in moves.values() if _grows(m)]
    of_sets = [m for m in growing if not _others(subject).intersection(m)]
    reduction = Reduction()
    for together in (_merged({}, *growing), _merged({}, *of_sets)):
        if together and not reduction.order:
            _try(subject, reduction, together)
    for lowered in sorted(subject.actions, key=lambda a: not _grows(moves.get(a.cname, {}))):
        if lowered.cname in moves:
            _extend(subject, reduction, lowered, moves[lowered.cname])
    for lowered in subject.actions:
        kind = _kind(moves.get(lowered.cname), reduction.order)
        if kind == UP:
            reduction.eager.append(lowered)
        elif kind == DOWN:
            reduction.covered.append(lowered)
    _merge_items(subject, reduction)
    reduction.restored = _restored(subject, reduction.order)
    if reduction.order:
        passed = [stmt for stmt in reduction.ended if not stmt.always]
        reduction.passed = frozenset(stmt.place for stmt in passed)
        reduction.waits = frozenset(stmt.place for stmt in reduction.ended if passed)
        moved_down = {key for each in reduction.covered for key in moves[each.cname]}
        reduction.doubted = doubted(passed, reduction.order, moved_down)
    reduction.repeat = any(
        chooses(a.body) or _feeds(a, reduction.order, subject.kept) for a in reduction.eager
    )
    return reduction


def _extend(subject: Subject, reduction: Reduction, lowered: Lowered, moved: Order) -> None:
    """Make one more action eager or, failing that, covered."""
    if _kind(moved, reduction.order) != FIXED:
        return
    opposite = {key: moves.opposite for key, moves in moved.items()}
    for wanted in (moved, opposite):
        order = _merged(reduction.order, wanted)
        if not order:
            continue
        objection = _try(subject, reduction, order)
        if objection is None:
            reduction.prevented.pop(lowered.declaration.name, None)
            return
        if wanted is moved:
            place = objection.place
            text = f"{place.shown_file}:{place.line}: {objection.text}"
            reduction.prevented[lowered.declaration.name] = text
    reduction.prevented.setdefault(lowered.declaration.name, "what it writes moves both ways")


def _merge_items(subject: Subject, reduction: Reduction) -> None:
    """Of each set of tuples that grows, the first item that proves not to matter."""
    for key, kind in _sets_of_tuples(subject).items():
        for item in range(len(kind.items)) if reduction.order.get(key) == UP else ():
            merged = {**reduction.merged, key: Fibres(kind, item)}
            if _try(subject, reduction, reduction.order, merged) is None:
                break


def _sets_of_tuples(subject: Subject) -> dict[LeafKey, TupleType]:
    found = {}
    for lowered in subject.actions:
        for stmt in with_helpers(lowered.body):
            kind = stmt.leaf.type if isinstance(stmt, Store) else None
            if isinstance(stmt, Store) and isinstance(kind, SetType) and isinstance(kind.of, TupleType):
                found[stmt.leaf.key] = kind.of
    return found


def _moves(lowered: Lowered, kept: Slice) -> dict[LeafKey, Movement] | None:
    """Which sets an action only adds to, or only removes from, or which bool or enum it moves one way.

    None if it writes anything else.
    """
    moved: dict[LeafKey, Polarity] = {}
    others = False
    for stmt in with_helpers(lowered.body):
        if isinstance(stmt, Store) and kept.matters(stmt):
            moved[stmt.leaf.key] = moved.get(stmt.leaf.key, FIXED) | movement(stmt)
            others |= not isinstance(stmt.leaf.type, SetType)
    if others and len(moved) > 1:  # the test of one says nothing of the others
        return None
    return climb_of(lowered.body, kept) if MIXED in moved.values() else dict(moved)


def _others(subject: Subject) -> set[LeafKey]:
    """What actions write that is no set."""
    stmts = [stmt for lowered in subject.actions for stmt in with_helpers(lowered.body)]
    return {s.leaf.key for s in stmts if isinstance(s, Store) and not isinstance(s.leaf.type, SetType)}


def _grows(moved: Order) -> bool:
    return any(moves == UP or isinstance(moves, Climb) for moves in moved.values())


def _restored(subject: Subject, order: Order) -> frozenset[LeafKey]:
    found: set[LeafKey] = set()
    for lowered in subject.actions:
        moved = _moves(lowered, subject.kept)
        if moved and _kind(moved, order) == UP:
            parameters = list(lowered.parameters.values())
            found |= set(moved) if is_always_possible(lowered.body, parameters, subject.kept) else set()
    return frozenset(found)


def _merged(*orders: Order) -> dict[LeafKey, Movement]:
    """Empty if they contradict one another."""
    merged: dict[LeafKey, Movement] = {}
    for order in orders:
        for key, moves in order.items():
            if merged.setdefault(key, moves) != moves:
                return {}
    return merged


def _kind(moved: Order | None, order: Order) -> Polarity:
    """UP: the action is eager under the order. DOWN: covered. FIXED: neither."""
    if not moved or not all(key in order for key in moved):
        return FIXED
    if all(order[key] == moves for key, moves in moved.items()):
        return UP
    return DOWN if all(order[key] == moves.opposite for key, moves in moved.items()) else FIXED


def _feeds(lowered: Lowered, order: Order, kept: Slice) -> bool:
    """Can what another eager action added make this one add more?"""
    values = Monotone(order)
    for stmt in with_helpers(unguarded(lowered.body, kept)):
        exprs = list(stmt.expressions())
        if isinstance(stmt, Store) and isinstance(stmt.value, Apply):
            exprs = [*stmt.index, *stmt.value.arguments[1:]]  # but for the old value
        if any(touches(expr, values) for expr in exprs):
            return True
    return False


# ---- the proof ----


def _try(
    subject: Subject, reduction: Reduction, order: Order, merged: Mapping[LeafKey, Fibres] | None = None
) -> NotProved | None:
    """Take this order if it can be proved, or say why it cannot."""
    merged = dict(merged or {})
    try:
        reduction.ended = _prove(subject, order, {**order, **merged})
    except NotProved as objection:
        return objection.with_traceback(None)  # its frames would keep the whole compilation
    reduction.order, reduction.merged = order, merged
    return None


def _prove(subject: Subject, order: Order, coarse: CoarseOrder) -> list[Yield]:
    """The waits that hardware may end."""
    lockstep = Lockstep(coarse, subject.kept, subject.touched, subject.late, subject.passing)
    for lowered in subject.actions:
        eager = _kind(_moves(lowered, subject.kept), order) == UP
        lockstep.prove(unguarded(lowered.body, subject.kept) if eager else lowered.body)
    for lowered in subject.operations:
        lockstep.prove(lowered.body)
    for helper in subject.enabled:
        _prove_test(helper, coarse, "may move")
    for claim in subject.claims:
        if claim.declaration.kind in (INVARIANT, STEP):
            _prove_claim(claim.helper, coarse)
        else:
            _prove_test(claim.helper, coarse, "holds")
    if subject.asks_goals:
        _refuse_unrestored(subject, order)
        passed = [stmt for stmt in lockstep.waits if not stmt.always]
        refuse_stuck(passed, order, _restored(subject, order))
    return lockstep.waits


def _refuse_unrestored(subject: Subject, order: Order) -> None:
    """Of what stays possible nothing could be said: bottoms would be stuck where no state of the model is."""
    open_ = set(order) - _restored(subject, order)
    for lowered in subject.actions:
        for stmt in with_helpers(lowered.body):
            if isinstance(stmt, Store) and stmt.leaf.key in open_ and not isinstance(stmt.leaf.type, SetType):
                reason = f"{shown(stmt.leaf.key)} may stay as it is, and what stays possible is asked"
                raise NotProved(stmt.place, reason)


def _prove_claim(helper: Helper, order: CoarseOrder) -> None:
    """What violates it still violates it further up."""
    if helper.loads.isdisjoint(order):
        return
    values = Monotone(order)
    if not values.result(helper, ()).within(DOWN) or not stays_bad_in(helper, values):
        place, reads = _where(helper, order)
        raise NotProved(place, f"{helper.name} can be violated by {reads}")


def _prove_test(helper: Helper, order: CoarseOrder, what: str) -> None:
    """What holds still holds further up, and nothing in it can fail."""
    if helper.loads.isdisjoint(order):
        return
    values = Monotone(order)
    fixed = tuple(FIXED for _ in helper.parameters)
    exprs = [expr for stmt in walk(helper.body) for expr in stmt.expressions()]
    fails = any(touches(e, values) for e in exprs) and any(map(has_site, exprs))
    if fails or not values.result(helper, fixed).within(UP):
        place, reads = _where(helper, order)
        raise NotProved(place, f"{helper.name} {what} by {reads}")


def _where(helper: Helper, order: CoarseOrder) -> tuple[Place, str]:
    """The return that reads the order the wrong way."""
    values = Monotone(order)
    found = [s for s in walk(helper.body) if any(touches(e, values) for e in s.expressions())]
    assert helper.place is not None
    first = found[0] if found else None
    if first is None:
        return helper.place, f"what it reads of {', '.join(map(shown, order))}"
    return first.place, ", ".join(dict.fromkeys(missing_of(expr, values) for expr in first.expressions()))
