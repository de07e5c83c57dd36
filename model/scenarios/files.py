"""Files without a direct map: who adds to them, who takes out of them, and who has them."""

from __future__ import annotations

from checker.language import Scenario
from model.boot import free_the_rest, set_up, unmap
from model.design import DirectMap
from model.environment import Tags
from model.guest_memfd import (
    fill_guest,
    kvm_gmem_allocate,
    kvm_gmem_fault_user_mapping,
    kvm_gmem_populate,
    kvm_gmem_punch_hole,
    kvm_gmem_write,
    kvm_mmu_faultin_pfn_gmem,
    write_guest,
)
from model.gup import gup_fast, gup_slow, walk_page_frames
from model.hardware import INTERRUPTS, SHOOTDOWN, fill_direct, fill_mermap
from model.hibernate import hibernate
from model.kernel import Block, Context, Cpu, Kernel, Mm, Task
from model.secretmem import filemap_fault, read_ahead, secretmem_fault
from model.truncate import drop_caches, truncate_file
from model.user_memory import close_file, fill_user, munmap, share_file, write_memory
from model.users import NoDirectMap, Users

FILE = [fill_direct, fill_mermap, fill_user, write_memory, *SHOOTDOWN]
GUEST = [fill_direct, fill_mermap, fill_guest, write_guest, *SHOOTDOWN]
QUIET = {"no_memory": False}
BROADCAST = {"broadcast": True, "tags": Tags.GLOBAL}  # a process on fewer than four CPUs is flushed by IPIs
LARGE = {"direct_map": DirectMap.LARGE}


def secret_files(k: Kernel) -> None:
    """Each process has made a secretmem file; with v4's fast form all free pages are unmapped already."""
    set_up(k)
    for mm in Mm:
        k.file[mm.file].sharers.add(mm)
    if Users.no_direct_map is NoDirectMap.UNMAPPED and Users.unmapped_option:
        for block in Block:
            unmap(k, block)
    free_the_rest(k)


def shared_secret_file(k: Kernel) -> None:
    """Process 0 has made a secretmem file, and process 1 has it too, and none of its own."""
    secret_files(k)
    for mm in Mm:
        k.file[mm.file].sharers.clear()
        k.file[Mm(0).file].sharers.add(mm)


def mixed_files(k: Kernel) -> None:
    """Both processes have an ordinary file and a secretmem file; all free pages are mapped."""
    set_up(k)
    for file in Mm:
        for mm in Mm:
            k.file[file.file].sharers.add(mm)
    k.file[Mm(0).file].ordinary = True
    free_the_rest(k)


def kernel_thread_and_file(k: Kernel) -> None:
    """Task 1 is a kernel thread on CPU 1; process 0 has made a secretmem file."""
    secret_files(k)
    k.task[Task(1)].context = Context.KTHREAD
    k.cpu[Cpu(1)].init_mm = True


def guest_files(k: Kernel) -> None:
    """Each process runs a guest of its own, on a guest_memfd of its own."""
    secret_files(k)
    for mm in Mm:
        k.file[mm.file].guest = True


Scenario(
    "secretmem",
    "Two processes touch, write and empty their own secretmem files, of two pages for both.",
    runs={Task: [secretmem_fault, munmap, truncate_file]},
    actions=FILE,
    initial=secret_files,
    bounds={"mms": 2},
    design=QUIET,
)
Scenario(
    "secretmem-threads",
    "Two threads of a process touch the same address of a file at the same time, and empty it.",
    runs={Task: [secretmem_fault, truncate_file]},
    actions=FILE,
    initial=secret_files,
    design=QUIET,
)
Scenario(
    "secretmem-close",
    "A process closes its mapping while another one that has the file too touches it, and empties it.",
    runs={Task[0]: [secretmem_fault, munmap], Task[1]: [secretmem_fault, truncate_file]},
    actions=FILE,
    initial=shared_secret_file,
    bounds={"mms": 2},
    design=QUIET,
)
Scenario(
    "secretmem-fork",
    "A process forks; its child touches and writes the file, and the parent leaves it.",
    runs={Task: [secretmem_fault, munmap], Task[1]: [secretmem_fault, munmap, truncate_file]},
    once={Task[0]: [share_file, close_file]},
    actions=FILE,
    initial=secret_files,
    bounds={"mms": 2},
    design=QUIET,
    default=False,
)
Scenario(
    "secretmem-failures",
    "Splitting an entry fails, and so does the insertion into the file.",
    runs={Task: [secretmem_fault, truncate_file]},
    actions=[fill_direct, write_memory, *SHOOTDOWN],
    initial=secret_files,
    bounds={"mms": 2},
    design=LARGE,
)
Scenario(
    "secretmem-kernel-thread",
    "A kernel thread adds a folio to the file of a process.",
    runs={Task[0]: [secretmem_fault, truncate_file]},
    once={Task[1]: [read_ahead]},
    actions=FILE,
    initial=kernel_thread_and_file,
    design=QUIET,
)
Scenario(
    "secretmem-drop-caches",
    "Clean folios that no process has mapped any more are dropped, while their file is open.",
    runs={Task[0]: [secretmem_fault, munmap], Task[1]: [secretmem_fault]},
    once={Task[1]: [drop_caches]},
    actions=FILE,
    initial=secret_files,
    bounds={"mms": 2},
    design=QUIET,
)
Scenario(
    "guest-memory",
    "Two processes run a guest each, which touches and writes its memory; holes are punched.",
    runs={Task: [kvm_mmu_faultin_pfn_gmem, kvm_gmem_punch_hole]},
    actions=GUEST,
    initial=guest_files,
    bounds={"mms": 2},
    design=QUIET,
)
Scenario(
    "guest-memory-mapped",
    "A process fills its guest's memory by copying, through its own mapping, and a hole is punched.",
    runs={
        Task[0]: [kvm_gmem_fault_user_mapping, kvm_mmu_faultin_pfn_gmem],
        Task[1]: [kvm_gmem_fault_user_mapping, kvm_gmem_punch_hole],
    },
    actions=[fill_user, write_memory, *GUEST],
    initial=guest_files,
    design=QUIET,
)
Scenario(
    "guest-memory-threads",
    "Two CPUs run the guest and touch both of its pages; one allocates them before, or punches a hole.",
    runs={Task[0]: [kvm_mmu_faultin_pfn_gmem]},
    once={Task[1]: [kvm_mmu_faultin_pfn_gmem, kvm_gmem_allocate, kvm_gmem_punch_hole]},
    actions=GUEST,
    initial=guest_files,
    bounds={"offsets": 2},
    design=QUIET,
    default=False,
)
Scenario(
    "guest-memory-failures",
    "Splitting an entry fails, and so does the insertion into the file.",
    runs={Task: [kvm_mmu_faultin_pfn_gmem, kvm_gmem_punch_hole]},
    actions=[fill_direct, write_guest, *SHOOTDOWN],
    initial=guest_files,
    bounds={"mms": 2},
    design=LARGE,
)
Scenario(
    "guest-write",
    "Pages are filled by write() while a hole is punched; another process gets them afterwards.",
    runs={Task[0]: [kvm_gmem_write], Task[1]: [kvm_gmem_write]},
    once={Task: [kvm_gmem_punch_hole]},
    actions=GUEST,
    initial=guest_files,
    bounds={"mms": 2},
    design=QUIET,
)
Scenario(
    "guest-write-threads",
    "The same by two threads of a process.",
    runs={Task[0]: [kvm_gmem_write], Task[1]: [kvm_gmem_punch_hole]},
    actions=GUEST,
    initial=guest_files,
    design=QUIET,
)
Scenario(
    "guest-populate",
    "The first contents of a confidential guest are copied in; it has no direct map.",
    runs={Task: [kvm_gmem_populate, kvm_gmem_punch_hole]},
    actions=GUEST,
    initial=guest_files,
    bounds={"mms": 2},
    design=QUIET,
)
Scenario(
    "guest-handed-over",
    "A process that has had pages cleared hands its file to another one, and closes it.",
    runs={Task[1]: [kvm_mmu_faultin_pfn_gmem]},
    once={Task[0]: [kvm_mmu_faultin_pfn_gmem, share_file, close_file]},
    actions=GUEST,
    initial=guest_files,
    bounds={"mms": 2},
    design=QUIET,
)

Scenario(
    "secretmem-removers",
    "Pages leave their file by truncation, by reclaim and by the close of a VMA at the same time.",
    runs={Task[0]: [secretmem_fault, munmap], Task[1]: [secretmem_fault, truncate_file]},
    once={Task[0]: [drop_caches]},
    actions=FILE,
    initial=shared_secret_file,
    bounds={"mms": 2},
    design=QUIET,
    default=False,
)

Scenario(
    "guest-hibernation",
    "An image is made while a guest uses its memory, which no check asks for.",
    runs={Task[0]: [hibernate], Task[1]: [kvm_mmu_faultin_pfn_gmem, kvm_gmem_punch_hole]},
    actions=[fill_direct, fill_guest, write_guest, *SHOOTDOWN],
    initial=guest_files,
    design=QUIET | {"unmapped_by_secretmem": False},
)

GUP = {Task[0]: [secretmem_fault, gup_fast], Task[1]: [secretmem_fault, truncate_file]}
Scenario(
    "gup-fast",
    "A process has the kernel read its secret memory while the file is emptied.",
    runs=GUP,
    actions=[fill_direct, fill_user, write_memory, *SHOOTDOWN],
    initial=shared_secret_file,
    bounds={"mms": 2},
    design=QUIET,
)
Scenario(
    "gup-fast-broadcast",
    "The same where CPUs with interrupts off are flushed all the same.",
    runs=GUP,
    actions=[fill_direct, fill_user, write_memory, *SHOOTDOWN],
    initial=shared_secret_file,
    bounds={"mms": 2},
    design=QUIET | BROADCAST,
    default=False,
)


def ordinary_file(k: Kernel) -> None:
    """Processes 0 and 1 have an ordinary file, and all free pages are mapped."""
    set_up(k)
    for mm in Mm:
        k.file[Mm(0).file].sharers.add(mm)
    k.file[Mm(0).file].ordinary = True
    free_the_rest(k)


Scenario(
    "gup-fast-ordinary",
    "A process has the kernel read its memory, of an ordinary file, while that is emptied.",
    runs={Task[0]: [filemap_fault, gup_fast], Task[1]: [filemap_fault, truncate_file]},
    actions=[fill_direct, fill_user, *SHOOTDOWN],
    initial=ordinary_file,
    bounds={"mms": 2},
    design=QUIET,
)


Scenario(
    "gup-slow",
    "ptrace() or a core dump reads memory of an ordinary file, and of a secretmem file, while it is emptied.",
    runs={Task[0]: [filemap_fault, secretmem_fault, gup_slow], Task[1]: [truncate_file]},
    actions=[fill_direct, fill_user, write_memory, *SHOOTDOWN],
    initial=mixed_files,
    bounds={"mms": 2},
    design=QUIET | BROADCAST,
)
Scenario(
    "gup-fast-reused",
    "A page leaves an ordinary file for a secretmem file, while the kernel gets hold of it for the first.",
    runs={Task[0]: [filemap_fault, gup_fast], Task[1]: [truncate_file, secretmem_fault]},
    actions=[fill_direct, fill_user, write_memory, *SHOOTDOWN],
    initial=mixed_files,
    bounds={"mms": 2},
    design=QUIET | BROADCAST,
)


def interrupt_and_files(k: Kernel) -> None:
    """Task 2 is an interrupt handler on CPU 1; each process has made a secretmem file."""
    secret_files(k)
    k.task[Task(2)].context = Context.IRQ
    k.task[Task(2)].cpu = Cpu(1)


Scenario(
    "page-frame-walker",
    "A walker of page frames, and then an interrupt, have references to pages that are taken out of files.",
    runs={Task[0]: [secretmem_fault, truncate_file], Task[1]: [walk_page_frames, secretmem_fault]},
    once={Task[2]: [walk_page_frames]},
    actions=[fill_direct, fill_mermap, fill_user, write_memory, *INTERRUPTS, *SHOOTDOWN],
    initial=interrupt_and_files,
    bounds={"mms": 2, "tasks": 3},
    design=QUIET,
)
