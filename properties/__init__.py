"""Every claim about the model, one file per concern. A file dropped into this folder is found."""

from __future__ import annotations

import importlib
import pkgutil

import model

for _module in sorted(found.name for found in pkgutil.iter_modules(__path__)):
    importlib.import_module(f"{__name__}.{_module}")

__all__ = ["model"]
