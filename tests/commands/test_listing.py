"""`check list`, `check show` and `--help`."""

from __future__ import annotations

from tests.commands.conftest import MODELS, Check

UNMAPPING = ["--load", str(MODELS / "unmapping.py")]


def test_list_and_show(check: Check) -> None:
    listed = check("list", *UNMAPPING)
    assert listed.code == 0
    for name in (
        "no-stale-tlb",
        "repaired",
        "flush_first=false",
        "free-only",
        "--cpus 2",
        "fill_tlb (Cpu)",
        "deadlock",
    ):
        assert name in listed.out
    assert "return not any(" in check("show", "no-stale-tlb", *UNMAPPING).out
    assert "flush_first=true" in check("show", "repaired", *UNMAPPING).out
    assert "runs: Cpu: free_page" in check("show", "free-only", *UNMAPPING).out
    assert "values: posted, obedient" in check("show", "callers", *UNMAPPING).out
    assert "@operation(Cpu)" in check("show", "free_page", *UNMAPPING).out


def test_help_needs_no_model(check: Check) -> None:
    said = check("--help", "--load", "nowhere.py")
    assert said.code == 0 and "--property" in said.out


def test_show_names_the_functions_that_an_operation_calls(check: Check) -> None:
    said = check("show", "__rmqueue_direct_map")
    assert said.code == 0
    assert said.out.startswith("sub-operation __rmqueue_direct_map\nmodel/flip.py:")
    assert "mm/page_alloc.c" in said.out


def test_a_design_is_shown_with_what_is_said_of_it_as_a_whole(check: Check) -> None:
    """And not with the list of its changes, which its switches say."""
    lines = check("show", "proposed").out.splitlines()
    assert lines[1].startswith("  Two claims no small change repairs, so that `proposed` violates them too.")
    assert not any("`scrub`: the owner zeroes" in line for line in lines)
    assert (
        check("show", "ephmap").out.splitlines()[1].startswith("  `dev` and `ephmap` are v1 with the mermap")
    )
