"""`check atomicity`, and what `--atomicity fine` finds that is hidden within a block."""

import json
from pathlib import Path

import pytest

from checker.atomicity import MOST_STATES
from checker.engines.compilers import find_compiler
from tests.commands.conftest import MODELS, Check, Said

FILE = "tests/models_for_tests/counted.py"
COUNTED = ["--load", FILE]
ENGINES = [
    "python",
    pytest.param("native", marks=pytest.mark.skipif(find_compiler() is None, reason="no C compiler")),
]


@pytest.fixture
def check(check: Check, monkeypatch: pytest.MonkeyPatch) -> Check:
    monkeypatch.chdir(MODELS.parents[1])
    return check


def line_of(text: str) -> int:
    lines = (MODELS / "counted.py").read_text().splitlines()
    (number,) = (number for number, line in enumerate(lines, 1) if line.strip() == text)
    return number


def test_blocks_without_a_reason_are_listed(check: Check) -> None:
    seen, number = line_of("k.seen = (k.seen + 1) % 3"), line_of("k.seen = (k.seen + 1) % 3") + 1
    helper = line_of("toggle(k)")
    said = check("atomicity", *COUNTED)
    assert said.code == 1
    assert said.out.splitlines() == [
        "1 atomic block with more than one access that no lock covers, and no `#",
        "  atomic: reason` beside it:",
        f"  {FILE}:{seen - 1} (careless)",
        f"    {FILE}:{seen}  reads seen, writes seen",
        f"    {FILE}:{number}  reads number, writes number",
        "",
        "atomic for a stated reason:",
        f"  {FILE}:{seen + 7}: test_and_set_bit",
        f"  {FILE}:{seen + 8}: test_and_set_bit",
        f"  {FILE}:{helper}: it is one instruction",
        "",
        "fields that are written under a lock, and touched without it:",
        "  number: written under the_lock",
        f"    read without it: {FILE}:{number}",
        f"    written without it: {FILE}:{number}",
        "  seen: written under the_lock",
        f"    read without it: {FILE}:{seen}",
        f"    written without it: {FILE}:{seen}",
        "",
        "seen by running the model's own code:",
        "  - with-care: 1,020 states, every state",
        "  - without: 12 states, every state",
        "  - mixed: 24 states, every state",
        "  - locks: the_lock",
    ]


def test_the_documentation_shows_what_is_printed(check: Check) -> None:
    text = (MODELS.parents[1] / "docs" / "atomicity.md").read_text()
    command, printed = text.split("```console\n$ ")[1].split("```")[0].split("\n", 1)
    assert check(*command.split()[1:]).out.startswith(printed)
    assert f"({MOST_STATES:,} by default)" in text and f"up to {MOST_STATES:,} states" in text


def test_what_is_covered_explained_or_ones_own_is_fine(check: Check) -> None:
    said = check("atomicity", *COUNTED, "--scenario", "with-care", "--json")
    assert said.code == 0
    found = json.loads(said.out)
    assert {each["place"].rpartition(":")[2] for each in found["blocks"] if not each["explained"]} == set()
    explained = {access["reason"] for block in found["blocks"] for access in block["accesses"]}
    assert explained == {"test_and_set_bit", "it is one instruction"}
    assert found["fields"] == [] and found["locks"] == ["the_lock"]


def test_a_search_that_was_cut_short_is_no_proof(check: Check) -> None:
    said = check("atomicity", *COUNTED, "--scenario", "with-care", "--max-states", "5")
    assert said.code == 3
    assert "with-care: 5 states, the search stopped there" in said.out
    assert "nothing is said of 1 block that never ran:" in said.out


def test_a_model_without_locks_has_nothing_covered(check: Check) -> None:
    said = check("atomicity", "--load", str(MODELS / "two_locks.py"), "--json")
    found = json.loads(said.out)
    assert said.code == 1 and found["locks"] == [] and found["fields"] == []
    fields = {access["field"] for block in found["blocks"] for access in block["accesses"]}
    assert fields == {"holder[]"}


@pytest.mark.parametrize("engine", ENGINES)
def test_fine_finds_the_race_within_a_block(check: Check, engine: str) -> None:
    words = ["--property", "same", "--scenario", "without", *COUNTED, "--engine", engine]
    assert check(*words).code == 0
    said = check(*words, "--atomicity", "fine")
    assert said.code == 1
    assert "same: violated (in without, 3 steps)" in said.out
    assert "without: blocks split at 2 statements, by a survey of all states" in said.out
    assert "--atomicity fine" in said.out


def verdicts(said: Said) -> dict[str, tuple[str, object]]:
    found = json.loads(said.out)["verdicts"]
    return {each["property"]: (each["answer"], each["scenario"]) for each in found}


BOTH_WAYS = [
    ([*COUNTED, "--scenario", "with-care"], set[str]()),
    ([*COUNTED, "--scenario", "without"], {"same"}),
    (["--load", "tests/models_for_tests/till.py"], set[str]()),
    (["--load", "tests/models_for_tests/two_locks.py"], set[str]()),
]


@pytest.mark.parametrize(("words", "different"), BOTH_WAYS, ids=lambda value: " ".join(value)[-30:])
def test_the_verdicts_that_differ(check: Check, words: list[str], different: set[str]) -> None:
    coarse, fine = (
        verdicts(check("--all", "--json", *words, "--atomicity", how)) for how in ("coarse", "fine")
    )
    assert {name for name in coarse if coarse[name] != fine.get(name)} == different
    assert coarse.keys() == fine.keys()


@pytest.mark.skipif(find_compiler() is None, reason="no C compiler")
@pytest.mark.parametrize("words", [[*COUNTED, "--scenario", "mixed"], ["--load", str(MODELS / "till.py")]])
def test_the_engines_agree_about_split_blocks(check: Check, words: list[str]) -> None:
    said = {
        engine: json.loads(check("--all", "--json", *words, "--atomicity", "fine", "--engine", engine).out)
        for engine in ("python", "native")
    }
    shown = {
        engine: [
            (each["property"], each["answer"], each["trace"] and len(each["trace"]["steps"]))
            for each in found["verdicts"]
        ]
        for engine, found in said.items()
    }
    assert shown["python"] == shown["native"]


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ('@lock(covers="nubmer")', "covers='nubmer': the state has no such place"),
        ('@lock(covers="mine[she]")', "`she` in covers='mine[she]' is no parameter"),
        ('@lock(covers="mine]")', "covers='mine]' is no place"),
    ],
)
def test_a_wrong_lock_is_refused_with_its_place(check: Check, tmp_path: Path, line: str, text: str) -> None:
    file = tmp_path / "wrong.py"
    head = "from checker.language import lock\nfrom counted import K, Task\n\n"
    file.write_text(f"{head}{line}\ndef wrong(k: K, me: Task) -> bool:\n    return True\n")
    said = check("atomicity", *COUNTED, "--load", str(file))
    assert said.code == 2
    assert text in said.err and "wrong.py:" in said.err
