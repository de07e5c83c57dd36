"""The fields of a packed state, and constant tables, in C."""

from __future__ import annotations

from collections.abc import Iterable

from checker.compiler.c_wide import words
from checker.compiler.layout import IN_DOUBT, Field


def accessors(f: Field) -> list[str]:
    """get_ and set_ of one field."""
    index = ", int i" if f.indexed else ""
    if f.parts:
        return _in_parts(f, index)
    if f.width == 0:
        return [
            f"static inline {f.ctype} get_{f.cname}(const State *s{index}) {{ return {f.low}; }}",
            f"static inline void set_{f.cname}(State *s{index}, {f.ctype} v) {{ }}",
        ]
    mask = f"UINT64_C({(1 << f.width) - 1:#x})"
    lines, (word, shift) = _address(f)
    low = f" + ({f.low})" if f.low else ""
    stored = f"({f.ctype})(v) - ({f.low})" if f.low else f"({f.ctype})(v)"
    raw = f"(((s)->w[{word}] >> ({shift})) & {mask})"
    if f.stored:
        lines += _renumbered(f)
        if f.doubted:
            lines += _with_doubt(f, index, word, shift)
        raw, stored = f"number_of_{f.cname}[{raw}]", f"stored_{f.cname}[{stored}]"
    lines.append(_getter(f, f"({f.ctype}){raw}{low}"))
    lines.append(_setter(f, f"set_bits(s, {word}, {shift}, {mask}, (uint64_t)({stored}))"))
    return lines


def _getter(f: Field, value: str) -> str:
    """A macro, where it needs the index once: a fifth of a search in a hurry would go into calls."""
    if not f.indexed:
        return f"#define get_{f.cname}(s) ({value})"
    if value.count("(i)") > 1:
        return f"static inline {f.ctype} get_{f.cname}(const State *s, int i) {{ return {value}; }}"
    # Where there is one element only, its index may fail all the same.
    unused = "" if "(i)" in value else "(void)(i), "
    return f"#define get_{f.cname}(s, i) ({unused}{value})"


def _setter(f: Field, stores: str) -> str:
    """As the getter: a function for each field would be 4 % of what is compiled in a hurry."""
    if not f.indexed:
        return f"#define set_{f.cname}(s, v) {stores}"
    if stores.count("(i)") > 1:
        return f"static inline void set_{f.cname}(State *s, int i, {f.ctype} v) {{ {stores}; }}"
    unused = "" if "(i)" in stores else "(void)(i), "
    return f"#define set_{f.cname}(s, i, v) ({unused}{stores})"


def _renumbered(f: Field) -> list[str]:
    """Tables to what is stored and back."""
    known = {*f.stored, *([IN_DOUBT] if f.doubted else [])}
    numbers = [f.from_stored(raw) if raw in known else 0 for raw in range(1 << f.width)]
    return [
        constant_table(f"stored_{f.cname}", f.stored),
        constant_table(f"number_of_{f.cname}", numbers),
    ]


def _with_doubt(f: Field, index: str, word: str, shift: str) -> list[str]:
    """As it is stored, for what moves the value elsewhere."""
    mask = f"UINT64_C({(1 << f.width) - 1:#x})"
    return [
        f"static inline uint64_t get_stored_{f.cname}(const State *s{index}) "
        f"{{ return s->w[{word}] >> ({shift}) & {mask}; }}",
        f"static inline void set_stored_{f.cname}(State *s{index}, uint64_t v) "
        f"{{ s->w[{word}] = (s->w[{word}] & ~({mask} << ({shift}))) | (v << ({shift})); }}",
    ]


def _in_parts(f: Field, index: str) -> list[str]:
    """A set of several words, each of them a field of its own."""
    lines = [line for part in f.parts for line in accessors(part)]
    at = ", i" if f.indexed else ""
    loads = ", ".join(f"get_{part.cname}(s{at})" for part in f.parts)
    stores = " ".join(f"set_{part.cname}(s{at}, v.w[{n}]);" for n, part in enumerate(f.parts))
    return [
        *lines,
        f"static inline {f.ctype} get_{f.cname}(const State *s{index}) "
        f"{{ return ({f.ctype}){{{{{loads}}}}}; }}",
        f"static inline void set_{f.cname}(State *s{index}, {f.ctype} v) {{ {stores} }}",
    ]


def _address(f: Field) -> tuple[list[str], tuple[str, str]]:
    regular = f.stride()
    if f.count == 1:
        word, shift = f.places[0]
        return [], (str(word), str(shift))
    if regular is not None:
        word, first = regular
        return [], (str(word), f"{first} + (i) * {f.width}" if first else f"(i) * {f.width}")
    words = [f.places.get(e, (0, 0))[0] for e in range(f.count)]
    shifts = [f.places.get(e, (0, 0))[1] for e in range(f.count)]
    lines = [
        f"static const unsigned short word_of_{f.cname}[] = {{{', '.join(map(str, words))}}};",
        f"static const unsigned char shift_of_{f.cname}[] = {{{', '.join(map(str, shifts))}}};",
    ]
    return lines, (f"word_of_{f.cname}[(i)]", f"shift_of_{f.cname}[(i)]")


def constant_table(name: str, values: Iterable[int], width: int = 1) -> str:
    """`width`: in words, more than one for sets of so many."""
    numbers = list(values)
    if width > 1:
        return f"static const Wide{width} {name}[] = {{{', '.join(words(n, width) for n in numbers)}}};"
    if max(numbers) >= 1 << 31:
        return f"static const uint64_t {name}[] = {{{', '.join(f'UINT64_C({n})' for n in numbers)}}};"
    return f"static const int {name}[] = {{{', '.join(map(str, numbers))}}};"


def rows_table(name: str, rows: tuple[tuple[int, ...], ...]) -> list[str]:
    widest = max(1, max(len(row) for row in rows))
    inner = ", ".join("{" + ", ".join(map(str, row or (0,))) + "}" for row in rows)
    return [
        f"static const int {name}[][{widest}] = {{{inner}}};",
        f"static const int {name}_count[] = {{{', '.join(str(len(row)) for row in rows)}}};",
    ]
