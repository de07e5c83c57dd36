"""Words of messages."""

from __future__ import annotations

from typing import Any


def a(noun: str) -> str:
    return noun if noun == "None" else f"an {noun}" if noun[:1] in "aeiouAEIOU" else f"a {noun}"


def shown(value: Any) -> str:
    return getattr(value, "__name__", None) or repr(value)
