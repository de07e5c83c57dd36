"""A run of 60 steps with 4 CPUs and 8 pages, of a model that says how it is drawn."""

from __future__ import annotations

import dataclasses
import sys
from collections import Counter
from pathlib import Path

from checker.engines.aftermath import after, key_of, stepping
from checker.engines.successors import Node, Successors
from checker.language.context import current
from checker.language.model import model_of
from checker.language.world import World
from checker.loading import load_file
from checker.testing.schedule import Schedule, trace_of
from checker.traces.pictures import pictures_of
from checker.traces.trace import Trace

MODEL = Path(__file__).parents[1] / "models_for_tests" / "unmapping.py"


def drawn_world() -> World:
    sys.modules.pop("unmapping", None)
    module = load_file(str(MODEL))
    return World(model_of(module.Kernel), "larger", bounds={"cpus": 4, "pages": 8})


def walk(world: World, steps: int) -> Schedule:
    """What was done least often comes next, so that everything comes."""
    successors, fired = Successors(world, False), Counter[str]()
    nodes = [Node(world.initial_states()[0], (None,) * len(world.actors), frozenset(), 0, None, None)]
    events = []
    with stepping(world):
        current.operation_of = successors.stepper.operation_of
        while len(events) < steps:
            edges = [
                each
                for each in successors.of(nodes[-1])
                if key_of(after(nodes[-1], each)) != key_of(nodes[-1])
            ]
            edge = min(edges, key=lambda each: (fired[str(each.event)], fired[each.block], str(each.event)))
            fired.update([str(edge.event), edge.block])
            events.append(edge.event)
            nodes.append(after(nodes[-1], edge))
    return Schedule(world, nodes, events)


def drawn_trace(steps: int = 60) -> tuple[Schedule, Trace]:
    run = walk(drawn_world(), steps)
    trace = dataclasses.replace(
        trace_of(run),
        name="no-stale-tlb",
        heading="WARNING",
        title="possible corruption",
        sentence="page0 was freed while cpu1 can still translate it",
        draw=lambda: pictures_of(run.world, [node.snapshot for node in run.nodes]),
    )
    return run, trace
