"""Which mutants a function has, what each of them says, and which of them cannot stand in one tree."""

from __future__ import annotations

import ast
from collections.abc import Callable
from enum import Enum
from typing import Any

import pytest

from checker.compiler.source import source_of
from checker.language import Array, Index, Range, Set, Steps, choose, state, when
from checker.mutation.alone import in_force
from checker.mutation.preparing import Numbers
from checker.mutation.rewriting import Rewriting


class Cpu(Index, size=2): ...


class Mode(Enum):
    FAST = 0
    SLOW = 1


@state
class K:
    a: bool
    b: bool
    n: Range(0, 2)
    cpus: Set[Cpu]
    owner: Array[Cpu, bool]


class Design:
    fast = True
    mode = Mode.SLOW


def two_fields(k: K) -> None:
    k.a = True
    k.b = False


def one_field(k: K) -> None:
    k.a = True
    k.b = k.a


def through_helpers(k: K) -> None:
    two_fields(k)
    one_field(k)


def a_local(k: K) -> Steps[bool]:
    found = k.a
    yield
    found = k.b
    return found


def a_local_is_needed(k: K, c: Cpu) -> None:
    mine = k.owner[c]
    k.a = mine


def of_the_design(k: K) -> Steps:
    if Design.fast and Design.mode is Mode.SLOW:
        k.a = True
    elif k.b:
        k.b = False
    yield


def of_the_design_alone(k: K) -> Steps[bool]:
    slow = Design.mode is Mode.SLOW
    yield
    return slow


def a_loop_gives_a_local(k: K) -> Steps:
    while True:
        found = k.a
        if found:
            break
        yield
    k.b = found


def either_branch_gives_a_local(k: K) -> None:
    if k.a:
        found = k.b
    else:
        k.n = 1
        found = not k.b
    k.b = found


def branches(k: K) -> bool:
    if k.a:
        k.b = True
        return True
    return False


def jumps(k: K) -> None:
    for c in Cpu:
        if k.owner[c]:
            k.a = True
            continue
    return


def waits(k: K) -> Steps:
    k.a = True
    yield
    while k.b:
        yield


def waits_later(k: K) -> Steps:
    yield
    k.a = True
    while k.b:
        yield


def chooses(k: K) -> None:
    when(not k.a)
    if choose(True, False):
        k.b = True


def turns(k: K) -> Steps:
    while k.a:
        k.n = 1
        yield


def rewriting_of(function: Callable[..., Any]) -> Rewriting:
    return Rewriting(source_of(function), Numbers())


def changes(function: Callable[..., Any]) -> list[str]:
    return [each.change for each in rewriting_of(function).mutants.values()]


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (two_fields, ["drop `k.a = True`", "drop `k.b = False`"]),
        (one_field, ["drop `k.a = True`", "drop `k.b = k.a`", "swap `k.a = True` with `k.b = k.a`"]),
        (
            through_helpers,
            ["drop `two_fields(k)`", "drop `one_field(k)`", "swap `two_fields(k)` with `one_field(k)`"],
        ),
        (
            a_local,
            [
                "drop `yield`",
                "drop `found = k.b`",
                "swap `found = k.a` with `yield`",
                "swap `yield` with `found = k.b`",
            ],
        ),
        (a_local_is_needed, ["drop `k.a = mine`"]),
        (of_the_design, ["drop `k.a = True`", "drop `yield`", "swap `k.a = True` with `yield`"]),
        (of_the_design_alone, ["drop `yield`"]),
        (
            branches,
            ["drop `k.b = True`", "drop `return True`", "negate `k.a`", "drop `if k.a: ...`"],
        ),
        (jumps, ["drop `k.a = True`", "negate `k.owner[c]`", "drop `for c in Cpu: ...`"]),
        (
            waits,
            [
                "drop `k.a = True`",
                "negate `k.b`",
                "drop `while k.b: yield`",
                "drop the `yield` before a wait",
                "swap `k.a = True` with `while k.b: yield`",
            ],
        ),
        (
            chooses,
            [
                "negate `not k.a`",
                "drop `when(not k.a)`",
                "drop `if choose(True, False): k.b = True`",
                "swap `when(not k.a)` with `if choose(True, False): k.b = True`",
            ],
        ),
    ],
)
def test_the_mutants_of(function: Callable[..., Any], expected: list[str]) -> None:
    found = changes(function)
    if function is chooses:  # its body may be dropped while the choice stays
        assert "drop `k.b = True`" in found
        found.remove("drop `k.b = True`")
    assert found == expected


@pytest.mark.parametrize("function", [a_loop_gives_a_local, either_branch_gives_a_local])
def test_what_gives_a_local_its_value_is_not_dropped(function: Callable[..., Any]) -> None:
    found = changes(function)
    assert "drop `k.b = found`" in found
    assert not any(each.startswith(("drop `while", "drop `if k.a", "drop `found")) for each in found)


def text_of(function: Callable[..., Any], change: str) -> str:
    rewriting = rewriting_of(function)
    number = next(number for number, each in rewriting.mutants.items() if each.change == change)
    return "\n".join(map(ast.unparse, rewriting.alone(number).body))


def test_each_alone_is_the_function_with_one_change() -> None:
    assert text_of(one_field, "swap `k.a = True` with `k.b = k.a`") == "k.b = k.a\nk.a = True"
    assert text_of(branches, "negate `k.a`").startswith("if not k.a:")
    assert text_of(waits, "drop the `yield` before a wait") == "k.a = True\nwhile k.b:\n    yield"
    assert text_of(waits, "drop `while k.b: yield`") == "k.a = True\nyield"
    moved = "yield\nwhile k.b:\n    yield\nk.a = True"
    assert text_of(waits, "swap `k.a = True` with `while k.b: yield`") == moved
    assert text_of(of_the_design, "drop `yield`") == "if False:\n    yield\nk.a = True"  # still a generator


def test_without_a_change_the_function_is_as_it_was() -> None:
    for function in (one_field, a_local, branches, jumps, waits, waits_later, chooses, turns):
        rewriting = rewriting_of(function)
        written = [ast.unparse(stmt) for stmt in source_of(function).tree.body]
        assert [ast.unparse(stmt) for stmt in rewriting.alone(0).body] == written


def test_a_wait_that_comes_about_needs_a_program_of_its_own() -> None:
    def own(function: Callable[..., Any]) -> list[str]:
        rewriting = rewriting_of(function)
        return [each.change for n, each in rewriting.mutants.items() if rewriting.needs_own_program(n)]

    assert own(waits) == []
    assert own(waits_later) == [
        "drop `k.a = True`",
        "swap `yield` with `k.a = True`",
        "swap `k.a = True` with `while k.b: yield`",
    ]
    assert own(turns) == ["drop `k.n = 1`"]


def test_a_function_that_is_changed_keeps_its_name_its_lines_and_its_closure() -> None:
    seen = []

    def inner(value: int) -> None:
        seen.append(value)
        seen.append(-value)

    rewriting = rewriting_of(inner)
    number = next(n for n, each in rewriting.mutants.items() if each.change == "drop `seen.append(value)`")
    before = inner.__code__
    with in_force(inner, rewriting.alone(number)):
        inner(1)
        assert inner.__code__.co_name == "inner" and inner.__code__.co_filename == before.co_filename
        lines = {line for *_, line in inner.__code__.co_lines() if line is not None}
        assert lines <= {line for *_, line in before.co_lines() if line is not None}
    inner(2)
    assert seen == [-1, 2, -2]
