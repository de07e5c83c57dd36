"""Which functions of a model can be changed: the steps that a scenario runs, and that no claim rests on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from checker.building import with_companions
from checker.compiler.compile import functions_called
from checker.language.errors import CheckerError
from checker.language.properties import Property
from checker.language.world import World
from checker.mutation.notes import notes_of
from checker.names import typed, unknown
from checker.request import Wanted

Function = Callable[..., Any]


@dataclass(frozen=True)
class Chosen:
    """What was asked for: functions by name, perhaps with all that they call; or everything."""

    names: tuple[str, ...]
    everything: bool
    with_calls: bool


@dataclass
class Functions:
    """Of one scenario, as the compiler meets them."""

    calls: dict[Function, dict[Function, None]]
    steps: list[Function]  # operations, actions, and all that they call
    barred: dict[Function, str] = field(default_factory=dict)  # and why they cannot be changed
    notes: frozenset[str] = frozenset()  # fields that are there for the properties alone

    @classmethod
    def of(cls, world: World, wanted: Sequence[Wanted]) -> Functions:
        calls, tabulated = functions_called(world, with_companions(wanted))
        roots = [each.function for each in (*world.operations, *world.actions)]
        found = cls(calls, below(calls, roots))
        claims = [each.function for each in with_companions(wanted) if isinstance(each, Property)]
        claimed = below(calls, claims)
        every = [each.function for each in world.model.properties.values()]
        found.notes = notes_of(found.steps, dict.fromkeys([*claimed, *every]))
        for function in claimed:
            found.barred[function] = "a property calls it, and would change with it"
        for function in tabulated:
            found.barred[function] = "it is run while compiling, for all its arguments"
        return found

    def named(self, name: str) -> list[Function]:
        return [
            each for each in self.steps if typed(name) in (typed(each.__name__), typed(each.__qualname__))
        ]

    def chosen(self, asked: Chosen) -> list[Function]:
        """Those to change here, in the order of the text; asked for by name and barred is an error."""
        if asked.everything:
            wanted = self.steps
        else:
            named = [each for name in asked.names for each in self.named(name)]
            for each in named:
                if each in self.barred:
                    raise CheckerError(f"{each.__name__} has no mutants: {self.barred[each]}")
            wanted = below(self.calls, named) if asked.with_calls else named
        free = dict.fromkeys(each for each in wanted if each not in self.barred)
        return sorted(free, key=lambda each: (each.__code__.co_filename, each.__code__.co_firstlineno))

    def left_out(self, asked: Chosen) -> dict[str, str]:
        """Functions that were asked for, though not by name, and have no mutants; and why."""
        roots = (
            self.steps if asked.everything else [each for name in asked.names for each in self.named(name)]
        )
        wanted = below(self.calls, roots) if asked.with_calls or asked.everything else []
        return {each.__name__: self.barred[each] for each in wanted if each in self.barred}


def below(calls: dict[Function, dict[Function, None]], roots: Iterable[Function]) -> list[Function]:
    """The roots and all that they call, directly or not."""
    found: dict[Function, None] = {}
    waiting = list(roots)
    while waiting:
        function = waiting.pop()
        if function not in found:
            found[function] = None
            waiting += calls.get(function, ())
    return list(found)


def refuse_unknown(asked: Chosen, known: Sequence[Functions]) -> None:
    for name in asked.names:
        if not any(each.named(name) for each in known):
            raise unknown(
                "operation or function that is run here", name, {f.__name__ for k in known for f in k.steps}
            )
