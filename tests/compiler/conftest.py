"""Models written as text into a file of their own, as a user's `--load` file is."""

from __future__ import annotations

import importlib.util
import itertools
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

HEAD = """
from __future__ import annotations
import enum
from checker.language import *

class Cpu(Index, size=2): ...
class Block(Index, size=2): ...
class Page(Index, within=Block, size=2): ...
class Kind(enum.Enum):
    MAPPED = 0
    UNMAPPED = 1

@record
class Frame:
    owner: Cpu | None
    free: bool
    count: Range(0, 3)

@state
class K:
    page: Array[Page, Frame]
    tlb: Array[Cpu, Set[Page]]
    kind: Kind
    flag: bool
    level: Range(0, 3)

"""
HEAD_LINES = HEAD.count("\n")

_numbers = itertools.count()


@pytest.fixture
def load(tmp_path: Path) -> Callable[[str], ModuleType]:
    """Writes HEAD + text to a file and imports it; line 1 of the text is line HEAD_LINES + 1."""

    def loaded(text: str, head: str = HEAD) -> ModuleType:
        name = f"written_{next(_numbers)}"
        file = tmp_path / f"{name}.py"
        file.write_text(head + text)
        spec = importlib.util.spec_from_file_location(name, file)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
        return module

    return loaded
