"""Source text as syntax trees with the columns of the file, and which files are the model's."""

from __future__ import annotations

import ast
import functools
import linecache
import os
import sys
import sysconfig
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import CodeType, FunctionType, ModuleType
from typing import TypeVar, cast
from weakref import WeakKeyDictionary

from checker.language.matching import without_match

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_REAL_PACKAGE = os.path.realpath(_PACKAGE) + os.sep
_STANDARD = os.path.realpath(sysconfig.get_paths()["stdlib"]) + os.sep
_INSTALLED = ("site-packages", "dist-packages")

_NESTING = ("body", "orelse", "handlers", "finalbody", "cases")  # where a statement has others

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


def source_of(file: str) -> str:
    """A file's text; `linecache` also knows expressions that were typed on the spot."""
    return "".join(linecache.getlines(file))


@functools.lru_cache(maxsize=256)
def _parsed(file: str, text: str) -> ast.Module:
    tree = ast.parse(text, file)
    return without_match(tree) if "match" in text else tree


Functions = dict[tuple[str, int], FunctionNode]  # by name and first line
_known: dict[str, tuple[list[str], Functions]] = {}  # by file; the lines are `linecache`'s own list


def _functions(file: str) -> Functions:
    """The first line is that of the first decorator, as `co_firstlineno` has it."""
    lines = linecache.getlines(file)
    known = _known.get(file)
    if known is None or known[0] is not lines:
        known = _known[file] = (lines, _found(file, "".join(lines)))
    return known[1]


def statements_in(tree: ast.AST) -> Iterator[ast.AST]:
    """All that are inside, in no order; expressions, which are most of a tree, are not gone through."""
    waiting = [tree]
    while waiting:
        outer = waiting.pop()
        inner = [node for name in _NESTING for node in getattr(outer, name, ())]
        yield from inner
        waiting += inner


def _found(file: str, text: str) -> Functions:
    found = {}
    for node in statements_in(_parsed(file, text)):
        if isinstance(node, FunctionNode):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            found[node.name, first] = node
    return found


def module_tree(file: str) -> ast.Module | None:
    """A file's syntax tree, or None if there is no source."""
    text = source_of(file)
    return _parsed(file, text) if text else None


_changed: dict[CodeType, FunctionNode] = {}


def use_tree(code: CodeType, tree: FunctionNode) -> None:
    """Say from which tree a function was compiled that is not as its file has it."""
    _changed[code] = tree


@contextmanager
def rewritten(trees: Mapping[CodeType, FunctionNode]) -> Iterator[None]:
    """Take these for the definitions of functions, for a while."""
    before = dict(_changed)
    _changed.update(trees)
    try:
        yield
    finally:
        _changed.clear()
        _changed.update(before)


def is_changed(code: CodeType) -> bool:
    """Whether a function was compiled from a tree that is not its file's."""
    return code in _changed


def function_tree(code: CodeType) -> FunctionNode | None:
    """The definition of a function, with the lines and columns of its file; None without source."""
    if code in _changed:
        return _changed[code]
    return _functions(code.co_filename).get((code.co_name, code.co_firstlineno))


def definition_line(code: CodeType) -> int:
    """The line of `def`, where `co_firstlineno` is that of the first decorator."""
    tree = function_tree(code)
    return tree.lineno if tree is not None else code.co_firstlineno


@functools.lru_cache(maxsize=10_000)
def is_library(file: str, own_packages: frozenset[str] = frozenset()) -> bool:
    """Whether a file is this tool's, Python's or of an installed package other than the model's own."""
    path = os.path.realpath(file)
    if path.startswith(_REAL_PACKAGE) or file.startswith("<frozen"):
        return True
    parts = path.split(os.sep)
    for installed in _INSTALLED:
        if installed in parts:
            return parts[parts.index(installed) + 1] not in own_packages
    return path.startswith(_STANDARD)


def model_files(functions: Iterable[Callable[..., object]]) -> frozenset[str]:
    """The files that the model is made of: the functions' own and what their modules import, transitively."""
    files: set[str] = set()
    modules: list[str] = []
    for function in functions:
        files.add(function.__code__.co_filename)
        modules.append(function.__module__)
    own = frozenset(name.partition(".")[0] for name in modules)
    seen: set[str] = set()
    while modules:
        name = modules.pop()
        module = sys.modules.get(name)
        if name in seen or module is None:
            continue
        seen.add(name)
        file = getattr(module, "__file__", None)
        if file is None or is_library(file, own):
            continue
        files.add(file)
        modules += _modules_seen(module)
    return frozenset(files)


Of = TypeVar("Of")


def once_a_module(find: Callable[[ModuleType], Of]) -> Callable[[ModuleType], Of]:
    """Looks again only at a module that has got more names: each replay asks for all modules of the model."""
    known: WeakKeyDictionary[ModuleType, tuple[int, Of]] = WeakKeyDictionary()

    @functools.wraps(find)
    def found(module: ModuleType) -> Of:
        names = len(vars(module))
        size, before = known.get(module, (None, None))
        if size == names:
            return cast(Of, before)
        now = find(module)
        known[module] = names, now
        return now

    return found


@once_a_module
def _modules_seen(module: ModuleType) -> list[str]:
    return list(dict.fromkeys(map(_module_of, list(vars(module).values()))))


def _module_of(value: object) -> str:
    if isinstance(value, ModuleType):
        return value.__name__
    if isinstance(value, type | FunctionType):
        return value.__module__
    return getattr(getattr(value, "function", None), "__module__", "")
