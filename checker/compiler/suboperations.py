"""Program points, and sub-operations inlined where they are called."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from typing import Any, NoReturn, Self

from checker.compiler.codes import BOOL, NoneOnly
from checker.compiler.ir import Literal, Read
from checker.compiler.ir_statements import (
    Assign,
    Block,
    Check,
    If,
    Jump,
    Point,
    Return,
    Site,
    Stmt,
    While,
    Yield,
)
from checker.compiler.locals import Activation, Locals
from checker.compiler.repeats import Given, Mark, Repeat
from checker.compiler.source import Place, Source, signature_of
from checker.compiler.syntax import always_returns, assigned_names, statements_of
from checker.compiler.values import Constant, Method, Value
from checker.language import steps
from checker.language.steps import SubOperation


class Unreachable(Exception):
    """The rest of a list of statements is never reached."""


class SubOperations(Locals):
    """Where an operation can be suspended."""

    def suspend(self, node: ast.stmt, wait: ast.stmt | None = None, always: bool = True) -> None:
        """A bare yield, a wait, or a yield directly before a wait, which is one program point with it."""
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
            if self.has_effects(wait.test):
                self._try(wait, self._point(places, wait, tries=True), always)
                return
            test = self.boolean(wait.test)
        self.out.append(Yield(self.at(node), self._point(places, wait), test, always))

    def _point(self, places: list[Place], wait: ast.stmt | None, tries: bool = False) -> Point:
        point = Point(
            [(*self.chain, place) for place in places],
            places[-1] if wait is None else self.at(wait),
            self.source.tree.name if isinstance(self.source.tree, ast.FunctionDef) else "",
            tries,
        )
        self.context.points.append(point)
        return point

    def _try(self, wait: ast.While, point: Point, always: bool) -> None:
        """`while not cas(...): yield`: a loop in which each round is a try, with what that changes."""
        saved, self.out = self.out, []
        test = self.condition(wait.test)
        tried, self.out = self.out, saved
        at = self.at(wait)
        tried.append(If(at, test, [], [Jump(at, "break")]))
        stop = Yield(at, point)
        body: list[Stmt] = [stop, *tried] if always else [*tried, stop]
        self.out.append(While(at, [], Literal(BOOL, 1), body, bound=None))

    def sub_operation(self, node: ast.YieldFrom) -> Value:
        """`yield from f(...)`: its statements in place of the call, and its result."""
        target, call, first = self._called(node)
        depth, function = (
            (target.depth, target.function) if isinstance(target, SubOperation) else (None, target)
        )
        self._refuse_endless(function, depth, node)
        self.context.entered.append(Activation(function, depth))
        arguments = self.arguments(function, call, first)
        if depth is not None and sum(each.function is function for each in self.calls) >= depth:
            self._too_deep(target, call)
        source = self.unit.source(function)
        self.unit.called(self.source.function, function)
        place = self.at(node)
        inner = self._inlined(source, f"{function.__name__}@{place.line}:{place.column}", place)
        inner.calls = (*self.calls, Activation(function, depth))
        for parameter, value in zip(signature_of(function).parameters, arguments, strict=True):
            inner.bind_parameter(parameter, value, node)
        return self._repeated(inner, source, node)

    def _repeated(self, inner: Self, source: Source, node: ast.YieldFrom) -> Value:
        """A copy of what a call like this one was lowered to; or else lowered, to be copied."""
        given = Given(inner.scope, inner.variables.values(), self.constant)
        if given.alike is None or not self.context.first:
            return self._inline(inner, source, node)
        key = source.function, given.alike
        known = self.unit.repeats.get(key)
        around = {each.function for each in inner.calls}
        if known is not None and around.isdisjoint(each.function for each in known.entered):
            block = known.again(inner.chain, given, self.context)
            self.out.append(block)
            return Constant(None) if block.result is None else Read(block.result.type, block.result)
        before = Mark.of(self.context)
        value = self._inline(inner, source, node)
        assert inner.block is not None
        # How deep it is counts where a depth is stated, and where a type has grown there is a second pass.
        entered = [inner.calls[-1], *self.context.entered[before.entered :]]
        if all(each.depth is None for each in entered) and not self.context.changed:
            self.unit.repeats[key] = Repeat(inner.block, inner.chain, given, before, self.context)
        return value

    def _refuse_endless(self, function: Callable[..., Any], depth: int | None, node: ast.YieldFrom) -> None:
        """A function may come to call itself if one on the way, or itself, says how deep."""
        for number, each in enumerate(self.calls):
            circle = self.calls[number:]
            if each.function is function and depth is None and all(call.depth is None for call in circle):
                names = " -> ".join([*(call.function.__name__ for call in circle), function.__name__])
                self.source.unsupported(
                    node,
                    f"{function.__name__}() calls itself: {names}",
                    "say how deep, above its `def`: @suboperation(depth=2); or write a loop",
                )

    def _too_deep(self, target: SubOperation, call: ast.Call) -> NoReturn:
        """Here the model goes wrong if it comes here; no statement after this one is ever reached."""
        place = self.at(call)
        message = target.too_deep([each.function.__name__ for each in self.calls])
        self.out.append(Check(place, Literal(BOOL, 0), Site("model error", message, place)))
        self.out.append(Return(place, None))
        raise Unreachable

    def _called(self, node: ast.YieldFrom) -> tuple[Any, ast.Call, Value | None]:
        """The generator function that is called, the call, and the record it is a method of."""
        call = node.value
        if not isinstance(call, ast.Call):
            self.source.unsupported(node, "`yield from` needs a call", "write yield from f(...)")
        function = self.value(call.func)
        target = function.function if isinstance(function, Method) else getattr(function, "value", None)
        if isinstance(target, steps.Operation):
            target = target.function
        if not (
            isinstance(target, SubOperation)
            or (inspect.isfunction(target) and inspect.isgeneratorfunction(target))
        ):
            self.source.type_error(
                node,
                f"{self.source.text(call.func)}() is no sub-operation",
                "yield from takes a function with `yield` in it",
            )
        return target, call, function.owner if isinstance(function, Method) else None

    def _inlined(self, source: Source, name: str, place: Place) -> Self:
        """What lowers a sub-operation: its own names, but the C function and the output of its caller."""
        inner = type(self)(self.unit, source, self.names, self.context)
        inner.instance = (*self.instance, name)
        inner.chain = (*self.chain, place)
        inner.is_operation = True
        inner.locals = assigned_names(source)
        inner.result_key = (*inner.instance, "return")
        inner.out = self.out
        inner.constant = self.constant
        return inner

    def _inline(self, inner: Self, source: Source, node: ast.YieldFrom) -> Value:
        place = self.at(node)
        self.context.labels += 1
        name = source.function.__name__
        given = list(inner.variables.values())
        inner.block = Block(place, f"{name}_done_{self.context.labels}", [], name, given)
        inner.block.body = inner.lower_body(statements_of(source))
        self.out.append(inner.block)
        assert inner.result_key is not None
        kind = self.context.types.get(inner.result_key)
        if kind is None and inner.ended:
            raise Unreachable
        if kind is None or isinstance(kind, NoneOnly):
            return Constant(None)
        if not inner.ended and not always_returns(statements_of(source)):
            kind = self.context.learn(inner.result_key, NoneOnly(), read=False)
            none = inner.coerce(inner.literal(None, node), kind, node, "the result")
            inner.block.body.append(Assign(place, inner.result_variable(kind), none))
        inner.give_results(kind)
        inner.block.result = inner.result_variable(kind)
        return Read(kind, inner.result_variable(kind))
