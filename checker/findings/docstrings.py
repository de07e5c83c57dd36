"""What a model says of itself, for pages about its findings.

* The first paragraph of a docstring says what a thing is; of a property, it is the claim. What follows in a
  property's docstring is the claim's source.
* A paragraph that begins with `Trigger:` says who can bring it about, in which configuration and with which
  privilege: of operations, and in the texts of switches.
* A paragraph that begins with `Provoke:` says how to make it happen on the real thing: of operations, of
  functions that choose, of actions, and of switches. Of a bool, both kinds are about its being true.
* A paragraph that begins with `Hold:` says how to hold somebody up in a function while others move; in the
  docstring of the state, in any function.
* What a design changes with a switch is said in the switch's text, as `design: sentence`, with the parts of
  several designs separated by `;`; or in a paragraph of the docstring of all switches that begins with the
  design's name in backquotes, as `` `switch`: sentence. ``.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from checker.language.bounds import fields_of
from checker.language.model import Model
from checker.language.patches import parts_of
from checker.listing import helpers, summary

TRIGGER, PROVOKE, HOLD = "Trigger:", "Provoke:", "Hold:"


def paragraphs(doc: str) -> list[str]:
    return [" ".join(part.split()) for part in inspect.cleandoc(doc).split("\n\n") if part.strip()]


def labelled(doc: str, label: str) -> str:
    """The paragraph that begins so, without its label; empty if there is none."""
    found = next((each for each in paragraphs(doc) if each.startswith(label)), "")
    return found.removeprefix(label).strip()


def unlabelled(doc: str) -> list[str]:
    return [each for each in paragraphs(doc) if not each.startswith((TRIGGER, PROVOKE, HOLD))]


@dataclass(frozen=True)
class Docstrings:
    """Those of a model's functions, operations and actions, by name."""

    model: Model
    functions: dict[str, str]

    def of(self, name: str) -> str:
        return self.functions.get(name, "")

    def text_of(self, switch: str) -> str:
        return str(fields_of(self.model.design)[switch].metadata.get("text", ""))

    def change(self, switch: str, value: object, designs: Sequence[str]) -> str:
        """What these designs change with the switch, in a sentence."""
        for design in designs:
            said = _of_class(self.model.design, design, switch) or clause_of(self.text_of(switch), design)
            if said:
                return said
        if value is False:  # the text says what is so with the switch on
            _, said = next(_clauses(summary(self.text_of(switch))))
            return f"this is not so: {said}"
        return str(value.value) if isinstance(value, Enum) else summary(self.text_of(switch))


def docstrings_of(model: Model) -> Docstrings:
    declared = [*model.actions, *model.current_operations]
    found = {function.__name__: function.__doc__ or "" for function in helpers(model)}
    found.update({made.name: made.function.__doc__ or "" for made in declared})
    return Docstrings(model, found)


def _of_class(switches: type | None, design: str, name: str) -> str:
    for part in parts_of(switches):
        for text in paragraphs(part.__doc__ or ""):
            match = re.search(rf"`{name}`: (.*?)\.?(?= `\w+`: |$)", text)
            if match and text.startswith(f"`{design}`"):
                return str(match[1])
    return ""


def clause_of(text: str, design: str) -> str:
    """`flushes` of `v2: flushes; v1: does not` for v2."""
    found: list[str] = []
    inside = False
    for labels, said in _clauses(summary(text)):
        inside = design in re.findall(r"[\w.]+", labels) if labels else inside
        found += [said] if inside else []
    return "; ".join(found)


def _clauses(text: str) -> Iterator[tuple[str, str]]:
    for part in text.split("; "):
        labels, colon, said = part.partition(": ")
        yield (labels, said) if colon and len(labels) < 60 else ("", part)


def in_short(doc: str) -> str:
    """The first sentence of a docstring, up to a colon: what a thing is."""
    first: Any = re.split(r"(?<=[\w)])\. |: ", next(iter(unlabelled(doc)), ""), maxsplit=1)[0]
    return str(first).removesuffix(".")
