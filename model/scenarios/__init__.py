"""Small closed worlds, each about one behaviour, and a few large ones."""

from model.scenarios import failures, flip, isolation, large, mermap, page_alloc, pressure

__all__ = ["failures", "flip", "isolation", "large", "mermap", "page_alloc", "pressure"]
