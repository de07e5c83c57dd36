"""What went wrong, in words: a mistake in a request or a model has a place, a fault of this tool says so."""

from __future__ import annotations

import json
import traceback

from checker.expression import as_typed
from checker.json_report import error_report
from checker.language.errors import CheckerError, ReplayFailed
from checker.loading import placed
from checker.screen import OutputLost, Screen, drop_output

WRONG = 2


def explain(screen: Screen, error: Exception, machine: bool) -> int:
    """Print an error; the exit code is always that of a wrong request or model."""
    described = described_error(error)
    screen.notice(as_typed(described.formatted()), "red")
    try:
        if machine and not isinstance(error, OutputLost):
            screen.line(json.dumps(error_report(described)))
    except OutputLost as lost:
        error = lost
    if isinstance(error, OutputLost):
        drop_output()
    if isinstance(error, ReplayFailed):
        screen.notice("INTERNAL ERROR: this is a fault of the checker, not a finding", "bold red")
    return WRONG


def described_error(error: Exception) -> CheckerError:
    if isinstance(error, CheckerError):
        return placed(error, error)
    wrong = placed(CheckerError(f"{type(error).__name__}: {error}"), error)
    if wrong.line is None:  # nothing of the user's was running
        wrong.text = "internal error: " + "".join(traceback.format_exception(error)).rstrip()
    return wrong
