"""One scenario's program with all its mutants in it, and those that need a program of their own."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from checker.building import asked, compiled
from checker.compiler import compile_program
from checker.compiler.source import source_of
from checker.language.errors import CheckerError
from checker.language.source import rewritten
from checker.language.world import World
from checker.mutation.alone import in_force
from checker.mutation.functions import Chosen, Functions
from checker.mutation.mutant import Mutant
from checker.mutation.rewriting import Rewriting
from checker.request import Wanted

Function = Callable[..., Any]


class Numbers:
    """The same mutant has the same number in every scenario: 1, 2, ..."""

    def __init__(self) -> None:
        self.mutants: dict[int, Mutant] = {}
        self._numbers: dict[Mutant, int] = {}

    def __call__(self, mutant: Mutant) -> int:
        number = self._numbers.setdefault(mutant, len(self._numbers) + 1)
        self.mutants[number] = mutant
        return number


@dataclass
class Prepared:
    """`here`: the mutants of code that this scenario can run at all, stillborn ones included."""

    world: World
    wanted: tuple[Wanted, ...]
    rewritings: dict[Function, Rewriting]
    program: Any
    here: list[int] = field(default_factory=list)
    own: list[int] = field(default_factory=list)
    stillborn: dict[int, str] = field(default_factory=dict)

    @contextmanager
    def alone(self, number: int) -> Iterator[None]:
        """Within this the model is the mutant, for whoever compiles or runs it."""
        function, rewriting = next(
            (function, each) for function, each in self.rewritings.items() if number in each.mutants
        )
        with in_force(function, rewriting.alone(number)):
            yield

    def own_program(self, number: int) -> Any:
        with self.alone(number):
            return compiled(self.world, self.wanted)


def prepared(
    world: World, wanted: Sequence[Wanted], functions: Functions, chosen: Chosen, number: Numbers
) -> Prepared:
    with world:
        rewritings = {
            each: Rewriting(source_of(each), number, functions.notes) for each in functions.chosen(chosen)
        }
    made = Prepared(world, tuple(wanted), rewritings, None)
    every = [each for rewriting in rewritings.values() for each in rewriting.mutants]
    together = [
        each
        for rewriting in rewritings.values()
        for each in rewriting.mutants
        if not rewriting.needs_own_program(each)
    ]
    made.program, _, refused = _fitting(made, together)
    made.here = sorted(made.program.variants)
    for each in (*refused, *(each for each in every if each not in together)):
        made.here.append(each)
        try:
            made.own_program(each)
            made.own.append(each)
        except CheckerError as problem:
            made.stillborn[each] = problem.text
    return made


def _with(made: Prepared, numbers: Collection[int]) -> Any:
    """The program with these mutants."""
    trees = {function.__code__: each.keep(numbers) for function, each in made.rewritings.items()}
    with rewritten(trees):
        return compile_program(made.world, asked(made.wanted))


def _fitting(made: Prepared, numbers: list[int]) -> tuple[Any, list[int], list[int]]:
    """A program with those that compile together, those, and the others, which are found by halving."""
    try:
        return _with(made, numbers), numbers, []
    except CheckerError:
        if not numbers:
            raise  # it is the model that is wrong
        if len(numbers) == 1:
            return _with(made, []), [], numbers
    half = len(numbers) // 2
    program, first, wrong = _fitting(made, numbers[:half])
    _, second, also = _fitting(made, numbers[half:])
    try:
        return _with(made, [*first, *second]), [*first, *second], [*wrong, *also]
    except CheckerError:  # each half is right, and both together are not
        return program, first, [*wrong, *also, *second]
