"""What the process uses."""

from __future__ import annotations

import os
import resource
import sys


def memory_in_use() -> int:
    """Bytes of memory that the process holds now (its peak, where the system does not say)."""
    try:
        with open("/proc/self/statm", encoding="ascii") as statm:
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
