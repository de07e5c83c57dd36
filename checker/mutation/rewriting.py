"""A function with all its mutants in one syntax tree, each behind a question which variant is run.

A dropped statement is `if Variant(n): pass`, `else:` the statement. Of two statements that are swapped, the
shorter one is written twice, before and after the other, so that chains of swaps stay short. A condition is
negated by `Variant(n) != condition`. `resolved` takes the questions out again: that is the mutant alone.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection
from dataclasses import dataclass

from checker.compiler.source import Source
from checker.compiler.syntax import always_returns, assigned_names, statements_of
from checker.compiler.variants import Variant
from checker.language import steps
from checker.language.waits import is_bare_yield, is_wait
from checker.mutation.folding import END, Folding, with_bodies
from checker.mutation.mutant import DROP, MERGE, NEGATE, SWAP, Mutant, head_lines, one_line
from checker.mutation.names import bound_names, read_names, surely_bound
from checker.mutation.resolving import resolved
from checker.mutation.touching import Touched, Touching, independent
from checker.mutation.units import Unit, units_of, waits_of

Numbers = Callable[[Mutant], int]


@dataclass(frozen=True)
class Around:
    """Where statements stand. `known`: names that have a value; `tail`: the jump that says nothing here.

    `only`: without its one statement, what is around it would do nothing either.
    """

    known: frozenset[str]
    tail: type[ast.stmt] | None = None
    only: bool = False


class Rewriting:
    """The mutants of one function in one world, and the tree that has them all.

    `notes`: fields of which only properties know.
    """

    def __init__(self, source: Source, number: Numbers, notes: frozenset[str] = frozenset()) -> None:
        self.source = source
        self.number = number
        self.notes = notes
        self.parameters = {
            argument.arg for argument in ast.walk(source.tree.args) if isinstance(argument, ast.arg)
        }
        self.own = assigned_names(source) | self.parameters
        names = {name: value for name, value in source.names.items() if name not in self.own}
        self.touching = Touching(names)
        self.names = names
        self.mutants: dict[int, Mutant] = {}
        statements = statements_of(source)
        self.docstring = source.tree.body[: len(source.tree.body) - len(statements)]
        plain = Folding(source.names, self.own).body(statements)
        self.tree = self._tree(self._body(plain, Around(frozenset(self.parameters), ast.Return)))
        self.plain = self.alone(0)
        self._leave_out_the_senseless()

    def alone(self, number: int) -> ast.FunctionDef:
        """The function as this mutant has it; 0: as it stands."""
        return self._tree(resolved(self.tree.body[len(self.docstring) :], number, ()))

    def keep(self, numbers: Collection[int]) -> ast.FunctionDef:
        """The tree with only these mutants."""
        return self._tree(resolved(self.tree.body[len(self.docstring) :], 0, numbers))

    def needs_own_program(self, number: int) -> bool:
        """A wait, or a yield that is one with a wait, comes about by it: of such, a tree has no variants."""
        return not waits_of(self.alone(number)) <= waits_of(self.plain)

    def _tree(self, body: list[ast.stmt]) -> ast.FunctionDef:
        """A generator function stays one, though its last `yield` were dropped."""
        body = [*self.docstring, *(body or [ast.copy_location(ast.Pass(), self.source.tree)])]
        fields = dict(ast.iter_fields(self.source.tree))
        made = ast.copy_location(ast.FunctionDef(**{**fields, "body": body}), self.source.tree)
        if _suspends(self.source.tree) and not _suspends(made):
            never = ast.parse("if False:\n    yield").body[0]
            for node in ast.walk(never):
                ast.copy_location(node, self.source.tree)
            made.body = [*self.docstring, never, *body[len(self.docstring) :]]
        return made

    def _leave_out_the_senseless(self) -> None:
        """What would end without a value where the function has one on every path."""
        returns = always_returns(self.plain.body)
        wrong = {n for n in self.mutants if always_returns(self.alone(n).body) != returns}
        self.mutants = {number: each for number, each in self.mutants.items() if number not in wrong}
        self.tree = self.keep(self.mutants)

    # -- lists of statements ---------------------------------------------------------------------------------

    def _body(self, stmts: list[ast.stmt], around: Around) -> list[ast.stmt]:
        """Every statement with its own mutants, and each with its neighbour."""
        units = units_of(stmts)
        known, befores = around.known, []
        for unit in units:
            befores.append(known)
            known |= surely_bound(unit.stmts)
        plans = [
            self._unit(
                unit,
                Around(before, around.tail if unit is units[-1] else None, around.only and len(units) == 1),
            )
            for unit, before in zip(units, befores, strict=True)
        ]
        before: list[list[ast.stmt]] = [[] for _ in units]
        after: list[list[ast.stmt]] = [[] for _ in units]
        for at in range(len(units) - 1):
            one, other = units[at], units[at + 1]
            if not self._swappable(one, other, befores[at]):
                continue
            number = self._mutant(SWAP, one.last, f"swap `{one.text}` with `{other.text}`")
            if (other.size <= one.size and not _binds(other)) or _binds(one):
                before[at] = [_if(number, other.stmts, [], other.first)]
                plans[at + 1] = [_if(number, [], plans[at + 1], other.first)]
            else:
                plans[at] = [_if(number, [], plans[at], one.first)]
                after[at + 1] = [_if(number, one.stmts, [], one.first)]
        return [stmt for at, plan in enumerate(plans) for stmt in (*before[at], *plan, *after[at])]

    def _swappable(self, one: Unit, other: Unit, known: frozenset[str]) -> bool:
        if any(self._stays(stmt) for stmt in (*one.stmts, *other.stmts)):
            return False
        if _text(one) == _text(other) or (is_bare_yield(one.last) and is_bare_yield(other.last)):
            return False
        bound, also = bound_names(one.stmts), bound_names(other.stmts)
        if (
            bound & also
            or (bound & read_names(other.stmts)) - known
            or (also & read_names(one.stmts)) - known
        ):
            return False
        local = bool(bound & read_names(other.stmts) or also & read_names(one.stmts))
        return local or not independent(self._touched(one), self._touched(other))

    def _touched(self, unit: Unit) -> Touched:
        found = Touched()
        for stmt in unit.stmts:
            found |= self.touching.statement(stmt)
        return Touched(found.reads, found.writes - self.notes, found.control)

    def _stays(self, stmt: ast.stmt) -> bool:
        """What is no step: it says something about the steps, or leaves the list they stand in."""
        if isinstance(stmt, ast.Pass | ast.Assert | END) or self._only_notes(stmt) or self._is_idle(stmt):
            return True
        if not isinstance(stmt, ast.Expr):
            return False
        call = stmt.value
        return isinstance(call, ast.Constant) or (
            isinstance(call, ast.Call) and self.touching.target(call.func) is steps.assumed
        )

    def _is_idle(self, stmt: ast.stmt) -> bool:
        """A call of a function that does nothing in this design."""
        if not isinstance(stmt, ast.Expr) or not isinstance(stmt.value, ast.Call | ast.YieldFrom):
            return False
        call = stmt.value.value if isinstance(stmt.value, ast.YieldFrom) else stmt.value
        touched = self.touching.statement(ast.copy_location(ast.Expr(call), stmt))
        return not touched.writes and not touched.control

    def _only_notes(self, stmt: ast.stmt) -> bool:
        """Whether it does nothing but take down something for a property."""
        touched = self.touching.statement(stmt)
        return bool(touched.writes) and touched.writes <= self.notes and not touched.control

    # -- one statement ---------------------------------------------------------------------------------------

    def _unit(self, unit: Unit, around: Around) -> list[ast.stmt]:
        if is_wait(unit.last):
            return self._wait(unit)
        stmt = unit.last
        if self._only_notes(stmt) or self._is_idle(stmt):
            return [stmt]
        changed = self._inside(stmt, around)
        if not self._droppable(stmt, around):
            return [changed]
        kind = MERGE if is_bare_yield(stmt) else DROP
        return [_if(self._mutant(kind, stmt, f"drop `{one_line(stmt)}`"), [], [changed], stmt)]

    def _wait(self, unit: Unit) -> list[ast.stmt]:
        """Without its condition's truth, without the wait, or without the `yield` before it."""
        wait = unit.last
        assert isinstance(wait, ast.While)
        negated = with_bodies(wait, wait.body, [])
        assert isinstance(negated, ast.While)
        negated.test = self._negated(wait.test, wait)
        both = [*unit.stmts[:-1], negated]
        dropped = _if(self._mutant(DROP, wait, f"drop `{one_line(wait)}`"), unit.stmts[:-1], both, wait)
        if len(unit.stmts) == 1:
            return [dropped]
        number = self._mutant(MERGE, unit.first, "drop the `yield` before a wait")
        return [_if(number, [wait], [dropped], unit.first)]

    def _inside(self, stmt: ast.stmt, around: Around) -> ast.stmt:
        """The statement with the mutants of what it contains."""
        if isinstance(stmt, ast.If):
            inner = Around(around.known, around.tail, not stmt.orelse and not self._has_effects(stmt.test))
            made = with_bodies(
                stmt, self._body(stmt.body, inner), self._body(stmt.orelse, inner) if stmt.orelse else []
            )
            assert isinstance(made, ast.If)
            made.test = self._negated(stmt.test, stmt)
            return made
        if isinstance(stmt, ast.For | ast.While):
            only = isinstance(stmt, ast.For) and not self._has_effects(stmt.iter)
            inner = Around(around.known | _targets(stmt), ast.Continue, only)
            made = with_bodies(stmt, self._body(stmt.body, inner), stmt.orelse)
            if isinstance(made, ast.While) and not isinstance(made.test, ast.Constant):
                made.test = self._negated(made.test, stmt)
            return made
        if isinstance(stmt, ast.Expr) and isinstance(stmt.value, ast.Call) and stmt.value.args:
            call = stmt.value
            if self.touching.target(call.func) is steps.when:
                negated = ast.copy_location(
                    ast.Call(call.func, [self._negated(call.args[0], stmt)], []), call
                )
                return ast.copy_location(ast.Expr(negated), stmt)
        return stmt

    def _negated(self, test: ast.expr, stmt: ast.stmt) -> ast.expr:
        """A choice is as free when it is negated."""
        call = test.operand if isinstance(test, ast.UnaryOp) else test
        if isinstance(call, ast.Call) and self.touching.target(call.func) is steps.choose:
            return test
        number = self._mutant(NEGATE, stmt, f"negate `{one_line(test)}`", test)
        question = ast.copy_location(ast.Constant(Variant(number)), test)
        return ast.copy_location(ast.Compare(question, [ast.NotEq()], [test]), test)

    def _has_effects(self, expression: ast.expr) -> bool:
        touched = self.touching.statement(ast.copy_location(ast.Expr(expression), expression))
        return touched.control or bool(touched.writes)

    def _droppable(self, stmt: ast.stmt, around: Around) -> bool:
        if isinstance(stmt, ast.Return | ast.Break | ast.Continue) and not around.only:
            return around.tail is None or not isinstance(stmt, around.tail) or _returns_value(stmt)
        if around.only or self._stays(stmt) or isinstance(stmt, ast.AnnAssign):
            return False
        kinds = ast.Assign | ast.AugAssign | ast.Expr | ast.If | ast.For | ast.While
        return isinstance(stmt, kinds) and surely_bound([stmt]) <= around.known

    def _mutant(self, kind: str, stmt: ast.stmt, change: str, at: ast.expr | None = None) -> int:
        where = at or stmt
        mutant = Mutant(
            self.source.file,
            where.lineno,
            where.col_offset,
            kind,
            change,
            self.source.tree.name,
            head_lines(stmt),
        )
        number = self.number(mutant)
        self.mutants[number] = mutant
        return number


def _if(number: int, then: list[ast.stmt], orelse: list[ast.stmt], at: ast.stmt) -> ast.stmt:
    test = ast.copy_location(ast.Constant(Variant(number)), at)
    return ast.copy_location(ast.If(test, then or [ast.copy_location(ast.Pass(), at)], orelse), at)


def _suspends(tree: ast.FunctionDef) -> bool:
    return any(isinstance(node, ast.Yield | ast.YieldFrom) for node in ast.walk(tree))


def _text(unit: Unit) -> list[str]:
    return [ast.dump(stmt) for stmt in unit.stmts]


def _binds(unit: Unit) -> bool:
    return bool(bound_names(unit.stmts))


def _targets(loop: ast.For | ast.While) -> set[str]:
    nodes = ast.walk(loop.target) if isinstance(loop, ast.For) else ()
    return {node.id for node in nodes if isinstance(node, ast.Name)}


def _returns_value(stmt: ast.stmt) -> bool:
    return isinstance(stmt, ast.Return) and stmt.value is not None
