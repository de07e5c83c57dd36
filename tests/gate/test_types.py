"""Sets of several words, and arrays that an Enum indexes: both engines, and both reductions."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from checker.compiler import Program, compile_program
from checker.language import World, model_of
from checker.language.errors import CheckerError

from . import test_eager, test_symmetry
from .test_gate import agree, load

WIDE = """
from __future__ import annotations
import enum
from checker.language import *

class Kind(enum.Enum):
    READ = 0
    WRITE = 1

class Cpu(Index, size=2): ...
class Va(Index, size=20): ...
class Page(Index, size=2, symmetric=True): ...
Entry = tuple[Va, Page, Kind]


@state
class K:
    tlb: Array[Cpu, Set[Entry]]
    seen: Set[Entry]
    last: Page | None


def far(k: K, me: Cpu) -> set[Entry]:
    return {e for e in k.tlb[me] if e[0] == Va(19)}


def flush(k: K, me: Cpu) -> Steps[Set[Entry]]:
    old = frozen(k.tlb[me])
    yield
    k.tlb[me].clear()
    return old


@operation(Cpu)
def work(k: K, me: Cpu, page: Page) -> Steps:
    k.tlb[me].add((Va(19), page, Kind.WRITE))
    yield
    known = set()
    if len(k.tlb[me]) > 1:
        known = yield from flush(k, me)
    else:
        known = yield from flush(k, me)
    k.seen |= known - far(k, me)
    yield
    if known <= frozen(k.seen) and not k.seen.isdisjoint(known):
        entry = choose(known)
        k.last = entry[1]
        k.seen.discard(entry)
    while any(page == q and kind is Kind.WRITE for _, q, kind in k.tlb[Cpu(1 - int(me))]):
        yield
    k.seen.assign(set())


@action(Cpu)
def fill(k: K, me: Cpu, page: Page) -> None:
    when(k.last is not None and k.last != page)
    k.tlb[me].add((Va(0), page, Kind.READ))


Scenario("drawn", "all of it", runs={Cpu[0]: [work]})


@invariant
def far_ones_are_written(k: K) -> bool:
    return all(kind is Kind.WRITE for c in Cpu for va, _, kind in k.tlb[c] if va == Va(19))


@invariant
def few(k: K) -> bool:
    return len(k.tlb[Cpu(0)] | k.tlb[Cpu(1)]) < 4


@step_invariant
def one_at_a_time(before: K, after: K) -> bool:
    return len(after.seen - before.seen) <= 1 or after.last == before.last


@always_possible
def empty(k: K) -> bool:
    return all(k.tlb[c] == set() for c in Cpu)
"""

FILLS = """
from __future__ import annotations
from checker.language import *

class Cpu(Index, size=2): ...
class Page(Index, size=2): ...
class Asid(Index, size=17): ...


@state
class K:
    tlb: Set[tuple[Cpu, Page, Asid]]
    present: Array[Page, bool]
    freed: bool


@initial
def boot(k: K) -> None:
    k.present[Page(0)] = True


@operation(Cpu)
def unmap(k: K, me: Cpu) -> Steps:
    k.present[Page(0)] = False
    yield
    k.tlb &= {(c, p, a) for c, p, a in k.tlb if c != me}
    yield
    k.freed = True
    yield
    k.freed = False
    k.present[Page(0)] = True


@action(Cpu)
def walk(k: K, me: Cpu, page: Page) -> None:
    when(k.present[page])
    k.tlb.add((me, page, Asid(16)))


Scenario("drawn", "all of it", runs={Cpu: [unmap]})


@invariant
def not_stale(k: K) -> bool:
    return not (k.freed and any(p == Page(0) for _, p, _ in k.tlb))
"""

BY_ENUM = """
from __future__ import annotations
import enum
from checker.language import *

class Level(str, enum.Enum):
    LOW = "low"
    MID = "mid"
    HIGH = "high"

    @property
    def up(self) -> "Level":
        return Level.MID if self is Level.LOW else Level.HIGH

class Zone(Index, size=2, symmetric=True): ...
class Cpu(Index, size=1): ...

@record
class Area(Record):
    count: Range(0, 1)
    users: Set[Level]


@state
class K:
    area: Array[Level, Area]
    full: Array[Zone, Array[Level, bool]]
    zone: Array[Level, Zone | None]
    last: Level
    saved: Array[Level, Area]


@initial
def boot(k: K) -> None:
    for level in Level:
        k.area[level].count = 1
    k.area[Level.LOW].assign(count=0)


@operation(Cpu)
def take(k: K, me: Cpu, level: Level) -> Steps:
    when(k.area[level].count > 0)
    area = k.area[level]
    area.count -= 1
    area.users.add(level)
    yield
    for other in Level:
        if other is level:
            continue
        k.last = other
        yield
    old = frozen(k.area)
    copy_into(k.saved[level], area)
    area.users.discard(level)
    area.count = old[level].count + 1
    k.last = level.up if old[level.up].count > 0 or old != frozen(k.area) else Level.LOW
    zone = choose(Zone)
    k.full[zone][level] = not k.full[zone][level]
    k.zone[level] = zone if k.full[zone][level] else None


@action
def clear(k: K, zone: Zone) -> None:
    for level in Level:
        k.full[zone][level] = False
        if k.zone[level] == zone:
            k.zone[level] = None


Scenario("drawn", "all of it", runs={Cpu: [take]})


@invariant
def few(k: K) -> bool:
    return sum(k.area[x].count for x in Level) >= 1 and all(len(k.area[x].users) < 2 for x in Level)


@invariant
def known(k: K) -> bool:
    return all(k.full[z][x] for x in Level for z in Zone if k.zone[x] == z)


@invariant
def some_left(k: K) -> bool:
    return any(not k.full[z][x.up] for x in Level for z in Zone)


@always_possible
def unused(k: K) -> bool:
    return all(len(k.area[x].users) == 0 for x in Level)
"""


def compiled(text: str, reduced: bool = True) -> Program:
    with tempfile.TemporaryDirectory() as folder:
        model = model_of(load(text, folder).K)
        return compile_program(
            World(model, "drawn"), [*model.properties.values(), "deadlock"], reduced=reduced
        )


@pytest.mark.parametrize("text", [WIDE, FILLS, BY_ENUM], ids=["wide", "fills", "by enum"])
def test_both_engines_agree(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        model = model_of(load(text, folder).K)
        assert agree(World(model, "drawn"), [*model.properties.values(), "deadlock"], 20_000)


@pytest.mark.parametrize("text", [WIDE, BY_ENUM], ids=["wide", "by enum"])
def test_a_symmetric_index(text: str) -> None:
    assert "interchangeable" in compiled(text).statistics
    test_symmetry.same_answers(text)


def test_hardware_that_fills_a_set_of_several_words() -> None:
    assert compiled(FILLS).statistics["eager actions"] == ["walk"]
    test_eager.same_answers(FILLS)


def test_a_set_takes_a_bit_for_each_possible_member() -> None:
    assert 3 * 80 < compiled(WIDE).statistics["bits"] < 5 * 80


def test_paths_name_the_member_of_an_enum(tmp_path: Path) -> None:
    cells = World(model_of(load(BY_ENUM, str(tmp_path)).K), "drawn").cells
    assert {"area[MID].count", "full[1][HIGH]", "zone[LOW]"} <= {cell.path for cell in cells}


def test_z3_takes_one_word(tmp_path: Path) -> None:
    pytest.importorskip("z3")
    from checker.engines.symbolic_machine import machine_of

    model = model_of(load(WIDE, str(tmp_path)).K)
    with pytest.raises(CheckerError, match="80 possible members, and to z3 a set is one word"):
        machine_of(World(model, "drawn"), [model.properties["few"]])
