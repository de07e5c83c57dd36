"""The models with known answers, by z3: every violation of at most 8 steps is found, in as many steps."""

from __future__ import annotations

from pathlib import Path

import pytest

from checker.engines.compilers import find_compiler
from checker.language import World, model_of
from checker.language.model import declared_states
from checker.loading import load_file
from tests.gate.test_symbolic import agree

FOLDERS = [Path(__file__).parent / "models", Path(__file__).parents[1] / "models_for_tests"]
FILES = sorted(file for folder in FOLDERS for file in folder.glob("*.py") if file.name != "__init__.py")
pytestmark = pytest.mark.skipif(find_compiler() is None, reason="no C compiler")


SLOW = {"counting", "unmapping", "walks"}


@pytest.mark.parametrize(
    "file",
    [pytest.param(file, id=file.stem, marks=[pytest.mark.slow] * (file.stem in SLOW)) for file in FILES],
)
def test_agreement_with_the_native_engine(file: Path) -> None:
    before = set(declared_states())
    module = load_file(str(file))
    states = set(declared_states()) - before or {
        each for each in vars(module).values() if "__state__" in getattr(each, "__dict__", {})
    }
    for state in states:
        model = model_of(state)
        for scenario in model.scenarios:
            assert agree(World(model, scenario), list(model.properties.values())), f"{scenario}: too deep"
