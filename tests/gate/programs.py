"""Random models as Python source: whatever the language allows, both engines must agree on it."""

from __future__ import annotations

from hypothesis import strategies as st

from .expressions import Draw
from .statements import Writer

HEADER = """
from __future__ import annotations

import enum

from checker.language import *


class Actor(Index, size={actors}): ...
class Page(Index, size={pages}): ...


class Kind(enum.Enum):
    LEFT = 0
    RIGHT = 1
    NEITHER = 2

    @property
    def other(self) -> Kind:
        return Kind.RIGHT if self is Kind.LEFT else Kind.LEFT


@record
class Frame:
    busy: bool
    owner: Actor | None
    count: Range(0, 2)

    def is_free(self) -> bool:
        return self.owner is None and not self.busy


@state
class K:
    flag: bool
    kind: Kind
    level: Range(0, 2)
    lock: Actor | None
    chosen: Set[Page]
    pairs: Set[tuple[Actor, Page]]
    frame: Array[Page, Frame]


def frame_of(k: K, p: Page) -> Frame:
    return k.frame[p]


def claim(k: K, me: Actor, p: Page) -> bool:
    f = frame_of(k, p)
    if f.owner is not None:
        return False
    f.owner = me
    return True


def pages_from(p: Page):
    return [q for q in Page if q >= p]


def take_lock(k: K, me: Actor) -> Steps:
    yield
    while k.lock is not None:
        yield
    k.lock = me


def some_page(k: K) -> Page | None:
    return choose(p for p in Page if p in k.chosen)
"""


def _function(
    draw: Draw,
    head: str,
    names: dict[str, str],
    size: int,
    yields: bool,
    end: str | None = None,
    me: bool = True,
) -> str:
    writer = Writer(draw, names=dict(names), me=me)
    if yields and end is None and writer.number(0, 1):
        writer.add("yield")
    writer.body(size, yields)
    if yields and not any(line.strip() == "yield" for line in writer.lines):
        writer.add("yield")
    if end is not None:
        writer.add(f"return {writer.boolean(1)}")
    return "\n".join([head, *writer.lines, ""])


LEAF = """def leaf(k: K, me: Actor, p: Page, want: bool) -> Steps[bool]:
    yield
    k.level = 0
    return want
"""
RELAY = """def relay(k: K, me: Actor, p: Page, want: bool) -> Steps[bool]:
    k.kind = k.kind.other
    done = yield from sub(k, me, p, want)
    return not done
"""


def _recursive(sub: str, depth: int, through: str) -> str:
    """The sub-operation calls itself, at once or by way of another one, at its end and wherever it was drawn."""
    *lines, end = sub.rstrip().split("\n")
    lines += ["    if k.kind is Kind.LEFT:", "        again = yield from sub(k, me, p, not k.flag)"]
    lines += ["        k.flag = again != k.flag", end]
    text = "\n".join(lines).replace("yield from sub(", f"yield from {through}(")
    return f"{RELAY}\n\n@suboperation(depth={depth})\n{text}\n"


@st.composite
def models(draw: Draw) -> str:
    """A whole model: a sub-operation, operations, actions, invariants, sometimes once-operations."""

    def number(low: int, high: int) -> int:
        drawn: int = draw(st.integers(low, high))
        return drawn

    parts = [HEADER.format(actors=2, pages=2)]
    sub = _function(
        draw,
        "def sub(k: K, me: Actor, p: Page, want: bool) -> Steps[bool]:",
        {"p": "page", "want": "bool"},
        3,
        True,
        "bool",
    )
    parts.insert(1, LEAF)
    if number(0, 2) == 0:
        parts.append(sub.replace("yield from sub(", "yield from leaf("))
    else:
        parts.append(
            _recursive(sub, depth=number(1, 2), through=str(draw(st.sampled_from(["sub", "relay"]))))
        )
    operations = number(1, 2)
    for i in range(operations):
        argument = ", p: Page" if number(0, 1) else ""
        names = {"p": "page"} if argument else {}
        parts.append(
            "@operation(Actor)\n"
            + _function(draw, f"def op{i}(k: K, me: Actor{argument}) -> Steps:", names, 5, True)
        )
    for i in range(number(0, 2)):
        parts.append(
            "@action(Actor)\n" + _function(draw, f"def act{i}(k: K, me: Actor) -> None:", {}, 3, False)
        )
    if number(0, 3) == 0:
        parts.append(
            "@enabled(Actor)\ndef may_run(k: K, me: Actor) -> bool:\n"
            "    return k.lock != Actor(0) or me == Actor(0)\n"
        )
    for i in range(number(1, 2)):
        writer = Writer(draw, me=False)
        parts.append(f"@invariant\ndef claim{i}(k: K) -> bool:\n    return {writer.boolean(2)}\n")
    if number(0, 1):
        parts.append(
            "@step_invariant\ndef change(before: K, after: K) -> bool:\n"
            "    return before.level <= after.level or before.flag == after.flag\n"
        )
    runs = ", ".join(f"op{i}" for i in range(operations))
    once = number(0, 1)
    runner = f"runs={{Actor[0]: [{runs}]}}, once={{Actor[1]: [op0]}}" if once else f"runs={{Actor: [{runs}]}}"
    parts.append(f'Scenario("drawn", "whatever was drawn", {runner})\n')
    return "\n\n".join(parts)
