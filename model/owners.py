"""Whose a page is."""

from __future__ import annotations

from model.kernel import File, Hand, Kernel, Mm, Page


def shares(k: Kernel, file: File | None, mm: Mm) -> bool:
    """Has the address space's process that file?"""
    if file is None:
        return False
    return mm in k.file[file].sharers


def belongs_to(k: Kernel, page: Page, mm: Mm) -> bool:
    """Is the page in a file that the process has, or did one of its tasks get it? While it is put into one,
    or taken out, it is nobody else's: that is what references are for.
    """
    if k.page[page].mapping is not None:
        return shares(k, k.page[page].mapping, mm)
    holder = k.page[page].holder
    if not is_users(k, page):
        return False
    return k.page[page].refs > 0 or holder is None or k.task[holder].mm == mm


def is_users(k: Kernel, page: Page) -> bool:
    """Has a user of unmapped memory the page, or a task on its behalf?"""
    hand = k.page[page].hand
    if hand is Hand.CALLER or hand is Hand.CACHE:
        return True
    return hand is Hand.ZAPPING or hand is Hand.ZAPPED


def may_read(k: Kernel, page: Page, mm: Mm) -> bool:
    """Is what the page holds the process's own, or of a file that it has?"""
    secret_of = k.page[page].secret_of
    return secret_of is None or secret_of == mm or shares(k, secret_of.file, mm)
