"""`check bisect`: the patch that breaks a property, the one that repairs it, and verdicts that stay open."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.commands.conftest import MODELS, Check

SERIES = ("--load", "{models}/series.py", "--engine", "python")


def test_every_change_of_verdict_along_a_series(check: Check) -> None:
    said = check("bisect", "--property", "one-owner", "--design", "v2", *SERIES)
    assert said.lines == [
        "one-owner along v2, of whose patches 4 change the design:",
        "  v2/0 (base)   holds",
        "  v2/1          violated 4 in two-tasks",
        "  v2/2          holds",
        "  v2/3          holds",
        "  v2/4          violated 6 in two-tasks",
        "patch 1 of v2 breaks one-owner (shared: false -> true)",
        "patch 2 of v2 repairs one-owner (locked: false -> true)",
        "patch 4 of v2 breaks one-owner (unlocks_early: false -> true)",
    ]
    assert said.code == 1


def test_it_ends_at_the_patch_that_is_named(check: Check) -> None:
    said = check("bisect", "--property", "one-owner", "--design", "v2/3", *SERIES)
    assert said.lines[-1] == "patch 2 of v2 repairs one-owner (locked: false -> true)"
    assert said.code == 0


def test_a_property_that_is_never_exercised_is_said_so(check: Check) -> None:
    said = check("bisect", "--property", "audits-agree", "--design", "v3", *SERIES)
    assert said.lines[-1] == "no patch changes it: not exercised all the way"
    assert said.code == 3


def test_a_patch_after_an_open_verdict_is_not_blamed(check: Check, tmp_path: Path) -> None:
    """Before patch 1 nothing is ever taken, so this property has nothing to say there."""
    mine = tmp_path / "mine.py"
    mine.write_text(
        "from checker.language import invariant\n"
        "from series import Kernel, Page\n\n"
        "@invariant\n"
        "def taken_is_clean(k: Kernel) -> bool:\n"
        "    return all(not k.dirty[p] for p in Page if k.owner[p] is not None)\n"
    )
    said = check("bisect", "--property", "taken-is-clean", *SERIES, "--load", str(mine))
    assert said.lines[1] == "  v3/0 (base)   not exercised (nothing in the search could have violated"
    assert said.lines[-3:-1] == [
        "at patch 1 of v3: taken-is-clean not exercised -> violated (shared: false",
        "  -> true)",
    ]
    assert said.lines[-1] == "patch 5 of v3 repairs taken-is-clean (clear: never -> on-alloc)"


def test_a_search_that_did_not_end(check: Check) -> None:
    said = check("bisect", "--property", "one-owner", "--design", "v2", "--max-depth", "5", *SERIES)
    assert said.code == 3
    assert any("incomplete (" in line for line in said.lines)
    assert "patch 1 of v2 breaks one-owner (shared: false -> true)" in said.lines
    assert "at patch 2 of v2: one-owner violated -> incomplete (locked: false -> true)" in said.lines


def test_json(check: Check) -> None:
    data = json.loads(check("bisect", "--property", "no-leak", "--design", "v2", "--json", *SERIES).out)
    (about,) = data["properties"]
    assert [(tree["patch"], tree["verdict"], tree["steps"]) for tree in about["trees"]] == [
        (0, "holds", None),
        (1, "violated", 5),
        (2, "violated", 5),
        (3, "holds", None),
        (4, "holds", None),
    ]
    assert [(turn["patch"], turn["word"]) for turn in about["turns"]] == [(1, "breaks"), (3, "repairs")]
    assert about["trees"][3]["switched"] == {"clear": ["never", "on-free"]}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--design", "v2"), "say which property: --property NAME"),
        (("--property", "one-owner", "--design", "base"), "the patches of `base` are not numbered"),
        (("--property", "one-owner", "--design", "v2/9"), "the patches of `v2` are 1 to 5"),
        (("--property", "one-ower"), "did you mean `one-owner`"),
    ],
)
def test_wrong_requests(check: Check, words: tuple[str, ...], says: str) -> None:
    said = check("bisect", *words, *SERIES)
    assert (said.code, said.out) == (2, "")
    assert says in said.err


def test_no_switch_names_its_patch(check: Check, tmp_path: Path) -> None:
    model = tmp_path / "plain.py"
    text = (MODELS / "series.py").read_text()
    model.write_text(text.replace('"v1": 1, ', ""))
    said = check("bisect", "--property", "one-owner", "--design", "v1", "--load", str(model))
    assert said.code == 2 and "no switch names its patch in v1" in said.err


MINE = """
from checker.language import Steps, operation, switch, switches
from series import Design, Kernel, Page, Task, use

@switches(extends=Design, presets={"v4": {"relaxed": True}}, SERIES)
class Mine:
    relaxed: bool = switch(False, "v4 2/3: nobody locks", base=False, patches={"v4": 2})

@operation(Task, replaces=use)
def use_relaxed(k: Kernel, me: Task, page: Page) -> Steps:
    if not Mine.relaxed:
        yield from use(k, me, page)
        return
    yield
    k.twice = k.twice or k.owner[page] is not None
    k.owner[page] = me
    yield
    k.owner[page] = None
"""


def test_the_patches_of_a_file_on_top_of_the_model(check: Check, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(MINE.replace("SERIES", 'series={"v4": 3}'))
    (tmp_path / "unnumbered.py").write_text(
        MINE.replace("SERIES", "").replace(', base=False, patches={"v4": 2}', "")
    )
    asked = ("bisect", "--property", "one-owner", "--design", "v4", *SERIES, "--load")
    said = check(*asked, str(tmp_path / "mine.py"))
    assert said.lines[-1] == "patch 2 of v4 breaks one-owner (relaxed: false -> true)" and said.code == 1
    said = check(*asked, str(tmp_path / "unnumbered.py"))
    assert said.code == 2 and '@switches(series={"v4": N}) says how many it has' in " ".join(said.err.split())
