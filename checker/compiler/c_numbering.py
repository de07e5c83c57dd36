"""What the C text refers to by number or by name."""

from __future__ import annotations

from dataclasses import dataclass, field

from checker.compiler.ir import LeafKey
from checker.compiler.ir_statements import Helper, Site
from checker.compiler.layout import Field
from checker.compiler.slicing import Slice
from checker.compiler.source import Place


@dataclass
class Numbering:
    """What the C text refers to by number, shared by all functions of a program."""

    kept: Slice
    fields: dict[LeafKey, Field]
    constants: dict[LeafKey, tuple[int, ...]]
    tables: dict[tuple[int, ...], str]
    points: dict[tuple[type, str], list[int]] = field(default_factory=dict)  # (actor, operation) → its pcs
    _sites: dict[Site, int] = field(default_factory=dict)
    rows: dict[tuple[tuple[int, ...], ...], str] = field(default_factory=dict)
    condition_base: int = 0
    track_writes: bool = False
    asks_running: bool = False  # some block asks running(): an operation is begun before its first block runs
    waits: frozenset[Place] = frozenset()  # that hardware ends, where some are passed
    called: set[Helper] = field(default_factory=set)
    marks: list[str] = field(default_factory=list)  # the operations whose last line is marked
    variants: set[int] = field(default_factory=set)  # those that make a difference to what is kept

    wide_tables: dict[tuple[str, int], str] = field(default_factory=dict)  # of sets of so many words

    def wide_table(self, name: str, words: int) -> str:
        """The table of that name again, its entries as sets."""
        return self.wide_tables.setdefault((name, words), f"{name}of{words}")

    def site(self, site: Site) -> int:
        """1-based; 0 means that nothing is wrong."""
        return self._sites.setdefault(site, len(self._sites) + 1)

    @property
    def sites(self) -> list[Site]:
        return list(self._sites)

    def mark(self, operation: str) -> int:
        if operation not in self.marks:
            self.marks.append(operation)
        return self.marks.index(operation)

    def rows_table(self, rows: tuple[tuple[int, ...], ...]) -> str:
        return self.rows.setdefault(rows, f"rows{len(self.rows)}")
