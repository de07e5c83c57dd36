"""Sub-operations that are called alike become C once; the states stay the same."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

from checker.compiler import Program, compile_program
from checker.compiler import compile as compiling
from checker.engines import native
from checker.engines import python as reference
from checker.engines.outcome import Limits, Outcome
from checker.language import World, model_of

MODEL = """
class Task(Index, size=1): ...

def take(k: K, me: Cpu, page: Page, tries: Range(0, 2)) -> Steps[Page | None]:
    \"\"\"Its parameter is rebound, it gives a result, and stops in a loop, at a wait and before one.\"\"\"
    for p in page.block.pages:
        yield
        if k.page[p].free and p != page:
            k.page[p].free = False
            return p
    while tries > 0:
        tries = tries - 1
        yield
        while k.flag:
            yield
    return None

def put(k: K, me: Cpu, page: Page) -> Steps:
    yield
    k.page[page].free = True

def swap(k: K, me: Cpu, page: Page) -> Steps[bool]:
    \"\"\"A shared one that calls shared ones; `page` is read in place by what it calls.\"\"\"
    other = yield from take(k, me, page, 1)
    if other is None:
        return False
    yield from put(k, me, page)
    return True

@operation(Cpu)
def work(k: K, me: Cpu, page: Page) -> Steps:
    yield
    first = yield from swap(k, me, page)
    second = yield from swap(k, me, page ^ 1)
    k.flag = first != second
    yield from put(k, me, page)

@operation(Cpu)
def rest(k: K, me: Cpu) -> Steps:
    yield
    k.flag = False
    got = yield from swap(k, me, Page(2))
    k.flag = got
    yield
    k.flag = False

@operation(Task)
def watch(k: K, me: Task) -> Steps:
    yield
    k.level = 1 if k.flag else 0

@invariant
def p(k: K) -> bool:
    return not (k.flag and k.level == 1) or k.page[Page(0)].free

Scenario("small", "each once", once={Cpu[0]: [work], Cpu[1]: [rest]}, runs={Task: [watch]})
"""


def compiled(load: Callable[..., ModuleType]) -> tuple[World, list[Any], Program]:
    model = model_of(load(MODEL).K)
    world, wanted = World(model, "small"), [*model.properties.values()]
    return world, wanted, compile_program(world, wanted)


def figures(outcome: Outcome) -> tuple[Any, ...]:
    violated = {name: found.depth for name, found in outcome.violations.items()}
    return outcome.states, outcome.transitions, outcome.depth, violated


def test_the_text_is_there_once_and_means_the_same(load: Callable[..., ModuleType], monkeypatch: Any) -> None:
    world, wanted, shared = compiled(load)
    found = native.explore(shared, (), Limits())
    expected = reference.explore(world, wanted, Limits(keep_going=True), project=shared.pack)
    assert figures(found) == figures(expected)
    assert shared.source.count("k.page[page].free = True") == 1
    monkeypatch.setattr(compiling.Copies, "_called_often", lambda self: set())
    alone = compile_program(world, wanted)
    assert alone.source.count("k.page[page].free = True") > 3
    assert figures(native.explore(alone, (), Limits())) == figures(found)
    assert shared.words == alone.words


def test_a_local_may_have_the_name_of_a_helper(load: Callable[..., ModuleType]) -> None:
    text = """
def folded(k: K) -> bool:
    return k.flag

@operation(Cpu)
def op(k: K, me: Cpu) -> Steps:
    one = any(k.page[p].free for p in Page)
    turns = folded(k)
    yield
    yield from inner(k, me)
    k.flag = not turns and not one
    k.page[Page(0)].free = any(one != k.page[p].free for p in Page)

def inner(k: K, me: Cpu) -> Steps:
    folded = k.level
    yield
    k.level = min(folded + 1, 3)

@invariant
def p(k: K) -> bool:
    return k.flag or k.level < 3 or k.page[Page(0)].free
"""
    model = model_of(load(text).K)
    world, wanted = World(model), [*model.properties.values()]
    program = compile_program(world, wanted)
    expected = reference.explore(world, wanted, Limits(keep_going=True), project=program.pack)
    assert figures(native.explore(program, (), Limits())) == figures(expected)


def test_a_loop_that_is_never_entered_has_no_program_point(load: Callable[..., ModuleType]) -> None:
    text = (
        "OFF = False\n@operation(Cpu)\ndef op(k: K, me: Cpu) -> Steps:\n    while OFF:\n        k.flag = True\n"
        "        yield\n    yield\n    k.level = 1\n@invariant\ndef p(k: K) -> bool:\n    return k.level < 2\n"
    )
    model = model_of(load(text).K)
    program = compile_program(World(model), [model.properties["p"]])
    assert program.statistics["program points"] == 1
    assert native.explore(program, None, Limits()).states == 8
