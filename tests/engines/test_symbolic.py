"""The symbolic engine: known answers, honest ends, and the command line."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from checker.cli import run
from checker.compiler.templates import Node, parsed
from checker.engines import python, symbolic
from checker.engines.outcome import DEPTH, Limits, Outcome
from checker.engines.symbolic_machine import machine_of
from checker.engines.terms import GaveUp
from checker.language import World
from checker.language.model import Model, declared_states, model_of
from checker.loading import load_file

KNOWN = Path(__file__).parents[1] / "known" / "models"
ADD = """
from checker.language import *

class Task(Index, size=2): ...

word = Unsigned(64)

@state
class Counter:
    value: Unsigned(64)
    locked: bool

@operation(Task)
def add(c: Counter, me: Task, by: Unsigned(64)) -> Steps:
    while c.locked:
        yield
    yield
    c.locked = True
    seen = c.value
    yield
    assert seen != 0x1234567887654320, "the secret number"
    c.value = seen + by * 2
    c.locked = False

@invariant
def even(c: Counter) -> bool:
    return c.value % 2 == 0

@invariant
def small(c: Counter) -> bool:
    return c.value != 0xdeadbeef00000002

@reachable
def half_way(c: Counter) -> bool:
    return c.value == word(1) << 63
"""


@pytest.fixture
def load(tmp_path: Path) -> Callable[[str], Model]:
    def loaded(text: str) -> Model:
        name = f"model_{tmp_path.name.replace('-', '_')}"
        file = tmp_path / f"{name}.py"
        file.write_text(text)
        before = set(declared_states())
        load_file(str(file))
        sys.modules.pop(name, None)
        (state,) = set(declared_states()) - before
        return model_of(state)

    return loaded


def explored(model: Model, **limits: object) -> Outcome:
    properties = list(model.properties.values())
    outcome = symbolic.explore(World(model), properties, Limits(**limits))  # type: ignore[arg-type]
    for violation in (*outcome.violations.values(), *outcome.reached.values()):
        replayed = python.replay(World(model), violation, properties)
        assert replayed.agrees, replayed.why
    return outcome


def test_words_of_64_bits(load: Callable[[str], Model]) -> None:
    outcome = explored(load(ADD), keep_going=True, max_depth=7)
    lengths = {name.partition(":")[0]: len(each.events) for name, each in outcome.violations.items()}
    assert lengths == {"small": 3, "assert": 6}
    assert "changes value" in outcome.not_inductive["even"] and not outcome.proved
    assert len(outcome.reached["half_way"].events) == 3
    assert [each.arguments for each in outcome.violations["small"].events if each.kind == "start"]


TAKE = """
from checker.language import *

class Task(Index, size=2): ...

@state
class Room:
    inside: Array[Task, bool]

@operation(Task)
def visit(r: Room, me: Task) -> Steps:
    r.inside[me] = True
    yield
    r.inside[me] = False

@invariant
def who_is_inside_is_running(r: Room) -> bool:
    return all(running(task) for task in Task if r.inside[task])
"""


def test_an_invariant_may_ask_who_is_running(load: Callable[[str], Model]) -> None:
    """What is proved is evaluated once more where nobody is inside an operation, at first."""
    outcome = explored(load(TAKE))
    assert outcome.complete and list(outcome.proved) == ["who_is_inside_is_running"]
    assert outcome.conditions["who_is_inside_is_running"]


def test_a_limit_is_said(load: Callable[[str], Model]) -> None:
    model = load(ADD.replace("0xdeadbeef00000002", "3"))
    outcome = explored(model, max_depth=3, keep_going=True)
    assert outcome.ended == DEPTH and not outcome.complete and outcome.covered_depth == 3
    hopeless = explored(model, seconds=0.0)
    assert hopeless.ended == symbolic.TOO_DEEP and not hopeless.violations and not hopeless.complete


def test_time_is_looked_at_while_a_formula_is_written(load: Callable[[str], Model]) -> None:
    model = load(TAKE)
    with pytest.raises(GaveUp):
        machine_of(World(model), list(model.properties.values()), until=0.0)


def test_a_step_that_breaks_what_is_not_inductive(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--load", str(KNOWN / "peterson.py"), "--property", "mutual-exclusion", "--engine", "symbolic"]
    assert run([*words, "--max-depth", "4"]) == 3
    out = capsys.readouterr().out
    assert "mutual-exclusion: incomplete" in out and "not inductive: from process[0]" in out


def test_the_jugs(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--load", str(KNOWN / "jugs.py"), "--engine", "symbolic", "--property", "not-four-gallons"]
    assert run([*words, "--property", "nothing-is-spilt", "--json"]) == 1
    verdicts = {each["property"]: each for each in json.loads(capsys.readouterr().out)["verdicts"]}
    assert verdicts["nothing-is-spilt"]["answer"] == "holds"
    assert "inductive" in verdicts["nothing-is-spilt"]["why"]
    assert len(verdicts["not-four-gallons"]["trace"]["steps"]) == 6


HOLD = """
from checker.language import *

class Task(Index, size=2): ...
class Page(Index, size=5): ...

@state
class Hand:
    page: Page | None

@operation(Task)
def hold(h: Hand, me: Task, page: Page) -> Steps:
    yield
    h.page = page

@invariant
def is_a_page(h: Hand) -> bool:
    return h.page is None or any(h.page == page for page in Page)
"""


def test_no_step_is_thought_to_store_what_the_type_has_not(load: Callable[[str], Model]) -> None:
    """In a state that is not reachable the operation may have any pattern of bits in hand."""
    assert "inductive" in explored(load(HOLD), max_depth=2).proved["is_a_page"]


def test_operators_are_read_from_their_c_text() -> None:
    tree = parsed("(({0} - (-3)) * 2 == {1} && !(bool)(table7[{0}] >> 1))")
    assert tree.text == "&&" and tree.parts[0].text == "=="
    assert parsed("UINT64_C(0x10)") == Node("call", "UINT64_C", parts=(Node("number", number=16),))
    with pytest.raises(AssertionError, match="not understood"):
        parsed("{0} @ {1}")
