"""Designs as patch series: the tree after each patch, and before them all."""

from __future__ import annotations

import enum
from typing import Any

import pytest

from checker.language import World, state, switch, switches
from checker.language.errors import CheckerError


class Scrub(enum.Enum):
    NONE = 0
    ON_FREE = 1
    ON_MAP = 2


@switches(
    presets={"v1": {"scrub": Scrub.ON_FREE, "locked": False}, "v2": {}, "proposed": {"undo": True}},
    series={"v1": 2, "v2": 4},
    default="v2",
)
class Design:
    scrub: Scrub = switch(Scrub.ON_MAP, "when a page is cleared", base=Scrub.NONE, patches={"v1": 1, "v2": 3})
    locked: bool = switch(True, "under the lock", base=False, patches={"v2": 2})
    flush: bool = switch(True, "its patch is not known", base=False)
    undo: bool = switch(False, "nothing is known of its history")


@state(design=Design)
class Kernel:
    flag: bool


@switches(extends=Design, presets={"mine": {"twice": True, "undo": True}}, series={"mine": 2})
class Mine:
    twice: bool = switch(False, "in patch 2 of mine", base=False, patches={"mine": 2})


def after(design: str) -> tuple[object, ...]:
    values = World(Kernel, preset=design).design
    return tuple(values[name] for name in ("scrub", "locked", "flush", "undo"))


@pytest.mark.parametrize(
    ("design", "values"),
    [
        ("base", (Scrub.NONE, False, False, False)),
        ("v2/0", (Scrub.NONE, False, False, False)),
        ("v2/1", (Scrub.NONE, False, True, False)),
        ("v2/2", (Scrub.NONE, True, True, False)),
        ("v2/3", (Scrub.ON_MAP, True, True, False)),
        ("v2/4", (Scrub.ON_MAP, True, True, False)),
        ("v2", (Scrub.ON_MAP, True, True, False)),
        ("v1/0", (Scrub.NONE, False, False, False)),
        ("v1/1", (Scrub.ON_FREE, False, True, False)),
        ("v1/2", (Scrub.ON_FREE, False, True, False)),
        ("proposed", (Scrub.ON_MAP, True, True, True)),
    ],
)
def test_the_tree_after_a_patch(design: str, values: tuple[object, ...]) -> None:
    assert after(design) == values


def test_a_loaded_files_switch_has_a_series_of_its_own() -> None:
    twice = [World(Kernel, preset=name).design["twice"] for name in ("base", "v2/4", "mine/1", "mine/2")]
    assert twice == [False, False, False, True]
    assert after("mine/0") == (Scrub.NONE, False, False, True)  # undo has no base: it is what mine says


@pytest.mark.parametrize(
    ("design", "says"),
    [
        ("v3/1", "there is no design `v3`"),
        ("v2/5", "design v2/5: the patches of `v2` are 1 to 4"),
        ("v2/x", "design v2/x: the patches of `v2` are 1 to 4"),
        ("v2/", "design v2/: the patches of `v2` are 1 to 4"),
        ("v2/-1", "are 1 to 4"),
        ("base/1", "`base` is one tree"),
        ("proposed/1", "the patches of `proposed` are not numbered (v1 has 2, v2 has 4"),
    ],
)
def test_wrong_patches_are_refused(design: str, says: str) -> None:
    with pytest.raises(CheckerError) as caught:
        World(Kernel, preset=design)
    assert says in caught.value.text


@pytest.mark.parametrize(
    ("series", "about", "says"),
    [
        ({"v2": 3}, {}, "there is no preset `v2`"),
        ({"v1": 0}, {}, "`v1` has 0 patches"),
        ({"v1": True}, {}, "`v1` has True patches"),
        ({"v1": 3}, {"patches": {"v1": 1}}, "say with base= what it was before them"),
        ({"v1": 3}, {"base": True, "patches": {"v1": 4}}, "4 is no patch of `v1`, which has 3"),
        ({"v1": 3}, {"base": True, "patches": {"v1": 0}}, "0 is no patch of `v1`"),
        ({}, {"base": True, "patches": {"v1": 1}}, "there is no series `v1`"),
        ({"v1": 3}, {"base": Scrub.NONE}, "is not of the type of False"),
    ],
)
def test_wrong_declarations_are_refused(series: dict[str, Any], about: dict[str, Any], says: str) -> None:
    with pytest.raises(CheckerError) as caught:

        @switches(presets={"v1": {}}, series=series)
        class Wrong:
            scrub: bool = switch(False, "", **about)

    assert says in caught.value.text


def test_no_preset_is_called_base_where_switches_have_one() -> None:
    with pytest.raises(CheckerError, match="`base` is what switch"):

        @switches(presets={"base": {}})
        class Wrong:
            scrub: bool = switch(False, "", base=True)


def test_without_a_base_there_is_no_such_design() -> None:
    @switches(presets={"v1": {}}, series={"v1": 2})
    class Plain:
        scrub: bool = switch(False, "")

    @state(design=Plain)
    class Kernel:
        flag: bool

    with pytest.raises(CheckerError, match="there is no design `base`"):
        World(Kernel, preset="base")
    assert World(Kernel, preset="v1/1").design == {"scrub": False}
