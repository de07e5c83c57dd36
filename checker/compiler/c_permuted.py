"""permuted(): the state in which members have changed places."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from checker.compiler.c_members import (
    Members,
    among,
    element,
    loops,
    low_of,
    only_active,
    parts_of,
    raw_of,
    value_ctype,
)
from checker.compiler.c_wide import is_wide, prefix, wide_loop, wide_type
from checker.compiler.codes import code_range, none_code
from checker.compiler.layout import Field
from checker.language.index import Index
from checker.language.types import IndexType, Key, OptionalType, TupleType

if TYPE_CHECKING:
    from checker.compiler.compile import Compilation


class Image(Members):
    def __init__(self, compilation: Compilation) -> None:
        super().__init__(compilation)
        self.types: dict[Any, str] = {}  # a type that is moved → its function
        self.functions: list[str] = []

    def lines(self) -> list[str]:
        permuted = [*self._permuted_leaves(), *self._permuted_actors()]
        return [
            *self.functions,
            "/* The state in which member m of an index has become member p[base of the index + m]. */",
            "LINKED void permuted(const State *from, State *to, const uint8_t *p)",
            "{",
            "    *to = *from;",
            "    (void)p;",
            *permuted,
            "}",
            "",
        ]

    # -- the image of a state --------------------------------------------------------------------------------

    def _permuted_leaves(self) -> Iterator[str]:
        for _, leaf, dims, kind in self.involved():
            yield from loops(dims, self.c.world, self._permuted_leaf(leaf, dims, kind))

    def _permuted_leaf(self, leaf: Field, dims: list[Key], kind: Any) -> str:
        world = self.c.world
        here = element([f"a{n}" for n in range(len(dims))], dims, world)
        there = element([self._image(d, f"a{n}") for n, d in enumerate(dims)], dims, world)
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
            yield from only_active(pc)
            yield f"        int you = {self._image(kind, 'me')}, pc = get_{pc.cname}(from, me);"
            yield f"        set_{pc.cname}(to, you, pc);"
            for field in slots:
                yield f"        set_{field.cname}(to, you, get_{field.cname}(from, me));"
            for mark in marks:
                test = among("me", mark.active)
                yield f"        if {test} set_{mark.cname}(to, you, get_{mark.cname}(from, me));"
            if cases:
                yield from ("        switch (pc) {", *cases, "        }")
            yield "    }"

    def _permuted_locals(self, kind: type[Index]) -> Iterator[str]:
        for number, live in self.points(kind):
            moved = [v for v in live if self.is_moved(v.type)]
            if moved:
                yield f"        case {number}:"
                for variable in moved:
                    slot = self.c.slot_of[variable]
                    value = self._moved(variable.type, raw_of(variable, f"get_{slot.cname}(from, me)"))
                    if not slot.parts:
                        value = f"(uint64_t)(({value}) - ({low_of(variable.type)}))"
                    yield f"            set_{slot.cname}(to, you, {value});"
                yield "            break;"

    def _moved(self, kind: Any, value: str) -> str:
        if not self.is_moved(kind):
            return value
        if isinstance(kind, IndexType):
            return f"p[{self.bases[kind.index]} + {value}]"
        if kind not in self.types:
            body = list(self._body(kind))  # which may need others first
            name = self.types[kind] = f"moved{len(self.types)}"
            declared = value_ctype(kind)
            self.functions += [
                f"static inline {declared} {name}({declared} v, const uint8_t *p)", "{", *body, "}", "",
            ]  # fmt: skip
        return f"{self.types[kind]}({value}, p)"

    def _body(self, kind: Any) -> Iterator[str]:
        if isinstance(kind, OptionalType):
            yield f"    return v == {none_code(kind)} ? v : (int64_t){self._moved(kind.of, 'v')};"
        elif isinstance(kind, TupleType):
            code = "0"
            for item, part in zip(kind.items, parts_of(kind, "v"), strict=True):
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
