"""saturate() and expand_hardware(): the actions that are not interleaved. docs/design/eager.md says why."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from checker.compiler.c_expand import Expansion
from checker.compiler.codes import code_range
from checker.compiler.layout import IN_DOUBT, SETTLED, Field
from checker.compiler.orders import DOWN, Fibres

if TYPE_CHECKING:
    from checker.compiler.compile import Compilation

MACROS = """
/* An action that is never needed: it is only run to see whether it can happen, and whether it fails. */
#define COVER(call, block, actor, arguments)                     \\
    do {                                                         \\
        State next = *from, *t = &next;                          \\
        step.disabled = step.wrote = false;                      \\
        x->fault = 0;                                            \\
        if ((call) && LIKELY(!x->fault))                         \\
            x->fired[block]++;                                   \\
        else if (UNLIKELY(x->fault))                             \\
            report_fault(x, block, actor, arguments);            \\
    } while (0)

#define COVER_CHOICES(call, block, actor, arguments)             \\
    do {                                                         \\
        choices_begin(x);                                        \\
        do                                                       \\
            COVER(call, block, actor, arguments);                \\
        while (choices_next(x));                                 \\
    } while (0)

/* An action that is taken at once, in place. */
#define FILL(call, block, actor, arguments)                      \\
    do {                                                         \\
        State next = *s, *t = &next;                             \\
        step.disabled = step.wrote = false;                      \\
        x->fault = 0;                                            \\
        if ((call) && LIKELY(!x->fault)) {                       \\
            x->fired[block]++;                                   \\
            if (!same(t, s)) {                                   \\
                *s = next;                                       \\
                again = true;                                    \\
            }                                                    \\
        } else if (UNLIKELY(x->fault))                           \\
            give_up(x, HARDWARE_FAILS, block);                   \\
    } while (0)

/* In the middle of a block, whose own choices must come to no harm. */
#define FILL_CHOICES(call, block, actor, arguments)              \\
    do {                                                         \\
        uint32_t cursor = x->cursor, choices = x->choices;       \\
        uint32_t choice[MAX_CHOICES], limit[MAX_CHOICES];        \\
        for (uint32_t i = 0; i < choices; i++)                   \\
            choice[i] = x->choice[i], limit[i] = x->limit[i];    \\
        choices_begin(x);                                        \\
        do                                                       \\
            FILL(call, block, actor, arguments);                 \\
        while (choices_next(x));                                 \\
        for (uint32_t i = 0; i < choices; i++)                   \\
            x->choice[i] = choice[i], x->limit[i] = limit[i];    \\
        x->cursor = cursor;                                      \\
        x->choices = choices;                                    \\
    } while (0)
"""


def hardware(expansion: Expansion, c: Compilation) -> list[str]:
    """Nothing where every action is interleaved."""
    reduction = c.reduction
    if not reduction.order:
        return []
    fills = [line for action in reduction.eager for line in expansion.action(action, "FILL")]
    steps = [line for action in reduction.eager for line in expansion.action(action, "RUN")]
    return [
        *_masks(c),
        "",
        "/* Every hardware step that changes anything is taken, until none does. */",
        "LINKED_INLINE void saturate(State *s, Worker *x)",
        "{",
        "    Step step = {.x = x}, *b = &step;",
        "    bool again;",
        "    (void)b;",
        *(["    State before = *s;"] if reduction.passed else []),
        "    do {",
        "        again = false;",
        *(f"    {line}" for line in fills),
        f"    }} while ({'again' if reduction.repeat else 'false'});",
        *(["    doubt_moves(s, &before);"] if reduction.passed else []),
        *itertools.chain(*(_filled(c.leaves[key], moves) for key, moves in reduction.merged.items())),
        "}",
        "",
        "/* The lowest state below it, after the hardware steps that are always possible. */",
        "LINKED_INLINE void to_floor(State *s, Worker *x)",
        "{",
        *(["    saturate(s, x);"] if reduction.restored else []),
        *(["    settle_all(s);"] if reduction.passed else []),
        "    for (int i = 0; i < WORDS; i++)",
        "        s->w[i] = (s->w[i] & ~floor_grown_bits[i]) | floor_shrunk_bits[i];",
        "    (void)x;",
        "}",
        "",
        "LINKED void expand_hardware(const State *from, Worker *x)",
        "{",
        "    Step step = {.x = x}, *b = &step;",
        "    (void)b;",
        *steps,
        "}",
        "",
    ]


def _masks(c: Compilation) -> Iterator[str]:
    reduction, words = c.reduction, c.layout.words
    assumed = [c.assumed_stop] if reduction.passed else []
    for name, left_out, marks in (("", frozenset(), assumed), ("floor_", reduction.restored, [])):
        order = {c.leaves[k]: m for k, m in reduction.order.items() if k in c.leaves and k not in left_out}
        shrunk = [leaf for leaf, moves in order.items() if moves == DOWN]
        yield _bits(f"{name}grown_bits", [leaf for leaf in order if leaf not in shrunk], words)
        yield _bits(f"{name}shrunk_bits", [*shrunk, *marks], words)
    if reduction.passed:
        yield _bits("assumed_bits", assumed, words)
        doubted = [c.leaves[key] for key in reduction.doubted]
        yield _bits("doubt_bits", doubted, words, IN_DOUBT ^ SETTLED)


def _filled(leaf: Field, fibres: Fibres) -> Iterator[str]:
    """Of each fibre with an element all are put in, so that states that are alike become the same."""
    sizes = [high - low + 1 for low, high in map(code_range, fibres.kind.items)]
    size, stride = sizes[fibres.item], math.prod(sizes[fibres.item + 1 :])
    for element in leaf.active:
        for first in range(math.prod(sizes)):
            if first // stride % size == 0:
                masks = leaf.masks(element, [first + number * stride for number in range(size)])
                some = " | ".join(f"(s->w[{word}] & UINT64_C({mask:#x}))" for word, mask in masks.items())
                every = ", ".join(f"s->w[{word}] |= UINT64_C({mask:#x})" for word, mask in masks.items())
                yield f"    if ({some})"
                yield f"        {every};"


def _bits(name: str, fields: Iterable[Field], words: int, of_enums: int | None = None) -> str:
    """`of_enums`: of a value that hardware moves from one to another, which bits."""
    masks = [0] * words
    for each in fields:
        moved = of_enums or (IN_DOUBT if each.doubted else 1)
        for part, element in itertools.product(each.parts or (each,), each.active):
            word, shift = part.places[element]
            masks[word] |= (moved if each.stored else (1 << part.width) - 1) << shift
    numbers = ", ".join(f"UINT64_C({mask:#x})" for mask in masks)
    return f"LINKED const uint64_t {name}[WORDS] = {{{numbers}}};"
