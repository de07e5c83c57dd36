"""What the compiler refuses: it names the line and the column, and says what to write instead."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import pytest

from checker.compiler import compile_program
from checker.language import World, model_of
from checker.language.errors import CheckerError

from .conftest import HEAD_LINES

OPERATION = "@operation(Cpu)\ndef op(k: K, me: Cpu) -> Steps:\n    yield\n    "

# The end of the operation, the column (from 1) of what is wrong, and words of the message and of its advice.
REFUSED = [
    ("k.page[me].free = True", 12, "indexed by Page", "Page(...)"),
    ("k.flag = 1", 5, "is a bool", "bool"),
    ("k.level = me", 5, "Range(0, 3)", ""),
    ("k.kind = True", 5, "is a Kind", ""),
    ("k.flga = True", 5, "no field `flga`", "did you mean `flag`"),
    ("if k.page[Page(0)].owner: pass", 8, "only bools have a truth value", "is not None"),
    ("if k.level: pass", 8, "only bools have a truth value", "== 0"),
    ("f = k.page[Page(0)]; k.page[Page(1)] = f", 26, "a place is assigned to a place", "copy_into("),
    ("k.tlb[me] = k.tlb[Cpu(0)]", 5, "a set of the state is assigned", ".assign("),
    ("x = choose(Page) == Page(0)", 9, "choose() stands inside an expression", "whole right side"),
    (
        "k.flag = all(choose(True, False) for p in Page)",
        18,
        "choose() stands inside an expression",
        "whole right side",
    ),
    ("try: pass\n    except ValueError: pass", 5, "`try` is not in the language", "return a result"),
    ("x = lambda: 3", 9, "`lambda` is not in the language", "with def"),
    ("k.flag = k.kind == me", 14, "never equal", "one type"),
    ("x = missing", 9, "`missing` is not defined", ""),
    ("x = Page(7)", 9, "out of range", ""),
    (
        "s = {0}\n    while k.flag:\n        s = s | {len(s)} | {x + 1 for x in s}",
        0,
        "ever larger",
        "Set[Range(0, 7)]",
    ),
    ("for p in k.tlb[me]:\n        yield", 14, "something that changes", "any_order"),
    ("for p in Page: pass\n    k.flag = p == Page(0)", 14, "read after its loop", "another local"),
    (
        "for p in Page:\n        p = Page(0)\n        yield",
        9,
        "loop variable `p` is assigned to",
        "another local",
    ),
    ("k.flag = True\n    when(k.flag)", 5, "after a write", "before anything is written"),
    ("x = k.page", 0, "", ""),
    ("k.page.free = True", 5, "cannot be assigned to", ""),
    ("x = 1 / 2", 9, "operator", "//"),
    ("k.flag = k.tlb[me]", 5, "a place is assigned to a place", ""),
    ("k.flag = k.level in Cpu", 14, "never in Cpu", ""),
    ("k.level = (0, 1)[2]", 15, "has no item 2", ""),
    ("k.flag = 1 < None", 14, "not supported", "one type"),
    ("k.level = int()", 15, "one argument", "int(x)"),
    ("k.tlb[me] = {p.block.pages for p in Page}", 17, "cannot be in a set", ""),
    ("running(me, Page)", 17, "takes operations", "@operation"),
]


@pytest.mark.parametrize(("text", "column", "message", "advice"), [r for r in REFUSED if r[2]])
def test_refused_with_place_and_advice(
    load: Callable[..., ModuleType], text: str, column: int, message: str, advice: str
) -> None:
    module = load(OPERATION + text + "\n")
    with pytest.raises(CheckerError) as caught:
        compile_program(World(model_of(module.K)), [])
    error = caught.value
    assert message in error.text
    assert advice in (error.advice or "")
    assert error.file == module.__file__
    assert error.line is not None and error.line > HEAD_LINES
    if column:
        assert error.column == column


UNASSIGNED = [  # on some path
    "if k.flag:\n        x = Page(0)\n    yield\n    k.flag = x == Page(0)",
    "for p in Page:\n        x = p\n    k.flag = x == Page(0)",
    "while k.flag:\n        x = Page(0)\n        yield\n    k.flag = x == Page(0)",
    "while True:\n        if k.flag:\n            break\n        x = Page(0)\n        yield\n    k.flag = x == Page(0)",
    "for p in Page:\n        if k.flag:\n            x = p\n        elif p is Page(0):\n            continue\n"
    "        k.flag = x == p",
]
ASSIGNED = [  # on every path that leads there
    "if k.flag:\n        x = Page(0)\n    else:\n        x = Page(1)\n    yield\n    k.flag = x == Page(0)",
    "if k.flag:\n        return\n    else:\n        x = Page(1)\n    k.flag = x == Page(0)",
    "while True:\n        x = Page(0)\n        if k.flag:\n            break\n        yield\n    k.flag = x == Page(0)",
    "for p in Page:\n        if k.flag:\n            continue\n        else:\n            x = p\n        k.flag = x == p",
]


@pytest.mark.parametrize("text", UNASSIGNED)
def test_a_local_that_may_not_be_assigned(load: Callable[..., ModuleType], text: str) -> None:
    module = load(f"{OPERATION}{text}\n")
    with pytest.raises(CheckerError, match="`x` may be read before") as caught:
        compile_program(World(model_of(module.K)), [])
    assert caught.value.line == HEAD_LINES + len((OPERATION + text).splitlines())


@pytest.mark.parametrize("text", ASSIGNED)
def test_a_local_that_is_always_assigned(load: Callable[..., ModuleType], text: str) -> None:
    module = load(f"{OPERATION}{text}\n")
    compile_program(World(model_of(module.K)), [])


def test_a_result_is_assigned_wherever_a_sub_operation_returns(load: Callable[..., ModuleType]) -> None:
    sub = "def sub(k: K) -> Any:\n    if k.flag:\n        return Page(0)\n    yield\n    return Page(1)\n\n"
    module = load(f"{sub}{OPERATION}x = yield from sub(k)\n    k.flag = x == Page(0)\n")
    compile_program(World(model_of(module.K)), [])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("return k.level", "only bools have a truth value"),
        ("if k.flag:\n        return True", "end every path"),
        ("k.flag = True\n    return True", "changes the state"),
        ("return k.fla", "did you mean `flag`"),
    ],
)
def test_predicate_refused(load: Callable[..., ModuleType], text: str, message: str) -> None:
    module = load(
        "@action\ndef act(k: K) -> None:\n    k.flag = True\n\n@invariant\ndef p(k: K) -> bool:\n    "
        + text
        + "\n"
    )
    model = model_of(module.K)
    with pytest.raises(CheckerError) as caught:
        compile_program(World(model), [model.properties["p"]])
    assert message in f"{caught.value.text} {caught.value.advice}"
    assert caught.value.file == module.__file__


def test_a_set_too_large(load: Callable[..., ModuleType]) -> None:
    module = load(
        "class Wide(Index, size=4097): ...\n@state\nclass W:\n    s: Set[Wide]\n"
        "@action\ndef act(k: W, w: Wide) -> None:\n    k.s.add(w)\n@invariant\n"
        "def p(k: W) -> bool:\n    return len(k.s) < 3\n"
    )
    model = model_of(module.W)
    with pytest.raises(CheckerError, match="4097 possible members"):
        compile_program(World(model), [model.properties["p"]])
