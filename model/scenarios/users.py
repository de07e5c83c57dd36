"""What the rest of the kernel does to pages of files: hibernation, reporting, offlining, and what breaks."""

from __future__ import annotations

from checker.language import Scenario
from model.boot import free_the_rest, set_up
from model.guest_memfd import kvm_gmem_punch_hole, kvm_mmu_faultin_pfn_gmem
from model.hardware import SHOOTDOWN, fill_direct
from model.hibernate import hibernate
from model.kernel import Kernel, Task
from model.memory_failure import inject_memory_failure, soft_offline_page
from model.memory_hotplug import offline_pages
from model.page_reporting import page_reporting_process
from model.scenarios.files import FILE, GUEST, QUIET, guest_files, secret_files
from model.secretmem import memfd_secret, secretmem_fault, secretmem_release
from model.truncate import truncate_file
from model.unpoison import unpoison_memory
from model.user_memory import munmap


def no_files(k: Kernel) -> None:
    """Nobody has made a file yet; all free pages are mapped."""
    set_up(k)
    free_the_rest(k)


Scenario(
    "secretmem-life",
    "Two processes make secretmem files, use them and close them for the last time.",
    runs={Task: [memfd_secret, secretmem_fault, munmap, secretmem_release]},
    actions=FILE,
    initial=no_files,
    bounds={"mms": 2},
    design=QUIET,
    default=False,
)
Scenario(
    "secretmem-hibernation",
    "An image is made while a process makes a secretmem file, uses it and closes it.",
    runs={Task[0]: [hibernate], Task[1]: [memfd_secret, secretmem_fault, munmap, secretmem_release]},
    actions=FILE,
    initial=no_files,
    bounds={"mms": 2},
    design=QUIET,
)
Scenario(
    "secretmem-failure",
    "A page of a secretmem file breaks or is taken out of use, and is put back; nobody loses one in use.",
    runs={
        Task[0]: [secretmem_fault, munmap, truncate_file],
        Task[1]: [inject_memory_failure, soft_offline_page, unpoison_memory],
    },
    actions=FILE,
    initial=secret_files,
    bounds={"pages": 1},
    design=QUIET | {"unpoison_needs_own": True},
)
Scenario(
    "guest-failure",
    "A page of a guest breaks or is taken out of use, and is put back, while holes are punched.",
    runs={
        Task[0]: [kvm_mmu_faultin_pfn_gmem, kvm_gmem_punch_hole],
        Task[1]: [inject_memory_failure, soft_offline_page, unpoison_memory],
    },
    actions=GUEST,
    initial=guest_files,
    bounds={"pages": 1},
    design=QUIET | {"unpoison_needs_own": True},
)
Scenario(
    "secretmem-reporting",
    "The host is told of free blocks, while pages of them enter and leave a secretmem file.",
    runs={Task[0]: [secretmem_fault, munmap, truncate_file], Task[1]: [page_reporting_process]},
    actions=FILE,
    initial=secret_files,
    design=QUIET,
)
Scenario(
    "secretmem-offlining",
    "Blocks are taken offline, while pages of them enter and leave a secretmem file.",
    runs={Task[0]: [secretmem_fault, munmap, truncate_file], Task[1]: []},
    once={Task[1]: [offline_pages]},
    actions=[fill_direct, *SHOOTDOWN],
    initial=secret_files,
    bounds={"blocks": 2},
    design=QUIET,
    default=False,
)
