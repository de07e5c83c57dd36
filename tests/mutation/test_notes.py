"""Which fields are notes, and that what writes them has no mutants."""

from __future__ import annotations

from checker.compiler.source import source_of
from checker.language import Steps, state
from checker.mutation.notes import notes_of
from checker.mutation.preparing import Numbers
from checker.mutation.rewriting import Rewriting


@state
class K:
    seen: bool
    bad: bool
    busy: bool
    log: bool
    asked: bool
    level: bool


def note(k: K) -> None:
    k.seen = True
    if k.busy:
        k.bad = True


def step(k: K) -> Steps:
    note(k)
    k.log = True
    k.busy = True
    k.level = True
    yield
    if not k.busy:
        k.asked = True
    k.busy = False
    if k.level:
        k.seen = True


def claim(k: K) -> bool:
    return k.seen and not k.bad and not k.busy and not k.asked and not k.level


NOTES = notes_of([note, step], [claim])


def changes(function: object) -> set[str]:
    return {each.change for each in Rewriting(source_of(function), Numbers(), NOTES).mutants.values()}


def test_a_note_is_only_ever_set_and_only_read_by_properties() -> None:
    assert {"seen", "bad", "asked"} == NOTES  # nothing reads `log`; steps read `level`, and take `busy` back


def test_what_only_takes_notes_has_no_mutants() -> None:
    assert changes(note) == set()


def test_other_steps_keep_theirs() -> None:
    found = changes(step)
    assert {"drop `k.log = True`", "drop `k.busy = True`", "drop `yield`", "drop `k.busy = False`"} <= found
    assert not any("note(k)" in each or "seen" in each or "asked" in each for each in found)
