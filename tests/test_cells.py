"""What the search of one cell says, and that it is the same again when it comes from the cache."""

import json

from checker.cells.results import Searched, Violated, as_data, from_data

BAD = (
    Violated("assert:m.py:3", "assert", 2),
    Violated("low", "invariant", 1, assumed=("it is flushed",)),
    Violated("model error:m.py:7", "model error", 3),
)


def test_asserts_and_model_errors_end_paths_and_violations_do_not() -> None:
    assert Searched("v1", "one", ("low",), violated=BAD).cut_by == "assert:m.py:3, model error:m.py:7"
    assert Searched("v1", "one", ("low",), violated=BAD[1:2]).cut_by == ""


def test_it_comes_back_as_it_was_for_a_design_of_another_name() -> None:
    found = Searched("v1", "one", ("low",), 7, "time limit", ("low",), {"full": 3}, BAD, fired={"op": 4})
    again = from_data(json.loads(json.dumps(as_data(found))), "v1/3")
    assert again == Searched(
        "v1/3", "one", ("low",), 7, "time limit", ("low",), {"full": 3}, BAD, fired={"op": 4}
    )
