"""Random models with hardware: actions that add to sets or remove from them, or move a bool or an enum one way, and
blocks that read them.

Most reads are of the kind that a proof can deal with; the others must be noticed.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

HEADER = """
from __future__ import annotations

import enum

from checker.language import *


class Cpu(Index, size=2): ...
class Page(Index, size=2): ...

class Source(enum.Enum):
    CACHED = 0
    WALKED = 1


class Ask(enum.Enum):
    NONE = 0
    SENT = 1
    TAKEN = 2


@state
class K:
    ask: Array[Cpu, Ask]
    off: Array[Cpu, bool]
    tlb: Array[Cpu, Set[Page]]
    seen: Set[tuple[Cpu, Page]]
    present: Array[Page, bool]
    used: Array[Page, bool]
    owner: Cpu | None
    bad: bool


@initial
def boot(k: K) -> None:
    k.present[Page(0)] = True
    k.used[Page(1)] = choose(True, False)
    k.off[Cpu(1)] = choose(True, False)


def reach(k: K, c: Cpu, p: Page) -> bool:
    if p in k.tlb[c]:
        source = choose(Source)
        if source is Source.CACHED:
            return True
    return k.present[p]


def some_cached(k: K, c: Cpu) -> Page | None:
    k.used[Page(0)] = not k.used[Page(0)]
    if any(p in k.tlb[c] for p in Page):
        source = choose(Source)
        if source is Source.CACHED:
            found = choose(p for p in Page if p in k.tlb[c])
            return found
    return None


def is_stale(k: K, c: Cpu, p: Page) -> bool:
    if p not in k.tlb[c]:
        return False
    return not k.present[p]


def is_foreign(k: K, c: Cpu, p: Page) -> bool:
    return k.owner is not None and k.owner != c and k.used[p]


"""

FILLS = [
    "when(k.present[p])\n    k.tlb[me].add(p)",
    "when(k.present[p] and p not in k.tlb[me])\n    k.tlb[me].add(p)",
    "when(k.present[p])\n    if p in k.tlb[me]:\n        return\n    k.tlb[me].add(p)",
    "when(k.present[p])\n    when((me, p) not in k.seen)\n    k.seen.add((me, p))",
    "when(p in k.tlb[me])\n    k.seen.add((me, p))",
    "when((me, p) in k.seen and p not in k.tlb[me])\n    k.tlb[me].add(p)",
    "q = choose(q for q in Page if k.present[q] and q >= p)\n    k.tlb[me].add(q)",
    "q = choose(q for q in Page if q in k.tlb[me])\n    k.seen.add((me, q))",
    "when(k.owner is not None and k.present[p])\n    k.tlb[k.owner].add(p)",
    "when(k.present[p] and p not in k.tlb[me])\n    assert not k.used[p], 'used'\n    k.tlb[me].add(p)",
    "when(k.present[p])\n    assert not k.used[p] or k.owner is None, 'used'\n    k.tlb[me].add(p)",
    "when(p not in k.tlb[Cpu(0)])\n    k.tlb[Cpu(1)].add(p)",
    "when(k.present[p] and p not in k.tlb[me])\n    k.tlb[me].add(p)\n    k.seen.add((me, p))",
]
REMOVALS = [
    "when(p in k.tlb[me])\n    k.tlb[me].discard(p)",
    "k.tlb[me].clear()",
    "when(not k.present[p])\n    k.tlb[me].discard(p)\n    k.seen.discard((me, p))",
    "when(len(k.tlb[me]) > 1)\n    k.tlb[me].discard(p)",
]
SWITCHES = [  # of bools and enums
    "when(k.off[me])\n    k.off[me] = False",
    "when(k.off[me] and k.present[p])\n    k.off[me] = False",
    "when(k.owner is None)\n    k.off[me] = False",
    "when(not k.off[me])\n    k.off[me] = True",
    "when(k.off[Cpu(0)])\n    k.off[Cpu(0)] = False",
    "when(k.off[me] and k.ask[me] is not Ask.TAKEN)\n    k.off[me] = False",
    "when(k.off[me])\n    assert not k.used[p], 'used'\n    k.off[me] = False",
    "when(k.off[me])\n    k.off[me] = False\n    k.tlb[me].add(p)",
    "when(k.ask[me] is Ask.TAKEN)\n    k.ask[me] = Ask.NONE",
    "when(k.present[p] and k.ask[me] is Ask.TAKEN)\n    k.ask[me] = Ask.NONE",
    "when(k.ask[me] is Ask.TAKEN and not k.off[me])\n    k.ask[me] = Ask.NONE",
    "when(k.ask[me] is Ask.TAKEN)\n    k.ask[Cpu(0)] = Ask.NONE",
    "when(k.ask[me] is Ask.SENT)\n    k.ask[me] = Ask.TAKEN",
    "when(k.ask[me] is Ask.TAKEN)\n    assert not k.used[p], 'used'\n    k.ask[me] = Ask.NONE",
    "when(k.ask[me] is Ask.TAKEN)\n    k.ask[me] = Ask.NONE\n    k.tlb[me].add(p)",
]
WAITS = [  # that hardware may have ended when a block comes to them
    "while k.ask[me] is Ask.TAKEN:\n        yield",
    "k.tlb[me].clear()\n    while any(k.ask[c] is not Ask.NONE for c in Cpu):\n        yield",
    "k.used[p] = False\n    while k.ask[me] is not Ask.NONE:\n        yield\n    k.owner = None",
    "while k.ask[Cpu(0)] is Ask.TAKEN and k.ask[Cpu(1)] is Ask.TAKEN:\n        yield",
    "while k.off[me]:\n        yield",
    "while k.off[Cpu(0)] or k.ask[me] is Ask.TAKEN:\n        yield",
]
SWITCHED = [
    "k.ask[me] = Ask.SENT",
    "k.ask[me] = Ask.TAKEN",
    "if k.ask[me] is Ask.SENT:\n        k.ask[me] = Ask.TAKEN\n        k.tlb[me].clear()",
    "yield\n    while k.ask[me] is Ask.TAKEN:\n        yield",
    "yield\n    while any(k.ask[c] is not Ask.NONE for c in Cpu):\n        yield",
    "while k.ask[me] is Ask.SENT:\n        yield",
    "k.off[me] = True",
    "k.off[me] = k.off[Cpu(0)]",
    "yield\n    while k.off[me]:\n        yield",
    "for c in Cpu:\n        k.ask[c] = Ask.SENT\n        yield",
    *WAITS,
]
SWITCHED_BAD = [
    "if k.off[me]:\n        k.owner = me",
    "k.used[p] = k.off[me]",
    "h = k.ask[me]\n    yield\n    k.used[p] = h is Ask.TAKEN",
    "k.off[me] = not k.off[me]",
    "k.used[p] = k.ask[me] in (Ask.SENT, Ask.NONE)",
    "k.ask[me] = k.ask[Cpu(0)]",
    "while not k.off[me]:\n        yield",
]
FILLED = [  # waits for what is filled
    "while p not in k.tlb[me]:\n        yield",
    "k.owner = me\n    while p not in k.tlb[me]:\n        yield\n    k.owner = None",
    "while any(q not in k.tlb[Cpu(0)] for q in Page):\n        yield",
]
GOOD = [
    "k.present[p] = not k.present[p]",
    "k.present[p] = False",
    "k.used[p] = not k.used[p]",
    "k.owner = me",
    "k.owner = None",
    "k.tlb[me].clear()",
    "k.tlb[Cpu(0)].discard(p)",
    "for c in Cpu:\n        k.tlb[c].discard(p)\n        yield",
    "k.seen.clear()",
    "k.tlb[me].add(p)",
    "k.tlb[me] |= k.tlb[Cpu(0)]",
    "if k.present[p]:\n        k.tlb[me].add(p)",
    "r = reach(k, me, p)\n    k.bad = k.bad or not r",
    "r = reach(k, me, p)\n    if not r:\n        k.used[p] = True",
    "f = some_cached(k, me)\n    if f is not None:\n        k.used[f] = False",
    "while k.owner is not None and k.owner != me:\n        yield",
    "yield\n    while p not in k.tlb[me]:\n        yield",
    "h = p in k.tlb[me]\n    if h:\n        s = choose(True, False)\n        if s:\n            k.owner = me",
    "if choose(True, False):\n        return",
]
BAD = [
    "if p in k.tlb[me]:\n        k.owner = me",
    "if p not in k.tlb[me]:\n        k.owner = me",
    "k.used[p] = p in k.tlb[me]",
    "assert p not in k.tlb[me], 'cached'",
    "k.tlb[me].remove(p)",
    "while p in k.tlb[me]:\n        yield",
    "h = frozen(k.tlb[me])\n    yield\n    k.used[p] = p in h",
    "k.used[p] = len(k.tlb[me]) == 1",
    "for q in k.tlb[me]:\n        k.used[q] = True",
    "k.tlb[me] ^= {p}",
    "q = choose(q for q in Page if q not in k.tlb[me])\n    k.used[q] = True",
    "k.present[p] = False\n    q = choose(k.tlb[me])\n    k.used[q] = True",
]
SWITCHED_STARTS = [
    "when(not k.off[me])\n    yield",
    "when(k.ask[me] is Ask.NONE)\n    yield",
    "when(k.ask[me] is not Ask.TAKEN)\n    yield",
]
STARTS = ["when(k.present[p])\n    yield", "when(p in k.tlb[me])\n    yield", "yield"]
UP_CLAIMS = [
    "not any(p in k.tlb[c] and not k.present[p] for c in Cpu for p in Page)",
    "not any(is_stale(k, c, p) for c in Cpu for p in Page)",
    "not any(p in k.tlb[c] and is_foreign(k, c, p) for c in Cpu for p in Page)",
    "all(k.present[p] or not k.used[p] for p in k.tlb[Cpu(0)])",
    "len(k.tlb[Cpu(0)]) < 2 or k.owner is None",
    "not (k.bad and (Cpu(1), Page(0)) in k.seen)",
    "not k.bad",
    "k.seen <= {(Cpu(0), p) for p in Page} or k.used[Page(1)]",
    "sum(1 for c in Cpu for p in k.tlb[c]) < 3",
]
SWITCHED_CLAIMS = [
    "not (k.used[Page(0)] and k.ask[Cpu(0)] is Ask.NONE and k.bad)",
    "not any(k.ask[c] is Ask.SENT and not k.off[c] and k.used[Page(1)] for c in Cpu)",
    "k.off[Cpu(1)] or not k.present[Page(1)]",
    "all(k.ask[c] is not Ask.NONE for c in Cpu) or not k.used[Page(1)] or k.owner is None",
]
DOWN_CLAIMS = [
    "not (k.used[Page(0)] and Page(0) not in k.tlb[Cpu(0)] and k.owner is None)",
    "len(k.tlb[Cpu(0)]) == len(k.tlb[Cpu(1)])",
    "k.owner is None or k.owner in Cpu and any(p in k.tlb[k.owner] for p in Page)",
]
STEPS = [
    "not (before.owner is None and after.owner is not None and Page(0) in after.tlb[Cpu(0)])",
    "before.present[Page(0)] or Page(0) not in after.tlb[Cpu(1)]",
    "not (Page(0) in before.tlb[Cpu(0)] and after.owner is None)",
    "before.tlb[Cpu(0)] <= after.tlb[Cpu(0)] or after.used[Page(0)]",
]
SWITCHED_STEPS = [
    "not (before.ask[Cpu(0)] is Ask.SENT and after.ask[Cpu(0)] is Ask.NONE)",
    "before.off[Cpu(1)] or after.owner is None",
]
SWITCHED_GOALS = ["k.ask[Cpu(0)] is Ask.NONE", "not k.off[Cpu(0)]", "k.off[Cpu(1)]"]
GOALS = ["k.owner is None", "k.present[Page(0)]", "Page(0) in k.tlb[Cpu(0)]", "Page(0) not in k.tlb[Cpu(0)]"]


def _one(draw: Any, *weighted: tuple[int, list[str]]) -> str:
    options = [text for weight, texts in weighted for text in texts * weight]
    return str(draw(st.sampled_from(options)))


@st.composite
def hardware_models(draw: Any) -> str:
    """A whole model; about half of them can be reduced."""
    risky = draw(st.integers(0, 3)) == 0
    switches = draw(st.booleans())
    parts = [HEADER]
    fills = draw(
        st.lists(st.sampled_from(SWITCHES if switches else FILLS), min_size=1, max_size=2, unique=True)
    )
    removals = draw(st.lists(st.sampled_from(FILLS if switches else REMOVALS), max_size=1))
    for number, body in enumerate([*fills, *removals]):
        parts.append(f"@action(Cpu)\ndef hard{number}(k: K, me: Cpu, p: Page) -> None:\n    {body}\n")
    good, bad = (SWITCHED + GOOD[:8], SWITCHED_BAD) if switches else (GOOD + FILLED, BAD)
    for number in range(draw(st.integers(1, 2))):
        body = [_one(draw, (1, STARTS), (2 if switches else 0, SWITCHED_STARTS))]
        for _ in range(draw(st.integers(1, 3))):
            body.append(_one(draw, (3, good), (2 if risky else 0, bad)))
            if draw(st.booleans()):
                body.append("yield")
        text = "\n    ".join(body)
        parts.append(f"@operation(Cpu)\ndef op{number}(k: K, me: Cpu, p: Page) -> Steps:\n    {text}\n")
    if draw(st.integers(0, 3)) == 0:
        test = _one(
            draw,
            (3, ["k.owner is None or k.owner == me", "Page(0) in k.tlb[me]"]),
            (3 if switches else 0, ["k.ask[me] is not Ask.TAKEN", "not k.off[me]"]),
            (1, ["not k.tlb[me] >= {Page(0)}"]),
        )
        parts.append(f"@enabled(Cpu)\ndef may(k: K, me: Cpu) -> bool:\n    return {test}\n")
    up = SWITCHED_CLAIMS + UP_CLAIMS[:2] if switches else UP_CLAIMS
    claims = [_one(draw, (4, up), (1 if risky else 0, DOWN_CLAIMS)) for _ in range(2)]
    for number, claim in enumerate(claims):
        parts.append(f"@invariant\ndef claim{number}(k: K) -> bool:\n    return {claim}\n")
    if draw(st.booleans()):
        claim = draw(st.sampled_from(SWITCHED_STEPS if switches else STEPS[: 4 if risky else 3]))
        parts.append(f"@step_invariant\ndef change(before: K, after: K) -> bool:\n    return {claim}\n")
    if draw(st.booleans()):
        goal = draw(st.sampled_from(SWITCHED_GOALS if switches else GOALS[: 4 if risky else 3]))
        parts.append(f"@always_possible\ndef again(k: K) -> bool:\n    return {goal}\n")
        parts.append(
            f"@reachable\ndef once(k: K) -> bool:\n    return {draw(st.sampled_from(GOALS[:3]))} and k.bad\n"
        )
    runs = "runs={Cpu: [op0]}" if draw(st.booleans()) else "runs={Cpu[0]: [op0]}, once={Cpu[1]: [op0]}"
    about = draw(st.sampled_from(["whatever was drawn", "whatever was drawn, also whether anybody is stuck"]))
    parts.append(f'Scenario("drawn", "{about}", {runs})\n')
    return "\n\n".join(parts)
