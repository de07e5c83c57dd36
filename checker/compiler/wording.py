"""Words of messages."""

from __future__ import annotations

import enum
from typing import Any


def a(noun: str) -> str:
    return (
        noun
        if noun == "None" or noun.startswith("the ")
        else f"an {noun}"
        if noun[:1] in "aeiouAEIOU"
        else f"a {noun}"
    )


def shown(value: Any) -> str:
    return getattr(value, "__name__", None) or repr(value)


def members_named(owner: Any) -> str:
    """Of an Enum, what it does have."""
    if isinstance(owner, type) and issubclass(owner, enum.Enum):
        return f"its members are {', '.join(owner.__members__)}"
    return "look at its definition"
