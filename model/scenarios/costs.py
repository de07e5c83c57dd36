"""Worlds in which what designs cost can be compared: as many pages as a block has, and nothing that fails."""

from __future__ import annotations

from checker.language import Scenario
from model.boot import free_the_rest, set_up
from model.guest_memfd import kvm_gmem_punch_hole, kvm_mmu_faultin_pfn_gmem, write_guest
from model.hardware import SHOOTDOWN, fill_direct
from model.kernel import Contents, Kernel, Mm, Page, Task


def used_memory(k: Kernel) -> None:
    """Every page is free and mapped, and holds what somebody left there; process 0 has an empty guest."""
    set_up(k)
    for page in Page:
        k.page[page].contents = Contents.OTHER
    k.file[Mm(0).file].guest = True
    k.file[Mm(0).file].sharers.add(Mm(0))
    free_the_rest(k)


Scenario(
    "fill-guest",
    "A guest touches its memory, page by page, until all of it is there.",
    runs={Task[0]: [kvm_mmu_faultin_pfn_gmem]},
    actions=[fill_direct, *SHOOTDOWN],
    initial=used_memory,
    bounds={"tasks": 1, "pages": 4, "offsets": 4},
    design={"no_memory": False},
    default=False,
)
Scenario(
    "fill-guest-by-two",
    "Two CPUs run the same guest, which touches its memory until all of it is there.",
    runs={Task: [kvm_mmu_faultin_pfn_gmem]},
    actions=[fill_direct, *SHOOTDOWN],
    initial=used_memory,
    bounds={"offsets": 2},
    design={"no_memory": False},
    default=False,
)
Scenario(
    "fill-and-empty-guest",
    "A guest touches and writes its memory, and its process takes that away again.",
    runs={Task[0]: [kvm_mmu_faultin_pfn_gmem, kvm_gmem_punch_hole]},
    actions=[fill_direct, write_guest, *SHOOTDOWN],
    initial=used_memory,
    bounds={"tasks": 1, "offsets": 2},
    design={"no_memory": False},
    default=False,
)
