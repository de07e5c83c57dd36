"""Helpers of one function whose C is the same: they were specialised to types that no check is left of."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from checker.compiler.ir_statements import Helper

CALLED = re.compile(r"\b\w+f(?=\()")  # as Unit.function_name() makes them


def without_twins(written: Sequence[tuple[Helper, list[str]]]) -> list[str]:
    """Callees first. Of those that are the same one is kept; the names of the others stand for it."""
    versions = Counter(helper.name for helper, _ in written)
    twin_of: dict[str, str] = {}
    known: dict[str, str] = {}
    lines: list[str] = []
    for helper, text in written:
        if versions[helper.name] > 1:
            called = "\n".join(text).replace(f"{helper.cname}(", "(", 1)
            called = CALLED.sub(lambda name: twin_of.get(name[0], name[0]), called)
            first = known.setdefault(called, helper.cname)
            if first != helper.cname:
                twin_of[helper.cname] = first
                lines.append(f"#define {helper.cname} {first}")
                continue
        lines += text
    return lines
