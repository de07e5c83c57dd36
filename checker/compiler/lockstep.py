"""Proves that each block can do from a state that is further up in an order what it can do from one below.

Two runs of the block are followed side by side, one from each state. They take the same way, choose the same
values and write the same, but for the sets of the order, which stay ordered: docs/design/eager.md.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from checker.compiler.failing import is_steady, touches
from checker.compiler.fibres import keeps_fibres
from checker.compiler.ir import Apply, Expr, Fold, Variable
from checker.compiler.ir_statements import (
    Assign,
    Block,
    Check,
    Choose,
    For,
    Helper,
    If,
    Jump,
    Leave,
    Mark,
    Perform,
    Return,
    Stmt,
    Store,
    When,
    While,
    Yield,
)
from checker.compiler.liveness import uses
from checker.compiler.monotone import Monotone
from checker.compiler.movements import movement
from checker.compiler.objections import NotProved, missing_of, read_of, shown
from checker.compiler.orders import DOWN, FIXED, UP, CoarseOrder, Fibres, Polarity
from checker.compiler.shapes import body_of, filters_of, loops_shape
from checker.compiler.silent import silent_runs
from checker.compiler.sites import asked_for_none, cannot_fail, has_site
from checker.compiler.slicing import Slice
from checker.compiler.touched import Bits, Touched
from checker.compiler.walking import walk


class Lockstep:
    """The proof for one order. `late`: choices from a collection that may follow a write. `passing`: a wait
    may be over further up, where below somebody stops, which the search will look for."""

    def __init__(
        self,
        order: CoarseOrder,
        kept: Slice,
        touched: Touched,
        late: Collection[Choose],
        passing: bool = False,
    ) -> None:
        self.values = Monotone(order)
        self.kept = kept
        self.touched = touched
        self.late = late
        self.passing = passing
        self.waits: list[Yield] = []  # those that may be over further up only
        self._whole: list[Stmt] = []  # the body, and those of the helpers that it performs
        self._moving: Bits = 0  # fields and locals: what touches none of them does the same in both runs
        self._loops = 0
        self._performed: set[Helper] = set()
        self._helper: Helper | None = None  # whose body is looked at
        self._every: dict[Variable, For] = {}  # loops around, each for all values of its variable

    def prove(self, body: list[Stmt]) -> None:
        """NotProved if some block of the body may do less further up."""
        self._whole = self.touched.statements(body)
        self.values.variables.clear()
        self._settle()
        self._performed.clear()
        self._body(body, [], whole=True)

    # -- the locals ------------------------------------------------------------------------------------------

    def _settle(self) -> None:
        """The polarity of every local."""
        self._moving = self.touched.bits(self.values.order)
        passing_on = self.touched.passing_on(self._whole, self.kept)
        news = True
        while news:
            news = False
            for stmt, read in passing_on:
                if read & self._moving and self._noted(stmt):
                    self._moving |= self.touched.bits(self.values.variables)
                    news = True

    def _noted(self, stmt: Stmt) -> bool:
        if isinstance(stmt, Assign):
            return self.values.note(stmt.variable, self.values.of(stmt.value))
        if not isinstance(stmt, Perform):
            return False
        news = False
        for parameter, argument in zip(stmt.helper.parameters, stmt.arguments, strict=True):
            news |= self.values.note(parameter, self.values.of(argument))
        if stmt.variable is not None:
            for inner in walk(stmt.helper.body):
                if isinstance(inner, Return) and inner.value is not None:
                    news |= self.values.note(stmt.variable, self.values.of(inner.value))
        return news

    # -- statements ------------------------------------------------------------------------------------------

    def _body(self, body: list[Stmt], facts: list[Expr], whole: bool = False) -> None:
        """`facts`: conditions that hold in both runs. `whole`: of an operation or a helper."""
        facts = list(facts)
        for number, stmt in enumerate(body):
            if not self.kept.matters(stmt):
                continue
            if whole and isinstance(stmt, If) and self._only_serves(stmt, body[number + 1 :]):
                facts = []
                continue
            if self.touched.touched(stmt) & self._moving:
                self._refuse_unsteady(stmt)
                self._statement(stmt, facts)
            if isinstance(stmt, (Assign, Choose)):
                facts = [fact for fact in facts if stmt.variable not in uses(fact)]
            else:
                facts = [*facts, stmt.test] if isinstance(stmt, When) else []

    def _refuse_unsteady(self, stmt: Stmt) -> None:
        for expr in stmt.expressions() if self.touched.read(stmt) & self._moving else ():
            if not is_steady(expr, self.values):
                raise NotProved(stmt.place, f"may fail, depending on {self._read(expr)}")

    def _statement(self, stmt: Stmt, facts: list[Expr]) -> None:
        if isinstance(stmt, Store):
            self._store(stmt)
        elif isinstance(stmt, If):
            self._once(self._if, stmt, facts)
        elif isinstance(stmt, When):
            if not self._moves_only(stmt.test, UP):
                raise NotProved(stmt.place, f"asks for {self._missing(stmt.test)}")
        elif isinstance(stmt, Yield):
            self._yield(stmt)
        elif isinstance(stmt, Choose):
            self._choose(stmt, facts)
        elif isinstance(stmt, Perform):
            self._once(self._perform, stmt.helper)
        elif isinstance(stmt, (Check, While, For, Block)):
            self._inner(stmt)
        elif not isinstance(stmt, (Assign, Return, Leave, Jump, Mark)):
            raise NotProved(stmt.place, f"no rule for {type(stmt).__name__}")

    def _perform(self, helper: Helper) -> None:
        """Once for all calls: the polarities of its parameters are those of any call."""
        if helper not in self._performed:
            self._performed.add(helper)
            loops, self._loops = self._loops, 0  # its locals are new in each call
            caller, self._helper = self._helper, helper
            self._body(helper.body, [], whole=True)
            self._helper = caller
            self._loops = loops

    def _inner(self, stmt: Check | While | For | Block) -> None:
        for expr in stmt.expressions():
            if not self._moves_only(expr, FIXED):
                raise NotProved(stmt.place, f"goes on in a way that depends on {self._read(expr)}")
        is_loop = isinstance(stmt, (While, For))
        self._loops += is_loop
        every = self._every
        self._every = (
            {**every, stmt.variable: stmt} if isinstance(stmt, For) and self.touched.does_all(stmt) else {}
        )
        for inner in stmt.bodies():
            self._body(inner, [])
        self._every = every
        self._loops -= is_loop

    def _store(self, stmt: Store) -> None:
        for index in stmt.index:
            if not self._moves_only(index, FIXED):
                raise NotProved(stmt.place, f"writes to a place that depends on {self._read(index)}")
        allowed = self.values.order.get(stmt.leaf.key, FIXED)
        if isinstance(allowed, Fibres):
            if not keeps_fibres(stmt, allowed, self._every, self.values):
                raise NotProved(stmt.place, f"removes single elements of {shown(stmt.leaf.key)}")
            return
        if not self._moves_only(stmt.value, allowed if isinstance(allowed, Polarity) else FIXED):
            told = f"what it writes to {shown(stmt.leaf.key)} depends on {self._read(stmt.value)}"
            raise NotProved(stmt.place, told)

    def _yield(self, stmt: Yield) -> None:
        if stmt.wait is not None:
            allowed = DOWN if stmt.always or self.passing else FIXED
            if not self._moves_only(stmt.wait, allowed):
                raise NotProved(stmt.place, f"may wait, depending on {self._read(stmt.wait)}")
            if not self._moves_only(stmt.wait, FIXED):
                self.waits.append(stmt)
        for variable in stmt.point.live:
            if self.values.variables.get(variable, FIXED) != FIXED:
                raise NotProved(stmt.place, f"the local `{variable.name}` keeps what hardware may move")

    def _choose(self, stmt: Choose, facts: list[Expr]) -> None:
        for option in stmt.options:
            if not self._moves_only(option, FIXED):
                raise NotProved(stmt.place, f"chooses a value that depends on {self._read(option)}")
        fold = stmt.fold
        if fold is None or not touches(fold, self.values):
            return
        if not self._moves_only(fold.body, FIXED):
            raise NotProved(stmt.place, f"chooses a value that depends on {self._read(fold)}")
        if not self.values.members(fold).within(UP):
            raise NotProved(stmt.place, f"chooses by {self._missing(fold)}")
        if stmt in self.late and not any(_finds(fact, fold) for fact in facts):
            raise NotProved(stmt.place, f"may find nothing to choose in {self._read(fold)}")

    def _if(self, stmt: If, facts: list[Expr]) -> None:
        test = self.values.of(stmt.test)
        for moves, taken, other in ((UP, stmt.then, stmt.orelse), (DOWN, stmt.orelse, stmt.then)):
            if test & moves and not self._stands_in(taken, other, stmt):
                raise NotProved(stmt.place, f"takes another way because of {self._read(stmt.test)}")
        self._body(stmt.then, [*facts, stmt.test])
        self._body(stmt.orelse, facts)

    def _once(self, rule: Callable[..., None], *about: Any) -> None:
        """Not in each round of the loops around."""
        every, self._every = self._every, {}
        rule(*about)
        self._every = every

    def _only_serves(self, stmt: If, rest: list[Stmt]) -> bool:
        """May whoever takes the branch go on as if he had not, or else leave without a trace, where all that
        comes after it only moves upwards? Then it does not matter who takes it: the others are above."""
        if self.values.of(stmt.test) == FIXED or stmt.orelse or has_site(stmt.test):
            return False
        if self._helper is None or self._helper in self.kept.needed or self._loops:
            return False
        passed = silent_runs(self._kept(stmt.then)).runs
        assigned = {s.variable for s in walk(stmt.then) if isinstance(s, (Assign, Choose))}
        return (
            bool(passed)
            and not assigned & self._read_outside(stmt)
            and all(self._leaves_no_trace(inner, stmt.test) for inner in walk(stmt.then))
            and self._only_rises(self._kept(rest))
        )

    def _leaves_no_trace(self, stmt: Stmt, fact: Expr) -> bool:
        if isinstance(stmt, Choose) and stmt.fold is not None:
            return _finds(fact, stmt.fold) and not has_site(stmt.fold)
        return isinstance(stmt, (Assign, If, Return, Choose)) and not any(map(has_site, stmt.expressions()))

    def _only_rises(self, body: list[Stmt]) -> bool:
        """Nothing in it can fail or stop; it adds to sets of the order, and writes nothing else."""
        present: set[Variable] = set()  # locals that are not None, or else it was left
        for stmt in body:
            if not all(cannot_fail(expr, present) for expr in stmt.expressions()):
                return False
            present -= {inner.variable for inner in walk([stmt]) if isinstance(inner, Assign)}
            if isinstance(stmt, If):
                if not all(self._only_rises(self._kept(inner)) for inner in stmt.bodies()):
                    return False
                present |= asked_for_none(stmt)
            elif isinstance(stmt, Store):
                moves = self.values.order.get(stmt.leaf.key)
                if movement(stmt) != UP or not (moves == UP or isinstance(moves, Fibres)):
                    return False
            elif not isinstance(stmt, (Assign, Return)):
                return False
        return True

    def _stands_in(self, taken: list[Stmt], other: list[Stmt], stmt: If) -> bool:
        """Can `taken` run, without being noticed, to the same end as each run of `other`?"""
        theirs, ours = silent_runs(self._kept(other)), silent_runs(self._kept(taken))
        if not theirs.complete:
            return False
        elsewhere = self._read_outside(stmt)
        wanted = [{v: c for v, c in run.items() if v in elsewhere} for run in theirs.runs]
        offered = [{v: c for v, c in run.items() if v in elsewhere} for run in ours.runs]
        return all(None not in run.values() and run in offered for run in wanted)

    def _kept(self, body: list[Stmt]) -> list[Stmt]:
        return [stmt for stmt in body if self.kept.matters(stmt)]

    def _read_outside(self, branch: If) -> set[Variable]:
        """The locals that are read anywhere but inside this statement; in a loop, inside it as well."""
        inside = set() if self._loops else set(walk([branch]))
        return set().union(*(self.touched.uses.of(stmt) for stmt in self._whole if stmt not in inside))

    def _moves_only(self, expr: Expr, allowed: Polarity) -> bool:
        return self.values.of(expr).within(allowed)

    def _read(self, expr: Expr) -> str:
        return read_of(expr, self.values)

    def _missing(self, expr: Expr) -> str:
        return missing_of(expr, self.values)


def _finds(fact: Expr, fold: Fold) -> bool:
    """Does `any(...)` say that one of these candidates exists?"""
    if isinstance(fact, Apply) and fact.operator == "({0} && {1})":
        return any(_finds(each, fold) for each in fact.arguments)
    if not isinstance(fact, Fold) or fact.kind != "any":
        return False
    known, wanted = filters_of(fact), filters_of(fold)
    if known is None or wanted is None or loops_shape(fact) != loops_shape(fold):
        return False
    return wanted <= known | body_of(fact)
