"""A request gets the kind of page that it asked for."""

from __future__ import annotations

from checker.language import invariant
from model.design import Design
from model.freetype import Kind
from model.kernel import Block, Hand, Kernel, Page
from model.owners import is_users


@invariant(
    rung="architectural",
    severity="leak",
    says="{page} was handed out as the other kind than its block's flag says",
)
def allocation_contract(k: Kernel) -> bool:
    """A page in use was asked for as unmapped exactly if its block's flag is set.

    RFC cover letter, 25 February 2026; mm/tests/page_alloc_kunit.c.
    """
    return all(
        (k.pageblock[page.block].flag is Kind.UNMAPPED) == was_asked_for_unmapped(k, page)
        for page in Page
        if is_in_use(k, page)
    )


def is_in_use(k: Kernel, page: Page) -> bool:
    """Was it handed out by a request?"""
    hand = k.page[page].hand
    return hand is Hand.KERNEL or hand is Hand.LRU or is_users(k, page)


def was_asked_for_unmapped(k: Kernel, page: Page) -> bool:
    """By an unmapped request?"""
    return k.page[page].hand is Hand.CALLER or k.page[page].hand is Hand.CACHE


@invariant(
    rung="architectural",
    severity="fault",
    says="some pages of {block} are in the direct map and some are not",
)
def blocks_are_uniform(k: Kernel) -> bool:
    """A block of which some page is in no task's limbo is in the direct map as a whole, or not at all.

    Review of v2 19/22, 1 June 2026: the flag of a block can identify a page's freetype because a flip moves
    whole blocks. Debug_pagealloc changes single entries by design.
    """
    return all(
        Design.debug_pagealloc or is_uniform(k, block)
        for block in Block
        if any(k.page[page].at_rest for page in block.pages)
    )


def is_uniform(k: Kernel, block: Block) -> bool:
    """Are all its entries present, or none, those apart that are changed one by one: of broken pages, and of
    pages that their user zaps?
    """
    return all(k.page[page].present or is_single(k, page) for page in block.pages) or not any(
        k.page[page].present and not is_single(k, page) for page in block.pages
    )


def is_single(k: Kernel, page: Page) -> bool:
    """May its entry differ from those of its block?"""
    hand = k.page[page].hand
    return k.page[page].poisoned or hand is Hand.ZAPPING or hand is Hand.ZAPPED


@invariant(
    rung="architectural",
    severity="leak",
    says="a request with __GFP_ZERO returned a page that is not zero",
)
def zero_contract(k: Kernel) -> bool:
    """A request for zeroed memory gets zeroes.

    Documentation of __GFP_ZERO; RFC cover letter, 25 February 2026.
    """
    return not (k.zero_asked and k.zero_missed)


@invariant(
    rung="architectural",
    severity="lost memory",
    says="a request failed although a free list had what it wanted",
)
def free_pages_are_handed_out(k: Kernel) -> bool:
    """No request fails while a page of the wanted kind is on a free list and its zone above the watermark.

    mm/page_alloc.c, __rmqueue(): the own list, then claim and steal. Judged where one task is at work, as
    another could free a page too late.
    """
    return not (k.refused and k.refused_early)


@invariant(
    rung="user",
    severity="leak",
    says="the process that uses {page} finds somebody else's secret in it",
)
def no_cross_owner_residue(k: Kernel) -> bool:
    """A page in use by a process holds no secret of another address space.

    RFC cover letter, 25 February 2026; in v4 the duty of filemap_add_folio(), not of the allocator.
    """
    return not any(holds_another(k, page) for page in Page if is_in_file(k, page))


def is_in_file(k: Kernel, page: Page) -> bool:
    """Is it in use by a process, or up to date in a file?"""
    if k.page[page].mapping is not None and not k.page[page].uptodate:
        return False
    return k.page[page].hand is Hand.CACHE or k.page[page].hand is Hand.ZAPPED


def holds_another(k: Kernel, page: Page) -> bool:
    """Does it hold a secret of another address space than its user's, or of another file?"""
    mapping = k.page[page].mapping
    secret_of = k.page[page].secret_of
    if mapping is not None:
        return secret_of is not None and secret_of != mapping.mm
    holder = k.page[page].holder
    return holder is not None and secret_of is not None and secret_of != k.task[holder].mm
