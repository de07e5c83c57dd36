"""What `check bounds` found, as text, as JSON and as drawings."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

from checker.engines.proof import PROVED, REFUTED, UNKNOWN, VACUOUS, Result
from checker.engines.refuting import Refutation
from checker.language.errors import shown_path
from checker.language.words import Word
from checker.names import setting, typed
from checker.traces.address_map import AddressMap, address_map, drawn
from checker.traces.text import WIDTH, plain

ADDRESS_BITS = 64  # what is drawn: a comparison of narrower words is about numbers, not addresses
ASSUMING = "proved under an assumption"
ORDER = (PROVED, ASSUMING, REFUTED, VACUOUS, UNKNOWN)
LARGEST_DIGIT = 9  # numbers up to here look the same in hexadecimal


def in_hexadecimal(value: object) -> str:
    """A parameter's value; words also as their bits."""
    if not isinstance(value, Word):
        return setting(value)
    number = int(value)
    if 0 <= number <= LARGEST_DIGIT:
        return str(number)
    pattern = f"{number & ((1 << value.kind.bits) - 1):#x}"
    return f"{number} ({pattern})" if value.kind.signed else pattern


def values_of(refutation: Refutation) -> str:
    return ", ".join(f"{name}={in_hexadecimal(value)}" for name, value in refutation.values.items())


def heading(results: Sequence[Result]) -> str:
    """The line that a reader looks for: what, and whether it is so."""
    first = results[0]
    label = f"{first.obligation.label}  " if first.obligation.label else ""
    return f"{label}{typed(first.obligation.name)}: {summary(results)}"


def summary(results: Sequence[Result]) -> str:
    """One verdict for all cases; where they differ, how many of each."""
    verdicts = [_verdict(each) for each in results]
    different = list(dict.fromkeys(verdicts))
    if len(different) == 1:
        return different[0]
    return ", ".join(f"{each} in {verdicts.count(each)} of {len(verdicts)} cases" for each in different)


def _verdict(result: Result) -> str:
    if result.repaired:
        return f"{REFUTED}, proved with a check"
    if result.verdict == PROVED and any(each.needed for each in result.assumptions):
        return ASSUMING
    return result.verdict


def counted(everything: Sequence[Sequence[Result]]) -> str:
    """The last line: how many came out how."""
    counts: dict[str, int] = {}
    for results in everything:
        verdict = overall(results)
        if verdict == PROVED and any(_verdict(each) == ASSUMING for each in results):
            verdict = ASSUMING
        counts[verdict] = counts.get(verdict, 0) + 1
    told = ", ".join(f"{counts[verdict]} {verdict}" for verdict in ORDER if verdict in counts)
    return f"{len(everything)} obligation{'s' if len(everything) != 1 else ''}: {told or 'none'}"


def report(results: Sequence[Result], pictures: bool) -> Iterator[str]:
    """One obligation in all its cases; those with the same outcome are told together."""
    obligation = results[0].obligation
    yield from _wrapped(heading(results))
    yield from _wrapped(obligation.doc.split("\n\n")[0].replace("\n", " "), "  ")
    yield f"  claimed at {shown_path(obligation.file)}:{obligation.line}"
    for each in results:
        if each.why:
            yield from _wrapped(f"{_case(each)}{each.why}", "  ")
    for refuted in results:
        if refuted.refutation is not None and not refuted.repaired:
            yield from _wrapped(f"{_case(refuted)}refuted{_first(refuted, refuted.refutation)}", "  ")
            yield from _refuted(refuted.refutation, True)
    yield from _assumptions(results, pictures)


def _assumptions(results: Sequence[Result], pictures: bool) -> Iterator[str]:
    """What the proofs need, each line of C once, and what happens in each case without it."""
    checks = dict.fromkeys(each.check for result in results for each in result.assumptions if each.needed)
    for check in checks:
        needing = [
            (result, each)
            for result in results
            for each in result.assumptions
            if each.check == check and each.needed
        ]
        by = needing[0][1].by
        yield from _wrapped(f"rests on: {by}" if by else "nothing checks this today", "  ")
        yield "  the check that would enforce it:"
        yield from (f"      {line}" for line in check.splitlines())
        for result, each in needing:
            if each.without is not None:
                yield from _wrapped(f"{_case(result)}without it{_first(result, each.without)}:", "  ")
                yield from _refuted(each.without, pictures or not by)


def _first(result: Result, found: Refutation) -> str:
    """The value that the author of the obligation asked for."""
    least = result.obligation.least
    return f", first at {least}={in_hexadecimal(found.values[least])}" if least is not None else ""


def _refuted(found: Refutation, pictures: bool) -> Iterator[str]:
    yield from _wrapped(f"with {values_of(found)}", "    ")
    if found.undefined:
        yield from _wrapped(f"C does not define the result: {found.undefined}", "    ")
    for each in found.failing:
        yield from _wrapped(f"{each.text} is {each.result}:", "    ")
        yield from _wrapped(each.fact, "      ")
    picture = picture_of(found, "")
    if pictures and picture is not None:
        yield ""
        yield from (f"    {line}".rstrip() for line in drawn(picture, WIDTH - 4))
        yield ""


def _case(result: Result) -> str:
    case = ", ".join(f"{name}={setting(value)}" for name, value in result.case.items())
    return f"{case}: " if case else ""


def _wrapped(text: str, indent: str = "") -> Iterator[str]:
    yield from textwrap.wrap(plain(text), WIDTH, initial_indent=indent, subsequent_indent=indent + "  ")


# ---- drawings -------------------------------------------------------------------------------------------


def picture_of(found: Refutation, title: str) -> AddressMap | None:
    """The regions that the obligation names, and the addresses that its claim compared."""
    marks = []
    for each in found.failing:
        for text, word in ((each.left_text, each.left), (each.right_text, each.right)):
            if word.kind.bits == ADDRESS_BITS:
                marks.append((int(word), text))
    if not marks and not found.regions:
        return None
    return address_map(title, found.regions, marks)


def pictures(results: Sequence[Result]) -> Iterator[AddressMap]:
    """Every refutation, and what happens without each assumption."""
    for result in results:
        name = f"{typed(result.obligation.name)}  {_case(result)}".rstrip(": ")
        found = [("refuted", result.refutation)] if result.refutation is not None else []
        found += [
            (f"without: {each.check.splitlines()[0]}", each.without)
            for each in result.assumptions
            if each.without
        ]
        for what, refutation in found:
            picture = picture_of(refutation, f"{name}  ({what})")
            if picture is not None and not (result.repaired and what == "refuted"):
                yield picture


# ---- for machines ---------------------------------------------------------------------------------------


def as_json(results: Sequence[Result]) -> dict[str, Any]:
    obligation = results[0].obligation
    return {
        "name": typed(obligation.name),
        "code": obligation.label,
        "claim": obligation.doc,
        "location": f"{shown_path(obligation.file)}:{obligation.line}",
        "verdict": overall(results),
        "cases": [_case_as_json(each) for each in results],
    }


def overall(results: Sequence[Result]) -> str:
    """The worst verdict of all cases."""
    verdicts = {each.verdict for each in results}
    return next(each for each in (REFUTED, UNKNOWN, VACUOUS, PROVED) if each in verdicts)


def _case_as_json(result: Result) -> dict[str, Any]:
    return {
        "case": {name: setting(value) for name, value in result.case.items()},
        "verdict": result.verdict,
        "why": result.why,
        "proved_with_checks": result.repaired,
        "refutation": _refutation_as_json(result.refutation),
        "assumptions": [
            {
                "check": each.check,
                "enforced_by": each.by or None,
                "needed": each.needed,
                "without": _refutation_as_json(each.without),
            }
            for each in result.assumptions
        ],
        "seconds": round(result.seconds, 3),
    }


def _refutation_as_json(found: Refutation | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "values": {
            name: int(value) if isinstance(value, Word) else setting(value)
            for name, value in found.values.items()
        },
        "hexadecimal": {
            name: f"{int(value) & ((1 << value.kind.bits) - 1):#x}"
            for name, value in found.values.items()
            if isinstance(value, Word)
        },
        "failing": [
            {"comparison": each.text, "result": each.result, "fact": each.fact} for each in found.failing
        ],
        "undefined": found.undefined or None,
        "regions": [
            {"name": each.name, "start": f"{int(each.start):#x}", "end": f"{int(each.end):#x}"}
            for each in found.regions
        ],
    }
