"""What mermap_alloc() takes for granted about sizes and the bump pointer, and whether it is so.

The arithmetic is that of model/mermap_arithmetic.py, with the addresses of any CPU's region.
"""

from __future__ import annotations

from checker.language import Region, Word, given, obligation, requires
from model.layout import (
    NR_CPUS_MAX,
    PAGE_SHIFT,
    PAGE_SIZE,
    PMD_SHIFT,
    PMD_SIZE,
    PTRS_PER_TABLE,
    Int,
    Levels,
    Ulong,
    is_aligned,
    mermap_cpu_base,
    mermap_cpu_end,
    ulong,
)
from model.mermap_arithmetic import Posting, cannot_fit, holds_pointer, limit_of, page_align, runs_out

NO_OTHER_GET = "callers: nothing else is mapped while a reserve mapping is live"
CHECK_RESERVE = "if (WARN_ON_ONCE(reserve_is_live))  /* before the rewind */\n        return NULL;"


def region_of(levels: Levels, cpu: Int) -> tuple[Ulong, Ulong]:
    given(cpu >= 0, cpu < NR_CPUS_MAX)
    return mermap_cpu_base(cpu, levels), mermap_cpu_end(cpu, levels)


def in_pages(*addresses: Ulong) -> None:
    for address in addresses:
        given(is_aligned(address, PAGE_SIZE))


def region_and_next(levels: Levels, cpu: Int, next_addr: Ulong) -> list[Region]:
    base, end = mermap_cpu_base(cpu, levels), mermap_cpu_end(cpu, levels)
    return [
        Region(f"region of CPU {int(cpu)}", base, end),
        Region("last page", end - PAGE_SIZE, end),
        Region("never mapped since the flush", next_addr, end),
    ]


@obligation(code="F9", least="size")
def rounded_size_fits(size: Ulong) -> bool:
    """A size of 1 byte to 2 MiB is rounded up to whole pages, of 1 to 512."""
    given(size > 0, size <= PMD_SIZE)
    rounded = page_align(size, PAGE_SIZE)
    return rounded >= PAGE_SIZE and rounded <= PMD_SIZE and is_aligned(rounded, PAGE_SIZE)


@obligation(code="F10", least="size")
def accepted_size_is_not_empty(size: Ulong) -> bool:
    """A size that mermap_get() does not refuse is at least a page when it is rounded."""
    given(size <= PMD_SIZE)
    requires(size > 0, "if (WARN_ON_ONCE(!size)) return NULL;")
    return page_align(size, PAGE_SIZE) >= PAGE_SIZE


@obligation(code="F11", shows=region_and_next)
def end_of_request_does_not_wrap(levels: Levels, cpu: Int, next_addr: Ulong, size: Ulong) -> bool:
    """`next_addr + size` is at least `next_addr`."""
    base, end = region_of(levels, cpu)
    given(base <= next_addr, next_addr <= end, size <= PMD_SIZE)
    return next_addr + size >= next_addr


@obligation(code="F12")
def rewound_pointer_is_below_limit(
    posting: Posting, levels: Levels, cpu: Int, highest: Ulong, reserve_end: Ulong, reserve_live: bool
) -> bool:
    """The lowest address to rewind to is not above a normal request's limit, or `limit - n` wraps around."""
    base, end = region_of(levels, cpu)
    given(base <= highest, highest <= end - PAGE_SIZE, base < reserve_end, reserve_end <= end)
    in_pages(highest, reserve_end)
    requires(not reserve_live, CHECK_RESERVE, by=NO_OTHER_GET)
    lowest = max(highest, reserve_end) if holds_pointer(posting, reserve_live, True) else highest
    return lowest <= limit_of(end, PAGE_SIZE, False)


@obligation(code="F13", least="next_addr", shows=region_and_next)
def room_above_pointer_does_not_wrap(posting: Posting, levels: Levels, cpu: Int, next_addr: Ulong) -> bool:
    """Where a request is let through because of `limit - next_addr`, that difference is not negative."""
    base, end = region_of(levels, cpu)
    given(base <= next_addr, next_addr <= end)
    in_pages(next_addr)
    limit = limit_of(end, PAGE_SIZE, False)
    return posting is not Posting.DEV or next_addr <= limit


def claimed(posting: Posting, next_addr: Word, lowest: Word, size: Word, limit: Word) -> Word | None:
    """The base that mermap_alloc() gives a request; None if it refuses."""
    if not runs_out(posting, next_addr, size, limit):
        return next_addr
    return None if cannot_fit(lowest, size, limit) else lowest


@obligation(code="F14", least="next_addr", shows=region_and_next)
def result_inside_region(
    posting: Posting, levels: Levels, reserve: bool, cpu: Int, next_addr: Ulong, lowest: Ulong, size: Ulong
) -> bool:
    """What a request gets lies in its CPU's region, and below the last page if it is a normal one."""
    base, end = region_of(levels, cpu)
    given(base <= lowest, lowest <= next_addr, next_addr <= end, size > 0, size <= PMD_SIZE)
    given(lowest <= end - PAGE_SIZE, not reserve or size == PAGE_SIZE)
    in_pages(next_addr, lowest, size)
    limit = limit_of(end, PAGE_SIZE, reserve)
    start = claimed(posting, next_addr, lowest, size, limit)
    return start is None or (base <= start and start + size <= limit)


@obligation(code="F15")
def reserve_always_fits(levels: Levels, cpu: Int, highest: Ulong) -> bool:
    """With no reserve mapping live there is a page for one, wherever the normal ones end."""
    base, end = region_of(levels, cpu)
    given(base <= highest, highest <= limit_of(end, PAGE_SIZE, False))
    return not cannot_fit(highest, PAGE_SIZE, limit_of(end, PAGE_SIZE, True))


@obligation(code="F16")
def largest_normal_request(levels: Levels, cpu: Int, next_addr: Ulong) -> bool:
    """511 pages fit into an empty region; 2 MiB never fit."""
    base, end = region_of(levels, cpu)
    given(base <= next_addr, next_addr <= limit_of(end, PAGE_SIZE, False))
    limit = limit_of(end, PAGE_SIZE, False)
    fits = not cannot_fit(base, PMD_SIZE - PAGE_SIZE, limit)
    return (
        fits and runs_out(Posting.V1, next_addr, PMD_SIZE, limit) and cannot_fit(next_addr, PMD_SIZE, limit)
    )


@obligation(least="size")
def accepted_size_can_fit(levels: Levels, cpu: Int, size: Ulong) -> bool:
    """A size that mermap_get() does not refuse fits into an empty region."""
    base, end = region_of(levels, cpu)
    given(size > 0, size <= PMD_SIZE)
    requires(size <= PMD_SIZE - PAGE_SIZE, "if (size > MERMAP_CPU_REGION_SIZE - PAGE_SIZE) return NULL;")
    return not cannot_fit(base, page_align(size, PAGE_SIZE), limit_of(end, PAGE_SIZE, False))


@obligation(code="F17")
def rewind_stays_above_live(
    posting: Posting, levels: Levels, cpu: Int, normal_end: Ulong, reserve_end: Ulong, reserve_live: bool
) -> bool:
    """A rewind leaves the bump pointer at or above the end of every live mapping, the reserve included."""
    base, end = region_of(levels, cpu)
    given(base < normal_end, normal_end <= end - PAGE_SIZE, base < reserve_end, reserve_end <= end)
    in_pages(normal_end, reserve_end)
    requires(not reserve_live, CHECK_RESERVE, by=NO_OTHER_GET)
    lowest = normal_end
    if holds_pointer(posting, reserve_live, True):
        lowest = max(lowest, reserve_end)
    return lowest >= normal_end and (not reserve_live or lowest >= reserve_end)


@obligation(code="F18", least="next_addr", shows=region_and_next)
def tables_cover_result(
    posting: Posting, levels: Levels, cpu: Int, next_addr: Ulong, lowest: Ulong, size: Ulong
) -> bool:
    """Every entry that a normal request writes lies in the table that prepare made for that CPU."""
    base, end = region_of(levels, cpu)
    given(base <= lowest, lowest <= next_addr, next_addr <= end, size > 0, size <= PMD_SIZE)
    given(lowest <= limit_of(end, PAGE_SIZE, False))
    in_pages(next_addr, lowest, size)
    start = claimed(posting, next_addr, lowest, size, limit_of(end, PAGE_SIZE, False))
    if start is None:
        return True
    return start >> PMD_SHIFT == base >> PMD_SHIFT and (start + size - 1) >> PMD_SHIFT == base >> PMD_SHIFT


@obligation(code="F26")
def entries_within_one_table(levels: Levels, cpu: Int, start: Ulong, count: Ulong) -> bool:
    """The entries of a mapping inside the region do not run past the last of their table."""
    base, end = region_of(levels, cpu)
    given(base <= start, start < end, count > 0, count <= PTRS_PER_TABLE)
    in_pages(start)
    given(start + (count << PAGE_SHIFT) <= end)
    return ((start >> PAGE_SHIFT) & ulong(PTRS_PER_TABLE - 1)) + count <= PTRS_PER_TABLE
