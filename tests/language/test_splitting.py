"""Where blocks are split, and that both engines see the same split blocks."""

import ast
from collections.abc import Callable

import pytest

from checker.compiler import compile_program
from checker.engines import native, python
from checker.engines.compilers import find_compiler
from checker.language import (
    Array,
    Index,
    Range,
    Set,
    Steps,
    World,
    any_order,
    choose,
    invariant,
    operation,
    state,
    suboperation,
    when,
)
from checker.language.model import model_of
from checker.language.rewriting import Rewriting
from checker.language.scenario import Scenario
from checker.language.source import function_tree
from checker.language.splitting import Cut, splitting
from checker.language.steps import Operation


class Task(Index, size=2): ...


class Slot(Index, size=2): ...


@state
class K:
    level: Range(0, 7)
    taken: Array[Slot, Task | None]
    members: Set[Slot]
    flag: bool


@invariant
def everything(k: K) -> bool:
    """Reads every field, so that the native engine leaves none out."""
    return (
        k.level >= 0
        and k.flag in (True, False)
        and len(k.members) < 3
        and all(k.taken[s] is None or True for s in Slot)
    )


def bump(k: K) -> None:
    k.level = (k.level + 1) % 8


def inner(k: K, me: Task, slot: Slot) -> Steps[bool]:
    free = k.taken[slot] is None
    yield
    if free:
        k.taken[slot] = me
    return free


@suboperation(depth=2)
def again(k: K, me: Task, left: bool) -> Steps:
    k.flag = left
    if left:
        yield from again(k, me, False)
    bump(k)


@operation(Task)
def straight(k: K, me: Task) -> Steps:
    """Three statements and a helper."""
    yield
    k.flag = not k.flag
    k.level += 1 if k.level < 7 else -k.level
    k.members |= {Slot(0)}
    bump(k)


@operation(Task)
def branches(k: K, me: Task) -> Steps:
    when(k.level < 6)
    k.flag = True
    if k.level > 2:
        k.level = 0
    elif k.flag:
        k.level = k.level + 1
    else:
        return
    yield


@operation(Task)
def loops(k: K, me: Task) -> Steps:
    for slot in Slot:
        if k.taken[slot] == me:
            continue
        k.taken[slot] = me
    while k.level < 2:
        k.level += 1
    for slot in any_order(set(Slot)):
        k.taken[slot] = None
    for slot in k.members:
        k.taken[slot] = me
    yield


@operation(Task)
def calls(k: K, me: Task) -> Steps:
    slot = choose(Slot)
    got = yield from inner(k, me, slot)
    while k.flag:
        yield
    if got:
        k.taken[slot] = None
    yield from again(k, me, True)
    k.flag = False


def everywhere(file: str, stmt: ast.stmt, names_state: bool) -> Cut:
    return Cut.INSIDE if names_state else Cut.NONE


def nowhere(file: str, stmt: ast.stmt, names_state: bool) -> Cut:
    return Cut.NONE


def world_with(given: Operation, choice: Callable[[str, ast.stmt, bool], Cut] | None) -> World:
    scenario = Scenario("one", runs={Task: [given]}, actions=[], listed=False)
    if choice is None:
        return World(model_of(K), scenario)
    rewriting = Rewriting(splitting(choice, {given.function}))
    return World(model_of(K), scenario, variants={given: rewriting.operation(given)})


def text(given: Operation) -> str:
    rewriting = Rewriting(splitting(everywhere, {given.function}))
    tree = function_tree(rewriting.operation(given).function.__code__)
    assert tree is not None
    return ast.unparse(tree)


OPERATIONS = pytest.mark.parametrize("given", [straight, branches, loops, calls], ids=lambda each: each.name)


@OPERATIONS
@pytest.mark.skipif(find_compiler() is None, reason="no C compiler")
def test_the_engines_agree(given: Operation) -> None:
    world = world_with(given, everywhere)
    properties = [model_of(K).properties["everything"], "deadlock"]
    by_python = python.explore(world, properties)
    by_native = native.explore(compile_program(world, properties), properties)
    assert (by_python.states, by_python.transitions, by_python.depth) == (
        by_native.states,
        by_native.transitions,
        by_native.depth,
    )
    assert by_python.fired == by_native.fired
    assert by_python.states > python.explore(world_with(given, None), properties).states


@OPERATIONS
def test_without_a_cut_nothing_changes(given: Operation) -> None:
    plain, same = (python.explore(world_with(given, choice)) for choice in (None, nowhere))
    assert (plain.states, plain.transitions, plain.fired) == (same.states, same.transitions, same.fired)


def test_a_block_is_split_before_each_statement_and_within_an_assignment() -> None:
    assert text(straight) == (
        "def straight(k: K, me: Task) -> Steps:\n"
        '    """Three statements and a helper."""\n'
        "    yield\n"
        "    __split_1 = not k.flag\n"
        "    yield\n"
        "    k.flag = __split_1\n"
        "    yield\n"
        "    __split_2 = k.level + (1 if k.level < 7 else -k.level)\n"
        "    yield\n"
        "    k.level = __split_2\n"
        "    yield\n"
        "    __split_3 = k.members | {Slot(0)}\n"
        "    yield\n"
        "    k.members = __split_3\n"
        "    yield\n"
        "    bump(k)"
    )


def test_what_a_guard_stands_before_is_not_split_from_it() -> None:
    assert text(branches).splitlines()[1:4] == ["    when(k.level < 6)", "    __split_1 = True", "    yield"]


def test_a_loop_over_what_the_state_says_is_one_statement() -> None:
    lines = text(loops).splitlines()
    at = next(number for number, line in enumerate(lines) if "in k.members" in line)
    assert lines[at - 1 : at + 2] == [
        "    yield",
        "    for slot in k.members:",
        "        k.taken[slot] = me",
    ]
