"""`check findings` and `check questions`: what happens, what repairs it, and how it is brought about."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from checker.findings import searched, writing
from checker.findings.docstrings import clause_of, docstrings_of, labelled
from checker.language import model_of
from checker.loading import load_file
from tests.commands.conftest import MODELS, Check

PAGE = """\
# alone in v2: violated

**Claim.** Only one task is inside at a time.

**Source.** Words of the porter, 1 May.

Severity: corruption. Kind: invariant.

## task0 and task1 are both inside

**Scenario** `worn-key`: two tasks, and a key that may slip. 6 steps.

```
     TASK0                           TASK1
     -----                           -----
  1  enter()
  2  turn(): SLIPS
  3  inside[0] = True
  4                                  enter()
  5                                  turn(): OPENS
  6                                  inside[1] = True
```

### Why

The violation rests on step 3: undone, step 6 would do no harm.

```
  3  door.py:73  task0 enter
     inside[0]: False -> True
```

The last step:

```
  6  door.py:73  task1 enter
     inside[1]: False -> True
```

### What repairs it

One change alone (every state of `worn-key` was then searched, and the
claim holds there):

* `checks_again=true` (proposed): whoever sees the key slip goes away

### Who can trigger it

* `enter`: anybody, by the bell.
* `worn=true`: whoever has used it for years.

### How to provoke it

* `worn=true`: file it down.
* `turn` has these results (steps 2: SLIPS (it slips), 5: OPENS (the
  lock turns)): pull while it is turned.
* task0 is held up in enter() (steps 4-6)
* To hold somebody up in a function: ask it to wait.

### To the list

```
Subject: v2: task0 and task1 are both inside

Hi,

in a model of v2 I can reach a state that I think you do not want: task0
and task1 are both inside.

What I would expect: Only one task is inside at a time.
Where I take that from: Words of the porter, 1 May.

The setting: two tasks, and a key that may slip.
The shortest way there that I know:

- task0 calls enter() (hall/door.c, enter()); turn() has the result
  SLIPS (it slips) (steps 1-3).
- task1 calls enter(); turn() has the result OPENS (the lock turns)
  (steps 4-6).

Who can get there:

- enter: anybody, by the bell.
- worn=true: whoever has used it for years.

In the model, one change prevents it: whoever sees the key slip goes
away.

The model may be wrong where the code is right. Could you tell me
whether something that it leaves out prevents this?
```

To see every field that changes:

```
check --property alone --load door.py --design v2 --engine python --scenario worn-key
```

<!-- check findings -->
"""
TABLE = """\
## Does a key do?

The porter's, 2 May.

* **none**: `locks=false`
* **a key**: no switch differs
* **a careful one**: `checks_again=true`

Scenarios: `worn-key`, `good-key`. Everything else is as in v2.

| property | none | a key | a careful one |
| --- | --- | --- | --- |
| alone | **violated 4**<br>worn-key | **violated 6**<br>worn-key | holds |

* `alone`: Only one task is inside at a time.
"""


@pytest.fixture(scope="module")
def made() -> dict[str, Path]:
    """The pages, and the results they were made of, once a test has made them."""
    return {}


@pytest.fixture
def pages(check: Check, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, made: dict[str, Path]) -> Path:
    """A copy for each test, which may change it."""
    monkeypatch.chdir(MODELS)
    if not made:
        words = ("--load", "door.py", "--engine", "python", "--output", str(tmp_path / "made" / "pages"))
        said = check("findings", *words)
        assert (said.code, said.out) == (1, f"4 pages in {tmp_path / 'made' / 'pages'}\n")
        shutil.copytree(tmp_path / "cells", tmp_path / "made" / "cells")
        made.update({name: tmp_path / "made" / name for name in ("pages", "cells")})
    for name, folder in made.items():
        shutil.copytree(folder, tmp_path / name, dirs_exist_ok=True)
    return tmp_path / "pages"


def text_of(pages: Path, name: str) -> str:
    return " ".join((pages / name).read_text().split())


def test_a_page_is_the_same_each_time(check: Check, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(MODELS)
    words = ("findings", "--load", "door.py", "--design", "v2", "--property", "alone")
    for again in ("first", "second"):
        check(*words, "--engine", "python", "--output", str(tmp_path / again))
        page = (tmp_path / again / "alone-v2.md").read_text()
        assert page == PAGE
        assert max(len(line) for line in page.splitlines() if not line.startswith("check ")) <= 72


@pytest.mark.slow
def test_the_native_engine_finds_the_same(
    check: Check, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(MODELS)
    assert check("findings", "--load", "door.py", "--design", "v2", "--output", str(tmp_path)).code == 1
    text = (tmp_path / "alone-v2.md").read_text()
    assert [line for line in text.splitlines() if line.startswith("#")] == [
        line for line in PAGE.splitlines() if line.startswith("#")
    ]
    assert "* `checks_again=true` (proposed): whoever sees the key slip goes away" in text


def test_posted_designs_have_pages_and_no_others(pages: Path) -> None:
    names = ["README.md", "alone-v1.md", "alone-v2.md", "unseen-v1.md", "unseen-v2.md"]
    assert sorted(path.name for path in pages.iterdir()) == names


def test_the_index_begins_with_the_worst(pages: Path) -> None:
    index = (pages / "README.md").read_text()
    rows = [line for line in index.splitlines() if line.startswith("| [")]
    assert rows[0] == "| [alone](alone-v1.md) | v1 | violated 4 | task0 and task1 are both inside |"
    assert [row.split("]")[0] for row in rows] == ["| [alone", "| [alone", "| [unseen", "| [unseen"]
    assert index.index("## corruption") < index.index("## leak")


def test_traces_are_told_apart_by_what_repairs_them(pages: Path) -> None:
    """With a worn key a lock does not help; in the scenario with a good one it does."""
    text = text_of(pages, "alone-v1.md")
    assert "2 traces follow" in text
    first, second = text.split("## 2. task0 and task1")
    assert "No single change; these together" in first
    assert "* `locks=true` (v2, proposed): the door has a key * `checks_again=true` (proposed): who" in first
    assert "One change alone" in second and "checks_again" not in second


def test_what_is_conditional_is_a_question_and_no_defect(pages: Path) -> None:
    text = text_of(pages, "unseen-v1.md")
    assert text.startswith("# unseen in v1: conditional, not shown to be a defect")
    assert "this is a question and no report" in text and "that I think you do not want" not in text
    assert "* `good-key`, 3 steps, as trace 1:" in text
    assert "No change that was tried" in text


def test_pages_of_before_go_and_files_of_others_stay(check: Check, pages: Path) -> None:
    (pages / "notes.md").write_text("mine\n")
    (pages / "gone-v1.md").write_text((pages / "alone-v1.md").read_text())
    words = ("--load", "door.py", "--engine", "python", "--output", str(pages))
    check("findings", "--property", "alone", "--design", "v2", *words)
    assert sorted(path.name for path in pages.iterdir()) == ["README.md", "alone-v2.md", "notes.md"]


def test_what_has_not_changed_is_not_examined_again(
    check: Check, monkeypatch: pytest.MonkeyPatch, pages: Path
) -> None:
    before = {path.name: path.read_bytes() for path in pages.iterdir()}
    monkeypatch.setattr(writing, "examine", None)
    check("findings", "--load", "door.py", "--engine", "python", "--output", str(pages))
    assert {path.name: path.read_bytes() for path in pages.iterdir()} == before


def test_what_was_searched_for_one_page_is_not_searched_for_another(
    check: Check, monkeypatch: pytest.MonkeyPatch, pages: Path
) -> None:
    """With other words the pages are others, but not the searches."""
    monkeypatch.setattr(searched, "_searched", None)
    words = ("--load", "door.py", "--engine", "python", "--scenario", "worn-key", "--scenario", "good-key")
    assert check("findings", *words, "--output", str(pages / "again")).code == 1
    for path in pages.glob("*-v?.md"):
        lines = path.read_text().splitlines()
        assert (pages / "again" / path.name).read_text().splitlines()[:20] == lines[:20]


def test_a_design_that_holds_has_no_pages(check: Check, tmp_path: Path) -> None:
    words = ("--load", "{models}/door.py", "--engine", "python", "--output", str(tmp_path / "none"))
    said = check("findings", "--design", "proposed", "--property", "alone", *words)
    assert (said.code, said.out.split()[0]) == (0, "0")


MET = """
from checker.language import Index, Range, Steps, operation, state

class Task(Index, size=1): ...

@state
class Kernel:
    count: Range(0, 2)

@operation(Task)
def work(k: Kernel, me: Task) -> Steps:
    k.count = 1
    yield
    assert k.count == 0, "counted"
"""

STAYS = """
@operation(Task)
def stay(k: Kernel, me: Task) -> Steps:
    while True:
        yield
"""


def test_an_assert_and_a_deadlock_in_a_model_without_designs(check: Check, tmp_path: Path) -> None:
    (tmp_path / "met.py").write_text(MET + STAYS)
    words = ("--load", str(tmp_path / "met.py"), "--engine", "python", "--output", str(tmp_path / "out"))
    assert check("findings", *words).code == 1
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert len(names) == 3 and names[0] == "README.md" and names[2] == "deadlock.md"
    assert "can never be idle again" in text_of(tmp_path / "out", "deadlock.md")
    text = text_of(tmp_path / "out", names[1])
    assert names[1].startswith("assert-") and "**Claim.** counted" in text
    assert "There is no later design whose changes could be tried." in text


def test_a_switch_that_is_turned_off_is_not_said_to_be_so() -> None:
    model = load_file(str(MODELS / "unmapping.py"))
    said = docstrings_of(model_of(model.Kernel))
    assert said.change("flush_first", True, ["repaired"]) == "flush every TLB before the page is freed"
    off = said.change("flush_first", False, ["broken"])
    assert off == "this is not so: flush every TLB before the page is freed"


def test_docstrings() -> None:
    assert labelled("What.\n\n    Trigger: any\n    body.\n\n    Provoke: so.", "Trigger:") == "any body."
    text = "v4: it flushes, twice; v1, v2 19/22: it does not; nor does it wait"
    assert clause_of(text, "v4") == "it flushes, twice"
    assert clause_of(text, "v2") == "it does not; nor does it wait"
    assert clause_of(text, "v3") == ""


def test_questions_are_answered_by_searches(
    check: Check, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(MODELS)
    words = ("questions", "--load", "door.py", "--output", str(tmp_path / "q.md"))
    assert check(*words).code == 1
    text = (tmp_path / "q.md").read_text()
    assert text.endswith(TABLE)
    check(*words, "--engine", "python")
    assert (tmp_path / "q.md").read_text() == text


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            'properties=["alone"]',
            'properties=["alome"]',
            "there is no property `alome` (did you mean `alone`?)",
        ),
        (
            '["worn-key", "good-key"]',
            '["worm-key"]',
            "there is no scenario `worm-key` (did you mean `worn-key`?)",
        ),
        ('{"checks_again": True}}', '{"check_again": True}}', "check_again"),
        ('properties=["alone"]', "properties=[]", "it has no properties"),
    ],
)
def test_a_wrong_question(check: Check, tmp_path: Path, old: str, new: str, said: str) -> None:
    model = tmp_path / "door.py"
    first, question = (MODELS / "door.py").read_text().split("Question(\n")
    assert old in question
    model.write_text(first + "Question(\n" + question.replace(old, new))
    answer = check("questions", "--load", str(model), "--output", str(tmp_path / "q.md"))
    assert answer.code == 2 and said in answer.err and "Traceback" not in answer.err


def test_a_model_without_questions(check: Check, tmp_path: Path) -> None:
    said = check("questions", "--load", "{models}/series.py", "--output", str(tmp_path / "q.md"))
    assert said.code == 2 and "asks no question" in said.err
