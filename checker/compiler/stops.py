"""Waits that hardware may have ended when a block comes to them: docs/design/stops.md."""

from __future__ import annotations

from collections.abc import Collection

from checker.compiler.failing import touches
from checker.compiler.ir import LeafKey
from checker.compiler.ir_statements import Stmt, Yield
from checker.compiler.monotone import Monotone
from checker.compiler.objections import NotProved, shown
from checker.compiler.orders import UP, Climb, Order
from checker.compiler.source import Place
from checker.compiler.walking import walk


def doubted(passed: Collection[Yield], order: Order, moved_down: Collection[LeafKey]) -> frozenset[LeafKey]:
    """The enums that such a wait asks for: whether eager hardware has moved one up since the last wait for it
    is part of the state. What some action moves down may be down at any time, whoever moved it up."""
    return frozenset(
        key
        for key, moves in order.items()
        if isinstance(moves, Climb) and key not in moved_down and any(_asks_for(stmt, key) for stmt in passed)
    )


def refuse_stuck(passed: Collection[Yield], order: Order, restored: Collection[LeafKey]) -> None:
    """Of what stays possible nothing could be said if a bottom stopped where the states above it go on. Both
    come to the wait with the same values only of enums that were restored: what a block writes to a set or a
    bool may depend on others, which bottoms lack."""
    for stmt in passed:
        for key, moves in order.items():
            if _asks_for(stmt, key) and not (key in restored and isinstance(moves, Climb)):
                reason = f"may wait, depending on {shown(key)}, and what stays possible is asked"
                raise NotProved(stmt.place, reason)


def may_stop(body: list[Stmt], passed: Collection[Place]) -> bool:
    """Does it come to one of these waits?"""
    return any(isinstance(stmt, Yield) and stmt.place in passed for stmt in walk(body))


def _asks_for(stmt: Yield, key: LeafKey) -> bool:
    return stmt.wait is not None and touches(stmt.wait, Monotone({key: UP}))
