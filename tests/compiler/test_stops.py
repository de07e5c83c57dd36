"""Waits that hardware may have ended when a block comes to them: docs/design/stops.md has the argument."""

from __future__ import annotations

import pytest

from checker.compiler import compile_program
from checker.engines import native
from checker.engines.outcome import Limits, Outcome
from checker.language import World, model_of

from .eager_models import EVICT, FILL, HEAD, Load, operation, outcomes
from .test_eager_moves import ACKNOWLEDGE

TAKE = """
@action(Cpu)
def take(k: K, me: Cpu) -> None:
    when(k.ask[me] is Ask.SENT)
    k.ask[me] = Ask.TAKEN
    k.sign[me] = True
"""
WAIT = ("while k.ask[me] is not Ask.NONE:", "    yield")
NEVER_BOTH = """
@invariant
def claim(k: K) -> bool:
    return not (k.flag and k.used[Page(0)]) or k.sign[Cpu(0)]
"""
STEPS_OUT = operation("k.used[p] = k.flag").replace("def op(", "def other(")
RUNS = 'Scenario("both", "One asks, one looks on.", runs={Cpu[0]: [op], Cpu[1]: [other]})\n'


def alone(load: Load, text: str) -> tuple[Outcome, Outcome]:
    """Without deadlock: reduced, and not."""
    model = model_of(load(text, HEAD).K)
    world, wanted = World(model, next(iter(model.scenarios))), list(model.properties.values())
    programs = [compile_program(world, wanted, reduced=reduced) for reduced in (True, False)]
    reduced, full = (native.explore(each, None, Limits(keep_going=True)) for each in programs)
    assert set(reduced.violations) == set(full.violations)
    return reduced, full


def test_a_wait_is_passed_if_each_stop_was_met_otherwise(load: Load) -> None:
    """Who asks may come to the wait before the request is taken: then it stops there, whatever hardware does."""
    text = TAKE + ACKNOWLEDGE + operation("k.ask[me] = Ask.SENT", "yield", "k.owner = me", *WAIT) + NEVER_BOTH
    statistics, reduced, full = outcomes(load, text)
    assert statistics["eager actions"] == ["acknowledge"] and not reduced.in_full
    assert len(statistics["waits that hardware ends"]) == 1
    assert reduced.states < full.states


def test_a_stop_that_nobody_was_seen_to_make(load: Load) -> None:
    """The flag is down again at the end of the block, unless the answer is late: then the other one sees it."""
    lines = ("k.ask[me] = Ask.TAKEN", "yield", "k.flag = True", *WAIT, "k.flag = False")
    text = ACKNOWLEDGE + operation(*lines) + STEPS_OUT + NEVER_BOTH + RUNS
    statistics, reduced, full = outcomes(load, text)
    assert set(reduced.violations) == {"claim"}
    assert len(reduced.violations["claim"].events) == len(full.violations["claim"].events)
    assert "who stops at a wait may do what nobody was seen to do" in reduced.in_full[0]
    assert "may wait, depending on ask[]" in statistics["interleaved because"][0]


def test_whoever_asked_nobody_does_not_stop(load: Load) -> None:
    """So nothing has to stand for a stop with the flag up."""
    lines = (
        "yield",
        "k.flag = True",
        *WAIT,
        "k.flag = False",
        "yield",
        "k.ask[me] = Ask.TAKEN",
        "yield",
        *WAIT,
    )
    text = ACKNOWLEDGE + operation(*lines) + STEPS_OUT + NEVER_BOTH + RUNS
    _, reduced, full = outcomes(load, text)
    assert not full.violations and not reduced.in_full and reduced.states < full.states


def test_an_answer_is_in_doubt_until_a_wait_for_it_is_over(load: Load) -> None:
    """The second wait comes after the first: nobody stops there for a request that was answered before."""
    lines = ("k.ask[me] = Ask.SENT", "yield", *WAIT, "k.flag = True", *WAIT, "k.flag = False")
    text = TAKE + ACKNOWLEDGE + operation(*lines) + STEPS_OUT + NEVER_BOTH + RUNS
    _, reduced, full = outcomes(load, text)
    assert not full.violations and not reduced.in_full and reduced.states < full.states


def test_an_answer_is_in_doubt_where_another_was_waited_for(load: Load) -> None:
    """The second wait is for the other one's answer: it may come later than the first."""
    asks = ("k.ask[Cpu(0)] = Ask.TAKEN", "k.ask[Cpu(1)] = Ask.TAKEN", "yield")
    first, second = ((f"while k.ask[Cpu({cpu})] is not Ask.NONE:", "    yield") for cpu in (0, 1))
    lines = (*asks, *first, "k.flag = True", *second, "k.flag = False")
    _, reduced, full = outcomes(load, ACKNOWLEDGE + operation(*lines) + STEPS_OUT + NEVER_BOTH + RUNS)
    assert set(full.violations) == {"claim"} and reduced.in_full


def test_what_may_be_taken_back_is_in_doubt_for_ever(load: Load) -> None:
    """The second wait again, where the request may come back in between."""
    again = "@action(Cpu)\ndef again(k: K, me: Cpu) -> None:\n    when(k.ask[me] is Ask.NONE)\n    k.ask[me] = Ask.TAKEN\n"
    lines = ("yield", "k.flag = True", *WAIT, "k.flag = False")
    text = ACKNOWLEDGE + again + operation(*lines) + STEPS_OUT + NEVER_BOTH + RUNS
    reduced, full = alone(load, text)
    assert set(full.violations) == {"claim"} and reduced.in_full


def test_a_step_that_ends_at_such_a_stop(load: Load) -> None:
    """It violates what the whole block does not."""
    change = "\n@step_invariant\ndef change(before: K, after: K) -> bool:\n    return before.flag or not after.flag\n"
    lines = ("k.ask[me] = Ask.TAKEN", "yield", "k.flag = True", *WAIT, "k.flag = False")
    reduced, _ = alone(load, ACKNOWLEDGE + operation(*lines) + change)
    assert set(reduced.violations) == {"change"} and reduced.in_full


def test_a_step_to_a_stop_that_only_others_make(load: Load) -> None:
    """Some stop there with the flag up, but none who has seen the answer."""
    change = "\n@step_invariant\ndef change(before: K, after: K) -> bool:\n    return not (before.sign[Cpu(0)] and after.flag)\n"
    sees = ("k.sign[Cpu(0)] = True", "yield", "when(k.ask[me] is Ask.NONE)", "k.sign[Cpu(0)] = False")
    branch = ("if p == Page(0):", *(f"    {line}" for line in sees))
    lines = ("k.ask[me] = Ask.TAKEN", *branch, "k.flag = True", *WAIT, "k.flag = False")
    runs = 'Scenario("alone", "One asks.", runs={Cpu[0]: [op]})\n'
    reduced, full = alone(load, ACKNOWLEDGE + operation(*lines) + change + runs)
    assert not full.violations and reduced.in_full


@pytest.mark.parametrize("hardware", [FILL, FILL + EVICT], ids=["filled", "filled and evicted"])
def test_a_wait_for_what_is_filled(load: Load, hardware: str) -> None:
    lines = ("k.present[p] = True", "yield", "k.flag = True", "while p not in k.tlb[me]:", "    yield")
    reduced, full = alone(
        load, hardware + operation(*lines, "k.flag = False") + STEPS_OUT + NEVER_BOTH + RUNS
    )
    assert set(full.violations) == {"claim"} and reduced.in_full


def test_a_search_that_ends_within_a_level_looks_at_no_assumed_stop(load: Load) -> None:
    """Its state need not be one of the model."""
    lines = ("k.ask[me] = Ask.TAKEN", "yield", "k.flag = True", *WAIT, "k.flag = False")
    claim = "\n@invariant\ndef claim(k: K) -> bool:\n    return not (k.flag and k.ask[Cpu(0)] is Ask.NONE)\n"
    model = model_of(load(ACKNOWLEDGE + operation(*lines) + claim, HEAD).K)
    program = compile_program(World(model), [model.properties["claim"]], reduced=True)
    for most in range(1, 12):
        outcome = native.explore(program, None, Limits(max_states=most))
        assert all(len(found.events) >= 2 for found in outcome.violations.values())
