"""`check matrix`: the table, its files, its cache, and what it says of searches that did not end."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from checker.cells import searches
from checker.engines import build as building
from checker.engines import native
from tests.commands.conftest import Check

SERIES = ("--load", "{models}/series.py", "--engine", "python")
TABLE = """\
                       v1           v2           v3
corruption:
  one-owner            violated 4   violated 6   holds
leak:
  no-leak              violated 5   holds        holds
deadlock:
  deadlock             holds        holds        holds
other:
  audits-agree         not          not          not
                       exercised    exercised    exercised

violated N: the shortest trace has N steps. conditional N: only by traces
that take a step which is marked as assumed. not exercised: nothing that
was searched could have decided against it. incomplete: some search ended
early.
"""


def test_designs_by_what_their_names_begin_with(check: Check) -> None:
    said = check("matrix", *SERIES, "--design", "v3", "--design", "v*", "--property", "no-leak")
    assert said.lines[0].split() == ["v3", "v1", "v2"]
    nothing = check("matrix", *SERIES, "--design", "x*")
    assert nothing.code == 2 and "--design x*: no design is like that" in nothing.err


@pytest.mark.parametrize("engine", ["native", "python"])
@pytest.mark.parametrize("processors", [1, 2])
def test_the_table(check: Check, engine: str, processors: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: processors)
    said = check("matrix", *SERIES, "--engine", engine)
    assert said.out == TABLE
    assert said.code == 1


def test_designs_and_properties_can_be_named(check: Check) -> None:
    said = check("matrix", "--design", "v2/3", "--design", "v2", "--property", "one-owner", *SERIES)
    assert said.lines[:3] == [
        "                       v2/3         v2",
        "corruption:",
        "  one-owner            holds        violated 6",
    ]
    assert check("matrix", "--design", "v3", "--property", "no-leak", *SERIES).code == 0
    assert check("matrix", "--design", "v3", *SERIES).code == 3  # one was not exercised


def test_many_designs_make_several_tables(check: Check) -> None:
    designs = [word for number in range(6) for word in ("--design", f"v3/{number}")]
    said = check("matrix", *designs, "--property", "no-leak", *SERIES)
    heads = [line.split() for line in said.lines if line.lstrip().startswith("v3/")]
    assert heads == [["v3/0", "v3/1", "v3/2", "v3/3"], ["v3/4", "v3/5"]]
    assert all(len(line) <= 75 for line in said.lines)


def test_json_says_where_and_why(check: Check) -> None:
    data = json.loads(check("matrix", "--json", *SERIES).out)
    cells = {(cell["property"], cell["design"]): cell for cell in data["cells"]}
    assert data["exit_code"] == 1 and data["designs"] == ["v1", "v2", "v3"]
    leak = cells["no-leak", "v1"]
    assert (leak["verdict"], leak["steps"], leak["severity"]) == ("violated", 5, "leak")
    assert [(place["scenario"], place["steps"]) for place in leak["places"]] == [
        ("one-task", 5),
        ("two-tasks", 5),
    ]
    open_one = cells["audits-agree", "v3"]
    assert (open_one["verdict"], open_one["why"]) == (
        "not exercised",
        "nothing in the search could have violated it",
    )
    first = data["searches"][0]
    assert (first["design"], first["scenario"], first["ended"]) == ("v1", "one-task", "")
    assert data["switches"][first["design"]]["clear"] == "NEVER" and first["switches"] == {}
    assert first["states"] > 0


def test_the_same_input_gives_the_same_bytes(check: Check, tmp_path: Path) -> None:
    file = tmp_path / "reports" / "matrix.md"
    words = ("matrix", "--markdown", str(file), "--json", *SERIES)
    first, text = check(*words), file.read_text()
    again = check(*words)
    assert (again.out, file.read_text()) == (first.out, text)
    assert "| no-leak | leak | **violated 5**<br>one-task | holds | holds |" in text.splitlines()
    assert "  * two-tasks: 5 steps" in text.splitlines()


@pytest.fixture(autouse=True)
def one_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the machine has: searches are made in this process, but where a test is about processes."""
    monkeypatch.setattr(os, "cpu_count", lambda: 1)


def count_searches(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The searches that are made, and not read from the cache."""
    made: list[str] = []
    plain = searches.searched

    def noted(job: searches.Job, long: bool) -> searches.Searched:
        made.append(job.name)
        return plain(job, long)

    monkeypatch.setattr(searches, "searched", noted)
    return made


def test_what_has_not_changed_is_not_searched_again(
    check: Check, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made = count_searches(monkeypatch)
    model = tmp_path / "model.py"
    text = (Path(__file__).parents[1] / "models_for_tests" / "series.py").read_text()
    model.write_text(text)
    words = ("matrix", "--load", str(model), "--engine", "python")
    first = check(*words)
    assert sorted(made) == [
        f"{design} {name}" for design in ("v1", "v2", "v3") for name in ("one-task", "two-tasks")
    ]
    made.clear()
    assert check(*words).out == first.out and made == []
    assert check(*words, "--design", "v2/5").code == 1 and made == []  # v2 by another name
    check(*words, "--design", "v2/2")
    assert made == ["v2/2 one-task", "v2/2 two-tasks"]
    made.clear()
    model.write_text(text.replace("k.owner[page] = None", "k.owner[page] = me"))
    assert check(*words, "--design", "v3").out != first.out
    assert made == ["v3 one-task", "v3 two-tasks"]


def test_a_switch_that_is_never_read_makes_no_search(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    made = count_searches(monkeypatch)
    words = ("matrix", "--design", "v3", *SERIES, "--scenario", "two-tasks")
    unused = (*words, "--set", "shared=false")
    first = check(*unused, "--set", "locked=false", "--set", "clear=on-free")
    assert made == ["v3 two-tasks"]
    made.clear()
    assert check(*unused, "--set", "locked=false", "--set", "clear=never").out == first.out and made == []
    check(*unused, "--set", "locked=true", "--set", "clear=never")
    assert made == ["v3 two-tasks"]
    made.clear()
    for clear in ("never", "on-free"):
        check(*words, "--set", "locked=false", "--set", f"clear={clear}")
    assert made == ["v3 two-tasks"] * 2
    made.clear()
    check(*unused, "--set", "locked=false", "--design", "v2")
    assert made == []


def test_a_damaged_entry_is_searched_again(
    check: Check, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made = count_searches(monkeypatch)
    words = ("matrix", "--design", "v1", *SERIES)
    first = check(*words)
    for number, path in enumerate(sorted((tmp_path / "cells").iterdir())):
        content = path.read_bytes()
        path.write_bytes(content.replace(b'"steps": 4', b'"steps": 3') if number else b"")
    made.clear()
    assert check(*words).out == first.out
    assert "v1 two-tasks" in made


def test_a_search_that_did_not_end_is_said_so_and_not_kept(check: Check, tmp_path: Path) -> None:
    said = check("matrix", "--design", "v3", "--max-depth", "3", "--property", "one-owner", *SERIES)
    assert said.lines[2] == "  one-owner            incomplete"
    assert said.code == 3
    assert list((tmp_path / "cells").iterdir()) == []


def test_ctrl_c_loses_nothing_that_is_done(
    check: Check, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    plain = searches._searched

    def interrupted(jobs: Sequence[searches.Job], results: Any) -> Iterator[tuple[int, Any]]:
        yield next(plain(jobs[:1], results))
        raise KeyboardInterrupt

    monkeypatch.setattr(searches, "_searched", interrupted)
    said = check("matrix", "--design", "v1", "--json", *SERIES)
    cells = {cell["property"]: cell for cell in json.loads(said.out)["cells"]}
    assert (cells["no-leak"]["verdict"], cells["no-leak"]["steps"]) == ("violated", 5)
    assert (cells["one-owner"]["verdict"], cells["one-owner"]["why"]) == (
        "incomplete",
        "two-tasks: interrupted",
    )
    assert len(list((tmp_path / "cells").iterdir())) == 2  # a result, and which switches it rests on
    monkeypatch.undo()


def test_ctrl_c_hides_nothing_that_was_known_before(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ("matrix", "--design", "v1", "--json", *SERIES)
    before = check(*words)

    def interrupted(jobs: Sequence[searches.Job], results: Any) -> Iterator[tuple[int, Any]]:
        raise KeyboardInterrupt
        yield

    monkeypatch.setattr(searches, "_searched", interrupted)
    assert check(*words).out == before.out


def test_a_process_that_is_killed_leaves_its_search_open_and_no_other(
    check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = searches.searched

    def killed(job: searches.Job, long: bool) -> searches.Searched:
        if job.name == "v1 two-tasks":
            os._exit(9)
        return plain(job, long)

    monkeypatch.setattr(searches, "searched", killed)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    said = check("matrix", "--design", "v1", "--design", "v2", "--json", *SERIES)
    ended = {(each["design"], each["scenario"]): each["ended"] for each in json.loads(said.out)["searches"]}
    assert ended.pop(("v1", "two-tasks")) == searches.KILLED
    assert set(ended.values()) == {""} and len(ended) == 3


def test_a_wrong_request(check: Check) -> None:
    said = check("matrix", "--design", "v9", *SERIES)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("error: there is no design `v9`")
    assert "one-owner" in check("matrix", "--property", "one-owned", *SERIES).err


def test_a_mistake_in_the_model_is_said_with_its_place(check: Check, tmp_path: Path) -> None:
    text = (Path(__file__).parents[1] / "models_for_tests" / "series.py").read_text()
    model = tmp_path / "wrong.py"
    model.write_text(text.replace("k.owner[page] = me", "k.owner[page] = mee"))
    said = check("matrix", "--load", str(model))
    assert said.code == 2 and "wrong.py:" in said.err and "Traceback" not in said.err


MET = """
from checker.language import Index, Range, Steps, action, operation, reachable, state, switch, switches

@switches(presets={"old": {"sound": False, "bounded": False}, "new": {}}, default="new")
class Design:
    sound: bool = switch(True, "")
    bounded: bool = switch(True, "")

class Task(Index, size=1): ...

@state(design=Design)
class Kernel:
    count: Range(0, 2)

@operation(Task)
def work(k: Kernel, me: Task) -> Steps:
    yield
    assert Design.sound, "unsound"
    while k.count == 2:
        yield

@action
def more(k: Kernel) -> None:
    k.count = min(k.count + 1, 2) if Design.bounded else k.count + 1

@reachable
def full(k: Kernel) -> bool:
    return k.count == 2

@reachable
def overfull(k: Kernel) -> bool:
    return k.count > 2
"""


@pytest.mark.parametrize("engine", ["native", "python"])
def test_asserts_and_model_errors_have_rows(check: Check, tmp_path: Path, engine: str) -> None:
    (tmp_path / "met.py").write_text(MET)
    said = check("matrix", "--json", "--load", str(tmp_path / "met.py"), "--engine", engine)
    assert said.code == 2
    rows: dict[str, dict[str, str]] = {}
    for cell in json.loads(said.out)["cells"]:
        rows.setdefault(cell["property"].split(":")[0], {})[cell["design"]] = cell["verdict"]
    assert rows == {
        "deadlock": {"old": "incomplete", "new": "violated"},  # what comes after the assert is not known
        "full": {"old": "holds", "new": "holds"},
        "overfull": {"old": "incomplete", "new": "violated"},
        "assert": {"old": "violated", "new": "does not fail"},
        "model error": {"old": "model error", "new": "does not fail"},
    }
    text = check("matrix", "--load", str(tmp_path / "met.py"), "--engine", engine)
    assert "met on the way:" in text.lines
    assert "nothing is known of what would come after it." in " ".join(text.out.split())


def test_what_is_reduced_has_the_same_verdicts_and_says_so(check: Check, tmp_path: Path) -> None:
    model = ("--load", "{models}/unmapping.py")
    files = tmp_path / "reduced.md", tmp_path / "whole.md"
    reduced = check("matrix", *model, "--markdown", str(files[0]))
    whole = check("matrix", *model, "--no-reduction", "--markdown", str(files[1]))
    assert (reduced.out, reduced.code) == (whole.out, whole.code)
    counted = [file.read_text().partition("## What was searched")[2] for file in files]
    assert " r |" in counted[0] and "r: reduced counts" in counted[0]
    assert " r |" not in counted[1] and "--no-reduction" in files[1].read_text()


@pytest.mark.slow
def test_a_scenario_that_was_long_in_one_design_is_compiled_well_at_once_in_the_next(
    check: Check, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "new"))
    levels: list[str] = []
    compile_ = building._compile

    def noted(source: str, compiler: Any, flags: Any, path: Any) -> None:
        levels.append(next(flag for flag in flags if flag.startswith("-O")))
        compile_(source, compiler, flags, path)

    monkeypatch.setattr(building, "_compile", noted)
    monkeypatch.setattr(native, "QUICK_STATES", 20)
    words = ("--scenario", "two-tasks", "--load", "{models}/series.py")
    check("matrix", "--design", "v1", "--design", "v2", "--design", "v3", *words)
    assert levels == ["-O0", "-O3", "-O3", "-O3"]
