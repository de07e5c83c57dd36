"""What somebody writes who knows Python and not yet the language: it works, or is told what to write instead."""

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
from checker.language.errors import CheckerError, Mistake

HEAD = """
from enum import Enum, IntEnum
from checker.language import *

class Cpu(Index, size=2):
    def next(self) -> "Cpu":
        return Cpu(int(self) + 1)

class Page(Index, size=3): ...

class Mode(Enum):
    A = 1
    B = 2
    C = 3

    def after(self):
        return {Mode.A: Mode.B, Mode.B: Mode.C}[self]

    @classmethod
    def first(cls):
        return Mode.A

class Prio(IntEnum):
    LOW = 0
    HIGH = 5

@record
class Frame(Record):
    owner: Cpu | None
    count: Range(0, 3)

    @property
    def is_free(self) -> bool:
        return self.owner is None

    def owned_by(self, c: Cpu) -> bool:
        return self.owner == c

    def busy(self) -> bool:
        if self.owner is None:
            return False
        return True

@state
class K:
    lock: Cpu | None
    n: Range(0, 3)
    flag: bool
    mode: Mode
    prio: Prio
    page: Array[Page, Frame]
    seen: Set[Cpu]
    last: tuple[Cpu, Mode]
    free: Array[Page, Range(0, 3)]
    nums: Set[Range(-1, 3)]
    marks: Set[tuple[Cpu, bool, Range(0, 2)]]
    may: bool | None

NEXT = {Mode.A: Mode.B, Mode.B: Mode.A}
SIZES = {0: 3, 1: 2}
GOOD = {Mode.B, Mode.A}

def lock(k: K, me: Cpu) -> Steps:
    yield
    k.lock = me

def clear(k: K) -> bool:
    k.seen.clear()
    return True

def cas(k: K, me: Cpu) -> bool:
    if k.lock is None:
        k.lock = me
        return True
    return False

def try_lock(k: K, me: Cpu) -> bool:
    if k.lock is None or k.n == 3:
        k.lock = me
        return True
    k.n += 1
    return False

def both(k: K, *pages) -> None:
    pass

def fact(k: K, n: int) -> int:
    return 1 if n == 0 else n * fact(k, n - 1)
"""
OPERATION = "\n@operation(Cpu)\ndef op(k: K, me: Cpu) -> Steps:\n    yield\n"
INVARIANT = "\n@invariant\ndef p(k: K) -> bool:\n    return k.n < 3 or k.flag or k.lock == Cpu(0) or k.mode is Mode.A\n"

WORKS = {
    "a method that only some members have": "if me == Cpu(0):\n    k.lock = me.next()",
    "a method that fails": "k.lock = me.next()",
    "a dict in a method, with a key it has not": "k.mode = k.mode.after()",
    "a class method": "k.mode = Mode.first()",
    "the number of an IntEnum": "k.n = int(k.prio) // 2\nk.prio = Prio.HIGH",
    "an IntEnum is ordered": "k.flag = k.prio > Prio.LOW and k.prio <= 5\nk.prio = Prio.HIGH",
    "an IntEnum in a sum": "k.n = (k.prio + 1) // 2\nk.prio = Prio.HIGH",
    "an IntEnum is a number's equal": "k.flag = k.prio == 5\nk.prio = Prio.HIGH",
    "several targets": "k.n = k.page[Page(0)].count = 2",
    "bools by |, & and ^": "k.flag |= k.n == 0\nk.flag = k.flag ^ (k.n == 1) & True\nk.n = 1",
    "a constant power": "k.n = 2 ** 1",
    "a dict of constants": "k.mode = NEXT[k.mode]",
    "a dict of constants by number": "k.n = SIZES[k.n]",
    "a dict's get": "k.mode = NEXT.get(k.mode, Mode.C)",
    "a dict's items": "for m, other in NEXT.items():\n    k.mode = other\nk.flag = k.mode in NEXT.values()",
    "a dict's keys": "if k.mode in NEXT:\n    k.mode = NEXT[k.mode]\nelse:\n    k.n = 1",
    "a loop over a constant set of an Enum": "for m in GOOD:\n    k.mode = m\n    yield",
    "a loop over written members": "for p in (Page(0), Page(2)):\n    k.page[p].count = 1\n    yield",
    "enumerate": "for i, p in enumerate(Page):\n    k.page[p].count = i",
    "reversed": "for p in reversed(Page):\n    k.n = int(p)\n    yield",
    "zip": "for c, p in zip(Cpu, Page):\n    k.page[p].owner = c",
    "a count in a loop": "n = 0\nfor p in Page:\n    if k.page[p].is_free:\n        n += 1\nk.n = n\nk.page[Page(0)].owner = me",
    "the length of a list": "k.n = len([p for p in Page if k.page[p].is_free])\nk.page[Page(0)].owner = me",
    "a count across yields": "n = 0\nwhile n < 5:\n    n += 1\n    yield\n    k.n = n % 4",
    "a count down": "n = 3\nwhile n > 0:\n    n -= 1\n    yield\n    k.n = n",
    "a count that is None first": "n = None\nfor p in Page:\n    n = 0 if n is None else n + 1\nk.n = n",
    "two numbers that grow together": "a, b = 0, 1\nfor p in Page:\n    a, b = b, a + b\nk.n = b",
    "a pair that grows": "pair = (0, me)\nfor p in Page:\n    pair = (pair[0] + 1, pair[1])\nk.n = pair[0]",
    "a count without an end": "n = 0\nwhile True:\n    n += 1\n    k.n = n % 4",
    "a set of numbers": "k.nums = {1, 2}\nyield\nk.nums |= {k.n - 1}\nk.n = len(k.nums) % 4\nk.flag = k.nums <= {1, 2, 3}",
    "a set of numbers that a local gathers": "s = {0}\ns = s | {k.n}\nk.nums = s | {2}\nyield\nk.n = max(k.nums)",
    "a set of tuples with bools and numbers": "k.marks = {(me, True, 2), (Cpu(0), False, 0)}\nyield\n"
    "k.flag = (me, k.flag, k.n) in k.marks",
    "a pair with other numbers": "pair = (0, me)\nif k.flag:\n    pair = (3, Cpu(0))\nk.n = pair[0]\nk.flag = True",
    "an array filled by a generator": "k.free.assign(int(p) for p in Page)\nyield\n"
    "k.free.assign(k.free[Page(2 - int(p))] for p in Page)\nk.n = k.free[Page(0)]",
    "an array filled by a tuple": "k.free.assign((1, k.n, 3))\nk.n = k.free[Page(2)]",
    "an array restored": "old = frozen(k.free)\nk.free[Page(0)] = 3\nyield\nk.free.assign(old[p] for p in Page)\n"
    "k.n = k.free[Page(0)]",
    "an array restored as a whole": "old = frozen(k.free)\nk.free[Page(0)] = 3\nyield\ncopy_into(k.free, old)\n"
    "k.n = k.free[Page(0)]",
    "a record restored": "old = frozen(k.page[Page(0)])\nk.page[Page(0)].count = 3\nyield\n"
    "copy_into(k.page[Page(0)], old)\nk.n = k.page[Page(0)].count",
    "a type in quotes": "x: 'Page | None' = None\nif k.flag:\n    x = Page(1)\nk.flag = x is None",
    "min with a default": "k.n = min((k.page[p].count for p in Page if not k.page[p].is_free), default=3)",
    "the last item of a tuple": "k.last = (me, Mode.B)\nyield\nk.mode = k.last[-1]",
    "a property of a frozen record": "f = frozen(k.page[Page(0)])\nyield\nk.flag = f.is_free\n"
    "k.page[Page(0)].owner = me",
    "a method of a frozen record": "f = frozen(k.page[Page(0)])\nyield\nk.flag = f.owned_by(me)\n"
    "k.page[Page(0)].owner = me",
    "a wait that tries": "while not cas(k, me):\n    yield\nk.flag = True\nyield\nk.lock = None",
    "a yield before a wait that tries": "yield\nwhile not cas(k, me):\n    yield\nyield\nk.lock = None",
    "a wait whose tries leave something": "while not try_lock(k, me):\n    yield\nyield\nk.n = 0\nk.lock = None",
    "a wait that tries only where it may": "while k.n == 3 or not try_lock(k, me):\n    yield\nk.lock = None",
    "a bool that may be None": "k.flag = k.may is True or k.may is None\nk.may = k.n == 0",
    "past the end of what never changes": "k.flag = k.page[Page(k.n)].is_free\nk.n = 3 - k.n",
    "a wait that chooses": "while choose(k.flag, True):\n    yield\nk.flag = not k.flag",
    "methods of a set that is a value": "s = {me} | frozen(k.seen)\nk.flag = s.issubset({Cpu(0)})\nk.seen = s",
}

REFUSED = {
    'x = f"{k.n}"': ("an f-string", "assert"),
    "xs = [1, 2]": ("a list", "Array"),
    "xs = {}": ("a dict", "Array"),
    "if (x := k.n) == 0: k.n = x": ("`:=`", "before"),
    "global n": ("`global`", "@state"),
    "raise ValueError": ("`raise`", "return a result"),
    "with k.lock: pass": ("`with`", "before and after"),
    "def f(): pass": ("a function inside a function", "at the top"),
    "print(k.n)": ("print() cannot be called", "a trace shows"),
    "p = next(p for p in Page)": ("next() cannot be called", "break"),
    "k.flag = bool(k.n)": ("bool() cannot be called", "!= 0"),
    "k.n = k.n / 2": ("operator", "//"),
    "k.n = 2 ** k.n": ("`**`", "<<"),
    "k.n = ~k.n": ("`~` is for words", "Unsigned"),
    "k.n = 7": ("7: `n` out of range (0 .. 3)", "in the range"),
    "k.page[Page(0)] = Frame(owner=me)": ("a Frame is a place", ".assign("),
    "k.seen = {*k.seen, me}": ("`*` is not", "s | {x}"),
    "k.flag = k.may and True": ("a bool | None", "is True"),
    "k.n = 2 ** -1": ("`**`", "<<"),
    "s = set()\ns.add(me)": ("that is a value", "s | {x}"),
    "x = k.seen.pop()": ("pop()", "choose(S)"),
    "k.mode = Mode.D": ("no `D`", "A, B, C"),
    "both(k, Page(0))": ("takes `*pages`", "parameter"),
    "k.n = fact(k, 2)": ("calls itself", "loop"),
    "f = frozen(k.page[Page(0)])\nk.flag = f.busy()": ("of a frozen record", "single `return"),
    "k.mode = (me, Mode.A)[2]": ("a tuple of 2 has no [2]", "count from 0"),
    "if (yield from lock(k, me)): pass": ("`yield from` inside an expression", "a local first"),
    "k.n = choose(3)": ("one candidate is no choice", "an Index"),
    "k.n = choose(k.n)": ("one candidate is no choice", "an Index"),
    "k.n = choose()": ("choose() of nothing", "name the alternatives"),
    "k.free.assign((1, 2))": ("2 values for 3 elements", "in Page"),
    "k.free.assign(1 for p in Page if k.flag)": ("no value to each", "without `if`"),
    "match k.mode:\n    case Mode(): pass": ("this `match`", "values"),
}

MISTAKES = {
    "lock(k, me)": ("is a sub-operation", "yield from"),
    "k.page[0].count = 1": ("indexed by Page, and this is the number 0", "Page(...)"),
    "yield 3": ("hands nothing over", "bare"),
}


def text_of(body: str, prop: str = INVARIANT) -> str:
    return OPERATION + "".join(f"    {line}\n" for line in body.split("\n")) + prop


@pytest.mark.parametrize("name", WORKS)
def test_it_works_in_both_engines(load: Callable[..., ModuleType], name: str) -> None:
    model = model_of(load(text_of(WORKS[name]), head=HEAD).K)
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
    errors = {name for name in expected.violations if name.startswith("model error")}
    met = native.explore(program, None, Limits()).violations
    assert set(met) == set(expected.violations)
    assert {compiled.violations[name].depth for name in errors} == {
        expected.violations[name].depth for name in errors
    }


@pytest.mark.parametrize("body", REFUSED)
def test_it_is_refused_with_what_to_write_instead(load: Callable[..., ModuleType], body: str) -> None:
    refused(load, text_of(body), CheckerError, *REFUSED[body])


@pytest.mark.parametrize("body", MISTAKES)
def test_what_is_wrong_in_either_engine(load: Callable[..., ModuleType], body: str) -> None:
    refused(load, text_of(body), Mistake, *MISTAKES[body])


@pytest.mark.parametrize("body", ["k.n = 2\n    return True", "return clear(k)"])
def test_a_property_that_writes(load: Callable[..., ModuleType], body: str) -> None:
    prop = f"\n@invariant\ndef p(k: K) -> bool:\n    {body}\n"
    refused(load, text_of("k.n = 1", prop), Mistake, "changes the state", "only reads")


@pytest.mark.parametrize(
    ("body", "says"), [("lock(k, me)", "is a sub-operation"), ("global n\nn = 3", "not in the state")]
)
def test_python_would_run_it_without_a_word(load: Callable[..., ModuleType], body: str, says: str) -> None:
    world = World(model_of(load(text_of(body), head=HEAD).K))
    with pytest.raises(Mistake, match=says) as caught:
        reference.explore(world)
    assert caught.value.line is not None and caught.value.advice


def refused(
    load: Callable[..., ModuleType], text: str, kind: type[CheckerError], says: str, advice: str
) -> None:
    model = model_of(load(text, head=HEAD).K)
    with pytest.raises(kind) as caught:
        compile_program(World(model), list(model.properties.values()))
    assert says in caught.value.text and advice in (caught.value.advice or "")
    assert caught.value.line is not None and "written_" in str(caught.value.file)
