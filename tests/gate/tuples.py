"""Random models of a set of tuples that hardware fills, of which one item may not matter to anybody."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from .hardware import HEADER

SERVES = """
def served(k: K, me: Cpu, p: Page) -> bool:
    if any((c, p) in k.seen for c in Cpu if c == me):
        source = choose(Source)
        if source is Source.CACHED:
            return True
    if not k.present[p]:
        return False
    k.seen.add((me, p))
    return True


def is_left(k: K, p: Page) -> None:
    if any((c, p) in k.seen for c in Cpu):
        source = choose(Source)
        if source is Source.CACHED:
            k.bad = True


def is_seen(k: K, c: Cpu, p: Page) -> bool:
    if k.owner is None:
        return False
    return (c, p) in k.seen or k.used[p]
"""
FILLS = [
    "when(k.present[p] and (me, p) not in k.seen)\n    k.seen.add((me, p))",
    "when(k.owner == me)\n    k.seen.add((me, p))",
    "when(k.present[p])\n    k.seen.add((Cpu(1), p))",
]
STEPS = [
    "k.present[p] = not k.present[p]",
    "k.used[p] = not k.used[p]",
    "k.owner = me",
    "k.owner = None",
    "k.seen.clear()",
    "for c in Cpu:\n        k.seen.discard((c, p))",
    "for q in Page:\n        for c in Cpu:\n            k.seen.discard((c, q))",
    "served(k, me, p)",
    "yield\n    when(any((c, p) in k.seen for c in Cpu))",
    "k.seen.add((me, p))",
]
RISKY = [
    "k.seen.discard((me, p))",
    "for c in Cpu:\n        if c != me:\n            k.seen.discard((c, p))",
    "for c in Cpu:\n        k.seen.discard((c, p))\n        if k.used[p]:\n            break",
    "k.used[p] = served(k, me, p)",
    "yield\n    when((me, p) in k.seen)",
    "for c in Cpu:\n        k.seen.discard((c, Page(0) if c == me else p))",
    "for c in Cpu:\n        k.seen.discard((c, Page(0) if k.bad else p))\n        k.bad = not k.bad",
    "for c in Cpu:\n        k.seen.discard((c, p))\n        is_left(k, p)",
]
CLAIMS = [
    "not any(k.used[p] and any((c, p) in k.seen for c in Cpu) for p in Page)",
    "not any((c, p) in k.seen and not k.present[p] for p in Page for c in Cpu)",
    "not any(is_seen(k, c, p) and not k.present[p] for c in Cpu for p in Page)",
    "not any(any((c, p) in k.seen for c in Cpu) and k.owner is None for p in Page)",
    "not any((c, p) in k.seen and k.owner == c and k.used[p] for c in Cpu for p in Page)",
    "not ((Cpu(0), Page(0)) in k.seen and k.used[Page(1)])",
    "len(k.seen) < 3",
    "not (k.bad and k.owner is None)",
]


@st.composite
def models_of_tuples(draw: Any) -> str:
    """A whole model; in more than half of them an item does not matter."""
    risky = draw(st.integers(0, 3)) == 0
    parts = [HEADER, SERVES]
    for number, body in enumerate(
        draw(st.lists(st.sampled_from(FILLS), min_size=1, max_size=2, unique=True))
    ):
        parts.append(f"@action(Cpu)\ndef hard{number}(k: K, me: Cpu, p: Page) -> None:\n    {body}\n")
    lines = ["yield"]
    for _ in range(draw(st.integers(2, 4))):
        lines.append(draw(st.sampled_from(STEPS + RISKY if risky else STEPS)))
        if draw(st.booleans()):
            lines.append("yield")
    text = "\n    ".join(lines)
    parts.append(f"@operation(Cpu)\ndef op(k: K, me: Cpu, p: Page) -> Steps:\n    {text}\n")
    for number in range(2):
        claim = draw(st.sampled_from(CLAIMS if risky else CLAIMS[:4]))
        parts.append(f"@invariant\ndef claim{number}(k: K) -> bool:\n    return {claim}\n")
    about = draw(st.sampled_from(["whatever was drawn", "whatever was drawn, also whether anybody is stuck"]))
    parts.append(f'Scenario("drawn", "{about}", runs={{Cpu: [op]}})\n')
    return "\n\n".join(parts)
