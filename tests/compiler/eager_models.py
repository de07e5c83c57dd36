"""Parts of models with hardware, and both searches of one put together of them."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

from checker.compiler import compile_program
from checker.engines import native
from checker.engines.outcome import Limits, Outcome
from checker.language import World, model_of

HEAD = """
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
    other: Set[Page]
    present: Array[Page, bool]
    used: Array[Page, bool]
    flag: bool
    owner: Cpu | None
    sign: Array[Cpu, bool]

@initial
def boot(k: K) -> None:
    k.present[Page(0)] = True

"""
FILL = """
@action(Cpu)
def fill(k: K, me: Cpu, p: Page) -> None:
    when(k.present[p] and p not in k.tlb[me])
    k.tlb[me].add(p)
"""
EVICT = """
@action(Cpu)
def evict(k: K, me: Cpu, p: Page) -> None:
    when(p in k.tlb[me])
    k.tlb[me].discard(p)
"""
STALE = """
@invariant
def claim(k: K) -> bool:
    return not any(p in k.tlb[c] and not k.present[p] for c in Cpu for p in Page)

@invariant
def seen(k: K) -> bool:
    return not (all(k.used[p] for p in Page) and k.flag)
"""
OPERATION = """
@operation(Cpu)
def op(k: K, me: Cpu, p: Page) -> Steps:
    yield
"""
Load = Callable[..., ModuleType]


def outcomes(load: Load, text: str, head: str = HEAD) -> tuple[dict[str, Any], Outcome, Outcome]:
    """The statistics, and both searches, which must agree."""
    model = model_of(load(text, head).K)
    world, wanted = World(model, next(iter(model.scenarios))), [*model.properties.values(), "deadlock"]
    reduced = compile_program(world, wanted, reduced=True)
    full = native.explore(compile_program(world, wanted), None, Limits(keep_going=True))
    found = native.explore(reduced, None, Limits(keep_going=True))
    assert (set(found.violations), set(found.reached)) == (set(full.violations), set(full.reached))
    assert found.complete and full.complete
    return found.statistics or reduced.statistics, found, full


def operation(*lines: str) -> str:
    return OPERATION + "".join(f"    {line}\n" for line in lines)
