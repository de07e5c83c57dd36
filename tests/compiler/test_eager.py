"""Which fills and evictions are proved to need no interleaving, and what prevents it, with the line."""

from __future__ import annotations

import pytest

from checker.compiler import compile_program
from checker.engines import native
from checker.engines.outcome import Limits
from checker.engines.replaying import replay
from checker.language import World, model_of

from .eager_models import EVICT, FILL, HEAD, OPERATION, STALE, Load, operation, outcomes

FINE = {
    "nothing reads the set": operation("k.present[p] = not k.present[p]"),
    "it is flushed": operation("k.present[p] = False", "k.tlb[me].clear()", "k.present[p] = True"),
    "an entry is discarded": operation("k.present[p] = True", "yield", "k.tlb[me].discard(p)"),
    "a block needs an entry": operation("when(p in k.tlb[me])", "k.used[p] = True"),
    "a block needs all that there can be": operation("when(len(k.tlb[me]) == len(Page))", "k.used[p] = True"),
    "a wait for an entry": operation("yield", "while p not in k.tlb[me]:", "    yield", "k.used[p] = True"),
    "an access may be served or walk": operation(
        "k.present[p] = True",
        "if p in k.tlb[me]:",
        "    source = choose(Source)",
        "    if source is Source.CACHED:",
        "        k.used[p] = True",
        "        return",
        "k.present[p] = False",
    ),
    "a choice of an entry, known to be there": operation(
        "k.present[p] = True",
        "yield",
        "k.flag = not k.flag",
        "if any(q in k.tlb[me] for q in Page):",
        "    source = choose(Source)",
        "    if source is Source.CACHED:",
        "        q = choose(q for q in Page if q in k.tlb[me])",
        "        k.used[q] = True",
    ),
    "a claim about all entries": (
        "@invariant\ndef every(k: K) -> bool:\n    return all(k.present[p] for p in k.tlb[Cpu(0)])\n"
        + operation("k.present[p] = not k.present[p]")
    ),
    "a copy into the same array": operation("k.present[p] = True", "k.tlb[me] |= k.tlb[Cpu(0)]"),
}


@pytest.mark.parametrize("name", FINE)
def test_reads_that_are_no_obstacle(load: Load, name: str) -> None:
    statistics, reduced, full = outcomes(load, FILL + FINE[name] + STALE)
    assert statistics["eager actions"] == ["fill"] and reduced.states < full.states


UNSOUND = {  # and the words of the reason
    "a block that needs an absence": (
        operation("k.present[p] = True", "yield", "when(p not in k.tlb[me])", "k.used[p] = True"),
        "asks for the absence of members of tlb[]",
    ),
    "a block that needs so many, and there can be more": (
        operation("k.present[p] = True", "yield", "when(len(k.tlb[me]) == 1)", "k.used[p] = True"),
        "asks for the absence of members of tlb[]",
    ),
    "a read into a field": (
        operation("k.used[p] = p in k.tlb[me]"),
        "what it writes to used[] depends on tlb[]",
    ),
    "a read into a local": (
        operation("h = frozen(k.tlb[me])", "yield", "k.used[p] = p in h"),
        "the local `h` keeps what hardware may move",
    ),
    "a branch each way": (
        operation("if p in k.tlb[me]:", "    k.flag = True", "else:", "    k.used[p] = True"),
        "takes another way because of tlb[]",
    ),
    "a branch on what a function reads": (
        "def is_in(k: K, c: Cpu, p: Page) -> bool:\n    return p in k.tlb[c]\n"
        + operation("if is_in(k, me, p):", "    k.flag = True", "else:", "    k.used[p] = True"),
        "takes another way because of tlb[]",
    ),
    "an assert that an entry is absent": (
        operation("assert p not in k.tlb[me]", "k.used[p] = True"),
        "goes on in a way that depends on tlb[]",
    ),
    "remove": (
        operation("k.tlb[me].remove(p)", "k.used[p] = True"),
        "goes on in a way that depends on tlb[]",
    ),
    "a choice that may find nothing": (
        operation("k.flag = True", "q = choose(k.tlb[me])", "k.used[q] = True"),
        "may find nothing to choose in tlb[]",
    ),
    "a choice by absence": (
        operation("q = choose(q for q in Page if q not in k.tlb[me])", "k.used[q] = True"),
        "chooses by the absence of members of tlb[]",
    ),
    "a wait for an absence": (
        operation("yield", "while p in k.tlb[me]:", "    yield", "k.used[p] = True"),
        "may wait, depending on tlb[]",
    ),
    "a wait that may be passed in the same block": (
        operation("k.present[p] = True", "while p not in k.tlb[me]:", "    yield", "k.used[p] = True"),
        "may wait, depending on tlb[], and what stays possible is asked",
    ),
    "a loop over the entries": (
        operation("for q in k.tlb[me]:", "    k.used[q] = True"),
        "goes on in a way that depends on tlb[]",
    ),
    "an invariant that needs an entry": (
        "@invariant\ndef needs(k: K) -> bool:\n    return not k.used[Page(0)] or Page(0) in k.tlb[Cpu(0)]\n"
        + operation("k.used[p] = True"),
        "needs can be violated by the absence of members of tlb[]",
    ),
    "an invariant about all that is absent": (
        "@invariant\ndef rest(k: K) -> bool:\n    return all(not k.used[p] for p in Page if p not in k.tlb[Cpu(0)])\n"
        + operation("k.present[p] = True", "yield", "k.used[p] = True"),
        "rest can be violated by the absence of members of tlb[]",
    ),
    "a model error that an entry hides": (
        operation("when(p in k.tlb[me] or k.sign[k.owner])", "k.used[p] = True"),
        "may fail, depending on tlb[]",
    ),
    "an invariant that fails only without an entry": (
        "@invariant\ndef frail(k: K) -> bool:\n"
        "    return not any((p in k.tlb[Cpu(0)] or k.sign[k.owner]) and k.used[p] for p in Page)\n"
        + operation("k.used[p] = not k.used[p]"),
        "frail can be violated by the absence of members of tlb[]",
    ),
    "a place that depends on how many there are": (
        operation("when(k.used[Page(len(k.tlb[me]) // 2)])", "k.used[p] = not k.used[p]"),
        "asks for the absence of members of tlb[]",
    ),
    "a goal that needs an absence": (
        "@always_possible\ndef empty(k: K) -> bool:\n    return len(k.tlb[Cpu(0)]) == 0\n" + OPERATION,
        "empty holds by the absence of members of tlb[]",
    ),
    "actors that need an absence": (
        "@enabled(Cpu)\ndef may(k: K, me: Cpu) -> bool:\n    return Page(0) not in k.tlb[me]\n" + OPERATION,
        "may may move by the absence of members of tlb[]",
    ),
    "another action that needs an absence": (
        "@action(Cpu)\ndef evil(k: K, me: Cpu) -> None:\n    when(Page(0) not in k.tlb[me])\n    k.flag = True\n"
        + operation("k.present[p] = not k.present[p]"),
        "asks for the absence of members of tlb[]",
    ),
}


@pytest.mark.parametrize("name", UNSOUND)
def test_what_prevents_it_is_named_with_its_line(load: Load, name: str) -> None:
    text, reason = UNSOUND[name]
    statistics, reduced, full = outcomes(load, FILL + text + STALE)
    assert "eager actions" not in statistics and reduced.states == full.states
    told = statistics["interleaved because"][0]
    assert told.startswith("fill: ") and told.endswith(reason)
    file, line, _ = told.removeprefix("fill: ").split(":", 2)
    assert file.endswith(".py") and int(line) > HEAD.count("\n")


@pytest.mark.parametrize(
    "body",
    [
        "when(p not in k.tlb[me])\n    assert not k.used[p]\n    k.tlb[me].add(p)",
        "when(p not in k.tlb[me])\n    k.tlb[me].add(p)\n    k.other.add(p)",
        "when(p not in k.tlb[Cpu(0)])\n    k.tlb[Cpu(1)].add(p)",
        "q = p\n    when(q not in k.tlb[me])\n    q = Page(0)\n    k.tlb[me].add(q)",
    ],
)
def test_fills_whose_own_test_is_more_than_that(load: Load, body: str) -> None:
    fill = f"@action(Cpu)\ndef fill(k: K, me: Cpu, p: Page) -> None:\n    {body}\n"
    other = "@invariant\ndef spread(k: K) -> bool:\n    return not (Page(0) in k.other and k.used[Page(0)])\n"
    statistics, _, _ = outcomes(load, fill + operation("k.used[p] = not k.used[p]") + STALE + other)
    assert "eager actions" not in statistics


def test_a_fill_that_another_feeds_and_one_that_is_possible_for_a_while(load: Load) -> None:
    second = """
@action(Cpu)
def spread(k: K, me: Cpu, p: Page) -> None:
    when(p in k.tlb[me])
    k.other.add(p)
"""
    short = operation("k.present[p] = True", "yield", "k.present[p] = False")
    spread = "@invariant\ndef spread_far(k: K) -> bool:\n    return not (Page(0) in k.other and k.flag)\n"
    statistics, reduced, _ = outcomes(load, FILL + second + short + STALE + spread)
    assert set(statistics["eager actions"]) == {"fill", "spread"}
    trace = reduced.violations["claim"]
    assert sum(event.name == "fill" for event in trace.events) == 1  # only the one that is needed
    assert not any(event.name == "spread" for event in trace.events)


def test_what_feeds_a_fill_may_stand_behind_it(load: Load) -> None:
    """All is gone again after one block, so that all must be there before it."""
    spread = "@action(Cpu)\ndef spread(k: K, me: Cpu, p: Page) -> None:\n    when(p in k.tlb[me])\n    k.other.add(p)\n"
    clear = operation("k.present[Page(0)] = False").replace("    yield\n", "")
    clear += "    for c in Cpu:\n        k.tlb[c].clear()\n    k.flag = True\n    yield\n"
    far = "@invariant\ndef far(k: K) -> bool:\n    return not (Page(0) in k.other and k.flag)\n"
    statistics, reduced, _ = outcomes(load, spread + FILL + clear + far + STALE)
    assert set(statistics["eager actions"]) == {"fill", "spread"} and "far" in reduced.violations


def test_evictions_are_never_needed(load: Load) -> None:
    statistics, reduced, full = outcomes(
        load, FILL + EVICT + operation("k.present[p] = not k.present[p]") + STALE
    )
    assert statistics["actions never needed"] == ["evict"]
    assert reduced.states < full.states
    assert all((count > 0) == (reduced.fired[block] > 0) for block, count in full.fired.items())


def test_where_absence_is_what_counts_removals_are_eager(load: Load) -> None:
    needs = "@invariant\ndef claim(k: K) -> bool:\n    return not k.flag or Page(0) in k.tlb[Cpu(0)]\n"
    add = operation("k.tlb[me].add(p)", "yield", "when(p not in k.tlb[me])", "k.flag = True")
    statistics, reduced, full = outcomes(load, FILL + EVICT + add + needs)
    assert statistics["eager actions"] == ["evict"] and statistics["actions never needed"] == ["fill"]
    assert reduced.states < full.states and "claim" in reduced.violations


def test_a_hardware_step_that_violates_a_step_invariant(load: Load) -> None:
    """Nothing but a fill violates it, so the search is done again with all steps."""
    text = FILL + operation("k.present[p] = True") + STALE
    text += "@step_invariant\ndef moves(before: K, after: K) -> bool:\n"
    text += (
        "    return before.present[Page(0)] != after.present[Page(0)] or not (Page(0) in after.tlb[Cpu(0)])\n"
    )
    statistics, reduced, full = outcomes(load, text)
    assert statistics["eager actions"] == ["fill"]
    assert not reduced.reduced and reduced.states == full.states and "moves" in reduced.violations


def test_an_actor_that_waits_for_an_entry_that_can_come_no_more(load: Load) -> None:
    """In the saturated states it is never stuck."""
    wait = operation("k.present[p] = False", "yield", "while p not in k.tlb[me]:", "    yield")
    statistics, reduced, full = outcomes(load, FILL + wait + STALE)
    assert statistics["eager actions"] == ["fill"] and reduced.reduced
    assert reduced.violations["deadlock"].depth == full.violations["deadlock"].depth


def test_without_operations_deadlock_is_that_nothing_can_happen(load: Load) -> None:
    clear = "@action\ndef clear(k: K) -> None:\n    when(k.flag and Page(0) in k.tlb[Cpu(0)])\n    k.flag = False\n"
    clear += (
        "@action\ndef take(k: K) -> None:\n    when(k.present[Page(0)])\n    k.present[Page(0)] = False\n"
    )
    clear += "    k.tlb[Cpu(0)].clear()\n    k.tlb[Cpu(1)].clear()\n"
    _, reduced, _ = outcomes(load, FILL + clear + STALE)
    assert "deadlock" in reduced.violations


def test_a_trace_that_is_not_worth_the_search_for_the_fewest_fills(load: Load) -> None:
    """Without room for that search all fills are taken; the trace is still one of the model."""
    model = model_of(load(FILL + operation("k.present[p] = not k.present[p]", "yield") + STALE, HEAD).K)
    world = World(model)
    program = compile_program(world, [*model.properties.values()], reduced=True)
    fills = []
    for flags in ([], ["-DANYWHERE_STANDS=1"], ["-DANYWHERE_STANDS=1", "-DALONG_STANDS=1"]):
        violation = native.explore(program, None, Limits(), extra_flags=["-O0", *flags]).violations["claim"]
        fills.append(sum(event.name == "fill" for event in violation.events))
        assert replay(world, violation, list(model.properties.values())).agrees
    assert fills[0] == fills[1] == 1 < fills[2]


def test_a_write_that_nothing_reads_is_no_obstacle(load: Load) -> None:
    fill = FILL + "    k.other.add(p)\n    k.used[p] = True\n"
    claim = (
        "@invariant\ndef claim(k: K) -> bool:\n    return not any(p in k.tlb[c] for c in Cpu for p in Page)\n"
    )
    statistics, _, _ = outcomes(load, fill + operation("k.present[p] = not k.present[p]") + claim)
    assert statistics["eager actions"] == ["fill"]
