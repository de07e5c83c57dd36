"""Indexes: their sizes, their arithmetic, how they nest, and what is refused."""

from collections.abc import Callable

import pytest

from checker.language import Index, ModelError, World
from checker.language.context import current
from checker.language.errors import OutsideWorld, TypeRefused, UnknownName
from checker.language.index import plural, snake

from .models import Block, Cpu, Irq, Kernel, Page

pytestmark = pytest.mark.usefixtures("k")


def test_sizes_follow_the_bounds() -> None:
    assert (len(Cpu), len(Block), len(Page), len(Irq)) == (2, 2, 4, 2)
    with World(Kernel, bounds={"cpus": 3, "pages": 5}):
        assert (len(Cpu), len(Page), len(Irq)) == (3, 10, 3)
        assert Page(9).block == Block(1)
    assert len(Cpu) == 2


def test_members_are_interned_and_in_order() -> None:
    assert Page(2) is Page(2) is Page[2]
    assert [int(p) for p in Page] == [0, 1, 2, 3]
    assert sorted([Page(3), Page(1)]) == [Page(1), Page(3)]
    assert repr(Page(2)) == "page2"
    assert Page(1) < Page(2) <= Page(2) and Page(2) > Page(1) and Page(2) != Page(1)


def test_nested_indexes() -> None:
    assert [p.block for p in Page] == [Block(0), Block(0), Block(1), Block(1)]
    assert Block(1).pages == (Page(2), Page(3))
    assert Irq(1).cpu is Cpu(1) and Cpu(1).irq is Irq(1)


def test_arithmetic() -> None:
    assert Page(1) + 2 is Page(3)
    assert Page(3) - 1 is Page(2)
    assert Page(3) - Page(1) == 2 and Page(1) - Page(3) == -2
    assert Page(2) ^ 1 is Page(3)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Page(4),
        lambda: Page(-1),
        lambda: Page(True),
        lambda: Page[-1],
        lambda: Page(3) + 1,
        lambda: Page(0) - 1,
        lambda: Page(3) ^ 4,
        lambda: Page(0) + True,
        lambda: Page(0) + Page(1),
        lambda: Page(0) - Cpu(0),
        lambda: Page(0) < Cpu(1),
        lambda: Page(0) < 1,
        lambda: Page(0) == 0,
        lambda: Page(0) == Cpu(0),
        lambda: Page(0) in [Cpu(0)],
        lambda: bool(Page(1)),
        lambda: setattr(Page(0), "block", Block(1)),
    ],
)
def test_mistakes_are_model_errors(wrong: Callable[[], object]) -> None:
    with pytest.raises(ModelError):
        wrong()


def test_none_compares() -> None:
    assert Page(0) is not None
    assert (Page(0) == None) is False  # noqa: E711


def test_hashes_tell_members_apart() -> None:
    assert len({*Page, *Cpu, None}) == 7


def test_size_of_an_unknown_bound() -> None:
    class Odd(Index, size="cpu"):
        pass

    with pytest.raises(UnknownName, match="did you mean `cpus`"):
        len(Odd)


def test_wrong_declarations() -> None:
    with pytest.raises(TypeRefused, match="size"):
        type("A", (Index,), {})
    with pytest.raises(TypeRefused, match="not both"):

        class B(Index, within=Block, of=Cpu, size=2):
            pass

    with pytest.raises(TypeRefused, match="symmetrc"):

        class C(Index, size=2, symmetrc=True):
            pass


def test_no_world_no_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(current, "world", None)
    assert Page[7].number == 7
    with pytest.raises(OutsideWorld):
        len(Page)


def test_names() -> None:
    assert (snake("PageTable"), plural("entry"), plural("batch"), plural("key")) == (
        "page_table",
        "entries",
        "batches",
        "keys",
    )
