"""Marks that are set for properties only give no step its name."""

from __future__ import annotations

from pathlib import Path

from checker.language.model import model_of
from checker.language.world import World
from checker.loading import load_file
from checker.traces.latches import latches

MODEL = """
from checker.language import Array, Index, Range, Steps, initial, invariant, operation, state

class Task(Index, size=2): ...

@state
class Shop:
    sold: bool
    told: bool
    asked: Array[Task, bool]
    open: bool
    coins: Range(0, 3)

def note(k: Shop, me: Task) -> None:
    k.sold = True
    k.asked[me] = True
    k.told = True

@operation(Task)
def sell(k: Shop, me: Task) -> Steps:
    note(k, me)
    k.coins = min(k.coins + 1, 3)
    k.open = True
    yield
    if k.told:
        k.open = False

@invariant
def never_sold(k: Shop) -> bool:
    return not k.sold and k.open
"""


def test_what_is_only_ever_set_and_what_is_read_or_taken_back(tmp_path: Path) -> None:
    (tmp_path / "shop_of_marks.py").write_text(MODEL)
    state = load_file(str(tmp_path / "shop_of_marks.py")).Shop
    assert latches(World(model_of(state), "default")) == {"sold", "asked"}
