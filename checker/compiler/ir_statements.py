"""The statements of the intermediate representation.

Sub-operations are inlined (an actor's position is the chain of suspended yields, so sharing their code would
save nothing); plain helpers become functions of their own.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from checker.compiler.ir import Domain, Expr, Fold, Leaf, LeafKey, Variable
from checker.compiler.source import Place
from checker.language.types import Type

LOOP_LIMIT = 4096  # rounds of a loop without a `yield`; more is a model error


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

    def expressions(self) -> tuple[Expr, ...]:
        """Those that it evaluates itself (not those of the statements inside it)."""
        return ()

    def bodies(self) -> tuple[list[Stmt], ...]:
        """The statement lists directly inside it."""
        return ()


@dataclass(eq=False)
class Assign(Stmt):
    place: Place
    variable: Variable
    value: Expr

    def expressions(self) -> tuple[Expr, ...]:
        return (self.value,)


@dataclass(eq=False)
class Store(Stmt):
    place: Place
    root: str
    leaf: Leaf
    index: tuple[Expr, ...]
    value: Expr
    updates: bool = False  # `value` reads the same element (set.add): that is no use of the old value

    def expressions(self) -> tuple[Expr, ...]:
        return (*self.index, self.value)


@dataclass(eq=False)
class If(Stmt):
    place: Place
    test: Expr
    then: list[Stmt]
    orelse: list[Stmt]

    def expressions(self) -> tuple[Expr, ...]:
        return (self.test,)

    def bodies(self) -> tuple[list[Stmt], ...]:
        return (self.then, self.orelse)


@dataclass(eq=False)
class For(Stmt):
    place: Place
    variable: Variable
    domain: Domain
    body: list[Stmt]
    yields: bool

    def expressions(self) -> tuple[Expr, ...]:
        return self.domain.children()

    def bodies(self) -> tuple[list[Stmt], ...]:
        return (self.body,)


@dataclass(eq=False)
class While(Stmt):
    """`before` are statements that compute the test (a choice in it); `bound` is None around a yield."""

    place: Place
    before: list[Stmt]
    test: Expr
    body: list[Stmt]
    bound: Site | None

    def expressions(self) -> tuple[Expr, ...]:
        return (self.test,)

    def bodies(self) -> tuple[list[Stmt], ...]:
        return (self.before, self.body)


@dataclass(eq=False)
class Choose(Stmt):
    """One of the listed `options`, or of the elements that a Fold of kind "choose" enumerates."""

    place: Place
    variable: Variable
    options: tuple[Expr, ...]
    fold: Fold | None
    empty: Site

    def expressions(self) -> tuple[Expr, ...]:
        return self.options if self.fold is None else (*self.options, self.fold)


@dataclass(eq=False)
class Yield(Stmt):
    """Ends the block.  With `wait`, going on later needs the condition false."""

    place: Place
    point: Point
    wait: Expr | None = None
    always: bool = True  # False: a wait that is reached with its condition false does not end the block

    def expressions(self) -> tuple[Expr, ...]:
        return () if self.wait is None else (self.wait,)


@dataclass(eq=False)
class When(Stmt):
    place: Place
    test: Expr

    def expressions(self) -> tuple[Expr, ...]:
        return (self.test,)


@dataclass(eq=False)
class Check(Stmt):
    """An assert, or a condition that must hold for the statement after it to make sense."""

    place: Place
    test: Expr
    site: Site

    def expressions(self) -> tuple[Expr, ...]:
        return (self.test,)


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

    def expressions(self) -> tuple[Expr, ...]:
        return self.arguments


@dataclass(eq=False)
class Block(Stmt):
    """An inlined sub-operation: `Leave(label)` goes to its end, and no other block of the operation has that
    label.  `parameters` are set before it."""

    place: Place
    label: str
    body: list[Stmt]
    name: str = ""
    parameters: list[Variable] = field(default_factory=list)
    result: Variable | None = None

    def bodies(self) -> tuple[list[Stmt], ...]:
        return (self.body,)


@dataclass(eq=False)
class Leave(Stmt):
    """To the end of the block around it with this label: not the block itself, as a circle of objects has to
    wait for the garbage collector."""

    place: Place
    label: str


@dataclass(eq=False)
class Return(Stmt):
    """Of a helper or a property: its value.  Of an operation: the actor is idle again."""

    place: Place
    value: Expr | None

    def expressions(self) -> tuple[Expr, ...]:
        return () if self.value is None else (self.value,)


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
    can_fail: bool = False
    loads: frozenset[LeafKey] = frozenset()  # what its expressions read of the state, and those they call
    place: Place | None = None

    @property
    def effects(self) -> bool:
        return self.writes or self.chooses
