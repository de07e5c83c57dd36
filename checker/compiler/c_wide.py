"""Sets of more than 64 possible members: several words in C, for which it has no operators."""

from __future__ import annotations

import re
from typing import Any, TypeGuard

from checker.compiler.codes import WORD_BITS, code_range, set_words
from checker.language.types import SetType

DEFINITIONS = """
/* A set of more than 64 possible members: member e is bit e % 64 of word e / 64. */
#define WIDE_SET(N)                                                                                       \\
    typedef struct {                                                                                      \\
        uint64_t w[N];                                                                                    \\
    } Wide##N;                                                                                            \\
    WIDE_OF_TWO(N, or, a.w[i] | b.w[i])                                                                   \\
    WIDE_OF_TWO(N, and, a.w[i] & b.w[i])                                                                  \\
    WIDE_OF_TWO(N, xor, a.w[i] ^ b.w[i])                                                                  \\
    WIDE_OF_TWO(N, without, a.w[i] & ~b.w[i])                                                             \\
    WIDE_TEST(N, differ, a.w[i] ^ b.w[i])                                                                 \\
    WIDE_TEST(N, meet, a.w[i] & b.w[i])                                                                   \\
    WIDE_TEST(N, beyond, a.w[i] & ~b.w[i])                                                                \\
    static inline MAYBE_UNUSED bool wide##N##_some(Wide##N a)                                             \\
    {                                                                                                     \\
        uint64_t bits = 0;                                                                                \\
        for (int i = 0; i < N; i++)                                                                       \\
            bits |= a.w[i];                                                                               \\
        return bits != 0;                                                                                 \\
    }                                                                                                     \\
    static inline MAYBE_UNUSED bool wide##N##_has(Wide##N a, int64_t e)                                   \\
    {                                                                                                     \\
        return a.w[e / 64] >> (e % 64) & 1;                                                               \\
    }                                                                                                     \\
    static inline MAYBE_UNUSED Wide##N wide##N##_one(int64_t e)                                           \\
    {                                                                                                     \\
        Wide##N a = {{0}};                                                                                \\
        a.w[e / 64] = UINT64_C(1) << (e % 64);                                                            \\
        return a;                                                                                         \\
    }                                                                                                     \\
    static inline MAYBE_UNUSED int wide##N##_count(Wide##N a)                                             \\
    {                                                                                                     \\
        int count = 0;                                                                                    \\
        for (int i = 0; i < N; i++)                                                                       \\
            count += __builtin_popcountll(a.w[i]);                                                        \\
        return count;                                                                                     \\
    }                                                                                                     \\
    static inline MAYBE_UNUSED int wide##N##_first(Wide##N a)                                             \\
    {                                                                                                     \\
        int i = 0;                                                                                        \\
        while (!a.w[i])                                                                                   \\
            i++;                                                                                          \\
        return 64 * i + __builtin_ctzll(a.w[i]);                                                          \\
    }                                                                                                     \\
    static inline MAYBE_UNUSED Wide##N wide##N##_rest(Wide##N a)                                          \\
    {                                                                                                     \\
        int i = 0;                                                                                        \\
        while (!a.w[i])                                                                                   \\
            i++;                                                                                          \\
        a.w[i] &= a.w[i] - 1;                                                                             \\
        return a;                                                                                         \\
    }                                                                                                     \\
    static inline MAYBE_UNUSED uint64_t wide##N##_hash(Wide##N a)                                         \\
    {                                                                                                     \\
        uint64_t hash = 0;                                                                                \\
        for (int i = 0; i < N; i++) {                                                                     \\
            hash = (hash ^ a.w[i]) * UINT64_C(0x9e3779b97f4a7c15);                                        \\
            hash ^= hash >> 29;                                                                           \\
        }                                                                                                 \\
        return hash;                                                                                      \\
    }

#define WIDE_OF_TWO(N, name, word)                                                                        \\
    static inline MAYBE_UNUSED Wide##N wide##N##_##name(Wide##N a, Wide##N b)                             \\
    {                                                                                                     \\
        for (int i = 0; i < N; i++)                                                                       \\
            a.w[i] = word;                                                                                \\
        return a;                                                                                         \\
    }

#define WIDE_TEST(N, name, word)                                                                          \\
    static inline MAYBE_UNUSED bool wide##N##_##name(Wide##N a, Wide##N b)                                \\
    {                                                                                                     \\
        uint64_t bits = 0;                                                                                \\
        for (int i = 0; i < N; i++)                                                                       \\
            bits |= word;                                                                                 \\
        return bits != 0;                                                                                 \\
    }
"""

# What the IR's operators are called; of sets in one word their text is C itself.
_OPERATORS = {
    "({0} | {1})": "{w}_or({0}, {1})",
    "({0} & {1})": "{w}_and({0}, {1})",
    "({0} ^ {1})": "{w}_xor({0}, {1})",
    "({0} & ~{1})": "{w}_without({0}, {1})",
    "({0} == {1})": "(!{w}_differ({0}, {1}))",
    "({0} != {1})": "{w}_differ({0}, {1})",
    "({0} != 0)": "{w}_some({0})",
    "(({0} & ~{1}) == 0)": "(!{w}_beyond({0}, {1}))",
    "(({1} & ~{0}) == 0)": "(!{w}_beyond({1}, {0}))",
    "(({0} & {1}) == 0)": "(!{w}_meet({0}, {1}))",
    "__builtin_popcountll({0})": "{w}_count({0})",
    "({0} ? {1} : {2})": "({0} ? {1} : {2})",
}
_MEMBER = re.compile(r"\(bool\)\(\(\{0\} >> (?P<bit>\{1\}|\(\{1\} - \(-?\d+\)\))\) & 1\)")
_BIT = re.compile(r"\(UINT64_C\(1\) << (?P<bit>\{0\}|\(\{0\} - \(-?\d+\)\))\)")


def is_wide(kind: Any) -> TypeGuard[SetType]:
    return isinstance(kind, SetType) and set_words(kind) > 1


def wide_type(kind: SetType) -> str:
    return f"Wide{set_words(kind)}"


def prefix(kind: SetType) -> str:
    return f"wide{set_words(kind)}"


def words(code: int, count: int) -> str:
    """An initialiser."""
    return (
        "{{"
        + ", ".join(f"UINT64_C({code >> WORD_BITS * n & (1 << WORD_BITS) - 1})" for n in range(count))
        + "}}"
    )


def wide_literal(kind: SetType, code: int) -> str:
    return f"(({wide_type(kind)}){words(code, set_words(kind))})"


def wide_template(operator: str, kind: Any, arguments: list[Any]) -> str:
    """The same operator where a set is wide; `kind` is the type of its result."""
    if operator == "{0}":  # set(), whose members' type was not known yet, or what is wide already
        return "{0}" if is_wide(arguments[0]) else wide_literal(kind, 0)
    of = next(each for each in (*arguments, kind) if is_wide(each))
    member, bit = _MEMBER.fullmatch(operator), _BIT.fullmatch(operator)
    if member is not None:
        return f"{prefix(of)}_has({{0}}, {member['bit']})"
    if bit is not None:
        return f"{prefix(of)}_one({bit['bit']})"
    return _OPERATORS[operator].replace("{w}", prefix(of))


def wide_loop(kind: SetType, value: str, variable: str, ctype: str, inner: str, also: str = "") -> str:
    """One C loop over the members of a wide set."""
    low, _ = code_range(kind.of)
    left, w = f"{variable}left", prefix(kind)
    return (
        f"for ({wide_type(kind)} {left} = {value}; {w}_some({left}){also}; {left} = {w}_rest({left})) "
        f"{{ {ctype} {variable} = {w}_first({left}) + ({low}); {inner} }}"
    )


def definitions(text: str) -> list[str]:
    """Of those widths that a program's text speaks of."""
    if "Wide" not in text:
        return []  # which is seen at once, where the search below takes a while
    used = sorted({int(width) for width in re.findall(r"\bWide(\d+)\b", text)})
    return [DEFINITIONS, *(f"WIDE_SET({width})" for width in used)] if used else []
