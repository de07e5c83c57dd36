"""Locals: their types, the places they name, and the C variables they live in."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from checker.compiler.codes import describe, is_scalar, type_of_constant
from checker.compiler.context import Context
from checker.compiler.helpers import Helpers
from checker.compiler.ir import Expr, Literal, Origin, Read, Variable
from checker.compiler.ir_statements import Assign, Block, Return, Stmt, Store
from checker.compiler.source import Place, Source
from checker.compiler.syntax import times_assigned
from checker.compiler.unit import Unit, unique
from checker.compiler.values import Constant, Ref, Snapshot, Value


@dataclass(frozen=True)
class Activation:
    """A function between an operation and what is being lowered; `depth`: that of its @suboperation."""

    function: Callable[..., Any]
    depth: int | None


@dataclass(frozen=True)
class Result:
    """What a `return` gives: it takes the type of all of them once that is known."""

    stmt: Assign | Return
    value: Expr
    node: ast.AST


class Locals(Helpers):
    """The state of lowering one body, and its locals."""

    def __init__(
        self, unit: Unit, source: Source, names: dict[str, int], context: Context | None = None
    ) -> None:
        super().__init__(unit, source, names)
        self.context = context or Context(names=names)
        self.instance: tuple[str, ...] = ()
        self.chain: tuple[Place, ...] = ()  # the suspended `yield from`s around this sub-operation
        self.calls: tuple[Activation, ...] = (Activation(source.function, None),)  # this one last
        self.ended = False  # what has been lowered last goes no further: a call is nested too deep
        self.variables: dict[str, Variable] = {}
        self.declared: dict[str, Any] = {}
        self.constant: set[Variable] = set()  # the actor and parameters that are never rebound
        self.fixed: set[str] = set()  # variables of the loops we are in: they cannot be rebound
        self.block: Block | None = None  # the sub-operation being inlined
        self.is_operation = False
        self.result_key: tuple[str, ...] | None = None
        self.results: list[Result] = []  # of the returns so far
        self.out: list[Stmt] = []

    def lower_body(self, stmts: list[ast.stmt]) -> list[Stmt]:
        """Python statements, to IR that is returned instead of appended to `out`."""
        raise NotImplementedError

    def has_effects(self, node: ast.expr) -> bool:
        """Does a condition choose or write, at its top or below `and`, `or` and `not`?"""
        raise NotImplementedError

    def condition(self, node: ast.expr) -> Expr:
        """The test of an if or a while, with its effects before it."""
        raise NotImplementedError

    def at(self, node: ast.AST) -> Place:
        return self.source.place(node)

    def set_local(self, name: str, expr: Expr, node: ast.AST) -> None:
        variable = self.local(name, expr.type, node)
        self.out.append(Assign(self.at(node), variable, self.coerce(expr, variable.type, node, f"`{name}`")))

    def local(self, name: str, kind: Any, node: ast.AST) -> Variable:
        """The variable a local lives in; its type is what all assignments together need."""
        if name in self.fixed:
            self.source.unsupported(
                node, f"the loop variable `{name}` is assigned to inside its loop", "use another local"
            )
        if isinstance(self.scope.get(name), Ref):
            self.source.unsupported(node, f"`{name}` names a place, and now a value", "use two names")
        self.stale.discard(name)
        if name in self.declared:
            joined = self.context.types.setdefault((*self.instance, name), self.declared[name])
        else:
            joined = self.context.learn((*self.instance, name), kind)
        if joined is None:
            old = self.context.types[(*self.instance, name)]
            self.source.type_error(
                node, f"`{name}` was {describe(old)}, and is now {describe(kind)}", "use two names"
            )
        if name not in self.variables:
            origin = Origin(len(self.chain), name)
            self.variables[name] = Variable(name, joined, unique(self.names, name), origin)
        variable = self.variables[name]
        variable.type = joined
        self.scope[name] = Read(joined, variable)
        return variable

    def bind_snapshot(self, name: str, value: Snapshot, node: ast.AST) -> None:
        """Each leaf in a local of its own."""
        reads: list[Expr] = []
        for number, expr in enumerate(value.leaves):
            hidden = f"{name}.{number}"
            if hidden not in self.variables:
                origin = Origin(len(self.chain), name, leaf=number)
                cname = unique(self.names, f"{name}_leaf")
                self.variables[hidden] = Variable(hidden, expr.type, cname, origin)
            variable = self.variables[hidden]
            expr = self.coerce(expr, variable.type, node, f"`{name}`")
            self.out.append(Assign(self.at(node), variable, expr))
            reads.append(Read(variable.type, variable))
        self.scope[name] = Snapshot(value.type, tuple(reads))

    def bind_reference(self, name: str, ref: Ref, node: ast.AST) -> None:
        """The indexes are evaluated now, into locals of their own; the fields are read through them later."""
        if name in self.variables:
            self.source.unsupported(node, f"`{name}` is a value elsewhere, and a place here", "use two names")
        old = self.scope.get(name)
        if isinstance(old, Ref) and (old.key, old.root) != (ref.key, ref.root):
            self.source.unsupported(node, f"`{name}` names two different kinds of place", "use two names")
        index: list[Expr] = []
        once = times_assigned(self.source, name) <= 1
        for component, expr in enumerate(ref.index):
            if once and (
                isinstance(expr, Literal) or (isinstance(expr, Read) and expr.variable in self.constant)
            ):
                index.append(expr)  # it never changes: no copy is needed
                continue
            hidden = f"{name}.{component}"
            if hidden not in self.variables:
                origin = Origin(len(self.chain), name, component)
                self.variables[hidden] = Variable(hidden, expr.type, unique(self.names, f"{name}_at"), origin)
            variable = self.variables[hidden]
            self.out.append(Assign(self.at(node), variable, expr))
            index.append(Read(variable.type, variable))
        self.stale.discard(name)
        self.scope[name] = Ref(ref.root, ref.key, ref.sizes, tuple(index), ref.type)

    def keep(self, expr: Expr, node: ast.AST) -> Expr:
        """Evaluate now, in a C local that no program point needs."""
        variable = Variable("kept", expr.type, unique(self.names, "kept"))
        self.out.append(Assign(self.at(node), variable, expr))
        return Read(expr.type, variable)

    def bind_parameter(self, name: str, value: Value, node: ast.AST) -> None:
        """A caller stands still while its sub-operation runs, so its locals can be read in place."""
        if (
            name not in self.locals
            and isinstance(value, (Ref, Read))
            and all(isinstance(i, Read) for i in getattr(value, "index", ()))
        ):
            self.scope[name] = value
        elif isinstance(value, Ref):
            self.bind_reference(name, value, node)
        elif isinstance(value, Constant) and (
            type_of_constant(value.value) is None or name not in self.locals
        ):
            self.scope[name] = value  # a constant argument stays a constant: it costs no bits
        else:
            kind = self.annotated(self.source, name)
            if name in self.locals and kind is not None and is_scalar(kind):
                self.declared[name] = kind  # what it is rebound to must fit as well
            self.set_local(name, self.as_expr(value, node), node)

    def store(self, place: Ref, expr: Expr, node: ast.AST, updates: bool = False) -> None:
        leaf = self.unit.leaf(place.key, place.sizes, place.type)
        value = self.coerce(
            expr, place.type, node, f"`{place.key[-1] if place.key[-1] != '[]' else self.source.text(node)}`"
        )
        self.out.append(Store(self.at(node), place.root, leaf, place.index, value, updates))

    def give_results(self, kind: Any) -> None:
        """Every return so far hands over a value of `kind`."""
        for each in self.results:
            each.stmt.value = self.coerce(each.value, kind, each.node, "the result")

    def result_variable(self, kind: Any) -> Variable:
        if "return" not in self.variables:
            self.variables["return"] = Variable("return", kind, unique(self.names, "returned"))
        self.variables["return"].type = kind
        return self.variables["return"]
