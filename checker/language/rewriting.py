"""Operations with changed statements: the same functions from changed syntax trees, for either engine.

Each generator function that an operation runs, its sub-operations included, is compiled again from a copy of
its tree. Lines and columns stay those of the file, so traces and errors still point into the user's text.
"""

from __future__ import annotations
import __future__

import ast
import copy
import inspect
from collections.abc import Callable, Mapping
from types import FunctionType, ModuleType
from typing import Any

from checker.language import in_order
from checker.language.declaration import Function
from checker.language.source import FunctionNode, function_tree, use_tree
from checker.language.steps import Operation, SubOperation

# Changes the copy of a function's tree in place; returns what the names that it brings in stand for.
Change = Callable[[FunctionNode, Function], Mapping[str, Any]]
_FLAGS = __future__.annotations.compiler_flag


class Rewriting:
    """One change to all generator functions that some operations run; each function is made once."""

    def __init__(self, change: Change) -> None:
        self.change = change
        self._made: dict[Function, Any] = {}

    def operation(self, operation: Operation) -> Operation:
        """The operation with its functions changed. It belongs to no model: a World is told to use it."""
        function = self._function(operation.function)
        return Operation(function, operation.names, operation.actor, operation.forever, operation)

    def _function(self, function: Function) -> Function:
        if function in self._made:
            made: Function = self._made[function]
            return made
        tree = function_tree(function.__code__)
        if tree is None:  # without its source it stays as it is; the compiler says why it cannot use it
            return function
        tree = copy.deepcopy(tree)
        tree.decorator_list = []
        called = _redirected(tree, function)
        names = {**self.change(tree, function), in_order.NAME: in_order.in_order}
        in_order.settle(tree, function.__globals__)
        new = self._made[function] = _compiled(tree, function)
        new.__globals__.update(names)
        for alias, target in called.items():  # only now: a function may call itself
            new.__globals__[alias] = self._called(target)
        return new

    def _called(self, target: Any) -> Any:
        if isinstance(target, SubOperation):
            return SubOperation(self._function(target.function), target.names, target.depth)
        return self._function(target.function if isinstance(target, Operation) else target)


def _compiled(tree: FunctionNode, function: Function) -> FunctionType:
    """A function of the tree, which sees what the old one sees."""
    module = ast.Module([tree], [])
    names = {**function.__globals__, **_captured(function)}
    code = compile(module, function.__code__.co_filename, "exec", _FLAGS, dont_inherit=True)
    exec(code, names)
    new: FunctionType = names[tree.name]
    if tree.name in function.__globals__:
        names[tree.name] = function.__globals__[tree.name]
    new.__annotations__ = function.__annotations__
    new.__defaults__, new.__kwdefaults__ = function.__defaults__, function.__kwdefaults__
    new.__module__ = function.__module__
    use_tree(new.__code__, tree)
    return new


def _captured(function: Function) -> dict[str, Any]:
    """What a function that is defined within another one takes from there."""
    found = {}
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            found[name] = cell.cell_contents
        except ValueError:  # not yet filled: the function refers to itself
            continue
    return found


def _redirected(tree: FunctionNode, function: Function) -> dict[str, Any]:
    """Give each called sub-operation a name of its own, so that another function can stand behind it."""
    names = {**function.__globals__, **_captured(function)}
    called: dict[str, Any] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.YieldFrom) and isinstance(node.value, ast.Call):
            target = resolved(node.value.func, names)
            inner = getattr(target, "function", target)
            if inspect.isgeneratorfunction(inner):
                alias = next((a for a, known in called.items() if known is target), None)
                alias = alias or f"__called_{len(called)}_{inner.__name__}"
                called[alias] = target
                node.value.func = ast.copy_location(ast.Name(alias, ast.Load()), node.value.func)
    return called


def resolved(node: ast.expr, names: dict[str, Any]) -> Any:
    """What a name, or a name in a module, stands for; None if that is not known before the model runs."""
    if isinstance(node, ast.Name):
        return names.get(node.id)
    if isinstance(node, ast.Attribute):
        owner = resolved(node.value, names)
        return getattr(owner, node.attr, None) if isinstance(owner, ModuleType) else None
    return None
