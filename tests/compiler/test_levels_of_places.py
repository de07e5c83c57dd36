"""Indexes within indexes, and tuples handed through sub-operations, alike in both engines."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

from checker.compiler import compile_program
from checker.engines import native
from checker.engines import python as reference
from checker.engines.outcome import Limits
from checker.language import World, model_of

HEAD = """
from __future__ import annotations
import enum
from checker.language import *

class Cpu(Index, size=2): ...
class Zone(Index, size=2): ...
class Block(Index, within=Zone, size=2): ...
class Page(Index, within=Block, size=2): ...

class Kind(enum.Enum):
    MOVABLE = 0
    FIXED = 1

class Reach(enum.Enum):
    MAPPED = 0
    UNMAPPED = 1

FREETYPES = ((Kind.MOVABLE, Reach.MAPPED), (Kind.FIXED, Reach.UNMAPPED))

@state
class K:
    kind: Array[Block, tuple[Kind, Reach]]
    taken: Array[Page, bool]
    flag: bool
    n: Range(-2, 3)
"""
MODEL = """
def find(k: K, block: Block, want: tuple[Kind, Reach]) -> Steps[tuple[Kind, Reach] | None]:
    kind, reach = want
    for page in block.pages:
        yield
        got = yield from take(k, page, want)
        if got is not None and got[0] is kind and got[1] is reach:
            return got
    for i in range(2):
        other = yield from take(k, Page(i), (want[0], Reach.MAPPED))
        if other == want:
            return other
    for i in range(1, -3, -1):
        k.n = i
        yield
    return None

def take(k: K, page: Page, want: tuple[Kind, Reach]) -> Steps[tuple[Kind, Reach] | None]:
    yield
    if k.taken[page] or k.kind[page.block] != want:
        return None
    k.taken[page] = True
    return k.kind[page.block]

def opposite(kind: tuple[Kind, Reach]) -> tuple[Kind, Reach]:
    return kind[0], Reach.UNMAPPED if kind[1] is Reach.MAPPED else Reach.MAPPED

@operation(Cpu)
def op(k: K, me: Cpu, zone: Zone) -> Steps:
    yield
    for block in zone.blocks:
        got = yield from find(k, block, (Kind.MOVABLE, Reach.MAPPED))
        if got is None:
            k.flag = not k.flag
        else:
            k.kind[block] = opposite(got)
    assert all(p.block.zone == zone for b in zone.blocks for p in b.pages)
    assert sum(len(b.pages) for b in zone.blocks) == 4

@invariant
def n_is_small(k: K) -> bool:
    return k.n < 2 and all(k.n > -2 or k.kind[b] in FREETYPES for z in Zone for b in z.blocks)

@invariant
def taken_is_unmapped(k: K) -> bool:
    return all(k.kind[p.block][1] is Reach.UNMAPPED for p in Page if k.taken[p] and p.block.zone == Zone(1))

Scenario("one", "a CPU, on either zone", runs={Cpu[0]: [op]})
"""


def test_three_levels_and_tuples(load: Callable[..., ModuleType]) -> None:
    model = model_of(load(MODEL, HEAD).K)
    world, wanted = World(model, "one"), [*model.properties.values()]
    program = compile_program(world, wanted)
    compiled = native.explore(program, (), Limits())
    expected = reference.explore(world, wanted, Limits(keep_going=True), project=program.pack)
    assert (compiled.states, compiled.transitions) == (expected.states, expected.transitions)
    violated = {name: found.depth for name, found in compiled.violations.items()}
    assert violated == {name: found.depth for name, found in expected.violations.items()}
    assert not any(name.startswith(("assert", "model error")) for name in violated)
    assert set(violated) == {"n_is_small"}
