"""A request from its beginning to its end: the fast path, and what is tried when that finds nothing."""

from __future__ import annotations

from checker.language import Steps
from model.design import Design, Zeroing
from model.freetype import Freetype, Kind
from model.kernel import Kernel, Page, Task
from model.page_alloc import get_page_from_freelist
from model.request import AllocFlags, Gfp


def __alloc_frozen_pages(
    k: Kernel, me: Task, order: int, ft: Freetype, gfp: Gfp, zero: bool
) -> Steps[Page | None]:
    """mm/page_alloc.c, __alloc_frozen_pages_noprof(); v1, v4, which refuses `zero` for unmapped requests."""
    if ft[1] is Kind.UNMAPPED and not Design.unmapped_requests:
        return None
    if zero and ft[1] is Kind.UNMAPPED and Design.zeroing is Zeroing.PAGE_CACHE:
        return None
    flags = AllocFlags.NOFRAGMENT if Design.nofragment else AllocFlags.NONE
    page = yield from get_page_from_freelist(k, me, order, ft, gfp, flags, zero)
    if page is None and (Design.nofragment or gfp is Gfp.ATOMIC):
        page = yield from __alloc_pages_slowpath(k, me, order, ft, gfp, zero)
    return page


def __alloc_pages_slowpath(
    k: Kernel, me: Task, order: int, ft: Freetype, gfp: Gfp, zero: bool
) -> Steps[Page | None]:
    """mm/page_alloc.c, __alloc_pages_slowpath(); v1, v4: once more, without NOFRAGMENT and with the reserves
    that the mask allows.
    """
    flags = AllocFlags.HIGHATOMIC if gfp is Gfp.ATOMIC else AllocFlags.NONE
    page = yield from get_page_from_freelist(k, me, order, ft, gfp, flags, zero)
    return page
