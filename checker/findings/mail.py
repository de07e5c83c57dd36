"""A finding as a paragraph for those who wrote what it is about."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from checker.findings.docstrings import Docstrings
from checker.findings.examining import Examined, Finding
from checker.findings.words import interleaving, what_happens
from checker.traces.text import plain

WIDTH = 72


def mail(finding: Finding, each: Examined, claim: Sequence[str]) -> Iterator[str]:
    """What, where, how, and what might help; without a claim that goes beyond the model."""
    design = finding.cell.design
    question = "question: " if each.trace.assumed else ""
    yield from _wrapped(
        f"Subject: {question}{design + ': ' if design else ''}{what_happens(each.trace)}", "  "
    )
    yield ""
    yield "Hi,"
    yield ""
    yield from _wrapped(_opening(design, each))
    yield ""
    yield from _wrapped(f"What I would expect: {claim[0]}")
    if claim[1:]:
        yield from _wrapped(f"Where I take that from: {' '.join(claim[1:])}")
    yield ""
    if each.scenario.description:
        yield from _wrapped(f"The setting: {each.scenario.description.rstrip('.')}.")
    yield "The shortest way there that I know:"
    yield ""
    for text in interleaving(each.trace, each.steps, finding.docstrings):
        yield from _wrapped(f"- {text}", "  ")
    yield ""
    if each.triggers:
        yield "Who can get there:"
        yield ""
        for need in each.triggers:
            yield from _wrapped(f"- {need.what.strip('`')}: {need.how.rstrip('.')}.", "  ")
        yield ""
    yield from _wrapped(_suggestion(each, finding.docstrings))
    yield ""
    yield from _wrapped(
        "The model may be wrong where the code is right. Could you tell me whether something that it "
        "leaves out prevents this?"
    )


def _opening(design: str, each: Examined) -> str:
    model = f"a model of {design}" if design else "a model"
    if not each.trace.assumed:
        return f"in {model} I can reach a state that I think you do not want: {what_happens(each.trace)}."
    assumed = "; ".join(each.trace.assumed)
    return (
        f"this is a question and no report, as I could not read all of the code. In {model} I assume this: "
        f"{assumed}. If it is so, then this can happen: {what_happens(each.trace)}."
    )


def _suggestion(each: Examined, docstrings: Docstrings) -> str:
    changes = each.repairs.alone or each.repairs.together
    if not changes:
        return "I have no small change that prevents it."
    said = [docstrings.change(each.switch, each.value, each.designs) for each in changes]
    if len(said) == 1:
        return f"In the model, one change prevents it: {said[0].rstrip('.')}."
    how = "each of these changes prevents it" if each.repairs.alone else "these changes together prevent it"
    return (
        f"In the model, {how}: "
        + "; ".join(f"({number}) {text.rstrip('.')}" for number, text in enumerate(said, 1))
        + "."
    )


def _wrapped(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(
        plain(text), WIDTH, subsequent_indent=indent, break_on_hyphens=False, break_long_words=False
    )
