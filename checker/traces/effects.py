"""Which lines of a model write the state, and in which function: what a step is best named after."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from checker.language.source import module_tree
from checker.traces.changes import Change

MUTATORS = {"add", "discard", "remove", "clear", "update", "assign"}


@dataclass(frozen=True)
class Effect:
    """A statement that writes the state."""

    function: str
    file: str
    line: int
    text: str
    fields: frozenset[str]  # the names of what it writes: `tlb` of `k.cpu[c].tlb.add(page)`
    counts: bool  # from the value before, as `+=` does

    def made(self, changes: Sequence[Change]) -> list[Change]:
        """Which of a step's changes it can have made."""
        return [change for change in changes if self.fields & change.fields]


def effects(lines: Iterable[tuple[str, int]]) -> list[Effect]:
    """Those among the lines that were run, each once, in the order in which they were run."""
    found = (_by_line(file).get(line) for file, line in lines)
    return list(dict.fromkeys(effect for effect in found if effect is not None))


@functools.lru_cache(maxsize=256)
def _by_line(file: str) -> dict[int, Effect]:
    """Every line of a file that belongs to a writing statement."""
    tree = module_tree(file)
    return {} if tree is None else dict(_in(tree, "", file))


def _in(node: ast.AST, function: str, file: str) -> Iterator[tuple[int, Effect]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef):
            yield from _in(child, child.name, file)
        elif isinstance(child, ast.stmt) and _writes(child):
            effect = Effect(
                function=function,
                file=file,
                line=child.lineno,
                text=ast.unparse(child),
                fields=frozenset(_written(child)),
                counts=isinstance(child, ast.AugAssign),
            )
            for line in range(child.lineno, (child.end_lineno or child.lineno) + 1):
                yield line, effect
        else:
            yield from _in(child, function, file)


def first_lasting(wrote: Sequence[Effect], changes: Sequence[Change]) -> Effect | None:
    """The first whose change is still there at the end of its block: a lock that is let go again is not."""
    return next((each for each in wrote if each.made(changes)), wrote[0] if wrote else None)


def _writes(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Assign):
        return any(_is_place(target) for target in statement.targets)
    if isinstance(statement, ast.AugAssign | ast.AnnAssign):
        return _is_place(statement.target)
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        called = statement.value.func
        if isinstance(called, ast.Attribute):
            return called.attr in MUTATORS
        return isinstance(called, ast.Name) and called.id == "copy_into"
    return False


def _is_place(target: ast.expr) -> bool:
    if isinstance(target, ast.Tuple):
        return any(_is_place(item) for item in target.elts)
    return isinstance(target, ast.Attribute | ast.Subscript)


def _written(statement: ast.stmt) -> Iterator[str]:
    """The last name of each place that a statement writes; of a record that is assigned, its fields."""
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        keywords = [each.arg for each in statement.value.keywords if each.arg]
        if keywords:
            yield from keywords
            return
    for place in places_written(statement):
        yield place.attr if isinstance(place, ast.Attribute) else place.id


def places_written(statement: ast.stmt) -> Iterator[ast.Attribute | ast.Name]:
    """What stands before the brackets of each place that a statement writes: `k.tlb` of `k.tlb[c].add(p)`."""
    if isinstance(statement, ast.Assign):
        for target in statement.targets:
            yield from _last_of(target)
    elif isinstance(statement, ast.AugAssign | ast.AnnAssign):
        yield from _last_of(statement.target)
    elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        called = statement.value.func
        if isinstance(called, ast.Attribute):
            yield from _last_of(called.value)
        elif statement.value.args:
            yield from _last_of(statement.value.args[0])


def _last_of(place: ast.expr) -> Iterator[ast.Attribute | ast.Name]:
    if isinstance(place, ast.Tuple):
        for item in place.elts:
            yield from _last_of(item)
    while isinstance(place, ast.Subscript):
        place = place.value
    if isinstance(place, ast.Attribute | ast.Name):
        yield place
