"""docs/language.md: its code is loaded and explored by both engines; every number in it is what they count.

The blocks of one section (`## ...`) are one file. Sentences that are claims have one form each: "N states,
T transitions, depth D", after "scenario `x`:" where there are several; "`p` is violated in N steps"; and the
table of what is refused.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest

from checker.compiler import compile_program
from checker.engines import native, python
from checker.engines.compilers import find_compiler
from checker.engines.outcome import Limits, Outcome
from checker.language import World, model_of
from checker.language.errors import CheckerError
from checker.language.model import Model
from checker.language.properties import Property
from checker.loading import load_file

TEXT = (Path(__file__).parents[1] / "docs" / "language.md").read_text()
COUNTS = re.compile(
    r"(?:scenario\s+`(?P<scenario>[\w-]+)`:\s+)?(?P<states>[\d,]+)\s+states,\s+(?P<transitions>[\d,]+)\s+"
    r"transitions,\s+depth\s+(?P<depth>\d+)(?P<rest>[^\n]*)"
)
VIOLATED = re.compile(r"`(\w+)`\s+is\s+violated\s+in\s+(\d+)\s+steps?")
REFUSED = re.compile(r"^\| `(.+)` \| (.+) \|$", re.MULTILINE)
NUMBERS = re.compile(r"\d\s+states|transitions,\s+depth|is\s+violated\s+in")
ENGINES = [
    "python",
    pytest.param("native", marks=pytest.mark.skipif(find_compiler() is None, reason="no C compiler")),
]


@dataclass(frozen=True)
class Section:
    title: str
    text: str
    code: str

    @property
    def file(self) -> str:
        return "docs_" + re.sub(r"\W+", "_", self.title).lower()


@dataclass(frozen=True)
class Claim:
    """What the text says of one search. `violated`: property -> number of steps."""

    section: Section
    scenario: str
    states: int
    transitions: int
    depth: int
    violated: dict[str, int]

    def __str__(self) -> str:
        return f"{self.section.title}-{self.scenario}".replace(" ", "-")


def sections() -> list[Section]:
    found = []
    for part in re.split(r"^## ", TEXT, flags=re.MULTILINE)[1:]:
        code = re.findall(r"```python\n(.*?)```", part, re.DOTALL)
        rest = re.sub(r"```.*?```", "", part, flags=re.DOTALL)
        found.append(Section(part.splitlines()[0], rest, "\n\n".join(code)))
    return found


def claims() -> Iterator[Claim]:
    for section in sections():
        for found in COUNTS.finditer(section.text):
            states, transitions = (int(found[name].replace(",", "")) for name in ("states", "transitions"))
            violated = {name: int(steps) for name, steps in VIOLATED.findall(found["rest"])}
            scenario = found["scenario"] or "default"
            yield Claim(section, scenario, states, transitions, int(found["depth"]), violated)


def loaded(code: str, name: str, folder: Path) -> tuple[ModuleType, Model]:
    file = folder / f"{name}.py"
    file.write_text(code)
    sys.modules.pop(name, None)
    module = load_file(str(file))
    (state,) = [each for each in vars(module).values() if "__state__" in getattr(each, "__dict__", {})]
    return module, model_of(state)


def explored(world: World, engine: str) -> Outcome:
    """All properties, and deadlock."""
    wanted: list[Property | str] = [*world.model.properties.values(), "deadlock"]
    if engine == "python":
        return python.explore(world, wanted, Limits(), None)
    with world:
        program = compile_program(world, wanted)
    return native.explore(program, wanted, Limits())


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("claim", list(claims()), ids=str)
def test_the_numbers_are_what_is_counted(claim: Claim, engine: str, tmp_path: Path) -> None:
    _, model = loaded(claim.section.code, claim.section.file, tmp_path)
    outcome = explored(World(model, claim.scenario), engine)
    assert (outcome.states, outcome.transitions, outcome.depth) == (
        claim.states,
        claim.transitions,
        claim.depth,
    )
    assert {name: len(each.events) for name, each in outcome.violations.items()} == claim.violated
    reachable = {each.name for each in model.properties.values() if each.kind == "reachable"}
    assert set(outcome.reached) == reachable


def test_every_section_is_explored_and_every_number_is_a_claim() -> None:
    told = list(claims())
    assert {claim.section.title for claim in told} == {each.title for each in sections()} - {
        "What is refused"
    }
    assert len(NUMBERS.findall(re.sub(r"```.*?```", "", TEXT, flags=re.DOTALL))) == 2 * len(told) + sum(
        len(claim.violated) for claim in told
    )


def test_every_scenario_has_its_numbers(tmp_path: Path) -> None:
    for section in sections():
        _, model = loaded(section.code, section.file, tmp_path)
        told = {claim.scenario for claim in claims() if claim.section == section}
        assert not told or told == set(model.scenarios)
    assert list(claims())


SECTION = sections()[-1]


@pytest.mark.parametrize(("code", "message"), REFUSED.findall(SECTION.text))
def test_refusals(code: str, message: str, tmp_path: Path) -> None:
    head = SECTION.code.rstrip().rpartition("\n")[0]
    statements = "".join(f"\n    {each}" for each in code.split("; "))
    _, model = loaded(head + statements + "\n", "docs_refused", tmp_path)
    with pytest.raises(CheckerError) as refused:
        compile_program(World(model), [])
    assert message in f"{refused.value.text} {refused.value.advice}"
    last = head.count("\n") + 1 + statements.count("\n")
    assert refused.value.line == last and refused.value.column is not None and refused.value.advice
    assert refused.value.file == str(tmp_path / "docs_refused.py")


def test_the_text_in_place_of_which_they_stand_is_fine(tmp_path: Path) -> None:
    _, model = loaded(SECTION.code, "docs_refused", tmp_path)
    compile_program(World(model), [])
