"""Data of an unmapped user does not turn up in the direct map."""

from __future__ import annotations

from checker.language import invariant
from model.kernel import Kernel, Mm, Page, Va
from model.owners import may_read


@invariant(
    rung="speculative",
    severity="speculative leak",
    says="the direct map shows {page}, which holds a secret",
)
def no_residue_strong(k: Kernel) -> bool:
    """At every instant: a page that is present in the direct map holds no secret.

    v2 19/22: a block that is mapped "needs to be zeroed to ensure no residual data is available to
    attackers". v4 zeroes it just after it is mapped, so that this form fails and the weaker one below holds.
    """
    return not any(k.page[page].secret_of is not None and k.page[page].present for page in Page)


@invariant(
    rung="architectural",
    severity="leak",
    says="{page} was listed or handed out in the direct map and holds a secret",
)
def no_residue(k: Kernel) -> bool:
    """Once listed or handed out: a page that is present in the direct map holds no secret.

    v4's comment at the scrub in __rmqueue_direct_map(); left out by oversight in v2 (review of 19/22, 1 June
    2026).
    """
    return not any(
        k.page[page].secret_of is not None and k.page[page].at_rest and k.page[page].present for page in Page
    )


@invariant(
    rung="speculative",
    severity="speculative leak",
    says="the mermap of {mm} shows {page}, which holds somebody else's secret",
)
def no_foreign_residue(k: Kernel) -> bool:
    """A page that is present in the mermap of an address space holds no other's secret, at every instant.

    The author's race in the review of v2 19/22, 1 June 2026: taken off the list, mermapped, and only then
    zeroed.
    """
    return not any(
        k.mm[mm].pte[va] == page and not may_read(k, page, mm) for mm in Mm for va in Va for page in Page
    )
