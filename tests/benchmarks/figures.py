"""The rows of the report: a figure, its goal, and by how much it was reached or missed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Goal:
    """What a figure is to be: at least or at most so much."""

    what: str
    goal: float
    unit: str = ""
    at_most: bool = False
    value: float | None = None  # None: could not be measured
    why_not: str = ""

    @property
    def reached(self) -> bool:
        if self.value is None:
            return False
        return self.value <= self.goal if self.at_most else self.value >= self.goal

    @property
    def verdict(self) -> str:
        if self.value is None:
            return self.why_not or "not measured"
        if self.reached:
            return "reached"
        share = self.value / self.goal if self.at_most else self.goal / self.value
        return f"**missed** by a factor of {share:.2f}"

    @property
    def row(self) -> list[str]:
        wanted = f"{'at most' if self.at_most else 'at least'} {self.goal:g}{self.unit}"
        got = "-" if self.value is None else f"{self.value:.3g}{self.unit}"
        return [self.what, wanted, got, self.verdict]


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table: the first column to the left, the others to the right."""
    lines = [list(head), ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def seconds(value: float) -> str:
    return f"{value:.3f} s" if value < 1 else f"{value:.2f} s" if value < 100 else f"{value:.0f} s"


def mebibytes(value: float) -> str:
    return f"{value / 2**20:,.0f} MiB"
