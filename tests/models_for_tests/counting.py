"""Counters that are slow to exhaust, and TLBs that may be filled at any time."""

from __future__ import annotations

from checker.language import (
    Array,
    Index,
    Range,
    Scenario,
    Set,
    Steps,
    action,
    bounds,
    choose,
    invariant,
    operation,
    state,
    when,
)


@bounds
class Bounds:
    counters: int = 4


class Cpu(Index, size="counters"):
    pass


class Page(Index, size=2):
    pass


@state(bounds=Bounds)
class K:
    level: Array[Cpu, Range(0, 6)]
    tlb: Array[Cpu, Set[Page]]
    absent: Set[Page]


@operation(Cpu)
def up(k: K, me: Cpu) -> Steps:
    yield
    k.level[me] = (k.level[me] + 1) % 7


@operation(Cpu)
def unmap(k: K, me: Cpu) -> Steps:
    p = choose(Page)
    k.absent.add(p)
    yield
    for c in Cpu:
        k.tlb[c].discard(p)
    k.absent.discard(p)


@action(Cpu)
def fill(k: K, me: Cpu) -> None:
    p = choose(Page)
    when(p not in k.absent and p not in k.tlb[me])
    k.tlb[me].add(p)


@invariant
def low(k: K) -> bool:
    return any(k.level[c] < 5 for c in Cpu)


@invariant
def fine(k: K) -> bool:
    return any(k.level[c] < 7 for c in Cpu)


Scenario("first", "they count", runs={Cpu: [up]})
Scenario("second", "and they unmap", runs={Cpu: [up, unmap]}, bounds={"counters": 2})
