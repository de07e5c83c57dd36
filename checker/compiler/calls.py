"""Calls inside expressions."""

from __future__ import annotations

import ast
import enum
import inspect
from typing import Any, NoReturn

from checker.compiler import advice, arithmetic, word_arithmetic
from checker.compiler.codes import BOOL, code_range, describe, is_number, is_word
from checker.compiler.folds import Folds
from checker.compiler.ir import Apply, InOperation, Literal
from checker.compiler.sets import Sets
from checker.compiler.snapshots import Snapshots
from checker.compiler.values import Constant, Method, Ref, Snapshot, Value
from checker.compiler.wording import a
from checker.language import steps
from checker.language.index import Index
from checker.language.place import frozen
from checker.language.types import BoolType, IndexType, RangeType, RecordType, SetType
from checker.language.words import Signed, Unsigned, WordSpec

MUTATORS = ("append", "extend", "insert", "pop", "remove", "add", "update", "clear", "setdefault", "sort")
STATEMENTS = {  # what these are instead of parts of an expression
    steps.choose: "make choose(...) the whole right side of an assignment or a whole condition",
    steps.when: "make when(...) a statement of its own",
    steps.assumed: "make assumed(...) a statement of its own",
    steps.any_order: "use it as `for x in any_order(S):`",
}


class Calls(Folds, Sets, Snapshots):
    """Conversions, methods, folds and helpers of the model."""

    def value_call(self, node: ast.Call) -> Value:
        function = self.value(node.func)
        if isinstance(function, Method):
            return self._method(function, node)
        if not isinstance(function, Constant):
            self.source.type_error(
                node, f"{self.source.text(node.func)} is not a function", "call a function of the model"
            )
        return self._call_constant(function.value, node)

    def _call_constant(self, function: Any, node: ast.Call) -> Value:
        name = getattr(function, "__name__", "")
        if function in (any, all, sum, min, max, len, set, frozenset):
            return self.fold_call(name, node)
        if function in (int, abs, frozen) and len(node.args) != 1:
            self.source.type_error(node, f"{name}() takes one argument", f"write {name}(x)")
        if function in (int, range, abs, frozen, steps.running):
            result: Value = getattr(self, f"_call_{name}")(node)
            return result
        if function in (Unsigned, Signed):
            return self._word_type(function, node)
        if isinstance(function, WordSpec):
            return self._cast(function, node)
        if isinstance(function, type) and issubclass(function, Index):
            return self._convert(function, node)
        if any(known is function for known in advice.FOLDED):
            values = [self.value(argument) for argument in node.args]
            if all(isinstance(value, Constant) for value in values) and not node.keywords:
                return Constant(list(function(*(v.value for v in values if isinstance(v, Constant)))))
        owner = getattr(function, "__self__", None)
        if isinstance(owner, dict) and name == "get":
            return self._get(owner, node)
        if isinstance(owner, dict) and name in ("items", "keys", "values") and not node.args:
            return Constant(list(function()))
        if inspect.ismethod(function) and isinstance(owner, type):  # of a class: it knows no state
            return self.tabulate(function, self.arguments(function, node), node)
        if inspect.isfunction(function) and _as_statement(function) is None:
            return self.call_helper(function, self.arguments(function, node), node)
        self._refuse_call(function, name, node)

    def _refuse_call(self, function: Any, name: str, node: ast.Call) -> NoReturn:
        statement = _as_statement(function)
        if statement is not None:
            self.source.unsupported(node, f"{name}() stands inside an expression", statement)
        if isinstance(function, type) and issubclass(function, enum.Enum):
            self.source.unsupported(
                node, f"{name}(...) looks a member up by value", f"name the member: {name}.MEMBER"
            )
        if isinstance(function, type) and "__record__" in vars(function):
            self.source.unsupported(
                node,
                f"a {name} is a place of the state, and is not made",
                "write place.assign(field=value, ...)",
            )
        if node.keywords:
            self.source.unsupported(
                node, "keyword arguments are for functions of the model", "pass it by position"
            )
        if getattr(function, "__name__", "") in MUTATORS:
            self.source.unsupported(
                node,
                f"{self.source.text(node.func)}() changes a Python object",
                "what steps change is a field of the @state class",
            )
        usual = "call a function that is defined with def, outside any class or function"
        self.source.unsupported(
            node,
            f"{self.source.text(node.func)}() cannot be called in a model",
            next((text for known, text in advice.BUILTINS.items() if known is function), usual),
        )

    def _get(self, known: dict[Any, Any], node: ast.Call) -> Value:
        """A constant dict's .get(key, other)."""
        if not 1 <= len(node.args) <= 2:
            self.source.type_error(
                node, "get() takes a key, and what to give without it", "write d.get(k, x)"
            )
        other = self.value(node.args[1]) if len(node.args) == 2 else Constant(None)
        if not isinstance(other, Constant):
            self.source.unsupported(node, "get() takes a constant here", "write d[k] if k in d else x")
        return self.looked_up(lambda key: known.get(key, other.value), self.scalar(node.args[0]), node)

    def _method(self, method: Method, node: ast.Call) -> Value:
        if isinstance(getattr(method.owner, "type", None), SetType):
            return self.set_method(method, node)
        if isinstance(method.owner, Ref) and not isinstance(method.owner.type, RecordType):
            self.source.unknown(
                node,
                f"{describe(method.owner.type)} has no method `{method.name}`",
                "index it, or loop over its Index",
            )
        arguments = self.arguments(method.function, node, method.owner)
        if isinstance(method.owner, Snapshot):
            return self.of_frozen(method.function, arguments, node)
        if not isinstance(method.owner, Ref) and all(not isinstance(a, Ref) for a in arguments):
            return self.tabulate(method.function, arguments, node)
        return self.call_helper(method.function, arguments, node)

    def _convert(self, index: type[Index], node: ast.Call) -> Value:
        if len(node.args) != 1:
            self.source.type_error(
                node, f"{index.__name__}(...) takes one number", f"write {index.__name__}(n)"
            )
        value = self.unwrap(self.scalar(node.args[0]), node)
        if value.type == IndexType(index):
            return value
        if not is_number(value.type):
            self.source.type_error(
                node,
                f"{index.__name__}(...) takes a number, and this is {a(describe(value.type))}",
                "convert it with int(...) first",
            )
        return arithmetic.within(
            self.source, node, value, IndexType(index), f"{a(index.__name__)} out of range"
        )

    def _word_type(self, function: Any, node: ast.Call) -> Value:
        widths = [self.value(argument) for argument in node.args]
        if len(widths) != 1 or not isinstance(widths[0], Constant):
            self.source.type_error(
                node, f"{function.__name__}(...) takes a number of bits that is known", "write Unsigned(64)"
            )
        return Constant(function(widths[0].value))

    def _cast(self, spec: WordSpec, node: ast.Call) -> Value:
        if len(node.args) != 1:
            self.source.type_error(node, f"{spec}(...) takes one value", f"write {spec}(x)")
        value = self.unwrap(self.scalar(node.args[0]), node)
        return word_arithmetic.cast(self.source, node, value, spec.kind())

    def _call_int(self, node: ast.Call) -> Value:
        value = self.unwrap(self.scalar(node.args[0]), node)
        if is_word(value.type):
            return word_arithmetic.number(self.source, node, value)
        value = self.as_number(value, node)
        if isinstance(value.type, (IndexType, RangeType, BoolType)):
            low, high = code_range(value.type)
            return (
                Literal(RangeType(value.code, value.code), value.code)
                if isinstance(value, Literal)
                else Apply(RangeType(low, high), "{0}", (value,))
            )
        self.source.type_error(
            node, f"{a(describe(value.type))} has no number", "int(...) takes an index, a bool or a number"
        )

    def _call_abs(self, node: ast.Call) -> Value:
        value = self.number(node.args[0])
        low, high = code_range(value.type)
        return Apply(RangeType(0, max(abs(low), abs(high))), "({0} < 0 ? -{0} : {0})", (value,))

    def _call_frozen(self, node: ast.Call) -> Value:
        return self.frozen(self.value(node.args[0]), node)

    def _call_range(self, node: ast.Call) -> Value:
        self.source.unsupported(node, "range(...) is no value", "loop over it, or test `low <= x < high`")

    def _call_running(self, node: ast.Call) -> Value:
        if not node.args:
            self.source.type_error(node, "running() takes an actor", "write running(actor, operation)")
        member = self.unwrap(self.scalar(node.args[0]), node)
        if not isinstance(member.type, IndexType):
            self.source.type_error(
                node,
                f"running() takes an actor, and this is {a(describe(member.type))}",
                "pass a member of an Index",
            )
        names = []
        for item in node.args[1:]:
            operation = self.value(item)
            if not (isinstance(operation, Constant) and isinstance(operation.value, steps.Operation)):
                self.source.type_error(
                    item, "running() takes operations after the actor", "name an @operation"
                )
            names.append(operation.value.name)
        self.unit.asking.add(self.source.function)
        return InOperation(BOOL, self.state_root(node), member.type.index, member, tuple(names))

    def state_root(self, node: ast.AST) -> str:
        for value in self.scope.values():
            if isinstance(value, Ref):
                return value.root
        self.source.unsupported(
            node, "running() is used where there is no state", "pass the state to this helper"
        )


def _as_statement(function: Any) -> str | None:
    """How to write it instead, if it is no part of an expression."""
    return next((advice for known, advice in STATEMENTS.items() if known is function), None)
