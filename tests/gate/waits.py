"""Random models of requests, answered by hardware, and of operations that come to a wait for the answers in the
middle of a block: there it is mostly over if hardware is eager (docs/design/stops.md).
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from .hardware import FILLS, HEADER, SWITCHED_CLAIMS, SWITCHED_GOALS, SWITCHED_STEPS, UP_CLAIMS, WAITS

TAKES = [
    "when(k.ask[me] is Ask.SENT)\n    k.ask[me] = Ask.TAKEN",
    "when(k.ask[me] is Ask.SENT)\n    k.ask[me] = Ask.TAKEN\n    k.tlb[me].clear()",
    "when(k.ask[me] is Ask.SENT and k.ask[Cpu(0)] is not Ask.TAKEN)\n    k.ask[me] = Ask.TAKEN",
    "when(k.ask[me] is Ask.SENT and not k.off[me])\n    k.ask[me] = Ask.TAKEN",
]
ANSWERS = [
    "when(k.ask[me] is Ask.TAKEN)\n    k.ask[me] = Ask.NONE",
    "when(k.ask[me] is Ask.TAKEN and k.present[p])\n    k.ask[me] = Ask.NONE",
    "when(k.ask[me] is Ask.TAKEN and not k.off[me])\n    k.ask[me] = Ask.NONE",
]
OTHERS = [
    "when(k.ask[me] is Ask.NONE)\n    k.ask[me] = Ask.TAKEN",
    "when(k.off[me])\n    k.off[me] = False",
    "when(not k.off[me])\n    k.off[me] = True",
    FILLS[1],
]
ASKS = [
    "k.ask[me] = Ask.SENT",
    "k.ask[me] = Ask.TAKEN",
    "for c in Cpu:\n        k.ask[c] = Ask.SENT",
    "for c in Cpu:\n        if c != me:\n            k.ask[c] = Ask.SENT\n            yield",
    "if k.present[p]:\n        k.ask[Cpu(1)] = Ask.SENT",
]
STEPS = [
    "k.tlb[me].clear()",
    "k.used[p] = not k.used[p]",
    "k.owner = me",
    "k.owner = None",
    "k.bad = k.owner is not None and k.owner != me",
    "k.present[p] = not k.present[p]",
    "k.off[me] = True",
]
TESTS = ["k.owner is None or k.owner == me", "k.ask[me] is not Ask.TAKEN", "not k.off[me]"]


@st.composite
def models_of_waits(draw: Any) -> str:
    def one(texts: list[str]) -> str:
        return str(draw(st.sampled_from(texts)))

    parts = [HEADER]
    actions = [one(TAKES), one(ANSWERS), *draw(st.lists(st.sampled_from(OTHERS), max_size=1))]
    for number, body in enumerate(actions):
        parts.append(f"@action(Cpu)\ndef hard{number}(k: K, me: Cpu, p: Page) -> None:\n    {body}\n")
    body = ["yield", one(ASKS), *(["yield"] if draw(st.booleans()) else [])]
    body += [*draw(st.lists(st.sampled_from(STEPS), max_size=2)), one(WAITS)]
    body += draw(st.lists(st.sampled_from([*STEPS, "yield", *WAITS]), max_size=3))
    text = "\n    ".join(body)
    parts.append(f"@operation(Cpu)\ndef op0(k: K, me: Cpu, p: Page) -> Steps:\n    {text}\n")
    if draw(st.booleans()):
        parts.append(f"@enabled(Cpu)\ndef may(k: K, me: Cpu) -> bool:\n    return {one(TESTS)}\n")
    for number in range(2):
        claim = one([*SWITCHED_CLAIMS, *UP_CLAIMS[:1], "not k.bad", "not k.bad"])
        parts.append(f"@invariant\ndef claim{number}(k: K) -> bool:\n    return {claim}\n")
    if draw(st.integers(0, 3)) == 0:
        claim = one([*SWITCHED_STEPS, "before.owner is None or after.owner != Cpu(0)"])
        parts.append(f"@step_invariant\ndef change(before: K, after: K) -> bool:\n    return {claim}\n")
    if draw(st.integers(0, 3)) == 0:
        parts.append(f"@always_possible\ndef again(k: K) -> bool:\n    return {one(SWITCHED_GOALS)}\n")
    about = one(["whatever was drawn", "whatever was drawn, also whether anybody is stuck"])
    parts.append(f'Scenario("drawn", "{about}", once={{Cpu: [op0]}})\n')
    return "\n\n".join(parts)
