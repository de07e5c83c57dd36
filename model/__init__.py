"""The Linux design under test: unmapped page allocation, the mermap and TLB shootdowns, one function per
kernel function."""

import model.direct_map  # noqa: F401  (first: it and the page allocator need each other)
from model import boot, callers, costs, hardware, kernel_callers, locking, pairs, questions, scenarios, views
from model.bounds import Bounds
from model.design import Design
from model.kernel import Kernel

__all__ = [
    "Bounds",
    "Design",
    "Kernel",
    "boot",
    "callers",
    "costs",
    "hardware",
    "kernel_callers",
    "locking",
    "pairs",
    "questions",
    "scenarios",
    "views",
]
