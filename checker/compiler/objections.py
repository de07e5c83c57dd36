"""What is said where a proof fails."""

from __future__ import annotations

from collections.abc import Iterable

from checker.compiler.failing import touches
from checker.compiler.ir import Call, Expr, Load
from checker.compiler.ir_statements import Helper
from checker.compiler.monotone import Monotone
from checker.compiler.orders import UP
from checker.compiler.source import Place
from checker.compiler.walking import walk
from checker.language.types import SetType, Type


class NotProved(Exception):
    """`text` says what stands in the way at `place`."""

    def __init__(self, place: Place, text: str) -> None:
        super().__init__(text)
        self.place = place
        self.text = text


def read_of(expr: Expr, values: Monotone) -> str:
    """The sets that it reads."""
    found = sorted(shown(key) for key in values.order if touches(expr, Monotone({key: UP})))
    return ", ".join(found) or "what hardware may move"


def missing_of(expr: Expr, values: Monotone) -> str:
    """What makes such an expression true that must not: something missing from a set that hardware fills."""
    if not all(isinstance(kind, SetType) for kind in _types_read(expr, values, set())):
        return f"what {read_of(expr, values)} is"
    grows = any(moves == UP and touches(expr, Monotone({key: UP})) for key, moves in values.order.items())
    return f"the {'absence' if grows else 'presence'} of members of {read_of(expr, values)}"


def _types_read(expr: Expr, values: Monotone, seen: set[Helper]) -> set[Type]:
    """Of what can move."""
    found = {expr.leaf.type} if isinstance(expr, Load) and expr.leaf.key in values.order else set()
    inner = list(expr.children())
    if isinstance(expr, Call) and expr.helper not in seen:
        seen.add(expr.helper)
        inner += [each for stmt in walk(expr.helper.body) for each in stmt.expressions()]
    return found.union(*(_types_read(each, values, seen) for each in inner))


def shown(key: Iterable[str]) -> str:
    return ".".join(key).replace(".[]", "[]")
