"""`--atomicity fine`: a world whose blocks are split before each access that no lock covers."""

from __future__ import annotations

import ast

from checker.atomicity import MOST_STATES, Atomicity
from checker.engines.accesses import survey
from checker.engines.outcome import ProgressCallback
from checker.language.rewriting import Rewriting
from checker.language.splitting import Choice, Cut, splitting
from checker.language.world import World

Place = tuple[str, int, int]


def fine(world: World, seconds: float | None = None, progress: ProgressCallback | None = None) -> World:
    """The world, split. First a survey says where; a statement that it did not come to is split off too."""
    seen = survey(world, MOST_STATES, seconds, progress)
    if seen.interrupted:
        raise KeyboardInterrupt
    found = Atomicity()
    found.add(world, seen)
    split: set[Place] = set()
    own = {operation.function for operation in world.operations}
    rewriting = Rewriting(splitting(_choice(found, split), own))
    variants = {operation: rewriting.operation(operation) for operation in world.operations}
    how = "all states" if seen.complete else f"{seen.states:,} states"
    remark = f"{world.scenario.name}: blocks split at {len(split)} statements, by a survey of {how}"
    return World(world.model, world.scenario, world.bounds, world.design, variants=variants, remark=remark)


def _choice(found: Atomicity, split: set[Place]) -> Choice:
    touched: set[Place] = set()
    open_to: dict[Place, set[bool]] = {}  # statement -> whether it reads (False) and writes (True)
    for block in found.blocks.values():
        for run in block.runs:
            touched |= {(t.site.file, t.site.line, t.site.column) for t in run}
            for touch in found.uncovered(run):
                place = (touch.site.file, touch.site.line, touch.site.column)
                open_to.setdefault(place, set()).add(touch.write)

    def choose(file: str, stmt: ast.stmt, names_state: bool) -> Cut:
        place = (file, stmt.lineno, stmt.col_offset)
        if place not in open_to and (place in touched or not names_state):
            return Cut.NONE
        split.add(place)
        return Cut.INSIDE if len(open_to.get(place, ())) > 1 else Cut.BEFORE

    return choose
