"""Switches that a loaded file adds to the model's own."""

from __future__ import annotations

import pytest

from checker.language import World, action, state, switch, switches
from checker.language.errors import DuplicateName, UnknownName


@switches(presets={"posted": {}}, default="posted")
class Design:
    scrub: bool = switch(False, "posted in v1")


@state(design=Design)
class Kernel:
    flag: bool


@switches(extends=Design, presets={"mine": {"scrub": True, "twice": True}})
class Mine:
    twice: bool = switch(False, "under review")


@action
def step(k: Kernel) -> None:
    k.flag = Mine.twice and Design.scrub


def test_added_switches_and_presets_are_the_designs() -> None:
    assert World(Kernel).design == {"scrub": False, "twice": False}
    assert World(Kernel, preset="mine").design == {"scrub": True, "twice": True}
    with World(Kernel, design={"twice": True}):
        assert Mine.twice is True and Design.scrub is False


def test_a_name_is_taken_once() -> None:
    with pytest.raises(DuplicateName, match="Design has `scrub` already"):

        @switches(extends=Design)
        class Again:
            scrub: bool = switch(True, "")


def test_a_preset_names_switches_that_there_are() -> None:
    with pytest.raises(UnknownName, match="no switch `scrb`"):

        @switches(extends=Design, presets={"other": {"scrb": True}})
        class Other:
            more: bool = switch(True, "")


def test_a_preset_that_is_there_gets_a_value_of_an_added_switch() -> None:
    @switches(presets={"posted": {"scrub": True}}, default="posted")
    class Own:
        scrub: bool = switch(False, "posted in v1")

    @state(design=Own)
    class State:
        flag: bool

    @switches(extends=Own, presets={"posted": {"twice": True}})
    class Added:
        twice: bool = switch(False, "an extension's")

    assert World(State).design == {"scrub": True, "twice": True}
    with pytest.raises(DuplicateName, match="Own has `posted` already"):

        @switches(extends=Own, presets={"posted": {"scrub": False}})
        class Changed:
            thrice: bool = switch(False, "it may not change what the preset is")
