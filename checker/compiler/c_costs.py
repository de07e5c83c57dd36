"""What a step costs, as C; and whether it ends its operation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from checker.compiler.c_functions import helper_writer
from checker.compiler.c_numbering import Numbering
from checker.compiler.program import BlockInfo

if TYPE_CHECKING:
    from checker.compiler.compile import Compilation


def cost_lines(compilation: Compilation, numbering: Numbering, blocks: Sequence[BlockInfo]) -> list[str]:
    """Nothing for a program that nobody asks for costs."""
    if not compilation.costs:
        return []
    lines: list[str] = []
    for helper in compilation.counts.values():
        lines += helper_writer(numbering, helper)
    lines += [
        "LINKED int64_t cost_of(int number, const State *before, const State *after, Worker *x)",
        "{",
        "    Step step = {.x = x}, *b = &step;",
        "    switch (number) {",
    ]
    for number, helper in enumerate(compilation.counts.values()):
        lines.append(f"    case {number}: return {helper.cname}(b, before, after);")
    return [*lines, "    }", "    return 0;", "}", "", *_idle(compilation, blocks)]


def _idle(compilation: Compilation, blocks: Sequence[BlockInfo]) -> list[str]:
    kinds = compilation.kinds()
    of_block = [0 if block.kind == "action" else kinds.index(block.actor) + 1 for block in blocks]  # type: ignore[arg-type]
    cases = [
        f"    case {number}: return pc_of_{kind.__name__}(s, (int)actor) == 0;"
        for number, kind in enumerate(kinds, 1)
    ]
    return [
        "LINKED bool is_idle(const State *s, uint32_t block, uint32_t actor)",
        "{",
        f"    static const uint8_t kind[] = {{{', '.join(map(str, of_block))}}};",
        "    (void)s, (void)actor;",
        "    switch (kind[block]) {",
        *cases,
        "    }",
        "    return false;",
        "}",
        "",
    ]
