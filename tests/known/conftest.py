"""Every known answer is asked of both engines."""

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from checker.compiler import compile_program
from checker.engines import native, python
from checker.engines.outcome import Limits
from checker.language import World, model_of
from checker.loading import load_file

MODELS = Path(__file__).parent / "models"
Search = Callable[..., Any]


@pytest.fixture(params=["python", "native"])
def engine(request: pytest.FixtureRequest) -> str:
    """Both engines; tests of large state spaces ask for native alone."""
    return str(request.param)


def load(name: str | Path) -> ModuleType:
    """A model of this folder by its name, or any other by its path."""
    return load_file(str(name if isinstance(name, Path) else MODELS / f"{name}.py"))


def explore(world: World, properties: list[Any], engine: str) -> Any:
    """One exhaustive search."""
    if engine == "python":
        return python.explore(world, properties, Limits(), None)
    return native.explore(compile_program(world, properties), properties, Limits(), None)


def search_model(
    name: str | Path,
    state: str,
    engine: str,
    properties: list[str] | None = None,
    scenario: str = "default",
    **bounds: int,
) -> Any:
    """Explore one world of a model here. `properties`: names of its own, or "deadlock"; none by default."""
    model = model_of(getattr(load(name), state))
    found = [each if each == "deadlock" else model.properties[each] for each in properties or []]
    return explore(World(model, scenario, bounds), found, engine)


@pytest.fixture
def search() -> Search:
    return search_model
