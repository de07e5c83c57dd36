"""Hibernation writes no secret to a disk."""

from __future__ import annotations

from checker.language import invariant
from model.kernel import Kernel


@invariant(
    rung="architectural",
    severity="leak",
    says="the hibernation image holds a page with an unmapped user's secret",
)
def no_secret_in_image(k: Kernel) -> bool:
    """No hibernation image holds an unmapped user's secret.

    secretmem, commit message of v5.14: hibernation is prevented while there are active secret memory users.
    """
    return not (k.imaged and k.secret_in_image)
