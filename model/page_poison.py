"""Page poisoning: a pattern in free pages, checked when they are allocated."""

from __future__ import annotations

from checker.language import Steps
from model.access import access, write_contents
from model.kernel import Contents, Kernel, Order, Page, Task
from model.pageblock import is_in


def kernel_poison_pages(k: Kernel, me: Task, head: Page, order: Order) -> Steps:
    """mm/page_poison.c, __kernel_poison_pages(): write the pattern through the direct map."""
    for page in Page:
        if is_in(page, head, order):
            reached = access(k, me, page, None)
            write_contents(k, me, reached, Contents.POISON)  # mutant swap: nobody else has the page
            yield  # mutant: nobody else has the page


def kernel_unpoison_pages(k: Kernel, me: Task, head: Page, order: Order) -> Steps:
    """mm/page_poison.c, unpoison_page(): read the pattern through the direct map."""
    for page in Page:
        if is_in(page, head, order):
            reached = access(k, me, page, None)
            k.poison_checked = True
            if reached is not None and k.page[reached].contents is not Contents.POISON:
                k.poison_damaged = True
            yield
