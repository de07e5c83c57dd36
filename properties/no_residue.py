"""Data of an unmapped user does not turn up in the direct map."""

from __future__ import annotations

from checker.language import invariant
from model.kernel import Kernel, Mm, Page, Va


@invariant(
    rung="speculative", severity="speculative leak", says="the direct map shows a page that holds a secret"
)
def no_residue(k: Kernel) -> bool:
    """At every instant: a page that is present in the direct map holds no secret (S9, strong form).

    v2 19/22: "when a block is mapped it needs to be zeroed to ensure no residual data is available to
    attackers".
    """
    return not any(k.page[page].present and k.page[page].secret_of is not None for page in Page)


@invariant(
    rung="architectural",
    severity="leak",
    says="a page that holds a secret was listed or handed out in the direct map",
)
def no_residue_weak(k: Kernel) -> bool:
    """Once listed or handed out: a page that is present in the direct map holds no secret (S9, weak form;
    v4's comment at the scrub)."""
    return not any(
        k.page[page].at_rest and k.page[page].present and k.page[page].secret_of is not None for page in Page
    )


@invariant(
    rung="speculative", severity="speculative leak", says="a mermap shows a process somebody else's data"
)
def no_foreign_residue(k: Kernel) -> bool:
    """A page that is present in the mermap of an address space holds no other's secret.

    S11, every instant; the author's race of SEED-1: taken off the list, mermapped, and only then zeroed.
    """
    return not any(
        k.mm[mm].pte[va] == page and shows_another(k, page, mm) for mm in Mm for va in Va for page in Page
    )


def shows_another(k: Kernel, page: Page, mm: Mm) -> bool:
    """Does the page hold a secret of another address space?"""
    return k.page[page].secret_of is not None and k.page[page].secret_of != mm
