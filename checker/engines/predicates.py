"""Properties as the python engine evaluates them: instrumented, so that each atomic condition is counted."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Mapping
from types import CodeType, FunctionType
from typing import Any

from checker.engines.loops import LoopGuard
from checker.engines.outcome import ConditionCount
from checker.language.conditions import Condition, conditions_of
from checker.language.errors import ModelError, NotAPredicate, located, shown_path
from checker.language.properties import INVARIANT, STEP, Property
from checker.language.source import FunctionNode, function_tree, model_files

_NOTE = "__note_condition__"


class Predicate:
    """A property that counts how often its conditions were true and false."""

    def __init__(self, prop: Property) -> None:
        self.property = prop
        self.name = prop.name
        self.kind = prop.kind
        counted = prop.kind in (INVARIANT, STEP)
        self.conditions: list[Condition] = conditions_of(prop.function) if counted else []
        self.true = [0] * len(self.conditions)
        self.false = [0] * len(self.conditions)
        self.guard = LoopGuard(model_files([prop.function]))
        self.function: Callable[..., Any] = prop.function
        if self.conditions:
            self.function = _instrumented(prop.function, self.conditions, self._note)

    def __call__(self, *states: Any) -> bool:
        try:
            with self.guard:
                answer = self.function(*states)
        except ModelError as problem:
            problem.text = f"property {self.name}: {problem.text}"
            problem.args = (problem.text,)
            raise located(problem) from None
        if answer is not True and answer is not False:
            raise NotAPredicate(
                f"{self.name} returned {answer!r}, not True or False",
                advice="write a comparison, such as `is not None` or `len(...) > 0`",
            ).at_function(self.property.function)
        return answer

    def _note(self, number: int, value: object) -> object:
        if value is True:
            self.true[number] += 1
        elif value is False:
            self.false[number] += 1
        else:
            condition = self.conditions[number]
            raise NotAPredicate(
                f"{self.name}: `{condition.text}` is {value!r}, which has no truth value: only bools have",
                file=self.property.file,
                line=condition.line,
                column=condition.column + 1,
                width=len(condition.text),
                advice="write a comparison, such as `is not None` or `!= 0`",
            )
        return value

    def counts(self) -> list[ConditionCount]:
        file = shown_path(self.property.file)
        return [
            ConditionCount(each.text, f"{file}:{each.line}:{each.column + 1}", true, false, each.deciding)
            for each, true, false in zip(self.conditions, self.true, self.false, strict=True)
        ]


Span = tuple[int, int, int | None, int | None]


def _span(node: ast.expr) -> Span:
    return node.lineno, node.col_offset, node.end_lineno, node.end_col_offset


class _Wrap(ast.NodeTransformer):
    """Puts each condition into a call that counts its value."""

    def __init__(self, numbers: Mapping[Span, int]) -> None:
        self.numbers = numbers

    def visit(self, node: ast.AST) -> Any:
        number = self.numbers.get(_span(node)) if isinstance(node, ast.expr) else None
        if number is None or not isinstance(node, ast.expr):
            return self.generic_visit(node)
        call = ast.Call(ast.Name(_NOTE, ast.Load()), [ast.Constant(number), node], [])
        return ast.copy_location(call, node)


def _instrumented(
    function: Callable[..., Any], conditions: list[Condition], note: Callable[[int, object], object]
) -> Callable[..., Any]:
    """The same function from its own source, at its own lines, with every condition counted."""
    original: CodeType = function.__code__
    tree = function_tree(original)
    assert isinstance(tree, ast.FunctionDef)
    numbers = {_span(condition.node): number for number, condition in enumerate(conditions)}
    changed = copy.deepcopy(tree)
    changed.decorator_list = []
    changed.body = [_Wrap(numbers).visit(stmt) for stmt in changed.body]
    code = _compiled(changed, original)
    cells = dict(zip(original.co_freevars, function.__closure__ or (), strict=True))
    closure = tuple(cells[name] for name in code.co_freevars)
    names = {**function.__globals__, _NOTE: note}
    return FunctionType(code, names, function.__name__, function.__defaults__, closure)


def _compiled(tree: FunctionNode, original: CodeType) -> CodeType:
    """Compile a function. What is free in it stays free: a function around it has those as parameters."""
    tree.returns = None
    for argument in tree.args.args:
        argument.annotation = None
    outer = ast.FunctionDef(
        name="around",
        args=ast.arguments([], [ast.arg(name) for name in original.co_freevars], None, [], [], None, []),
        body=[tree],
        decorator_list=[],
    )
    module = ast.fix_missing_locations(ast.Module([outer], []))
    whole = compile(module, original.co_filename, "exec", dont_inherit=True)
    around = next(each for each in whole.co_consts if isinstance(each, CodeType))
    return next(each for each in around.co_consts if isinstance(each, CodeType))
