"""Random models whose indexes are declared symmetric. Most treat their members alike; the others must be noticed."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

HEADER = """
from __future__ import annotations

import enum

from checker.language import *


class Cpu(Index, size={cpus}, symmetric={cpu_symmetric}): ...
class Irq(Index, of=Cpu): ...
class Task(Index, size={cpus}, symmetric={cpu_symmetric}): ...
class Block(Index, size={blocks}, symmetric={block_symmetric}): ...
class Page(Index, within=Block, size={pages}, symmetric={page_symmetric}): ...

class Source(enum.Enum):
    CACHED = 0
    WALKED = 1


@record
class Frame:
    busy: bool
    owner: Cpu | None
    beside: Page | None


@state
class K:
    tlb: Array[Cpu, Set[Page]]
    seen: Set[tuple[Cpu, Page]]
    frame: Array[Page, Frame]
    open: Array[Block, bool]
    pending: Array[Irq, Page | None]
    fixed: Array[Page, bool]
    lock: Cpu | None
    level: Range(0, 2)
    bad: bool
    cpu_of: Array[Task, Cpu]
    runner: Task | None


@initial
def boot(k: K) -> None:
    for t in Task:
        k.cpu_of[t] = Cpu(int(t))
    {start}


def is_busy(k: K, b: Block) -> bool:
    for p in b.pages:
        if k.frame[p].busy:
            return True
    return False


def owned(k: K, c: Cpu) -> int:
    return sum(1 for p in Page if k.frame[p].owner == c)


def release(k: K, p: Page) -> None:
    k.frame[p].owner = None
    k.frame[p].busy = False


def claim_for(k: K, p: Page, c: Cpu) -> None:
    assert not k.frame[p].busy, "claimed twice"
    k.frame[p].owner = c


def is_owned_by(k: K, p: Page, c: Cpu) -> bool:
    owner = k.frame[p].owner
    if owner is None:
        return False
    return len(k.tlb[owner]) > 0 and owner == c


"""

STARTS = [
    "pass",
    "k.frame[Page(0)].busy = True",
    "k.fixed[Page(0)] = True",
    "k.lock = choose(Cpu)",
    "k.open[Block(0)] = choose(True, False)",
    "k.tlb[Cpu(0)].add(Page(1))",
]
GOOD = [
    "k.tlb[me].add(p)",
    "k.tlb[me].discard(p)",
    "k.frame[p].busy = not k.frame[p].busy",
    "k.frame[p].owner = me",
    "k.frame[p].beside = choose(q for q in Page if q != p and not k.frame[q].busy)",
    "release(k, p)",
    "k.seen.add((me, p))",
    "k.seen = {(c, p) for c in Cpu if k.lock == c}",
    "k.lock = me",
    "k.lock = None",
    "k.pending[me.irq] = p",
    "k.pending[me.irq] = None",
    "k.open[p.block] = is_busy(k, p.block)",
    "k.bad = k.bad or owned(k, me) == 2",
    "k.level = (k.level + owned(k, me)) % 3",
    "when(k.lock is None or k.lock == me)",
    "if k.fixed[p]:\n        k.bad = not k.bad",
    "if k.frame[p].owner is not None and k.frame[p].owner != me:\n        k.level = 0",
    "for q in Page:\n        if k.frame[q].owner == me:\n            k.frame[q].owner = None",
    "for q in p.block.pages:\n        k.frame[q].busy = False",
    "for c in Cpu:\n        k.tlb[c].discard(p)",
    "for c in Cpu:\n        if k.pending[c.irq] == p:\n            k.pending[c.irq] = None\n            k.bad = True",
    "for q in k.tlb[me]:\n        k.seen.add((me, q))",
    "found = False\n    for q in Page:\n        if k.frame[q].owner == me:\n            found = True\n    k.bad = found",
    "n = 0\n    for q in Page:\n        if k.frame[q].busy:\n            n += 1\n    k.level = min(n, 2)",
    "n = 2\n    for q in p.block.pages:\n        if q in k.tlb[me]:\n            n -= 1\n    k.level = n",
    "for q in any_order(Page):\n        yield\n        k.tlb[me].discard(q)",
    "for c in any_order(Cpu):\n        if c != me:\n            k.lock = c",
    "q = choose(q for q in Page if q in k.tlb[me] or q == p)\n    yield\n    k.frame[q].busy = True",
    "t = frozen(k.tlb[me])\n    yield\n    k.tlb[me] = t",
    "w = (me, p)\n    yield\n    k.seen.discard(w)",
    "while k.lock is not None and k.lock != me:\n        yield",
    "assert not (k.bad and k.frame[p].busy), 'busy'",
    "assert k.frame[p].owner is None or k.frame[p].owner == me or not k.bad, 'foreign'",
    "o = k.frame[p].owner\n    if o is not None:\n        k.tlb[o].clear()",
    "b = choose(Block)\n    if any(k.frame[q].busy for q in b.pages):\n        k.open[b] = True",
    "if running(me, op0):\n        k.level = 1",
    "for q in Page:\n        release(k, q)",
    "k.bad = any(is_owned_by(k, q, c) for q in Page for c in Cpu)",
    "k.runner = choose(t for t in Task if k.cpu_of[t] == me)",
    "k.runner = choose(Task)",
    "if k.runner is not None and k.cpu_of[k.runner] == me:\n        k.lock = me",
    "k.bad = any(k.runner == t and k.cpu_of[t] != me for t in Task)",
]
TRAPS = [
    "for q in Page:\n        yield\n        k.tlb[me].discard(q)",
    "for q in Page:\n        if k.frame[q].busy:\n            k.frame[q].busy = False\n            break",
    "for q in Page:\n        k.lock = k.frame[q].owner",
    "last = p\n    for q in Page:\n        if k.frame[q].busy:\n            last = q\n    k.frame[last].owner = me",
    "k.level = int(p) % 2",
    "k.frame[p].busy = p > Page(0)",
    "k.frame[Page(0)].busy = True",
    "k.frame[p ^ 1].busy = True",
    "k.frame[p].busy = int(p) % 2 == int(p) & 1",
    "for q in Page:\n        k.tlb[me].discard(q)\n        k.bad = p in k.tlb[me] and not k.bad",
    "k.bad = any(k.frame[q].busy for q in k.tlb[k.lock])",
    "k.bad = any(p in k.tlb[k.frame[q].owner] for q in Page)",
    "k.bad = any(p in k.tlb[k.frame[q].owner] for q in Page if k.frame[q].owner is not None)",
    "q = max(Page)\n    k.frame[q].busy = True",
    "k.runner = Task(0)",
    "for q in Page:\n        claim_for(k, q, me)",
    "for t in Task:\n        yield\n        k.runner = t",
]
CLAIMS = [
    "not any(p in k.tlb[c] and k.frame[p].owner == c for c in Cpu for p in Page)",
    "sum(1 for p in Page if k.frame[p].busy) < len(Page)",
    "not k.bad",
    "k.lock is None or len(k.tlb[k.lock]) < 2",
    "all(k.open[b] or not is_busy(k, b) for b in Block)",
    "len(k.seen) < 3",
    "len({k.frame[p].owner for p in Page}) < 3",
    "all(k.pending[c.irq] is None or k.pending[c.irq] in k.tlb[c] for c in Cpu)",
    "all(k.frame[p].beside is None or k.frame[p].beside.block == p.block for p in Page)",
    "owned(k, k.lock) < 2 if k.lock is not None else True",
    "k.runner is None or k.lock != k.cpu_of[k.runner]",
    "not any(is_owned_by(k, p, c) and k.bad for p in Page for c in Cpu)",
]
TRAP_CLAIMS = ["not k.frame[Page(0)].busy", "k.lock != Cpu(0)"]
STEPS = [
    "not (before.lock is not None and after.lock is not None and before.lock != after.lock)",
    "all(before.tlb[c] <= after.tlb[c] or after.lock == c for c in Cpu)",
]
GOALS = ["k.lock is None", "all(not k.frame[p].busy for p in Page)", "any(len(k.tlb[c]) == 2 for c in Cpu)"]


@st.composite
def symmetric_models(draw: Any) -> str:
    """A whole model. `by_task`: it runs tasks, each of which stays on its CPU."""
    risky = draw(st.integers(0, 4)) == 0
    nested = draw(st.booleans())
    by_task, in_scenario = draw(st.booleans()), draw(st.booleans())
    block_symmetric = draw(st.booleans())
    header = HEADER.format(
        cpus=draw(st.sampled_from([2, 2, 3])),
        cpu_symmetric=not in_scenario,
        blocks=2 if nested else 1,
        pages=2 if nested else draw(st.sampled_from([2, 3])),
        block_symmetric=block_symmetric,
        page_symmetric=draw(st.sampled_from([True, True, not block_symmetric])),
        start=draw(st.sampled_from(STARTS)),
    )
    parts = [header]
    for number in range(draw(st.integers(1, 2))):
        body = ["yield"] if draw(st.booleans()) else []
        for _ in range(draw(st.integers(1, 3))):
            body.append(draw(st.sampled_from(TRAPS if risky and draw(st.booleans()) else GOOD)))
            if draw(st.booleans()):
                body.append("yield")
        text = "\n    ".join([*body, "yield"])
        if by_task:
            text = "me = k.cpu_of[task]\n    " + text.replace("running(me", "running(task")
        kind, name = ("Task", "task") if by_task else ("Cpu", "me")
        parts.append(
            f"@operation({kind})\ndef op{number}(k: K, {name}: {kind}, p: Page) -> Steps:\n    {text}\n"
        )
    if draw(st.booleans()):
        body = draw(
            st.sampled_from(
                ["k.tlb[me].add(p)", "k.tlb[me].discard(p)", "when(k.frame[p].busy)\n    k.tlb[me].add(p)"]
            )
        )
        parts.append(f"@action(Cpu)\ndef hard(k: K, me: Cpu, p: Page) -> None:\n    {body}\n")
    if not by_task and draw(st.integers(0, 3)) == 0:
        parts.append(
            "@enabled(Cpu)\ndef may(k: K, me: Cpu) -> bool:\n    return k.lock is None or k.lock == me\n"
        )
    for number in range(2):
        claim = draw(st.sampled_from(CLAIMS + (TRAP_CLAIMS if risky else [])))
        parts.append(f"@invariant\ndef claim{number}(k: K) -> bool:\n    return {claim}\n")
    if draw(st.booleans()):
        parts.append(
            f"@step_invariant\ndef change(before: K, after: K) -> bool:\n    return {draw(st.sampled_from(STEPS))}\n"
        )
    if draw(st.booleans()):
        goal, other = draw(st.sampled_from(GOALS)), draw(st.sampled_from(GOALS))
        parts.append(f"@always_possible\ndef again(k: K) -> bool:\n    return {goal}\n")
        parts.append(f"@reachable\ndef once(k: K) -> bool:\n    return {other} and k.bad\n")
    runs = draw(
        st.sampled_from(
            ["runs={Cpu: [op0]}", "once={Cpu: [op0]}", "runs={Cpu[0]: [op0]}, once={Cpu[1]: [op0]}"]
        )
    )
    if by_task:
        runs = runs.replace("Cpu", "Task")
    alike = ", symmetric=[Cpu, Task]" if in_scenario else ""
    parts.append(f'Scenario("drawn", "whatever was drawn", {runs}{alike})\n')
    return "\n\n".join(parts)
