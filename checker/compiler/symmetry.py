"""Which members of the symmetric indexes are interchangeable in a world, and the proof that they are.

A *class* is a set of members that may be permuted freely: members of one symmetric index, within one member
of the index around it, that run the same operations and that no constant of the state tells apart. Every
exchange of two of its members has to be an automorphism of the model: docs/design/symmetry.md has the
argument.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from checker.compiler.equivariance import Asymmetric, Equivariance
from checker.compiler.ir import Call, Expr, For, Helper, LeafKey, Perform, Stmt, expressions, visit, walk
from checker.compiler.orderless import prove_orderless
from checker.compiler.permutations import (
    Permutation,
    indexes_of,
    moved_code,
    moved_member,
    transposition,
)
from checker.compiler.program import cells_of
from checker.language.errors import UnsupportedConstruct
from checker.language.index import Index
from checker.language.world import World

MOST_GOALS = 8


@dataclass(frozen=True)
class Class:
    """Interchangeable members of one index: their numbers, in order."""

    index: type[Index]
    members: tuple[int, ...]


@dataclass
class Symmetry:
    """`moved`: all indexes whose members a permutation may move, those around first."""

    classes: list[Class] = field(default_factory=list)
    moved: list[type[Index]] = field(default_factory=list)
    prevented: dict[str, str] = field(default_factory=dict)  # index → file:line and why

    def statistics(self) -> dict[str, Any]:
        groups = [f"{c.index.__name__} {', '.join(map(str, c.members))}" for c in self.classes]
        lists = {
            "interchangeable": groups,
            "told apart because": [f"{name}: {why}" for name, why in self.prevented.items()],
        }
        return {name: found for name, found in lists.items() if found}


@dataclass(frozen=True)
class Subject:
    """All that a proof is about. `models`: the bodies of operations and actions; `claims`: the properties."""

    world: World
    models: Sequence[list[Stmt]]
    enabled: Sequence[Helper]
    claims: Sequence[Helper]
    constants: Mapping[LeafKey, tuple[int, ...]]
    tables: Mapping[tuple[int, ...], str]


def find_symmetry(subject: Subject, goals: int) -> Symmetry:
    """Index by index; one that the model itself uses in a way that is not symmetric is refused.

    `goals`: how many the search has, deadlock's for each actor; a sweep carries eight at a time.
    """
    found = Symmetry()
    indexes = indexes_of(subject.world)
    for index in indexes:
        if not index.info.symmetric:
            continue
        _refuse_unlike(subject, index)
        classes = _classes(subject, index)
        generators = [each for c in classes for each in _exchanges(subject.world, index, c.members)]
        try:
            _prove(subject, index, generators)
        except Asymmetric as objection:
            place = objection.place
            found.prevented[index.__name__] = f"{place.shown_file}:{place.line}: {objection.text}"
            continue
        if goals > MOST_GOALS and _moves_actors(subject.world, generators):
            found.prevented[index.__name__] = f"deadlock is asked of more than {MOST_GOALS} actors"
            continue
        found.classes += classes
        moved = {each for generator in generators for each in generator}
        found.moved += [each for each in indexes if each in moved and each not in found.moved]
    found.moved.sort(key=indexes.index)
    return found


# ---- classes ----


def _classes(subject: Subject, index: type[Index]) -> list[Class]:
    """Members that change places with the first of a class; two of them then do with each other."""
    world = subject.world
    classes: list[list[int]] = []
    for member in range(world.size(index)):
        for known in classes:
            together = _around(world, index, known[0]) == _around(world, index, member)
            if together and _is_possible(subject, transposition(world, index, known[0], member)):
                known.append(member)
                break
        else:
            classes.append([member])
    return [Class(index, tuple(members)) for members in classes if len(members) > 1]


def _is_possible(subject: Subject, exchange: Permutation) -> bool:
    return _same_actors(subject.world, exchange) and _same_constants(subject, exchange)


def _same_actors(world: World, exchange: Permutation) -> bool:
    runs = {actor.member: (set(actor.operations), set(actor.once)) for actor in world.actors}
    return all(runs.get(moved_member(exchange, member)) == given for member, given in runs.items())


def _same_constants(subject: Subject, exchange: Permutation) -> bool:
    """What no step changes stands in the program: it must be the same after the exchange."""
    values: dict[tuple[Any, ...], tuple[Any, int]] = {}
    for (key, _, element, kind), cell in zip(cells_of(subject.world), subject.world.cells, strict=True):
        if key in subject.constants:
            values[cell.steps] = kind, subject.constants[key][element]
    for steps, (kind, code) in values.items():
        image = tuple(moved_member(exchange, s) if isinstance(s, Index) else s for s in steps)
        if values[image][1] != moved_code(exchange, kind, code):
            return False
    return True


def _exchanges(world: World, index: type[Index], members: Sequence[int]) -> list[Permutation]:
    """Of neighbours, within one member of the index around them: all others follow."""
    pairs = itertools.pairwise(members)
    return [
        transposition(world, index, a, b)
        for a, b in pairs
        if _around(world, index, a) == _around(world, index, b)
    ]


def _around(world: World, index: type[Index], member: int) -> int:
    """Which member of the index around it this one lies in."""
    outer = index.info.outer
    return 0 if outer is None else member // max(1, world.size(index) // max(1, world.size(outer)))


def _moves_actors(world: World, generators: Sequence[Permutation]) -> bool:
    return any(type(actor.member) in each for actor in world.actors for each in generators)


# ---- the proof ----


def _refuse_unlike(subject: Subject, index: type[Index]) -> None:
    """The model itself must treat all members of the index alike, whatever this scenario makes of them."""
    every = _exchanges(subject.world, index, range(subject.world.size(index)))
    proof = Equivariance(every, index.__name__, _named(subject.tables))
    for body in _of_model(subject):
        try:
            _body(proof, body)
        except Asymmetric as objection:
            if not objection.open:
                raise _refusal(proof.name, objection) from None


def _prove(subject: Subject, index: type[Index], generators: Sequence[Permutation]) -> None:
    proof = Equivariance(generators, index.__name__, _named(subject.tables))
    models = _of_model(subject)
    claims = [helper.body for helper in subject.claims]
    for body in (*models, *claims, *(helper.body for helper in _called(claims))):
        _body(proof, body)


def _named(tables: Mapping[tuple[int, ...], str]) -> dict[str, tuple[int, ...]]:
    return {name: values for values, name in tables.items()}


def _of_model(subject: Subject) -> list[list[Stmt]]:
    bodies = [*subject.models, *(helper.body for helper in subject.enabled)]
    return [*bodies, *(helper.body for helper in _called(bodies))]


def _refusal(name: str, objection: Asymmetric) -> UnsupportedConstruct:
    return UnsupportedConstruct(
        f"{name} is symmetric, but {objection.text}",
        file=objection.place.file,
        line=objection.place.line,
        column=objection.place.column + 1,
        advice=f"treat the members of {name} alike, or declare it without symmetric=True",
    )


def _called(models: Sequence[list[Stmt]]) -> set[Helper]:
    """The helpers that these bodies come to."""
    found: set[Helper] = set()

    def note(expr: Expr) -> None:
        if isinstance(expr, Call):
            enter(expr.helper)

    def enter(helper: Helper) -> None:
        if helper not in found:
            found.add(helper)
            look(helper.body)

    def look(body: list[Stmt]) -> None:
        for stmt in walk(body):
            for expr in expressions(stmt):
                visit(expr, note)
            if isinstance(stmt, Perform):
                enter(stmt.helper)

    for body in models:
        look(body)
    return found


def _body(proof: Equivariance, body: list[Stmt]) -> None:
    for stmt in walk(body):
        for expr in expressions(stmt):
            proof.prove(expr, stmt.place)
        if isinstance(stmt, For):
            proof.domain(stmt.variable, stmt.domain, stmt.place)
            if proof.moves(stmt.variable.type):
                prove_orderless(stmt, body, proof.name)
