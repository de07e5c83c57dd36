"""`check --itf FILE` and `check replay FILE`, as a user types them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import itf_py
import pytest

from tests.commands.conftest import MODELS, Check

UNMAPPING = ("--load", "{models}/unmapping.py")
BROKEN = (*UNMAPPING, "--property", "no-stale-tlb")


@pytest.fixture
def saved(check: Check, tmp_path: Path) -> Path:
    file = tmp_path / "stale.itf.json"
    said = check(*BROKEN, "--itf", str(file))
    assert said.code == 1 and f"written: {file}" in said.err
    return file


def data_of(file: Path) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(file.read_text())
    return data


def test_the_library_of_the_format_reads_it(saved: Path) -> None:
    trace = itf_py.trace_from_json(data_of(saved))
    assert trace.vars == ["page[0].free", "page[0].mapped", "tlb[0]", "tlb[1]"]
    assert [state.meta["index"] for state in trace.states] == [0, 1, 2, 3]
    assert trace.states[-1].values["tlb[0]"] == frozenset({"page0"})
    assert trace.states[-1].values["page[0].free"] is True


def test_it_is_the_same_each_time(check: Check, saved: Path, tmp_path: Path) -> None:
    check(*BROKEN, "--itf", str(tmp_path / "again.json"))
    assert (tmp_path / "again.json").read_text() == saved.read_text()


def test_what_still_violates_is_shown_again(check: Check, saved: Path) -> None:
    said = check("replay", str(saved), *UNMAPPING)
    assert said.code == 1
    assert "still violates no-stale-tlb" in said.out and "differs from what was recorded" not in said.out
    searched = check(*BROKEN).out
    assert searched.partition("again:")[0] in said.out  # the same steps and states


@pytest.mark.parametrize(
    ("file", "property", "more"),
    [
        ("two_locks.py", "deadlock", ()),
        ("irqs_off.py", "deadlock", ()),
        ("unmapping.py", "no-stale-tlb", ("--pages", "2", "--cpus", "3", "--set", "callers=obedient")),
        ("unmapping.py", "no-stale-tlb", ("--atomicity", "fine")),
        ("hidden.py", None, ()),
        ("till.py", None, ()),
        ("every_kind.py", None, ()),
    ],
)
def test_every_trace_replays(
    check: Check, tmp_path: Path, file: str, property: str | None, more: tuple[str, ...]
) -> None:
    asked = ("--property", property) if property else ("--all",)
    first = tmp_path / "trace.json"
    said = check("--load", f"{{models}}/{file}", *asked, *more, "--itf", str(first), "--json")
    traces = [each["trace"] for each in json.loads(said.out)["verdicts"] if each["trace"]]
    files = sorted(tmp_path.glob("trace*.json"))
    assert len(files) == len(traces) > 0
    for each in files:
        again = check("replay", str(each), "--load", f"{{models}}/{file}", "--json")
        assert again.code == 1, again.err
        found = json.loads(again.out)
        assert found["difference"] is None
        original = next(trace for trace in traces if trace["property"] == found["property"])
        assert found["trace"]["steps"] == original["steps"] and found["trace"]["final"] == original["final"]


def test_what_a_version_repairs_no_longer_violates(check: Check, saved: Path) -> None:
    said = check("replay", str(saved), *UNMAPPING, "--design", "repaired")
    assert said.code == 0
    text = " ".join(said.out.split())
    assert "no longer violates no-stale-tlb" in text
    assert "from step 3 on it differs from what was recorded: tlb[0] was {page0} and is {}" in text


def test_a_step_that_cannot_be_taken_any_more(check: Check, saved: Path, tmp_path: Path) -> None:
    changed = (MODELS / "unmapping.py").read_text()
    changed = changed.replace(
        "    if k.page[page].mapped:\n        k.tlb[me].add(page)", "    when(False)\n    k.tlb[me].add(page)"
    )
    assert "when(False)" in changed
    model = tmp_path / "changed_model.py"
    model.write_text(changed.replace("    view,\n)", "    view,\n    when,\n)"))
    said = check("replay", str(saved), "--load", str(model))
    assert said.code == 3
    assert "can no longer be followed: step 1, fill_tlb at" in " ".join(said.out.split())
    found = json.loads(check("replay", str(saved), "--load", str(model), "--json").out)
    assert (found["answer"], found["failed_step"], found["exit_code"]) == ("cannot be followed", 1, 3)


def test_a_step_of_nobody(check: Check, saved: Path) -> None:
    altered(saved, lambda d: d["states"][1]["#meta"]["step"].update(actor=None))
    said = check("replay", str(saved), *UNMAPPING)
    assert said.code == 3 and "fill_tlb() is not taken by nobody" in " ".join(said.out.split())


def test_names_that_the_model_lost(check: Check, saved: Path, tmp_path: Path) -> None:
    model = tmp_path / "renamed_model.py"
    model.write_text((MODELS / "unmapping.py").read_text().replace("def fill_tlb(", "def load_tlb("))
    said = check("replay", str(saved), "--load", str(model))
    assert said.code == 3 and "there is no action `fill_tlb`" in " ".join(said.out.split())
    model.write_text((MODELS / "unmapping.py").read_text().replace("def no_stale_tlb(", "def no_old_tlb("))
    said = check("replay", str(saved), "--load", str(model))
    assert said.code == 2 and "there is no property `no-stale-tlb`" in said.err


def test_a_deadlock_is_looked_into(check: Check, tmp_path: Path) -> None:
    file = tmp_path / "stuck.json"
    check("--load", "{models}/two_locks.py", "--property", "deadlock", "--itf", str(file))
    model = tmp_path / "let_go.py"
    text = (MODELS / "two_locks.py").read_text().replace("Index, Steps", "Index, Steps, action")
    model.write_text(
        text + "\n\n@action(Lock)\ndef let_go(k: Kernel, lock: Lock) -> None:\n    k.holder[lock] = None\n"
    )
    said = check("replay", str(file), "--load", str(model))
    assert said.code == 0 and "no longer violates deadlock: there is a way out" in said.out
    said = check("replay", str(file), "--load", str(model), "--max-states", "1")
    assert said.code == 3 and "no way out within 1 states" in said.out


def test_the_file_loads_and_evaluates_nothing(check: Check, saved: Path, tmp_path: Path) -> None:
    said = check("replay", str(saved))
    assert said.code == 2 and "is not loaded because a trace names it" in " ".join(said.err.split())
    asked = tmp_path / "asked.json"
    check("can", "k.page[Page(0)].free", *UNMAPPING, "--itf", str(asked))
    said = check("replay", str(asked), *UNMAPPING)
    assert said.code == 2 and "it is not run because a trace names it" in " ".join(said.err.split())
    said = check("replay", str(asked), *UNMAPPING, "--can", "k.page[Page(0)].free")
    assert said.code == 1 and "REACHABLE" in said.out


def test_another_models_trace_is_refused(check: Check, saved: Path) -> None:
    said = check("replay", str(saved), "--load", "{models}/two_locks.py")
    assert said.code == 2 and "the trace is about another model" in said.err


def altered(file: Path, change: Any) -> Path:
    data = data_of(file)
    change(data)
    file.write_text(json.dumps(data))
    return file


WRONG = {
    "no #meta": lambda d: d.pop("#meta"),
    "another tool's": lambda d: d["#meta"].pop("check-trace"),
    "another version": lambda d: d["#meta"].update({"check-trace": 99}),
    "no states": lambda d: d.update(states=[]),
    "states of numbers": lambda d: d.update(states=[1, 2]),
    "a state without a field": lambda d: d["states"][1].pop("tlb[0]"),
    "null as a value": lambda d: d["states"][0].update({"tlb[0]": None}),
    "a value of another kind": lambda d: d["states"][0].update({"tlb[0]": {"#map": []}}),
    "a huge number": lambda d: d["states"][0].update({"tlb[0]": {"#bigint": "9" * 100_000}}),
    "a number that is text": lambda d: d["states"][0].update({"tlb[0]": {"#bigint": "exit()"}}),
    "choices of text": lambda d: d["states"][1]["#meta"]["step"].update(choices=["__import__('os')"]),
    "a strange kind": lambda d: d["states"][1]["#meta"]["step"].update(kind="exec"),
    "a step without a name": lambda d: d["states"][1]["#meta"]["step"].pop("name"),
    "bounds of text": lambda d: d["#meta"]["request"].update(bounds={"cpus": "2"}),
    "settings of numbers": lambda d: d["#meta"]["request"].update(settings=[1]),
    "a list for the design": lambda d: d["#meta"]["request"].update(design=[]),
    "no property": lambda d: d["#meta"]["about"].pop("property"),
    "a name that moves the cursor": lambda d: d["states"][1]["#meta"]["step"].update(name="free\x1b[2J"),
    "a scenario that turns the line": lambda d: d["#meta"]["request"].update(scenario="free\u202eylno"),
    "a field that rings": lambda d: d["vars"].append("\x07"),
    "half a character": lambda d: d["#meta"]["about"].update(sentence="\ud800"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_in_a_file_is_said(check: Check, saved: Path, what: str) -> None:
    said = check("replay", str(altered(saved, WRONG[what])), *UNMAPPING)
    assert said.code == 2, said.out
    assert "is not a trace that was saved with --itf" in said.err and "Traceback" not in said.err


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "NaN",
        "[" * 100_000,
        '{"a":' * 5000 + "1" + "}" * 5000,
        "\x00",
        '{"#meta": NaN}',
    ],
)
def test_what_is_no_trace_at_all(check: Check, tmp_path: Path, text: str) -> None:
    file = tmp_path / "wrong.json"
    file.write_text(text)
    said = check("replay", str(file), *UNMAPPING)
    assert said.code == 2 and "is not a trace that was saved with --itf" in said.err


def test_what_cannot_be_read(check: Check, tmp_path: Path) -> None:
    assert "there is no such file" in check("replay", str(tmp_path / "none"), *UNMAPPING).err
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\xff")
    assert check("replay", str(tmp_path / "bytes"), *UNMAPPING).code == 2
    (tmp_path / "huge").write_bytes(b"")
    with open(tmp_path / "huge", "r+b") as file:
        file.truncate(65 << 20)
    assert "larger than 16 MiB" in check("replay", str(tmp_path / "huge"), *UNMAPPING).err


@pytest.mark.parametrize("cpus", [10**9, 10**30, -1])
def test_bounds_of_a_file_do_not_take_the_memory(check: Check, saved: Path, cpus: int) -> None:
    file = altered(saved, lambda d: d["#meta"]["request"].update(bounds={"cpus": cpus}))
    said = check("replay", str(file), *UNMAPPING)
    assert said.code == 2 and f"{cpus:,}" in said.err and "Traceback" not in said.err


HOSTILE = "__import__('os').system('touch hostile')"


@pytest.mark.parametrize("key", ["name", "actor"])
def test_names_are_looked_up_and_never_run(
    check: Check, saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.chdir(tmp_path)
    altered(saved, lambda d: d["states"][1]["#meta"]["step"].update({key: HOSTILE}))
    assert check("replay", str(saved), *UNMAPPING).code == 3
    altered(
        saved, lambda d: d["states"][1]["#meta"]["step"].update({key: "fill_tlb", "arguments": [HOSTILE]})
    )
    assert check("replay", str(saved), *UNMAPPING).code == 3
    altered(saved, lambda d: d["#meta"]["request"].update(settings=[f"flush_first={HOSTILE}"]))
    assert check("replay", str(saved), *UNMAPPING).code == 2
    assert not (tmp_path / "hostile").exists()


def test_a_folder_that_is_not_there_is_noticed_before_the_search(check: Check, tmp_path: Path) -> None:
    said = check(*BROKEN, "--itf", str(tmp_path / "none" / "trace.json"))
    assert said.code == 2 and said.out == "" and "there is no directory" in said.err
