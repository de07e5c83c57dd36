"""Model + properties → Program: lower, slice, find what each program point keeps, lay out, write C."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from checker.compiler import symmetry
from checker.compiler.c_numbering import Numbering
from checker.compiler.codes import code_range, encode, is_number, is_word, width
from checker.compiler.declarations import Declarations, Lowered
from checker.compiler.dirty import late_choices
from checker.compiler.eager import Claim, Reduction, Subject, reduce_actions
from checker.compiler.generate import Generator
from checker.compiler.ir import Leaf, LeafKey, Variable
from checker.compiler.ir_statements import Choose, Stmt
from checker.compiler.layout import SETTLED, TO_COME, Field, Layout, lay_out
from checker.compiler.liveness import Liveness, Uses
from checker.compiler.orders import Climb
from checker.compiler.program import PointInfo, Program, cells_of
from checker.compiler.sharing import Copies
from checker.compiler.slicing import Slice, written
from checker.compiler.slots import share_slots
from checker.compiler.symmetry import Symmetry
from checker.compiler.touched import Touched
from checker.compiler.unassigned import refuse_unassigned
from checker.compiler.unit import Calls, unique
from checker.compiler.walking import variants_in
from checker.compiler.without_collections import without_collections
from checker.language.cost import Cost
from checker.language.index import Index
from checker.language.properties import ALWAYS_POSSIBLE, DEADLOCK, Property
from checker.language.steps import Operation
from checker.language.types import SetType
from checker.language.world import World


def compile_program(
    world: World,
    properties: Sequence[Property | Cost | str],
    selectable: bool = False,
    reduced: bool = False,
    passing: bool = True,
) -> Program:
    """Everything the native engine needs for these properties ("deadlock" by name) and costs in this world.

    `selectable`: one program for many searches, each of which says which operations may be started.
    `reduced`: actions are not interleaved where that is proved to change no answer. `passing`: even if waits
    that they end are passed then.
    """
    with world, without_collections():
        program = Compilation(world, properties, selectable, reduced, passing).program()
    if reduced:
        program.unreduced = lambda names, reduced=False: compile_program(
            world, [p for p in properties if name_of(p) in names], selectable, reduced, passing=False
        )
    return program


def name_of(prop: Property | Cost | str) -> str:
    return prop if isinstance(prop, str) else prop.name


def functions_called(world: World, properties: Sequence[Property | str]) -> tuple[Calls, set[Any]]:
    """Which functions call which; and those that are run while compiling instead of translated."""
    with world:
        compilation = Compilation(world, properties)
        compilation.lower()
    return compilation.unit.calls, compilation.unit.tabulated


class Compilation(Declarations):
    """The stages of one compilation, and what they hand to one another."""

    def __init__(
        self,
        world: World,
        properties: Sequence[Property | Cost | str],
        selectable: bool = False,
        reduced: bool = False,
        passing: bool = True,
    ) -> None:
        super().__init__(world)
        self.passing = passing
        self.selectable = selectable
        self.reduced = reduced
        self.reduction = Reduction()
        self.symmetry = Symmetry()
        self.properties = [p for p in properties if isinstance(p, Property)]
        self.costs = [p for p in properties if isinstance(p, Cost)]
        self.deadlock = DEADLOCK in properties
        self.pcs: dict[type[Index], Field] = {}
        self.once: dict[str, Field] = {}
        self.assumed_stop = Field("assumed_stop", 1, 0, indexed=False)
        self.slots: dict[type[Index], list[Field]] = {}
        self.slot_of: dict[Variable, Field] = {}
        self.uses = Uses()

    def lower(self) -> None:
        self.operations = [self.operation(op, kind) for kind, op in self._runs()]
        self.actions = [self.action(action) for action in self.world.actions]
        self.enabled = {
            kind: [self.predicate(e, "t") for e in self.world.model.enabled if e.actor is kind]
            for kind in self.kinds()
        }
        self.predicates = {p.name: self.property(p) for p in self.properties}
        self.counts = {p.name: self.cost(p) for p in self.costs}

    def analyse(self) -> Numbering:
        """Everything up to C: lowered, sliced, and each kept field and local with its width."""
        self.lower()
        helpers = [helper.body for helper in self.unit.helpers.values()]
        self.variants = variants_in([*self._bodies(), *helpers]) if self.unit.selects else set()
        constants = self._constants()
        kept = self._slice(constants)
        self._number_points(kept)
        late = late_choices([lowered.body for lowered in (*self.operations, *self.actions)])
        if self.reduced:
            self.reduction = self._reduce(kept, late)
            self.symmetry = self._interchangeable(constants)
        self.leaves = self._leaves(kept)
        self.layout = self._layout_of_all(self.leaves)
        numbering = Numbering(kept, dict(self.leaves), constants, self.unit.tables)
        for kind, pc in self.pcs.items():
            numbering.fields["pc", kind.__name__] = pc
        for lowered in self.operations:
            key = (lowered.actor, lowered.declaration.name)
            numbering.points[key] = [point.number for point in lowered.points]  # type: ignore[index]
        numbering.track_writes = bool(late)
        numbering.waits = self.reduction.waits
        others = (*self.properties, *self.costs, *self.world.model.enabled, *self.world.actions)
        numbering.asks_running = not self.unit.asking <= {each.function for each in others}
        return numbering

    def program(self) -> Program:
        numbering = self.analyse()
        leaves, layout = self.leaves, self.layout
        generator = Generator(self, numbering, layout, leaves)
        program = Program(
            self.world,
            "",
            layout,
            [],
            [],
            [],
            [],
            [],
            [],
            {},
            {},
            leaves,
            self.pcs,
            self.once,
            slots=dict(self.slots),
            variants=frozenset(self.variants),
        )
        program.costs = [each.name for each in self.costs]
        program.conditions = {name: list(found) for name, found in self.conditions.items()}
        program.points = {
            (o.actor, o.declaration.name): self._point_infos(o)
            for o in self.operations
            if o.actor is not None
        }
        program.source = generator.source(program)
        program.statistics = self._statistics(numbering.kept, numbering.constants, layout)
        program.is_reduced = bool(self.reduction.order or self.symmetry.classes)
        return program

    # -- lowering --------------------------------------------------------------------------------------------

    def kinds(self) -> list[type[Index]]:
        return list(dict.fromkeys(type(actor.member) for actor in self.world.actors))

    def _runs(self) -> list[tuple[type[Index], Operation]]:
        pairs = [(type(actor.member), op) for actor in self.world.actors for op in actor.all_operations]
        return list(dict.fromkeys(pairs))

    # -- slicing ---------------------------------------------------------------------------------------------

    def _bodies(self) -> list[list[Stmt]]:
        return [lowered.body for lowered in (*self.operations, *self.actions)]

    def _constants(self) -> dict[LeafKey, tuple[int, ...]]:
        """Leaves that no enabled step writes and that all initial states agree on."""
        changed = written(self._bodies())
        cells = cells_of(self.world)
        values: dict[LeafKey, dict[int, set[int]]] = {}
        for snapshot in self.world.initial_states():
            for (key, _, element, kind), value in zip(cells, snapshot, strict=True):
                if key not in changed:
                    values.setdefault(key, {}).setdefault(element, set()).add(encode(kind, value))
        return {
            key: tuple(next(iter(codes)) for _, codes in sorted(elements.items()))
            for key, elements in values.items()
            if all(len(codes) == 1 for codes in elements.values())
        }

    def _slice(self, constants: dict[LeafKey, tuple[int, ...]]) -> Slice:
        kept = Slice(set(constants))
        asked = (*self.predicates.values(), *self.counts.values())
        for helper in (*asked, *(h for group in self.enabled.values() for h in group)):
            kept.use_whole(helper)
        kept.grow(self._bodies())
        return kept

    def _reduce(self, kept: Slice, late: set[Choose]) -> Reduction:
        claims = [Claim(each, self.predicates[each.name]) for each in self.properties]
        enabled = [helper for group in self.enabled.values() for helper in group]
        goals = self.deadlock or any(each.kind == ALWAYS_POSSIBLE for each in self.properties)
        subject = Subject(
            self.operations,
            self.actions,
            enabled,
            claims,
            kept,
            late,
            goals,
            self.passing,
            Touched(self.uses),
        )
        return reduce_actions(subject)

    def _interchangeable(self, constants: dict[LeafKey, tuple[int, ...]]) -> Symmetry:
        claims = [self.predicates[each.name] for each in self.properties]
        enabled = [helper for group in self.enabled.values() for helper in group]
        asked = {key: values for key, values in constants.items() if key in self.unit.leaves}
        proof = symmetry.Subject(self.world, self._bodies(), enabled, claims, asked, self.unit.tables)
        return symmetry.find_symmetry(proof, self._goals_of_actors())

    def _goals_of_actors(self) -> int:
        """How many goals a search for deadlocks has; together with those that are asked for."""
        goals = sum(each.kind == ALWAYS_POSSIBLE for each in self.properties)
        return goals + len(self.world.actors) * self.deadlock

    # -- program points and locals ---------------------------------------------------------------------------

    def _number_points(self, kept: Slice) -> None:
        liveness = Liveness(kept, self.uses)
        if not self.variants:
            self._refuse_unassigned()
        for lowered in self.operations:
            liveness.operation(lowered.body)
        self.copies = Copies(kept, [(o.actor, o.body) for o in self.operations if o.actor is not None])
        for kind in self.kinds():
            mine = [lowered for lowered in self.operations if lowered.actor is kind]
            number = 0
            for lowered in mine:
                for point in lowered.points:
                    number += 1
                    point.number = number
            active = tuple(int(actor.member) for actor in self.world.actors if type(actor.member) is kind)
            size = self.world.size(kind)
            self.pcs[kind] = Field(f"pc_{kind.__name__}", number.bit_length(), 0, size, active=active)
            for lowered in mine:
                once = tuple(
                    int(a.member)
                    for a in self.world.actors
                    if type(a.member) is kind and lowered.declaration in a.once
                )
                if once:
                    name = f"once_{lowered.declaration.name}_{kind.__name__}"
                    self.once[name] = Field(name, 1, 0, size, active=once)

    def _refuse_unassigned(self) -> None:
        """A local that is live where its operation starts may be read before it is assigned.

        Not asked of variants in one program: a path through parts of different ones is none.
        """
        asked = (*self.predicates.values(), *self.counts.values())
        for helper in (*self.unit.helpers.values(), *asked):
            refuse_unassigned(helper.body, helper.parameters, self.uses)
        for lowered in (*self.operations, *self.actions):
            refuse_unassigned(lowered.body, lowered.parameters.values(), self.uses)

    def _layout_of_all(self, leaves: dict[LeafKey, Field]) -> Layout:
        """Copies that share their C share their slots; not if that takes a word more."""
        self._place_locals({})
        alone = self._layout(leaves)
        if not self.copies.shared:
            return alone
        self._place_locals(self.copies.same())
        together = self._layout(leaves)
        if together.words == alone.words:
            return together
        self.copies.shared = set()
        self._place_locals({})
        return self._layout(leaves)

    def _place_locals(self, same: dict[Variable, Variable]) -> None:
        for kind in self.kinds():
            points = [point for o in self.operations if o.actor is kind for point in o.points]
            self.slots[kind], slot_of = share_slots(kind.__name__, self.pcs[kind], points, same)
            self.slot_of.update(slot_of)

    def _point_infos(self, lowered: Lowered) -> dict[tuple[Any, ...], PointInfo]:
        infos = {}
        for point in lowered.points:
            info = PointInfo(point.number, point, tuple((v, self.slot_of[v]) for v in point.live))
            for chain in point.chains:
                infos[tuple((place.file, place.line, place.column) for place in chain)] = info
        return infos

    # -- layout ----------------------------------------------------------------------------------------------

    def _leaves(self, kept: Slice) -> dict[LeafKey, Field]:
        fields: dict[LeafKey, Field] = {}
        taken: dict[str, int] = {}
        for key, leaf in sorted(self.unit.leaves.items()):
            if key not in kept.needed:
                continue
            is_set = isinstance(leaf.type, SetType)
            low = 0 if is_set else code_range(leaf.type)[0]
            name = unique(taken, leaf.name)  # set_marks_() is nothing that the engine has
            stored = self._renumbered(leaf)
            fields[key] = Field(
                name,
                max(stored).bit_length() if stored else width(leaf.type),
                low,
                leaf.count,
                bool(leaf.sizes),
                wide=is_set or is_word(leaf.type),
                number=is_number(leaf.type),
                stored=stored,
                doubted=leaf.key in self.reduction.doubted,
            )
        return fields

    def _renumbered(self, leaf: Leaf) -> tuple[int, ...]:
        """Of an enum that hardware moves from one value to another: these two differ in the lowest bit only,
        which no other value has. So the order of states is one of bits."""
        climb = self.reduction.order.get(leaf.key)
        if not isinstance(climb, Climb):
            return ()
        low, high = code_range(leaf.type)
        ends = {climb.low: 0, climb.high: 1}
        if leaf.key in self.reduction.doubted:
            ends = {climb.low: TO_COME, climb.high: SETTLED}
        step = 1 << max(ends.values()).bit_length()
        others = iter(range(step, step * (high - low + 1), step))
        return tuple(ends[code] if code in ends else next(others) for code in range(low, high + 1))

    def _layout(self, leaves: dict[LeafKey, Field]) -> Layout:
        locals_ = [slot for slots in self.slots.values() for slot in slots]
        ghosts = [self.assumed_stop] if self.reduction.passed else []
        return lay_out([*leaves.values(), *self.pcs.values(), *self.once.values(), *locals_, *ghosts])

    def _statistics(
        self, kept: Slice, constants: dict[LeafKey, tuple[int, ...]], layout: Layout
    ) -> dict[str, Any]:
        shown = {
            key: ".".join(part for part in key).replace(".[]", "[]") for key, _, _, _ in cells_of(self.world)
        }
        return {
            "bits": layout.bits,
            "words": layout.words,
            "constant fields": sorted(shown[key] for key in constants),
            "sliced fields": sorted(
                shown[key] for key in shown if key not in constants and key not in kept.needed
            ),
            "kept fields": sorted(shown[key] for key in shown if key in kept.needed and key not in constants),
            "program points": sum(len(o.points) for o in self.operations),
            "assumed": sorted(set(self.unit.assumed)),
            **self.reduction.statistics(),
            **self.symmetry.statistics(),
        }
