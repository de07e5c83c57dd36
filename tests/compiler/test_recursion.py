"""Sub-operations that call themselves: as deep as they say, alike in both engines."""

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
from checker.language.errors import CheckerError

Load = Callable[..., ModuleType]

CLAIM = "\n@invariant\ndef p(k: K) -> bool:\n    return k.level < 3 or not k.flag\n"
OPERATION = "\n@operation(Cpu)\ndef op(k: K, me: Cpu) -> Steps:\n    yield\n    "

ITSELF = """
@suboperation(depth=3)
def up(k: K, me: Cpu, wish: Range(0, 3)) -> Steps[tuple[Cpu, Kind] | None]:
    yield
    if k.level >= wish:
        return me, k.kind
    k.level += 1
    found = yield from up(k, me, wish)
    k.kind = Kind.UNMAPPED
    return found
"""
THROUGH_OTHERS = """
@suboperation(depth=2)
def alloc(k: K, me: Cpu) -> Steps[Page | None]:
    yield
    for p in Page:
        if k.page[p].free:
            k.page[p].free = False
            return p
    yield from flip(k, me)
    yield
    return None

def flip(k: K, me: Cpu) -> Steps:
    for b in Block:
        yield
        if choose(True, False):
            table = yield from alloc(k, me)
            k.flag = table is not None
"""
METHOD = """
@record
class Lock:
    depth: Range(0, 2)

    @suboperation(depth=2)
    def take(self, k: L, me: Cpu) -> Steps[bool]:
        yield
        self.depth = min(self.depth + 1, 2)
        if k.flag:
            deeper = yield from self.take(k, me)
            return deeper
        return self.depth == 1

@state
class L:
    lock: Array[Cpu, Lock]
    flag: bool
    level: Range(0, 3)
"""
ALL_WAYS_TOO_DEEP = """
@suboperation(depth=1)
def both(k: K, me: Cpu) -> Steps[Page]:
    yield
    if k.flag:
        found = yield from both(k, me)
    else:
        found = yield from both(k, me)
    return found.block.pages[0]
"""

# What is called, the chain of the call that is too deep, and the line of that call.
PROGRAMS = {
    "itself": (
        ITSELF,
        "got = yield from up(k, me, 3)\n    if got is not None:\n        cpu, kind = got\n"
        "        k.flag = cpu == me and kind is Kind.UNMAPPED\n",
        "up() is nested more than 3 deep: op -> up -> up -> up -> up",
        "    found = yield from up(",
    ),
    "through others": (
        THROUGH_OTHERS,
        "page = yield from alloc(k, me)\n    if page is not None:\n        k.page[page].free = k.flag\n",
        "alloc() is nested more than 2 deep: op -> alloc -> flip -> alloc -> flip -> alloc",
        "            table = yield from alloc(",
    ),
    "every way too deep": (
        ALL_WAYS_TOO_DEEP,
        "k.flag = choose(True, False)\n    page = yield from both(k, me)\n    k.level = int(page)\n",
        "both() is nested more than 1 deep: op -> both -> both",
        "        found = yield from both(",
    ),
    "a method": (
        METHOD,
        "k.flag = choose(True, False)\n    first = yield from k.lock[me].take(k, me)\n"
        "    if first:\n        k.level = 3\n",
        "take() is nested more than 2 deep: op -> take -> take -> take",
        "            deeper = yield from self.take(",
    ),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_as_deep_as_they_say(load: Load, name: str) -> None:
    text, body, message, line = PROGRAMS[name]
    written = text + OPERATION + body + CLAIM
    module = load(written.replace("k: K", "k: L") if "class L" in text else written)
    model = model_of(getattr(module, "L", module.K))
    world, wanted = World(model), [*model.properties.values()]
    program = compile_program(world, wanted)
    compiled = native.explore(program, (), Limits())
    expected = reference.explore(world, wanted, Limits(keep_going=True), project=program.pack)
    assert (compiled.states, compiled.transitions, compiled.depth) == (
        expected.states,
        expected.transitions,
        expected.depth,
    )
    assert {n: (v.kind, v.depth) for n, v in compiled.violations.items()} == {
        n: (v.kind, v.depth) for n, v in expected.violations.items()
    }
    for outcome in (compiled, expected):
        errors = {n: v.message for n, v in outcome.violations.items() if v.kind == "model error"}
        assert set(errors.values()) == {message}
        assert _line(module, next(iter(errors))).startswith(line)


def _line(module: ModuleType, location: str) -> str:
    assert module.__file__ is not None
    with open(module.__file__) as lines:
        return lines.read().splitlines()[int(location.rpartition(":")[2]) - 1]


UNBOUNDED = {
    "sub() calls itself: sub -> sub": "def sub(k: K, me: Cpu) -> Steps:\n    yield\n    yield from sub(k, me)\n",
    "sub() calls itself: sub -> other -> sub": (
        "def sub(k: K, me: Cpu) -> Steps:\n    yield from other(k, me)\n"
        "def other(k: K, me: Cpu) -> Steps:\n    yield\n    yield from sub(k, me)\n"
    ),
    "sub() calls itself: sub -> sub ": (  # what is bounded lies outside the circle
        "@suboperation(depth=2)\ndef outer(k: K, me: Cpu) -> Steps:\n    yield from sub(k, me)\n"
        "def sub(k: K, me: Cpu) -> Steps:\n    yield\n    yield from sub(k, me)\n"
    ),
}


@pytest.mark.parametrize("message", UNBOUNDED)
def test_without_a_depth_it_is_refused(load: Load, message: str) -> None:
    first = "outer" if "outer" in UNBOUNDED[message] else "sub"
    module = load(UNBOUNDED[message] + OPERATION + f"yield from {first}(k, me)\n")
    with pytest.raises(CheckerError) as caught:
        compile_program(World(model_of(module.K)), [])
    assert caught.value.text == message.strip()
    assert "@suboperation(depth=2)" in (caught.value.advice or "")


def test_two_functions_of_one_name_are_no_recursion(load: Load) -> None:
    text = (
        "def inner(k: K, me: Cpu) -> Steps:\n    yield\n    k.flag = not k.flag\n"
        "first = inner\n"
        "def inner(k: K, me: Cpu) -> Steps:\n    yield\n    yield from first(k, me)\n"
    )
    module = load(text + OPERATION + "yield from inner(k, me)\n")
    assert compile_program(World(model_of(module.K)), []).statistics["program points"] == 3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("@suboperation(depth=2)\ndef sub(k: K) -> None:\n    k.flag = True\n", "has no `yield`"),
        ("@suboperation(depth=0)\ndef sub(k: K) -> Steps:\n    yield\n", "no number of calls"),
        ("@suboperation(depth=True)\ndef sub(k: K) -> Steps:\n    yield\n", "no number of calls"),
    ],
)
def test_what_is_no_suboperation(load: Load, text: str, message: str) -> None:
    with pytest.raises(CheckerError, match=message):
        load(text)


def test_endless_recursion_is_a_model_error_of_the_python_engine(load: Load) -> None:
    module = load(
        "def sub(k: K, me: Cpu) -> Steps:\n    yield from sub(k, me)\n    yield\n"
        + OPERATION
        + "yield from sub(k, me)\n"
    )
    wanted: list[Any] = []
    outcome = reference.explore(World(model_of(module.K)), wanted, Limits(keep_going=True))
    assert {v.kind for v in outcome.violations.values()} == {"model error"}
