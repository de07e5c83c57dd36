"""View: how a part of the state is drawn. It is for the eye only: no verdict depends on it."""

from __future__ import annotations

import enum
import inspect
from collections.abc import Mapping

from checker.language.declaration import Declaration, Function, caller_names
from checker.language.errors import TypeRefused
from checker.language.index import Index
from checker.language.model import Model, declare


class View(Declaration):
    """What stands in each cell of a row. The last parameter, if it is an Index, runs along the row."""

    def __init__(self, function: Function, names: Mapping[str, object]) -> None:
        super().__init__(function, names)
        self.title = function.__name__.strip("_").replace("_", " ")

    @property
    def ranges(self) -> list[type[Index] | type[enum.Enum]]:
        """Over what each parameter ranges."""
        found: list[type[Index] | type[enum.Enum]] = []
        for name in list(inspect.signature(self.function).parameters)[self.leading :]:
            kind = self.annotation(name)
            if not isinstance(kind, type) or not issubclass(kind, Index | enum.Enum) or kind is Index:
                raise TypeRefused(
                    f"parameter `{name}` of a view ranges over an Index or an Enum, not {kind!r}"
                ).at_function(self.function)
            found.append(kind)
        return found


def view(function: Function) -> View:
    """Draw this in the page of a trace: a cell for each member of the last parameter's Index.

    The value of a cell is anything: None leaves it empty, a set is drawn as its members, a tuple as lines.
    """
    made = View(function, caller_names())
    declare(made, _add)
    return made


def _add(model: Model, made: Declaration) -> None:
    assert isinstance(made, View)
    assert made.ranges is not None  # a parameter that ranges over nothing is refused here
    model.views.append(made)
