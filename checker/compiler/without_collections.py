"""Lowering without the garbage collector."""

from __future__ import annotations

import gc
import itertools
from collections.abc import Iterator
from contextlib import contextmanager

EVERY = 16  # programs: what they leave behind is three megabytes each
_made = itertools.count(1)


@contextmanager
def without_collections() -> Iterator[None]:
    """Lowering makes many objects that live to its end: looking for garbage takes a fifth of it.

    What is left goes to the oldest generation, or else the next object that is made would set off a
    collection of them all; only some programs later all garbage is looked for.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.freeze()
            gc.unfreeze()
            gc.enable()
            if next(_made) % EVERY == 0:
                gc.collect()
