"""`check bounds`, as a user types it."""

from __future__ import annotations

import json
import xml.etree.ElementTree as xml
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from checker.cli import run
from checker.language.obligations import forget, obligations

Check = Callable[..., tuple[int, str, str]]

OWN = '''
from typing import Annotated
from checker.language import Range, Region, Signed, Unsigned, Word, given, obligation, requires

ulong = Unsigned(64)
Ulong, Int = Annotated[Word, ulong], Annotated[Word, Signed(32)]

def places(start: Ulong) -> list[Region]:
    return [Region("table", start, start + 0x1000)]

@obligation(least="size", shows=places)
def my_own_claim(shift: Annotated[int, Range(20, 21)], start: Ulong, size: Ulong) -> bool:
    """A table ends where the next one starts."""
    given(start == 0xffff800000000000)
    requires(size <= 0x1000, "BUILD_BUG_ON(SIZE > PAGE_SIZE);")
    return start + size <= start + 0x1000
'''


@pytest.fixture
def check(capsys: pytest.CaptureFixture[str]) -> Iterator[Check]:
    def typed(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = run(list(words))
        return code, *capsys.readouterr()

    yield typed
    forget({name: each for name, each in obligations().items() if "pytest-of-" not in each.file})


@pytest.fixture
def own(tmp_path: Path) -> str:
    file = tmp_path / f"own_{tmp_path.name.replace('-', '_')}.py"
    file.write_text(OWN)
    return str(file)


def found(check: Check, *words: str) -> tuple[int, dict[str, Any]]:
    code, out, _ = check("bounds", "--json", *words)
    return code, {each["name"]: each for each in json.loads(out)["obligations"]}


def test_the_counts_at_which_containment_breaks(check: Check) -> None:
    code, results = found(check, "F2")
    cases = results["cpu-region-inside-mm-local"]["cases"]
    least = {each["case"]["levels"]: each["assumptions"][0]["without"]["values"]["cpus"] for each in cases}
    assert code == 0 and least == {"4": 262144, "5": 134217728}


def test_results_agree_with_what_is_known(check: Check) -> None:
    """The verdicts of the first posting, for which each claim was looked at by hand."""
    code, results = found(check, "--posting", "v1")
    by_label = {each["code"]: each for each in results.values() if each["code"]}
    assert set(by_label) == {f"F{n}" for n in range(1, 27)} | {"memory"}
    refuted = {name for name, each in results.items() if each["verdict"] == "refuted"}
    assert code == 1 and refuted == {
        "accepted-size-is-not-empty",
        "accepted-size-can-fit",
        "flip-splits-no-pmd",
        "flip-flushes-everything",
    }
    assert all(each["verdict"] == "proved" for name, each in results.items() if name not in refuted)
    assert all(case["proved_with_checks"] for name in refuted for case in results[name]["cases"])

    def without(label: str, parameter: str) -> set[int]:
        return {
            each["without"]["values"][parameter]
            for case in by_label[label]["cases"]
            for each in case["assumptions"]
            if each["needed"]
        }

    assert without("F3", "cpu") == {-1} and without("F7", "cpus") == {8704}
    assert without("F10", "size") == {0} and without("F24", "order") == {19}
    assert without("memory", "cpus") == {8193}


def test_the_early_form_of_the_test_wraps_around(check: Check) -> None:
    for label in ("F13", "F14", "F18"):
        code, results = found(check, label, "--levels", "4", "--posting", "dev")
        ((case,),) = (each["cases"] for each in results.values())
        assert code == 1 and case["refutation"]["hexadecimal"]["next_addr"] == "0xffff880000400000"
        assert found(check, label, "--posting", "v2")[0] == 0


@pytest.mark.slow
def test_text_is_narrow_and_names_the_values_and_the_line_of_c(check: Check) -> None:
    code, out, err = check("bounds")
    assert code == 1 and not err
    assert max(map(len, out.splitlines())) <= 75
    assert "first at cpus=262144 (0x40000)" in out and "0xffff888000200000 > 0xffff888000000000" in out
    assert "if (WARN_ON_ONCE(!size)) return NULL;" in out
    assert "static_assert(LDT_REMAP_SIZE + NR_CPUS * MERMAP_CPU_REGION_SIZE <=" in out
    assert out.splitlines()[-1].startswith(f"{len(obligations())} obligations: ")


def test_a_drawing_of_the_address_space(check: Check, tmp_path: Path) -> None:
    picture = tmp_path / "picture.svg"
    code, out, _ = check("bounds", "cpu-region-inside-mm-local", "--levels", "4", "--svg", str(picture))
    assert code == 0 and f"1 drawing in {picture}" in out
    drawn = [line.split() for line in out.splitlines() if line.startswith("    0x")]
    assert ["0xffff888000000000", "+", "+", "+", "mm-local", "ends"] in drawn
    assert out.index("<-- mm_local_end(levels)") < out.index("<-- mermap_cpu_end(cpu, levels)")
    root = xml.parse(picture).getroot()
    texts = {each.text for each in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {"0xffff888000200000", "<-- mermap_cpu_end(cpu, levels)"} <= texts
    for each in root.iter("{http://www.w3.org/2000/svg}text"):  # none is cut off at the edge
        assert float(each.get("x") or 0) + 7.9 * len(each.text or "") <= float(root.get("width") or 0)


def test_an_obligation_of_ones_own(check: Check, own: str) -> None:
    code, out, _ = check("bounds", "my-own-claim", "--load", own)
    assert code == 1 and "refuted, proved with a check" in out
    assert "size=0x1001" in out and "BUILD_BUG_ON(SIZE > PAGE_SIZE);" in out and "table ends" in out
    code, results = found(check, "--load", own, "my_own_claim", "--shift", "21")
    assert [each["case"] for each in results["my-own-claim"]["cases"]] == [{"shift": "21"}]


def test_what_is_left_open_is_said(check: Check, tmp_path: Path) -> None:
    file = tmp_path / "hard_one.py"
    file.write_text(
        OWN.partition("def places")[0]
        + "@obligation\ndef is_prime(x: Ulong, y: Ulong) -> bool:\n"
        + "    given(x > 1, y > 1, x < ulong(1) << 32, y < ulong(1) << 32)\n"
        + "    return x * y != ulong(2305843009213693951)\n"
    )
    code, out, _ = check("bounds", "is-prime", "--load", str(file), "--time", "1s")
    assert code == 3 and "is-prime: unknown" in out and "z3 gave up" in out and "1 unknown" in out


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["F99"], "there is no obligation `F99`"),
        (["cpu-region-inside-mm-locl"], "did you mean `cpu-region-inside-mm-local`?"),
        (["--levels", "6"], "there is no value of --levels `6`"),
        (["--svg", "/nowhere/x.svg", "F2"], "there is no directory /nowhere"),
        (["--time", "soon"], "soon"),
    ],
)
def test_wrong_requests(check: Check, words: list[str], text: str) -> None:
    code, _, err = check("bounds", *words)
    assert code == 2 and text in err and "Traceback" not in err


def test_a_mistake_in_an_obligation_has_a_place(check: Check, tmp_path: Path) -> None:
    file = tmp_path / "mixed_up.py"
    file.write_text(
        OWN.partition("def places")[0]
        + "@obligation\ndef mixed(x: Ulong, y: Int) -> bool:\n    return x < y\n"
    )
    code, _, err = check("bounds", "mixed", "--load", str(file))
    assert code == 2 and f"{file}:" in err and "Unsigned(64) < Signed(32)" in err
