"""The worlds in which `check pairs` puts any two operations together, from small to large."""

from __future__ import annotations

from checker.language import Pairs
from model.address_space import exec_mmap, fork, mermap_mm_prepare
from model.atomic_callers import alloc_atomic_pages
from model.boot import boot
from model.boot_pairs import (
    allocated,
    files_in_use,
    in_pieces,
    in_use,
    interrupted,
    interrupted_in_use,
    interrupted_out_of_use,
    not_prepared,
    one_in_use,
    ordinary_file,
    out_of_use,
    with_aliases,
)
from model.bulk import alloc_pages_bulk
from model.callers import alloc_raw_page, drop_last_reference
from model.contig import alloc_contig_range
from model.design import DirectMap
from model.guest_memfd import (
    fill_guest,
    kvm_gmem_allocate,
    kvm_gmem_fault_user_mapping,
    kvm_gmem_populate,
    kvm_gmem_punch_hole,
    kvm_gmem_write,
    kvm_mmu_faultin_pfn_gmem,
)
from model.gup import gup_fast, gup_slow, walk_page_frames
from model.hardware import INTERRUPTS, SHOOTDOWN, fill_direct, fill_mermap
from model.kernel import Task
from model.kernel_callers import (
    alloc_kernel_block,
    alloc_kernel_page,
    alloc_movable_page,
    alloc_zeroed_page,
    free_kernel_page,
)
from model.kernel_image import fill_image, free_kernel_image_pages
from model.memory_hotplug import offline_pages
from model.nolock import alloc_pages_nolock, free_pages_nolock
from model.scenarios.files import kernel_thread_and_file
from model.secretmem import filemap_fault, read_ahead, secretmem_fault, secretmem_release
from model.truncate import drop_caches, truncate_file
from model.user_memory import close_file, fill_user, munmap, share_file
from model.vmalloc import fill_alias, purge_vmap_areas, vfree

HARDWARE = [fill_direct, fill_mermap, *SHOOTDOWN]
PROCESSES = (Task[0], Task[1])

IN_A_HANDLER = {
    Task[1]: [
        alloc_kernel_page,
        alloc_zeroed_page,
        alloc_atomic_pages,
        free_kernel_page,
        drop_last_reference,
        alloc_pages_nolock,
        free_pages_nolock,
    ]
}

USE_LISTS = [
    alloc_raw_page,
    alloc_kernel_page,
    alloc_pages_bulk,
    alloc_contig_range,
    offline_pages,
    free_kernel_page,
    free_pages_nolock,
]

WITH_FILES = [
    secretmem_fault,
    munmap,
    truncate_file,
    drop_caches,
    share_file,
    close_file,
    gup_fast,
    gup_slow,
    walk_page_frames,
    kvm_gmem_fault_user_mapping,
    kvm_mmu_faultin_pfn_gmem,
    kvm_gmem_punch_hole,
    kvm_gmem_allocate,
    kvm_gmem_write,
    kvm_gmem_populate,
]

Pairs("free", "two CPUs, one mapped block, all free", between=PROCESSES, actions=HARDWARE, initial=boot)
Pairs(
    "in-use",
    "two CPUs, a block of each kind, each one page and in use",
    between=PROCESSES,
    actions=HARDWARE,
    initial=in_use,
    bounds={"blocks": 2, "pages": 1},
)
Pairs(
    "one-in-use",
    "two CPUs, two blocks of one page: one unmapped and in use or just removed, not secretmem's; one free",
    between=PROCESSES,
    actions=HARDWARE,
    initial=one_in_use,
    bounds={"blocks": 2, "pages": 1},
    design={"unmapped_by_secretmem": False},
)
Pairs(
    "allocated",
    "two CPUs, one mapped block, each page allocated by another task",
    between=PROCESSES,
    actions=HARDWARE,
    initial=allocated,
)
Pairs(
    "out-of-use",
    "two CPUs, blocks of one page: unmapped and in use or just removed, broken, offline, free",
    between=PROCESSES,
    actions=HARDWARE,
    initial=out_of_use,
    bounds={"blocks": 4, "pages": 1},
    design={"unmapped_by_secretmem": False},
)
Pairs(
    "interrupt",
    "a task and an interrupt handler on one CPU, one mapped block, all free",
    between=PROCESSES,
    family="interrupt",
    only=IN_A_HANDLER,
    actions=[*HARDWARE, *INTERRUPTS],
    initial=interrupted,
    bounds={"cpus": 1},
)
Pairs(
    "interrupt-in-use",
    "a task and an interrupt handler on one CPU, a block of each kind, each one page and in use",
    between=PROCESSES,
    family="interrupt",
    only=IN_A_HANDLER,
    actions=[*HARDWARE, *INTERRUPTS],
    initial=interrupted_in_use,
    bounds={"cpus": 1, "blocks": 2, "pages": 1},
)
Pairs(
    "interrupt-out-of-use",
    "a task and an interrupt handler on one CPU, blocks of one page: removed, in use, broken, offline, free",
    between=PROCESSES,
    family="interrupt",
    only=IN_A_HANDLER,
    actions=[*HARDWARE, *INTERRUPTS],
    initial=interrupted_out_of_use,
    bounds={"cpus": 1, "blocks": 4, "pages": 1},
    design={"unmapped_by_secretmem": False},
)
Pairs(
    "some-free",
    "two CPUs, a block of each kind, each with one page in use and one free",
    between=PROCESSES,
    actions=HARDWARE,
    initial=in_use,
    bounds={"blocks": 2},
)
Pairs(
    "in-pieces",
    "two CPUs, movable blocks in pieces; one of the two reclaims and compacts",
    between=PROCESSES,
    family="slow path",
    only={Task[0]: [alloc_raw_page, alloc_kernel_block, alloc_movable_page]},
    actions=HARDWARE,
    initial=in_pieces,
    bounds={"blocks": 2},
    design={"slow_path": True, "direct_map": DirectMap.LARGE},
)
Pairs(
    "in-pieces-unspeculated",
    "the same where no TLB is filled by speculation",
    between=PROCESSES,
    family="slow path",
    instead_of="in-pieces",
    only={Task[0]: [alloc_raw_page, alloc_kernel_block, alloc_movable_page]},
    actions=SHOOTDOWN,
    initial=in_pieces,
    bounds={"blocks": 2},
    design={"slow_path": True, "direct_map": DirectMap.LARGE},
)
Pairs(
    "per-CPU-lists",
    "two CPUs with lists of their own, one block allocated, one free; one of the two uses or drains them",
    between=PROCESSES,
    family="per-CPU lists",
    only={Task[0]: USE_LISTS},
    actions=HARDWARE,
    initial=allocated,
    bounds={"blocks": 2},
    design={"pcplists": True},
)
Pairs(
    "per-CPU-lists-unspeculated",
    "the same where no TLB is filled by speculation",
    between=PROCESSES,
    family="per-CPU lists",
    instead_of="per-CPU-lists",
    only={Task[0]: USE_LISTS},
    actions=SHOOTDOWN,
    initial=allocated,
    bounds={"blocks": 2},
    design={"pcplists": True},
)
Pairs(
    "files",
    "two CPUs, two processes with a secretmem file that is in use, and a guest_memfd",
    between=PROCESSES,
    family="files",
    only={Task[0]: WITH_FILES},
    actions=[fill_mermap, fill_user, fill_guest, *SHOOTDOWN],
    initial=files_in_use,
    bounds={"mms": 2},
    design={"no_memory": False},
)
Pairs(
    "ordinary-file",
    "two CPUs, two processes with an ordinary file, one with a secretmem file; one of these may be in use",
    between=PROCESSES,
    family="files",
    only={
        Task[0]: [
            filemap_fault,
            secretmem_fault,
            secretmem_release,
            share_file,
            munmap,
            gup_fast,
            gup_slow,
        ]
    },
    actions=[fill_mermap, fill_user, *SHOOTDOWN],
    initial=ordinary_file,
    bounds={"mms": 2},
    design={"no_memory": False},
)
Pairs(
    "address-spaces",
    "two CPUs, blocks of one page; a process that has not used its mermap, another that has, one to be made",
    between=PROCESSES,
    family="address spaces",
    only={Task[0]: [mermap_mm_prepare, fork, exec_mmap]},
    actions=[fill_mermap, *SHOOTDOWN],
    initial=not_prepared,
    bounds={"mms": 3, "blocks": 2, "pages": 1},
)
Pairs(
    "aliases",
    "two CPUs, blocks of one page: with an address in the kernel image, or of vmalloc()'s; unmapped; free",
    between=PROCESSES,
    family="aliases",
    only={Task[0]: [vfree, purge_vmap_areas, free_kernel_image_pages]},
    actions=[fill_alias, fill_image, *SHOOTDOWN],
    initial=with_aliases,
    bounds={"blocks": 4, "pages": 1},
)
Pairs(
    "kernel-thread",
    "a process with a secretmem file, which is empty, and a kernel thread on another CPU",
    between=PROCESSES,
    family="kernel thread",
    only={Task[1]: [read_ahead]},
    actions=[fill_mermap, fill_user, *SHOOTDOWN],
    initial=kernel_thread_and_file,
    design={"no_memory": False},
)
