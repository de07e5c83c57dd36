"""The typed intermediate representation: a model whose names and references are resolved.

Expressions are pure.  Everything that writes, chooses, waits or can end a block is a statement
(ir_statements.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from checker.language.index import Index
from checker.language.types import Type

if TYPE_CHECKING:
    from checker.compiler.ir_statements import Helper, Site

IndexClass = type[Index]  # (inside an expression, `type` is a field)
LeafKey = tuple[str, ...]  # ("page", "[]", "owner"): a field's path, "[]" where an array is indexed


@dataclass(frozen=True)
class Leaf:
    """One field of the state, with an element for each combination of the indexes of the arrays around it."""

    key: LeafKey
    sizes: tuple[int, ...]
    type: Type

    @property
    def count(self) -> int:
        product = 1
        for size in self.sizes:
            product *= size
        return product

    @property
    def name(self) -> str:
        return "_".join(part for part in self.key if part != "[]") or "value"


@dataclass(eq=False)
class Variable:
    """A local of an operation or a helper.  `origin` says how to find it in a suspended generator."""

    name: str
    type: Type
    cname: str
    origin: Origin | None = None

    def __repr__(self) -> str:
        return f"<{self.cname}>"


@dataclass(frozen=True)
class Origin:
    """Where a suspended generator has a local.  `frame`: which one of the chain, outermost 0."""

    frame: int
    name: str
    component: int | None = None  # of a reference: which of its indexes
    leaf: int | None = None  # of a frozen record: which of its leaves
    todo: bool = False  # the set that any_order() still has to hand out


class Expr:
    type: Type

    def children(self) -> tuple[Expr, ...]:
        return ()


@dataclass(frozen=True, eq=False)
class Literal(Expr):
    """`code` is the C value: the position of an enum member, a Range's value, a set's bits ..."""

    type: Type
    code: int


@dataclass(frozen=True, eq=False)
class Read(Expr):
    type: Type
    variable: Variable


@dataclass(frozen=True, eq=False)
class Load(Expr):
    """A leaf of the state that `root` (a C pointer's name) points to."""

    type: Type
    root: str
    leaf: Leaf
    index: tuple[Expr, ...]

    def children(self) -> tuple[Expr, ...]:
        return self.index


@dataclass(frozen=True, eq=False)
class Apply(Expr):
    """A pure C operator; `operator` is a C template with {0}, {1} … for the arguments."""

    type: Type
    operator: str
    arguments: tuple[Expr, ...]
    check: Site | None = None  # the template may end the block with this site as its fault

    def children(self) -> tuple[Expr, ...]:
        return self.arguments


@dataclass(frozen=True, eq=False)
class Counted(Expr):
    """An atomic condition of a property: counted each time it is evaluated."""

    type: Type
    condition: int
    value: Expr

    def children(self) -> tuple[Expr, ...]:
        return (self.value,)


@dataclass(frozen=True, eq=False)
class Fold(Expr):
    """any, all, sum, min, max, set over nested loops; `filters[i]` are tested inside loop i."""

    type: Type
    kind: str
    loops: tuple[tuple[Variable, Domain], ...]
    filters: tuple[tuple[Expr, ...], ...]
    bindings: tuple[tuple[tuple[Variable, Expr], ...], ...]  # tuple elements taken apart, per loop
    body: Expr
    check: Site | None = None

    def children(self) -> tuple[Expr, ...]:
        inner = [expr for group in self.filters for expr in group]
        inner += [expr for group in self.bindings for _, expr in group]
        for _, domain in self.loops:
            inner += domain.children()
        return (*inner, self.body)

    def bound(self) -> Iterator[Variable]:
        """The variables of its own, which nothing else has."""
        yield from (variable for variable, _ in self.loops)
        yield from (variable for group in self.bindings for variable, _ in group)


@dataclass(frozen=True, eq=False)
class Call(Expr):
    """A helper that became a C function.  `roots` are the states its reference parameters point into."""

    type: Type
    helper: Helper
    roots: tuple[str, ...]
    arguments: tuple[Expr, ...]

    def children(self) -> tuple[Expr, ...]:
        return self.arguments


@dataclass(frozen=True, eq=False)
class InOperation(Expr):
    """running(me, operation): is the actor's program point among those of `operations`?"""

    type: Type
    root: str
    actor: IndexClass
    member: Expr
    operations: tuple[str, ...]  # empty: any operation at all

    def children(self) -> tuple[Expr, ...]:
        return (self.member,)


@dataclass(frozen=True, eq=False)
class Selected(Expr):
    """Is this the variant of the program that is being run?  Chosen for a whole run, so it is no state."""

    type: Type
    variant: int


class Domain:
    """What a loop ranges over."""

    def children(self) -> tuple[Expr, ...]:
        return ()


@dataclass(frozen=True, eq=False)
class Span(Domain):
    """low <= i < high, by step."""

    low: Expr
    high: Expr
    step: int = 1

    def children(self) -> tuple[Expr, ...]:
        return (self.low, self.high)


@dataclass(frozen=True, eq=False)
class Bits(Domain):
    """The members of a set value, taken when the loop is entered."""

    value: Expr

    def children(self) -> tuple[Expr, ...]:
        return (self.value,)


@dataclass(frozen=True, eq=False)
class Rows(Domain):
    """A pure function of constants and locals, tabulated: rows[row] lists the members, all different."""

    rows: tuple[tuple[int, ...], ...]
    row: Expr

    def children(self) -> tuple[Expr, ...]:
        return (self.row,)
