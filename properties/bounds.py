"""What the mermap's code takes for granted about its addresses, and whether it is so, for every CPU number.

Each claim holds for all values of its parameters or is refuted with the least ones. F1 ... F26 are the
numbers by which the claims are known in the discussion of the series.
"""

from __future__ import annotations

from checker.language import given, obligation, requires
from model.layout import (
    HUGETLB_PAGE_ORDER,
    LDT_REMAP_SIZE,
    MAX_PAGE_ORDER,
    NR_CPUS_MAX,
    P4D_SHIFT,
    PAGE_SHIFT,
    PAGE_SIZE,
    PMD_SHIFT,
    PMD_SIZE,
    PTRS_PER_TABLE,
    PUD_SHIFT,
    PUD_SIZE,
    TLB_NR_DYN_ASIDS,
    TLB_SINGLE_PAGE_FLUSH_CEILING,
    X86_CR3_PTI_PCID_USER_BIT,
    Int,
    Levels,
    Ulong,
    address_space,
    cpu_regions,
    int_,
    is_aligned,
    kasan_shadow,
    kasan_shadow_end,
    kasan_shadow_start,
    ldt_end,
    ldt_slot_va,
    mermap_cpu_base,
    mermap_cpu_end,
    mermap_size,
    mm_local_base,
    mm_local_end,
    page_offset_base,
    pgdir_shift,
    pmd_tables,
    prepared_bytes,
    ulong,
)

KCONFIG = "NR_CPUS is at most 8192 (arch/x86/Kconfig)"


def configured(cpu: Int, cpus: Int) -> None:
    """`cpu` is one of the NR_CPUS that a kernel may be configured for."""
    given(cpu >= 0, cpu < cpus)
    requires(cpus <= NR_CPUS_MAX, f"static_assert(NR_CPUS <= {NR_CPUS_MAX});", by=KCONFIG)


def regions_fit(cpus: Int) -> bool:
    """The LDT alias and all CPUs' regions are no larger than the smaller of the two top-level entries."""
    return LDT_REMAP_SIZE + mermap_size(cpus) <= ulong(1) << P4D_SHIFT


def contained(cpu: Int, cpus: Int) -> None:
    given(cpu >= 0, cpu < cpus)
    requires(
        regions_fit(cpus),
        "static_assert(LDT_REMAP_SIZE + NR_CPUS * MERMAP_CPU_REGION_SIZE <=\n"
        "              1UL << P4D_SHIFT);",
        by=KCONFIG,
    )


@obligation(code="F1", least="cpus", shows=cpu_regions)
def cpu_region_does_not_wrap(levels: Levels, cpus: Int, cpu: Int) -> bool:
    """A CPU's region ends above its start."""
    configured(cpu, cpus)
    return mermap_cpu_base(cpu, levels) < mermap_cpu_end(cpu, levels)


@obligation(code="F2", least="cpus", shows=cpu_regions)
def cpu_region_inside_mm_local(levels: Levels, cpus: Int, cpu: Int) -> bool:
    """Every CPU's region ends within the mm-local region."""
    contained(cpu, cpus)
    return mermap_cpu_end(cpu, levels) <= mm_local_end(levels)


@obligation(least="cpus")
def configurable_cpus_fit(cpus: Int) -> bool:
    """Every configurable number of CPUs meets the assertion that containment needs."""
    given(cpus >= 1, cpus <= NR_CPUS_MAX)
    return regions_fit(cpus)


@obligation(code="F3", least="cpu", shows=cpu_regions)
def cpu_region_after_ldt(levels: Levels, cpus: Int, cpu: Int) -> bool:
    """No CPU's region begins before the LDT alias ends."""
    given(cpu < cpus, cpus >= 1, cpus <= NR_CPUS_MAX)
    requires(
        cpu >= 0,
        "if (WARN_ON_ONCE(cpu < 0)) return NULL;",
        by="the number comes from smp_processor_id() or for_each_possible_cpu()",
    )
    return ldt_end(levels) <= mermap_cpu_base(cpu, levels)


@obligation(code="F4", least="cpus", shows=cpu_regions)
def cpu_regions_disjoint(levels: Levels, cpus: Int, cpu: Int, other: Int) -> bool:
    """The regions of two CPUs have no address in common."""
    configured(cpu, cpus)
    given(other >= 0, other < cpus, cpu != other)
    return mermap_cpu_end(cpu, levels) <= mermap_cpu_base(other, levels) or mermap_cpu_end(
        other, levels
    ) <= mermap_cpu_base(cpu, levels)


@obligation(code="F5", least="cpus", shows=cpu_regions)
def cpu_region_is_one_pmd_entry(levels: Levels, cpus: Int, cpu: Int) -> bool:
    """A CPU's region is exactly what one PMD entry maps."""
    configured(cpu, cpus)
    base, last = mermap_cpu_base(cpu, levels), mermap_cpu_end(cpu, levels) - 1
    return base >> PMD_SHIFT == last >> PMD_SHIFT and is_aligned(base, PMD_SIZE)


@obligation(code="F6", least="cpus", shows=cpu_regions)
def cpu_region_in_one_top_level_entry(levels: Levels, cpus: Int, cpu: Int) -> bool:
    """All regions lie below the one top-level entry that is private to the mm."""
    contained(cpu, cpus)
    shift = pgdir_shift(levels)
    base, last = mermap_cpu_base(cpu, levels), mermap_cpu_end(cpu, levels) - 1
    return base >> shift == mm_local_base(levels) >> shift and last >> shift == mm_local_base(levels) >> shift


@obligation(code="F7", least="cpus", shows=cpu_regions)
def upper_tables_suffice(levels: Levels, cpus: Int, cpu: Int) -> bool:
    """17 tables of PMD entries hold the regions of all CPUs: the PUD index is at most 16."""
    configured(cpu, cpus)
    last = mermap_cpu_end(cpu, levels) - 1
    return (last >> PUD_SHIFT) - (mm_local_base(levels) >> PUD_SHIFT) <= 16


@obligation
def upper_tables_of_known_configurations(levels: Levels) -> bool:
    """17 tables of PMD entries with 8192 CPUs, 2 with 512."""
    return pmd_tables(int_(8192), levels) == 17 and pmd_tables(int_(512), levels) == 2


@obligation(code="F8", least="cpus", shows=cpu_regions)
def cpu_region_below_direct_map(levels: Levels, cpus: Int, cpu: Int, direct_map: Ulong) -> bool:
    """Wherever KASLR puts the direct map, the mermap ends below it."""
    given(direct_map >= page_offset_base(levels), is_aligned(direct_map, PUD_SIZE))
    contained(cpu, cpus)
    return mermap_cpu_end(cpu, levels) <= direct_map


@obligation(shows=address_space)
def kasan_shadow_covers_mm_local(levels: Levels, address: Ulong) -> bool:
    """Every address of the mm-local region has its shadow within KASAN's."""
    given(mm_local_base(levels) <= address, address < mm_local_end(levels))
    shadow = kasan_shadow(address)
    return kasan_shadow_start(levels) <= shadow and shadow < kasan_shadow_end(levels)


@obligation(code="F19")
def ldt_slots_inside_alias(levels: Levels, slot: Int) -> bool:
    """Both slots of the LDT alias lie between its start and its end."""
    given(slot >= 0, slot <= 1)
    start, end = ldt_slot_va(slot, levels), ldt_slot_va(slot + 1, levels)
    return mm_local_base(levels) <= start and end <= ldt_end(levels)


@obligation(code="F20")
def tags_of_kernel_and_user_differ(isolation: bool, asid: Int, other: Int) -> bool:
    """No PCID of a kernel address space is that of a user one, and all fit into 12 bits."""
    most = (1 << (11 if isolation else 12)) - 2  # MAX_ASID_AVAILABLE
    given(asid >= 0, asid <= most, other >= 0, other <= most)
    kernel, user = asid + 1, other + 1 | 1 << X86_CR3_PTI_PCID_USER_BIT
    return kernel <= 4095 and (not isolation or (kernel != user and user <= 4095))


@obligation
def dynamic_tags_are_few(asid: Int) -> bool:
    """The dynamic slots use the tags 1 to 6."""
    given(asid >= 0, asid < TLB_NR_DYN_ASIDS)
    return asid + 1 >= 1 and asid + 1 <= 6


@obligation(code="F21")
def flipped_block_is_aligned(direct_map: Ulong, pfn: Ulong, order: Int) -> bool:
    """A block of at least 2 MiB begins at a 2 MiB boundary of the direct map."""
    given(order >= HUGETLB_PAGE_ORDER, order <= MAX_PAGE_ORDER, is_aligned(direct_map, PUD_SIZE))
    given(pfn < ulong(1) << 40, is_aligned(pfn, ulong(1) << order))
    return is_aligned(direct_map + (pfn << PAGE_SHIFT), PMD_SIZE)


@obligation(code="F22", least="pageblock_order")
def flip_splits_no_pmd(direct_map: Ulong, pfn: Ulong, pageblock_order: Int) -> bool:
    """A flipped block is made of whole 2 MiB pages, so that no table of 4 KiB entries is needed for it."""
    given(pageblock_order >= 0, pageblock_order <= MAX_PAGE_ORDER, is_aligned(direct_map, PUD_SIZE))
    given(pfn < ulong(1) << 40, is_aligned(pfn, ulong(1) << pageblock_order))
    requires(pageblock_order >= HUGETLB_PAGE_ORDER, "BUILD_BUG_ON(pageblock_order < PMD_SHIFT - PAGE_SHIFT);")
    start = direct_map + (pfn << PAGE_SHIFT)
    return is_aligned(start, PMD_SIZE) and is_aligned(PAGE_SIZE << pageblock_order, PMD_SIZE)


@obligation(code="F23")
def flip_crosses_no_pud(direct_map: Ulong, pfn: Ulong, order: Int) -> bool:
    """A flip lies within one 1 GiB page, so that it has at most one to split and needs one table."""
    given(order >= 0, order <= MAX_PAGE_ORDER, is_aligned(direct_map, PUD_SIZE))
    given(pfn < ulong(1) << 40, is_aligned(pfn, ulong(1) << order))
    start = direct_map + (pfn << PAGE_SHIFT)
    return start >> PUD_SHIFT == (start + (PAGE_SIZE << order) - 1) >> PUD_SHIFT


@obligation(code="F24", least="order")
def flip_size_fits_an_int(order: Int, pageblock_order: Int) -> bool:
    """`nr_pageblocks << (pageblock_order + PAGE_SHIFT)`, an int shift, is the size in bytes."""
    given(pageblock_order >= 0, pageblock_order <= order)
    requires(
        order <= MAX_PAGE_ORDER,
        "BUILD_BUG_ON(MAX_PAGE_ORDER + PAGE_SHIFT > 30);",
        by="MAX_PAGE_ORDER is 10",
    )
    nr_pageblocks = int_(1) << (order - pageblock_order)
    return ulong(nr_pageblocks << (pageblock_order + PAGE_SHIFT)) == PAGE_SIZE << order


def is_full_flush(pages: Ulong, ceiling: Ulong) -> bool:
    """arch/x86/mm/tlb.c, flush_tlb_kernel_range(): more than the ceiling is flushed all at once."""
    return pages << PAGE_SHIFT > ceiling << PAGE_SHIFT


@obligation(code="F25")
def flush_class_at_the_default_ceiling() -> bool:
    """512 pages are flushed all at once, 33 pages one by one."""
    ceiling = ulong(TLB_SINGLE_PAGE_FLUSH_CEILING)
    return is_full_flush(ulong(512), ceiling) and not is_full_flush(ulong(33), ceiling)


@obligation(least="ceiling")
def flip_flushes_everything(ceiling: Ulong, pageblock_order: Int) -> bool:
    """The flush of a flipped block is one of the whole TLB, aliases included."""
    given(pageblock_order >= 0, pageblock_order <= MAX_PAGE_ORDER, ceiling < ulong(1) << 32)
    requires(pageblock_order >= HUGETLB_PAGE_ORDER, "BUILD_BUG_ON(pageblock_order < PMD_SHIFT - PAGE_SHIFT);")
    requires(
        ceiling < PTRS_PER_TABLE,
        "if (tlb_single_page_flush_ceiling >= PTRS_PER_PTE)\n        flush_tlb_all();",
    )
    return is_full_flush(ulong(1) << pageblock_order, ceiling)


@obligation(code="memory", least="cpus")
def memory_of_prepare(cpus: Int) -> bool:
    """mermap_mm_prepare() takes at most 32 MiB for each mm."""
    given(cpus >= 1)
    requires(cpus <= NR_CPUS_MAX, f"static_assert(NR_CPUS <= {NR_CPUS_MAX});", by=KCONFIG)
    return prepared_bytes(cpus) <= 32 << 20


@obligation
def memory_of_known_configurations() -> bool:
    """32 MiB for each mm with 8192 CPUs, 2 MiB with 512."""
    return prepared_bytes(int_(8192)) == 32 << 20 and prepared_bytes(int_(512)) == 2 << 20
