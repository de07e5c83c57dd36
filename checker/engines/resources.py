"""The memory of the process, and what is left of the machine's."""

from __future__ import annotations

import os
import resource
import sys
from pathlib import Path


def memory_in_use() -> int:
    """Bytes of memory that the process holds now (its peak, where the system does not say)."""
    try:
        with open("/proc/self/statm", encoding="ascii") as statm:
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def left_of(memory: int) -> int:
    """What a limit on the whole process leaves for the search; a first level always finds room."""
    return max(memory - memory_in_use(), 1 << 20)


def available_memory() -> int | None:
    """What the machine and the control group can still give, less a reserve: who takes more is killed. None:
    they do not say."""
    free = []
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                free.append(int(line.split()[1]) * 1024)
        limit = Path("/sys/fs/cgroup/memory.max").read_text().strip()
        if limit != "max":
            free.append(int(limit) - int(Path("/sys/fs/cgroup/memory.current").read_text()))
    except (OSError, ValueError):
        pass
    return max(0, min(free)) * 9 // 10 if free else None
