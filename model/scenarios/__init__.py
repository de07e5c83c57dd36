"""Small closed worlds, each about one behaviour, and a few large ones. A file in this folder is found."""

from __future__ import annotations

import importlib
import pkgutil

for _module in sorted(found.name for found in pkgutil.iter_modules(__path__)):
    importlib.import_module(f"{__name__}.{_module}")
