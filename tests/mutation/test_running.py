"""What of a replayed mutant counts as agreement."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from checker.engines.replaying import Replay
from checker.engines.stepping import Fault
from checker.mutation.running import errs_later


def replayed(*faults: Fault | None) -> Replay:
    steps: list[Any] = [SimpleNamespace(fault=fault) for fault in faults]
    return Replay(steps, False, "the last block fails differently")


@pytest.mark.parametrize(
    ("kind", "last", "same"),
    [
        ("model error", Fault("model error", "None is used", "callee.py:3"), True),
        ("model error", Fault("assert", "it is not so", "callee.py:3"), False),
        ("model error", None, False),
        ("assert", Fault("model error", "None is used", "callee.py:3"), False),
    ],
)
def test_what_is_passed_on_may_be_wrong_for_the_callee(kind: str, last: Fault | None, same: bool) -> None:
    """C says so at the call, and Python where the value is used."""
    violation: Any = SimpleNamespace(kind=kind)
    assert errs_later(violation, replayed(None, last)) == same
    assert not errs_later(violation, replayed())
