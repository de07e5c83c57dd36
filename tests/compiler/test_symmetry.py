"""Which members are proved to be interchangeable, and what is refused or told apart, with the line."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from checker.compiler import compile_program
from checker.engines import native
from checker.engines.outcome import Limits, Outcome
from checker.engines.replaying import replay
from checker.language import World, model_of
from checker.language.errors import UnsupportedConstruct

Load = Callable[..., ModuleType]

HEAD = """
from __future__ import annotations
from checker.language import *

class Cpu(Index, size=3, symmetric=True): ...
class Block(Index, size=2, symmetric=True): ...
class Page(Index, within=Block, size=2): ...
class Va(Index, size=3, symmetric=True): ...

@state
class K:
    tlb: Array[Cpu, Set[Va]]
    busy: Array[Va, bool]
    owner: Array[Va, Cpu | None]
    used: Array[Page, bool]
    role: Array[Va, bool]
    lock: Cpu | None
    last: Va
    level: Range(0, 3)
    flag: bool

"""
BODY = "\n@operation(Cpu)\ndef work(k: K, me: Cpu, v: Va) -> Steps:\n    {}\n    yield\n"
CLAIM = "\n@invariant\ndef claim(k: K) -> bool:\n    return {}\n"
RUNS = '\nScenario("all", "", runs={Cpu: [work]})\nScenario("named", "", runs={Cpu[0]: [work]}, once={Cpu[1]: [work]})\n'


def compiled(
    load: Load, body: str, claim: str = "not k.flag", head: str = HEAD, scenario: str = "all"
) -> Any:
    text = head + BODY.format(body) + CLAIM.format(claim) + RUNS
    model = model_of(load(text, "").K)
    return compile_program(World(model, scenario), [*model.properties.values(), "deadlock"], reduced=True)


def line_of(text: str, what: str) -> int:
    return next(number for number, line in enumerate(text.split("\n"), 1) if what in line)


@pytest.mark.parametrize(
    "body",
    [
        "k.tlb[me].add(v)",
        "k.owner[v] = me if k.owner[v] is None else None",
        "for w in Va:\n        k.busy[w] = False",
        "for w in Va:\n        k.tlb[me].discard(w)",
        "for c in Cpu:\n        if k.lock == c:\n            k.flag = True",
        "for w in any_order(Va):\n        yield\n        k.tlb[me].discard(w)",
        "f = False\n    for w in Va:\n        f = f or k.busy[w]\n    k.flag = f",
        "n = 0\n    for w in Va:\n        if k.busy[w]:\n            n += 1\n    k.level = n",
        "n = 3\n    for w in Va:\n        n -= len(k.tlb[me] & {w})\n    k.flag = n > 1",
        "k.flag = any(k.tlb[k.owner[w]] == k.tlb[me] for w in Va if k.owner[w] is not None)",
        "k.last = choose(w for w in Va if not k.busy[w])",
        "p = choose(Page)\n    k.used[p ^ 1] = True",
        "p = choose(Page)\n    for q in p.block.pages:\n        k.used[q] = True",
        "c = choose(Cpu)\n    k.flag = int(c) == int(me)",
        "k.flag = not (k.tlb[me] <= {w for w in Va if k.busy[w]})",
    ],
)
def test_what_treats_members_alike(load: Load, body: str) -> None:
    program = compiled(load, body)
    assert set(program.statistics["interchangeable"]) == {"Cpu 0, 1, 2", "Block 0, 1", "Va 0, 1, 2"}
    assert "told apart because" not in program.statistics


@pytest.mark.parametrize(
    ("body", "name", "text"),
    [
        (
            "for w in Va:\n        yield\n        k.busy[w] = True",
            "Va",
            "a loop over Va with a `yield` inside",
        ),
        ("k.level = int(v)", "Va", "this depends on the numbers of the members of Va"),
        ("k.flag = v > k.last", "Va", "this depends on the numbers"),
        ("k.last = max(Va)", "Va", "picks a member of Va by its number"),
        ("k.last = Va(0)", "Va", "a member of Va is named"),
        ("k.flag = me == Cpu(1)", "Cpu", "a member of Cpu is named"),
        ("k.last = v + 1", "Va", "this depends on the numbers"),
        ("p = choose(Page)\n    k.flag = p < Page(1)", "Block", "this depends on the numbers"),
        ("p = choose(Page)\n    k.flag = p == Page(1)", "Block", "a member of Page is named"),
        ("for w in k.tlb[me]:\n        yield", "Va", ""),
    ],
)
def test_what_is_refused(load: Load, body: str, name: str, text: str) -> None:
    with pytest.raises(UnsupportedConstruct) as refused:
        compiled(load, body)
    if text:
        assert f"{name} is symmetric, but " in str(refused.value) and text in str(refused.value)
        first = line_of(HEAD + BODY.format(body), body.split("\n")[0])
        assert first <= (refused.value.line or 0) <= first + body.count("\n")


def test_what_is_refused_is_so_in_each_scenario(load: Load) -> None:
    """Also where the scenario tells all CPUs apart."""
    with pytest.raises(UnsupportedConstruct, match="Cpu is symmetric, but a member of Cpu is named"):
        compiled(load, "k.flag = me == Cpu(1)", scenario="named")


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (
            "for w in Va:\n        k.last = w",
            "rounds of a loop over Va write what other rounds read or write: last",
        ),
        (
            "for w in Va:\n        if k.busy[w]:\n            k.busy[w] = False\n            break",
            "is left early",
        ),
        (
            "o = v\n    for w in Va:\n        if k.busy[w]:\n            o = w\n    k.busy[o] = True",
            "carries `o`",
        ),
        (
            "n = 0\n    for w in Va:\n        if k.busy[w]:\n            n += 1\n        else:\n            n -= 1\n"
            "    k.level = n",
            "carries `n`",
        ),
        (
            "n = 0\n    for w in Va:\n        n += 1\n        if n == 2:\n            k.busy[w] = True",
            "carries `n`",
        ),
        ("for w in Va:\n        k.busy[w] = k.busy[v]", "what other rounds read or write: busy[]"),
        (
            "k.flag = any(k.lock == c and k.tlb[k.owner[w]] == k.tlb[c] for c in Cpu for w in Va)",
            "what can fail",
        ),
        ("for w in Va:\n        assert not k.busy[w]\n        assert w not in k.tlb[me]", "what fails first"),
    ],
)
def test_what_is_not_proved_is_told_apart(load: Load, body: str, why: str) -> None:
    statistics = compiled(load, body).statistics
    told = [reason for reason in statistics["told apart because"] if reason.startswith("Va: ")]
    assert len(told) == 1 and why in told[0]
    assert "Block 0, 1" in statistics["interchangeable"]


def test_a_property_that_names_a_member_ends_the_symmetry_of_its_index(load: Load) -> None:
    statistics = compiled(load, "k.tlb[me].add(v)", "not k.busy[Va(0)]").statistics
    assert set(statistics["interchangeable"]) == {"Cpu 0, 1, 2", "Block 0, 1"}
    assert "a member of Va is named" in statistics["told apart because"][0]


def test_scenarios_tell_actors_apart(load: Load) -> None:
    statistics = compiled(load, "k.tlb[me].add(v)", scenario="named").statistics
    assert set(statistics["interchangeable"]) == {"Block 0, 1", "Va 0, 1, 2"}


def test_constants_tell_members_apart(load: Load) -> None:
    boot = "\n@initial\ndef boot(k: K) -> None:\n    k.role[Va(0)] = True\n"
    statistics = compiled(load, "k.busy[v] = k.role[v]", head=HEAD + boot).statistics
    assert "Va 1, 2" in statistics["interchangeable"]


def test_initial_states_need_not_be_symmetric(load: Load) -> None:
    boot = "\n@initial\ndef boot(k: K) -> None:\n    k.busy[Va(0)] = True\n"
    program = compiled(load, "k.busy[v] = not k.busy[v]", head=HEAD + boot)
    assert "Va 0, 1, 2" in program.statistics["interchangeable"]
    found = searched(program)
    assert found.complete and found.states < searched(program.unreduced(["claim", "deadlock"])).states


TRAP = """
from __future__ import annotations
from checker.language import *

class Page(Index, size=2{symmetric}): ...
class Task(Index, size=1): ...

@state
class K:
    done: Array[Page, bool]

@operation(Task)
def sweep(k: K, me: Task) -> Steps:
    for p in {order}:
        yield
        k.done[p] = True
    yield

@invariant
def never_one_alone(k: K) -> bool:
    return all(k.done[p] or not k.done[q] for p in Page for q in Page)

Scenario("all", "", runs={{Task: [sweep]}})
"""


def test_the_loop_that_looks_symmetric(load: Load) -> None:
    """It compares nothing, and yet the pages come one after the other."""
    with pytest.raises(UnsupportedConstruct, match=r"goes through its members in one order.*any_order"):
        _trap(load, ", symmetric=True", "Page")
    assert _trap(load, "", "Page").violations["never_one_alone"].depth == 3
    assert _trap(load, ", symmetric=True", "any_order(Page)").violations["never_one_alone"].depth == 3


def _trap(load: Load, symmetric: str, order: str) -> Outcome:
    model = model_of(load(TRAP.format(symmetric=symmetric, order=order), "").K)
    world = World(model, "all")
    found = searched(compile_program(world, list(model.properties.values()), reduced=True))
    for violation in found.violations.values():
        assert replay(world, violation, list(model.properties.values())).agrees
    return found


def searched(program: Any, threads: int = 1) -> Outcome:
    return native.explore(program, None, Limits(keep_going=True, threads=threads))


@pytest.mark.parametrize("threads", [2, 8])
def test_threads_find_the_same(load: Load, threads: int) -> None:
    body = "k.tlb[me].add(v)\n    yield\n    k.owner[v] = me\n    k.lock = me\n    yield\n    k.flag = len(k.tlb[me]) == 3"
    program = compiled(load, body)
    one, other = searched(program), searched(program, threads)
    assert (one.states, one.transitions, one.depth) == (other.states, other.transitions, other.depth)
    assert one.violations == other.violations and one.violations["claim"].depth > 0


def test_the_check_of_the_proof_can_fail(load: Load) -> None:
    """A program whose members are exchanged wrongly gives no verdict."""
    claim = "all(k.owner[w] is None or k.busy[w] for w in Va)"
    program = compiled(load, "k.busy[v] = True\n    yield\n    k.owner[v] = me", claim)
    wrong = program.source.replace("int you = p[0 + me]", "int you = me")
    assert wrong != program.source
    program.source = wrong
    with pytest.raises(Exception, match="proved to be interchangeable are not"):
        searched(program)
