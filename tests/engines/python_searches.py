"""The python engine on the models of task_models.py."""

from __future__ import annotations

from typing import Any

import task_models as m
from task_models import Locks

from checker.engines import python
from checker.engines.outcome import Outcome
from checker.language import World
from checker.language.errors import shown_path

HERE = shown_path(m.__file__)


def explore(scenario: str, *properties: Any, **keywords: Any) -> Outcome:
    return python.explore(World(Locks, scenario), properties, **keywords)


def counts(outcome: Outcome) -> tuple[int, int, int]:
    assert outcome.complete and outcome.ended is None
    return outcome.states, outcome.transitions, outcome.depth
