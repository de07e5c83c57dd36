"""A property along a series of patches: the verdict wherever a patch changes the design."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from checker.cells.cells import Cell, State
from checker.language.bounds import defaults_of
from checker.language.errors import CheckerError
from checker.language.model import Model
from checker.language.patches import design_values, patches_of, presets_of, series_of, split_design
from checker.names import setting

DEFINITE = (State.HOLDS, State.NO_FAILURE, State.VIOLATED, State.CONDITIONAL, State.MODEL_ERROR)


@dataclass(frozen=True)
class Tree:
    """The design after a patch that changes it; patch 0 is the base. `switched`: what that patch changes."""

    preset: str
    patch: int
    switched: tuple[tuple[str, object, object], ...]

    @property
    def design(self) -> str:
        return f"{self.preset}/{self.patch}"

    @property
    def told(self) -> str:
        return ", ".join(f"{name}: {setting(old)} -> {setting(new)}" for name, old, new in self.switched)


@dataclass(frozen=True)
class Turn:
    """Two trees that follow each other, with different verdicts. `word`: breaks, repairs, or neither."""

    before: Cell
    after: Cell
    tree: Tree
    word: str


def trees_of(model: Model, design: str) -> list[Tree]:
    """The base, and every patch up to the one that is named (else the last) that changes a switch."""
    preset, last = split_design(model.design, design)
    series = series_of(model.design)
    if preset not in series:
        advice = f"designs that have them: {', '.join(series) or 'none'}"
        if preset in presets_of(model.design):
            advice += f'; @switches(series={{"{preset}": N}}) says how many it has'
        raise CheckerError(f"the patches of `{preset}` are not numbered", advice=advice)
    if not patches_of(model.design, preset):
        raise CheckerError(
            f"no switch names its patch in {preset}", advice=f'write patches={{"{preset}": N}} there'
        )
    trees = [Tree(preset, 0, ())]
    known = _values(model, f"{preset}/0")
    for patch in range(1, (series[preset] if last is None else last) + 1):
        values = _values(model, f"{preset}/{patch}")
        switched = tuple((name, known[name], new) for name, new in values.items() if known[name] is not new)
        if switched:
            trees.append(Tree(preset, patch, switched))
        known = values
    return trees


def _values(model: Model, design: str) -> dict[str, object]:
    return {**defaults_of(model.design), **design_values(model.design, design)}


def turns_of(trees: Sequence[Tree], cells: Sequence[Cell]) -> list[Turn]:
    """Every change of verdict. Where one of the two is open, the patch is not said to break or repair it."""
    turns = []
    for tree, before, after in zip(trees[1:], cells, cells[1:], strict=False):
        if before.state is after.state:
            continue
        definite = before.state in DEFINITE and after.state in DEFINITE
        bad = before.state.is_violated, after.state.is_violated
        word = {(False, True): "breaks", (True, False): "repairs"}.get(bad, "") if definite else ""
        turns.append(Turn(before, after, tree, word))
    return turns


def lines_of(trees: Sequence[Tree], cells: Sequence[Cell]) -> Iterator[tuple[str, str]]:
    """Paragraphs, each with the indentation of its further lines."""
    name, preset = cells[0].row.name, trees[0].preset
    yield f"{name} along {preset}, of whose patches {len(trees) - 1} change the design:", "  "
    for tree, cell in zip(trees, cells, strict=True):
        where = f" in {cell.places[0].scenario}" if cell.places else f" ({cell.why})" if cell.why else ""
        base = "" if tree.patch else " (base)"
        yield f"  {tree.design + base:13} {cell.text}{where}", " " * 18
    turns = turns_of(trees, cells)
    for turn in turns:
        if turn.word:
            told = f"patch {turn.tree.patch} of {preset} {turn.word} {name}"
        else:
            verdicts = f"{turn.before.state.value} -> {turn.after.state.value}"
            told = f"at patch {turn.tree.patch} of {preset}: {name} {verdicts}"
        yield f"{told} ({turn.tree.told})", "  "
    if not turns:
        yield f"no patch changes it: {cells[0].state.value} all the way", "  "


def as_data(trees: Sequence[Tree], cells: Sequence[Cell]) -> dict[str, Any]:
    """{"property",
    "trees": [{"design", "patch", "switched": {name: [old, new]}, "verdict", "steps", "scenario", "why"}],
    "turns": [{"patch", "word": "breaks"|"repairs"|"", "before": verdict, "after": verdict}]}"""
    return {
        "property": cells[0].row.name,
        "trees": [
            {
                "design": tree.design,
                "patch": tree.patch,
                "switched": {name: [setting(old), setting(new)] for name, old, new in tree.switched},
                "verdict": cell.state.value,
                "steps": cell.steps,
                "scenario": cell.places[0].scenario if cell.places else None,
                "why": cell.why,
            }
            for tree, cell in zip(trees, cells, strict=True)
        ],
        "turns": [
            {
                "patch": turn.tree.patch,
                "word": turn.word,
                "before": turn.before.state.value,
                "after": turn.after.state.value,
            }
            for turn in turns_of(trees, cells)
        ],
    }
