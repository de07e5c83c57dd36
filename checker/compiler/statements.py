"""Python statements → typed IR."""

from __future__ import annotations

import ast

from checker.compiler import advice
from checker.compiler.control import Control
from checker.compiler.ir_statements import Mark, Stmt, When
from checker.compiler.suboperations import Unreachable
from checker.compiler.updates import Updates
from checker.compiler.values import Constant, Method, Ref
from checker.language import steps
from checker.language.last_lines import last_line
from checker.language.place import copy_into
from checker.language.types import SetType
from checker.language.waits import is_bare_yield, is_wait


class Statements(Control, Updates):
    """One body: of an operation, a sub-operation, a helper or a property."""

    def lower_body(self, stmts: list[ast.stmt]) -> list[Stmt]:
        """A yield directly before a wait is one program point with it: nothing can happen in between."""
        saved, self.out = self.out, []
        self.ended = False
        position = 0
        while position < len(stmts) and not self.ended:
            stmt = stmts[position]
            following = stmts[position + 1] if position + 1 < len(stmts) else None
            if is_bare_yield(stmt) and following is not None and is_wait(following):
                self.suspend(stmt, following)
                position += 1
            else:
                self._reached(stmt)
            position += 1
        body, self.out = self.out, saved
        return body

    def _reached(self, node: ast.stmt) -> None:
        try:
            self.statement(node)
        except Unreachable:
            self.ended = True

    def statement(self, node: ast.stmt) -> None:
        name = type(node).__name__
        method = getattr(self, f"do_{name.lower()}", None)
        if method is None:
            usual = f"`{name.lower()}`", "use assignments, if, for, while, assert, yield and calls"
            what, instead = advice.STATEMENTS.get(type(node), usual)
            self.source.unsupported(node, f"{what} is not in the language", instead)
        method(node)

    def do_expr(self, node: ast.Expr) -> None:
        if is_bare_yield(node):
            self.suspend(node)
        elif isinstance(node.value, ast.Constant):
            pass
        elif isinstance(node.value, ast.YieldFrom):
            self.sub_operation(node.value)
        elif isinstance(node.value, ast.Call):
            self._statement_call(node.value)
        elif isinstance(node.value, ast.Yield):
            self.source.mistake(node, "`yield` hands nothing over", "write a bare `yield`")
        else:
            self.source.unsupported(node, "this statement has no effect", "assign it, or remove it")

    def _statement_call(self, node: ast.Call) -> None:
        """Some calls are statements by nature; all others are there for their effects."""
        function = self.value(node.func)
        if isinstance(function, Method) and isinstance(function.owner, Ref):
            if isinstance(function.owner.type, SetType):
                self.set_statement(function, function.owner, node)
                return
            if function.name == "assign":
                self.assign_fields(function.owner, node)
                return
        known = function.value if isinstance(function, Constant) else None
        if known is steps.when:
            self.out.append(When(self.at(node), self.boolean(node.args[0])))
        elif known is steps.assumed:
            text = str(node.args[0].value) if node.args and isinstance(node.args[0], ast.Constant) else ""
            self.unit.assumed.append(f"{self.at(node).shown_file}:{node.lineno}: {text}")
        elif known is last_line:
            assert isinstance(node.args[0], ast.Constant)
            self.out.append(Mark(self.at(node), str(node.args[0].value)))
        elif known is copy_into:
            self.copy(node)
        else:
            self.effect(node, "ignored")
