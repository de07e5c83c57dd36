"""kmap_local_page() where the mermap would be used."""

from __future__ import annotations

from checker.language import Scenario
from model.boot import all_pages_in_use, one_page_each
from model.callers import evict
from model.design import Callers
from model.hardware import SHOOTDOWN, fill_direct, schedule
from model.kernel import Task
from model.kmap_local import fill_kmap, write_file_kmap

Scenario(
    "kmap-local",
    "Two processes write their own pages through kmap_local_page(), and free them.",
    runs={Task: [write_file_kmap, evict]},
    actions=[fill_kmap, *SHOOTDOWN],
    initial=one_page_each,
    bounds={"mms": 2},
    design={"callers": Callers.OBEDIENT},
    default=False,
)
Scenario(
    "kmap-local-preempted",
    "Two tasks of a process share a CPU, and each is preempted while it holds such a mapping.",
    runs={Task[0]: [write_file_kmap, evict], Task[1]: [write_file_kmap]},
    actions=[schedule, fill_kmap],
    initial=all_pages_in_use,
    bounds={"cpus": 1},
    design={"callers": Callers.OBEDIENT},
    default=False,
)
Scenario(
    "kmap-local-direct-map",
    "The same as the first where kmap_local_page() returns the direct-map address.",
    runs={Task: [write_file_kmap, evict]},
    actions=[fill_direct, *SHOOTDOWN],
    initial=one_page_each,
    bounds={"mms": 2},
    design={"callers": Callers.OBEDIENT, "kmap_forced": False},
    default=False,
)
