"""Packing: no field overlaps another, no element straddles two words, no word is wasted."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from checker.compiler.layout import WORD, Field, lay_out

fields = st.lists(
    st.builds(
        Field,
        cname=st.uuids().map(str),
        width=st.integers(0, 64),
        low=st.integers(-3, 3),
        count=st.integers(1, 6),
    ),
    min_size=1,
    max_size=8,
)


@given(fields)
def test_no_overlap_and_no_straddling(drawn: list[Field]) -> None:
    layout = lay_out(drawn)
    used: set[tuple[int, int]] = set()
    for f in drawn:
        assert set(f.places) == set(f.active)
        for word, shift in f.places.values():
            bits = {(word, shift + i) for i in range(f.width)}
            assert shift + f.width <= WORD and word < layout.words
            assert not bits & used
            used |= bits
    assert layout.bits == len(used)


@given(
    st.lists(
        st.builds(
            Field,
            cname=st.uuids().map(str),
            width=st.integers(0, 8),
            low=st.just(0),
            count=st.integers(1, 40),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_small_fields_waste_at_most_a_word(drawn: list[Field]) -> None:
    layout = lay_out(drawn)
    assert layout.words <= layout.bits // (WORD - 7) + 1


@given(fields)
def test_a_regular_field_is_addressed_by_arithmetic(drawn: list[Field]) -> None:
    lay_out(drawn)
    for f in drawn:
        regular = f.stride()
        if regular is not None and f.width:
            word, first = regular
            assert all(f.places[e] == (word, first + e * f.width) for e in f.active)
