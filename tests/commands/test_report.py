"""`check report`: pages that agree with the matrix, with each other, and with what each command says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from checker.language.obligations import forget, obligations
from tests.commands.conftest import Check
from tests.traces.browser import CHROMIUM, as_url, chromium
from tests.traces.test_html import Tags

DESIGNS = ("--design", "broken", "--design", "repaired")
REPORT = ("report", "--load", "{models}/unmapping.py", *DESIGNS)

BOUND = '''

from checker.language import Unsigned, Word, obligation


@obligation
def no_wrap(start: Unsigned(64), size: Unsigned(64)) -> bool:
    """An end lies behind its start."""
    return start + size >= start
'''


@pytest.fixture(autouse=True)
def of_this_model_alone() -> Iterator[None]:
    """As in a new process: what another test's model claims of addresses is no part of this report."""
    others = obligations()
    forget({})
    yield
    forget(others)


@pytest.fixture
def folder(check: Check, tmp_path: Path) -> Path:
    said = check(*REPORT, "--output", str(tmp_path / "report"))
    assert said.code == 1
    assert said.out == f"5 files in {tmp_path / 'report'}, from {tmp_path / 'report' / 'index.html'} on\n"
    return tmp_path / "report"


def rows(text: str, heading: str) -> list[list[str]]:
    """The cells of the table below a heading, as texts."""
    table = text.partition(f'id="{heading}"')[2].partition("</table>")[0].partition("<tbody>")[2]
    found = re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)
    return [
        [
            unescape(re.sub(r"<.*?>", " ", cell)).strip()
            for cell in re.findall(r"<t[dh].*?>(.*?)</t[dh]>", row, re.DOTALL)
        ]
        for row in found
    ]


def test_every_cell_is_that_of_the_matrix(check: Check, folder: Path) -> None:
    made = json.loads(check("matrix", *REPORT[1:], "--json").out)
    text = (folder / "index.html").read_text()
    told = {row[0]: row[2:] for row in rows(text, "matrix")}
    for cell in made["cells"]:
        shown = told[cell["property"]][made["designs"].index(cell["design"])]
        assert shown.startswith(cell["verdict"]), cell
        assert cell["steps"] is None or f" {cell['steps']}" in shown
    assert len(told) * 2 == len(made["cells"])
    assert json.loads((folder / "matrix.json").read_text()) == made


def test_the_markdown_is_that_of_the_matrix(check: Check, folder: Path, tmp_path: Path) -> None:
    check("matrix", *REPORT[1:], "--markdown", str(tmp_path / "matrix.md"))
    texts = [(where / "matrix.md").read_text() for where in (folder, tmp_path)]
    assert len(texts[0].splitlines()) > 10
    without_command = [[line for line in text.splitlines() if "Written by" not in line] for text in texts]
    assert without_command[0] == without_command[1]


def test_every_link_leads_somewhere(folder: Path) -> None:
    followed = 0
    for file in sorted(folder.rglob("*.html")):
        text = file.read_text()
        Tags(text)
        for link in re.findall(r'href="([^"]+)"', text):
            target, _, anchor = link.partition("#")
            if link.startswith("data:"):
                continue
            page = file if not target else file.parent / target
            assert page.is_file(), link
            assert not anchor or f'id="{anchor}"' in page.read_text(), link
            followed += 1
        assert "http" not in text.replace("http-equiv", "").replace("http://www.w3.org/2000/svg", "")
    assert followed > 3


def test_searches_and_coverage_are_what_check_says(check: Check, folder: Path) -> None:
    text = (folder / "index.html").read_text()
    runs = {(row[0], row[1]): row for row in rows(text, "runs")}
    assert set(runs) == {(d, s) for d in DESIGNS[1::2] for s in ("free-only", "free-and-take")}
    never: set[str] | None = None
    for design in DESIGNS[1::2]:
        words = ("--load", "{models}/unmapping.py", "--design", design)
        matrix = json.loads(check("matrix", *words, "--json").out)
        for each in matrix["searches"]:
            mark = "  r" if each["reduced"] else ""
            assert runs[design, each["scenario"]][2] == f"{each['states']:,}{mark}"
        alone = ("--property", "deadlock", "--scenario", "free-and-take")  # goes through every state
        found = set(json.loads(check(*words, *alone, "--json").out)["never_fired"])
        places = {place.partition(":")[2] for place in found}
        never = places if never is None else never & places
    coverage = {row[0]: row for row in rows(text, "coverage")}
    (row,) = coverage.values()
    assert {f"{row[0]}:{line}" for line in row[3].split(", ") if line} == never
    marked = (folder / "coverage.html").read_text()
    assert marked.count('class="fired"') == int(row[2]) and marked.count('class="never"') == len(never or ())


def test_it_is_the_same_each_time_and_what_is_old_goes(check: Check, folder: Path, tmp_path: Path) -> None:
    before = {file.name: file.read_bytes() for file in folder.rglob("*.*")}
    old = folder / "traces" / "gone-v0.html"
    old.write_bytes(before["no-stale-tlb-broken.html"])
    kept = folder / "traces" / "mine.html"
    kept.write_text("<p>of a person")
    check(*REPORT, "--output", str(folder))
    assert not old.exists() and kept.exists()
    kept.unlink()
    assert {file.name: file.read_bytes() for file in folder.rglob("*.*")} == before


def test_the_page_of_a_finding_is_that_of_its_trace(check: Check, folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "trace.html"
    words = ("--load", "{models}/unmapping.py", "--design", "broken", "--scenario", "free-only")
    check(*words, "--property", "no-stale-tlb", "--html", str(file))
    written = (folder / "traces" / "no-stale-tlb-broken.html").read_text()
    assert written.removesuffix("<!-- check report -->\n").rstrip() == file.read_text().rstrip()


@pytest.mark.parametrize("part", [(), ("--property", "deadlock")])
def test_bounds_are_part_of_a_whole_report(check: Check, tmp_path: Path, part: tuple[str, ...]) -> None:
    name = f"no_wrap_of_{len(part)}"  # claims are known by their names until the process ends
    model = tmp_path / "bounded.py"
    counters = (Path(__file__).parents[1] / "models_for_tests" / "counters.py").read_text()
    model.write_text(counters + BOUND.replace("no_wrap", name))
    assert check("report", "--load", str(model), *part, "--output", str(tmp_path / "made")).code in (0, 1)
    text = (tmp_path / "made" / "index.html").read_text()
    assert (f"<code>{name.replace('_', '-')}: refuted</code>" in text) == (not part)


def test_pages_of_check_findings_are_linked(check: Check, tmp_path: Path) -> None:
    output = tmp_path / "both"
    check("findings", *REPORT[1:], "--output", str(output / "findings"))
    check(*REPORT, "--output", str(output))
    assert 'href="findings/no-stale-tlb-broken.md"' in (output / "index.html").read_text()


def test_a_browser_has_nothing_to_complain_about(folder: Path) -> None:
    if CHROMIUM is None:
        pytest.skip("no Chromium")
    with chromium() as browser:
        for name in ("index.html", "coverage.html"):
            browser.open(as_url(folder / name))
            assert browser.ask("document.querySelectorAll('h1').length") == 1
        assert browser.complaints == []
        assert all(each.startswith(("file:", "data:", "about:")) for each in browser.requests)


def test_a_folder_that_cannot_be_written(check: Check, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said = check(*REPORT, "--output", str(tmp_path / "file"))
    assert said.code == 2 and "--output" in said.err and "Traceback" not in said.err
