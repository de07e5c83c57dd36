"""The restricted tables do not reach sensitive memory."""

from __future__ import annotations

from checker.language import invariant
from model.asi_designs import Asi
from model.kernel import Cpu, Kernel, Page
from properties.unmapped_means_unmapped import counts_as_unmapped


@invariant(
    rung="speculative",
    severity="speculative leak",
    says="{page} is sensitive, and a CPU that runs in the restricted tables reaches it",
)
def restricted_tables_reach_nothing_sensitive(k: Kernel) -> bool:
    """A CPU that has restricted tables loaded has no usable translation of a sensitive page: neither an entry
    nor one that is cached by their tag.

    RFC of 2025, set_direct_map_sensitive(): its comment speaks of a shootdown. The stronger form, of CPUs
    that may enter them later, is unmapped_means_unmapped.
    """
    return not (Asi.asi and any(is_reached(k, cpu, page) for cpu in Cpu for page in Page))


def is_reached(k: Kernel, cpu: Cpu, page: Page) -> bool:
    """From the restricted tables, though it is sensitive?"""
    if not k.cpu[cpu].restricted or not counts_as_unmapped(k, page):
        return False
    return k.page[page].present or (k.cpu[cpu].mm, page) in k.cpu[cpu].tagged_tlb
