"""Helpers that were specialised to different types, and are the same C function."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import ModuleType
from typing import Any

from checker.compiler import compile_program
from checker.engines import native, python
from checker.engines.outcome import Limits
from checker.language import World, model_of

TEXT = """
def add(k: K, n: int) -> None:
    if n > 0:
        k.level = min(3, k.level + n)

def add_twice(k: K, n: int) -> None:
    add(k, n)
    add(k, n)

def share(k: K, n: int) -> int:
    return 6 // n

@operation(Cpu)
def work(k: K, me: Cpu, some: Range(0, 2), more: Range(1, 3)) -> Steps:
    yield
    add_twice(k, some)
    yield
    add_twice(k, more)
    yield
    k.level = 0
    k.flag = share(k, some + 1) == share(k, more)
    yield
    k.flag = share(k, some) == 3

@invariant
def low(k: K) -> bool:
    return k.level < 3 or k.flag
"""


Load = Callable[[str], ModuleType]


def compiled(load: Load) -> tuple[World, list[Any], Any]:
    model = model_of(load(TEXT).K)
    world, wanted = World(model), list(model.properties.values())
    return world, wanted, compile_program(world, wanted)


def functions(program: Any, name: str) -> list[str]:
    found: list[str] = re.findall(rf"^static inline \w+ ({name}_\d*f)\(", program.source, re.MULTILINE)
    return found


def test_they_are_written_once(load: Load) -> None:
    """Also those that differ in which of two such functions they call."""
    *_, program = compiled(load)
    for name in ("add", "add_twice"):
        assert functions(program, name) == [f"{name}_f"]
        assert f"#define {name}_2f {name}_f\n" in program.source
    assert len(functions(program, "share")) == 2  # one of them may divide by zero


def test_the_answers_stay_the_same(load: Load) -> None:
    world, wanted, program = compiled(load)
    ours = native.explore(program, None, Limits(keep_going=True))
    theirs = python.explore(world, wanted, Limits(keep_going=True), project=program.pack)
    assert (ours.states, ours.transitions) == (theirs.states, theirs.transitions)
    assert set(ours.violations) == set(theirs.violations) and len(ours.violations) == 2
