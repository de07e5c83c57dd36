"""What `check atomicity` prints, as text and as JSON."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

from checker.atomicity import Atomicity, Block, Touch
from checker.engines.statements import Site
from checker.json_report import VERSION
from checker.language.errors import shown_path
from checker.report import WIDTH

SHOWN_OPERATIONS = 3


def text(found: Atomicity, design: str) -> Iterator[str]:
    wanting = found.wanting()
    if design:
        yield f"design: {design}"
        yield ""
    if wanting:
        count = f"{len(wanting)} atomic block{'' if len(wanting) == 1 else 's'}"
        yield from _wrapped(
            f"{count} with more than one access that no lock covers, and no `# atomic: reason` beside it:"
        )
        for block, touches in wanting:
            yield from _block(block, touches)
    else:
        yield "no atomic block with more than one access that no lock covers and that has no reason"
    yield from _explained(found)
    yield from _fields(found)
    yield ""
    yield from _basis(found)


def _block(block: Block, touches: Sequence[Touch]) -> Iterator[str]:
    more = len(block.operations) - SHOWN_OPERATIONS
    names = ", ".join(block.operations[:SHOWN_OPERATIONS]) + (f" and {more} more" if more > 0 else "")
    yield from _wrapped(f"{block.place} ({names})", "  ", "      ")
    lines: dict[tuple[str, int], list[str]] = {}
    for touch in touches:
        what = f"{'writes' if touch.write else 'reads'} {touch.field}{' (several)' if touch.many else ''}"
        known = lines.setdefault((touch.site.file, touch.site.line), [])
        known += [what] if what not in known else []
    for (file, line), whats in lines.items():
        yield from _wrapped(f"{shown_path(file)}:{line}  {', '.join(whats)}", "    ", "        ")


def _explained(found: Atomicity) -> Iterator[str]:
    reasons: dict[str, None] = {}
    for _, touches in found.explained():
        for touch in touches:
            if touch.site.reason:
                reasons[f"{shown_path(touch.site.file)}:{touch.site.line}: {touch.site.reason}"] = None
    if reasons:
        yield ""
        yield "atomic for a stated reason:"
        for each in reasons:
            yield from _wrapped(each, "  ", "      ")


def _fields(found: Atomicity) -> Iterator[str]:
    usages = found.usages()
    if usages:
        yield ""
        yield "fields that are written under a lock, and touched without it:"
    for usage in usages:
        yield from _wrapped(f"{usage.field}: written under {', '.join(sorted(usage.locks))}", "  ", "      ")
        for verb, sites in (("read", usage.readers), ("written", usage.writers)):
            if sites:
                yield from _wrapped(f"{verb} without it: {', '.join(_places(sites))}", "    ", "        ")


def _places(sites: Sequence[Site]) -> Iterator[str]:
    """Each line once, the file's name once."""
    before = ""
    for file, line in dict.fromkeys((shown_path(site.file), site.line) for site in sites):
        yield f":{line}" if file == before else f"{file}:{line}"
        before = file


def _basis(found: Atomicity) -> Iterator[str]:
    yield "seen by running the model's own code:"
    for world, survey in found.surveys:
        how = "every state" if survey.complete else "the search stopped there"
        yield from _wrapped(f"- {world.scenario.name}: {survey.states:,} states, {how}", "  ", "    ")
    if found.unseen:
        yield from _wrapped(f"- not searched: {', '.join(found.unseen)}", "  ", "    ")
    if found.never_run:
        places = ", ".join(found.never_run)
        count = f"{len(found.never_run)} block{'' if len(found.never_run) == 1 else 's'}"
        yield from _wrapped(f"- nothing is said of {count} that never ran: {places}", "  ", "    ")
    locks = dict.fromkeys(name for world, _ in found.surveys for name in world.model.locks)
    yield from _wrapped(f"- locks: {', '.join(locks) or 'none is declared (@lock)'}", "  ", "    ")


def _wrapped(line: str, first: str = "", rest: str = "  ") -> Iterator[str]:
    yield from textwrap.wrap(
        line, WIDTH, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False
    )


def exit_code(found: Atomicity) -> int:
    return 1 if found.wanting() else 0 if found.complete else 3


def json_report(found: Atomicity, design: str) -> dict[str, Any]:
    """
    {"version": 1, "exit_code", "design",
     "blocks": [{"place", "operations", "explained": bool, "accesses": [{"field", "write", "several", "file",
                 "line", "function", "reason"}]}],
     "fields": [{"field", "locks", "readers": [place], "writers": [place]}],
     "scenarios": [{"scenario", "states", "complete"}], "not_searched": [scenario], "never_run": [place],
     "locks": [name]}
    """
    return {
        "version": VERSION,
        "exit_code": exit_code(found),
        "design": design or None,
        "blocks": [
            *(_json_block(block, touches, False) for block, touches in found.wanting()),
            *(_json_block(block, touches, True) for block, touches in found.explained()),
        ],
        "fields": [
            {
                "field": usage.field,
                "locks": sorted(usage.locks),
                "readers": [_place(site) for site in usage.readers],
                "writers": [_place(site) for site in usage.writers],
            }
            for usage in found.usages()
        ],
        "scenarios": [
            {"scenario": world.scenario.name, "states": survey.states, "complete": survey.complete}
            for world, survey in found.surveys
        ],
        "not_searched": found.unseen,
        "never_run": found.never_run,
        "locks": list(dict.fromkeys(name for world, _ in found.surveys for name in world.model.locks)),
    }


def _json_block(block: Block, touches: Sequence[Touch], explained: bool) -> dict[str, Any]:
    return {
        "place": block.place,
        "operations": block.operations,
        "explained": explained,
        "accesses": [
            {
                "field": touch.field,
                "write": touch.write,
                "several": touch.many,
                "file": shown_path(touch.site.file),
                "line": touch.site.line,
                "function": touch.site.function,
                "reason": touch.site.reason or None,
            }
            for touch in touches
        ],
    }


def _place(site: Site) -> str:
    return f"{shown_path(site.file)}:{site.line}"
