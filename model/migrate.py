"""Moving the contents of a page of a process to another page, through the direct map."""

from __future__ import annotations

from checker.language import Steps
from model.access import access, write_contents
from model.free_list import hand_over
from model.kernel import Hand, Kernel, Page, Task


def folio_isolate_lru(k: Kernel, me: Task, page: Page) -> None:
    """mm/vmscan.c, folio_isolate_lru(): in the limbo of `me`; a process that touches it waits."""
    hand_over(k, page, 0, Hand.LIMBO, me)


def putback_movable_page(k: Kernel, page: Page) -> None:
    """mm/migrate.c, putback_movable_pages(): back on the LRU. Whose it was is not kept."""
    hand_over(k, page, 0, Hand.LRU, None)


def migrate_folio(k: Kernel, me: Task, source: Page, target: Page) -> Steps:
    """mm/migrate.c, migrate_folio_move() and folio_copy(), mainline: read the one, write the other, which
    goes on the LRU. The old one stays in the limbo of `me`, for its last reference.
    """
    read = access(k, me, source, None)
    if read is not None:
        yield
        written = access(k, me, target, None)
        write_contents(k, me, written, k.page[read].contents)
        k.page[target].unevictable = k.page[source].unevictable
        k.page[target].order = 0
    yield
    k.page[source].unevictable = False
    putback_movable_page(k, target)
