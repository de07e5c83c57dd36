"""Lowering without the garbage collector."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

LEFT = 500_000  # blocks of memory, some fifty megabytes: what a dozen large programs leave behind
_kept = sys.getallocatedblocks()  # by what was no garbage at the last collection


@contextmanager
def without_collections() -> Iterator[None]:
    """Lowering makes many objects that live to its end: looking for garbage takes a fifth of it.

    What is left goes to the oldest generation, or else the next object that is made would set off a
    collection of them all; garbage is looked for when there may be much of it.
    """
    global _kept
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.freeze()
            gc.unfreeze()
            gc.enable()
            if sys.getallocatedblocks() > _kept + LEFT:
                gc.collect()
                _kept = sys.getallocatedblocks()
