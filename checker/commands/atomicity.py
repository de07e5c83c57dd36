"""`check atomicity`: atomic blocks that are more than one access, and accesses without the writer's lock."""

from __future__ import annotations

import json
from typing import Any

import click

from checker.atomicity import MOST_STATES, atomicity_of
from checker.atomicity_report import exit_code, json_report, text
from checker.finding import design_name
from checker.language.model import Model
from checker.options import merged, request_of, search_options
from checker.request import scenarios_of, world_of
from checker.screen import Screen

HELP = """Atomic blocks with more than one access that no lock covers.

Each needs a comment `# atomic: reason` beside it. Also which fields are touched without the writer's lock.
"""
UNUSED = ("engine", "threads", "max_depth", "memory")


def atomicity_command(model: Model | None, screen: Screen, bounds: Any) -> click.Command:
    def atomicity(**given: Any) -> int:
        assert model is not None
        outer = click.get_current_context().parent
        options = merged(outer.params if outer is not None else {}, given)
        request = request_of(options)
        worlds = [world_of(request, model, scenario) for scenario in scenarios_of(request, model)]
        limits, machine = request.limits, options["as_json"]
        progress = None if machine else screen.progress()
        found = atomicity_of(worlds, limits.max_states or MOST_STATES, limits.seconds, progress)
        design = design_name(request, model)
        if machine:
            screen.line(json.dumps(json_report(found, design), indent=2))
        else:
            screen.lines(text(found, design))
        return exit_code(found)

    params = [option for option in search_options(bounds) if option.name not in UNUSED]
    return click.Command("atomicity", callback=atomicity, help=HELP, params=params)
