"""In which forms an answer is wanted, and the names that a trace can be followed by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from checker.language.errors import UnknownName, did_you_mean
from checker.language.index import Index
from checker.language.kinds import IndexType
from checker.language.types import members
from checker.language.world import World
from checker.traces.columns import PLAIN, Style, is_below
from checker.traces.values import shown


@dataclass(frozen=True)
class Output:
    """`form`: what is on stdout: text, json, ktap or mail. `remedies`: also what would make it hold."""

    form: str = "text"
    progress: bool = False  # as lines of JSON on stderr
    remedies: bool = False
    itf: Path | None = None  # a file for each trace, as are the next two
    html: Path | None = None
    svg: Path | None = None
    junit: Path | None = None
    sarif: Path | None = None
    style: Style = PLAIN


def check_followed(entry: str, worlds: Iterable[World]) -> None:
    """A member (`page0`) or a place of the state (`zone[0].locked_by`) that no world has is a mistake."""
    known: dict[str, None] = {}
    for world in worlds:
        paths = [cell.path for cell in world.cells]
        if any(is_below(path, entry) for path in paths):
            return
        known.update(dict.fromkeys([*_members(world), *paths]))
    if entry not in known:
        raise UnknownName(
            f"--follow {entry}: there is no such member or place{did_you_mean(entry, known)}",
            advice=f"write a member or a place of the state, such as {', '.join(list(known)[:4])}",
        )


def _members(world: World) -> list[str]:
    found: dict[str, None] = {shown(actor.member): None for actor in world.actors}
    with world:
        for cell in world.cells:
            found.update({shown(step): None for step in cell.steps if isinstance(step, Index)})
            kind = getattr(cell.type, "of", cell.type)
            for part in getattr(kind, "items", (kind,)):
                if isinstance(part, IndexType):
                    found.update({shown(member): None for member in members(part)})
    return list(found)
