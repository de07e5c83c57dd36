"""A model of one counter, whose step and whose property a test fills in."""

from __future__ import annotations

from pathlib import Path

MODEL = """
from typing import Annotated
from checker.language import Index, Range, action, invariant, state


class Cpu(Index, size=2):
    pass


@state
class Kernel:
    count: Annotated[int, Range(0, 3)]


@action(Cpu)
def count(k: Kernel, me: Cpu) -> None:
    {statement}
    k.count = (k.count + 1) % 4


@invariant
def quiet(k: Kernel) -> bool:
    return {predicate}
"""


def model_file(folder: Path, statement: str = "pass", predicate: str = "k.count < 9") -> list[str]:
    (folder / "model.py").write_text(MODEL.format(statement=statement, predicate=predicate))
    return ["--load", str(folder / "model.py")]
