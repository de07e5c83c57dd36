"""Predicates over the state of any model, drawn from the types of its fields."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from checker.language.properties import ALWAYS_POSSIBLE, INVARIANT, REACHABLE, STEP
from checker.language.types import (
    ArrayType,
    BoolType,
    EnumType,
    IndexType,
    OptionalType,
    RangeType,
    RecordType,
    SetType,
    TupleType,
    Type,
)

KINDS = (INVARIANT, INVARIANT, STEP, REACHABLE, ALWAYS_POSSIBLE)


@dataclass(frozen=True)
class Place:
    """A field's expression, of a state STATE and of variables such as page0; `name` is as statistics print it."""

    text: str
    name: str
    type: Type


def places(of: Type, text: str = "STATE", name: str = "") -> Iterator[Place]:
    """Every scalar and every set."""
    if isinstance(of, RecordType):
        for field, kind, _ in of.fields:
            yield from places(kind, f"{text}.{field}", f"{name}.{field}" if name else field)
    elif isinstance(of, ArrayType):
        yield from places(of.of, f"{text}[{variable(of.index)}]", f"{name}[]")
    else:
        yield Place(text, name, of)


def classes(of: Type) -> Iterator[type]:
    """That expressions of this type name: indexes and Enums."""
    match of:
        case RecordType():
            for _, kind, _ in of.fields:
                yield from classes(kind)
        case ArrayType():
            yield of.index
            yield from classes(of.of)
        case SetType() | OptionalType():
            yield from classes(of.of)
        case TupleType():
            for item in of.items:
                yield from classes(item)
        case EnumType():
            yield of.enum
        case IndexType():
            yield of.index


def variable(index: type, number: int = 0) -> str:
    return f"{index.__name__}_{number}"


@st.composite
def predicates(draw: DrawFn, found: list[Place]) -> tuple[str, str]:
    """A kind of property, and the source of one, `drawn`, over some of these places."""
    kind = draw(st.sampled_from(KINDS))
    states = ("before", "after") if kind == STEP else ("k",)
    drawn = draw(st.lists(st.tuples(st.sampled_from(found), st.sampled_from(states)), min_size=1, max_size=3))
    atoms = [draw(atom(place.type, place.text.replace("STATE", state))) for place, state in drawn]
    signed = [draw(st.sampled_from(("({})", "not ({})"))).format(each) for each in atoms]
    text = draw(st.sampled_from((" and ", " or "))).join(signed)
    for each in draw(st.permutations(sorted(set(re.findall(r"\b[A-Z]\w*_\d\b", text))))):
        text = f"{draw(st.sampled_from(('any', 'all')))}({text} for {each} in {each[:-2]})"
    parameters = ", ".join(f"{state}: STATE" for state in states)
    return kind, f"def drawn({parameters}) -> bool:\n    return {text}\n"


def atom(of: Type, text: str) -> SearchStrategy[str]:
    """A condition on a place of this type."""
    match of:
        case BoolType():
            return st.just(text)
        case SetType():
            return st.one_of(
                member(of.of).map(lambda value: f"{value} in {text}"),
                st.integers(0, 2).map(lambda size: f"len({text}) <= {size}"),
            )
        case OptionalType():
            return st.one_of(
                st.just(f"{text} is None"), member(of.of).map(lambda value: f"{text} == {value}")
            )
        case _:
            return member(of).map(lambda value: f"{text} == {value}")


def member(of: Type) -> SearchStrategy[str]:
    match of:
        case BoolType():
            return st.sampled_from(("True", "False"))
        case EnumType():
            return st.sampled_from([f"{of.enum.__name__}.{each.name}" for each in of.enum])
        case RangeType():
            return st.integers(of.lo, of.hi).map(str)
        case IndexType():
            return st.sampled_from([variable(of.index, number) for number in range(2)])
        case TupleType():
            return st.tuples(*map(member, of.items)).map(lambda items: f"({', '.join(items)},)")
    raise AssertionError(of)
