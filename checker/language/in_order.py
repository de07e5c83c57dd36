"""Loops over Python's own sets go in index order, as those over the sets of the state do.

Python goes through a set by hashes, which for the members of an Enum differ from run to run. The compiled
model goes through it in order, and a replay must do the same. So the code of such a function is made again
from its syntax tree, with `in_order(...)` around what its loops range over.
"""

from __future__ import annotations

import ast
import copy
import opcode
import sys
from collections.abc import Iterable, Iterator, Mapping
from types import CodeType, FunctionType, ModuleType
from typing import Any

from checker.language.kinds import order_key
from checker.language.source import function_tree, is_changed, once_a_module

NAME = "__in_order__"
_ORDERED = ("range", "any_order", "enumerate", "reversed", "sorted", "zip")
_GET_ITER, _LOAD_FAST = opcode.opmap["GET_ITER"], opcode.opmap["LOAD_FAST"]
_SETS = {opcode.opmap[name] for name in ("BUILD_SET", "SET_ADD", "SET_UPDATE")}
_done: set[CodeType] = set()


def in_order(values: Any) -> Any:
    if type(values) is not set and type(values) is not frozenset:
        return values
    try:
        return sorted(values, key=order_key)
    except TypeError:  # not values of one type: no compiled model has such a set
        return values


def settle_loops(files: Iterable[str]) -> None:
    """In every function of these files."""
    wanted = set(files)
    modules = [each for each in list(sys.modules.values()) if getattr(each, "__file__", None) in wanted]
    functions = [function for module in modules for function in _functions(module)]
    if all(function.__code__ in _done for function in functions):
        return
    makers = {"set", "frozenset", *(each.__name__ for each in functions if _makes_sets(each.__code__))}
    for module in modules:
        makers |= {name for name, value in vars(module).items() if isinstance(value, set | frozenset)}
    for function in functions:
        if function.__code__ not in _done and _may_loop(function.__code__, makers):
            _settle(function)
        _done.add(function.__code__)


def _makes_sets(code: CodeType) -> bool:
    inner = (each for each in code.co_consts if isinstance(each, CodeType))
    return any(op in _SETS for op in code.co_code[::2]) or any(map(_makes_sets, inner))


def _may_loop(code: CodeType, makers: set[str]) -> bool:
    """Without its syntax tree, which most models need not have read: over a set that it makes or is given?"""
    ops = code.co_code
    given = any(
        ops[at] == _GET_ITER and ops[at - 2] == _LOAD_FAST and ops[at - 1] < code.co_argcount
        for at in range(2, len(ops), 2)
    )
    return given or not makers.isdisjoint(code.co_names) or _makes_sets(code)


@once_a_module
def _functions(module: ModuleType) -> list[FunctionType]:
    values = list(vars(module).values())
    classes = [each for each in values if isinstance(each, type) and each.__module__ == module.__name__]
    for cls in classes:
        values += [value for each in cls.__mro__ for value in list(vars(each).values())]
    return list(dict.fromkeys(filter(None, map(_function_of, values))))


def _function_of(value: object) -> FunctionType | None:
    for name in ("function", "fget", "__func__"):
        value = getattr(value, name, None) or value
    return value if isinstance(value, FunctionType) else None


def _settle(function: FunctionType) -> None:
    code = function.__code__
    if code.co_freevars or is_changed(code):
        return
    tree = function_tree(code)
    if tree is None or not any(_is_open(node, function.__globals__) for node in _ranges(tree)):
        return
    made = copy.deepcopy(tree)
    settle(made, function.__globals__)
    inner = compile(ast.Module([made], []), code.co_filename, "exec", dont_inherit=True).co_consts
    new = next(each for each in inner if isinstance(each, CodeType) and each.co_name == code.co_name)
    function.__globals__[NAME] = in_order
    function.__code__ = new.replace(co_qualname=code.co_qualname)


def settle(tree: ast.AST, names: Mapping[str, Any]) -> None:
    """Change a syntax tree; its function must know `in_order` by NAME."""
    for node in ast.walk(tree):
        if isinstance(node, ast.For | ast.comprehension) and _is_open(node.iter, names):
            call = ast.Call(ast.Name(NAME, ast.Load()), [node.iter], [])
            node.iter = ast.copy_location(call, node.iter)
    ast.fix_missing_locations(tree)


def _ranges(tree: ast.AST) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.For | ast.comprehension):
            yield node.iter


def _is_open(node: ast.expr, names: Mapping[str, Any]) -> bool:
    """May it be a set of Python's own?"""
    if isinstance(node, ast.Name):
        known = names.get(node.id)
        return known is None or isinstance(known, set | frozenset)
    if isinstance(node, ast.Call):
        return not (isinstance(node.func, ast.Name) and node.func.id in (*_ORDERED, NAME))
    if isinstance(node, ast.Attribute):
        owner = names.get(node.value.id) if isinstance(node.value, ast.Name) else None
        return isinstance(owner, ModuleType)
    return isinstance(node, ast.Set | ast.SetComp | ast.BinOp | ast.IfExp)
