"""Python statements → typed IR: operations with their sub-operations inlined, helpers, and properties."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from checker.compiler import arithmetic
from checker.compiler.codes import BOOL, NoneOnly, code_range, describe, is_number, is_scalar, join
from checker.compiler.helpers import _UNDER_WAY, Helpers, statements_of
from checker.compiler.ir import (
    Apply,
    Assign,
    Bits,
    Block,
    Check,
    Choose,
    Expr,
    Fold,
    For,
    Helper,
    If,
    Jump,
    Leave,
    Literal,
    Origin,
    Perform,
    Point,
    Read,
    Return,
    Rows,
    Site,
    Span,
    Stmt,
    Store,
    Variable,
    When,
    While,
    Yield,
    walk,
)
from checker.compiler.source import Extent, Place, Source, extent, source_of
from checker.compiler.unit import Unit, unique
from checker.compiler.values import Constant, Family, Method, Pair, Ref, Value
from checker.language import steps
from checker.language.errors import CheckerError
from checker.language.place import copy_into
from checker.language.types import ArrayType, IndexType, RangeType, RecordType, SetType, evaluated, resolve
from checker.language.waits import is_bare_yield, is_wait

PASSES = 12  # rounds of type inference before a local is called unbounded
LOOP_LIMIT = 4096


@dataclass
class Context:
    """Shared by a C function and everything inlined into it."""

    types: dict[tuple[str, ...], Any] = field(
        default_factory=dict
    )  # (instance …, local) → type, kept between passes
    changed: bool = False
    points: list[Point] = field(default_factory=list)
    names: dict[str, int] = field(default_factory=dict)
    labels: int = 0

    def learn(self, key: tuple[str, ...], kind: Any) -> Any:
        """Widen what is known of a local's type; None if the two do not fit."""
        old = self.types.get(key)
        new = kind if old is None else join(old, kind)
        if new is not None and new != old:
            self.types[key] = new
            self.changed = True
        return new


class Statements(Helpers):
    def __init__(
        self, unit: Unit, source: Source, names: dict[str, int], context: Context | None = None
    ) -> None:
        super().__init__(unit, source, names)
        self.context = context or Context(names=names)
        self.instance: tuple[str, ...] = ()
        self.chain: tuple[Place, ...] = ()  # the suspended `yield from`s around this sub-operation
        self.variables: dict[str, Variable] = {}
        self.declared: dict[str, Any] = {}
        self.constant: set[Variable] = set()  # the actor and parameters that are never rebound
        self.fixed: set[str] = set()  # variables of the loops we are in: they cannot be rebound
        self.block: Block | None = None  # the sub-operation being inlined
        self.is_operation = False
        self.result_key: tuple[str, ...] | None = None
        self.out: list[Stmt] = []

    # -- bodies -------------------------------------------------------------------------------------------------

    def lower_body(self, stmts: list[ast.stmt]) -> list[Stmt]:
        saved, self.out = self.out, []
        position = 0
        while position < len(stmts):
            stmt = stmts[position]
            following = stmts[position + 1] if position + 1 < len(stmts) else None
            if is_bare_yield(stmt) and following is not None and is_wait(following):
                self._yield(stmt, following)
                position += 1
            else:
                self.statement(stmt)
            position += 1
        body, self.out = self.out, saved
        return body

    def statement(self, node: ast.stmt) -> None:
        method = getattr(self, f"_do_{type(node).__name__.lower()}", None)
        if method is None:
            advice = {
                "Try": "exceptions are no control flow in a model: return a result",
                "With": "write the steps before and after it",
                "FunctionDef": "define helpers at the top of the file",
                "Import": "import at the top of the file",
                "Match": "use if / elif",
            }.get(type(node).__name__, "use assignments, if, for, while, assert, yield and calls")
            self.source.unsupported(node, f"`{type(node).__name__.lower()}` is not in the language", advice)
        method(node)

    def at(self, node: ast.AST) -> Place:
        return self.source.place(node)

    def _do_pass(self, node: ast.Pass) -> None:
        pass

    def _do_break(self, node: ast.Break) -> None:
        self.out.append(Jump(self.at(node), "break"))

    def _do_continue(self, node: ast.Continue) -> None:
        self.out.append(Jump(self.at(node), "continue"))

    # -- assignments --------------------------------------------------------------------------------------------

    def _do_assign(self, node: ast.Assign) -> None:
        if len(node.targets) != 1:
            self.source.unsupported(
                node, "several targets in one assignment", "write one assignment for each"
            )
        self.assign(node.targets[0], node.value, node)

    def _do_annassign(self, node: ast.AnnAssign) -> None:
        if not isinstance(node.target, ast.Name):
            self.source.unsupported(node, "only a local can be annotated", "annotate fields in their class")
        if (
            isinstance(node.annotation, ast.Name) and node.annotation.id == "int"
        ):  # says nothing about its range
            if node.value is not None:
                self.assign(node.target, node.value, node)
            return
        try:
            kind = resolve(evaluated(ast.unparse(node.annotation), self.source.names), self.unit.world.bounds)
        except CheckerError as error:
            self.source.type_error(
                node.annotation,
                f"this annotation is no type of the language ({error})",
                "use bool, an Enum, an Index, Range(lo, hi), T | None, Set[T]",
            )
        self.declared[node.target.id] = kind
        if node.value is not None:
            self.assign(node.target, node.value, node)

    def _do_augassign(self, node: ast.AugAssign) -> None:
        load = ast.parse(ast.unparse(node.target), mode="eval").body
        for part in ast.walk(load):
            ast.copy_location(part, node.target)
        combined = ast.copy_location(ast.BinOp(load, node.op, node.value), node)
        self.assign(node.target, combined, node)

    def assign(self, target: ast.expr, value: ast.expr, node: ast.stmt) -> None:
        if isinstance(target, ast.Name):
            self._assign_name(target, value, node)
        elif isinstance(target, ast.Tuple):
            self._assign_tuple(target, value, node)
        elif isinstance(target, (ast.Attribute, ast.Subscript)):
            self._assign_place(target, value, node)
        else:
            self.source.unsupported(target, "this cannot be assigned to", "assign to a local or to a field")

    def _assign_name(self, target: ast.Name, value: ast.expr, node: ast.stmt) -> None:
        result = self.effect(value, target.id)
        if isinstance(result, Ref):
            self._bind_reference(target.id, result, node)
        elif isinstance(result, Family):
            self.source.unsupported(
                value, "a list of members cannot be kept in a local", "loop over it directly"
            )
        elif (isinstance(result, Constant) and inspect.isroutine(result.value)) or isinstance(result, Method):
            self.source.unsupported(
                value, "a function cannot be kept in a local", "call it where it is needed"
            )
        else:
            self.set_local(target.id, self.as_expr(result, value), node)

    def set_local(self, name: str, expr: Expr, node: ast.AST) -> None:
        variable = self.local(name, expr.type, node)
        if (
            isinstance(variable.type, SetType)
            and isinstance(expr.type, SetType)
            and variable.type != expr.type
        ):
            expr = self.coerce(expr, variable.type, node, f"`{name}`")
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
        elif isinstance(kind, SetType):
            joined = self._learn_set(name, kind)
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

    def _learn_set(self, name: str, kind: SetType) -> Any:
        key = (*self.instance, name)
        old = self.context.types.get(key)
        if old is None or (old == SetType(BOOL) and kind != old):
            self.context.types[key] = kind
            self.context.changed = True
            return kind
        return old if kind == SetType(BOOL) or kind == old else None

    def _bind_reference(self, name: str, ref: Ref, node: ast.AST) -> None:
        """The indexes are evaluated now and kept in locals of their own; the fields are read through them later."""
        if name in self.variables:
            self.source.unsupported(node, f"`{name}` is a value elsewhere, and a place here", "use two names")
        old = self.scope.get(name)
        if isinstance(old, Ref) and (old.key, old.root) != (ref.key, ref.root):
            self.source.unsupported(node, f"`{name}` names two different kinds of place", "use two names")
        index: list[Expr] = []
        once = _times_assigned(self.source, name) <= 1
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

    def _assign_tuple(self, target: ast.Tuple, value: ast.expr, node: ast.stmt) -> None:
        result = self.effect(value, "entry")
        if isinstance(result, Constant) and isinstance(result.value, tuple):
            result = Pair(tuple(Constant(item) for item in result.value))
        if isinstance(result, Pair):
            items = [self.as_expr(item, node) for item in result.items]
        else:
            expr = self.as_expr(result, value)
            if not hasattr(expr.type, "items"):
                self.source.type_error(
                    value, f"{describe(expr.type)} cannot be taken apart", "assign it to one name"
                )
            items = self.parts(self._keep(expr, node))
        if len(items) != len(target.elts):
            self.source.type_error(
                node,
                f"{len(items)} values for {len(target.elts)} names",
                "use as many names as there are values",
            )
        kept = [self._keep(item, node) for item in items]
        for name, item in zip(target.elts, kept, strict=True):
            if isinstance(name, ast.Name):
                self.set_local(name.id, item, node)
            else:
                self.store(self._target(name), item, node)

    def _keep(self, expr: Expr, node: ast.AST) -> Expr:
        """Evaluate now, in a C local that no program point needs."""
        variable = Variable("kept", expr.type, unique(self.names, "kept"))
        self.out.append(Assign(self.at(node), variable, expr))
        return Read(expr.type, variable)

    def _target(self, node: ast.expr) -> Ref:
        if isinstance(node, ast.Subscript):
            owner = self.value(node.value)
            if isinstance(owner, Ref) and isinstance(owner.type, ArrayType):
                return self.element(owner, node)
        if isinstance(node, ast.Attribute):
            owner = self.value(node.value)
            if isinstance(owner, Ref) and isinstance(owner.type, RecordType):
                for name, kind, _ in owner.type.fields:
                    if name == node.attr:
                        return Ref(owner.root, (*owner.key, name), owner.sizes, owner.index, kind)
                self._field(owner, owner.type, node)  # says which fields there are
        self.source.unsupported(
            node,
            f"{self.source.text(node)} cannot be assigned to",
            "assign to a field of the state or to a local",
        )

    def _assign_place(self, target: ast.expr, value: ast.expr, node: ast.stmt) -> None:
        result = self.effect(value, "value")
        place = self._target(target)
        if isinstance(result, Ref) and not isinstance(place.type, SetType):
            self.source.unsupported(
                node,
                "a place is assigned to a place",
                f"copy the contents: copy_into({self.source.text(target)}, {self.source.text(value)})",
            )
        if isinstance(place.type, SetType):
            if isinstance(result, Ref):
                self.source.unsupported(
                    node,
                    "a set of the state is assigned to a place",
                    f"copy it: {self.source.text(target)}.assign({self.source.text(value)})",
                )
            self.store(place, self.as_expr(result, value), node)
            return
        if not is_scalar(place.type):
            self.source.unsupported(
                node,
                f"{describe(place.type)} cannot be assigned as a whole",
                "assign its fields, or use .assign(...) or copy_into(...)",
            )
        self.store(place, self.as_expr(result, value), node)

    def store(self, place: Ref, expr: Expr, node: ast.AST, updates: bool = False) -> None:
        leaf = self.unit.leaf(place.key, place.sizes, place.type)
        value = self.coerce(
            expr, place.type, node, f"`{place.key[-1] if place.key[-1] != '[]' else self.source.text(node)}`"
        )
        self.out.append(Store(self.at(node), place.root, leaf, place.index, value, updates))

    # -- effects on the right side ------------------------------------------------------------------------------

    def effect(self, node: ast.expr, name: str) -> Value:
        """The whole right side of an assignment, or a whole condition: choices and helpers with effects may stand here."""
        if isinstance(node, ast.YieldFrom):
            return self._sub_operation(node)
        if isinstance(node, ast.Yield):
            self.source.unsupported(node, "`yield` has no value", "make it a statement of its own")
        if isinstance(node, ast.Call):
            function = self.value(node.func)
            if isinstance(function, Constant) and function.value is steps.choose:
                return self._choose(node, name)
            helper, arguments = self._plain_function(function, node)
            if helper is not None:
                return self._perform(helper, arguments, node)
        return self.value(node)

    def _plain_function(
        self, function: Value, node: ast.Call
    ) -> tuple[Callable[..., Any] | None, list[Value]]:
        if (
            isinstance(function, Constant)
            and inspect.isfunction(function.value)
            and function.value.__module__ != steps.__name__
        ):
            if function.value is copy_into or function.value.__module__.startswith("checker.language"):
                return None, []
            return function.value, self.arguments(function.value, node)
        if (
            isinstance(function, Method)
            and isinstance(function.owner, Ref)
            and isinstance(function.owner.type, RecordType)
        ):
            return function.function, self.arguments(function.function, node, function.owner)
        return None, []

    def _perform(self, function: Callable[..., Any], arguments: list[Value], node: ast.Call) -> Value:
        reference = self.inline_reference(function, arguments, node)
        if reference is not None:
            return reference
        helper, roots, exprs = self.specialise(function, arguments, node)
        if not helper.effects:
            return self.call_helper(function, arguments, node)
        variable = None
        if helper.result is not None and not isinstance(helper.result, NoneOnly):
            variable = Variable("result", helper.result, unique(self.names, "result"))
        self.out.append(Perform(self.at(node), variable, helper, roots, exprs))
        return Constant(None) if variable is None else Read(variable.type, variable)

    def _choose(self, node: ast.Call, name: str) -> Value:
        empty = Site(
            "model error", f"nothing left to choose, after a write: {self.source.text(node)}", self.at(node)
        )
        options: tuple[Expr, ...] = ()
        fold: Fold | None = None
        if len(node.args) == 1 and isinstance(node.args[0], (ast.GeneratorExp, ast.ListComp, ast.SetComp)):
            only = node.args[0]
            folded = self.fold("choose", only.elt, only.generators, node)
            assert isinstance(folded, Fold)
            fold, kind = folded, folded.type
        elif len(node.args) == 1 and self._is_collection(node.args[0]):
            domain, kind = self.domain(node.args[0])
            variable = self.fresh("candidate", kind)
            fold = Fold(kind, "choose", ((variable, domain),), ((),), ((),), Read(kind, variable))
        else:
            values = [self.scalar(argument) for argument in node.args]
            kind = self._joined([value.type for value in values], node)
            options = tuple(self.coerce(value, kind, node, "a choice") for value in values)
        variable = Variable(name, kind, unique(self.names, f"chosen_{name}"))
        self.out.append(Choose(self.at(node), variable, options, fold, empty))
        return Read(kind, variable)

    def _is_collection(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "range":
            return True
        value = self._iterated(node)
        if isinstance(value, Constant):
            return isinstance(value.value, (type, range, tuple, list, set, frozenset))
        return isinstance(value, Family) or isinstance(getattr(value, "type", None), SetType)

    def _joined(self, kinds: list[Any], node: ast.AST) -> Any:
        if not kinds:
            self.source.unsupported(node, "choose() of nothing", "name the alternatives")
        result = kinds[0]
        for kind in kinds[1:]:
            result = join(result, kind)
            if result is None:
                self.source.type_error(node, "the alternatives are of several types", "give all one type")
        return result

    def condition(self, node: ast.expr) -> Expr:
        """The test of an if or a while; a choice or a helper with effects may be all of it, or all of it negated."""
        if (
            isinstance(node, ast.UnaryOp)
            and isinstance(node.op, ast.Not)
            and isinstance(node.operand, ast.Call)
            and not self.conditions
        ):
            operand = self.condition(node.operand)
            return (
                Literal(BOOL, 1 - operand.code)
                if isinstance(operand, Literal)
                else Apply(BOOL, "!{0}", (operand,))
            )
        if isinstance(node, ast.Call):
            result = self.effect(node, "holds")
            expr = self.as_expr(result, node)
            if expr.type == BOOL:
                number = self.conditions.get(extent(node))
                return expr if number is None else self.boolean(node)
        return self.boolean(node)

    # -- control ------------------------------------------------------------------------------------------------

    def _do_if(self, node: ast.If) -> None:
        test = self.condition(node.test)
        if isinstance(test, Literal):
            self.out += self.lower_body(node.body if test.code else node.orelse)
            return
        before = dict(self.scope)
        then = self.lower_body(node.body)
        after_then, self.scope = self.scope, before
        orelse = self.lower_body(node.orelse)
        self.scope = {**after_then, **self.scope}
        self.out.append(If(self.at(node), test, then, orelse))

    def _do_while(self, node: ast.While) -> None:
        if node.orelse:
            self.source.unsupported(node, "`else` after a loop", "use a local bool")
        if is_wait(node):
            self._yield(node.body[0], node, always=False)
            return
        saved, self.out = self.out, []
        test = self.condition(node.test)
        before, self.out = self.out, saved
        body = self.lower_body(node.body)
        bound = None
        if not has_yield(node.body):
            bound = Site("model error", f"a loop went round more than {LOOP_LIMIT} times", self.at(node))
        elif isinstance(test, Literal) and not test.code:
            return
        self.out.append(While(self.at(node), before, test, body, bound))

    def _do_for(self, node: ast.For) -> None:
        if node.orelse:
            self.source.unsupported(node, "`else` after a loop", "use a local bool")
        yields = has_yield(node.body)
        if isinstance(node.iter, ast.Call):
            function = self.value(node.iter.func)
            if isinstance(function, Constant) and function.value is steps.any_order:
                self._any_order(node, node.iter, yields)
                return
        domain, member = self.domain(node.iter)
        if yields:
            self._check_resumable(node, domain)
        if isinstance(node.target, ast.Name):
            variable = self.local(node.target.id, member, node)
            names, bound = [node.target.id], []
        else:
            variable, bound = self.bind_target(node.target, member)
            names = [item.id for item in getattr(node.target, "elts", []) if isinstance(item, ast.Name)]
            if yields:
                self.source.unsupported(
                    node,
                    "a tuple is taken apart by a loop around a yield",
                    "loop over one Index, and read the rest from the state",
                )
        self.fixed |= set(names)
        body: list[Stmt] = [Assign(self.at(node), inner, part) for inner, part in bound]
        body += self.lower_body(node.body)
        self.fixed -= set(names)
        self.stale |= set(names)
        self.out.append(For(self.at(node), variable, domain, body, yields))

    def _check_resumable(self, node: ast.For, domain: Any) -> None:
        """Around a yield, where the loop stands must follow from its variable and locals that the loop leaves alone."""
        if isinstance(domain, Bits) or (
            isinstance(domain, Span) and not all(isinstance(e, Literal) for e in domain.children())
        ):
            self.source.unsupported(
                node.iter,
                "a loop around a yield ranges over something that changes",
                "loop over an Index, an Enum, a constant range, a pure function of locals, or any_order(S)",
            )
        if isinstance(domain, Rows):
            rebound = {
                n.id
                for stmt in node.body
                for n in ast.walk(stmt)
                if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
            }
            read = {n.id for n in ast.walk(node.iter) if isinstance(n, ast.Name)}
            if rebound & read:
                self.source.unsupported(
                    node,
                    f"`{min(rebound & read)}` is rebound inside the loop that ranges over it",
                    "use another local",
                )

    def _any_order(self, node: ast.For, call: ast.Call, yields: bool) -> None:
        if len(call.args) != 1 or not isinstance(node.target, ast.Name):
            self.source.unsupported(
                node, "any_order() takes one collection, and one name", "write for x in any_order(S):"
            )
        domain, member = self.domain(call.args[0])
        kind = self._set_type(member, node)
        element = self.fresh("member", member)
        whole = Fold(kind, "set", ((element, domain),), ((),), ((),), Read(member, element))
        todo = Variable(
            "todo",
            kind,
            unique(self.names, f"todo_{node.target.id}"),
            Origin(len(self.chain), node.target.id, todo=True),
        )
        self.out.append(Assign(self.at(node), todo, whole))
        left = Read(kind, todo)
        variable = self.local(node.target.id, member, node)
        candidate = self.fresh("candidate", member)
        site = Site("model error", "nothing left to choose", self.at(node))
        fold = Fold(member, "choose", ((candidate, Bits(left)),), ((),), ((),), Read(member, candidate))
        picked: list[Stmt] = [
            Choose(self.at(node), variable, (), fold, site),
            Assign(
                self.at(node),
                todo,
                Apply(kind, "({0} & ~{1})", (left, arithmetic.element_bit(kind, Read(member, variable)))),
            ),
        ]
        self.fixed.add(node.target.id)
        body = picked + self.lower_body(node.body)
        self.fixed.discard(node.target.id)
        self.stale.add(node.target.id)
        bound = None if yields else Site("model error", "a loop went round too often", self.at(node))
        self.out.append(While(self.at(node), [], Apply(BOOL, "({0} != 0)", (left,)), body, bound))

    def _do_assert(self, node: ast.Assert) -> None:
        test = self.boolean(node.test)
        message = node.msg.value if isinstance(node.msg, ast.Constant) else self.source.text(node.test)
        self.out.append(Check(self.at(node), test, Site("assert", str(message), self.at(node))))

    def _do_return(self, node: ast.Return) -> None:
        if self.is_operation and self.block is None:
            if node.value is not None and not isinstance(node.value, (ast.Constant, ast.Name, ast.Attribute)):
                self.effect(node.value, "result")
            self.out.append(Return(self.at(node), None))
            return
        value = Constant(None) if node.value is None else self._returned(node.value)
        if isinstance(value, Ref) and not isinstance(value.type, SetType):
            self.source.unsupported(
                node,
                "a place is returned",
                "return the index, or make the function a single `return k.array[i]`",
            )
        expr = self.as_expr(value, node)
        assert self.result_key is not None
        kind = (
            self._learn_set_key(self.result_key, expr.type)
            if isinstance(expr.type, SetType)
            else self.context.learn(self.result_key, expr.type)
        )
        if kind is None:
            self.source.type_error(
                node,
                f"this function returned {describe(self.context.types[self.result_key])}, and here {describe(expr.type)}",
                "return one type",
            )
        self.finish_return(self.coerce(expr, kind, node, "the result"), node)

    def _learn_set_key(self, key: tuple[str, ...], kind: Any) -> Any:
        old = self.context.types.setdefault(key, kind)
        if old == SetType(BOOL) and kind != old:
            self.context.types[key] = kind
            self.context.changed = True
            return kind
        return old if kind in (old, SetType(BOOL)) else None

    def _returned(self, node: ast.expr) -> Value:
        if extent(node) in self.conditions:
            return self.boolean(node)
        return self.effect(node, "result")

    def finish_return(self, expr: Expr, node: ast.AST) -> None:
        if self.block is None:
            self.out.append(Return(self.at(node), expr))
            return
        assert self.result_key is not None
        variable = self._result_variable(expr.type)
        self.out.append(Assign(self.at(node), variable, expr))
        self.out.append(Leave(self.at(node), self.block))

    def _result_variable(self, kind: Any) -> Variable:
        if "return" not in self.variables:
            self.variables["return"] = Variable("return", kind, unique(self.names, "returned"))
        self.variables["return"].type = kind
        return self.variables["return"]

    # -- yields and sub-operations ------------------------------------------------------------------------------

    def _yield(self, node: ast.stmt, wait: ast.stmt | None = None, always: bool = True) -> None:
        """A bare yield; a wait; or a yield directly followed by a wait, which is one program point with it."""
        if not self.is_operation:
            self.source.unsupported(
                node, "`yield` outside an operation", "only operations and sub-operations have program points"
            )
        places = [self.at(node.value) if isinstance(node, ast.Expr) else self.at(node)]
        test = None
        if isinstance(wait, ast.While):
            if always:
                inner = wait.body[0]
                assert isinstance(inner, ast.Expr)
                places.append(self.at(inner.value))
            test = self.boolean(wait.test)
        point = Point(
            [(*self.chain, place) for place in places],
            places[-1] if test is None else self.at(wait or node),
            self.source.tree.name if isinstance(self.source.tree, ast.FunctionDef) else "",
        )
        self.context.points.append(point)
        self.out.append(Yield(self.at(node), point, test, always))

    def _sub_operation(self, node: ast.YieldFrom) -> Value:
        if not isinstance(node.value, ast.Call):
            self.source.unsupported(node, "`yield from` needs a call", "write yield from f(...)")
        function, first = self.value(node.value.func), None
        if isinstance(function, Method):
            function, first = Constant(function.function), function.owner
        target = function.value if isinstance(function, Constant) else None
        if isinstance(target, steps.Operation):
            target = target.function
        if not inspect.isgeneratorfunction(target):
            self.source.type_error(
                node,
                f"{self.source.text(node.value.func)}() is no sub-operation",
                "yield from takes a function with `yield` in it",
            )
        source = source_of(target)
        place = self.at(node)
        name = f"{target.__name__}@{place.line}:{place.column}"
        if (
            any(part.startswith(f"{target.__name__}@") for part in self.instance)
            or target is self.source.function
        ):
            self.source.unsupported(
                node, f"{target.__name__}() calls itself", "write a loop; recursion is not in the language"
            )
        arguments = self.arguments(target, node.value, first)
        return self._inline(source, arguments, name, place, node)

    def _inline(
        self, source: Source, arguments: list[Value], name: str, place: Place, node: ast.YieldFrom
    ) -> Value:
        inner = type(self)(self.unit, source, self.names, self.context)
        inner.instance = (*self.instance, name)
        inner.chain = (*self.chain, place)
        inner.is_operation = True
        inner.locals = assigned_names(source)
        inner.result_key = (*inner.instance, "return")
        inner.out = self.out
        inner.constant = self.constant
        for parameter, value in zip(inspect.signature(source.function).parameters, arguments, strict=True):
            inner.bind_parameter(parameter, value, node)
        self.context.labels += 1
        inner.block = Block(place, f"{source.function.__name__}_done_{self.context.labels}", [])
        inner.block.body = inner.lower_body(statements_of(source))
        self.out.append(inner.block)
        kind = self.context.types.get(inner.result_key)
        if kind is None or isinstance(kind, NoneOnly):
            return Constant(None)
        if not _always_returns(statements_of(source)):
            kind = self.context.learn(inner.result_key, NoneOnly())
            inner.block.body.append(
                Assign(
                    place,
                    inner._result_variable(kind),
                    inner.coerce(Literal(NoneOnly(), -1), kind, node, "the result"),
                )
            )
        return Read(kind, inner._result_variable(kind))

    def bind_parameter(self, name: str, value: Value, node: ast.AST) -> None:
        """While a sub-operation runs its caller stands still, so the caller's own locals can be read through."""
        if (
            name not in self.locals
            and isinstance(value, (Ref, Read))
            and all(isinstance(i, Read) for i in getattr(value, "index", ()))
        ):
            self.scope[name] = value
        elif isinstance(value, Ref):
            self._bind_reference(name, value, node)
        elif isinstance(value, Constant) and (not _is_value(value) or name not in self.locals):
            self.scope[name] = value  # a constant argument stays a constant: it costs no bits
        else:
            self.set_local(name, self.as_expr(value, node), node)

    # -- expression statements ----------------------------------------------------------------------------------

    def _do_expr(self, node: ast.Expr) -> None:
        if is_bare_yield(node):
            self._yield(node)
        elif isinstance(node.value, ast.Constant):
            pass
        elif isinstance(node.value, ast.YieldFrom):
            self._sub_operation(node.value)
        elif isinstance(node.value, ast.Call):
            self._statement_call(node.value)
        else:
            self.source.unsupported(node, "this statement has no effect", "assign it, or remove it")

    def _statement_call(self, node: ast.Call) -> None:
        function = self.value(node.func)
        if isinstance(function, Constant) and function.value is steps.when:
            self.out.append(When(self.at(node), self.boolean(node.args[0])))
        elif isinstance(function, Constant) and function.value is steps.assumed:
            text = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else ""
            self.unit.assumed.append(f"{self.at(node).shown_file}:{node.lineno}: {text}")
        elif isinstance(function, Constant) and function.value is copy_into:
            self._copy(node)
        elif (
            isinstance(function, Method)
            and isinstance(function.owner, Ref)
            and isinstance(function.owner.type, SetType)
        ):
            self._set_statement(function, function.owner, node)
        elif isinstance(function, Method) and isinstance(function.owner, Ref) and function.name == "assign":
            self._assign_fields(function.owner, node)
        else:
            self.effect(node, "ignored")

    def _set_statement(self, method: Method, place: Ref, node: ast.Call) -> None:
        kind = place.type
        assert isinstance(kind, SetType)
        old = self.load(place)
        if method.name == "clear":
            self.store(place, Literal(kind, 0), node)
        elif method.name in ("update", "assign") and len(node.args) == 1:
            value = self._members(kind, node.args[0])
            self.store(
                place,
                value if method.name == "assign" else Apply(kind, "({0} | {1})", (old, value)),
                node,
                method.name == "update",
            )
        elif method.name in ("add", "discard", "remove") and len(node.args) == 1:
            member = self._keep(self.as_member(kind, node.args[0]), node)
            if method.name == "remove":
                site = Site(
                    "model error", f"{self.source.text(node.args[0])} is not in the set", self.at(node)
                )
                self.out.append(Check(self.at(node), arithmetic.member_of(kind, old, member), site))
            template = "({0} | {1})" if method.name == "add" else "({0} & ~{1})"
            self.store(place, Apply(kind, template, (old, arithmetic.element_bit(kind, member))), node, True)
        else:
            self.source.unknown(
                node,
                f"a set has no method `{method.name}` here",
                "use add, discard, remove, clear, update or assign",
            )

    def _members(self, kind: SetType, node: ast.expr) -> Expr:
        if isinstance(node, (ast.GeneratorExp, ast.ListComp)):
            return self.coerce(self.fold("set", node.elt, node.generators, node), kind, node, "the set")
        domain, member = self.domain(node)
        variable = self.fresh("member", member)
        fold = Fold(SetType(member), "set", ((variable, domain),), ((),), ((),), Read(member, variable))
        return self.coerce(fold, kind, node, "the set")

    def _assign_fields(self, place: Ref, node: ast.Call) -> None:
        if node.args or not isinstance(place.type, RecordType):
            self.source.unsupported(node, ".assign() of a record takes field=value", "name the fields")
        fields = {name: kind for name, kind, _ in place.type.fields}
        values = []
        for keyword in node.keywords:
            if keyword.arg not in fields:
                self._field(
                    place,
                    place.type,
                    ast.copy_location(
                        ast.Attribute(node.func, keyword.arg or "**", ast.Load()), keyword.value
                    ),
                )
            assert keyword.arg is not None
            target = Ref(place.root, (*place.key, keyword.arg), place.sizes, place.index, fields[keyword.arg])
            values.append((target, self._keep(self.scalar(keyword.value), node)))
        for target, value in values:
            self.store(target, value, node)

    def _copy(self, node: ast.Call) -> None:
        destination, origin = self.value(node.args[0]), self.value(node.args[1])
        if not (isinstance(destination, Ref) and isinstance(origin, Ref)) or destination.type != origin.type:
            self.source.type_error(
                node,
                "copy_into() takes two places of one type",
                "name two records, arrays or sets of the state",
            )
        pairs = list(zip(self._leaves(destination), self._leaves(origin), strict=True))
        values = [self._keep(self.load(source), node) for _, source in pairs]
        for (target, _), value in zip(pairs, values, strict=True):
            self.store(target, value, node)

    def _leaves(self, ref: Ref) -> Iterator[Ref]:
        if isinstance(ref.type, RecordType):
            for name, kind, _ in ref.type.fields:
                yield from self._leaves(Ref(ref.root, (*ref.key, name), ref.sizes, ref.index, kind))
        elif isinstance(ref.type, ArrayType):
            kind = IndexType(ref.type.index)
            size = len(ref.type.index)
            for number in range(size):
                yield from self._leaves(
                    Ref(
                        ref.root,
                        (*ref.key, "[]"),
                        (*ref.sizes, size),
                        (*ref.index, Literal(kind, number)),
                        ref.type.of,
                    )
                )
        else:
            yield ref

    # -- whole functions ----------------------------------------------------------------------------------------

    def lower_helper(
        self,
        key: Any,
        helper: Helper,
        source: Source,
        scope: dict[str, Value],
        taken: dict[str, int],
        node: ast.AST,
    ) -> None:
        self.unit.helpers[key] = _UNDER_WAY
        helper.place = source.place(source.tree)
        lower_function(self.unit, helper, source, scope, taken, {})
        del self.unit.helpers[key]  # entered anew, after the helpers that it calls: C wants them first
        self.unit.helpers[key] = helper


def lower_function(
    unit: Unit,
    helper: Helper,
    source: Source,
    scope: dict[str, Value],
    taken: dict[str, int],
    conditions: dict[Extent, int],
) -> None:
    """A helper or a property: its statements and the type of its result."""
    context = Context()
    for number in range(PASSES):
        context.changed = False
        context.names = dict(taken)
        lowering = Statements(unit, source, context.names, context)
        lowering.scope = dict(scope)
        lowering.locals = assigned_names(source)
        lowering.conditions = conditions
        lowering.result_key = ("return",)
        for name in [n for n in lowering.locals if n in scope]:
            _own_parameter(lowering, name, source)
        start = lowering.out
        body = start + lowering.lower_body(statements_of(source))
        if not context.changed:
            break
    else:
        _unbounded(source, context)
    helper.body = body
    helper.result = context.types.get(("return",))
    if (
        helper.result is not None
        and not isinstance(helper.result, NoneOnly)
        and not _always_returns(statements_of(source))
    ):
        kind = join(helper.result, NoneOnly()) if is_scalar(helper.result) else None
        if kind is None:
            source.type_error(
                source.tree,
                f"{source.function.__name__}() does not return a value on every path",
                "end it with a return",
            )
        helper.result = kind
        helper.body = [_widen(stmt, kind) for stmt in body] + [
            Return(source.place(source.tree), Literal(kind, code_range(kind)[0]))
        ]
    inner = list(walk(helper.body))
    helper.writes = any(isinstance(s, Store) or (isinstance(s, Perform) and s.helper.writes) for s in inner)
    helper.chooses = any(
        isinstance(s, (Choose, When, Check)) or (isinstance(s, Perform) and s.helper.chooses) for s in inner
    )


def _widen(stmt: Stmt, kind: Any) -> Stmt:
    for inner in walk([stmt]):
        if isinstance(inner, Return) and inner.value is not None:
            inner.value = Apply(kind, "{0}", (inner.value,))
    return stmt


def _own_parameter(lowering: Statements, name: str, source: Source) -> None:
    """A parameter that is assigned to becomes an ordinary local that starts with its value."""
    value = lowering.scope.pop(name)
    if isinstance(value, Ref):
        lowering.scope[name] = value
        return
    lowering.set_local(name, lowering.as_expr(value, source.tree), source.tree)


def _unbounded(source: Source, context: Context) -> None:
    number = [key[-1] for key, kind in context.types.items() if is_number(kind)]
    source.type_error(
        source.tree,
        f"a number keeps growing (one of: {', '.join(sorted(set(number)))})",
        "say how large it can get: n: Range(0, 7) = 0",
    )


def lower_operation(
    unit: Unit, source: Source, scope: dict[str, Value]
) -> tuple[list[Stmt], Context, dict[str, Variable]]:
    """An operation's statements, its program points and its parameters."""
    context = Context()
    for _ in range(PASSES):
        context.changed = False
        context.points, context.names, context.labels = [], {"me": 1, "pc": 1}, 0
        lowering = Statements(unit, source, context.names, context)
        lowering.scope = dict(scope)
        lowering.is_operation = True
        lowering.locals = assigned_names(source)
        parameters: dict[str, Variable] = {}
        for name, value in scope.items():
            if isinstance(value, Read) and value.variable.cname == "me":
                lowering.constant.add(value.variable)
            if isinstance(value, Read):
                variable = Variable(
                    name,
                    value.type,
                    "me" if value.variable.cname == "me" else unique(context.names, name),
                    Origin(0, name),
                )
                if value.variable.cname == "me":
                    lowering.scope[name] = value
                    continue
                lowering.variables[name] = variable
                context.types[(name,)] = value.type
                lowering.scope[name] = Read(value.type, variable)
                parameters[name] = variable
                if name not in lowering.locals:
                    lowering.constant.add(variable)
        body = lowering.lower_body(statements_of(source))
        if not context.changed:
            return body, context, parameters
    _unbounded(source, context)
    raise AssertionError("unreachable")


def has_yield(stmts: list[ast.stmt]) -> bool:
    return any(isinstance(node, (ast.Yield, ast.YieldFrom)) for stmt in stmts for node in ast.walk(stmt))


def assigned_names(source: Source) -> set[str]:
    """Python's rule: a name that is assigned anywhere in a function is local to it."""
    comprehensions = {
        id(name)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.comprehension)
        for name in ast.walk(node.target)
    }
    return {
        node.id
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and id(node) not in comprehensions
    }


def _times_assigned(source: Source, name: str) -> int:
    return sum(
        isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Store)
        for n in ast.walk(source.tree)
    )


def _always_returns(stmts: list[ast.stmt]) -> bool:
    if not stmts:
        return False
    last = stmts[-1]
    if isinstance(last, ast.Return):
        return True
    if isinstance(last, ast.If):
        return _always_returns(last.body) and _always_returns(last.orelse)
    if isinstance(last, ast.While) and isinstance(last.test, ast.Constant) and last.test.value is True:
        return not any(isinstance(node, ast.Break) for stmt in last.body for node in ast.walk(stmt))
    return False


def _is_value(value: Constant) -> bool:
    from checker.compiler.codes import type_of_constant

    return type_of_constant(value.value) is not None


__all__ = ["RangeType", "lower_function", "lower_operation"]
