"""The same answer, counts and trace for any number of threads, reduced or not; and no race in the search."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from checker.compiler import compile_program
from checker.engines import native
from checker.engines.outcome import Limits, Outcome
from checker.language import World
from checker.loading import load_model

pytestmark = pytest.mark.skipif(native.find_compiler() is None, reason="no C compiler")

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
LATE = """
from checker.language import always_possible, step_invariant

@invariant
def never_all_free(m: Machine) -> bool:
    return not (all(m.entry[p] is Entry.FREE for p in Page) and all(m.cpu[c].interrupts_off for c in Cpu))

@step_invariant
def never_finished(before: Machine, after: Machine) -> bool:
    return not any(before.entry[p] is Entry.UNMAPPING and after.entry[p] is Entry.FREE for p in Page)

@always_possible
def mapped_again(m: Machine) -> bool:
    return all(m.entry[p] is Entry.MAPPED for p in Page)
"""


FLUSHED = "m.cpu[me].tlb.discard(job.victim)"
FLUSHED_OR_EMPTIED = """if choose(True, False):
        m.cpu[me].tlb.clear()  # what it leaves behind is below what the other way leaves
    m.cpu[me].tlb.discard(job.victim)"""


def world_of(folder: Path, model: str, **bounds: int) -> World:
    """A shootdown of the benchmark, with properties that are violated at some depth."""
    name, _, variant = model.partition("+")
    file = folder / f"{name}_late{variant}.py"
    text = (BENCHMARKS / f"{name}.py").read_text()
    text += LATE.replace("] is", "].use is") if name == "shootdown_wide" else LATE
    if variant:
        text = text.replace(FLUSHED, FLUSHED_OR_EMPTIED).replace("import Array,", "import choose, Array,")
    file.write_text(text)
    sys.modules.pop(file.stem, None)
    return World(load_model([str(file)]), "default", bounds)


def told(outcome: Outcome) -> Outcome:
    """Without what may differ: times, and memory, of which each thread needs some of its own."""
    return dataclasses.replace(outcome, seconds=0.0, memory_bytes=0, bytes_per_state=0.0)


TWO, THREE = {"cpus": 2, "initiators": 1}, {"cpus": 3, "initiators": 2}
# Few states are shared out too.
SHARED = ("-DFIRST_BUCKETS=64", "-DSMALL_PART=16", "-DSMALL_LEVEL=16", "-DSMALL_CHUNK=4")
FLAGS = ("-O1", *SHARED)


@pytest.mark.parametrize(
    ("model", "reduction", "bounds"),
    [
        ("shootdown", "", TWO | {"pages": 4}),
        ("shootdown", "eager actions", THREE | {"pages": 3}),
        ("symmetric_shootdown", "interchangeable", {"cpus": 3, "pages": 4, "initiators": 3}),
        ("shootdown+emptied", "eager actions", THREE | {"pages": 3}),
        pytest.param("shootdown", "", TWO | {"pages": 5}, marks=pytest.mark.slow),
        pytest.param("shootdown", "eager actions", THREE | {"pages": 4}, marks=pytest.mark.slow),
        pytest.param(
            "symmetric_shootdown",
            "interchangeable",
            {"cpus": 4, "pages": 3, "initiators": 2},
            marks=pytest.mark.slow,
        ),
    ],
)
def test_one_two_and_eight_threads(
    model: str, reduction: str, bounds: dict[str, int], tmp_path: Path
) -> None:
    world = world_of(tmp_path, model, **bounds)
    properties = [*world.model.properties.values(), "deadlock"]
    program = compile_program(world, properties, reduced=bool(reduction))
    assert not reduction or program.statistics[reduction]
    for keep_going in (True, False):
        one, *others = [
            told(native.explore(program, None, Limits(threads=threads, keep_going=keep_going), None, FLAGS))
            for threads in (1, 2, 8, 8)
        ]
        assert {"never_all_free", "never_finished"} <= set(one.violations) and one.states > 2048
        assert one.complete or not keep_going
        assert (one.left_out > 0) == model.endswith("+emptied")
        for other in others:
            assert other == one


MAIN = """
int main(void)
{
    static uint64_t initial[] = {INITIAL}, counts[4096];
    static uint8_t sites[4096];
    Run run = {.initial = initial, .initial_count = 1, .threads = THREADS, .max_states = UINT64_MAX,
               .max_depth = UINT64_MAX, .max_bytes = UINT64_MAX, .max_nanoseconds = UINT64_MAX,
               .keep_going = 1, .wanted_goals = 1, .wanted_sites = sites, .fired = counts,
               .condition_true = counts + 1024, .condition_false = counts + 2048,
               .descents = 100, .walk_length = 50, .seed = 1};
    int failed = explore(&run) || run.states != STATES || run.ended != COMPLETE || run.tape_length == 0;
    explore_free(&run);
    return failed;
}
"""


@pytest.mark.long
@pytest.mark.parametrize(
    ("model", "reduced"),
    [
        ("shootdown", False),
        ("shootdown_wide", False),
        ("shootdown", True),
        ("shootdown+emptied", True),
        ("symmetric_shootdown", True),
    ],
)
@pytest.mark.parametrize("threads", [2, 8])
def test_no_race_in_a_compiled_program(model: str, reduced: bool, threads: int, tmp_path: Path) -> None:
    """A program of its own: ThreadSanitizer must be there from the start of a process."""
    bounds = {"cpus": 3, "pages": 4 if reduced else 3, "initiators": 3 if reduced else 1}
    world = world_of(tmp_path, model, **bounds, **({"frames": 2**20} if model == "shootdown_wide" else {}))
    program: Any = compile_program(world, list(world.model.properties.values()), reduced=reduced)
    states = native.explore(program, None, Limits(keep_going=True)).states
    assert states > 2048
    (initial,) = program.initial_words()
    given = {"INITIAL": ", ".join(f"{word}ull" for word in initial), "THREADS": threads, "STATES": states}
    main = MAIN
    for name, value in given.items():
        main = main.replace(name, str(value))
    source, binary = tmp_path / "program.c", tmp_path / "program"
    source.write_text(program.source + main)
    engine = native.__file__.rpartition("/")[0]
    flags = ["-std=gnu11", "-O1", "-g", "-w", "-fsanitize=thread", "-pthread", f"-I{engine}"]
    flags += [*SHARED, "-DDESCENT_PAUSE=0", "-DMANY_VALUES=256"]
    subprocess.run(["cc", *flags, str(source), "-o", str(binary)], check=True)
    result = subprocess.run([str(binary)], capture_output=True, text=True, check=False)
    assert result.returncode == 0 and not result.stderr, result.stderr[:3000]
