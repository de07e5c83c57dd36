"""member_keys(): a number for each member, by which those that differ are told apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from checker.compiler.c_members import (
    Members,
    among,
    element,
    loops,
    only_active,
    parts_of,
    raw_of,
    value_ctype,
)
from checker.compiler.c_wide import is_wide, prefix, wide_loop
from checker.compiler.codes import code_range, none_code
from checker.language.index import Index
from checker.language.types import IndexType, OptionalType, SetType, TupleType


class MemberKeys(Members):
    def lines(self) -> list[str]:
        return [
            "/* A number for each member, permuted with it: where they differ, it tells members apart. */",
            "LINKED void member_keys(const State *s, uint64_t *key)",
            "{",
            *self._leaf_keys(),
            *self._actor_keys(),
            *self._inner_keys(),
            "}",
            "",
        ]

    def _leaf_keys(self) -> Iterator[str]:
        yield f"    for (int i = 0; i < {self.total}; i++)"
        yield "        key[i] = 0;"
        for number, leaf, dims, kind in self.involved():
            here = element([f"a{n}" for n in range(len(dims))], dims, self.c.world)
            plain = [f"a{n}" for n, index in enumerate(dims) if index not in self.bases]
            owners = [(index, f"a{n}") for n, index in enumerate(dims) if index in self.bases]
            declared = value_ctype(kind)
            text = f"{{ {declared} v = get_{leaf.cname}(s{here}); uint64_t h = {_hash(number + 1, plain)}; "
            text += " ".join(self._value_keys(kind, owners)) + " }"
            yield from loops(dims, self.c.world, text)

    def _value_keys(self, kind: Any, owners: list[tuple[type[Index], str]]) -> Iterator[str]:
        """What a value says of the members whose field it is in, and of those that it names."""
        shape = _shape(kind, self.is_moved(kind))
        for place, (index, member) in enumerate(owners):
            own = [f"({member} == {other})" for i, other in owners if i is index and other != member]
            if _named(kind) == index:
                own.append(f"(v == {member})")
            extra = " + ".join(f"{2 + n} * {test}" for n, test in enumerate(own)) or "0"
            yield (
                f"key[{self.bases[index]} + {member}] += "
                f"mixed(mixed(h, {place} + 8 * (uint64_t)({extra})), {shape});"
            )
        if isinstance(kind, SetType) and self.is_moved(kind):
            low = code_range(kind.of)[0]
            inner = " ".join(self._names(kind.of, "w", owners))
            if is_wide(kind):
                yield wide_loop(kind, "v", "w", "int64_t", inner)
                return
            yield f"for (; v; v &= v - 1) {{ int64_t w = __builtin_ctzll(v) + ({low}); {inner} }}"
        elif self.is_moved(kind):
            yield from self._names(kind, "v", owners)

    def _names(self, kind: Any, value: str, owners: list[tuple[type[Index], str]]) -> Iterator[str]:
        if isinstance(kind, OptionalType):
            yield f"if ({value} != {none_code(kind)}) {{ {' '.join(self._names(kind.of, value, owners))} }}"
        elif isinstance(kind, TupleType):
            parts = list(zip(kind.items, parts_of(kind, value), strict=True))
            known = "mixed(h, 77)"
            for item, part in parts:
                if not self.is_moved(item):
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
            yield from only_active(pc)
            yield f"        int pc = get_{pc.cname}(s, me);"
            yield f"        uint64_t h = {_hash(10_000 + number, ['pc', *plain])};"
            if moved:
                yield f"        key[{self.bases[kind]} + me] += h;"
                for n, (name, mark) in enumerate(self.c.once.items()):
                    if name.endswith(f"_{kind.__name__}"):
                        test = f"{among('me', mark.active)} && get_{mark.cname}(s, me)"
                        yield f"        key[{self.bases[kind]} + me] += {test} ? {_hash(20_000 + n, [])} : 0;"
            if cases:
                yield from ("        switch (pc) {", *cases, "        }")
            yield "    }"

    def _local_keys(self, kind: type[Index]) -> Iterator[str]:
        owners = [(kind, "me")] if kind in self.bases else []
        for number, live in self.points(kind):
            lines = []
            for place, variable in enumerate(live):
                if not owners and not self.is_moved(variable.type):
                    continue
                value = raw_of(variable, f"get_{self.c.slot_of[variable].cname}(s, me)")
                declared = value_ctype(variable.type)
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
            outer, size = self.around(index)
            if outer is not None and size:
                base = self.bases[index]
                last = base + min(self.c.world.size(index), size * self.c.world.size(outer))
                yield f"    for (int i = {base}; i < {last}; i++)"
                yield f"        key[around[i]] += mixed(key[i], {base + 1});"


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
