"""Memory as a model draws it: every cell in every state says what the view says, in a real browser too."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from checker.language import Array, Index, Set, World, action, model_of, state, view
from checker.language.errors import CheckerError
from checker.traces.html import page
from checker.traces.pictures import Content, Picture, content_of, pictures_of
from tests.traces.browser import CHROMIUM, Page, as_url, chromium
from tests.traces.drawn_trace import drawn_trace

RUN, TRACE = drawn_trace()


class Zone(Index, size=1): ...


class Block(Index, within=Zone, size=2): ...


class Frame(Index, within=Block, size=2): ...


class Cpu(Index, size=1): ...


class Kind(enum.Enum):
    ONE = 1
    TWO = 2


@state
class Memory:
    used: Array[Frame, bool]
    kind: Array[Block, Kind]
    seen: Array[Cpu, Set[tuple[Cpu, Frame]]]


@action
def use(m: Memory, frame: Frame) -> None:
    m.used[frame] = True


@view
def block(m: Memory, block: Block) -> Kind:
    return m.kind[block]


@view
def used(m: Memory, frame: Frame) -> tuple[bool, str | None]:
    return (m.used[frame], "first" if int(frame) == 0 else None)


@view
def listed_as(m: Memory, kind: Kind) -> set[Block]:
    return {block for block in Block if m.kind[block] is kind}


@view
def pair(m: Memory, cpu: Cpu, frame: Frame) -> Frame | None:
    return frame if (cpu, frame) in m.seen[cpu] else None


@view
def broken(m: Memory, cpu: Cpu) -> object:
    raise ValueError("a mistake of the view's author")


def drawn(**cells: object) -> tuple[Picture, ...]:
    world = World(model_of(Memory))
    values = dict(zip((cell.path for cell in world.cells), world.initial_states()[0], strict=True))
    values.update({name.replace("__", "[").replace("_", "]"): value for name, value in cells.items()})
    return pictures_of(world, [world.initial_states()[0], tuple(values.values())])


def test_rows_over_an_index_and_over_its_blocks_are_aligned() -> None:
    frames, kinds, cpus = drawn()
    assert frames.heads == (
        (("block0", 2), ("block1", 2)),
        (("frame0", 1), ("frame1", 1), ("frame2", 1), ("frame3", 1)),
    )
    assert [row.title for row in frames.rows] == ["block", "used"]  # `pair` is never filled
    assert [[cell.span for cell in row.cells] for row in frames.rows] == [[2, 2], [1, 1, 1, 1]]
    assert kinds.heads == () and [row.title for row in kinds.rows] == ["listed as ONE"]
    assert cpus.heads == ((("cpu0", 1),),)


def test_what_a_cell_shows() -> None:
    frames, kinds, cpus = drawn(used__1_=True)
    assert frames.rows[1].cells[0].contents[0] == Content(("False", "first"))
    assert [cell.contents[1].texts[0] for cell in frames.rows[1].cells] == ["False", "True", "False", "False"]
    assert kinds.rows[0].cells[0].contents[0] == Content(("block0", "block1"), True)
    assert cpus.rows[0].cells[0].contents == (Content(("?",)), Content(("?",)))
    assert content_of(None) == Content() and content_of(frozenset()) == Content((), True)


def test_a_row_appears_once_it_is_filled_in_some_state() -> None:
    frames = drawn(seen__0_=frozenset({(Cpu[0], Frame[3])}))[0]
    assert [row.title for row in frames.rows] == ["block", "used", "pair cpu0"]
    assert [cell.is_empty for cell in frames.rows[2].cells] == [True, True, True, False]


def test_a_parameter_ranges_over_members() -> None:
    class Other(Index, size=1): ...

    @state
    class Small:
        on: bool

    @view
    def wrong(s: Small, number: int) -> bool:
        return s.on

    with pytest.raises(CheckerError) as refused:
        model_of(Small)
    assert "ranges over an Index or an Enum" in refused.value.text and refused.value.line is not None


# ---- the page -------------------------------------------------------------------------------------------


def test_a_long_trace_with_pictures_is_small() -> None:
    text = page(TRACE)
    assert len(TRACE.steps) == 60 and len(TRACE.lanes) == 4
    assert len(text.encode()) < 300_000
    assert text.count("data-cell=") == 8 + 4


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("page") / "trace.html"
    made.write_text(page(TRACE))
    return made


@pytest.fixture(scope="module")
def shown(file: Path) -> Iterator[Page]:
    if CHROMIUM is None:
        pytest.skip("no Chromium")
    with chromium() as browser:
        browser.open(as_url(file))
        yield browser


CELLS = """[...document.querySelectorAll('td[data-cell]')].map((cell) =>
  [...cell.querySelectorAll('span:not(.gone)')].map((each) => each.textContent))"""


def expected(k: Any) -> list[list[str]]:
    """What the two views say, in other words."""
    frames = [
        ["free" if frame.free else "in use", *(["mapped"] if frame.mapped else [])]
        for frame in (k.page[page] for page in sorted(k.page._node.index))
    ]
    return frames + [sorted(map(repr, k.tlb[cpu])) for cpu in sorted(k.tlb._node.index)]


def test_every_state_is_drawn_as_the_views_say(shown: Page) -> None:
    shown.press("Home")
    before: list[list[str]] | None = None
    with RUN.world:
        for number, k in enumerate(RUN.states):
            drawn_now = shown.ask(CELLS)
            assert drawn_now == expected(k), f"state {number}"
            new = shown.ask(
                "[...document.querySelectorAll('td.new[data-cell]')].map((each) => +each.dataset.cell)"
            )
            changed = [at for at, texts in enumerate(drawn_now) if before is not None and before[at] != texts]
            assert new == changed
            before = drawn_now
            shown.press("ArrowRight")
    assert shown.complaints == []


def test_a_cell_says_what_it_was_before(shown: Page) -> None:
    shown.press("Home")
    shown.press("ArrowRight")
    said = shown.ask("[...document.querySelectorAll('td.new[data-cell]')].map((each) => each.title)")
    assert said and all(text.startswith("before: ") for text in said)


def test_nothing_was_loaded(shown: Page, file: Path) -> None:
    assert [each for each in shown.requests if each != as_url(file) and not each.startswith("data:")] == []
