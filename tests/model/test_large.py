"""Where a request is made only once, to keep the search small, nothing is missed that is found with more."""

from __future__ import annotations

import pytest
from searches import MODEL, has_compiler, search

AGAIN = "-again"
MINUTES = ["huge-entry", "migratetypes", "contig-many-blocks"]  # of the posted versions


def found(scenario: str, design: str) -> dict[str, int]:
    """The steps to each violation of a claim that is made of all scenarios."""
    return {
        name: len(violation.events)
        for name, violation in search(scenario, design).violations.items()
        if name not in MODEL.properties or MODEL.properties[name].scenarios is None
    }


@pytest.mark.skipif(not has_compiler(), reason="no C compiler")
@pytest.mark.parametrize(
    "small",
    [
        pytest.param(small, marks=pytest.mark.long if small in MINUTES else pytest.mark.slow)
        for small in (name.removesuffix(AGAIN) for name in MODEL.scenarios if name.endswith(AGAIN))
    ],
)
def test_the_same_is_found_as_with_any_number_of_requests(small: str) -> None:
    assert found(small, "v4") == found(small + AGAIN, "v4")
    assert found(small + AGAIN, "proposed") == {}
