"""A library that is linked of two objects says the same as one that is compiled of one source."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from checker.compiler import compile_program
from checker.engines import native
from checker.engines.checkpoint import Keeper, read
from checker.engines.figures import Figures
from checker.engines.outcome import Limits
from checker.language import World, model_of
from checker.language.last_lines import with_last_lines

from .eager_models import EVICT, FILL, HEAD, STALE, Load, operation
from .test_eager_moves import ACKNOWLEDGE
from .test_stops import NEVER_BOTH, TAKE, WAIT
from .test_symmetry import HEAD as ALIKE

pytestmark = pytest.mark.skipif(native.find_compiler() is None, reason="no C compiler")

CLAIMS = """
@step_invariant
def kept(before: K, after: K) -> bool:
    return after.flag or not before.flag or before.used[Page(0)]

@always_possible
def unused(k: K) -> bool:
    return not k.used[Page(0)]

@reachable
def met(k: K) -> bool:
    return k.flag and k.used[Page(0)]

@reachable
def never(k: K) -> bool:
    return k.flag and k.owner is not None and k.used[Page(1)] and not k.used[Page(0)] and not k.present[Page(0)]

@cost
def uses(before: K, after: K) -> int:
    return sum(1 for p in Page if after.used[p] and not before.used[p])
"""
WORK = operation(
    "k.used[p] = not k.used[p]",
    "yield",
    "assert not (k.used[Page(0)] and k.used[Page(1)] and k.flag)",
    "k.present[p] = not k.present[p]",
    "yield",
    "k.flag = choose({True, False})",
)
HARDWARE = HEAD + FILL + EVICT + WORK + STALE + CLAIMS
ALIKE_HARDWARE = HARDWARE.replace("Cpu(Index, size=2)", "Cpu(Index, size=2, symmetric=True)")
MEMBERS = """
@operation(Cpu)
def work(k: K, me: Cpu, v: Va) -> Steps:
    when(not k.busy[v])
    k.busy[v] = True
    k.owner[v] = me
    yield
    k.tlb[me].add(v)
    assert sum(k.busy[w] for w in Va) < 3 or not k.flag
    yield
    while k.lock is not None:
        yield
    k.lock = me
    k.flag = True
    yield
    k.busy[v] = False

@invariant
def claim(k: K) -> bool:
    return not all(k.owner[v] is not None and v in k.tlb[k.owner[v]] for v in Va)

@step_invariant
def kept(before: K, after: K) -> bool:
    return before.lock is None or sum(after.busy[v] for v in Va) >= sum(before.busy[v] for v in Va)

@always_possible
def free(k: K) -> bool:
    return k.lock is None

Scenario("all", "", runs={Cpu: [work]})
"""
STOPS = HEAD + TAKE + ACKNOWLEDGE
STOPS += operation("k.ask[me] = Ask.SENT", "yield", "k.owner = me", *WAIT) + NEVER_BOTH


def compiled(load: Load, text: str, asked: Sequence[str] = (), reduced: bool = False, **more: Any) -> Any:
    model = model_of(load("", text).K)
    world = World(model, next(iter(model.scenarios)))
    kinds = dict(model.properties)
    wanted = [kinds.get(name, name) for name in asked] or [*kinds.values(), "deadlock"]
    return compile_program(world, wanted, reduced=reduced, **more)


def sets(program: Any, **shape: int) -> bool:
    return all(f"#define {name} {value}\n" in program.source for name, value in shape.items())


PROGRAMS: dict[str, Callable[[Load], Any]] = {
    "everything": lambda load: compiled(load, HARDWARE),
    "nothing but what is reached": lambda load: compiled(load, HARDWARE, ["never"]),
    "goals": lambda load: compiled(load, HARDWARE, ["unused"]),
    "deadlock of all": lambda load: compiled(load, HEAD + FILL, ["deadlock"]),
}
REDUCED: dict[str, Callable[[Load], Any]] = {
    "eager": lambda load: compiled(load, HARDWARE, reduced=True),
    "eager, goals": lambda load: compiled(load, HARDWARE, ["unused", "claim"], reduced=True),
    "stops": lambda load: compiled(load, STOPS, ["claim"], reduced=True),
    "members": lambda load: compiled(load, ALIKE + MEMBERS, reduced=True),
    "eager, members": lambda load: compiled(load, ALIKE_HARDWARE, reduced=True),
}
SHAPES = {
    "everything": {"ANY_SUCCESSOR": 0},
    "nothing but what is reached": {"N_INVARIANTS": 0, "N_STEPS": 0, "N_GOALS": 0},
    "goals": {"N_GOALS": 1, "ANY_SUCCESSOR": 0},
    "deadlock of all": {"N_GOALS": 1, "ANY_SUCCESSOR": 1},
    "eager": {"EAGER": 1},
    "eager, goals": {"EAGER": 1, "N_GOALS": 1},
    "stops": {"EAGER": 1, "ASSUMES_STOPS": 1},
    "members": {"SYMMETRY": 1},
    "eager, members": {"EAGER": 1, "SYMMETRY": 1},
}


@pytest.mark.parametrize("name", SHAPES)
def test_what_is_compared(name: str, load: Load) -> None:
    assert sets((PROGRAMS | REDUCED)[name](load), **SHAPES[name])


ONE_SOURCE = {"extra_flags": ("-O0",)}
TWO_OBJECTS = {"quick": True}


def figures(program: Any, made: dict[str, Any], entry: str = "explore", **limits: Any) -> Figures:
    with native.Run(program, None, Limits(**limits), **made) as run:
        run.run.seed, run.run.walk_length = 1, 100
        run.go(None, entry)
        return dataclasses.replace(run.figures(), bytes=0, nanoseconds=0)


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize(("threads", "keep_going"), [(1, False), (1, True), (4, True)])
def test_the_same_search(name: str, load: Load, threads: int, keep_going: bool) -> None:
    program = (PROGRAMS | REDUCED)[name](load)
    limits = {"threads": threads, "keep_going": keep_going}
    one, two = (figures(program, made, **limits) for made in (ONE_SOURCE, TWO_OBJECTS))
    assert one == two and one.states >= 3


def test_one_engine_for_programs_with_stops_and_without(
    load: Load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for name in ("eager", "stops"):
        program = REDUCED[name](load)
        assert sets(program, WORDS=1)
        figures(program, TWO_OBJECTS)
    assert len(list(tmp_path.rglob("*.o"))) == 1


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_same_walks(name: str, load: Load) -> None:
    program = PROGRAMS[name](load)
    one, two = (figures(program, made, "simulate", max_states=5000) for made in (ONE_SOURCE, TWO_OBJECTS))
    assert one == two and one.states >= 3


@pytest.mark.parametrize("name", SHAPES)
def test_one_goes_on_with_what_the_other_has_saved(name: str, load: Load, tmp_path: Path) -> None:
    """They differ in the room that there is for counts and findings."""
    program = (PROGRAMS | REDUCED)[name](load)
    whole = figures(program, ONE_SOURCE, keep_going=True)
    for number, (first, then) in enumerate([(ONE_SOURCE, TWO_OBJECTS), (TWO_OBJECTS, ONE_SOURCE)]):
        path = tmp_path / str(number)
        for made, most in ((first, whole.states // 2), (then, None)):
            keeper = Keeper(path, {}, always=True, saved=read(path) if path.exists() else None)
            with native.Run(program, None, Limits(max_states=most, keep_going=True), **made) as run:
                run.keep(keeper, "", False, keeper.to_go_on_with(""))
                run.go(None)
                found = run.figures()
        assert dataclasses.replace(found, bytes=0, nanoseconds=0, nanoseconds_before=0) == whole


def test_the_same_last_lines(load: Load) -> None:
    model = model_of(load("", HARDWARE).K)
    plain = World(model, next(iter(model.scenarios)))
    with plain:
        variants = with_last_lines(plain.operations)
    program = compile_program(World(model, next(iter(model.scenarios)), variants=variants), ())
    one, two = (figures(program, made) for made in (ONE_SOURCE, TWO_OBJECTS))
    assert one == two and any(one.passed)


def test_the_same_costs(load: Load) -> None:
    model = model_of(load("", HARDWARE).K)
    program = compile_program(World(model, next(iter(model.scenarios))), list(model.costs.values()))
    assert sets(program, N_COSTS=1)
    one, two = (figures(program, made) for made in (ONE_SOURCE, TWO_OBJECTS))
    assert one == two
