"""The forms of an answer, as a user types them."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from checker.language.errors import CheckerError
from checker.saving import write
from tests.commands.conftest import MODELS, Check

BROKEN = ("--load", "{models}/unmapping.py", "--property", "no-stale-tlb")


def test_one_page_is_followed(check: Check) -> None:
    said = check(*BROKEN, "--pages", "2", "--follow", "cpu1")
    assert said.code == 1 and "1 more, not about cpu1" in said.out
    whole = check(*BROKEN, "--pages", "2").out
    assert "not about" not in whole


def test_what_cannot_be_followed_is_refused(check: Check) -> None:
    said = check(*BROKEN, "--follow", "pge0")
    assert said.code == 2
    assert said.err.startswith(
        "error: --follow pge0: there is no such member or place (did you mean `page0`?)"
    )


def test_whole_states(check: Check) -> None:
    said = check(*BROKEN, "--verbose")
    assert said.code == 1 and "page[0]: *free=True, mapped=False" in said.out


def test_nothing_is_wider_than_a_mail(check: Check) -> None:
    for more in ((), ("--verbose",), ("--follow", "page0")):
        said = check("--load", "{models}/unmapping.py", "--property", "no-stale-tlb", *more)
        trace, _, again = said.out.partition("again:")
        assert again and all(len(line) <= 75 and line.isascii() for line in trace.splitlines())


LONG = (
    "--load",
    "{models}/long_names.py",
    "--property",
    "no-translation-of-an-unmapped-page-that-was-handed-out",
)


def test_sixty_steps_of_four_cpus_with_long_names_still_read_well(check: Check, tmp_path: Path) -> None:
    page, picture, saved = tmp_path / "t.html", tmp_path / "t.svg", tmp_path / "t.itf.json"
    said = check(*LONG, "--html", str(page), "--svg", str(picture), "--itf", str(saved))
    assert said.code == 1 and "60!" in said.out
    assert all(len(line) <= 75 for line in said.lines)
    steps = said.out.partition("Why:")[0]
    assert "<speculative_fill_of_the_translation(page7)>" in steps  # no name is broken
    assert "page[3].holder = None" in steps and "k.page[page]" not in steps
    assert page.stat().st_size < 300_000
    arrows = [(each.get("data-from"), each.get("data-to")) for each in ElementTree.parse(picture).iter()]
    assert {("4", "5"), ("5", "6"), ("7", "9")} <= set(arrows)  # a request, its answer, a lock that is let go
    assert check("replay", str(saved), *LONG[:2]).code == 1
    whole = check(*LONG, "--verbose", "--follow", "page7")
    assert all(len(line) <= 75 for line in whole.lines)
    mail = check(*LONG, "--format", "mail").out.partition("\n\n")[2]
    command = mail.index("To see it again")
    assert all(len(line) <= 72 for line in mail[:command].splitlines())


def test_the_line_of_a_step_is_one_whose_change_lasts(check: Check, tmp_path: Path) -> None:
    """A lock that is taken and let go within the step says nothing of it."""
    file = tmp_path / "locked_counter.py"
    file.write_text(LOCKED)
    said = check("--load", str(file), "--property", "small")
    assert said.code == 1 and "  2  lock(), count(), unlock()" in said.out
    line = LOCKED.splitlines().index("    k.count = k.count + 1") + 1
    changed = said.out.partition("What each step changed")[2]
    assert f"locked_counter.py:{line}" in "".join(changed.split())  # a long path is broken


LOCKED = """
from checker.language import Index, Range, Steps, invariant, operation, state

class Cpu(Index, size=1): ...

@state
class Kernel:
    locked: bool
    count: Range(0, 1)

def lock(k: Kernel) -> None:
    k.locked = True

def unlock(k: Kernel) -> None:
    k.locked = False

def count(k: Kernel) -> None:
    k.count = k.count + 1

@operation(Cpu)
def work(k: Kernel, me: Cpu) -> Steps:
    yield
    lock(k)
    count(k)
    unlock(k)
    yield

@invariant
def small(k: Kernel) -> bool:
    return k.count < 1
"""


def test_an_expression_can_be_followed_too(check: Check) -> None:
    said = check("can", "k.page[Page(0)].free", "--load", "{models}/unmapping.py", "--follow", "tlb[0]")
    assert said.code == 0 and "more, not about tlb[0]" in said.out


def test_the_switch_that_makes_it_hold_is_found_by_checking(check: Check) -> None:
    said = check(*BROKEN, "--why")
    text = " ".join(said.out.split())
    assert (
        "What would make it hold: - with --set flush_first=true it holds in free-only (as repaired has it)"
        in text
    )
    assert "repairs:" not in said.out
    plain = check(*BROKEN).out
    assert "What would make it hold" not in plain and "repairs:  --why searches for the switches" in plain


def test_json_has_the_explanation(check: Check) -> None:
    trace = json.loads(check(*BROKEN, "--json", "--why").out)["verdicts"][0]["trace"]
    assert trace["why"]["origin"] == 1 and trace["why"]["circle"] == []
    assert trace["remedies"] == ["with --set flush_first=true it holds in free-only (as repaired has it)"]


def test_where_no_switch_helps_it_says_how_many_were_tried(check: Check) -> None:
    said = check("--load", "{models}/two_locks.py", "--property", "deadlock", "--why")
    assert said.code == 1 and "What would make it hold" not in said.out  # there are no switches


def test_pages_and_diagrams_are_written_for_each_trace(check: Check, tmp_path: Path) -> None:
    said = check(
        *("--load", "{models}/unmapping.py", "--property", "no-stale-tlb", "--property", "all-is-well"),
        *("--html", str(tmp_path / "t.html"), "--svg", str(tmp_path / "t.svg")),
    )
    assert said.code == 1
    text = (tmp_path / "t.html").read_text()
    assert "page0 was freed while cpu" in text and "def no_stale_tlb(k: Kernel)" in text
    assert "check --property no-stale-tlb" in text and "flush_first=false" in text
    assert ElementTree.parse(tmp_path / "t.svg").getroot().tag.endswith("svg")
    assert len(list(tmp_path.glob("t*.*"))) == 2 * said.out.count("WARNING")


def test_a_file_that_cannot_be_written_is_an_error(check: Check, tmp_path: Path) -> None:
    said = check(*BROKEN, "--html", str(tmp_path))
    assert said.code == 2 and "this is a directory" in said.err
    for words, why in (
        (("--html", str(tmp_path / "no" / "x.html")), "there is no directory"),
        (("--html", "-"), "it goes into a file; name one"),
        (
            ("--svg", str(tmp_path / "a" / ".." / "x"), "--html", str(tmp_path / "x")),
            "that is the file of --html already",
        ),
        (("--junit", str(tmp_path / "x"), "--sarif", str(tmp_path / "x")), "that is the file of --junit"),
    ):
        (tmp_path / "a").mkdir(exist_ok=True)
        said = check(*BROKEN, *words)
        assert said.code == 2 and why in said.err and said.out == "", words
    assert check(*BROKEN, "--html", "/dev/null", "--svg", "/dev/null").code == 1


def test_what_stood_in_a_file_is_not_lost_to_a_full_disk(tmp_path: Path) -> None:
    file = tmp_path / "trace.html"
    file.write_text("before")
    file.chmod(0o640)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(CheckerError, match="it cannot be written: File too large"):
            write(file, "x" * 5000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert file.read_text() == "before" and list(tmp_path.iterdir()) == [file]
    write(file, "after")
    assert file.read_text() == "after" and file.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("words", [(), ("--json",), ("--format", "ktap")])
def test_where_the_answer_cannot_be_told_it_is_said(words: tuple[str, ...]) -> None:
    asked = [word.replace("{models}", str(MODELS)) for word in (*BROKEN, *words)]
    command = [sys.executable, "-c", "from checker.cli import main; main()", *asked]
    with open("/dev/full", "w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=120)
    assert done.stderr == "error: standard output cannot be written: No space left on device\n"
    assert done.returncode == 2


# ---- a deadlock that is certain long before it is there -------------------------------------------------

OWN = ("--load", "{models}/own_lock.py", "--property", "deadlock")


def test_a_deadlock_is_shown_to_its_end(check: Check) -> None:
    said = check(*OWN)
    assert said.code == 1 and "deadlock: violated (in default, 1 step)" in said.out
    assert "  1! write()" in said.out and "     ! from step 1 on nothing can prevent it; " in said.out
    assert "  2* lock = task0" in said.out and "     * step 2: what it wrote is waited for" in said.out
    assert "while k.lock is not None; lock = task0 (since step 2), which it wrote itself" in " ".join(
        said.out.split()
    )
    assert "it waits for itself:" in said.out


def test_its_steps_are_the_shortest_for_machines(check: Check, tmp_path: Path) -> None:
    file = tmp_path / "trace.json"
    said = check(*OWN, "--json", "--itf", str(file))
    (verdict,) = json.loads(said.out)["verdicts"]
    assert [step["number"] for step in verdict["trace"]["steps"]] == [1]
    assert [step["number"] for step in verdict["trace"]["ending"]] == [2, 3, 4]
    assert check("replay", str(file), "--load", "{models}/own_lock.py").code == 1


def test_its_page_steps_to_the_end(check: Check, tmp_path: Path) -> None:
    file = tmp_path / "trace.html"
    check(*OWN, "--html", str(file))
    text = file.read_text()
    assert 'max="4"' in text and text.count('data-step="') == 4


# ---- what is said of the design -------------------------------------------------------------------------


def test_only_what_differs_from_the_default_design_is_named(check: Check) -> None:
    words = ("--load", "{models}/unmapping.py", "--property", "no-stale-tlb", "--scenario", "free-only")
    assert "switches: as broken\n" in check(*words).out
    assert "switches: as broken, but callers=obedient\n" in check(*words, "--set", "callers=obedient").out
    assert "design: repaired: as broken, but flush_first=true\n" in check(*words, "--design", "repaired").out
