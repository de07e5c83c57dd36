"""The gate of eager hardware: a reduced search gives the answers of one that is not reduced."""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from typing import Any

import pytest
from hypothesis import assume

from checker.compiler import compile_program
from checker.engines import native
from checker.engines.figures import STOP_NOT_MET
from checker.engines.outcome import Limits, Outcome
from checker.engines.replaying import replay
from checker.language import World, model_of

from .hardware import hardware_models
from .reductions import Graph
from .test_gate import generated, load, numbers
from .tuples import models_of_tuples
from .waits import models_of_waits

STATES = 3000
seen: Counter[str] = Counter()


@pytest.mark.parametrize("examples", numbers(6, 20, 400))
def test_generated_programs(examples: int) -> None:
    generated(examples, same_answers, hardware_models())


@pytest.mark.parametrize("examples", numbers(6, 20, 400))
def test_generated_programs_with_tuples(examples: int) -> None:
    generated(examples, same_answers, models_of_tuples())


@pytest.mark.parametrize("examples", numbers(6, 20, 400))
def test_generated_programs_with_waits(examples: int) -> None:
    generated(examples, same_answers, models_of_waits())


def same_answers(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        model = model_of(load(text, folder).K)
        world = World(model, "drawn")
        stuck = ["deadlock"] if "anybody is stuck" in text else []
        compare(world, [*model.properties.values(), *stuck])


def compare(world: World, properties: list[Any], passing: bool = True) -> None:
    program = compile_program(world, properties, reduced=True, passing=passing)
    seen["waits"] += "waits that hardware ends" in program.statistics
    eager = list(program.statistics.get("eager actions", []))
    never = list(program.statistics.get("actions never needed", []))
    seen["programs"] += 1
    if not eager and not never:
        return
    whole = compile_program(world, properties)
    graph = Graph(world, properties, whole.pack, {*eager, *never}, STATES)
    graph.run()
    assume(graph.outcome.ended is None)
    full = explore(whole)
    with native.Run(program, None, Limits(keep_going=True), quick=True) as run:
        run.go(None)
        gave_up, open_goals = run.run.gave_up, run.outcome().undecided
        levels = [] if gave_up else [state for level in run.levels() for state in level]
    reduced = explore(program)
    seen["reduced"] += 1
    seen["gave up"] += bool(gave_up)
    seen["open goals"] += bool(open_goals)
    seen["violations"] += len(full.violations)
    seen["left out"] += bool(reduced.left_out)
    seen["items that do not matter"] += "items that do not matter" in program.statistics
    assert reduced.complete and full.complete
    assert set(reduced.violations) == set(full.violations)
    assert set(reduced.reached) == set(full.reached)
    asked = program.conditions.keys() - set(full.violations)
    if not fired(full, {*eager, *never}):  # a change that only hardware makes is not looked at
        asked -= set(program.steps)
    for name in asked:
        assert reduced.exercised(name) == full.exercised(name), name
    assert fired(reduced, {*eager, *never}) == fired(full, {*eager, *never})
    if gave_up == STOP_NOT_MET:
        seen["stops that were not met"] += 1
        compare(world, properties, passing=False)
        return
    if gave_up:
        assert reduced.states == full.states
        return
    members = [actor.member for actor in world.actors]
    states = {
        program.pack(node.snapshot, dict(zip(members, node.positions, strict=True)), node.once)
        for node in graph.nodes
    }
    _stand_for_all(program, levels, states)
    _same_lengths(world, properties, graph, reduced, full)


def fired(outcome: Outcome, hardware: set[str]) -> set[str]:
    """The blocks that ran."""
    return {
        block for block, count in outcome.fired.items() if count and block.partition(":")[0] not in hardware
    }


def _stand_for_all(program: Any, visited: list[tuple[int, ...]], states: set[tuple[int, ...]]) -> None:
    """Every visited state can be reached, but for items that do not matter, and every state has a visited one above
    it that is otherwise equal."""
    fibres = fibres_of(program)
    certain = {settled(each, program) for each in visited}
    seen["in doubt"] += certain != set(visited)
    assert len(visited) == len(set(visited)) and certain <= {filled(each, fibres) for each in states}
    grown, shrunk = masks(program, "grown_bits"), masks(program, "shrunk_bits")
    tops: dict[tuple[int, ...], list[tuple[int, ...]]] = {}
    for words in visited:
        tops.setdefault(_rest(words, grown, shrunk), []).append(words)
    for words in states:
        above = tops.get(_rest(words, grown, shrunk), [])
        assert any(
            not any(
                low & g & ~high or high & d & ~low
                for low, high, g, d in zip(words, top, grown, shrunk, strict=True)
            )
            for top in above
        ), words


def fibres_of(program: Any) -> list[dict[int, int]]:
    """Of each fibre its bits, by word."""
    lines = re.findall(r"^        (s->w\[\d+\] \|= .*);$", program.source, re.MULTILINE)
    found = [re.findall(r"s->w\[(\d+)\] \|= UINT64_C\((0x[0-9a-f]+)\)", line) for line in lines]
    assert bool(found) == ("items that do not matter" in program.statistics)
    return [{int(word): int(mask, 16) for word, mask in line} for line in found]


def filled(words: tuple[int, ...], fibres: list[dict[int, int]]) -> tuple[int, ...]:
    """With all elements of each fibre that has one."""
    result = list(words)
    for fibre in fibres:
        if any(words[word] & mask for word, mask in fibre.items()):
            for word, mask in fibre.items():
                result[word] |= mask
    return tuple(result)


def settled(words: tuple[int, ...], program: Any) -> tuple[int, ...]:
    """Without the bits that say what is in doubt."""
    doubts = masks(program, "doubt_bits") if "doubt_bits" in program.source else [0] * len(words)
    return tuple(word & ~(word & doubt & word << 1) for word, doubt in zip(words, doubts, strict=True))


def masks(program: Any, name: str) -> list[int]:
    found = re.search(rf"{name}\[WORDS\] = {{(.*)}};", program.source)
    assert found is not None
    return [int(number, 16) for number in re.findall(r"0x[0-9a-f]+", found[1])]


def _rest(words: tuple[int, ...], grown: list[int], shrunk: list[int]) -> tuple[int, ...]:
    return tuple(word & ~(g | d) for word, g, d in zip(words, grown, shrunk, strict=True))


def _same_lengths(world: World, properties: list[Any], graph: Graph, reduced: Outcome, full: Outcome) -> None:
    shortest = graph.shortest()
    for name, violation in (reduced.violations | reduced.reached).items():
        hardware = sum(event.name in graph.hardware for event in violation.events)
        if name in shortest:
            assert (len(violation.events) - hardware, hardware) == shortest[name], name
        else:  # about what stays possible: answered by a search that is not reduced
            assert violation.depth == full.violations[name].depth
        found = replay(world, violation, [p for p in properties if not isinstance(p, str)])
        assert found.agrees, (name, found.why)


def explore(program: Any) -> Outcome:
    return native.explore(program, None, Limits(keep_going=True))
