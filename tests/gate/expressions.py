"""Random expressions of the models that are drawn, and the lines that they are written into."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

Draw = Callable[..., Any]


@dataclass
class Expressions:
    """Draws expressions; `names` maps definitely assigned locals to their kinds."""

    draw: Draw
    lines: list[str] = field(default_factory=list)
    depth: int = 1
    names: dict[str, str] = field(default_factory=dict)
    wrote: bool = False
    fresh: int = 0
    loops: int = 0
    me: bool = True

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
