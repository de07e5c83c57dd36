"""What of a replayed mutant counts as agreement."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from checker.engines.replaying import Replay
from checker.engines.stepping import Fault
from checker.mutation.running import errs


def replayed(*faults: Fault | None) -> Replay:
    steps: list[Any] = [SimpleNamespace(fault=fault) for fault in faults]
    return Replay(steps, False, "the last block fails differently")


@pytest.mark.parametrize(
    ("last", "counts"),
    [
        (Fault("model error", "None is used", "callee.py:3"), True),
        (Fault("assert", "it is not so", "callee.py:3"), False),
        (None, False),
    ],
)
def test_only_what_no_model_may_do_stands_for_the_violation(last: Fault | None, counts: bool) -> None:
    assert errs(replayed(None, last)) == counts
    assert not errs(replayed())
