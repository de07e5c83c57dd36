"""The typed intermediate representation: a model whose names and references are resolved.

Expressions are pure.  Everything that writes, chooses, waits or can end a block is a statement.
Sub-operations are inlined (an actor's position is the chain of suspended yields, so sharing their code would
save nothing); plain helpers become functions of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from checker.compiler.source import Place
from checker.language.index import Index
from checker.language.types import Type

LOOP_LIMIT = 4096  # rounds of a loop without a `yield`; more is a model error

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


@dataclass(frozen=True)
class Site:
    """A place that can end a block: an assert, or a model error."""

    kind: str  # "assert" | "model error"
    message: str
    place: Place

    @property
    def location(self) -> str:
        return f"{self.place.shown_file}:{self.place.line}"

    @property
    def property(self) -> str:
        return f"assert:{self.location}" if self.kind == "assert" else f"model error:{self.location}"


@dataclass(eq=False)
class Point:
    """A program point: a yield or a wait, with the suspended yields that lead there (outermost first)."""

    chains: list[tuple[Place, ...]]
    place: Place
    function: str
    tries: bool = False  # a wait whose condition may change the state: a try that changes nothing is no step
    number: int = 0
    live: list[Variable] = field(default_factory=list)


class Stmt:
    place: Place


@dataclass(eq=False)
class Assign(Stmt):
    place: Place
    variable: Variable
    value: Expr


@dataclass(eq=False)
class Store(Stmt):
    place: Place
    root: str
    leaf: Leaf
    index: tuple[Expr, ...]
    value: Expr
    updates: bool = False  # `value` reads the same element (set.add): that is no use of the old value


@dataclass(eq=False)
class If(Stmt):
    place: Place
    test: Expr
    then: list[Stmt]
    orelse: list[Stmt]


@dataclass(eq=False)
class For(Stmt):
    place: Place
    variable: Variable
    domain: Domain
    body: list[Stmt]
    yields: bool


@dataclass(eq=False)
class While(Stmt):
    """`before` are statements that compute the test (a choice in it); `bound` is None around a yield."""

    place: Place
    before: list[Stmt]
    test: Expr
    body: list[Stmt]
    bound: Site | None


@dataclass(eq=False)
class Choose(Stmt):
    """One of the listed `options`, or of the elements that a Fold of kind "choose" enumerates."""

    place: Place
    variable: Variable
    options: tuple[Expr, ...]
    fold: Fold | None
    empty: Site


@dataclass(eq=False)
class Yield(Stmt):
    """Ends the block.  With `wait`, going on later needs the condition false."""

    place: Place
    point: Point
    wait: Expr | None = None
    always: bool = True  # False: a wait that is reached with its condition false does not end the block


@dataclass(eq=False)
class When(Stmt):
    place: Place
    test: Expr


@dataclass(eq=False)
class Check(Stmt):
    """An assert, or a condition that must hold for the statement after it to make sense."""

    place: Place
    test: Expr
    site: Site


@dataclass(eq=False)
class Mark(Stmt):
    """The operation has come to its last line; nothing depends on it."""

    place: Place
    operation: str


@dataclass(eq=False)
class Perform(Stmt):
    """A helper called for what it writes or chooses; its result, if any, goes to `variable`."""

    place: Place
    variable: Variable | None
    helper: Helper
    roots: tuple[str, ...]
    arguments: tuple[Expr, ...]


@dataclass(eq=False)
class Block(Stmt):
    """An inlined sub-operation: `Leave(block)` goes to its end.  `parameters` are set before it."""

    place: Place
    label: str
    body: list[Stmt]
    name: str = ""
    parameters: list[Variable] = field(default_factory=list)
    result: Variable | None = None


@dataclass(eq=False)
class Leave(Stmt):
    place: Place
    block: Block


@dataclass(eq=False)
class Return(Stmt):
    """Of a helper or a property: its value.  Of an operation: the actor is idle again."""

    place: Place
    value: Expr | None


@dataclass(eq=False)
class Jump(Stmt):
    place: Place
    kind: str  # "break" | "continue"


@dataclass(eq=False)
class Helper:
    """A plain function of the model, specialised to the shapes of its arguments."""

    name: str
    cname: str
    parameters: list[Variable]
    roots: list[str]  # names of the state pointers it takes
    body: list[Stmt] = field(default_factory=list)
    result: Type | None = None
    writes: bool = False
    chooses: bool = False
    place: Place | None = None

    @property
    def effects(self) -> bool:
        return self.writes or self.chooses


NESTED = (If, While, For, Block)


def bodies(stmt: Stmt) -> Iterator[list[Stmt]]:
    """The statement lists directly inside a statement."""
    if isinstance(stmt, If):
        yield stmt.then
        yield stmt.orelse
    elif isinstance(stmt, While):
        yield stmt.before
        yield stmt.body
    elif isinstance(stmt, (For, Block)):
        yield stmt.body


def walk(stmts: list[Stmt]) -> list[Stmt]:
    """The statements and all inside them, in the order of the text."""
    found: list[Stmt] = []
    _walk(stmts, found)
    return found


def _walk(stmts: list[Stmt], found: list[Stmt]) -> None:
    for stmt in stmts:
        found.append(stmt)
        if isinstance(stmt, NESTED):
            for body in bodies(stmt):
                _walk(body, found)


def expressions(stmt: Stmt) -> Iterator[Expr]:
    """The expressions a statement itself evaluates (not those of the statements inside it)."""
    if isinstance(stmt, Assign):
        yield stmt.value
    elif isinstance(stmt, Store):
        yield from stmt.index
        yield stmt.value
    elif isinstance(stmt, (If, While, When, Check)):
        yield stmt.test
    elif isinstance(stmt, For):
        yield from stmt.domain.children()
    elif isinstance(stmt, Choose):
        yield from stmt.options
        if stmt.fold is not None:
            yield stmt.fold
    elif isinstance(stmt, Yield) and stmt.wait is not None:
        yield stmt.wait
    elif isinstance(stmt, Perform):
        yield from stmt.arguments
    elif isinstance(stmt, Return) and stmt.value is not None:
        yield stmt.value


def visit(expr: Expr, action: Callable[[Expr], None]) -> None:
    action(expr)
    for child in expr.children():
        visit(child, action)


def chooses(body: list[Stmt]) -> bool:
    """May running these statements ask for a choice?"""
    return any(
        isinstance(s, Choose) or (isinstance(s, Perform) and chooses(s.helper.body)) for s in walk(body)
    )


def variants_in(bodies_: Iterable[list[Stmt]]) -> set[int]:
    """The variants that some statement asks for."""
    found: set[int] = set()

    def note(expr: Expr) -> None:
        if isinstance(expr, Selected):
            found.add(expr.variant)

    for body in bodies_:
        for stmt in walk(body):
            for expr in expressions(stmt):
                visit(expr, note)
    return found


def asks_running(body: list[Stmt], helpers: Iterable[Helper]) -> bool:
    """Does some expression of a block, or of a helper, ask running()?"""
    found: list[Expr] = []

    def note(expr: Expr) -> None:
        if isinstance(expr, InOperation):
            found.append(expr)

    for stmts in (body, *(helper.body for helper in helpers)):
        for stmt in walk(stmts):
            for expr in expressions(stmt):
                visit(expr, note)
    return bool(found)
