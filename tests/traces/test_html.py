"""The page of a trace: complete in itself, readable by machines, and it steps in a real browser."""

from __future__ import annotations

import dataclasses
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from checker.language import Index
from checker.traces.changes import Change
from checker.traces.html import page
from checker.traces.messages import messages, spans
from checker.traces.svg import standing_alone
from checker.traces.tables import tables
from checker.traces.trace import TraceStep
from tests.traces.browser import CHROMIUM, Page, as_url, chromium
from tests.traces.long_trace import STEPS, long_trace

LONG = long_trace()
SVG = "{http://www.w3.org/2000/svg}"


class Cpu(Index, size=2): ...


class Tags(HTMLParser):
    """Which elements there are, and that each is closed."""

    VOID = ("meta", "link", "input", "br")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attributes)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attributes)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_it_is_small_and_refers_to_nothing_outside() -> None:
    text = page(LONG)
    assert len(text.encode()) < 300_000
    tags = Tags(text)
    assert not any(name in ("iframe", "img", "object", "embed", "base") for name, _ in tags.found)
    for _, attributes in tags.found:
        assert "src" not in attributes
        assert attributes.get("href", "data:,") == "data:,"
    assert "url(" not in text and "@import" not in text and "fetch(" not in text
    assert "default-src 'none'" in text


def test_what_a_model_says_cannot_become_markup() -> None:
    text = page(LONG)
    assert "possible &lt;corruption&gt; &amp; more" in text
    assert text.count("</script>") == 2 and "<script>alert" not in text


def test_a_screen_reader_finds_its_way() -> None:
    tags = Tags(page(LONG)).found
    assert ("html", {"lang": "en"}) in tags
    assert sum(name == "h1" for name, _ in tags) == 1
    assert any(about.get("aria-live") == "polite" for _, about in tags)
    assert all(
        about.get("aria-label") for name, about in tags if name in ("nav", "section") and about.get("id")
    )
    assert all(about.get("scope") in ("row", "col") for name, about in tags if name == "th")
    assert any(name == "input" and about.get("aria-label") for name, about in tags)


def test_the_diagram_alone_is_a_picture() -> None:
    root = ElementTree.fromstring(standing_alone(LONG))
    steps = [each for each in root.iter(f"{SVG}g") if "step" in (each.get("class") or "").split()]
    assert [each.get("data-step") for each in steps] == [str(number) for number in range(1, STEPS + 1)]
    assert [each.get("data-step") for each in steps if "origin" in (each.get("class") or "")] == ["17"]
    assert [each.get("data-step") for each in steps if "shows" in (each.get("class") or "")] == ["60"]
    heads = [each.text for each in root.iter(f"{SVG}text") if each.get("class") == "head"]
    assert heads == ["CPU0", "CPU1", "CPU2", "CPU3"]
    assert len(list(root.iter(f"{SVG}path"))) == len(messages(LONG)) > 0


def test_every_text_fits_its_box() -> None:
    root = ElementTree.fromstring(standing_alone(LONG))
    for group in root.iter(f"{SVG}g"):
        if "step" in (group.get("class") or "").split():
            box = next(group.iter(f"{SVG}rect"))
            right, bottom = (
                float(box.get(one) or 0) + float(box.get(other) or 0)
                for one, other in (("x", "width"), ("y", "height"))
            )
            texts = [each for each in group.iter(f"{SVG}text") if each.get("class") is None]
            assert 1 <= len(texts) <= 3
            for text in texts:
                assert float(text.get("x") or 0) + 7.9 * len(text.text or "") <= right - 6
                assert float(text.get("y") or 0) < bottom


def test_a_message_goes_from_the_lane_that_wrote_to_the_one_that_changed_it() -> None:
    found = messages(LONG)
    for each in found:
        sent, taken = LONG.steps[each.sent - 1], LONG.steps[each.taken - 1]
        assert each.sent < each.taken and sent.lane != taken.lane
        for step in (sent, taken):
            assert each.path in {change.path for change in step.changes}


def test_an_answer_is_no_message_to_whoever_asks_next() -> None:
    def step(number: int, lane: str, path: str, old: object, new: object) -> TraceStep:
        change = Change(path, old, new, frozenset({"cpu0", "cpu1"}))
        return dataclasses.replace(
            LONG.steps[0], number=number, lane=lane, actor=lane.lower(), changes=(change,)
        )

    steps = (
        step(1, "CPU0", "request", False, True),
        step(2, "CPU1", "request", True, False),
        step(3, "CPU0", "request", False, True),
        step(4, "CPU0", "lock", None, Cpu[0]),
        step(5, "CPU0", "lock", Cpu[0], None),
        step(6, "CPU1", "lock", None, Cpu[1]),
    )
    trace = dataclasses.replace(LONG, steps=steps, initial=(("request", False), ("lock", None)))
    assert [(each.sent, each.taken) for each in messages(trace)] == [(1, 2), (5, 6)]


def test_spans_are_of_operations_and_stay_inside_the_trace() -> None:
    found = spans(LONG)
    assert found and all(1 <= each.first <= each.last <= STEPS for each in found)


def test_fields_are_laid_out_by_member() -> None:
    paths = ["lock", "page[0].hand", "page[1].hand", "page[0].free", "tlb[0]", "tlb[1]", "mm[0].slot[1].used"]
    found = {table.name: table for table in tables([*paths, "cpu[1].request[0]"])}
    assert list(found) == ["", "page", "tlb", "mm.slot", "cpu"]
    assert (found["page"].columns, found["page"].rows) == (["[0]", "[1]"], ["hand", "free"])
    assert found["page"].cells == [["page[0].hand", "page[1].hand"], ["page[0].free", ""]]
    assert found["tlb"].cells == [["tlb[0]", "tlb[1]"]]
    assert found["mm.slot"].columns == ["[0][1]"] and found["cpu"].rows == ["request[0]"]
    assert sorted(path for table in found.values() for row in table.cells for path in row if path) == sorted(
        [*paths, "cpu[1].request[0]"]
    )


# ---- in a browser ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("page") / "trace.html"
    made.write_text(page(LONG))
    return made


@pytest.fixture(scope="module")
def shown(file: Path) -> Iterator[Page]:
    if CHROMIUM is None:
        pytest.skip("no Chromium")
    with chromium() as browser:
        browser.open(as_url(file))
        yield browser


def at(shown: Page) -> str:
    return str(shown.ask("document.getElementById('at').textContent"))


def states() -> list[dict[str, str]]:
    from checker.traces.values import shown as as_text

    state = {path: as_text(value) for path, value in LONG.initial}
    found = [dict(state)]
    for step in LONG.steps:
        state.update({change.path: as_text(change.new) for change in step.changes})
        found.append(dict(state))
    return found


CELLS = """(() => { const found = {};
for (const cell of document.querySelectorAll('td[data-path]')) {
  const copy = cell.cloneNode(true); copy.querySelectorAll('del').forEach((each) => each.remove());
  found[cell.dataset.path] = copy.textContent.trim(); }
return found; })()"""


SEEN = """(() => { const box = document.querySelector('svg .step.now .box').getBoundingClientRect();
const pane = document.getElementById('diagram').getBoundingClientRect();
return box.left >= pane.left && box.right <= pane.right
  && box.top >= pane.top && box.bottom <= pane.bottom; })()"""


def test_it_begins_at_the_end_and_keys_step(shown: Page) -> None:
    assert at(shown) == f"step {STEPS} of {STEPS}"
    for key, expected in (
        ("Home", 0),
        ("ArrowLeft", 0),
        ("ArrowRight", 1),
        ("ArrowRight", 2),
        ("ArrowLeft", 1),
    ):
        shown.press(key)
        assert at(shown) == f"step {expected} of {STEPS}", key
    shown.press("End")
    assert at(shown) == f"step {STEPS} of {STEPS}"


def test_every_state_is_the_one_of_the_trace(shown: Page) -> None:
    shown.press("Home")
    for number, state in enumerate(states()):
        assert at(shown) == f"step {number} of {STEPS}"
        assert shown.ask(CELLS) == state
        changed = shown.ask("[...document.querySelectorAll('td.new')].map((each) => each.dataset.path)")
        expected = {change.path for change in LONG.steps[number - 1].changes} if number else set()
        assert set(changed) == expected
        shown.press("ArrowRight")


def test_buttons_slider_and_diagram_step_too(shown: Page) -> None:
    shown.ask("document.querySelector('[data-go=first]').click()")
    assert at(shown) == f"step 0 of {STEPS}"
    shown.ask("document.querySelector('svg [data-step=\"17\"]').dispatchEvent(new Event('click'))")
    assert at(shown) == f"step 17 of {STEPS}"
    assert "made it possible" in shown.ask("document.getElementById('step').textContent")
    shown.ask("slider.value = 30; slider.dispatchEvent(new Event('input'))")
    assert at(shown) == f"step 30 of {STEPS}"
    assert shown.ask("slider.getAttribute('aria-valuetext')").startswith("step 30 of 60: ")


def test_fields_that_never_change_can_be_shown(shown: Page) -> None:
    visible = "document.querySelector('[data-path=\"never\"]').offsetParent !== null"
    assert shown.ask(visible) is False
    shown.ask("document.getElementById('all').click()")
    assert shown.ask(visible) is True
    shown.ask("document.getElementById('all').click()")


def test_nothing_was_loaded_and_nothing_complained(shown: Page, file: Path) -> None:
    outside = [each for each in shown.requests if each != as_url(file) and not each.startswith("data:")]
    assert outside == [] and shown.requests != []
    assert shown.complaints == []


def test_a_link_leads_to_a_step(file: Path) -> None:
    if CHROMIUM is None:
        pytest.skip("no Chromium")
    with chromium() as browser:
        browser.open(as_url(file, "#step=9"))
        assert at(browser) == f"step 9 of {STEPS}"
        browser.ask("location.hash = '#step=12'; dispatchEvent(new HashChangeEvent('hashchange'))")
        assert at(browser) == f"step 12 of {STEPS}"


def test_it_is_no_wider_than_a_phone_and_the_step_is_seen(shown: Page) -> None:
    shown.call("Emulation.setDeviceMetricsOverride", width=390, height=844, deviceScaleFactor=1, mobile=True)
    assert shown.ask("document.documentElement.scrollWidth") <= 390
    for step in (1, 17, 30, STEPS):
        shown.ask(f"slider.value = {step}; slider.dispatchEvent(new Event('input'))")
        assert shown.ask(SEEN) is True, step
    shown.call("Emulation.clearDeviceMetricsOverride")


def test_it_is_the_same_each_time() -> None:
    assert page(long_trace()) == page(LONG) and standing_alone(long_trace()) == standing_alone(LONG)


def test_an_initial_state_that_is_wrong_already() -> None:
    text = page(long_trace(0))
    assert re.search(r'max="0"', text)
    ElementTree.fromstring(standing_alone(long_trace(0)))
