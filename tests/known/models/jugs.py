"""The two jugs of Die Hard 3: measure four gallons with a jug of three and one of five (DieHard.tla)."""

from typing import Annotated

from checker.language import Range, action, invariant, state


@state
class Jugs:
    big: Annotated[int, Range(0, 5)]
    small: Annotated[int, Range(0, 3)]


@action
def fill_big(j: Jugs) -> None:
    j.big = 5


@action
def fill_small(j: Jugs) -> None:
    j.small = 3


@action
def empty_big(j: Jugs) -> None:
    j.big = 0


@action
def empty_small(j: Jugs) -> None:
    j.small = 0


@action
def pour_into_big(j: Jugs) -> None:
    poured = min(j.small, 5 - j.big)
    j.big += poured
    j.small -= poured


@action
def pour_into_small(j: Jugs) -> None:
    poured = min(j.big, 3 - j.small)
    j.small += poured
    j.big -= poured


@invariant
def not_four_gallons(j: Jugs) -> bool:
    """False on purpose: its counterexample is the solution of the puzzle."""
    return j.big != 4


@invariant
def nothing_is_spilt(j: Jugs) -> bool:
    """True. Something has to read the jugs: a search distinguishes states only by what is read."""
    return j.big <= 5 and j.small <= 3
