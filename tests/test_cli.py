"""The command as a user types it: answers, exit codes, and what it says of a wrong request."""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from checker.cli import run as run_command
from checker.engines.build import find_compiler
from checker.language.obligations import forget, obligations

MODELS = Path(__file__).parent / "models_for_tests"
UNMAPPING = ["--load", str(MODELS / "unmapping.py")]
LARGE = ["--load", str(MODELS / "counters.py")]
COMMAND = [sys.executable, "-c", "from checker.cli import main; main()"]
ENGINES = [
    "python",
    pytest.param("native", marks=pytest.mark.skipif(find_compiler() is None, reason="no C compiler")),
]


@dataclass
class Said:
    code: int
    out: str
    err: str


Check = Callable[..., Said]


@pytest.fixture
def check(capsys: pytest.CaptureFixture[str]) -> Check:
    """`check` with these words, in this process."""

    def typed(*words: str) -> Said:
        forget_models()
        capsys.readouterr()
        code = run_command(list(words))
        return Said(code, *capsys.readouterr())

    return typed


def forget_models() -> None:
    """As in a new process: a file that is loaded again declares everything anew."""
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None) or ""
        if file.startswith(str(MODELS)) or "pytest-of-" in file:
            del sys.modules[name]
    forget({name: each for name, each in obligations().items() if "pytest-of-" not in each.file})


def as_process(words: Sequence[str], **more: object) -> subprocess.Popen[str]:
    """The same in a process of its own."""
    environment = {**os.environ, **more}  # type: ignore[dict-item]
    return subprocess.Popen(
        [*COMMAND, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )


def said_by(process: subprocess.Popen[str]) -> Said:
    out, err = process.communicate(timeout=120)
    return Said(process.returncode, out, err)


# ---- answers --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ENGINES)
def test_a_violation_is_shown_as_lockdep_would(check: Check, engine: str) -> None:
    said = check("--property", "no-stale-tlb", "--engine", engine, *UNMAPPING)
    assert said.code == 1
    lines = said.out.splitlines()
    assert lines[0] == "=" * 58
    assert lines[1] == "WARNING: possible corruption  [no-stale-tlb, broken]"
    assert re.fullmatch(r"page0 was freed while cpu[01] can still translate it", lines[3])
    assert any("free_page(page0)" in line for line in lines)
    assert any("<fill_tlb(page0)>" in line for line in lines)
    assert "       page[0].free: False -> True" in lines
    assert any(line.startswith("no-stale-tlb: violated (in free-only, 3 steps") for line in lines)
    assert all(
        len(line) <= 75 and line.isascii()
        for line in lines
        if "load" not in line and "models_for" not in line
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_what_holds_says_what_it_rests_on(check: Check, engine: str) -> None:
    said = check("--property", "no-stale-tlb", "--design", "repaired", "--engine", engine, *UNMAPPING)
    assert said.code == 0, said.out
    text = " ".join(said.out.split())
    assert "no-stale-tlb: holds" in text
    for part in (
        "states",
        "transitions",
        "depth",
        "bytes/state",
        "bounds cpus=2, pages=1",
        "flush_first=true",
    ):
        assert part in text
    assert "mapping a page is one step" in text
    assert "weak memory is not modelled" in text
    assert "never fired" in text


@pytest.mark.parametrize("engine", ENGINES)
def test_all_properties_and_what_was_never_exercised(check: Check, engine: str) -> None:
    said = check(
        "--all", "--scenario", "free-and-take", "--design", "repaired", "--engine", engine, *UNMAPPING
    )
    assert said.code == 3
    assert "never-asked: not exercised" in said.out
    for name in ("all-is-well", "freed-when-unmapped", "a-page-is-free", "deadlock", "no-stale-tlb"):
        assert f"{name}: holds" in said.out


def test_the_command_that_is_shown_shows_it_again(check: Check) -> None:
    words = ["--property", "no-stale-tlb", "--set", "callers=obedient", "--cpus", "3", *UNMAPPING]
    first = check(*words)
    again = " ".join(first.out.split("again:\n")[1].split("\n\n")[0].replace("\\\n", " ").split())
    assert "--set callers=obedient" in again and "--cpus 3" in again and "--scenario free-only" in again
    second = check(*again.split()[1:])
    assert (second.code, second.out.split("again:")[0]) == (first.code, first.out.split("again:")[0])


@pytest.mark.parametrize("engine", ENGINES)
def test_can_and_never(check: Check, engine: str) -> None:
    free = "k.page[Page[0]].free"
    yes = check("can", free, "--engine", engine, *UNMAPPING)
    assert yes.code == 0 and "can: yes" in yes.out and "REACHABLE" in yes.out
    no = check("can", f"{free} and k.page[Page[0]].mapped", "--engine", engine, *UNMAPPING)
    assert no.code == 1 and "in no reachable state" in no.out
    never = check("never", f"any({free} and k.page[p].mapped for p in Page)", "--engine", engine, *UNMAPPING)
    assert never.code == 0 and "never: holds" in never.out
    inside = check("can", "running(Cpu(0)) and not running(Cpu(1))", "--engine", engine, *UNMAPPING)
    assert inside.code == 0, "`running` may be asked of, whether the file imports it or not"
    once = check("never", free, "--engine", engine, *UNMAPPING)
    assert once.code == 1 and "never: violated" in once.out


def test_options_before_a_question_count_too(check: Check) -> None:
    said = check(*UNMAPPING, "--cpus", "1", "can", "k.page[Page[0]].free")
    assert said.code == 0 and "cpus=1" in said.out


def test_json_is_one_object(check: Check) -> None:
    said = check("--property", "no-stale-tlb", "--property", "all-is-well", "--json", *UNMAPPING)
    found = json.loads(said.out)
    assert said.code == found["exit_code"] == 1
    stale, well = found["verdicts"]
    assert (stale["answer"], well["answer"]) == ("violated", "holds")
    assert [step["operation"] for step in stale["trace"]["steps"]].count("fill_tlb") == 1
    assert found["runs"][0]["states"] > 0 and found["assumed"]


def test_a_file_of_five_lines(check: Check, tmp_path: Path) -> None:
    mine = tmp_path / "mine.py"
    mine.write_text(
        "from checker.language import invariant\n"
        "from unmapping import Kernel, Page, Cpu\n"
        "@invariant\n"
        "def mine(k: Kernel) -> bool:\n"
        "    return not any(k.page[p].free for p in Page)\n"
    )
    said = check("--property", "mine", *UNMAPPING, "--load", str(mine))
    assert said.code == 1 and "mine: violated" in said.out and "p = page0" in said.out


@pytest.mark.parametrize("engine", ENGINES)
def test_an_assert_that_fails_is_reported_whatever_was_asked(
    check: Check, tmp_path: Path, engine: str
) -> None:
    said = check(
        "--property", "quiet", "--engine", engine, *model_file(tmp_path, 'assert k.count < 2, "too many"')
    )
    assert said.code == 1
    assert "  check --property quiet" in said.out
    assert "too many" in said.out and re.search(
        r"assert:.*model\.py:17: violated", " ".join(said.out.split())
    ), said.out


CUT_SHORT = """
from checker.language import *

class Cpu(Index, size=1): ...

@state
class K:
    n: Range(0, 3)

@operation(Cpu)
def op(k: K, me: Cpu) -> Steps:
    k.n = 1
    yield
    k.n = 2
    assert k.n == 3
    yield
    k.n = 3
    yield
    k.n = 0

@reachable
def one(k: K) -> bool:
    return k.n == 1

@reachable
def three(k: K) -> bool:
    return k.n == 3

@always_possible
def zero(k: K) -> bool:
    return k.n == 0
"""


@pytest.mark.parametrize("engine", ENGINES)
def test_beyond_a_failing_assert_nothing_is_said_to_be_unreachable(
    check: Check, tmp_path: Path, engine: str
) -> None:
    """What was reached before it was reached all the same; and the operation did not return."""
    (tmp_path / "cut.py").write_text(CUT_SHORT)
    said = check("--all", "--load", str(tmp_path / "cut.py"), "--engine", engine)
    text = " ".join(said.out.split())
    assert "one: holds (reached in default, 1 step)" in text
    for name in ("three", "zero", "deadlock"):
        assert re.search(rf"{name}: incomplete \(not known beyond assert:\S*cut.py:15\)", text)
    assert "op() returns" not in said.out


ONLY_ACTIONS = """
from checker.language import *

class Page(Index, size=2, symmetric=True): ...

@state
class K:
    n: Range(0, 5)
    tlb: Set[Page]
    stuck: bool

@action
def up(k: K) -> None:
    when(k.n < 5 and not (k.n == 2 and k.stuck))
    k.n += 1

@action
def stick(k: K) -> None:
    when(k.n == 1)
    k.stuck = choose(True, False)

@action
def fill(k: K, p: Page) -> None:
    GUARD
    k.tlb.add(p)

@always_possible
def top(k: K) -> bool:
    return k.n == 5

@always_possible
def low(k: K) -> bool:
    return k.n <= 5
"""


@pytest.mark.parametrize("words", [[], ["--no-reduction"], ["--engine", "python"]], ids=str)
@pytest.mark.parametrize(("guard", "answer"), [("pass", "holds"), ("when(k.n < 2)", "violated")])
def test_deadlock_beside_what_stays_possible_without_operations(
    check: Check, tmp_path: Path, words: list[str], guard: str, answer: str
) -> None:
    """That some step is possible is no question about one state, as the others are."""
    (tmp_path / "acts.py").write_text(ONLY_ACTIONS.replace("GUARD", guard))
    said = check("--all", "--load", str(tmp_path / "acts.py"), *words)
    assert f"deadlock: {answer} (" in said.out
    assert "top: violated (in default, 3 steps)" in said.out and "low: holds" in said.out


@pytest.mark.parametrize("engine", ENGINES)
def test_a_model_error_is_exit_2_with_its_trace(check: Check, tmp_path: Path, engine: str) -> None:
    said = check("--property", "quiet", "--engine", engine, *model_file(tmp_path, "k.count = k.count + 4"))
    assert said.code == 2
    assert "model error" in said.out and "model.py:17" in said.out


@pytest.mark.parametrize("engine", ENGINES)
def test_a_trace_over_an_assumed_step_is_conditional(check: Check, tmp_path: Path, engine: str) -> None:
    mine = tmp_path / "mine.py"
    mine.write_text(
        "from checker.language import step_invariant\n"
        "from unmapping import Kernel, Page\n"
        "@step_invariant\n"
        "def stays_free(before: Kernel, after: Kernel) -> bool:\n"
        "    return all(after.page[p].free or not before.page[p].free for p in Page)\n"
    )
    words = ["--property", "stays-free", "--engine", engine, *UNMAPPING, "--load", str(mine)]
    said = check(*words)
    assert said.code == 1
    assert "CONDITIONAL: the trace takes an assumed step: mapping a page is one step" in said.out
    assert "stays-free: conditionally violated" in said.out
    found = json.loads(check(*words, "--json").out)["verdicts"][0]
    assert found["conditional"] is True and found["kind"] == "step"


@pytest.mark.parametrize("engine", ENGINES)
def test_a_deadlock_says_who_is_stuck(check: Check, engine: str) -> None:
    said = check("--property", "deadlock", "--engine", engine, "--load", str(MODELS / "two_locks.py"))
    assert said.code == 1
    lines = said.out.splitlines()
    assert lines[1] == "WARNING: possible deadlock  [deadlock]"
    assert re.match(r"task[01] is inside (one|other)_way\(\) and can never be idle again", lines[3])
    assert not lines[4]  # it is said once
    assert "     TASK0                           TASK1" in lines
    assert lines.count("          waits: while k.holder[lock] is not None") == 2
    assert any("one_way()" in line for line in lines) and any("other_way()" in line for line in lines)


def test_a_finding_that_does_not_replay_is_our_own_bug(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    from checker.engines import python
    from checker.engines.replaying import Replay

    monkeypatch.setattr(python, "replay", lambda *_: Replay([], False, "step 2 is not enabled"))
    said = check("--property", "no-stale-tlb", *UNMAPPING)
    assert said.code == 2
    assert "INTERNAL ERROR" in said.err and "step 2 is not enabled" in said.err
    assert "WARNING" not in said.out and "violated" not in said.out


def test_a_pipe_that_is_closed_early_is_no_traceback() -> None:
    process = as_process(["list", *UNMAPPING])
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    assert "Traceback" not in process.stderr.read()
    process.wait()


MODEL = """
from typing import Annotated
from checker.language import Index, Range, action, invariant, state


class Cpu(Index, size=2):
    pass


@state
class Kernel:
    count: Annotated[int, Range(0, 3)]


@action(Cpu)
def count(k: Kernel, me: Cpu) -> None:
    {statement}
    k.count = (k.count + 1) % 4


@invariant
def quiet(k: Kernel) -> bool:
    return {predicate}
"""


def model_file(folder: Path, statement: str = "pass", predicate: str = "k.count < 9") -> list[str]:
    (folder / "model.py").write_text(MODEL.format(statement=statement, predicate=predicate))
    return ["--load", str(folder / "model.py")]


# ---- wrong requests -------------------------------------------------------------------------------------

WRONG = [
    (["--property", "no-stale-tlp"], "did you mean `no-stale-tlb`?"),
    (["--property", "no-stale-tlb", "--design", "brokn"], "did you mean `broken`?"),
    (["--property", "no-stale-tlb", "--scenario", "free-onyl"], "did you mean `free-only`?"),
    (["--property", "no-stale-tlb", "--set", "flush-fist=true"], "did you mean `flush-first`?"),
    (["--property", "no-stale-tlb", "--set", "callers=obdient"], "did you mean `obedient`?"),
    (["--property", "no-stale-tlb", "--set", "callers"], "NAME=VALUE"),
    (["--property", "no-stale-tlb", "--cpu", "3"], "--cpus"),
    (["--property", "no-stale-tlb", "--cpus", "many"], "--cpus"),
    (["--property", "no-stale-tlb", "--memory", "lots"], "50M"),
    (["--property", "no-stale-tlb", "--time", "soon"], "10s"),
    (["--property", "no-stale-tlb", "--engine", "turbo"], "native"),
    (["--propertey", "x"], "--property"),
    (["shwo", "x"], "did you mean `show`?"),
    (["no-stale-tlb"], "--property no-stale-tlb"),
    (["show", "no-stale"], "no-stale-tlb"),
    (["can", "k.pge[Page[0]].free"], "did you mean `page`?"),
    (["can", "Pge"], "EXPR:1:1: error: `Pge` is not a name of the model (did you mean `Page`?)"),
    (["can", "k.page[Page[0]].free =="], "EXPR:1:24: error: invalid syntax"),
    (["can"], "EXPR"),
    (["--design", "broken"], "--property NAME"),
]


@pytest.mark.parametrize(
    ("words", "part"), WRONG, ids=lambda each: " ".join(each) if isinstance(each, list) else ""
)
def test_a_wrong_request_says_what_was_probably_meant(check: Check, words: list[str], part: str) -> None:
    said = check(*words, *UNMAPPING)
    assert said.code == 2
    assert part in said.err and "error:" in said.err and not said.out
    assert "Traceback" not in said.err


def test_a_wrong_request_in_json(check: Check) -> None:
    said = check("--property", "no-stale-tlp", "--json", *UNMAPPING)
    found = json.loads(said.out)
    assert said.code == found["exit_code"] == 2 and "no-stale-tlp" in found["error"]["text"]


HEAD = "from checker.language import invariant\nfrom unmapping import Kernel, Page, Cpu\n\n\n@invariant\n"
BAD_FILES = {
    "syntax": (
        "def mine(k: Kernel -> bool:\n    return True\n",
        r"mine\.py:6:20: error: invalid syntax",
    ),
    "typo": (
        "def mine(k: Kernl) -> bool:\n    return True\n",
        r"mine\.py:6:13: error: .*Kernl.*did you mean `Kernel`",
    ),
    "field": (
        "def mine(k: Kernel) -> bool:\n    return not k.page[Page(0)].fre\n",
        r"(?s)mine\.py:7(:\d+)?: error: .*`fre`.*did you mean `free`",
    ),
    "no bool": (
        "def mine(k: Kernel) -> bool:\n    return k.page[Page(0)]\n",
        r"mine\.py:[67](:\d+)?: error: ",
    ),
    "nothing": (
        "def mine(k: Kernel) -> bool:\n    k.page[Page(0)].free\n",
        r"mine\.py:[567](:\d+)?: error: ",
    ),
    "raises": ("def mine(k: Kernel) -> bool:\n    return [True][7]\n", r"mine\.py:7(:\d+)?: error: "),
    "writes": (
        "def mine(k: Kernel) -> bool:\n    k.page[Page(0)].free = True\n    return True\n",
        r"mine\.py:[67](:\d+)?: error: ",
    ),
}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", BAD_FILES)
def test_a_wrong_file_is_refused_with_the_place(check: Check, tmp_path: Path, name: str, engine: str) -> None:
    body, expected = BAD_FILES[name]
    (tmp_path / "mine.py").write_text(HEAD + body)
    said = check("--property", "mine", "--engine", engine, *UNMAPPING, "--load", str(tmp_path / "mine.py"))
    assert said.code == 2
    assert re.search(expected, said.err), said.err
    assert "\n    " in said.err and "Traceback" not in said.err


@pytest.mark.skipif(find_compiler() is None, reason="no C compiler")
def test_what_the_compiler_refuses_still_runs_in_python(check: Check, tmp_path: Path) -> None:
    words = model_file(tmp_path, predicate='len("x" * (1 + sum(1 for c in sorted(list(Cpu))))) < 9')
    refused = check("--property", "quiet", *words)
    assert refused.code == 2
    assert re.search(r"model\.py:23:\d+: error: ", refused.err) and "^" in refused.err
    assert "--engine python" in refused.err
    assert check("--property", "quiet", "--engine", "python", *words).code in (0, 3)


def test_files_that_are_not_there_or_define_two_models(check: Check, tmp_path: Path) -> None:
    assert "no such file" in check("list", "--load", "nowhere.py").err
    first = model_file(tmp_path)
    second = tmp_path / "second.py"
    second.write_text((tmp_path / "model.py").read_text())
    said = check("list", *first, "--load", str(second))
    assert said.code == 2 and "2 models" in said.err


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


# ---- unfinished searches --------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("limit", "why"),
    [("--max-states 50", "state limit"), ("--max-depth 4", "depth limit"), ("--time 1ms", "time limit")],
)
def test_an_unfinished_search_is_never_an_answer(check: Check, engine: str, limit: str, why: str) -> None:
    said = check("--property", "small", "--counters", "6", "--engine", engine, *limit.split(), *LARGE)
    assert said.code == 3
    text = " ".join(said.out.split())
    assert "small: incomplete" in text and why in text and re.search(r"up to depth \d+ was covered", text)


@pytest.mark.skipif(find_compiler() is None, reason="no C compiler")
def test_a_million_states_do_not_fit_in_50_megabytes(check: Check) -> None:
    said = check("--property", "small", "--memory", "50M", "--counters", "8", *LARGE)
    assert said.code == 3 and "memory limit" in said.out and re.search(r"up to depth \d+", said.out)


@pytest.mark.parametrize("engine", ENGINES)
def test_ctrl_c_says_what_was_covered(engine: str) -> None:
    words = ["--property", "small", "--counters", "14", "--engine", engine, "--progress", *LARGE]
    process = as_process(words)
    assert process.stderr is not None
    while not json.loads(process.stderr.readline()).get("states"):
        pass
    process.send_signal(signal.SIGINT)
    said = said_by(process)
    assert said.code == 3, said.err
    assert "interrupted" in said.out and "states" in said.out and "Traceback" not in said.err


def test_two_runs_at_once_do_not_disturb_each_other(tmp_path: Path) -> None:
    words = ["--property", "no-stale-tlb", "--design", "repaired", *UNMAPPING]
    runs = [as_process(words, XDG_CACHE_HOME=str(tmp_path)) for _ in range(2)]
    for said in [said_by(run) for run in runs]:
        assert said.code == 0 and "no-stale-tlb: holds" in said.out, said.err


def test_without_a_compiler_the_python_engine_answers(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.symlink_to(sys.executable)
    words = ["--property", "no-stale-tlb", *UNMAPPING]
    said = said_by(as_process(words, PATH=str(tmp_path), CC="", XDG_CACHE_HOME=str(tmp_path)))
    assert said.code == 1 and "no C compiler" in said.err and "python engine" in said.out
    assert shutil.which("cc", path=str(tmp_path)) is None


def test_nothing_but_text_in_a_pipe() -> None:
    said = said_by(as_process(["--property", "no-stale-tlb", *UNMAPPING], FORCE_COLOR=""))
    assert "\x1b" not in said.out and "\r" not in said.out and not said.err


def test_show_names_the_functions_that_an_operation_calls(check: Check) -> None:
    said = check("show", "__rmqueue_direct_map")
    assert said.code == 0
    assert said.out.startswith("sub-operation __rmqueue_direct_map\nmodel/flip.py:")
    assert "mm/page_alloc.c" in said.out


WITNESSED = """
from checker.language import action, invariant, state

@state
class S:
    on: bool
    off: bool

@action
def flip(k: S) -> None:
    k.on = not k.on

def is_on(k: S) -> bool:
    return k.on

def is_off(k: S) -> bool:
    return k.off

@invariant(witness=is_on)
def seen(k: S) -> bool:
    return not (k.on and k.off)

@invariant(witness=is_on)
def seen_too(k: S) -> bool:
    return not (k.on and k.off)

@invariant(witness=is_off)
def unseen(k: S) -> bool:
    return not (k.on and k.off)
"""


@pytest.mark.parametrize("engine", ["native", "python"])
def test_a_witness_says_whether_a_property_was_exercised(check: Check, tmp_path: Path, engine: str) -> None:
    file = tmp_path / "witnessed.py"
    file.write_text(WITNESSED)
    both = ("--property", "seen", "--property", "seen_too")  # by the same witness
    assert check("--load", str(file), *both, "--engine", engine).code == 0
    said = check("--load", str(file), "--property", "unseen", "--engine", engine)
    assert said.code == 3 and "not exercised" in said.out


def test_a_reader_that_has_read_enough_is_no_error() -> None:
    command = shlex.join([*COMMAND, "list"])
    done = subprocess.run(["bash", "-c", f"{command} | head -1"], capture_output=True, text=True, check=False)
    assert done.stdout.startswith("properties") and done.stderr == ""
