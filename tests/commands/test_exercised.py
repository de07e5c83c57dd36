"""Both engines say of the same properties that they were exercised."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.commands.conftest import Check

MODEL = """
from checker.language import Index, Range, action, bounds, invariant, state

@bounds
class B:
    pages: int = 2
    most: int = 1

class Page(Index, size="pages"): ...

LOW = 1

@state(bounds=B)
class Kernel:
    n: Range(0, 2)

@action
def step(k: Kernel):
    if k.n < 2:
        k.n += 1
"""

BODIES = {  # of a predicate of k -> whether it is exercised
    "return k.n <= 2": True,
    "return LOW <= 2": False,
    "return B.most <= 2": False,
    "return B.most <= 2 or k.n > 7": False,
    "return B.most <= 2 and k.n < 7": True,
    "return k.n <= 2 if B.most == 1 else k.n <= 1": True,
    "return k.n <= 2 if k.n < 2 else k.n == 2": True,
    "return k.n <= 2 if k.n < 7 else (k.n == 2 and B.most == 1)": True,
    "return not (k.n > 2 if k.n < 7 else k.n == 2)": True,
    "return all(p != q for p in Page for q in Page if p != q)": False,
    "return all(k.n < 3 for p in Page if p != Page(0))": True,
    "return all(k.n < 3 for p in Page if p == Page(0) and p == Page(1))": False,
    "most = B.most; return most < 3": False,
    "least = k.n; return least < 3": True,
    "return all(n < 3 for n in (1, 2))": False,
    "return all(n < 3 and k.n < 4 for n in (1, 2))": True,
    "return len(Page) == 2": False,
}

STATEMENTS = {  # the same, line by line
    ("if k.n > 2:", "    return False", "return True"): True,
    ("if k.n < 3:", "    return True", "return False"): True,
    ("if k.n < 3:", "    return True", "else:", "    return False"): True,
    ("for p in Page:", "    if k.n > 2:", "        return False", "return True"): True,
    ("if k.n == 9:", "    if k.n > 2:", "        return False", "return True"): False,
    ("if k.n == 9:", "    return k.n < 3", "return True"): False,
    ("if B.most > 2:", "    return False", "return True"): False,
    ("for p in Page:", "    if k.n == 9:", "        continue", "    return k.n < 3", "return True"): True,
    ("match k.n:", "    case 0 | 1:", "        return k.n < 3", "    case _:", "        return True"): True,
    ("match k.n:", "    case 7:", "        return k.n < 3", "    case _:", "        return True"): False,
    ("match k.n:", "    case 7:", "        return False", "    case _:", "        return True"): True,
    ("match k.n:", "    case 7 | 8:", "        return False", "return True"): True,
    ("match k.n:", "    case 0 | 1 | 2:", "        return True", "return False"): True,
    ("match k.n, k.n:", "    case (0, 1):", "        return False", "return True"): True,
    ("match B.most:", "    case 7:", "        return False", "return True"): False,
}


@pytest.mark.parametrize("engine", ["python", "native"])
def test_which_are_exercised(engine: str, check: Check, tmp_path: Path) -> None:
    cases = BODIES | {"\n    ".join(lines): yes for lines, yes in STATEMENTS.items()}
    predicates = [f"@invariant\ndef p{n}(k: Kernel):\n    {body}\n" for n, body in enumerate(cases)]
    file = tmp_path / "mine.py"
    file.write_text(MODEL + "\n".join(predicates))
    said = check("--load", str(file), "--all", "--engine", engine, "--json")
    assert said.code in (0, 3), said.err
    found = {each["property"]: each["answer"] for each in json.loads(said.out)["verdicts"]}
    told = {body: found[f"p{n}"] for n, body in enumerate(cases)}
    assert told == {body: "holds" if yes else "not exercised" for body, yes in cases.items()}
