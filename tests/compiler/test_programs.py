"""Programs that a user would write: what compiles, compiles to what the generators do."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import pytest

from checker.compiler import compile_program
from checker.engines import native
from checker.engines import python as reference
from checker.engines.outcome import Limits
from checker.language import World, model_of

OPERATION = "@operation(Cpu)\ndef op(k: K, me: Cpu) -> Steps:\n    yield\n    "

PROGRAMS = {
    "a loop whose locals are assigned before its only break": (
        "while True:\n        while k.flag:\n            yield\n        start = k.level\n        yield\n        if k.level == start:\n"
        "            break\n    k.flag = start == 0\n"
    ),
    "None first, a member later": (
        "found = None\n    for p in Page:\n        if k.page[p].free:\n            found = p\n            break\n"
        "    if found is None:\n        k.page[me_page(me)].free = True\n        return\n    k.page[found].free = False\n"
    ),
    "a choice whose result nothing kept reads": "kind = pick(k)\n    k.kind = kind\n    yield\n    k.flag = not k.flag\n",
    "an optional tuple, taken apart and subscripted": (
        "entry = choose((p, c) for p in Page for c in Cpu if p not in k.tlb[c])\n    yield\n    page, cpu = entry\n"
        "    k.tlb[cpu].add(page)\n    k.flag = entry[1] == me\n"
    ),
    "records compared and kept as values": (
        "before = frozen(k.page[Page(0)])\n    yield\n    k.flag = before == frozen(k.page[Page(0)])\n"
        "    k.page[Page(0)].free = not before.free\n"
    ),
    "a conditional loop with yields inside": (
        "n: Range(0, 3) = 0\n    while n < 3:\n        if k.flag:\n            yield\n        n = n + 1\n    k.flag = not k.flag\n"
    ),
    "a condition that a helper with effects negates": "if not claim(k, me):\n        yield\n    k.flag = k.level == 1\n",
}

HELPERS = """
def me_page(me: Cpu) -> Page:
    return Page(int(me))

def pick(k: K) -> Kind:
    c = choose(Kind)
    return c

def claim(k: K, me: Cpu) -> bool:
    if k.level == 1:
        return False
    k.level = 1
    return True

"""


@pytest.mark.parametrize("name", PROGRAMS)
def test_both_engines_agree(load: Callable[..., ModuleType], name: str) -> None:
    prop = "\n@invariant\ndef p(k: K) -> bool:\n    return k.flag or k.level < 2 or k.page[Page(0)].free\n"
    model = model_of(load(HELPERS + OPERATION + PROGRAMS[name] + prop).K)
    world = World(model)
    wanted = [model.properties["p"], "deadlock"]
    program = compile_program(world, wanted)
    compiled = native.explore(program, (), Limits(), extra_flags=["-O0"])
    expected = reference.explore(world, wanted, Limits(keep_going=True), project=program.pack)
    assert (compiled.states, compiled.transitions, compiled.depth) == (
        expected.states,
        expected.transitions,
        expected.depth,
    )
    assert {n: v.depth for n, v in native.explore(program, None, Limits()).violations.items()} == {
        n: v.depth for n, v in expected.violations.items()
    }
