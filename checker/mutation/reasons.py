"""Why changing a step is harmless: comments beside the statements of a model."""

from __future__ import annotations

import functools
import io
import re
import tokenize
from dataclasses import dataclass

from checker.language.errors import CheckerError
from checker.language.source import source_of
from checker.mutation.mutant import KINDS, Mutant

COMMENT = re.compile(r"#\s*mutant\b(.*)")
FORM = re.compile(rf"\s*({'|'.join(KINDS)})?\s*:\s*(\S.*)")


@dataclass(frozen=True)
class Reason:
    """`kind`: what it speaks of; None for every change to the statement."""

    file: str
    line: int
    kind: str | None
    text: str

    def covers(self, mutant: Mutant) -> bool:
        first, last = mutant.lines
        return self.file == mutant.file and first <= self.line <= last and self.kind in (None, mutant.kind)


@functools.lru_cache(maxsize=256)
def _reasons(file: str, text: str) -> tuple[Reason, ...]:
    found = []
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        match = COMMENT.fullmatch(token.string.strip()) if token.type == tokenize.COMMENT else None
        if match is None:
            continue
        form = FORM.fullmatch(match[1])
        if form is None:
            raise CheckerError(
                "this comment says nothing about a mutant",
                file=file,
                line=token.start[0],
                column=token.start[1] + 1,
                advice=f"write `# mutant: reason`, or `# mutant {KINDS[0]}: reason` for one kind of change",
            )
        found.append(Reason(file, token.start[0], form[1], form[2].strip()))
    return tuple(found)


def reason_for(mutant: Mutant) -> Reason | None:
    """The reason that the model states; one that names the kind of change before one for all of them."""
    covering = [each for each in _reasons(mutant.file, source_of(mutant.file)) if each.covers(mutant)]
    return min(covering, key=lambda each: (each.kind is None, each.line), default=None)
