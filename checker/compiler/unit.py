"""What is shared while one program is compiled: the world, the leaves, the tables, and the helpers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from checker.compiler.ir import Leaf, LeafKey
from checker.compiler.ir_statements import Helper
from checker.compiler.repeats import Repeat
from checker.compiler.source import Place, Source, source_of
from checker.language.types import SetType
from checker.language.world import World

Calls = dict[Callable[..., Any], dict[Callable[..., Any], None]]  # function → those that it calls, in order


class Unit:
    def __init__(self, world: World) -> None:
        self.world = world
        self.leaves: dict[LeafKey, Leaf] = {}
        self.tables: dict[tuple[int, ...], str] = {}
        self.helpers: dict[Any, Helper] = {}
        self.active: list[Callable[..., Any]] = []  # the helpers that are being lowered, outermost first
        self.function_names: dict[str, int] = {}
        self.annotations: dict[tuple[Callable[..., Any], str], Any] = {}  # of parameters, by their names
        self.assumed: list[str] = []
        self._sources: dict[Callable[..., Any], Source] = {}
        self.repeats: dict[Any, Repeat] = {}  # sub-operations, by what they were called with
        self.calls: Calls = {}
        self.wide_set: tuple[SetType, Place] | None = None  # the first one that takes several words
        self.selects = False  # some expression asks for a variant
        self.asking: set[Callable[..., Any]] = set()  # functions that ask for running()
        self.tabulated: set[Callable[..., Any]] = set()  # run by Python, for all their arguments

    def leaf(self, key: LeafKey, sizes: tuple[int, ...], kind: Any) -> Leaf:
        if key not in self.leaves:
            self.leaves[key] = Leaf(key, sizes, kind)
        return self.leaves[key]

    def source(self, function: Callable[..., Any]) -> Source:
        """Of a function that is called; a sub-operation may be, from hundreds of places."""
        if function not in self._sources:
            self._sources[function] = source_of(function)
        return self._sources[function]

    def function_name(self, name: str) -> str:
        """A C identifier that no other function has, and no local: those end in _ or a number."""
        return f"{unique(self.function_names, name)}f"

    def called(self, caller: Callable[..., Any], function: Callable[..., Any]) -> None:
        self.calls.setdefault(caller, {})[function] = None

    def table(self, values: tuple[int, ...]) -> str:
        """The C name of a constant table; equal tables are shared."""
        return self.tables.setdefault(values, f"table{len(self.tables)}")


def unique(names: dict[str, int], name: str) -> str:
    """A C identifier that nobody else in `names` has; the trailing _ keeps clear of C's own words."""
    names[name] = names.get(name, 0) + 1
    return f"{name}_" if names[name] == 1 else f"{name}_{names[name]}"
