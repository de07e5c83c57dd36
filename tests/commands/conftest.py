"""Commands as a user types them, with a cache of results of their own."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from checker import store
from checker.cli import run

MODELS = Path(__file__).parents[1] / "models_for_tests"


@dataclass
class Said:
    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


Check = Callable[..., Said]


def forget_models(temporary: Path) -> None:
    """As in a new process: one that was loaded from a file that has gone keeps results from being kept."""
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None) or ""
        drawn = file and name.startswith("drawn_")
        if drawn or file.startswith((str(MODELS), str(temporary))):
            del sys.modules[name]


@pytest.fixture
def check(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Check:
    """`check` with these words, in this process; `{models}` stands for the folder of the test's models."""
    folder = tmp_path / "cells"
    folder.mkdir(mode=0o700)
    monkeypatch.setattr(store, "cache_folder", lambda name: (folder, False))

    def typed(*words: str) -> Said:
        forget_models(tmp_path_factory.getbasetemp())
        capsys.readouterr()
        code = run([word.replace("{models}", str(MODELS)) for word in words])
        return Said(code, *capsys.readouterr())

    return typed
