"""Hibernation: the image of memory, and what is done to free pages after the resume."""

from __future__ import annotations

from checker.language import Steps, choose, operation, running, when
from model.access import access
from model.callers import exit_files
from model.design import Design
from model.direct_map import set_direct_map_page
from model.free_list import buddy_of, hand_over
from model.freetype import FreeList
from model.kernel import Contents, Context, Cpu, File, Hand, Kernel, Page, Task, Zone
from model.owners import is_users
from model.pcp import drain_pages_zone
from model.shootdown import flush_tlb_kernel_range
from model.tlb import __flush_tlb_all


@operation(Task)
def hibernate(k: Kernel, me: Task) -> Steps:
    """kernel/power/hibernate.c, hibernate() and create_image(), mainline: a check, processes frozen, other
    CPUs and interrupts off, the image; then its writer goes on here, or a resumed kernel does.

    What the image is written to, and its own pages, are outside of this memory.

    Trigger: root, or a user whom the desktop allows to hibernate; CONFIG_HIBERNATION, and no lockdown.

    Provoke: echo disk > /sys/power/state, with test_resume in /sys/power/disk to come back at once (`True`);
    any other failure to write the image gives `False`.
    """
    when(k.task[me].context is Context.PROCESS)
    if is_unavailable(k):  # atomic: secretmem_users, a counter
        return
    yield
    if k.hibernating is not None:  # hibernate_acquire()
        return
    k.hibernating = me
    while not are_frozen(k, me):
        yield
    k.snapshotting = me
    k.cpu[k.task[me].cpu].irqs_off = True
    if not (Design.snapshot_rechecks and any(is_owned_unmapped(k, page) for page in Page)):
        yield from swsusp_save(k, me)
        resumed = choose(True, False)
        if resumed:
            yield from clear_or_poison_free_pages(k, me)
    for cpu in Cpu:
        if cpu != k.task[me].cpu:
            __flush_tlb_all(k, cpu)  # a CPU that comes online starts with none
    k.cpu[k.task[me].cpu].irqs_off = False
    k.snapshotting = None
    k.hibernating = None


def is_unavailable(k: Kernel) -> bool:
    """kernel/power/hibernate.c, hibernation_available(), and secretmem_active(), mainline: is a secretmem
    file open? Where files are not modelled: does a page tell?
    """
    if any(not k.file[file].ordinary and not k.file[file].guest and has_users(k, file) for file in File):
        return True
    return Design.unmapped_by_secretmem and any(is_owned_unmapped(k, page) for page in Page)


def has_users(k: Kernel, file: File) -> bool:
    """Is it open, or mapped, which keeps it open?"""
    return len(k.file[file].sharers) > 0


def is_owned_unmapped(k: Kernel, page: Page) -> bool:
    """Does an unmapped user have the page, or one who has it zapped?"""
    return is_users(k, page)


# atomic: each was seen to stop by itself, and stays so
def are_frozen(k: Kernel, me: Task) -> bool:
    """Are all other processes outside the kernel, and may the other CPUs be taken down?"""
    if any(task != me and is_awaited(k, task) for task in Task):
        return False
    if any(k.cpu[cpu].handler is not None for cpu in Cpu):
        return False
    return not any(
        cpu != k.task[me].cpu and (k.cpu[cpu].irqs_off or k.cpu[cpu].preempt_count > 0) for cpu in Cpu
    )


def is_awaited(k: Kernel, task: Task) -> bool:
    """kernel/power/process.c, try_to_freeze_tasks(), mainline: a process, while it is in the kernel, until
    do_task_dead() if it exits (PF_NOFREEZE). Kernel threads are not frozen here.
    """
    return running(task, exit_files) or (running(task) and k.task[task].context is Context.PROCESS)


def swsusp_save(k: Kernel, me: Task) -> Steps:
    """kernel/power/snapshot.c, swsusp_save() and copy_data_pages(), v4's draft and mainline: per-CPU lists
    are emptied; whatever no free list has is copied.
    """
    for zone in Zone:
        for cpu in Cpu:
            yield from drain_pages_zone(k, me, zone, cpu)
    for page in Page:
        if is_saveable(k, page):
            yield from safe_copy_page(k, me, page)
    k.imaged = True


def is_saveable(k: Kernel, page: Page) -> bool:
    """saveable_page(), mainline and v4's tree: whatever is online and not free; PG_hwpoison is not looked at.
    Proposed: unless it is poisoned.
    """
    if Design.snapshot_skips_poisoned and k.page[page].poisoned:
        return False
    return not is_marked_free(k, page) and not k.pageblock[page.block].removed


def is_marked_free(k: Kernel, page: Page) -> bool:
    """mark_free_pages(): is it on a free list, of whatever kind?"""
    buddy = buddy_of(k, page)
    return buddy is not None and k.page[buddy].list is not FreeList.NO_LIST


def safe_copy_page(k: Kernel, me: Task, page: Page) -> Steps:
    """kernel/power/snapshot.c, safe_copy_page(), hibernate_map_page() and hibernate_unmap_page(), mainline:
    an absent page is mapped to be read, and read whether that worked or not.
    """
    absent = not k.page[page].present
    hand = k.page[page].hand
    holder = k.page[page].holder
    if absent:
        hand_over(k, page, 0, Hand.LIMBO, me)  # until it is absent again, and nobody else moves before
        yield from set_direct_map_page(k, me, page, True)
    read = access(k, me, page, None)
    if read is not None and k.page[read].secret_of is not None:
        k.secret_in_image = True
    yield
    if absent:
        yield from set_direct_map_page(k, me, page, False)
        yield from flush_tlb_kernel_range(k, me, page, 0)
        hand_over(k, page, 0, hand, holder)


def clear_or_poison_free_pages(k: Kernel, me: Task) -> Steps:
    """kernel/power/snapshot.c, clear_or_poison_free_pages(), mainline: what was free holds the boot kernel's
    data, and with init_on_free or page_poison it is overwritten through the direct map.
    """
    for page in Page:
        if is_marked_free(k, page):
            k.page[page].assign(contents=Contents.OTHER, secret_of=None)
    yield
    if Design.init_on_free or Design.page_poisoning:
        for page in Page:
            if is_marked_free(k, page) and (k.page[page].present or not Design.resume_skips_unmapped):
                reached = access(k, me, page, None)
                if reached is not None:
                    k.page[reached].contents = Contents.POISON if Design.page_poisoning else Contents.ZERO
                yield
