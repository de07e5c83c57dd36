"""A finding as a page of Markdown."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence

from checker.cells.cells import Cell, State
from checker.findings.docstrings import Docstrings, unlabelled
from checker.findings.examining import Examined, Finding, Like
from checker.findings.mail import mail
from checker.findings.provoking import Need
from checker.findings.repairs import LIMIT, Changes
from checker.findings.words import what_happens
from checker.listing import DEADLOCK_TEXT
from checker.traces.columns import Style, columns
from checker.traces.text import plain
from checker.traces.trace import TraceStep

WIDTH = 72


def file_name(cell: Cell) -> str:
    """`no-residue-v2.md`; an assert is named by its place."""
    name = "".join(letter if letter.isalnum() or letter in "_-" else "-" for letter in cell.row.name)
    return "-".join(filter(None, (name, cell.design.replace("/", "-")))) + ".md"


def heading(cell: Cell) -> str:
    of = f" in {cell.design}" if cell.design else ""
    if cell.state is State.CONDITIONAL:
        return f"{cell.row.name}{of}: conditional, not shown to be a defect"
    return f"{cell.row.name}{of}: {cell.state.value}"


def page(finding: Finding) -> Iterator[str]:
    yield f"# {heading(finding.cell)}"
    yield ""
    yield from _claim(finding)
    for number, each in enumerate(finding.examined, 1):
        yield from _examined(finding, each, number)
    yield from _like(finding.like)
    yield ""


def squeezed(lines: Iterable[str]) -> Iterator[str]:
    """No two empty lines in a row, and no spaces at the end of one."""
    before = ""
    for line in map(str.rstrip, lines):
        if line or before:
            yield line
        before = line


def claim_of(finding: Finding) -> list[str]:
    """The claim, and then its source."""
    found = finding.wanted.found if finding.wanted is not None else None
    if found is not None:
        return unlabelled(found.doc)
    if finding.wanted is not None:
        return [DEADLOCK_TEXT]
    message = next((place.violated.message for place in finding.cell.places if place.violated.message), "")
    return [message or "No step of the model does what none may."]


def _claim(finding: Finding) -> Iterator[str]:
    claim, *source = claim_of(finding)
    yield from wrapped(f"**Claim.** {claim}")
    if source:
        yield ""
        yield from wrapped(f"**Source.** {' '.join(source)}")
    row = finding.cell.row
    yield ""
    yield from wrapped(
        f"Severity: {row.severity or 'none stated'}. Kind: {row.kind}."
        + (" " + _conditional(finding) if finding.cell.state is State.CONDITIONAL else "")
    )
    if len(finding.examined) > 1:
        yield ""
        count = len(finding.examined)
        yield from wrapped(
            f"{count} traces follow, told apart by what repairs them: probably {count} different problems."
        )
        yield ""
        for number, each in enumerate(finding.examined, 1):
            changes = ", ".join(
                f"`{change.setting}`" for change in each.repairs.alone or each.repairs.together
            )
            steps = f"{len(each.trace.steps)} step{'s' if len(each.trace.steps) != 1 else ''}"
            repaired = f"repaired by {changes}" if changes else "repaired by nothing that was tried"
            yield from wrapped(f"{number}. `{each.scenario.name}`, {steps}, {repaired}", "   ")


def _conditional(finding: Finding) -> str:
    return "Each trace takes a step that was not read in the source but assumed, so it rests on this: " + (
        "; ".join(dict.fromkeys(text for each in finding.examined for text in each.trace.assumed)) + "."
    )


def _examined(finding: Finding, each: Examined, number: int) -> Iterator[str]:
    several = len(finding.examined) > 1
    count = len(each.trace.steps)
    yield ""
    mark = " (conditional)" if each.trace.assumed else ""
    yield f"## {f'{number}. ' if several else ''}{plain(what_happens(each.trace))}{mark}"
    yield ""
    yield from wrapped(
        f"**Scenario** `{each.scenario.name}`: {each.scenario.description.rstrip('.')}. "
        f"{count} step{'s' if count != 1 else ''}."
    )
    if each.trace.context["bounds"]:
        yield ""
        yield from wrapped(f"**Bounds.** {each.trace.context['bounds']}")
    yield from block(columns(each.trace, Style(marked=False, width=WIDTH)))
    for text in each.trace.assumed:
        yield from wrapped(f"**Assumed**, not read in the source: {text}.")
        yield ""
    yield from _why(each)
    yield from _repairs(each, finding.docstrings, finding.designs)
    yield from _needs("Who can trigger it", each.triggers, "The model's docstrings do not say.")
    yield from _needs("How to provoke it", each.needs, "Nothing in it has to be provoked.")
    yield "### To the list"
    yield from block(mail(finding, each, claim_of(finding)))
    yield "To see every field that changes:"
    yield from block([each.trace.context["command"]])


def _why(each: Examined) -> Iterator[str]:
    steps = each.trace.steps
    if not steps:
        return
    yield "### Why"
    yield ""
    if each.writer is not None:
        step = steps[each.writer - 1]
        yield from wrapped(
            f"The violation rests on step {each.writer}: undone, step {len(steps)} would do no harm."
        )
        yield from block(_changes(step))
    yield "The last step:"
    yield from block(_changes(steps[-1]))


def _changes(step: TraceStep) -> Iterator[str]:
    yield from textwrap.wrap(
        f"{step.number:3}  {step.place}  {step.who}",
        WIDTH - 5,
        drop_whitespace=False,
        subsequent_indent=" " * 7,
    )
    for change in step.changes:
        yield from textwrap.wrap(str(change), WIDTH - 5, initial_indent="     ", subsequent_indent="       ")
    if not step.changes:
        yield "     (no field changed)"


def _repairs(each: Examined, docstrings: Docstrings, designs: Sequence[str]) -> Iterator[str]:
    yield "### What repairs it"
    yield ""
    found = each.repairs
    where = f"every state of `{each.scenario.name}` was then searched, and the claim holds there"
    if found.alone:
        alone = "Each of these alone" if len(found.alone) > 1 else "One change alone"
        yield from wrapped(f"{alone} ({where}):")
        yield ""
        yield from _listed(found.alone, docstrings)
    elif found.together:
        yield from wrapped(f"No single change; these together, of which none can be left out ({where}):")
        yield ""
        yield from _listed(found.together, docstrings)
    elif designs:
        yield from wrapped(
            f"No change that was tried: none alone of {' and '.join(designs)}, and not all together."
        )
    else:
        yield from wrapped("There is no later design whose changes could be tried.")
    if found.unknown:
        yield ""
        names = ", ".join(f"`{change.setting}`" for change in found.unknown)
        yield from wrapped(f"Not known for {names}: more than {LIMIT:,} states.")
    yield ""


def _listed(changes: Changes, docstrings: Docstrings) -> Iterator[str]:
    for change in changes:
        said = docstrings.change(change.switch, change.value, change.designs)
        yield from wrapped(f"* `{change.setting}` ({', '.join(change.designs)}): {said}", "  ")


def _needs(title: str, found: Sequence[Need], nothing: str) -> Iterator[str]:
    yield f"### {title}"
    yield ""
    for need in found:
        yield from wrapped(f"* {need.what}{f': {need.how}' if need.how else ''}", "  ")
    if not found:
        yield nothing
    yield ""


def _like(found: Sequence[Like]) -> Iterator[str]:
    if not found:
        return
    yield ""
    yield "## In other scenarios too"
    yield ""
    for each in found:
        steps = f"{each.steps} step{'s' if each.steps != 1 else ''}"
        yield from wrapped(f"* `{each.scenario}`, {steps}, as trace {each.as_in + 1}: {each.sentence}", "  ")


def wrapped(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(
        plain(text), WIDTH, subsequent_indent=indent, break_on_hyphens=False, break_long_words=False
    )


def block(lines: Iterator[str] | Sequence[str]) -> Iterator[str]:
    yield ""
    yield "```"
    yield from map(plain, lines)
    yield "```"
    yield ""
