"""Models in a test suite: `assert_holds`, `assert_violated`; for Hypothesis `states`, `schedules`.

The two strategies are imported when they are asked for: who only asserts needs no Hypothesis.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from checker.testing.asserting import assert_holds, assert_violated

if TYPE_CHECKING:
    from checker.testing.schedule import Schedule, schedules
    from checker.testing.values import states

__all__ = ["Schedule", "assert_holds", "assert_violated", "schedules", "states"]


def __getattr__(name: str) -> Any:
    if name == "states":
        from checker.testing.values import states

        return states
    if name in ("schedules", "Schedule"):
        from checker.testing import schedule as module

        return getattr(module, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
