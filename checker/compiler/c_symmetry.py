"""permuted() and member_keys(): what the canonical form of a state is computed with (engines/symmetry.h)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from checker.compiler.c_text import ctype
from checker.compiler.c_wide import is_wide, prefix, wide_loop, wide_type
from checker.compiler.codes import code_range, none_code
from checker.compiler.layout import Field
from checker.compiler.program import cells_of
from checker.language.index import Index
from checker.language.properties import DEADLOCK
from checker.language.types import IndexType, Key, OptionalType, SetType, TupleType, is_key

if TYPE_CHECKING:
    from checker.compiler.compile import Compilation
    from checker.compiler.ir import LeafKey, Variable


class SymmetryWriter:
    """Nothing where no member is interchangeable with another."""

    def __init__(self, compilation: Compilation, goals: list[str]) -> None:
        self.c = compilation
        self.symmetry = compilation.symmetry
        self.goals = goals
        self.types: dict[Any, str] = {}  # a type that is moved → its function
        self.functions: list[str] = []
        self.bases: dict[type[Index], int] = {}
        total = 0
        for index in self.symmetry.moved:
            self.bases[index] = total
            total += compilation.world.size(index)
        self.total = total

    def lines(self) -> list[str]:
        if not self.symmetry.classes:
            return []
        permuted = [*self._permuted_leaves(), *self._permuted_actors()]
        keys = [*self._leaf_keys(), *self._actor_keys(), *self._inner_keys()]
        return [
            *self._tables(),
            *self.functions,
            "/* The state in which member m of an index has become member p[base of the index + m]. */",
            "LINKED void permuted(const State *from, State *to, const uint8_t *p)",
            "{",
            "    *to = *from;",
            "    (void)p;",
            *permuted,
            "}",
            "",
            "/* A number for each member, permuted with it: where they differ, it tells members apart. */",
            "LINKED void member_keys(const State *s, uint64_t *key)",
            "{",
            *keys,
            "}",
            "",
            *self._goals(),
        ]

    def counts(self) -> dict[str, int]:
        """As #defines, which the engine's tables go by."""
        classes = self.symmetry.classes
        return {
            "N_CLASSES": len(classes),
            "N_IN_CLASSES": sum(len(each.members) for each in classes),
            "N_MOVED": self.total,
            "N_MOVED_INDEXES": len(self.bases),
        }

    # -- tables ----------------------------------------------------------------------------------------------

    def _tables(self) -> list[str]:
        world, bases = self.c.world, self.bases
        around, each = [], []
        for index in self.symmetry.moved:
            outer, size = self._around(index)
            for member in range(world.size(index)):
                inside = outer is not None and size > 0 and member // size < world.size(outer)
                around.append(bases[outer] + member // size if outer is not None and inside else 255)
                each.append(size)
        starts = [*bases.values(), self.total]
        classes = sorted(self.symmetry.classes, key=lambda c: bases[c.index])
        members = [bases[c.index] + member for c in classes for member in c.members]
        ends = [0]
        for each_class in classes:
            ends.append(ends[-1] + len(each_class.members))
        of_index = [list(bases).index(c.index) for c in classes]
        named = [f"{index.__name__} {base}" for index, base in bases.items()]
        return [
            f"/* Where the members of each index begin: {', '.join(named)}. */",
            _table("index_start", starts),
            _table("around", around),
            _table("each_around", each),
            _table("class_member", members),
            _table("class_start", ends),
            _table("class_index", of_index),
        ]

    def _around(self, index: type[Index]) -> tuple[type[Index] | None, int]:
        """The index whose members take those of this one along, and how many each of them takes."""
        leader = self.symmetry.leader(index)
        if leader is not None:
            return leader, 1
        outer = index.info.outer
        if outer is None or outer not in self.bases:
            return None, 0
        return outer, self.c.world.size(index) // max(1, self.c.world.size(outer))

    # -- the image of a state --------------------------------------------------------------------------------

    def _permuted_leaves(self) -> Iterator[str]:
        for _, leaf, dims, kind in self._involved():
            yield from _loops(dims, self.c.world, self._permuted_leaf(leaf, dims, kind))

    def _permuted_leaf(self, leaf: Field, dims: list[Key], kind: Any) -> str:
        world = self.c.world
        here = _element([f"a{n}" for n in range(len(dims))], dims, world)
        there = _element([self._image(d, f"a{n}") for n, d in enumerate(dims)], dims, world)
        if leaf.doubted:
            return f"set_stored_{leaf.cname}(to{there}, get_stored_{leaf.cname}(from{here}));"
        value = self._moved(kind, f"get_{leaf.cname}(from{here})")
        return f"set_{leaf.cname}(to{there}, {value});"

    def _image(self, index: Key, member: str) -> str:
        return f"p[{self.bases[index]} + {member}]" if index in self.bases else member

    def _permuted_actors(self) -> Iterator[str]:
        for kind in self.c.kinds():
            pc, slots = self.c.pcs[kind], self.c.slots[kind]
            marks = [mark for name, mark in self.c.once.items() if name.endswith(f"_{kind.__name__}")]
            cases = list(self._permuted_locals(kind))
            if kind not in self.bases and not cases:
                continue
            yield f"    for (int me = 0; me < {self.c.world.size(kind)}; me++) {{"
            yield from _only_active(pc)
            yield f"        int you = {self._image(kind, 'me')}, pc = get_{pc.cname}(from, me);"
            yield f"        set_{pc.cname}(to, you, pc);"
            for field in slots:
                yield f"        set_{field.cname}(to, you, get_{field.cname}(from, me));"
            for mark in marks:
                test = _among("me", mark.active)
                yield f"        if {test} set_{mark.cname}(to, you, get_{mark.cname}(from, me));"
            if cases:
                yield from ("        switch (pc) {", *cases, "        }")
            yield "    }"

    def _permuted_locals(self, kind: type[Index]) -> Iterator[str]:
        for number, live in self._points(kind):
            moved = [v for v in live if self._is_moved(v.type)]
            if moved:
                yield f"        case {number}:"
                for variable in moved:
                    slot = self.c.slot_of[variable]
                    value = self._moved(variable.type, _raw(variable, f"get_{slot.cname}(from, me)"))
                    if not slot.parts:
                        value = f"(uint64_t)(({value}) - ({_low(variable.type)}))"
                    yield f"            set_{slot.cname}(to, you, {value});"
                yield "            break;"

    def _points(self, kind: type[Index]) -> Iterator[tuple[int, list[Variable]]]:
        for lowered in self.c.operations:
            if lowered.actor is kind:
                for point in lowered.points:
                    yield point.number, point.live

    # -- the image of a value --------------------------------------------------------------------------------

    def _is_moved(self, kind: Any) -> bool:
        if isinstance(kind, IndexType):
            return kind.index in self.bases
        if isinstance(kind, (OptionalType, SetType)):
            return self._is_moved(kind.of)
        return isinstance(kind, TupleType) and any(map(self._is_moved, kind.items))

    def _moved(self, kind: Any, value: str) -> str:
        if not self._is_moved(kind):
            return value
        if isinstance(kind, IndexType):
            return f"p[{self.bases[kind.index]} + {value}]"
        if kind not in self.types:
            body = list(self._body(kind))  # which may need others first
            name = self.types[kind] = f"moved{len(self.types)}"
            declared = _ctype(kind)
            self.functions += [
                f"static inline {declared} {name}({declared} v, const uint8_t *p)", "{", *body, "}", "",
            ]  # fmt: skip
        return f"{self.types[kind]}({value}, p)"

    def _body(self, kind: Any) -> Iterator[str]:
        if isinstance(kind, OptionalType):
            yield f"    return v == {none_code(kind)} ? v : (int64_t){self._moved(kind.of, 'v')};"
        elif isinstance(kind, TupleType):
            code = "0"
            for item, part in zip(kind.items, _parts(kind, "v"), strict=True):
                low, high = code_range(item)
                code = f"({code} * {high - low + 1} + ({self._moved(item, f'({part})')} - ({low})))"
            yield f"    return {code};"
        elif is_wide(kind):
            low, w = code_range(kind.of)[0], prefix(kind)
            moved = self._moved(kind.of, "((int64_t)e)")
            yield f"    {wide_type(kind)} image = {{{{0}}}};"
            inner = f"image = {w}_or(image, {w}_one({moved} - ({low})));"
            yield f"    {wide_loop(kind, 'v', 'e', 'int', inner)}"
            yield "    return image;"
        else:
            low = code_range(kind.of)[0]
            image = self._moved(kind.of, f"((int64_t)__builtin_ctzll(v) + ({low}))")
            yield "    uint64_t image = 0;"
            yield "    for (; v; v &= v - 1)"
            yield f"        image |= UINT64_C(1) << ({image} - ({low}));"
            yield "    return image;"

    # -- keys of members -------------------------------------------------------------------------------------

    def _involved(self) -> Iterator[tuple[int, Field, list[Key], Any]]:
        """The fields that a permutation may change: their number, dimensions and type."""
        dims: dict[LeafKey, tuple[list[Key], Any]] = {}
        for (key, _, _, kind), cell in zip(cells_of(self.c.world), self.c.world.cells, strict=True):
            dims.setdefault(key, ([type(step) for step in cell.steps if is_key(step)], kind))
        for number, (key, leaf) in enumerate(self.c.leaves.items()):
            around, kind = dims.get(key, ([], None))
            if leaf.width and (self._is_moved(kind) or any(index in self.bases for index in around)):
                yield number, leaf, around, kind

    def _leaf_keys(self) -> Iterator[str]:
        yield f"    for (int i = 0; i < {self.total}; i++)"
        yield "        key[i] = 0;"
        for number, leaf, dims, kind in self._involved():
            here = _element([f"a{n}" for n in range(len(dims))], dims, self.c.world)
            plain = [f"a{n}" for n, index in enumerate(dims) if index not in self.bases]
            owners = [(index, f"a{n}") for n, index in enumerate(dims) if index in self.bases]
            declared = _ctype(kind)
            text = f"{{ {declared} v = get_{leaf.cname}(s{here}); uint64_t h = {_hash(number + 1, plain)}; "
            text += " ".join(self._value_keys(kind, owners)) + " }"
            yield from _loops(dims, self.c.world, text)

    def _value_keys(self, kind: Any, owners: list[tuple[type[Index], str]]) -> Iterator[str]:
        """What a value says of the members whose field it is in, and of those that it names."""
        shape = _shape(kind, self._is_moved(kind))
        for place, (index, member) in enumerate(owners):
            own = [f"({member} == {other})" for i, other in owners if i is index and other != member]
            if _named(kind) == index:
                own.append(f"(v == {member})")
            extra = " + ".join(f"{2 + n} * {test}" for n, test in enumerate(own)) or "0"
            yield (
                f"key[{self.bases[index]} + {member}] += "
                f"mixed(mixed(h, {place} + 8 * (uint64_t)({extra})), {shape});"
            )
        if isinstance(kind, SetType) and self._is_moved(kind):
            low = code_range(kind.of)[0]
            inner = " ".join(self._names(kind.of, "w", owners))
            if is_wide(kind):
                yield wide_loop(kind, "v", "w", "int64_t", inner)
                return
            yield f"for (; v; v &= v - 1) {{ int64_t w = __builtin_ctzll(v) + ({low}); {inner} }}"
        elif self._is_moved(kind):
            yield from self._names(kind, "v", owners)

    def _names(self, kind: Any, value: str, owners: list[tuple[type[Index], str]]) -> Iterator[str]:
        if isinstance(kind, OptionalType):
            yield f"if ({value} != {none_code(kind)}) {{ {' '.join(self._names(kind.of, value, owners))} }}"
        elif isinstance(kind, TupleType):
            parts = list(zip(kind.items, _parts(kind, value), strict=True))
            known = "mixed(h, 77)"
            for item, part in parts:
                if not self._is_moved(item):
                    known = f"mixed({known}, (uint64_t)({part}))"
            yield f"{{ uint64_t g = {known};"
            for position, (item, part) in enumerate(parts):
                if isinstance(item, IndexType) and item.index in self.bases:
                    yield f"key[{self.bases[item.index]} + {part}] += mixed(g, {position});"
            yield "}"
        elif isinstance(kind, IndexType):
            own = [f"({value} == {member})" for index, member in owners if index is kind.index]
            yield f"key[{self.bases[kind.index]} + {value}] += mixed(h, 99{''.join(f' + {o}' for o in own)});"

    def _actor_keys(self) -> Iterator[str]:
        for number, kind in enumerate(self.c.kinds()):
            pc, moved = self.c.pcs[kind], kind in self.bases
            cases = list(self._local_keys(kind))
            if not moved and not cases:
                continue
            plain = [] if moved else ["me"]
            yield f"    for (int me = 0; me < {self.c.world.size(kind)}; me++) {{"
            yield from _only_active(pc)
            yield f"        int pc = get_{pc.cname}(s, me);"
            yield f"        uint64_t h = {_hash(10_000 + number, ['pc', *plain])};"
            if moved:
                yield f"        key[{self.bases[kind]} + me] += h;"
                for n, (name, mark) in enumerate(self.c.once.items()):
                    if name.endswith(f"_{kind.__name__}"):
                        test = f"{_among('me', mark.active)} && get_{mark.cname}(s, me)"
                        yield f"        key[{self.bases[kind]} + me] += {test} ? {_hash(20_000 + n, [])} : 0;"
            if cases:
                yield from ("        switch (pc) {", *cases, "        }")
            yield "    }"

    def _local_keys(self, kind: type[Index]) -> Iterator[str]:
        owners = [(kind, "me")] if kind in self.bases else []
        for number, live in self._points(kind):
            lines = []
            for place, variable in enumerate(live):
                if not owners and not self._is_moved(variable.type):
                    continue
                value = _raw(variable, f"get_{self.c.slot_of[variable].cname}(s, me)")
                declared = _ctype(variable.type)
                inner = " ".join(self._value_keys(variable.type, owners))
                lines.append(
                    f"            {{ {declared} v = {value}; uint64_t g = mixed(h, {place + 1}); "
                    f"{{ uint64_t h = g; {inner} }} }}"
                )
            if lines:
                yield f"        case {number}:"
                yield from lines
                yield "            break;"

    def _inner_keys(self) -> Iterator[str]:
        """What lies within a member is part of it."""
        for index in reversed(self.symmetry.moved):
            outer, size = self._around(index)
            if outer is not None and size:
                base = self.bases[index]
                last = base + min(self.c.world.size(index), size * self.c.world.size(outer))
                yield f"    for (int i = {base}; i < {last}; i++)"
                yield f"        key[around[i]] += mixed(key[i], {base + 1});"

    # -- goals -----------------------------------------------------------------------------------------------

    def _goals(self) -> list[str]:
        """Which goal is about the actor that has changed places with the actor of goal g."""
        lines = ["LINKED int moved_goal(int g, const uint8_t *p)", "{", "    (void)p;"]
        numbers = {name: number for number, name in enumerate(self.goals)}
        for kind in self.c.kinds():
            mine = {
                int(actor.member): numbers[name]
                for actor in self.c.world.actors
                if type(actor.member) is kind and (name := f"{DEADLOCK}:{actor.member!r}") in numbers
            }
            if kind in self.bases and mine:
                table = f"goals_{kind.__name__}"
                row = [mine.get(n, 255) for n in range(self.c.world.size(kind))]
                lines.append(f"    {_table(table, row, 'static')}")
                for member, goal in mine.items():
                    lines.append(f"    if (g == {goal}) return {table}[p[{self.bases[kind]} + {member}]];")
        return [*lines, "    return g;", "}", ""]


def _table(name: str, values: Iterable[int], linkage: str = "LINKED") -> str:
    return f"{linkage} const uint8_t {name}[] = {{{', '.join(map(str, values))}}};"


def _loops(dims: list[Key], world: Any, line: str) -> Iterator[str]:
    yield "    " + "".join(
        f"for (int a{n} = 0; a{n} < {world.size(index)}; a{n}++) " for n, index in enumerate(dims)
    )
    yield f"        {line}"


def _element(members: list[str], dims: list[Key], world: Any) -> str:
    """The number of an element, as the accessors take it; nothing for a field that is no array's."""
    if not dims:
        return ""
    code = "0"
    for member, index in zip(members, dims, strict=True):
        code = f"({code} * {world.size(index)} + {member})"
    return f", {code}"


def _only_active(pc: Field) -> Iterator[str]:
    if len(pc.active) != pc.count:
        yield f"        if (!{_among('me', pc.active)}) continue;"


def _among(name: str, members: Iterable[int]) -> str:
    return f"({' || '.join(f'{name} == {n}' for n in members) or 'false'})"


def _ctype(kind: Any) -> str:
    return ctype(kind) if isinstance(kind, SetType) else "int64_t"


def _low(kind: Any) -> int:
    return 0 if isinstance(kind, SetType) else code_range(kind)[0]


def _raw(variable: Variable, stored: str) -> str:
    """The code of a local, from what is stored of it."""
    if isinstance(variable.type, SetType):
        return stored
    return f"((int64_t){stored} + ({_low(variable.type)}))"


def _parts(kind: TupleType, value: str) -> list[str]:
    parts, divisor = [], 1
    for item in reversed(kind.items):
        low, high = code_range(item)
        parts.append(f"({value} / {divisor} % {high - low + 1} + ({low}))")
        divisor *= high - low + 1
    return parts[::-1]


def _hash(number: int, parts: Iterable[str]) -> str:
    text = f"mixed({number}, 0)"
    for part in parts:
        text = f"mixed({text}, (uint64_t){part})"
    return text


def _shape(kind: Any, moved: bool) -> str:
    """What remains of a value if members are not told apart."""
    if is_wide(kind):
        return f"(uint64_t){prefix(kind)}_{'count' if moved else 'hash'}(v)"
    if not moved:
        return "(uint64_t)v"
    if isinstance(kind, SetType):
        return "(uint64_t)__builtin_popcountll(v)"
    return f"(uint64_t)(v != {none_code(kind)})" if isinstance(kind, OptionalType) else "1"


def _named(kind: Any) -> type[Index] | None:
    """The index whose member a value is."""
    while isinstance(kind, OptionalType):
        kind = kind.of
    return kind.index if isinstance(kind, IndexType) else None
