"""Where the mm-local region and the mermap lie: the kernel's constants and address formulae, with C's types.

`ulong` and `int_` are C's unsigned long and int; a conversion that C makes silently is a cast here.  The
names are those of arch/x86/include/asm as of the second posting.
"""

from __future__ import annotations

from typing import Annotated

from checker.language import Range, Region, Signed, Unsigned, Word

ulong, int_ = Unsigned(64), Signed(32)
Ulong = Annotated[Word, ulong]
Int = Annotated[Word, int_]
Levels = Annotated[int, Range(4, 5)]  # of the page tables

PAGE_SHIFT, PMD_SHIFT, PUD_SHIFT, P4D_SHIFT = 12, 21, 30, 39
PAGE_SIZE, PMD_SIZE, PUD_SIZE = (ulong(1) << shift for shift in (PAGE_SHIFT, PMD_SHIFT, PUD_SHIFT))
PTRS_PER_TABLE = 512  # entries of a table, at each level
PTE_SIZE = 8

MM_LOCAL_PGD_ENTRY = -ulong(240)
LDT_REMAP_SIZE = PMD_SIZE
LDT_SLOT_STRIDE = int_(8192) * 8  # LDT_ENTRIES * LDT_ENTRY_SIZE: an int
MERMAP_CPU_REGION_SIZE = PMD_SIZE

NR_CPUS_MAX = 8192  # arch/x86/Kconfig, NR_CPUS_RANGE_END with MAXSMP
TLB_NR_DYN_ASIDS = 6
X86_CR3_PTI_PCID_USER_BIT = 11
TLB_SINGLE_PAGE_FLUSH_CEILING = 33
MAX_PAGE_ORDER = 10
HUGETLB_PAGE_ORDER = PMD_SHIFT - PAGE_SHIFT

KASAN_SHADOW_OFFSET = ulong(0xDFFFFC0000000000)
KASAN_SHADOW_SCALE_SHIFT = 3


def is_aligned(value: Word, size: Word) -> bool:
    """IS_ALIGNED(), for a power of two."""
    return value & (size - 1) == 0


def pgdir_shift(levels: int) -> int:
    """PGDIR_SHIFT: a variable of the running kernel, so that no static_assert can use it."""
    return 39 if levels == 4 else 48


def pgd_entry(entry: Word, levels: int) -> Word:
    """The first address below a top-level entry, which is counted from the end as the kernel writes it."""
    return entry << pgdir_shift(levels)


def mm_local_base(levels: int) -> Word:
    """MM_LOCAL_BASE_ADDR, and LDT_BASE_ADDR."""
    return pgd_entry(MM_LOCAL_PGD_ENTRY, levels)


def mm_local_end(levels: int) -> Word:
    """The first address of the top-level entry after it."""
    return pgd_entry(MM_LOCAL_PGD_ENTRY + 1, levels)


def ldt_end(levels: int) -> Word:
    """LDT_END_ADDR, and MERMAP_BASE_ADDR."""
    return mm_local_base(levels) + LDT_REMAP_SIZE


def ldt_slot_va(slot: Word, levels: int) -> Word:
    """arch/x86/kernel/ldt.c, ldt_slot_va(): an int product, converted, added."""
    return mm_local_base(levels) + ulong(LDT_SLOT_STRIDE * slot)


def mermap_cpu_base(cpu: Word, levels: int) -> Word:
    """mermap_cpu_base(int cpu): the int is extended by its sign before it is multiplied."""
    return ldt_end(levels) + ulong(cpu) * MERMAP_CPU_REGION_SIZE


def mermap_cpu_end(cpu: Word, levels: int) -> Word:
    """mermap_cpu_end(int cpu): `cpu + 1` is an int."""
    return ldt_end(levels) + ulong(cpu + 1) * MERMAP_CPU_REGION_SIZE


def mermap_size(cpus: Word) -> Word:
    """What all CPUs' regions take."""
    return ulong(cpus) * MERMAP_CPU_REGION_SIZE


def pmd_tables(cpus: Word, levels: int) -> Word:
    """How many tables of PMD entries the LDT alias and the regions of so many CPUs need."""
    last = mermap_cpu_end(cpus - 1, levels) - 1
    return (last >> PUD_SHIFT) - (mm_local_base(levels) >> PUD_SHIFT) + 1


def prepared_bytes(cpus: Word) -> Word:
    """What mermap_mm_prepare() allocates for an mm: a table of PTEs for each possible CPU."""
    return ulong(cpus) * (PTE_SIZE * PTRS_PER_TABLE)


def page_offset_base(levels: int) -> Word:
    """__PAGE_OFFSET_BASE_L4 and _L5: where the direct map begins without KASLR, which only moves it up."""
    return ulong(0xFFFF888000000000 if levels == 4 else 0xFF11000000000000)


def vmalloc_base(levels: int) -> Word:
    return ulong(0xFFFFC90000000000 if levels == 4 else 0xFFA0000000000000)


def kasan_shadow(address: Word) -> Word:
    """kasan_mem_to_shadow()."""
    return (address >> KASAN_SHADOW_SCALE_SHIFT) + KASAN_SHADOW_OFFSET


def kasan_shadow_start(levels: int) -> Word:
    return ulong(0xFFFFEC0000000000 if levels == 4 else 0xFFDF000000000000)


def kasan_shadow_end(levels: int) -> Word:
    """KASAN_SHADOW_START + (1ULL << (__VIRTUAL_MASK_SHIFT - KASAN_SHADOW_SCALE_SHIFT))."""
    return kasan_shadow_start(levels) + (ulong(1) << (pgdir_shift(levels) + 8 - KASAN_SHADOW_SCALE_SHIFT))


def address_space(levels: int) -> list[Region]:
    """The neighbours, for a drawing."""
    base = mm_local_base(levels)
    return [
        Region("guard hole", pgd_entry(-ulong(256), levels), base),
        Region("mm-local", base, mm_local_end(levels)),
        Region("LDT", base, ldt_end(levels)),
        Region("direct map", page_offset_base(levels), vmalloc_base(levels)),
    ]


def cpu_regions(levels: int, cpu: Word) -> list[Region]:
    """The same with one CPU's part of the mermap."""
    own = Region(f"mermap of CPU {int(cpu)}", mermap_cpu_base(cpu, levels), mermap_cpu_end(cpu, levels))
    return [*address_space(levels), own]
