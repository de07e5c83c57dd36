"""The second part of reports/benchmarks.md: `python tests/benchmarks/reductions.py [SECTION ...]`.

What the reductions save, threads, bytes per state by width, and the reductions of SPIN and Rumur. Each
section is measured in one run and takes the place of the one before. Times are processor seconds of all
threads, which other work on the machine disturbs less than the clock.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import machine
import measure
import ours
import reduced_peers
from figures import table
from parts import put_section
from peers import WIDER

from checker.compiler import compile_program
from checker.compiler.compile import Compilation
from checker.compiler.eager import Reduction
from checker.compiler.symmetry import Symmetry
from checker.engines import native
from checker.engines.outcome import Limits, Outcome
from checker.language import World
from checker.loading import load_model

HERE = Path(__file__).parent
MOST = 60_000_000  # states
SECONDS = 60.0
FIRST = 2_000_000  # states of a scenario, for its bytes per state
LARGE, LONG = 25_000_000, 400.0  # states and seconds of a scenario with three CPUs
TOGETHER = ("none", "eager", "both")
CLAIM = "no_stale_tlb"
BENCHMARKS: tuple[tuple[str, dict[str, int]], ...] = (
    ("shootdown", {"cpus": 2, "pages": 6, "initiators": 1}),
    ("shootdown", {"cpus": 3, "pages": 3, "initiators": 2}),
    ("shootdown", {"cpus": 3, "pages": 4, "initiators": 2}),
    ("symmetric_shootdown", {"cpus": 3, "pages": 3, "initiators": 2}),
    ("symmetric_shootdown", {"cpus": 4, "pages": 2, "initiators": 2}),
)


WIDTHS_NOTE = f"""\
`shootdown_wide.py`, {WIDER.states:,} states, and the first {FIRST:,} of scenarios of the model;
nothing reduced, once each. *At most*: the speed-up by two processors of one's own, if no thread ever waited
for the other. Bytes: array, table and dictionaries, in whole pages of 2 MiB, over the states. The words
themselves would be 8 bytes each, and the table over them 10 to 12.5."""


class OnlyEager(Compilation):
    def _interchangeable(self, constants: Any) -> Symmetry:
        return Symmetry()


class OnlySymmetry(Compilation):
    def _reduce(self, kept: Any, late: Any) -> Reduction:
        return Reduction()


WAYS: dict[str, tuple[type[Compilation], bool]] = {
    "none": (Compilation, False),
    "eager": (OnlyEager, True),
    "symmetry": (OnlySymmetry, True),
    "both": (Compilation, True),
}


@dataclass(frozen=True)
class Counted:
    outcome: Outcome
    processor: float
    reductions: str

    @property
    def states(self) -> str:
        least = "" if self.outcome.complete else "> "
        return f"{least}{self.outcome.states:,}"


def counted(
    world: World, way: str, claims: Sequence[Any], seconds: float = SECONDS, most: int = MOST
) -> Counted:
    """Without compiling C, which a process of its own does. A limit of few seconds is for what is compiled in
    a hurry."""
    kind, reduced = WAYS[way]
    with world:
        program = kind(world, claims, False, reduced).program()
    if seconds >= SECONDS:
        native.build(program.source)
    limits = Limits(max_states=most, seconds=seconds, threads=1, keep_going=True)
    begun = time.process_time()
    outcome = native.explore(program, None, limits)
    about = program.statistics
    names = [*about.get("eager actions", ()), *about.get("actions never needed", ())]  # type: ignore[misc]
    names += [f"[{each}]" for each in about.get("interchangeable", ())]  # type: ignore[attr-defined]
    return Counted(outcome, time.process_time() - begun, ", ".join(map(str, names)))


def factor(whole: Counted, reduced: Counted) -> str:
    """At least so much, if the whole search did not come to its end."""
    if not reduced.outcome.complete or reduced.outcome.undecided:
        return "-"
    least = "" if whole.outcome.complete else "> "
    return f"{least}{whole.outcome.states / reduced.outcome.states:,.1f}x"


# ---- sections --------------------------------------------------------------------------------------------


def benchmarks() -> str:
    """Reduction factors of the benchmark's models"""
    rows = []
    for name, bounds in BENCHMARKS:
        model = load_model([str(HERE / f"{name}.py")])
        claims = [model.properties[CLAIM]]
        found = {way: counted(World(model, "default", bounds), way, claims) for way in WAYS}
        whole = found["none"]
        rows.append([f"{name} {'/'.join(map(str, bounds.values()))}", whole.states])
        rows[-1] += [f"{found[way].states} ({factor(whole, found[way])})" for way in list(WAYS)[1:]]
        rows[-1] += [f"{whole.processor:.1f} s", f"{found['both'].processor:.2f} s"]
        print(rows[-1], flush=True)
    head = ["model, CPUs/pages/initiators", "states", "eager", "symmetry", "both", "time", "with both"]
    return f"{table(head, rows)}\n\nProperty `{CLAIM}`, one thread, the C already compiled."


def scenarios() -> str:
    """Reduction factors of the model's scenarios"""
    model = load_model([])
    rows = []
    for scenario in model.scenarios.values():
        if not scenario.default:
            continue
        claims = [model.properties[CLAIM]]
        whole = counted(World(model, scenario.name), "none", claims, 20.0)
        both = counted(World(model, scenario.name), "both", claims, 20.0)
        what = both.reductions or "-"
        rows.append([scenario.name, whole.states, both.states, factor(whole, both), what])
        print(rows[-1], flush=True)
    head = ["scenario", "states", "reduced", "factor", "what is not interleaved, or not told apart"]
    return (
        f"{table(head, rows)}\n\nProperty `{CLAIM}`, the newest posted design, each scenario's own bounds. "
        f"`> n`: not all within 20 s.\n{summary([row[3] for row in rows])}"
    )


def large() -> str:
    """Reduction factors of scenarios with three and four CPUs"""
    model = load_model([])
    claims, rows = [model.properties[CLAIM]], []
    for scenario in model.scenarios.values():
        if scenario.bounds.get("cpus", 2) < 3:
            continue
        found = [counted(World(model, scenario.name), way, claims, LONG, LARGE) for way in TOGETHER]
        whole, *reduced = found
        fewer = [f"{each.states} ({factor(whole, each)})" for each in reduced]
        times = [f"{each.processor:.1f} s" for each in (whole, reduced[-1])]
        rows.append([scenario.name, whole.states, *fewer, *times, reduced[-1].reductions])
        print(rows[-1], flush=True)
    head = ["scenario", "states", "eager", "both", "time", "with both", "by what"]
    return (
        f"{table(head, rows)}\n\nProperty `{CLAIM}`, the newest posted design, each scenario's own bounds, "
        f"one thread. `> n`:\nended after {LARGE:,} states. What else would save something: "
        "`docs/design/reductions.md`."
    )


def summary(factors: Sequence[str]) -> str:
    """Of those that are known."""
    known = sorted(float(each.strip("> x").replace(",", "")) for each in factors if each != "-")
    fewer = sum(each >= 1.05 for each in known)
    return (
        f"{fewer} of {len(known)} scenarios are reduced, half of all by {known[len(known) // 2]}x or less, "
        f"one by {known[-1]}x."
    )


def widths() -> str:
    """Threads, and bytes per state by width"""
    rows = []
    for words in (1, 2, 4, 8):
        asked = [ours.wide(WIDER, words, threads) for threads in (1, 2)]
        assert ours.words_of(asked[0]) == words
        one, two = (_measured(each) for each in asked)
        assert one[0]["states"] == two[0]["states"] == WIDER.states
        assert one[0]["transitions"] == two[0]["transitions"]
        processor = [run.processor for _, run in (one, two)]
        rows.append(_width_row("shootdown_wide", words, processor, one[0]["bytes_per_state"]))
    model = load_model([])
    claims = [model.properties[CLAIM]]
    for name in ("three-cpus", "three-tasks-mermap", "four-cpus"):
        world = World(model, name)
        found = counted(world, "none", claims, SECONDS, FIRST)
        words = compile_program(world, claims, reduced=False).words
        rows.append(_width_row(name, words, [found.processor], found.outcome.bytes_per_state))
    head = ["states of", "words", "one thread", "both of two", "at most", "bytes per state"]
    return f"{table(head, rows)}\n\n{WIDTHS_NOTE}"


def _width_row(name: str, words: int, processor: Sequence[float], size: float) -> list[str]:
    both = ["", ""]
    if len(processor) > 1:
        both = [f"{processor[1]:.1f} s", f"{2 * processor[0] / processor[1]:.2f}x"]
    row = [name, str(words), f"{processor[0]:.1f} s", *both, f"{size:.1f}"]
    print(row, flush=True)
    return row


def growth() -> str:
    """Growth to a hundred million states"""
    asked, rows = ours.two_phase(11), []
    for most in (1_000_000, 10_000_000, 100_000_000):
        search, run = _measured(asked, "--max-states", str(most))
        used = run.processor
        rows.append(
            [
                f"{search['states']:,}",
                f"{search['transitions']:,}",
                f"{used:.1f} s",
                f"{search['states'] / used:,.0f}",
                f"{run.peak_bytes / search['states']:.1f}",
                f"{run.peak_bytes / 2**30:.2f} GiB",
            ]
        )
        print(rows[-1], flush=True)
    head = ["states", "transitions", "time", "states a second", "bytes per state", "peak"]
    return (
        f"{table(head, rows)}\n\nTwo-phase commit of 11 managers, one word, one thread, ended by its states. "
        "The time is that of\nthe whole command: in the first row mostly of starting and compiling."
    )


def _measured(asked: ours.Asked, *more: str) -> tuple[dict[str, Any], measure.Measured]:
    """What `--json` says of the search, and the run. A limit that ends it is no failure."""
    run = measure.run([*asked.command, *more, "--json"], 500)
    if run.timed_out or run.code not in (0, 3):
        raise SystemExit(run.why_not)
    answer = json.loads(run.output[run.output.index("{") :])
    return answer["runs"][0], run


def peers() -> str:
    """SPIN with partial order reduction, Rumur with symmetry"""
    with tempfile.TemporaryDirectory() as scratch:
        rows = list(reduced_peers.rows(Path(scratch), _own))
    head = ["tool and model", "bounds", "states", "reduced", "factor", "time", "reduced time", "reduction"]
    return f"{table(head, rows)}\n\n{reduced_peers.NOTE}"


def _own(name: str, bounds: dict[str, int]) -> Iterator[Counted]:
    model = load_model([str(HERE / f"{name}.py")])
    for way in ("none", "both"):
        yield counted(World(model, "default", bounds), way, [model.properties[CLAIM]])


SECTIONS: dict[str, Callable[[], str]] = {
    each.__name__: each for each in (benchmarks, scenarios, large, peers, widths, growth)
}


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("sections", nargs="*", choices=[*SECTIONS, []], help="all, unless some are named")
    for name in parser.parse_args().sections or SECTIONS:
        section = SECTIONS[name]
        load = f"Load average before: {os.getloadavg()[0]:.1f}, on {machine.processor()}."
        put_section(section.__doc__ or name, f"{section()}\n\n{load}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
