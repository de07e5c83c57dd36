"""A world as one formula: which events a state allows, and the state after each of them."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import z3

from checker.compiler.codes import code_range, describe, encode, set_size
from checker.compiler.compile import Compilation
from checker.compiler.declarations import Lowered
from checker.compiler.ir import Variable
from checker.compiler.ir_statements import Helper, Point, Site
from checker.compiler.program import cells_of
from checker.engines.bits import Bit, bit_solver, calculate, choose, conj, disj, equal, neg, pattern
from checker.engines.symbolic_state import Cell, Key, Shape, State, copied, local_code, low_of, slot_key
from checker.engines.symbolic_statements import Picked, Statements
from checker.engines.terms import answer_of
from checker.language.errors import UnsupportedConstruct
from checker.language.properties import Property
from checker.language.types import BoolType
from checker.language.world import World

NOW, THEN = "now", "then"
MILLISECONDS = 5000  # to find out whether a loop can go round once more


@dataclass
class Transition:
    """What one event does: an operation of an actor, begun or gone on with, or an action."""

    lowered: Lowered
    member: int
    begun: Bit  # it is begun, and not gone on with
    ok: Bit  # it can happen, and does not go wrong
    after: State
    faults: list[tuple[Bit, Site]]  # what goes wrong, first come first
    picked: list[Picked]
    limits: list[Any]
    arguments: dict[Variable, Any]


@dataclass
class Machine:
    """The transition relation over the variables of two steps, "now" and "then", and the event between."""

    world: World
    compilation: Compilation
    shape: Shape
    before: State
    until: float  # of the monotonic clock: when writing it down is given up
    transitions: list[Transition] = field(default_factory=list)

    @property
    def event(self) -> Any:
        return z3.BitVec(f"event@{NOW}", max(len(self.transitions).bit_length(), 1))

    @functools.cached_property
    def variables(self) -> list[Any]:
        """All that a formula over now and then may have: the state twice, the event, and what it chose."""
        found = [cell.variable(step) for cell in self.shape.wide for step in (NOW, THEN)]
        for each in self.transitions:
            found += [picked.answer for picked in each.picked]
            found += [cell.variable(NOW) for cell in each.arguments.values()]
        return [*found, self.event]

    def relation(self) -> Any:
        """Some event takes the state of now to that of then."""
        return z3.And(z3.ULT(self.event, len(self.transitions)), *self._cases())

    def _cases(self) -> Iterator[Any]:
        for number, each in enumerate(self.transitions):
            after = []
            for cell in self.shape.wide:
                after.append(cell.variable(THEN) == cell.stored(each.after[cell.key][cell.element]))
            yield z3.Implies(self.event == number, z3.And(each.ok, *each.limits, *after))

    def fault(self, site: Site) -> Any:
        """Some event goes wrong here, and nowhere before."""
        cases = []
        for number, each in enumerate(self.transitions):
            earlier: list[Bit] = []
            for met, where in each.faults:
                if where == site:
                    cases.append(z3.And(self.event == number, conj(met, neg(disj(*earlier))), *each.limits))
                earlier.append(met)
        return z3.Or(*cases)

    @property
    def sites(self) -> list[Site]:
        return list(dict.fromkeys(site for each in self.transitions for _, site in each.faults))

    def legal(self, step: str) -> Any:
        """Every field has a value of its type."""
        return z3.And(*(cell.legal(cell.variable(step)) for cell in self.shape.wide))

    def holds(self, name: str, *states: State) -> Bit:
        """What a property says; a predicate that goes wrong does not hold."""
        run = self._statements()
        run.roots = {str(number): state for number, state in enumerate(states)}
        helper = self.compilation.predicates[name]
        result = run._run(helper, tuple(run.roots), [], True)
        return conj(result, neg(disj(*(met for met, _ in run.faults))))

    def state(self, step: str) -> State:
        return self.shape.state(lambda cell: cell.variable(step))

    def initial(self, step: str) -> tuple[list[Any], list[Any]]:
        """The world's initial snapshots, and for each the condition that the state is that one."""
        snapshots = self.world.initial_states()
        return list(snapshots), [self._is(snapshot, step) for snapshot in snapshots]

    def _is(self, snapshot: Any, step: str) -> Any:
        codes: dict[tuple[Key, int], int] = {}
        with self.world:
            for (key, _, at, kind), value in zip(cells_of(self.world), snapshot, strict=True):
                if key in self.compilation.leaves:
                    codes[key, at] = encode(kind, value)
        equations = []
        for cell in self.shape.wide:
            code = codes.get((cell.key, cell.element), 0)
            equations.append(cell.variable(step) == cell.stored(bool(code) if cell.truth else pattern(code)))
        return z3.And(*equations)

    # ---- building -------------------------------------------------------------------------------------

    def _statements(self) -> Statements:
        made = Statements(self.numbering, self.points)
        made.possible, made.until = self._possible, self.until
        return made

    def _possible(self, condition: Bit) -> bool:
        solver = bit_solver()
        solver.add(self.legal(NOW))
        return answer_of(solver, MILLISECONDS, condition)

    def build(self, numbering: Any) -> None:
        self.numbering = numbering
        self.points = {
            (o.actor, o.declaration.name): [p.number for p in o.points] for o in self.compilation.operations
        }
        for actor in self.world.actors:
            kind, member = type(actor.member), int(actor.member)
            for declared in actor.all_operations:
                lowered = next(
                    o for o in self.compilation.operations if o.declaration is declared and o.actor is kind
                )
                once = declared not in actor.operations
                self.transitions.append(self._operation(lowered, member, once))
        for lowered in self.compilation.actions:
            size = self.world.size(lowered.actor) if lowered.actor is not None else 1
            self.transitions += [self._action(lowered, member) for member in range(size)]

    def _begin(self, lowered: Lowered, member: int) -> tuple[Statements, dict[Variable, Any]]:
        run = self._statements()
        run.name = f"{len(self.transitions)}"
        run.roots = {"t": copied(self.before)}
        run.me = member
        arguments: dict[Variable, Any] = {}
        for parameter in lowered.parameters.values():
            low, high = code_range(parameter.type)
            width = (high - low).bit_length()
            if width == 0:
                run.env[parameter] = pattern(low)
                continue
            cell = Cell(("argument", run.name), len(arguments), width, low, high, False)
            arguments[parameter] = cell
            variable = cell.variable(NOW)
            code = cell.code(variable)
            run.env[parameter] = code != 0 if isinstance(parameter.type, BoolType) else code
            if high - low + 1 != 1 << width:
                run.limits.append(cell.legal(variable))
        return run, arguments

    def _action(self, lowered: Lowered, member: int) -> Transition:
        run, arguments = self._begin(lowered, member)
        run.body(lowered.body)
        done = disj(run.guard, *run.ends.returns)
        return self._transition(lowered, member, run, True, done, arguments)

    def _operation(self, lowered: Lowered, member: int, once: bool) -> Transition:
        run, arguments = self._begin(lowered, member)
        state, kind = run.roots["t"], lowered.actor
        assert kind is not None
        key, pc = ("pc", kind), self.before["pc", kind][member]
        start = equal(pc, 0)
        if once:
            mark = ("once", f"once_{lowered.declaration.name}_{kind.__name__}")
            start = conj(start, equal(state[mark][member], 0))
            state[mark][member] = choose(start, 1, state[mark][member])
        if self.numbering.asks_running and lowered.points:
            state[key][member] = choose(start, lowered.points[0].number, pc)
        self._load_locals(run, lowered, pc, member)
        slots = self.compilation.slots[kind]
        stopped: list[Bit] = []

        def stop(number: int, live: Sequence[Variable]) -> None:
            kept = {self.compilation.slot_of[variable].cname: variable for variable in live}
            for slot in slots:
                values = state[slot_key(slot)]
                value = run.env[kept[slot.cname]] if slot.cname in kept else 0
                if slot.cname in kept:
                    low = low_of(kept[slot.cname].type)
                    number_ = choose(value, 1, 0) if isinstance(kept[slot.cname].type, BoolType) else value
                    value = calculate("-", number_, pattern(low), False)
                values[member] = choose(run.guard, value, values[member])
            state[key][member] = choose(run.guard, number, state[key][member])
            stopped.append(run.guard)

        def suspended(point: Point) -> None:
            stop(point.number, point.live)

        run.suspended = suspended
        run.resumed = lambda point: equal(pc, point.number)
        run.guard = start
        run.body(lowered.body)
        run.guard = disj(run.guard, *run.ends.returns)
        if run.guard is not False:
            stop(0, ())
        allowed = self._enabled(kind, member)
        ran = conj(allowed, disj(*stopped))
        run.faults = [(conj(allowed, met), site) for met, site in run.faults]
        return self._transition(lowered, member, run, start, ran, arguments)

    def _load_locals(self, run: Statements, lowered: Lowered, pc: Any, member: int) -> None:
        """What a resumption at each point finds in the slots."""
        for point in lowered.points:
            here = equal(pc, point.number)
            for variable in point.live:
                stored = self.before[slot_key(self.compilation.slot_of[variable])][member]
                value = local_code(stored, variable)
                value = neg(equal(value, 0)) if isinstance(variable.type, BoolType) else value
                known = run.env.get(variable, value)
                run.env[variable] = choose(here, value, known)
        run.entry = dict(run.env)

    def _enabled(self, kind: type, member: int) -> Bit:
        helpers: list[Helper] = self.compilation.enabled.get(kind, [])
        allowed: Bit = True
        for helper in helpers:
            run = self._statements()
            run.roots, run.me = {"t": self.before}, member
            allowed = conj(allowed, run._run(helper, ("t",), [member] * len(helper.parameters), True))
        return allowed

    def _transition(
        self, lowered: Lowered, member: int, run: Statements, begun: Bit, ran: Bit, arguments: Any
    ) -> Transition:
        ok = conj(ran, neg(disj(*(met for met, _ in run.faults))))
        return Transition(
            lowered, member, begun, ok, run.roots["t"], run.faults, run.picked, run.limits, arguments
        )


def machine_of(world: World, properties: Sequence[Property | str], until: float = math.inf) -> Machine:
    """The world with what the properties depend on."""
    with world:
        compilation = Compilation(world, properties)
        numbering = compilation.analyse()
        _refuse_wide_sets(compilation)
        shape = Shape(compilation)
        machine = Machine(world, compilation, shape, shape.state(lambda cell: cell.variable(NOW)), until)
        machine.build(numbering)
    return machine


def _refuse_wide_sets(compilation: Compilation) -> None:
    """A value is one word of 64 bits to z3."""
    if compilation.unit.wide_set is None:
        return
    kind, place = compilation.unit.wide_set
    raise UnsupportedConstruct(
        f"{describe(kind)} has {set_size(kind)} possible members, and to z3 a set is one word",
        file=place.file,
        line=place.line,
        column=place.column + 1,
        advice="lower a bound, or leave --engine symbolic out",
    )
