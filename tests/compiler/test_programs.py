"""Programs that a user would write: what compiles, compiles to what the generators do."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from checker.compiler import compile_program
from checker.engines import native
from checker.engines import python as reference
from checker.engines.outcome import Limits
from checker.language import World, model_of

OPERATION = "@operation(Cpu)\ndef op(k: K, me: Cpu) -> Steps:\n    yield\n    "

PROGRAMS = {
    "match on a value, with alternatives, names and guards": (
        "match k.kind, k.level:\n"
        "        case Kind.MAPPED, 0 | 1:\n            k.level = 3\n"
        "        case Kind.MAPPED, n if n > 2 and k.flag:\n            yield\n            k.level = n - 1\n"
        "        case kind, _:\n            k.kind = Kind.UNMAPPED if kind is Kind.MAPPED else Kind.MAPPED\n"
        "    yield\n"
        "    match k.page[Page(0)].owner:\n"
        "        case None:\n            k.page[Page(0)].owner = me\n"
        "        case owner if owner == me:\n            k.page[Page(0)].owner = None\n"
        "    k.flag = named(k.level)\n"
    ),
    "tuples are ordered by the first items that differ": (
        "k.level = choose(0, 1, 2)\n    yield\n"
        "    k.flag = (k.level, me) < (1, Cpu(1))\n    yield\n"
        "    pair = (me, k.level)\n    k.flag = pair >= (Cpu(1), 1) and not (k.level,) > (1,)\n"
    ),
    "a loop whose locals are assigned before its only break": (
        "while True:\n        while k.flag:\n            yield\n"
        "        start = k.level\n        yield\n        if k.level == start:\n"
        "            break\n    k.flag = start == 0\n"
    ),
    "None first, a member later": (
        "found = None\n    for p in Page:\n        if k.page[p].free:\n"
        "            found = p\n            break\n"
        "    if found is None:\n        k.page[me_page(me)].free = True\n"
        "        return\n    k.page[found].free = False\n"
    ),
    "a choice whose result nothing kept reads": (
        "kind = pick(k)\n    k.kind = kind\n    yield\n    k.flag = not k.flag\n"
    ),
    "an optional tuple, taken apart and subscripted": (
        "entry = choose((p, c) for p in Page for c in Cpu if p not in k.tlb[c])\n"
        "    yield\n    page, cpu = entry\n"
        "    k.tlb[cpu].add(page)\n    k.flag = entry[1] == me\n"
    ),
    "records compared and kept as values": (
        "before = frozen(k.page[Page(0)])\n    yield\n    k.flag = before == frozen(k.page[Page(0)])\n"
        "    k.page[Page(0)].free = not before.free\n"
    ),
    "a conditional loop with yields inside": (
        "n: Range(0, 3) = 0\n    while n < 3:\n        if k.flag:\n"
        "            yield\n        n = n + 1\n    k.flag = not k.flag\n"
    ),
    "the actor's own name, rebound in a branch": (
        "if k.level < 3:\n        me = Cpu(0)\n    yield\n    k.level = int(me) + 1\n    k.flag = k.level == 2\n"
    ),
    "membership of a class": ("owner = choose(Cpu(1), None)\n    k.flag = owner not in Cpu and me in Cpu\n"),
    "membership of a range with a step": (
        "k.level = choose(0, 1, 2, 3)\n    yield\n    k.flag = k.level in ODD\n    k.page[Page(0)].free = k.level in DOWN\n"
    ),
    "an empty set that is filled": "seen = set()\n    seen = seen | {me}\n    yield\n    k.flag = len(seen) == 1 and me in seen\n",
    "a comprehension's variable named like one that the loop ranges from": (
        "first = Page(0)\n    for p in pages_from(first):\n        yield\n"
        "        k.level = sum(1 for first in Page if k.page[first].free) % 3\n"
    ),
    "calls with effects below and, or and not": (
        "if k.flag or not claim(k, me) and not claim(k, me):\n        yield\n        k.flag = not k.flag\n"
        "    sure = k.level > 1 and (claim(k, me) or choose(True, False))\n    yield\n"
        "    while k.level < 3 and claim(k, me):\n        k.page[Page(0)].free = sure\n"
    ),
    "a condition that a helper with effects negates": (
        "if not claim(k, me):\n        yield\n    k.flag = k.level == 1\n"
    ),
}

HELPERS = """
def pages_from(page: Page) -> list[Page]:
    return [p for p in Page if p >= page]


ODD = range(1, 4, 2)
DOWN = range(2, 0, -2)

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

def named(level: int) -> bool:
    match level:
        case 0:
            return True
        case 1 | 2:
            return False
        case _:
            return level == 3

"""


LARGE = {"an optional tuple, taken apart and subscripted"}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] * (name in LARGE)) for name in PROGRAMS]
)
def test_both_engines_agree(load: Callable[..., ModuleType], name: str) -> None:
    prop = "\n@invariant\ndef p(k: K) -> bool:\n    return k.flag or k.level < 2 or k.page[Page(0)].free\n"
    model = model_of(load(HELPERS + OPERATION + PROGRAMS[name] + prop).K)
    world = World(model)
    wanted: list[Any] = [model.properties["p"], "deadlock"]
    program = compile_program(world, wanted)
    compiled = native.explore(program, (), Limits())
    expected = reference.explore(world, wanted, Limits(keep_going=True), project=program.pack)
    assert (compiled.states, compiled.transitions, compiled.depth) == (
        expected.states,
        expected.transitions,
        expected.depth,
    )
    assert {n: v.depth for n, v in native.explore(program, None, Limits()).violations.items()} == {
        n: v.depth for n, v in expected.violations.items()
    }


LOOPS = {
    "a loop that never ends, and writes what nothing reads": "while True:\n        k.kind = Kind.MAPPED\n",
    "a loop that never reaches its yield": (
        "while k.level < 4:\n        k.flag = True\n        if k.level > 3:\n            yield\n"
    ),
    "a division by zero": "k.level = 3 // k.level\n",
}


@pytest.mark.parametrize("name", LOOPS)
def test_model_errors_in_both_engines(load: Callable[..., ModuleType], name: str) -> None:
    prop = "\n@invariant\ndef p(k: K) -> bool:\n    return k.level < 4\n"
    model = model_of(load(HELPERS + OPERATION + LOOPS[name] + prop).K)
    world = World(model)
    wanted = [model.properties["p"]]
    compiled = native.explore(compile_program(world, wanted), (), Limits())
    expected = reference.explore(world, wanted, Limits(keep_going=True))
    assert [v.kind for v in compiled.violations.values()] == ["model error"]
    assert [v.kind for v in expected.violations.values()] == ["model error"]


def test_division_rounds_down_as_in_python(load: Callable[..., ModuleType]) -> None:
    text = "k.level = (int(me) - 1) % 3\n    yield\n    k.flag = (int(me) - 2) // 2 == -1\n"
    prop = "\n@invariant\ndef p(k: K) -> bool:\n    return k.level != 2 or k.flag\n"
    model = model_of(load(OPERATION + text + prop).K)
    world = World(model)
    wanted = [model.properties["p"]]
    program = compile_program(world, wanted)
    compiled = native.explore(program, (), Limits())
    expected = reference.explore(world, wanted, Limits(keep_going=True), project=program.pack)
    assert (compiled.states, compiled.transitions) == (expected.states, expected.transitions)
    assert compiled.violations["p"].depth == expected.violations["p"].depth


ALWAYS = "def always(n: int) -> bool:\n    return False\n\n"


def test_what_a_helper_always_gives_is_known(load: Callable[..., ModuleType]) -> None:
    """The branch that is never taken is not translated, but what is given to the helper may still fail."""
    text = "if always({}):\n        yield\n    k.level = 1\n"
    blocks, ends = [], []
    for given in ("k.level", "3 // k.level"):
        model = model_of(load(ALWAYS + OPERATION + text.format(given)).K)
        program = compile_program(World(model), ["deadlock"])
        blocks.append(program.statistics["program points"])
        ends.append([v.kind for v in native.explore(program, None, Limits()).violations.values()])
    assert blocks[1] == blocks[0] + 1
    assert ends == [[], ["model error"]]


def test_an_index_without_members(load: Callable[..., ModuleType]) -> None:
    head = (
        "from checker.language import *\n\nclass None_(Index, size=0): ...\n\n@state\n"
        "class K:\n    on: Array[None_, bool]\n    flag: bool\n\n"
    )
    text = (
        "@action\ndef flip(k: K) -> None:\n    k.flag = not k.flag\n\n@invariant\n"
        "def p(k: K) -> bool:\n    return not any(k.on[n] for n in None_) or k.flag\n"
    )
    model = model_of(load(text, head).K)
    outcome = native.explore(compile_program(World(model), [model.properties["p"]]), None, Limits())
    assert outcome.states == 2 and not outcome.violations


@pytest.mark.parametrize("wrong", ["assert k.level == 0", "k.level = k.level + 3"])
def test_where_a_path_ends_nothing_is_lost(load: Callable[..., ModuleType], wrong: str) -> None:
    """Beyond an assert that fails, or a model error, a goal may lie: that is not known, so it is no violation."""
    text = (
        "k.level = 1\n    yield\n    while k.level == 1:\n        yield\n    k.level = 0\n\n"
        f"@action\ndef up(k: K) -> None:\n    when(k.level == 1)\n    {wrong}\n    k.level = 2\n\n"
        "@always_possible\ndef zero(k: K) -> bool:\n    return k.level == 0\n"
    )
    model = model_of(load(OPERATION + text).K)
    world = World(model)
    wanted = [model.properties["zero"], "deadlock"]
    program = compile_program(world, wanted)
    compiled = native.explore(program, (), Limits())
    expected = reference.explore(world, wanted, Limits(keep_going=True), project=program.pack)
    for outcome in (compiled, expected):
        assert {found.kind for found in outcome.violations.values()} == {
            "assert" if wrong.startswith("assert") else "model error"
        }
