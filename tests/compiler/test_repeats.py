"""What a sub-operation was lowered to is copied where it is called again alike: the program stays the same."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from checker.compiler import Program, compile_program
from checker.compiler.repeats import Repeat
from checker.compiler.suboperations import SubOperations
from checker.language import World, model_of
from checker.language.errors import CheckerError
from model.kernel import Kernel

MODEL = """
def wait(k: K, me: Cpu, page: Page) -> Steps[Page | None]:
    if k.level == 0:
        return None
    yield
    while k.flag:
        yield
    return page if k.page[page].free else None

def twice(k: K, me: Cpu, page: Page) -> Steps[bool]:
    first = yield from wait(k, me, page)
    second = yield from wait(k, me, page)
    yield
    return first is not None and second is not None

def told(k: K, me: Cpu, given: Any) -> Steps:
    yield
    k.flag = given

def next_one(k: K, me: Cpu, page: Page) -> Steps:
    yield
    page = page ^ 1
    yield
    k.page[page].free = True

def round_about(k: K, me: Cpu, page: Page) -> Steps:
    yield from through(k, me, page)

def through(k: K, me: Cpu, page: Page) -> Steps:
    yield from maybe(k, me, page, False)

def maybe(k: K, me: Cpu, page: Page, more: Any) -> Steps:
    yield
    if more:
        yield from round_about(k, me, page)

@suboperation(depth=1)
def deep(k: K, me: Cpu, page: Page) -> Steps:
    yield
    yield from wait(k, me, page)
    yield from again(k, me, page)

def again(k: K, me: Cpu, page: Page) -> Steps:
    yield
    if k.flag:
        yield from deep(k, me, page)

"""
BODIES = [
    ("yield from wait(k, me, page)", "yield from wait(k, me, page)"),
    ("yield from wait(k, me, page)", "yield from wait(k, me, page ^ 1)"),  # a variable of its own
    ("yield from wait(k, me, page ^ 1)", "yield from wait(k, me, page)"),
    ("yield from twice(k, me, page)", "yield from twice(k, me, Page(1))", "yield from twice(k, me, page)"),
    ("yield from told(k, me, False)", "yield from told(k, me, True)", "yield from told(k, me, False)"),
    ("yield from next_one(k, me, page)", "yield from next_one(k, me, page)"),
    ("yield from wait(k, me, page)", "found = yield from wait(k, me, page)", "k.flag = found is None"),
    ("yield from deep(k, me, page)", "yield from again(k, me, page)", "yield from wait(k, me, page)"),
]


def compiled(world: World) -> Any:
    """The text, and where a suspended operation has its locals."""
    program: Program = compile_program(world, ["deadlock"])
    points = {
        name: {chain: [(v.cname, v.origin) for v, _ in info.slots] for chain, info in chains.items()}
        for name, chains in program.points.items()
    }
    return program.source, points


def copies(monkeypatch: pytest.MonkeyPatch, world: Callable[[], World]) -> int:
    """How many were made; the program is the one that comes out without them."""
    made = []
    again = Repeat.again

    def noted(self: Repeat, *given: Any) -> Any:
        made.append(self)
        return again(self, *given)

    monkeypatch.setattr(Repeat, "again", noted)
    with_copies = compiled(world())
    monkeypatch.setattr(SubOperations, "_repeated", SubOperations._inline)
    assert with_copies == compiled(world())
    return len(made)


def with_calls(*calls: str) -> str:
    """An operation that makes them, and one that makes the first of them."""
    head = "@operation(Cpu)\ndef {}(k: K, me: Cpu, page: Page) -> Steps:\n    yield\n"
    text = "".join(f"    {call}\n" for call in calls)
    return f"{MODEL}{head.format('one')}{text}{head.format('two')}    {calls[0]}\n"


@pytest.mark.parametrize("calls", BODIES)
def test_the_program_is_the_same(
    load: Callable[..., ModuleType], monkeypatch: pytest.MonkeyPatch, calls: tuple[str, ...]
) -> None:
    module = load(with_calls(*calls))
    assert copies(monkeypatch, lambda: World(model_of(module.K))) > 0


def test_one_is_not_true(load: Callable[..., ModuleType]) -> None:
    module = load(with_calls("yield from told(k, me, True)", "yield from told(k, me, 1)"))
    with pytest.raises(CheckerError, match="is a bool"):
        compile_program(World(model_of(module.K)), [])


def test_a_function_that_calls_itself_is_refused_in_a_copy_too(load: Callable[..., ModuleType]) -> None:
    calls = ("through(k, me, page)", "round_about(k, me, page)", "maybe(k, me, page, True)")
    module = load(with_calls(*(f"yield from {call}" for call in calls)))
    with pytest.raises(CheckerError, match="calls itself: maybe"):
        compile_program(World(model_of(module.K)), [])


@pytest.mark.parametrize("scenario", ["two-splits", "secretmem-failure", "contig"])
def test_so_is_that_of_a_scenario(monkeypatch: pytest.MonkeyPatch, scenario: str) -> None:
    assert copies(monkeypatch, lambda: World(Kernel, scenario)) > 10
