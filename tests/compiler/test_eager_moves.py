"""Interrupts and acknowledgements: which are proved to need no interleaving, and what prevents it."""

from __future__ import annotations

import pytest

from checker.compiler import compile_program
from checker.language import World, model_of

from .eager_models import HEAD, Load, operation, outcomes

ACKNOWLEDGE = """
@action(Cpu)
def acknowledge(k: K, me: Cpu) -> None:
    when(k.ask[me] is Ask.TAKEN)
    k.ask[me] = Ask.NONE
"""
ENABLE = """
@action(Cpu)
def enable(k: K, me: Cpu) -> None:
    when(k.off[me])
    k.off[me] = False

@action(Cpu)
def disable(k: K, me: Cpu) -> None:
    when(not k.off[me])
    k.off[me] = True
"""
CLAIM = """
@invariant
def claim(k: K) -> bool:
    return not (all(k.used[p] for p in Page) and k.ask[Cpu(0)] is not Ask.TAKEN and k.flag)
"""


def test_what_is_acknowledged_at_once(load: Load) -> None:
    waiting = operation(
        "k.ask[me] = Ask.TAKEN", "yield", "while k.ask[me] is not Ask.NONE:", "    yield", "k.used[p] = True"
    )
    statistics, reduced, full = outcomes(load, ACKNOWLEDGE + waiting + CLAIM)
    assert statistics["eager actions"] == ["acknowledge"] and reduced.states < full.states


def test_interrupts_are_enabled_at_once_and_disabled_never(load: Load) -> None:
    taken = operation("k.ask[me] = Ask.SENT", "yield", "when(not k.off[me])", "k.used[p] = not k.used[p]")
    statistics, reduced, full = outcomes(load, ENABLE + taken + CLAIM)
    assert statistics["eager actions"] == ["enable"] and statistics["actions never needed"] == ["disable"]
    assert reduced.states * 2 < full.states


MOVED = {  # what it may not do, and the words of the reason
    "a wait for the lower value": (
        ("k.ask[me] = Ask.TAKEN", "yield", "while k.ask[me] is not Ask.TAKEN:", "    yield", "k.flag = True"),
        "may wait, depending on ask[]",
    ),
    "a block that needs the lower value": (
        ("k.ask[me] = Ask.TAKEN", "yield", "when(k.ask[me] is Ask.TAKEN)", "k.flag = True"),
        "asks for what ask[] is",
    ),
    "a branch": (
        ("k.ask[me] = Ask.TAKEN", "yield", "if k.ask[me] is Ask.TAKEN:", "    k.flag = True"),
        "takes another way because of ask[]",
    ),
    "a copy of it": (
        ("k.ask[me] = Ask.TAKEN", "yield", "k.ask[me] = k.ask[Cpu(0)]", "k.flag = True"),
        "what it writes to ask[] depends on ask[]",
    ),
    "a local": (
        ("k.ask[me] = Ask.TAKEN", "yield", "h = k.ask[me]", "yield", "k.flag = h is Ask.TAKEN"),
        "the local `h` keeps what hardware may move",
    ),
}


@pytest.mark.parametrize("name", MOVED)
def test_what_prevents_an_acknowledgement_at_once(load: Load, name: str) -> None:
    lines, reason = MOVED[name]
    statistics, _, _ = outcomes(load, ACKNOWLEDGE + operation(*lines, "yield", "k.used[p] = True") + CLAIM)
    assert "eager actions" not in statistics and reason in statistics["interleaved because"][0]


@pytest.mark.parametrize("guard", ["k.off[me] and k.flag", "k.off[me] and not k.used[Page(0)]"])
def test_what_is_not_always_restored_is_interleaved_where_deadlock_is_asked(load: Load, guard: str) -> None:
    """Without deadlock it is reduced all the same, if nothing else is in the way."""
    text = ENABLE.replace("when(k.off[me])", f"when({guard})")
    text += (
        operation("k.flag = not k.flag", "yield", "when(not k.off[me])", "k.used[p] = not k.used[p]") + CLAIM
    )
    statistics, _, _ = outcomes(load, text)
    assert "eager actions" not in statistics
    assert "what stays possible is asked" in " ".join(statistics["interleaved because"])
    model = model_of(load(text, HEAD).K)
    alone = compile_program(World(model), [model.properties["claim"]], reduced=True)
    assert alone.statistics["actions never needed"] == ["disable"]


def test_an_acknowledgement_that_fails_behind_its_test(load: Load) -> None:
    failing = ACKNOWLEDGE.replace("    k.ask[me] =", "    assert not k.flag\n    k.ask[me] =")
    text = operation("k.ask[me] = Ask.TAKEN", "yield", "k.flag = True", "yield") + CLAIM
    statistics, reduced, _ = outcomes(load, failing + text)
    assert "eager actions" not in statistics and len(reduced.violations) > 0


STOPPED_WITH_LESS = """
@action(Cpu)
def restore(k: K, me: Cpu, p: Page) -> None:
    k.tlb[me].add(p)

@action
def fill(k: K, p: Page) -> None:
    when(k.flag)
    k.other.add(p)

@operation(Cpu)
def copy(k: K, me: Cpu) -> Steps:
    k.tlb[me].clear()
    k.tlb[me] |= k.other
    k.owner = me
    while Page(0) not in k.tlb[me]:
        yield
    k.owner = None

@operation(Cpu)
def start(k: K, me: Cpu) -> Steps:
    k.flag = True
    return
    yield

@always_possible
def owned(k: K) -> bool:
    return k.owner is not None

Scenario("default", "a stop until the other set is filled", runs={Cpu[0]: [copy]}, once={Cpu[1]: [start]})
"""


def test_a_bottom_that_stops_at_a_wait_says_nothing_of_who_passes_it(load: Load) -> None:
    """Once the other set was filled, nobody stops there again; with less in it he would."""
    statistics, reduced, _ = outcomes(load, STOPPED_WITH_LESS)
    assert "owned" in reduced.violations
    assert "what stays possible is asked" in " ".join(statistics["interleaved because"])
