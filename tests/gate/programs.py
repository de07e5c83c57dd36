"""Random models as Python source: whatever the language allows, both engines must agree on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

Draw = Callable[..., Any]

HEADER = """
from __future__ import annotations

import enum

from checker.language import *


class Actor(Index, size={actors}): ...
class Page(Index, size={pages}): ...


class Kind(enum.Enum):
    LEFT = 0
    RIGHT = 1
    NEITHER = 2

    @property
    def other(self) -> Kind:
        return Kind.RIGHT if self is Kind.LEFT else Kind.LEFT


@record
class Frame:
    busy: bool
    owner: Actor | None
    count: Range(0, 2)

    def is_free(self) -> bool:
        return self.owner is None and not self.busy


@state
class K:
    flag: bool
    kind: Kind
    level: Range(0, 2)
    lock: Actor | None
    chosen: Set[Page]
    pairs: Set[tuple[Actor, Page]]
    frame: Array[Page, Frame]


def frame_of(k: K, p: Page) -> Frame:
    return k.frame[p]


def claim(k: K, me: Actor, p: Page) -> bool:
    f = frame_of(k, p)
    if f.owner is not None:
        return False
    f.owner = me
    return True


def pages_from(p: Page):
    return [q for q in Page if q >= p]


def take_lock(k: K, me: Actor) -> Steps:
    yield
    while k.lock is not None:
        yield
    k.lock = me


def some_page(k: K) -> Page | None:
    return choose(p for p in Page if p in k.chosen)
"""


@dataclass
class Writer:
    """Draws statements and expressions; `names` maps definitely assigned locals to their kinds."""

    draw: Draw
    lines: list[str] = field(default_factory=list)
    depth: int = 1
    names: dict[str, str] = field(default_factory=dict)
    wrote: bool = False
    fresh: int = 0
    loops: int = 0
    me: bool = True
    fixed: set[str] = field(default_factory=set)

    def pick(self, *options: Any) -> Any:
        return self.draw(st.sampled_from(options))

    def number(self, low: int, high: int) -> int:
        drawn: int = self.draw(st.integers(low, high))
        return drawn

    def add(self, line: str) -> None:
        self.lines.append("    " * self.depth + line)

    def local(self, kind: str) -> str | None:
        found = [name for name, known in self.names.items() if known == kind]
        return str(self.pick(*found)) if found else None

    def new(self, prefix: str) -> str:
        self.fresh += 1
        return f"{prefix}{self.fresh}"

    # -- expressions -----------------------------------------------------------------------------------------

    def page(self) -> str:
        name = self.local("page")
        return name if name and self.number(0, 2) else f"Page({self.number(0, 1)})"

    def actor(self) -> str:
        return "me" if self.me and self.number(0, 2) else f"Actor({self.number(0, 1)})"

    def level(self) -> str:
        options = [
            "k.level",
            f"k.frame[{self.page()}].count",
            str(self.number(0, 2)),
            "min(k.level + 1, 2)",
            "(k.level * 2 + 1) % 3",
            "len(k.chosen) // 2",
            "sum(1 for p in Page if k.frame[p].busy) % 3",
        ]
        name = self.local("level")
        return str(self.pick(*options, *([name, name] if name else [])))

    def kind(self) -> str:
        name = self.local("kind")
        return str(self.pick("k.kind", "Kind.LEFT", "Kind.RIGHT", "k.kind.other", *([name] if name else [])))

    def boolean(self, depth: int = 2) -> str:
        if depth > 0 and self.number(0, 2) == 0:
            sign = self.pick("and", "or")
            return f"({self.boolean(depth - 1)} {sign} {self.boolean(depth - 1)})"
        p, a = self.page(), self.actor()
        options = [
            "k.flag",
            f"k.frame[{p}].busy",
            f"k.lock == {a}",
            "k.lock is None",
            f"{p} in k.chosen",
            f"({a}, {p}) in k.pairs",
            f"k.kind is {self.kind()}",
            f"{self.level()} <= {self.level()}",
            f"k.frame[{p}].owner != {a}",
            f"k.frame[{p}].is_free()",
            "any(k.frame[q].busy for q in Page if q in k.chosen)",
            "all(k.frame[q].owner is None for q in Page)",
            f"{p} == {self.page()}",
            "any(a == k.lock for a, q in k.pairs)",
            "len(k.pairs) == 1",
            "not k.flag",
            "k.chosen <= {q for q in Page if q > Page(0)}",
            "k.chosen.isdisjoint({q for q in Page if k.frame[q].busy})",
            "k.chosen.issuperset({q for q in Page if k.frame[q].busy})",
            "(k.flag if k.level == 0 else k.lock is not None)",
            f"running({a})",
            f"max(q for q in Page) == {p}",
        ]
        name = self.local("bool")
        return str(self.pick(*options, *([name, name] if name else [])))

    # -- statements ------------------------------------------------------------------------------------------

    def body(self, size: int, yields: bool) -> None:
        before, start = dict(self.names), len(self.lines)
        for _ in range(self.number(1, size)):
            self.statement(yields)
        if len(self.lines) == start:
            self.add("pass")
        for name in [n for n in self.names if n not in before]:
            del self.names[name]

    def block(self, head: str, yields: bool, size: int = 2) -> None:
        self.add(head)
        self.depth += 1
        self.body(size, yields)
        self.depth -= 1

    def statement(self, yields: bool) -> None:
        simple = [
            self.write,
            self.write,
            self.write,
            self.set_write,
            self.choice,
            self.copy_local,
            self.reference,
            self.helper,
            self.condition,
        ]
        simple += [self.search, self.frozen]
        if self.depth < 4:
            simple += [self.branch, self.loop]
        if self.loops:
            simple += [self.jump]
        if yields:
            simple += [self.yield_, self.yield_, self.wait, self.sub_operation]
            if self.depth < 3:
                simple += [self.any_order, self.counted, self.forever]
        self.pick(*simple)(yields)

    def write(self, _: bool) -> None:
        p = self.page()
        self.add(
            str(
                self.pick(
                    f"k.flag = {self.boolean()}",
                    f"k.kind = {self.kind()}",
                    f"k.level = {self.level()}",
                    "k.lock = None",
                    f"k.lock = {self.actor()}",
                    f"k.frame[{p}].busy = {self.boolean(1)}",
                    f"k.frame[{p}].owner = {self.pick('None', self.actor())}",
                    f"k.frame[{p}].count = {self.level()}",
                    f"k.frame[{p}].assign(busy={self.boolean(1)}, owner=None)",
                    f"copy_into(k.frame[{p}], k.frame[{self.page()}])",
                )
            )
        )
        self.wrote = True

    def set_write(self, _: bool) -> None:
        p = self.page()
        self.add(
            str(
                self.pick(
                    f"k.chosen.add({p})",
                    f"k.chosen.discard({p})",
                    "k.chosen.clear()",
                    f"k.pairs.add(({self.actor()}, {p}))",
                    f"k.pairs.discard(({self.actor()}, {p}))",
                    "k.chosen.assign(q for q in Page if k.frame[q].busy)",
                    "k.chosen |= {q for q in Page if q > " + p + "}",
                    f"k.chosen = k.chosen - {{{p}}}",
                    f"k.chosen ^= {{{p}}}",
                    f"k.chosen = {{{p}}} ^ k.chosen",
                    f"k.chosen = k.chosen.symmetric_difference({{{p}, {self.page()}}})",
                )
            )
        )
        self.wrote = True

    def choice(self, _: bool) -> None:
        which = self.number(0, 4 if not self.wrote else 1)
        if which == 0:
            name = self.new("c")
            self.add(f"{name} = choose(True, False)")
            self.names[name] = "bool"
        elif which == 1:
            name = self.new("p")
            self.add(f"{name} = choose(Page)")
            self.names[name] = "page"
        elif which == 2:
            name = self.new("p")
            self.add(f"{name} = choose(q for q in Page if {self.boolean(0)})")
            self.names[name] = "page"
        elif which == 3:
            name = self.new("p")
            self.add(f"{name} = choose(k.chosen)")
            self.names[name] = "page"
        else:
            self.add(f"when({self.boolean(1)})")

    def copy_local(self, _: bool) -> None:
        kind = str(self.pick("bool", "page", "kind", "level", "set"))
        text = {
            "bool": self.boolean,
            "page": self.page,
            "kind": self.kind,
            "level": self.level,
            "set": lambda: "frozen(k.chosen)",
        }[kind]()
        name = self.new(kind[0])
        self.add(f"{name} = {text}")
        if kind == "set":
            check = self.new("b")
            self.add(f"{check} = {self.page()} in {name}")
            self.names[check] = "bool"
        else:
            self.names[name] = kind

    def reference(self, yields: bool) -> None:
        name = self.new("f")
        self.add(f"{name} = k.frame[{self.page()}]")
        if yields and self.number(0, 1):
            self.yield_(yields)
        self.add(f"{name}.count = {self.level()}")
        self.wrote = True

    def helper(self, _: bool) -> None:
        name = self.new("h")
        self.add(f"{name} = claim(k, {self.actor()}, {self.page()})")
        self.names[name] = "bool"
        self.wrote = True

    def condition(self, _: bool) -> None:
        if self.number(0, 3) == 0:
            self.add(f"assert {self.boolean(2)}, 'drawn'")

    def branch(self, yields: bool) -> None:
        claimed = f"{self.pick('', 'not ')}claim(k, {self.actor()}, {self.page()})"
        short = f"if {self.boolean(1)} {self.pick('and', 'or')} {claimed}:"
        head = self.pick(f"if {self.boolean()}:", "if choose(True, False):", short)
        self.wrote = wrote = self.wrote or head == short
        self.block(str(head), yields)
        after, self.wrote = self.wrote, wrote
        if self.number(0, 1):
            self.block("else:", yields)
        self.wrote = self.wrote or after

    def loop(self, yields: bool) -> None:
        name = self.new("q")
        collection = self.pick(
            "Page", f"pages_from({self.page()})", "range(2)", *([] if yields else ["k.chosen"])
        )
        self.names[name] = "level" if collection == "range(2)" else "page"
        self.loops += 1
        self.wrote = True  # of an earlier round
        self.block(f"for {name} in {collection}:", yields)
        self.loops -= 1
        del self.names[name]

    def any_order(self, yields: bool) -> None:
        name = self.new("q")
        self.names[name] = "page"
        self.loops += 1
        self.wrote = True
        self.block(f"for {name} in any_order({self.pick('Page', 'k.chosen')}):", yields)
        self.loops -= 1
        del self.names[name]

    def counted(self, yields: bool) -> None:
        name = self.new("n")
        self.add(f"{name}: Range(0, 3) = 0")
        self.names[name] = "fixed"
        self.wrote = True
        self.add(f"while {name} < 2:")
        self.depth += 1
        self.add(f"{name} = {name} + 1")
        self.body(2, yields)
        self.depth -= 1

    def forever(self, yields: bool) -> None:
        """Left only by its break; what is assigned in it may be read after it."""
        name = self.new("l")
        self.wrote = True
        self.add("while True:")
        self.depth += 1
        self.add(f"{name} = {self.level()}")
        self.body(2, yields)
        self.add("yield")
        self.add(f"if {self.boolean(1)}:")
        self.add("    break")
        self.depth -= 1
        self.names[name] = "level"

    def search(self, _: bool) -> None:
        """None first, a member later."""
        name, member = self.new("o"), self.new("q")
        self.add(f"{name} = None")
        self.add(f"for {member} in Page:")
        self.add(f"    if k.frame[{member}].busy or {self.boolean(0)}:")
        self.add(f"        {name} = {member}")
        self.add("        break")
        self.add(f"if {name} is not None:")
        self.add(f"    k.chosen.add({name})")
        self.wrote = True

    def frozen(self, yields: bool) -> None:
        name, result = self.new("z"), self.new("b")
        page = self.page()
        self.add(f"{name} = frozen(k.frame[{page}])")
        if yields and self.number(0, 1):
            self.yield_(yields)
        self.add(f"{result} = {name} == frozen(k.frame[{self.page()}]) or {name}.busy")
        self.names[result] = "bool"

    def jump(self, _: bool) -> None:
        self.add(f"if {self.boolean(1)}:")
        self.add(f"    {self.pick('break', 'continue')}")

    def yield_(self, _: bool) -> None:
        self.add("yield")
        self.wrote = self.loops > 0

    def wait(self, _: bool) -> None:
        if self.number(0, 1):
            self.add("yield")
        tries = f"{self.boolean(0)} or not claim(k, me, {self.page()})"  # a try that fails leaves nothing
        self.add(f"while {self.pick(self.boolean(1), tries, 'choose(True, False)')}:")
        self.add("    yield")
        self.wrote = True

    def sub_operation(self, _: bool) -> None:
        if self.number(0, 2) == 0:
            self.add("yield from take_lock(k, me)")
        else:
            name = self.new("r")
            self.add(f"{name} = yield from sub(k, me, {self.page()}, {self.boolean(1)})")
            self.names[name] = "bool"
        self.wrote = True


def _function(
    draw: Draw,
    head: str,
    names: dict[str, str],
    size: int,
    yields: bool,
    end: str | None = None,
    me: bool = True,
) -> str:
    writer = Writer(draw, names=dict(names), me=me)
    if yields and end is None and writer.number(0, 1):
        writer.add("yield")
    writer.body(size, yields)
    if yields and not any(line.strip() == "yield" for line in writer.lines):
        writer.add("yield")
    if end is not None:
        writer.add(f"return {writer.boolean(1)}")
    return "\n".join([head, *writer.lines, ""])


LEAF = """def leaf(k: K, me: Actor, p: Page, want: bool) -> Steps[bool]:
    yield
    k.level = 0
    return want
"""
RELAY = """def relay(k: K, me: Actor, p: Page, want: bool) -> Steps[bool]:
    k.kind = k.kind.other
    done = yield from sub(k, me, p, want)
    return not done
"""


def _recursive(sub: str, depth: int, through: str) -> str:
    """The sub-operation calls itself, at once or by way of another one, at its end and wherever it was drawn."""
    *lines, end = sub.rstrip().split("\n")
    lines += ["    if k.kind is Kind.LEFT:", "        again = yield from sub(k, me, p, not k.flag)"]
    lines += ["        k.flag = again != k.flag", end]
    text = "\n".join(lines).replace("yield from sub(", f"yield from {through}(")
    return f"{RELAY}\n\n@suboperation(depth={depth})\n{text}\n"


@st.composite
def models(draw: Draw) -> str:
    """A whole model: a sub-operation, operations, actions, invariants, sometimes once-operations."""

    def number(low: int, high: int) -> int:
        drawn: int = draw(st.integers(low, high))
        return drawn

    parts = [HEADER.format(actors=2, pages=2)]
    sub = _function(
        draw,
        "def sub(k: K, me: Actor, p: Page, want: bool) -> Steps[bool]:",
        {"p": "page", "want": "bool"},
        3,
        True,
        "bool",
    )
    parts.insert(1, LEAF)
    if number(0, 2) == 0:
        parts.append(sub.replace("yield from sub(", "yield from leaf("))
    else:
        parts.append(
            _recursive(sub, depth=number(1, 2), through=str(draw(st.sampled_from(["sub", "relay"]))))
        )
    operations = number(1, 2)
    for i in range(operations):
        argument = ", p: Page" if number(0, 1) else ""
        names = {"p": "page"} if argument else {}
        parts.append(
            "@operation(Actor)\n"
            + _function(draw, f"def op{i}(k: K, me: Actor{argument}) -> Steps:", names, 5, True)
        )
    for i in range(number(0, 2)):
        parts.append(
            "@action(Actor)\n" + _function(draw, f"def act{i}(k: K, me: Actor) -> None:", {}, 3, False)
        )
    if number(0, 3) == 0:
        parts.append(
            "@enabled(Actor)\ndef may_run(k: K, me: Actor) -> bool:\n"
            "    return k.lock != Actor(0) or me == Actor(0)\n"
        )
    for i in range(number(1, 2)):
        writer = Writer(draw, me=False)
        parts.append(f"@invariant\ndef claim{i}(k: K) -> bool:\n    return {writer.boolean(2)}\n")
    if number(0, 1):
        parts.append(
            "@step_invariant\ndef change(before: K, after: K) -> bool:\n"
            "    return before.level <= after.level or before.flag == after.flag\n"
        )
    runs = ", ".join(f"op{i}" for i in range(operations))
    once = number(0, 1)
    runner = f"runs={{Actor[0]: [{runs}]}}, once={{Actor[1]: [op0]}}" if once else f"runs={{Actor: [{runs}]}}"
    parts.append(f'Scenario("drawn", "whatever was drawn", {runner})\n')
    return "\n\n".join(parts)
