"""A world that is in force, and its state."""

from collections.abc import Iterator

import pytest

from checker.language import World

from .models import Kernel


@pytest.fixture
def k() -> Iterator[Kernel]:
    world = World(Kernel)
    with world:
        yield world.new_state()
