"""Compiled programs by content: lowering is not repeated while nothing that it depends on has changed.

An entry is a pickle, and who can write one can have anything run. The compiled libraries in the folder beside
it are executed too, so this asks for no more trust than they do, and the same is checked: folder and entry
belong to the user and are closed to others.
"""

from __future__ import annotations

import dataclasses
import functools
import pickle
from collections.abc import Sequence
from typing import Any

from checker.building import compiled_for
from checker.contents import key_of
from checker.kept import Kept
from checker.language.model import Model
from checker.language.properties import Property
from checker.language.scenario import Scenario, default_scenario
from checker.language.world import World

KEPT = 1000  # entries


class Programs:
    """Programs that were compiled before, and those that are compiled now."""

    @functools.cached_property
    def _kept(self) -> Kept:
        return Kept("programs", KEPT)

    def program(self, world: World, properties: Sequence[Any], reduced: bool, passing: bool = True) -> Any:
        """The program for these properties; what it leaves open is answered by one of these again."""
        program = self._found(world, properties, reduced, passing)
        if reduced:
            program.unreduced = lambda names, reduced=False: self.program(
                world, [each for each in properties if _name(each) in names], reduced, passing=False
            )
        return program

    def _found(self, world: World, properties: Sequence[Any], reduced: bool, passing: bool) -> Any:
        key = _key_of(world, properties, reduced, passing)
        known = _read(self._kept.find(key, world), world)
        if known is not None:
            return known
        program = compiled_for(world, properties, reduced=reduced, passing=passing)
        written = None if key is None else _written(program)
        if written is not None:
            self._kept.keep(key, world, written)
            self._kept.tidy()
        return program


def _name(each: Any) -> str:
    return each.name if isinstance(each, Property) else str(each)


def _key_of(world: World, properties: Sequence[Any], reduced: bool, passing: bool) -> str | None:
    if not _is_from_files(world, properties):
        return None
    return key_of(world, repr([_identity(each) for each in properties]), repr((reduced, passing)))


def _identity(each: Any) -> tuple[str, ...]:
    """A witness may have the name of a property."""
    if not isinstance(each, Property):
        return (str(each),)
    return each.kind, each.function.__module__, each.function.__qualname__


def _is_from_files(world: World, properties: Sequence[Any]) -> bool:
    """Whether names and the contents of files say all about a program.

    They do not for blocks that were split, for a property that was typed on the spot, and for a model or a
    scenario that some function has made.
    """
    model = world.model
    declared = list(model.properties.values())
    declared += [each.companion for each in declared if each.companion is not None]
    return (
        not world.variants
        and "<locals>" not in model.state.__qualname__
        and _is_listed(world.scenario, model)
        and all(each in declared for each in properties if isinstance(each, Property))
    )


def _is_listed(scenario: Scenario, model: Model) -> bool:
    if model.declared_scenarios:
        return model.declared_scenarios.get(scenario.name) is scenario
    return vars(scenario) == vars(default_scenario(model))


def _written(program: Any) -> bytes | None:
    """Without its world, which is made anew in each run; None for what cannot be found again by its name."""
    bare = dataclasses.replace(program, world=None, unreduced=None)
    try:
        return pickle.dumps(bare, pickle.HIGHEST_PROTOCOL)
    except (pickle.PicklingError, TypeError, AttributeError, RecursionError):
        return None


def _read(content: bytes | None, world: World) -> Any:
    """None for an entry that cannot be read any more."""
    if content is None:
        return None
    try:
        program = pickle.loads(content)
        program.world = world
    except Exception:  # a pickle that does not fit may fail in any way
        return None
    return program
