"""The model says who can trigger each operation, and how what it leaves open is provoked on a real kernel."""

from __future__ import annotations

import inspect

import pytest

import model
from checker.findings.docstrings import PROVOKE, TRIGGER, docstrings_of, labelled
from checker.language import model_of
from checker.language.bounds import defaults_of
from checker.language.patches import presets_of
from checker.listing import helpers

KERNEL = model_of(model.Kernel)
DOCSTRINGS = docstrings_of(KERNEL)


@pytest.mark.parametrize("operation", KERNEL.current_operations, ids=lambda each: each.name)
def test_every_operation_says_who_can_trigger_it(operation: object) -> None:
    assert labelled(DOCSTRINGS.of(operation.name), TRIGGER)  # type: ignore[attr-defined]


@pytest.mark.parametrize("action", KERNEL.actions, ids=lambda each: each.name)
def test_every_action_says_how_it_is_provoked(action: object) -> None:
    assert labelled(DOCSTRINGS.of(action.name), PROVOKE)  # type: ignore[attr-defined]


def test_every_function_that_chooses_a_result_says_how_it_is_provoked() -> None:
    """Which page is taken, and which translation is used, nobody provokes."""
    choosing = [each for each in helpers(KERNEL) if "choose(Result)" in inspect.getsource(each)]
    assert choosing
    assert [each.__name__ for each in choosing if not labelled(each.__doc__ or "", PROVOKE)] == []


def test_every_setting_of_the_environment_says_who_has_it() -> None:
    names = [
        name for name in defaults_of(KERNEL.design) if DOCSTRINGS.text_of(name).startswith("environment")
    ]
    assert names
    assert [name for name in names if not labelled(DOCSTRINGS.text_of(name), TRIGGER)] == []


def test_every_change_of_the_proposal_has_a_sentence() -> None:
    for switch, value in presets_of(KERNEL.design)["proposed"].items():
        said = DOCSTRINGS.change(switch, value, ["proposed"])
        assert len(said) > 20 and not said.startswith("v4"), f"{switch}: {said}"
