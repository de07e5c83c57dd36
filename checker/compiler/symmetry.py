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
from checker.compiler.ir import Call, Expr, LeafKey
from checker.compiler.ir_statements import For, Helper, Perform, Stmt
from checker.compiler.orderless import prove_orderless
from checker.compiler.permutations import (
    Permutation,
    exchange,
    indexes_of,
    inner_indexes,
    moved_code,
    moved_member,
)
from checker.compiler.program import cells_of
from checker.compiler.walking import visit, walk
from checker.language.errors import UnsupportedConstruct
from checker.language.index import Index
from checker.language.world import World

MOST_GOALS = 8


Indexes = tuple[type[Index], ...]


@dataclass(frozen=True)
class Class:
    """Interchangeable members of one index: their numbers, in order. `with_it`: indexes whose members of the
    same numbers change places with them."""

    index: type[Index]
    members: tuple[int, ...]
    with_it: Indexes = ()


@dataclass
class Symmetry:
    """`moved`: all indexes whose members a permutation may move, those around first."""

    classes: list[Class] = field(default_factory=list)
    moved: list[type[Index]] = field(default_factory=list)
    prevented: dict[str, str] = field(default_factory=dict)  # index → file:line and why

    def statistics(self) -> dict[str, Any]:
        groups = [_shown(each) for each in self.classes]
        lists = {
            "interchangeable": groups,
            "told apart because": [f"{name}: {why}" for name, why in self.prevented.items()],
        }
        return {name: found for name, found in lists.items() if found}

    def leader(self, index: type[Index]) -> type[Index] | None:
        """The index whose members those of this one follow, number by number."""
        return next((c.index for c in self.classes if index in c.with_it), None)


def _shown(one: Class) -> str:
    """`Task 0, 1, 2 with Cpu`."""
    followers = " and ".join(index.__name__ for index in one.with_it)
    members = f"{one.index.__name__} {', '.join(map(str, one.members))}"
    return f"{members} with {followers}" if followers else members


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
    asked = [each for each in indexes if each.info.symmetric or each in subject.world.scenario.symmetric]
    for index in asked:
        _refuse_unlike(subject, index)
        if found.leader(index) is not None:
            continue
        classes = _classes(subject, index, asked)
        generators = [each for c in classes for each in _exchanges(subject.world, c)]
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
    found.moved.sort(key=lambda each: (_depth(found, each), indexes.index(each)))
    return found


def _depth(found: Symmetry, index: type[Index]) -> int:
    """How many indexes its members are taken along by, one within the other."""
    around = found.leader(index) or index.info.outer
    return 0 if around is None else 1 + _depth(found, around)


# ---- classes ----


def _classes(subject: Subject, index: type[Index], asked: Sequence[type[Index]]) -> list[Class]:
    """Of its members alone; if these are told apart, together with those of other indexes: tasks that stay on
    their CPUs can only change places with them."""
    later = asked[asked.index(index) + 1 :]
    others = [each for each in later if not _are_nested(subject.world, index, each)]
    for count in range(len(others) + 1):
        for with_it in itertools.combinations(others, count):
            classes = _classes_with(subject, index, with_it)
            if classes:
                return classes
    return []


def _are_nested(world: World, one: type[Index], other: type[Index]) -> bool:
    return other in inner_indexes(world, one) or one in inner_indexes(world, other)


def _classes_with(subject: Subject, index: type[Index], with_it: Indexes) -> list[Class]:
    """Members that change places with the first of a class; two of them then do with each other."""
    world = subject.world
    classes: list[list[int]] = []
    for member in range(world.size(index)):
        for known in classes:
            together = _around(world, index, known[0]) == _around(world, index, member)
            swapped = exchange(world, index, with_it, known[0], member)
            if together and swapped is not None and _is_possible(subject, swapped):
                known.append(member)
                break
        else:
            classes.append([member])
    return [Class(index, tuple(members), with_it) for members in classes if len(members) > 1]


def _is_possible(subject: Subject, swapped: Permutation) -> bool:
    return _same_actors(subject.world, swapped) and _same_constants(subject, swapped)


def _same_actors(world: World, swapped: Permutation) -> bool:
    runs = {actor.member: (set(actor.operations), set(actor.once)) for actor in world.actors}
    return all(runs.get(moved_member(swapped, member)) == given for member, given in runs.items())


def _same_constants(subject: Subject, swapped: Permutation) -> bool:
    """What no step changes stands in the program: it must be the same after the exchange."""
    values: dict[tuple[Any, ...], tuple[Any, int]] = {}
    for (key, _, element, kind), cell in zip(cells_of(subject.world), subject.world.cells, strict=True):
        if key in subject.constants:
            values[cell.steps] = kind, subject.constants[key][element]
    for steps, (kind, code) in values.items():
        image = tuple(moved_member(swapped, s) if isinstance(s, Index) else s for s in steps)
        if values[image][1] != moved_code(swapped, kind, code):
            return False
    return True


def _exchanges(world: World, one: Class) -> list[Permutation]:
    """Of neighbours, within one member of the index around them: all others follow."""
    pairs = itertools.pairwise(one.members)
    found = [
        exchange(world, one.index, one.with_it, a, b)
        for a, b in pairs
        if _around(world, one.index, a) == _around(world, one.index, b)
    ]
    return [each for each in found if each is not None]


def _around(world: World, index: type[Index], member: int) -> int:
    """Which member of the index around it this one lies in."""
    outer = index.info.outer
    return 0 if outer is None else member // max(1, world.size(index) // max(1, world.size(outer)))


def _moves_actors(world: World, generators: Sequence[Permutation]) -> bool:
    return any(type(actor.member) in each for actor in world.actors for each in generators)


# ---- the proof ----


def _refuse_unlike(subject: Subject, index: type[Index]) -> None:
    """The model itself must treat all members of the index alike, whatever this scenario makes of them."""
    every = _exchanges(subject.world, Class(index, tuple(range(subject.world.size(index)))))
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
        advice=f"treat the members of {name} alike, or do not declare it symmetric",
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
            for expr in stmt.expressions():
                visit(expr, note)
            if isinstance(stmt, Perform):
                enter(stmt.helper)

    for body in models:
        look(body)
    return found


def _body(proof: Equivariance, body: list[Stmt]) -> None:
    for stmt in walk(body):
        for expr in stmt.expressions():
            proof.prove(expr, stmt.place)
        if isinstance(stmt, For):
            proof.domain(stmt.variable, stmt.domain, stmt.place)
            if proof.moves(stmt.variable.type):
                prove_orderless(stmt, body, proof.name)
