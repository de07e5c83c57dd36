"""Small closed worlds, each about one behaviour, and a few large ones."""

from model.scenarios import (
    broken_memory,
    failures,
    flip,
    hibernation,
    isolation,
    large,
    mermap,
    page_alloc,
    pressure,
)

__all__ = [
    "broken_memory",
    "failures",
    "flip",
    "hibernation",
    "isolation",
    "large",
    "mermap",
    "page_alloc",
    "pressure",
]
