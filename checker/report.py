"""The verdicts as text: what the answer is, what was searched, and what the answer rests on."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from typing import cast

from checker.basis import SEQUENTIAL, Assumption, Replaced, assumptions, replaced
from checker.finding import differing_switches
from checker.fired import by_file, never_fired, not_seen_to_fire, place_of, place_order
from checker.together import sentence
from checker.traces.trace import Trace
from checker.traces.wrapping import wrapped
from checker.verdict import Answer, Run, ShownCause, Verdict

WIDTH = 75
MOST_FIELDS = 12  # of those that were left out of the state, that are named
STYLES = {
    Answer.HOLDS: "bold green",
    Answer.REACHABLE: "bold green",
    Answer.VIOLATED: "bold red",
    Answer.MODEL_ERROR: "bold red",
    Answer.UNREACHABLE: "bold",
    Answer.NOT_EXERCISED: "bold yellow",
    Answer.INCOMPLETE: "bold yellow",
}
DEFINITE = (Answer.HOLDS, Answer.UNREACHABLE)


def verdict_lines(verdict: Verdict) -> Iterator[str]:
    """The same for a screen; only a long name needs more than one, and stays whole."""
    yield from textwrap.wrap(
        verdict_line(verdict), WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )


def verdict_line(verdict: Verdict) -> str:
    """`no-stale-tlb: holds (12,345 states)`."""
    if verdict.trace is not None:
        return f"{verdict.name}: {_with_trace(verdict)}"
    return f"{verdict.name}: {verdict.answer.value}" + (f" ({verdict.why})" if verdict.why else "")


def _with_trace(verdict: Verdict) -> str:
    trace = verdict.trace
    assert trace is not None
    count = len(trace.steps)
    text = f"in {verdict.scenario}, {count} step{'' if count == 1 else 's'}"
    if verdict.causes:
        count, more = len(verdict.causes), "" if verdict.all_causes else " or more"
        text += f"; {count}{more} cause{'' if (count, more) == (1, '') else 's'}"
    if _all_assumed(verdict) and verdict.answer is Answer.VIOLATED:
        return f"conditionally violated ({text}; only if the assumed step is right)"
    return f"{verdict.answer.value} ({text})"


def _all_assumed(verdict: Verdict) -> bool:
    """Whether each trace that is known takes an assumed step."""
    traces: list[Trace | None] = [each.trace for each in verdict.causes]
    return all(trace is not None and bool(trace.assumed) for trace in traces or [verdict.trace])


def cause_lines(verdict: Verdict, cause: ShownCause) -> Iterator[str]:
    """What stands above the trace of a cause."""
    yield from item(f"cause of {verdict.name}, in {cause.scenario}", f"shows in {cause.shows}")
    wrote = cause.wrote or "no single earlier block"
    yield from item("  what it rests on was last written by", wrote)


def basis(design: str, verdicts: Sequence[Verdict], runs: Sequence[Run]) -> Iterator[str]:
    """Everything under the verdicts."""
    shown_above = any(verdict.trace is not None for verdict in verdicts)
    if design:
        switches = "" if shown_above else differing_switches(runs)
        yield from item("design", design + (f": {switches}" if switches else ""))
    if len(runs) == 1:
        yield from item(f"searched {runs[0].scenario}", searched(runs[0]))
        yield from _statistics(runs[0])
    elif runs:
        yield from table(runs)
    if len(runs) < 2 or any(verdict.answer is not Answer.VIOLATED for verdict in verdicts):
        yield from within(verdicts, runs)  # what a trace rests on stands under it


def within(verdicts: Sequence[Verdict], runs: Sequence[Run]) -> Iterator[str]:
    """What never ran, and what the verdicts rest on."""
    yield from _never_fired(runs)
    if any(verdict.answer in DEFINITE for verdict in verdicts):
        yield "what this rests on:"
    else:
        yield "within:"
    yield from _bounds(runs)
    yield from _assumed(runs)
    for each in replaced_in(runs):
        yield from _dash(f"in place of {each.name} there is {each.by}, {each.place}")
    for remark in dict.fromkeys(run.world.remark for run in runs if run.world.remark):
        yield from _dash(remark)
    if any(verdict.answer in DEFINITE for verdict in verdicts) and sentence(runs):
        yield from _dash(sentence(runs))
    yield from _dash(SEQUENTIAL)


def searched(run: Run) -> str:
    outcome = run.outcome
    if run.engine == "symbolic":  # it counts no states
        steps = max(outcome.depth - 1, 0)
        text = f"sequences of up to {steps} steps, {outcome.seconds:.2f} s, symbolic engine"
        return text if outcome.complete else f"{text}; {_stopped(run)}"
    text = (
        f"{outcome.states:,} states, {outcome.transitions:,} transitions, depth {outcome.depth}"
        f"{' (reduced counts)' if outcome.reduced else ''}, "
        f"{outcome.seconds:.2f} s, {outcome.bytes_per_state:.0f} bytes per state, {run.engine} engine"
    )
    return text if outcome.complete else f"{text}; {_stopped(run)}"


def table(runs: Sequence[Run]) -> Iterator[str]:
    """Several searches, a line for each; the names of long scenarios have lines of their own."""
    engines = " and ".join(sorted({run.engine for run in runs}))
    yield f"searched {len(runs)} scenarios, {engines} engine (--json says more):"
    yield f"  {'':20} {'states':>11} {'transitions':>12} {'depth':>6} {'seconds':>8} {'bytes/state':>11}"
    for run in runs:
        outcome = run.outcome
        name = run.scenario if len(run.scenario) <= 20 else ""
        if not name:
            yield f"  {run.scenario}"
        yield (
            f"{' r'[outcome.reduced]} {name:20} {outcome.states:11,} {outcome.transitions:12,} "
            f"{outcome.depth:6} {outcome.seconds:8.2f} {outcome.bytes_per_state:11.0f}"
        )
        if not outcome.complete:
            yield from wrapped(_stopped(run), WIDTH, "    ", "    ")
    if any(run.outcome.reduced for run in runs):
        yield "r: reduced counts, by eager actions or by symmetric indexes"
    yield from reductions(runs)


def _stopped(run: Run) -> str:
    outcome = run.outcome
    why = f"ended before its end: {outcome.ended}" if outcome.ended else "ended at the violation"
    return f"{why} (every state up to depth {outcome.covered_depth} was covered)"


def _statistics(run: Run) -> Iterator[str]:
    """What the compiler made of the state: how wide it is, and which fields it could do without."""
    about = run.statistics
    if "bits" in about:
        words = about.get("words")
        yield f"  packed state: {about['bits']} bits in {words} word{'' if words == 1 else 's'}"
    yield from reductions([run])
    for name in ("constant fields", "sliced fields"):
        fields = about.get(name)
        if isinstance(fields, list | tuple) and fields:
            more = len(fields) - MOST_FIELDS
            shown = [*map(str, fields[:MOST_FIELDS]), *([f"and {more} more (--json)"] if more > 0 else [])]
            yield from item(f"  {name}", ", ".join(shown))


def reductions(runs: Sequence[Run]) -> Iterator[str]:
    """Which actions were not interleaved, what was not told apart, and what keeps others from it."""
    for name, text in (
        ("eager actions", "taken at once, not interleaved"),
        ("actions never needed", "never needed, not interleaved"),
        ("items that do not matter", "states not told apart by"),
    ):
        found = _listed([run for run in runs if run.outcome.reduced], name)
        if found:
            yield from item(f"  {text}", ", ".join(found))
    left_out = sum(run.outcome.left_out for run in runs)
    if left_out:
        yield f"  left out, as another state stands for them: {left_out:,} states"
    for reason in _listed(runs, "interleaved because"):
        yield from item("  interleaved", reason)
    for reason in dict.fromkeys(reason for run in runs for reason in run.outcome.in_full):
        yield from item("  searched again", reason)
    for members in _listed([run for run in runs if run.outcome.reduced], "interchangeable"):
        yield from item("  interchangeable", members)
    for reason in _listed(runs, "told apart because"):
        yield from item("  told apart", reason)


def _listed(runs: Sequence[Run], name: str) -> list[str]:
    """What a statistic lists, in any of the runs."""
    lists = [run.statistics.get(name) for run in runs]
    return list(dict.fromkeys(str(each) for found in lists if isinstance(found, list) for each in found))


def _never_fired(runs: Sequence[Run]) -> Iterator[str]:
    """By place: a sub-operation's block counts as fired when it fired within any operation."""
    dead = set(never_fired(runs))
    alive = {place_of(block) for run in runs for block in run.outcome.fired if block not in dead}
    nowhere = sorted({place_of(block) for block in dead} - alive, key=place_order)
    if nowhere:
        yield from item(
            f"never fired ({len(nowhere)} atomic block{'' if len(nowhere) == 1 else 's'})",
            ", ".join(by_file(nowhere)),
        )
    unknown = [place_of(block) for block in not_seen_to_fire(runs)]
    if unknown:
        yield from item(
            "not seen to fire, by the reduction (see --no-reduction)", ", ".join(by_file(unknown))
        )
    elif not nowhere and any(run.outcome.fired for run in runs):
        yield "never fired: no atomic block, all were run"
    elsewhere = sum(place_of(block) in alive for block in dead)
    if elsewhere:
        yield from item("  besides", f"{elsewhere} blocks that fired within other operations (see --json)")


def _bounds(runs: Sequence[Run]) -> Iterator[str]:
    """What is the same in every scenario, and then what each has for itself."""
    every = [set(run.world.bounds.items()) for run in runs]
    common = set.intersection(*every) if every else set()
    if common:
        yield from _dash("bounds " + _in_order(runs[0], common))
    groups: dict[str, list[str]] = {}
    for run, values in zip(runs, every, strict=True):
        if values - common:
            groups.setdefault(_in_order(run, values - common), []).append(run.scenario)
    for text, scenarios in groups.items():
        yield from _dash(f"bounds {text} in {', '.join(scenarios)}")


def _in_order(run: Run, values: set[tuple[str, int]]) -> str:
    return ", ".join(f"{name}={value}" for name, value in run.world.bounds.items() if (name, value) in values)


def assumed_in(runs: Sequence[Run]) -> list[Assumption]:
    """As the compiler found them, which leaves out what this design never does; else from the source."""
    if runs and all("assumed" in run.statistics for run in runs):
        texts = dict.fromkeys(
            str(text) for run in runs for text in cast(list[str], run.statistics["assumed"])
        )
        return [Assumption(why, place) for place, why in map(_split_place, texts)]
    functions = [
        each.function
        for run in runs
        for each in (*run.world.operations, *run.world.actions, *run.world.model.enabled)
    ]
    return assumptions(dict.fromkeys(functions))


def replaced_in(runs: Sequence[Run]) -> list[Replaced]:
    return replaced(dict.fromkeys(each for run in runs for each in run.world.operations))


def _split_place(text: str) -> tuple[str, str]:
    """`model/flip.py:41: why` as its two parts."""
    found = re.match(r"(.*?:\d+): (.*)", text, re.DOTALL)
    return (found[1], found[2]) if found else ("", text)


def _assumed(runs: Sequence[Run]) -> Iterator[str]:
    found = assumed_in(runs)
    if not found:
        yield from _dash("no step that is marked as assumed")
    for each in found:
        yield from _dash(f"assumed, {each.place}: {each.text}")


def item(name: str, text: str) -> Iterator[str]:
    yield from wrapped(f"{name}: {text}", WIDTH, further="    ")


def _dash(text: str) -> Iterator[str]:
    yield from wrapped(text, WIDTH, "  - ", "    ")
