"""A function of the model is replaced by one of a loaded file, everywhere but in that file."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from checker.cli import run
from checker.language import replacing

SHOP = '''
from checker.language import Index, Range, Steps, invariant, operation, state, suboperation
from shop_parts import add, pay

class Task(Index, size=2): ...

@state
class Shop:
    paid: Range(0, 8)

@suboperation(depth=2)
def buy(k: Shop, coins: int) -> Steps:
    yield
    pay(k, coins)
    if coins > 1:
        yield from buy(k, coins - 1)

@operation(Task)
def visit(k: Shop, me: Task) -> Steps:
    yield from buy(k, 1)
    yield

@invariant
def cheap(k: Shop) -> bool:
    """Nobody pays more than three coins in all."""
    return k.paid < 4
'''
PARTS = """
def add(a: int, b: int) -> int:
    return min(a + b, 8)

def pay(k, coins: int) -> None:
    k.paid = add(k.paid, coins) if k.paid < 2 else k.paid
"""


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(replacing, "made", [])
    (tmp_path / "shop.py").write_text(SHOP)
    (tmp_path / "shop_parts.py").write_text(PARTS)
    yield tmp_path
    for name in ("shop", "shop_parts", "patch_of_shop"):
        sys.modules.pop(name, None)


def patched(shop: Path, text: str, *words: str) -> int:
    (shop / "patch_of_shop.py").write_text(text)
    files = ["--load", str(shop / "shop.py"), "--load", str(shop / "patch_of_shop.py")]
    return run([*files, "--property", "cheap", *words])


@pytest.mark.parametrize("engine", ["native", "python"])
def test_a_helper_in_a_module_of_its_own(shop: Path, engine: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = (
        "from checker.language import replaces\nfrom shop import Shop\nfrom shop_parts import pay\n\n"
        "@replaces(pay)\ndef pay_twice(k: Shop, coins: int) -> None:\n"
        "    pay(k, coins)\n    pay(k, coins)\n    k.paid = min(k.paid + 1, 8)\n"
    )
    assert patched(shop, text, "--engine", engine, "--json") == 1
    said = json.loads(capsys.readouterr().out)
    assert [each["name"] for each in said["replaced"]] == ["pay"]
    assert said["replaced"][0]["by"] == "pay_twice" and said["replaced"][0]["place"].endswith("shop.py:6")
    assert len(said["verdicts"][0]["trace"]["steps"]) == 4


def test_without_it_the_claim_holds(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--load", str(shop / "shop.py"), "--property", "cheap"]) == 0
    assert "in place of" not in capsys.readouterr().out


@pytest.mark.parametrize("engine", ["native", "python"])
def test_a_suboperation(shop: Path, engine: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = (
        "from checker.language import Steps, replaces\nfrom shop import Shop, buy\n\n"
        "@replaces(buy)\ndef buy_more(k: Shop, coins: int) -> Steps:\n"
        "    yield from buy(k, coins)\n    yield\n    k.paid = min(k.paid + coins, 8)\n"
    )
    assert patched(shop, text, "--engine", engine) == 1
    assert "in place of buy there is buy_more" in " ".join(capsys.readouterr().out.split())


def test_what_cannot_be_replaced(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    head = "from checker.language import Steps, replaces\nfrom shop import Shop, Task, visit, cheap\n"
    head += "from shop_parts import pay\nimport os.path\n\n"
    wrong = {
        "@replaces(visit)\ndef f(k: Shop, me: Task) -> Steps:\n    yield\n": "visit is an operation",
        "@replaces(cheap)\ndef f(k: Shop) -> bool:\n    return True\n": "cheap is declared with @property",
        "@replaces(min)\ndef f(a: int) -> int:\n    return a\n": "@replaces takes a function of the model",
        "@replaces(os.path.join)\ndef f(a: int) -> int:\n    return a\n": "takes a function of the model",
        "@replaces(3)\ndef f(a: int) -> int:\n    return a\n": "takes a function of the model, not 3",
        "@replaces(pay)\ndef f(k: Shop, coins: int) -> Steps:\n    yield\n": "f has a `yield` and pay",
        "@replaces(pay)\ndef f(k: Shop) -> None:\n    pass\n": "f(k) cannot be called as pay(k, coins) is",
        "def g() -> None:\n    pass\n\n@replaces(g)\ndef f() -> None:\n    pass\n": "defined in this file",
    }
    for text, message in wrong.items():
        assert patched(shop, head + text) == 2
        said = capsys.readouterr().err
        assert message in said and "patch_of_shop.py:" in said and "Traceback" not in said
        sys.modules.pop("patch_of_shop", None)


def test_a_patch_of_the_installed_model(tmp_path: Path) -> None:
    """A flip that is not flushed; the properties that are installed beside the model are asked."""
    (tmp_path / "patch.py").write_text(
        "from checker.language import Steps, replaces\nfrom model.flip import flush_unmapped_blocks\n"
        "from model.kernel import Kernel, Page, Task, Zone\n\n@replaces(flush_unmapped_blocks)\n"
        "def no_flush(k: Kernel, me: Task, zone: Zone, head: Page, order: int) -> Steps:\n    yield\n"
    )
    words = ["--property", "no-stale-tlb", "--design", "proposed", "--scenario", "flip", "--json"]
    program = f"from checker.cli import main; main({['--load', str(tmp_path / 'patch.py'), *words]!r})"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert found.returncode == 1, found.stderr
    said = json.loads(found.stdout)
    assert said["verdicts"][0]["answer"] == "violated"
    assert [each["by"] for each in said["replaced"]] == ["no_flush"]
