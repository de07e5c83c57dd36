"""Files are written as a whole or not at all, and what cannot be written is said before the search."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest

from checker.language.errors import CheckerError
from checker.writing import make_folder, write, write_folder
from tests.commands.conftest import Check, check  # noqa: F401

MARK = "<!-- made -->"


def test_only_marked_pages_of_before_go(tmp_path: Path) -> None:
    (tmp_path / "mine.md").write_text("kept\n")
    (tmp_path / "old.md").write_text(f"of before\n{MARK}\n")
    write_folder(tmp_path, {"new.md": f"new\n{MARK}\n"}, "*.md", MARK)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["mine.md", "new.md"]


def test_a_full_disk_leaves_what_stood_there(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    write(page, "old\n")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        with pytest.raises(CheckerError, match="it cannot be written: File too large"):
            write_folder(tmp_path, {"page.md": "new" * 1000}, "*.md", MARK)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert page.read_text() == "old\n" and list(tmp_path.iterdir()) == [page]


def test_a_file_where_a_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CheckerError, match="this directory cannot be made: Not a directory"):
        make_folder("output", tmp_path / "file" / "inner")


@pytest.mark.parametrize(
    "words",
    [
        ("matrix", "--markdown", "{there}/t.md"),
        ("findings", "--output", "{there}"),
        ("report", "--output", "{there}"),
        ("bounds", "--svg", "{there}/t.svg"),
    ],
)
def test_it_is_said_before_anything_is_searched(words: tuple[str, ...], check: Check, tmp_path: Path) -> None:  # noqa: F811
    there = tmp_path / "file"
    there.write_text("")
    model = () if words[0] == "bounds" else ("--load", "{models}/series.py", "--engine", "python")
    said = check(*(word.replace("{there}", str(there)) for word in words), *model)
    assert said.code == 2 and not said.out and str(there) in said.err, said
