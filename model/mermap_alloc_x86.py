"""The same allocator with the kernel's addresses: the first CPU's region with 4 levels of page tables.

`check --load model/mermap_alloc_x86.py --scenario x86 --all --engine symbolic`.
"""

from __future__ import annotations

from checker.language import Scenario
from model.layout import MERMAP_CPU_REGION_SIZE, PAGE_SIZE, int_, mermap_cpu_base
from model.mermap_alloc import Allocator

Scenario(
    "x86",
    "CPU 0 with 4 levels: addresses of 64 bits, pages of 4 KiB, 2 MiB for each CPU",
    state=Allocator,
    bounds={
        "bits": 64,
        "base": int(mermap_cpu_base(int_(0), 4)),
        "page": int(PAGE_SIZE),
        "size": int(MERMAP_CPU_REGION_SIZE),
    },
)
