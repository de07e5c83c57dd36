"""Each form of an answer by its own schema or library, as a user gets it."""

from __future__ import annotations

import email
import json
import re
import xml.etree.ElementTree as ElementTree
from email import policy
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from pydantic import BaseModel
from sarif_pydantic import Sarif

from tests.commands.conftest import MODELS, Check, check

__all__ = ["check"]  # the fixture

SCHEMAS = Path(__file__).parents[2] / "docs" / "schema"
UNMAPPING = ("--load", "{models}/unmapping.py")
BROKEN = (*UNMAPPING, "--property", "no-stale-tlb")
ALL = (*UNMAPPING, "--all")


def validate(data: object, schema: str) -> None:
    loaded = json.loads((SCHEMAS / f"{schema}.json").read_text())
    jsonschema.Draft202012Validator.check_schema(loaded)
    jsonschema.Draft202012Validator(loaded).validate(data)


# ---- JSON -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (BROKEN, 1),
        (ALL, 1),
        ((*BROKEN, "--design", "repaired"), 0),
        ((*BROKEN, "--engine", "python", "--why"), 1),
        ((*UNMAPPING, "--property", "never-asked"), 3),
        ((*ALL, "--max-states", "3"), 3),
        ((*UNMAPPING, "--property", "no-such"), 2),
        (("--load", "{models}/two_locks.py", "--property", "deadlock"), 1),
        (("can", "k.page[Page(0)].free", *UNMAPPING), 0),
        ((*BROKEN, "--each-cause"), 1),
    ],
)
def test_json_is_as_its_schema_says(check: Check, words: tuple[str, ...], code: int) -> None:
    said = check(*words, "--json")
    data = json.loads(said.out)
    assert said.code == code == data["exit_code"]
    validate(data, "check")


def test_the_schema_refuses_what_is_no_answer(check: Check) -> None:
    data = json.loads(check(*BROKEN, "--json").out)
    for change in ({"exit_code": 7}, {"verdicts": None}, {"extra": 1}):
        with pytest.raises(jsonschema.ValidationError):
            validate({**data, **change}, "check")
    data["verdicts"][0]["trace"]["steps"][0]["kind"] = "jump"
    with pytest.raises(jsonschema.ValidationError):
        validate(data, "check")


def test_saved_traces_and_replays_have_schemas_too(check: Check, tmp_path: Path) -> None:
    file = tmp_path / "t.json"
    check(*BROKEN, "--itf", str(file))
    validate(json.loads(file.read_text()), "itf")
    for words in ((), ("--design", "repaired")):
        validate(json.loads(check("replay", str(file), *UNMAPPING, *words, "--json").out), "replay")
    validate(json.loads(check("replay", str(tmp_path / "none"), "--json").out), "replay")


def test_progress_is_a_line_of_json_for_each_piece_of_news(check: Check) -> None:
    said = check(*ALL, "--progress", "--json")
    events = [json.loads(line) for line in said.err.splitlines()]
    for event in events:
        validate(event, "progress")
    assert [each["event"] for each in events if each["event"] != "progress"] == ["start", "end"] * 3
    assert json.loads(said.out)["exit_code"] == 1


@pytest.mark.slow
def test_progress_has_an_estimate(check: Check) -> None:
    """The states are 14 ** 7, and most of the search is still to come when the first levels are known."""
    counting = ("--load", "{models}/counting.py", "--property", "fine", "--counters", "7")
    said = check(*counting, "--scenario", "first", "--max-states", "8000000", "--progress", "--json")
    events = [json.loads(line) for line in said.err.splitlines()]
    for event in events:
        validate(event, "progress")
    assert said.code == 3 and "estimate" in events[-1]


# ---- JUnit ----------------------------------------------------------------------------------------------


def junit(check: Check, tmp_path: Path, *words: str) -> ElementTree.Element:
    check(*words, "--junit", str(tmp_path / "junit.xml"))
    return ElementTree.parse(tmp_path / "junit.xml").getroot()


def test_one_case_for_each_property(check: Check, tmp_path: Path) -> None:
    root = junit(check, tmp_path, *ALL)
    cases = {case.get("name"): [each.tag for each in case] for case in root.iter("testcase")}
    assert cases["no-stale-tlb"] == ["failure"] and cases["all-is-well"] == []
    assert cases["never-asked"] == ["error"]  # not exercised: never passed over
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == (str(len(cases)), "1", "1")
    failure = next(root.iter("failure"))
    assert failure.get("type") == "violated" and "1* <fill_tlb(page0)>" in (failure.text or "")


def test_what_was_cut_off_is_an_error(check: Check, tmp_path: Path) -> None:
    root = junit(check, tmp_path, *UNMAPPING, "--property", "all-is-well", "--max-states", "3")
    error = next(root.iter("error"))
    assert error.get("type") == "incomplete" and not list(root.iter("skipped"))


def test_control_characters_do_not_break_it(check: Check, tmp_path: Path) -> None:
    model = tmp_path / "odd_model.py"
    text = (MODELS / "unmapping.py").read_text()
    model.write_text(text.replace("{page} was freed", "\\x00\\x1b[31m<&\\u2028{page} was freed"))
    root = junit(check, tmp_path, "--load", str(model), "--property", "no-stale-tlb")
    assert "<&" in (next(root.iter("failure")).text or "")


# ---- SARIF ----------------------------------------------------------------------------------------------


def unknown_keys(value: Any, path: str = "") -> list[str]:
    """What the library's classes do not know: a misspelt name would otherwise go unseen."""
    found = []
    if isinstance(value, BaseModel):
        found += [f"{path}.{name}" for name in value.model_extra or {}]
        for name, inner in value:
            found += unknown_keys(inner, f"{path}.{name}")
    elif isinstance(value, list):
        for inner in value:
            found += unknown_keys(inner, f"{path}[]")
    return found


def sarif(check: Check, tmp_path: Path, *words: str) -> Any:
    check(*words, "--sarif", str(tmp_path / "s.sarif"))
    text = (tmp_path / "s.sarif").read_text()
    log = Sarif.model_validate_json(text)
    assert unknown_keys(log) == []
    return json.loads(text)["runs"][0]


def test_a_trace_is_a_code_flow(check: Check, tmp_path: Path) -> None:
    run = sarif(check, tmp_path, *ALL, "--cpus", "2")
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    results = {each["ruleId"]: each for each in run["results"]}
    assert list(results) == rules
    assert all(rules[each["ruleIndex"]] == each["ruleId"] for each in run["results"])
    bad = results["no-stale-tlb"]
    assert (bad["kind"], bad["level"]) == ("fail", "error")
    assert (results["all-is-well"]["kind"], results["never-asked"]["kind"]) == ("pass", "open")
    steps = [step for flow in bad["codeFlows"][0]["threadFlows"] for step in flow["locations"]]
    assert sorted(step["executionOrder"] for step in steps) == list(range(1, len(steps) + 1))
    for step in steps:
        place = step["location"]["physicalLocation"]
        assert place["artifactLocation"]["uri"].endswith("unmapping.py") and place["region"]["startLine"] > 0


def test_there_is_a_thread_flow_for_each_lane(check: Check, tmp_path: Path) -> None:
    run = sarif(check, tmp_path, "--load", "{models}/two_locks.py", "--property", "deadlock")
    flows = run["results"][0]["codeFlows"][0]["threadFlows"]
    assert [flow["id"] for flow in flows] == ["TASK0", "TASK1"]
    assert all(flow["locations"] for flow in flows)


def test_an_unfinished_run_was_no_success(check: Check, tmp_path: Path) -> None:
    run = sarif(check, tmp_path, *UNMAPPING, "--property", "all-is-well", "--max-states", "3")
    assert run["invocations"] == [{"executionSuccessful": False}]
    assert run["results"][0]["kind"] == "open"


# ---- KTAP -----------------------------------------------------------------------------------------------


def test_ktap_counts_what_it_announces(check: Check) -> None:
    said = check(*ALL, "--format", "ktap")
    lines = said.out.splitlines()
    assert said.code == 1 and lines[:3] == ["KTAP version 1", "1..1", "    KTAP version 1"]
    results = [line for line in lines if re.match(r"    (not )?ok \d+ ", line)]
    assert f"    1..{len(results)}" in lines
    assert [int(re.findall(r"\d+", line)[0]) for line in results] == list(range(1, len(results) + 1))
    assert "    not ok 1 no-stale-tlb" in lines and "    ok 2 all-is-well" in lines
    assert "    not ok 3 never-asked" in lines  # what was not exercised has not passed
    assert lines[-1] == "not ok 1 broken"
    assert all(re.match(r" *(#|ok|not ok|1\.\.|KTAP)", line) for line in lines)


def test_ktap_of_what_holds(check: Check) -> None:
    said = check(*BROKEN, "--design", "repaired", "--format", "ktap")
    assert said.code == 0 and said.out.splitlines()[-1] == "ok 1 repaired"


# ---- mail -----------------------------------------------------------------------------------------------


def test_the_draft_of_a_mail(check: Check) -> None:
    said = check(*BROKEN, "--set", "callers=obedient", "--format", "mail")
    mail = email.message_from_string(said.out, policy=policy.default)
    assert said.code == 1 and not mail.defects
    assert mail["Subject"] == "broken, callers=obedient: page0 was freed while cpu0 can still translate it"
    assert mail["In-Reply-To"] is None and mail["X-Unsent"] == "1"
    body = mail.get_content()
    assert all(len(line) <= 72 and line.isascii() for line in body.splitlines())
    for text in (
        "1* <fill_tlb(page0)>",
        "Why:",
        "What this rests on:",
        "To see it again:",
        "callers=obedient",
    ):
        assert text in body, text


def test_it_answers_the_mail_that_posted_the_design(check: Check, tmp_path: Path) -> None:
    model = tmp_path / "posted_model.py"
    text = (MODELS / "unmapping.py").read_text()
    model.write_text(
        text.replace('default="broken")', 'default="broken", messages={"broken": "<1.2@host>"})')
    )
    said = check("--load", str(model), "--property", "no-stale-tlb", "--format", "mail")
    mail = email.message_from_string(said.out, policy=policy.default)
    assert mail["In-Reply-To"] == mail["References"] == "<1.2@host>"
    model.write_text(
        text.replace('default="broken")', 'default="broken", messages={"broken": "1.2\\nBcc: x"})')
    )
    said = check("--load", str(model), "--property", "no-stale-tlb")
    assert said.code == 2 and "is no Message-ID" in said.err


SERIES = (MODELS / "series.py").read_text()


@pytest.mark.parametrize(
    ("messages", "answered", "told"),
    [
        ({"v2/4": "<4@host>", "v2/3": "<3@host>"}, "<4@host>", "from v2/4 on, which this answers"),
        ({"v2": "<0@host>", "v2/3": "<3@host>"}, "<0@host>", "from v2/4 on; this answers v2, as"),
        ({"v2/2": "<2@host>", "v2/3": "<3@host>", "v2/5": "<5@host>"}, "<3@host>", "this answers v2/3, as"),
        ({"v2/5": "<5@host>"}, "<5@host>", "this answers v2/5, as"),
        ({"v3/5": "<5@host>"}, None, ""),
    ],
)
def test_it_answers_the_patch_from_which_on_the_steps_can_be_taken(
    check: Check, tmp_path: Path, messages: dict[str, str], answered: str | None, told: str
) -> None:
    model = tmp_path / "series_with_mails.py"
    model.write_text(SERIES.replace('    default="v3",', f'    default="v3",\n    messages={messages!r},'))
    words = ("--load", str(model), "--design", "v2", "--property", "one-owner")
    said = check(*words, "--format", "mail")
    mail = email.message_from_string(said.out, policy=policy.default)
    assert said.code == 1 and mail["In-Reply-To"] == mail["References"] == answered
    assert told in " ".join(mail.get_content().split())


@pytest.mark.parametrize(("design", "said"), [("v9", "there is no design `v9`"), ("v2/7", "are 1 to 5")])
def test_messages_are_of_patches_that_there_are(check: Check, tmp_path: Path, design: str, said: str) -> None:
    model = tmp_path / "series_with_mails.py"
    model.write_text(
        SERIES.replace('    default="v3",', f'    default="v3", messages={{"{design}": "<1@h>"}},')
    )
    wrong = check("--load", str(model), "--all")
    assert wrong.code == 2 and "messages: " in wrong.err and said in wrong.err


def test_where_nothing_is_violated_there_is_no_mail(check: Check) -> None:
    said = check(*BROKEN, "--design", "repaired", "--format", "mail")
    assert said.code == 0 and said.out == "" and "no-stale-tlb: holds" in said.err


def test_two_forms_cannot_be_on_stdout(check: Check) -> None:
    said = check(*BROKEN, "--json", "--format", "ktap")
    assert said.code == 2 and "only one of them" in said.out
