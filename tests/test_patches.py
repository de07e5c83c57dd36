"""`--design v2/3`, the tree after a patch, as a user types it."""

from __future__ import annotations

from pathlib import Path

import pytest

from checker.cli import run

SERIES = str(Path(__file__).parent / "models_for_tests" / "series.py")


@pytest.mark.parametrize(
    ("design", "code"), [("base", 0), ("v2/1", 1), ("v2/2", 0), ("v2/4", 1), ("v2", 1), ("v3/2", 0)]
)
def test_a_tree_after_a_patch_is_checked(capsys: pytest.CaptureFixture[str], design: str, code: int) -> None:
    words = ["--property", "one-owner", "--design", design, "--engine", "python", "--load", SERIES]
    assert run(words) == code
    assert design in capsys.readouterr().out


def test_a_patch_that_there_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--all", "--design", "v2/9", "--load", SERIES]) == 2
    assert "the patches of `v2` are 1 to 5, 0 is before them" in capsys.readouterr().err


def test_what_is_known_of_the_patches_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["show", "clear", "--load", SERIES]) == 0
    assert "  v2: on-free, by patch 3 of 5" in capsys.readouterr().out.splitlines()
    assert run(["show", "v2/2", "--load", SERIES]) == 0
    assert "  clear=never (patch 3)" in capsys.readouterr().out.splitlines()
    assert run(["list", "--load", SERIES]) == 0
    assert "  v3 (default, 6 patches)" in capsys.readouterr().out.splitlines()
