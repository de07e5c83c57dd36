"""Small closed worlds, each about one behaviour, and a few large ones. A file put into this folder is found.

They are searched in the order in which they are declared: what a reader would look at first comes first.
"""

from __future__ import annotations

import importlib
import pkgutil

FIRST = ("flip", "mermap", "page_alloc")

_modules = {found.name for found in pkgutil.iter_modules(__path__)}
for _module in (*FIRST, *sorted(_modules.difference(FIRST))):
    importlib.import_module(f"{__name__}.{_module}")
