"""Lowered programs from the cache: used when nothing has changed, and only then."""

import errno
import re
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from checker import contents
from checker.cli import run
from checker.engines import build, libraries, native
from tests.commands.conftest import forget_models

pytestmark = pytest.mark.skipif(native.find_compiler() is None, reason="no C compiler")
MODELS = Path(__file__).parent / "models_for_tests"
WORDS = ("--property", "no-stale-tlb")


class Checker:
    """`check` as in a new process, on a model of its own, which notes how often a program is lowered."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
        self.temporary = folder.parent
        self.model = folder / "unmapping.py"
        self.entries = folder / "unmapped-check" / "programs"
        self.capsys = capsys
        self.lowered = 0
        shutil.copy(MODELS / "unmapping.py", self.model)
        kept = libraries.cache_folder()
        monkeypatch.setattr(build, "cache_folder", lambda: kept)  # each is compiled for one test only
        monkeypatch.setattr(build, "is_kept", lambda name: (kept[0] / name).exists())
        monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
        from checker import compiler

        compile_program = compiler.compile_program

        def noted(*given: object, **named: object) -> object:
            self.lowered += 1
            return compile_program(*given, **named)  # type: ignore[arg-type]

        monkeypatch.setattr(compiler, "compile_program", noted)

    def __call__(self, *words: str) -> tuple[int, str]:
        """How many programs were lowered, and what was said, but for how long it took."""
        forget_models(self.temporary)
        self.lowered = 0
        self.capsys.readouterr()
        run(["--load", str(self.model), *(words or WORDS)])
        said = self.capsys.readouterr().out
        return self.lowered, re.sub(r"(?m) +\d+\.\d\d( +[\d,]+)?( s.*)?$", "", said)

    def damage(self, content: bytes | None) -> None:
        for path in self.entries.iterdir():
            whole = path.read_bytes()
            path.write_bytes(whole[: len(whole) // 2] if content is None else content)


@pytest.fixture
def check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Checker:
    return Checker(tmp_path, monkeypatch, capsys)


def test_the_second_time_nothing_is_lowered(check: Checker) -> None:
    first, said = check()
    assert first > 0 and "no-stale-tlb" in said
    assert check() == (0, said)


def test_an_entry_is_the_user_s_own(check: Checker) -> None:
    check()
    assert check.entries.stat().st_mode & 0o777 == 0o700
    for path in check.entries.iterdir():
        assert path.stat().st_mode & 0o077 == 0


def test_a_changed_model_is_lowered(check: Checker) -> None:
    check()
    check.model.write_text(check.model.read_text() + "\n# a word more\n")
    assert check()[0] > 0


def test_a_model_that_is_edited_meanwhile_leaves_no_entry(
    check: Checker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What runs is what was imported; its program must not be taken for that of the new text."""
    from checker import compiler

    compile_program = compiler.compile_program

    def edited(*given: object, **named: object) -> object:
        check.model.write_text(check.model.read_text() + "\n# a word more\n")
        return compile_program(*given, **named)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(compiler, "compile_program", edited)
        check()
    assert not check.entries.exists() or not any(check.entries.iterdir())
    assert check()[0] > 0
    assert check()[0] == 0


def test_a_model_that_is_edited_while_it_is_loaded_leaves_no_entry(check: Checker) -> None:
    edits = "\nimport os\n\nnow = os.stat(__file__).st_mtime_ns\nos.utime(__file__, ns=(now, now + 10**9))\n"
    check.model.write_text(check.model.read_text() + edits)
    assert [check()[0] > 0 for _ in range(2)] == [True, True]


def test_other_versions_of_libraries_are_another_question(
    check: Checker, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    check()
    (tmp_path / "site" / "networkx-99.dist-info").mkdir(parents=True)
    monkeypatch.syspath_prepend(tmp_path / "site")
    contents._libraries.cache_clear()
    assert check()[0] > 0
    monkeypatch.undo()
    contents._libraries.cache_clear()


@pytest.mark.parametrize(
    "words",
    [
        (*WORDS, "--design", "repaired"),
        (*WORDS, "--no-reduction"),
        *(
            pytest.param(words, marks=pytest.mark.slow)
            for words in (
                ("--property", "deadlock"),
                (*WORDS, "--property", "deadlock"),
                (*WORDS, "--cpus", "3"),
            )
        ),
    ],
    ids=" ".join,
)
def test_another_question_is_lowered_once(check: Checker, words: Sequence[str]) -> None:
    check()
    assert check(*words)[0] > 0
    assert check(*words)[0] == 0


def test_a_property_that_is_typed_on_the_spot_is_lowered_each_time(check: Checker) -> None:
    assert [check("can", "True")[0] > 0 for _ in range(2)] == [True, True]


@pytest.mark.parametrize("content", [None, b"", b"no entry" * 20], ids=["cut", "empty", "scribbled"])
def test_a_damaged_entry_is_lowered_again(check: Checker, content: bytes | None) -> None:
    _, said = check()
    check.damage(content)
    lowered, again = check()
    assert lowered > 0 and again == said
    assert check() == (0, said)


def test_an_entry_that_others_may_write_is_not_read(check: Checker) -> None:
    _, said = check()
    for path in check.entries.iterdir():
        path.chmod(0o666)
    lowered, again = check()
    assert lowered > 0 and again == said


def test_a_folder_that_takes_nothing_only_costs_time(check: Checker, monkeypatch: pytest.MonkeyPatch) -> None:
    make = tempfile.mkstemp

    def full(*given: object, dir: Path | None = None, **named: object) -> object:
        if dir is not None and dir.parent.name == "unmapped-check":
            raise OSError(errno.ENOSPC, "No space left on device")
        return make(*given, dir=dir, **named)  # type: ignore[call-overload]

    monkeypatch.setattr(tempfile, "mkstemp", full)
    said = []
    for _ in range(2):
        lowered, text = check("--property", "no-stale-tlb", "--engine", "native")
        assert lowered > 0
        said.append(text)
    assert said[0] == said[1] and "no-stale-tlb" in said[0]
    assert not any(check.entries.iterdir())


def test_a_split_block_is_not_kept(check: Checker) -> None:
    assert [check(*WORDS, "--atomicity", "fine")[0] > 0 for _ in range(2)] == [True, True]
