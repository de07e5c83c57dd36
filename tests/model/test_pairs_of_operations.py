"""`check pairs` on the Linux model: an operation of a user's that is wrong only beside others is found."""

import json
from pathlib import Path

import pytest

from checker.cli import run as run_command
from checker.engines.compilers import find_compiler

PEEK = """
from checker.language import Steps, operation, when
from model.callers import is_used_by
from model.kernel import Hand, Kernel, Page, Task

@operation(Task)
def peek(k: Kernel, me: Task, page: Page) -> Steps:
    when(is_used_by(k, page, k.task[me].mm))
    yield
    k.page[page].assign(hand=Hand.CALLER, holder=me)
    yield
    k.page[page].hand = Hand.CACHE
"""


@pytest.mark.long
@pytest.mark.skipif(find_compiler() is None, reason="no C compiler")
def test_a_users_operation_is_put_beside_every_other(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "peek.py"
    file.write_text(PEEK)
    words = ["pairs", "--load", str(file), "peek", "evict", "--json", "--max-states", "100000"]
    assert run_command(words) == 1
    (pair,) = json.loads(capsys.readouterr().out)["pairs"]
    assert pair["operations"] == ["peek", "evict"] and pair["worlds"][""] == "in-use"
    custody = [each for each in pair["violations"] if each["property"].startswith("custody")]
    assert custody and all(each["alone"] is None for each in custody)
    assert all(len(each["trace"]["steps"]) == each["steps"] for each in custody)


@pytest.mark.long
@pytest.mark.skipif(find_compiler() is None, reason="no C compiler")
@pytest.mark.parametrize("retries", [True, False])
def test_a_guests_fault_beside_a_hole(capsys: pytest.CaptureFixture[str], retries: bool) -> None:
    words = ["pairs", "kvm_gmem_punch_hole", "kvm_mmu_faultin_pfn_gmem", "--design", "gmem-x3", "--json"]
    run_command([*words, "--set", f"gmem_retries={str(retries).lower()}"])
    (pair,) = json.loads(capsys.readouterr().out)["pairs"]
    assert pair["worlds"]["files"] == "files"
    found = {each["property"].partition(":")[0] for each in pair["violations"] if each["alone"] is None}
    assert ("only-owners-reach-pages" in found) == (not retries)


@pytest.mark.long
@pytest.mark.skipif(find_compiler() is None, reason="no C compiler")
@pytest.mark.parametrize(
    ("pair", "family"),
    [
        (("populate", "mermap_mm_prepare"), "address spaces"),
        (("populate", "fork"), "address spaces"),
        (("populate", "exec_mmap"), "address spaces"),
        (("free_kernel_page", "secretmem_fault"), "files"),
        (("free_kernel_page", "vfree"), "aliases"),
    ],
)
def test_proposed_holds_where_the_callers_keep_the_rules(
    capsys: pytest.CaptureFixture[str], pair: tuple[str, str], family: str
) -> None:
    """Nobody uses a mermap before it is prepared, and each of the two has something to work on."""
    assert run_command(["pairs", *pair, "--design", "proposed", "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)["pairs"]
    assert family in found["worlds"]
