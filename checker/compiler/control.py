"""Branches, loops, asserts and returns."""

from __future__ import annotations

import ast
from typing import Any

from checker.compiler import arithmetic
from checker.compiler.codes import BOOL, describe
from checker.compiler.effects import Effects
from checker.compiler.ir import (
    Apply,
    Bits,
    Domain,
    Expr,
    Fold,
    Literal,
    Origin,
    Read,
    Rows,
    Selected,
    Span,
    Variable,
)
from checker.compiler.ir_statements import (
    LOOP_LIMIT,
    Assign,
    Check,
    Choose,
    For,
    If,
    Jump,
    Leave,
    Return,
    Site,
    Stmt,
    While,
)
from checker.compiler.locals import Result
from checker.compiler.source import extent
from checker.compiler.syntax import has_yield, names_assigned_in
from checker.compiler.unit import unique
from checker.compiler.values import Constant, Ref, Value
from checker.language import steps
from checker.language.types import SetType
from checker.language.waits import is_wait


class Control(Effects):
    """Loops around a `yield` can be resumed in their middle."""

    def do_pass(self, node: ast.Pass) -> None:
        pass

    def do_break(self, node: ast.Break) -> None:
        self.out.append(Jump(self.at(node), "break"))

    def do_continue(self, node: ast.Continue) -> None:
        self.out.append(Jump(self.at(node), "continue"))

    def do_if(self, node: ast.If) -> None:
        test = self.condition(node.test)
        if isinstance(test, Literal):
            self.out += self.lower_body(node.body if test.code else node.orelse)
            return
        before = dict(self.scope)
        then, ended = self.lower_body(node.body), self.ended
        after_then, self.scope = self.scope, before
        orelse = self.lower_body(node.orelse)
        self.ended = self.ended and ended
        self.scope = {**after_then, **self.scope}
        if isinstance(test, Selected) and not then and not orelse:
            return  # a variant of nothing is none
        self.out.append(If(self.at(node), test, then, orelse))

    def do_while(self, node: ast.While) -> None:
        if node.orelse:
            self.source.unsupported(node, "`else` after a loop", "use a local bool")
        if is_wait(node):
            self.suspend(node.body[0], node, always=False)
            return
        saved, self.out = self.out, []
        test = self.condition(node.test)
        before, self.out = self.out, saved
        body = self.lower_body(node.body)
        self.ended = False
        bound = None
        if not has_yield(node):
            text = f"a loop went round more than {LOOP_LIMIT} times (to wait, its body is `yield`)"
            bound = Site("model error", text, self.at(node))
        elif isinstance(test, Literal) and not test.code:
            return
        self.out.append(While(self.at(node), before, test, body, bound))

    def do_for(self, node: ast.For) -> None:
        if node.orelse:
            self.source.unsupported(node, "`else` after a loop", "use a local bool")
        yields = has_yield(node)
        if isinstance(node.iter, ast.Call):
            function = self.value(node.iter.func)
            if isinstance(function, Constant) and function.value is steps.any_order:
                self._any_order(node, node.iter, yields)
                return
        domain, member = self.domain(node.iter)
        if yields:
            self._check_resumable(node, domain)
        bound: list[tuple[Variable, Expr]] = []
        if isinstance(node.target, ast.Name):
            variable = self.local(node.target.id, member, node)
        else:
            variable, bound = self.bind_target(node.target, member)
        names = {name.id for name in ast.walk(node.target) if isinstance(name, ast.Name)}
        body: list[Stmt] = [Assign(self.at(node), inner, part) for inner, part in bound]
        body += self._round(node, names)
        self.out.append(For(self.at(node), variable, domain, body, yields))

    def _round(self, node: ast.For, names: set[str]) -> list[Stmt]:
        """The body of a loop, inside which its variables are fixed and after which they are unknown."""
        self.fixed |= names
        body = self.lower_body(node.body)
        self.ended = False
        self.fixed -= names
        self.stale |= names
        return body

    def _check_resumable(self, node: ast.For, domain: Domain) -> None:
        """A resumed loop finds its place from its variable, and from locals that the loop leaves alone."""
        constant = all(isinstance(end, Literal) for end in domain.children())
        if isinstance(domain, Bits) or (isinstance(domain, Span) and not constant):
            self.source.unsupported(
                node.iter,
                "a loop around a yield ranges over something that changes",
                "loop over an Index, an Enum, a constant range, a pure function of locals, or any_order(S)",
            )
        if not isinstance(node.target, ast.Name):
            self.source.unsupported(
                node,
                "a tuple is taken apart by a loop around a yield",
                "loop over one Index, and read the rest from the state",
            )
        read = {n.id for n in ast.walk(node.iter) if isinstance(n, ast.Name)}
        rebound = read & names_assigned_in(node.body) if isinstance(domain, Rows) else ()
        if rebound:
            self.source.unsupported(
                node,
                f"`{min(rebound)}` is rebound inside the loop that ranges over it",
                "use another local",
            )

    def _any_order(self, node: ast.For, call: ast.Call, yields: bool) -> None:
        """A set of what is left to do, and a choice from it in each round."""
        if len(call.args) != 1 or not isinstance(node.target, ast.Name):
            self.source.unsupported(
                node, "any_order() takes one collection, and one name", "write for x in any_order(S):"
            )
        name, at = node.target.id, self.at(node)
        domain, member = self.domain(call.args[0])
        kind = self.set_type(member, node)
        element = self.fresh("member", member)
        whole = Fold(kind, "set", ((element, domain),), ((),), ((),), Read(member, element))
        origin = Origin(len(self.chain), name, todo=True)
        todo = Variable("todo", kind, unique(self.names, f"todo_{name}"), origin)
        self.out.append(Assign(at, todo, whole))
        left = Read(kind, todo)
        variable = self.local(name, member, node)
        candidate = self.fresh("candidate", member)
        fold = Fold(member, "choose", ((candidate, Bits(left)),), ((),), ((),), Read(member, candidate))
        done = arithmetic.element_bit(kind, Read(member, variable))
        body: list[Stmt] = [
            Choose(at, variable, (), fold, Site("model error", "nothing left to choose", at)),
            Assign(at, todo, Apply(kind, "({0} & ~{1})", (left, done))),
        ]
        body += self._round(node, {name})
        bound = None if yields else Site("model error", "a loop went round too often", at)
        self.out.append(While(at, [], Apply(BOOL, "({0} != 0)", (left,)), body, bound))

    def do_assert(self, node: ast.Assert) -> None:
        test = self.boolean(node.test)
        message = node.msg.value if isinstance(node.msg, ast.Constant) else self.source.text(node.test)
        self.out.append(Check(self.at(node), test, Site("assert", str(message), self.at(node))))

    def do_return(self, node: ast.Return) -> None:
        """An operation's own result is nobody's: returning only makes its actor idle."""
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
        kind = self.context.learn(self.result_key, expr.type, read=False)
        if kind is None:
            known = describe(self.context.types[self.result_key])
            self.source.type_error(
                node, f"this function returned {known}, and here {describe(expr.type)}", "return one type"
            )
        self._finish(expr, kind, node)

    def _returned(self, node: ast.expr) -> Value:
        if extent(node) in self.conditions:
            return self.boolean(node)
        return self.effect(node, "result")

    def _finish(self, expr: Expr, kind: Any, node: ast.AST) -> None:
        stmt: Assign | Return
        if self.block is None:
            stmt = Return(self.at(node), expr)
            self.out.append(stmt)
        else:
            stmt = Assign(self.at(node), self.result_variable(kind), expr)
            self.out += [stmt, Leave(self.at(node), self.block.label)]
        self.results.append(Result(stmt, expr, node))
