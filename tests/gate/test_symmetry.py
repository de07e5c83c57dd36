"""The gate of symmetry: a search that stores canonical states gives the answers of one that stores them all."""

from __future__ import annotations

import ctypes
import dataclasses
import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, reject

from checker.compiler import compile_program
from checker.engines import native
from checker.engines.outcome import Limits
from checker.engines.replaying import replay
from checker.language import World, model_of
from checker.language.errors import CheckerError

from .symmetric import symmetric_models
from .test_gate import generated, load, numbers

STATES = 40_000
seen: Counter[str] = Counter()
EXPORT = """
__attribute__((visibility("default"))) void test_exchange(const uint64_t *from, uint64_t *to, int position)
{
    uint8_t order[N_IN_CLASSES], p[N_MOVED];
    memcpy(order, class_member, sizeof order);
    for (int c = 0; c < N_CLASSES; c++)
        if (class_start[c] <= position && position + 1 < class_start[c + 1]) {
            order[position] = class_member[position + 1];
            order[position + 1] = class_member[position];
        }
    permutation(order, p);
    permuted((const State *)from, (State *)to, p);
}

__attribute__((visibility("default"))) int test_positions(void) { return N_IN_CLASSES; }
"""


@pytest.mark.parametrize("examples", numbers(4, 12, 300))
def test_generated_programs(examples: int) -> None:
    generated(examples, same_answers, symmetric_models())


def same_answers(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        model = model_of(load(text, folder).K)
        world = World(model, "drawn")
        compare(world, [*model.properties.values(), "deadlock"])


def compare(world: World, properties: list[Any]) -> None:
    try:
        whole = compile_program(world, properties)
    except CheckerError as refused:  # drawn in an order that the language does not have
        assert "may come after a write of its block" in str(refused)
        reject()
    seen["programs"] += 1
    try:
        program = compile_program(world, properties, reduced=True)
    except CheckerError as refused:
        assert "is symmetric, but" in str(refused)
        seen["refused"] += 1
        return
    if "interchangeable" not in program.statistics:
        seen["told apart"] += 1
        return
    with native.Run(whole, None, Limits(max_states=STATES, keep_going=True), quick=True) as run:
        run.go(None)
        full = run.outcome()
        assume(full.complete)
        states = {state for level in run.levels() for state in level}
    seen["reduced"] += 1
    seen["violations"] += len(full.violations)
    if "eager actions" not in program.statistics and "actions never needed" not in program.statistics:
        seen["states"] += len(states)
        seen["stored"] += _one_of_each_orbit(program, states)
    program.unreduced = lambda names: compile_program(world, [p for p in properties if _name(p) in names])
    reduced = native.explore(program, None, Limits(keep_going=True))
    assert reduced.complete
    assert set(reduced.violations) == set(full.violations)
    assert set(reduced.reached) == set(full.reached)
    hardware = {
        *program.statistics.get("eager actions", []),
        *program.statistics.get("actions never needed", []),
    }
    for name, violation in (reduced.violations | reduced.reached).items():
        expected = (full.violations | full.reached)[name]
        if not hardware:
            assert violation.depth == expected.depth, name
        found = replay(world, violation, [p for p in properties if not isinstance(p, str)])
        assert found.agrees, (name, found.why)
    for name in program.conditions.keys() - set(full.violations):
        assert reduced.exercised(name) == full.exercised(name), name


def _name(prop: Any) -> str:
    return prop if isinstance(prop, str) else str(prop.name)


def _one_of_each_orbit(program: Any, states: set[tuple[int, ...]]) -> int:
    """The stored states stand for all: their images are the reachable states and their images, no two alike."""
    program = dataclasses.replace(program, source=program.source + EXPORT)
    with native.Run(program, None, Limits(keep_going=True), ("-O0",)) as run:
        run.go(None)
        stored = [state for level in run.levels() for state in level]
        assert len(stored) == len(set(stored))
        orbits = [orbit(run.library, state) for state in stored]
        covered = set().union(*orbits)
        assert len(covered) == sum(map(len, orbits)), "two stored states stand for the same"
        assert states <= covered
        assert all(not states.isdisjoint(each) for each in orbits)
    return len(stored)


def orbit(library: Any, state: tuple[int, ...]) -> set[tuple[int, ...]]:
    found, waiting = {state}, [state]
    while waiting:
        for image in _images(library, waiting.pop()):
            if image not in found:
                found.add(image)
                waiting.append(image)
    return found


def _images(library: Any, state: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    words = ctypes.c_uint64 * len(state)
    for position in range(library.test_positions() - 1):
        image = words()
        library.test_exchange(words(*state), image, position)
        yield tuple(image)


MODEL = Path(__file__).parent.parent / "benchmarks" / "symmetric_shootdown.py"
NOTE = Path(__file__).parent.parent.parent / "docs" / "design" / "symmetry.md"


@pytest.mark.parametrize(
    ("cpus", "pages"),
    [pytest.param(3, 2, marks=pytest.mark.slow), pytest.param(3, 3, marks=pytest.mark.long)],
)
def test_the_figures_of_the_design_note(tmp_path: Path, cpus: int, pages: int) -> None:
    row = re.search(rf"\| {cpus}, {pages} \| ([\d,]+) \| ([\d,]+) \| ([\d,]+) \|", NOTE.read_text())
    assert row is not None
    plain = MODEL.read_text().replace(", symmetric=True", "")
    counted = [
        states_of(text, cpus, pages, reduced)
        for text, reduced in ((plain, False), (plain, True), (MODEL.read_text(), True))
    ]
    assert counted == [int(number.replace(",", "")) for number in row.groups()]


def states_of(text: str, cpus: int, pages: int, reduced: bool) -> int:
    with tempfile.TemporaryDirectory() as folder:
        model = model_of(load(text, folder).Machine)
        world = World(model, "default", bounds={"cpus": cpus, "pages": pages})
        program = compile_program(world, [*model.properties.values(), "deadlock"], reduced=reduced)
        return native.explore(program, None, Limits(keep_going=True)).states
