"""What may write, choose or suspend: the whole right side of an assignment, or a whole condition."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from typing import Any

from checker.compiler.codes import BOOL, NoneOnly, join
from checker.compiler.ir import Apply, Expr, Fold, Literal, Read, Variable
from checker.compiler.ir_statements import Assign, Choose, If, Perform, Site
from checker.compiler.operators import negated
from checker.compiler.source import extent
from checker.compiler.suboperations import SubOperations
from checker.compiler.unit import unique
from checker.compiler.values import Constant, Family, Method, Ref, Value
from checker.compiler.variants import negation
from checker.language import steps
from checker.language.place import copy_into
from checker.language.types import RecordType, SetType


class Effects(SubOperations):
    """Inside a larger expression nothing has effects."""

    def effect(self, node: ast.expr, name: str) -> Value:
        """A whole right side or a whole condition: choices and helpers with effects may stand here."""
        if isinstance(node, ast.YieldFrom):
            return self.sub_operation(node)
        if isinstance(node, ast.Yield):
            self.source.unsupported(node, "`yield` has no value", "make it a statement of its own")
        if isinstance(node, ast.Call):
            function = self.value(node.func)
            if isinstance(function, Constant) and function.value is steps.choose:
                return self._choose(node, name)
            helper, arguments = self._plain_function(function, node)
            if helper is not None:
                return self._perform(helper, arguments, node)
        if isinstance(node, ast.BoolOp) and self.has_effects(node):
            return self._short_circuit(node)
        return self.value(node)

    def has_effects(self, node: ast.expr) -> bool:
        """Does a condition choose or write, at its top or below `and`, `or` and `not`?"""
        if isinstance(node, ast.BoolOp):
            return any(map(self.has_effects, node.values))
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return self.has_effects(node.operand)
        if not isinstance(node, ast.Call):
            return False
        function = self.value(node.func)
        if isinstance(function, Constant) and function.value is steps.choose:
            return True
        helper, arguments = self._plain_function(function, node)
        if helper is None or self.inline_reference(helper, arguments, node) is not None:
            return False
        return self.specialise(helper, arguments, node)[0].effects

    def _short_circuit(self, node: ast.BoolOp) -> Expr:
        """What stands further to the right is run only if what stands before it leaves the answer open."""
        is_and = isinstance(node.op, ast.And)
        known: Expr = self.condition(node.values[0])
        for operand in node.values[1:]:
            if isinstance(known, Literal):
                known = self.condition(operand) if bool(known.code) == is_and else known
                continue
            holds = Variable("holds", BOOL, unique(self.names, "holds"))
            self.out.append(Assign(self.at(operand), holds, known))
            known = Read(BOOL, holds)
            outer, self.out = self.out, []
            rest = self.condition(operand)
            then = [*self.out, Assign(self.at(operand), holds, rest)]
            self.out = outer
            self.out.append(If(self.at(operand), known if is_and else negated(known), then, []))
        return known

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
            return self.called(helper, roots, exprs, node)
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
            if len(values) == 1:
                self.source.mistake(
                    node,
                    f"{self.source.text(node)}: one candidate is no choice",
                    "give several, or an Index, an Enum, a set or a comprehension",
                )
            kind = self._joined([value.type for value in values], node)
            options = tuple(self.coerce(value, kind, node, "a choice") for value in values)
        variable = Variable(name, kind, unique(self.names, f"chosen_{name}"))
        self.out.append(Choose(self.at(node), variable, options, fold, empty))
        return Read(kind, variable)

    def _is_collection(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "range":
            return True
        value = self.iterated(node)
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
        """The test of an if or a while.  What `not`, `and` and `or` connect may choose or have effects."""
        negated_by = negation(node)
        if negated_by is not None:
            variant, test = negated_by
            return Apply(BOOL, "({0} != {1})", (self.selected(variant), self.condition(test)))
        if (
            isinstance(node, ast.UnaryOp)
            and isinstance(node.op, ast.Not)
            and isinstance(node.operand, ast.Call | ast.BoolOp)
            and not self.conditions
        ):
            operand = self.condition(node.operand)
            return negated(operand)
        if isinstance(node, ast.Call) or (isinstance(node, ast.BoolOp) and not self.conditions):
            result = self.effect(node, "holds")
            expr = self.as_expr(result, node)
            if expr.type == BOOL:
                number = self.conditions.get(extent(node))
                return expr if number is None else self.boolean(node)
        return self.boolean(node)
