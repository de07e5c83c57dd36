"""The cache of compiled programs: private, whole, and never in the way of another run."""

from __future__ import annotations

import functools
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import c_models as models
import pytest

from checker.engines import build as builder
from checker.engines import compilers, libraries, linking, native
from checker.engines.compilers import Compiler, CompilerFailed, NoCompiler

pytestmark = pytest.mark.skipif(native.find_compiler() is None, reason="no C compiler")

SOURCE = models.grid(3).source
build = functools.partial(builder.build, quick=True)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "unmapped-check" / "native"


def kept(cache: Path, suffix: str) -> list[Path]:
    return [path for path in cache.iterdir() if path.suffix == suffix]


def compiled(cache: Path) -> list[Path]:
    return kept(cache, ".so")


def engines(cache: Path) -> list[Path]:
    return kept(cache, ".o")


def test_built_once_in_a_folder_of_the_user_s_own(cache: Path) -> None:
    build(SOURCE)
    [library] = compiled(cache)
    assert cache.stat().st_mode & 0o777 == 0o700
    built = library.stat().st_ino
    build(SOURCE)
    assert [path.stat().st_ino for path in compiled(cache)] == [built]
    build(SOURCE + "\nint changed;")
    assert len(compiled(cache)) == 2
    assert len(list(cache.iterdir())) == 3  # and nothing of what they were linked of but the engine


def test_one_engine_for_programs_that_differ_in_counts(cache: Path) -> None:
    build(SOURCE)
    [engine] = engines(cache)
    made = engine.stat().st_ino
    build(models.two_phase(3).source)
    build(models.grid(3, checks=CHECK, invariants=["small"]).source)
    assert [path.stat().st_ino for path in engines(cache)] == [made]
    assert len(compiled(cache)) == 3
    build(models.grid(3, 2).source)
    assert len(engines(cache)) == 2


CHECK = "LINKED uint64_t check_state(const State *s, Worker *x) { return n(s, 0) == 2; }"


def test_two_threads_that_want_the_same_engine_make_it_once(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    begun, other_is_done = threading.Event(), threading.Event()
    compile_object = linking.compile_object

    def noted(source: str, compiler: Compiler, flags: Sequence[str], path: str) -> None:
        if source == linking.ENGINE_SOURCE:
            made.append(path)
            begun.set()
            other_is_done.wait(60)
        compile_object(source, compiler, flags, path)
        if begun.is_set() and source != SOURCE:
            other_is_done.set()  # its program is compiled, while it waits for this engine

    monkeypatch.setattr(linking, "compile_object", noted)
    threads = [threading.Thread(target=build, args=(SOURCE,))]
    threads[0].start()
    begun.wait(60)
    threads.append(threading.Thread(target=build, args=(models.grid(4).source,)))
    threads[1].start()
    for thread in threads:
        thread.join()
    assert len(made) == 1
    assert len(compiled(cache)) == 2


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "open to others"])
def test_a_damaged_engine_is_made_again(cache: Path, damage: str) -> None:
    build(SOURCE)
    [engine] = engines(cache)
    whole = engine.read_bytes()
    flipped = bytes([*whole[:2000], whole[2000] ^ 255, *whole[2001:]])
    engine.write_bytes({"cut": whole[:5000], "flipped": flipped, "empty": b""}.get(damage, whole))
    if damage == "open to others":
        engine.chmod(0o777)
    made = engine.stat().st_ino
    [library] = compiled(cache)
    library.unlink()
    assert build(SOURCE).explore is not None
    [engine] = engines(cache)
    assert engine.stat().st_ino != made and engine.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("linked", ["by ld", "without ld", "by $CC"])
def test_linked_by_whatever_there_is(cache: Path, monkeypatch: pytest.MonkeyPatch, linked: str) -> None:
    which = shutil.which
    monkeypatch.delenv("CC", raising=False)
    if linked == "without ld":
        monkeypatch.setattr(shutil, "which", lambda name: None if name == "ld" else which(name))
    elif linked == "by $CC":
        monkeypatch.setenv("CC", "gcc -DIGNORED")
    compiler = compilers.quick_compiler()
    assert compiler is not None and (compiler.linker[0] == "ld") == (linked == "by ld")
    outcome = native.explore(models.grid(3))
    assert (outcome.states, outcome.transitions) == (27, 54)


def test_a_comment_makes_no_other_program(cache: Path) -> None:
    """They name files and lines of the model: those of an edited docstring, or of a copy."""
    build(SOURCE + "/* m.py:3: x = 1 */\nint one;\n    /* m.py:4: y = 2 */\nint two;")
    build(SOURCE + "int one;\n/* there/m.py:17: x = 1 */\nint two;")
    assert len(compiled(cache)) == 1
    build(SOURCE + "int one;\n/* a */ int two, three; /* b */")
    assert len(compiled(cache)) == 2


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty"])
def test_a_damaged_library_is_built_again(cache: Path, damage: str) -> None:
    script = (
        "import sys; from checker.engines import build; build.build(open(sys.argv[1]).read(), quick=True)"
    )
    source = cache.parent.parent / "program.c"
    source.write_text(SOURCE)
    subprocess.run([sys.executable, "-c", script, str(source)], check=True)
    [library] = compiled(cache)
    content = bytearray(library.read_bytes())
    content[2000] ^= 255
    library.write_bytes({"cut": bytes(content[:5000]), "flipped": bytes(content), "empty": b""}[damage])
    assert build(SOURCE).explore is not None


def test_an_open_cache_is_not_used(cache: Path) -> None:
    cache.mkdir(parents=True)
    cache.chmod(0o777)
    with pytest.warns(RuntimeWarning, match="open to other users"):
        assert build(SOURCE).explore is not None
    assert compiled(cache) == []


def test_a_cache_that_belongs_to_another_user_is_not_used(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.mkdir(parents=True, mode=0o700)
    monkeypatch.setattr(os, "geteuid", lambda: cache.stat().st_uid + 1)
    with pytest.warns(RuntimeWarning, match="belongs to another user"):
        folder, private = libraries.cache_folder()
    assert private
    folder.rmdir()


def test_a_cache_that_cannot_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.warns(RuntimeWarning, match="not using the cache"):
        assert build(SOURCE).explore is not None


def test_a_refused_program(cache: Path) -> None:
    with pytest.raises(CompilerFailed, match="no_such_thing") as refused:
        build("int f(void) { return no_such_thing; }")
    kept = str(refused.value).split("which is in ")[1].split()[0]
    assert "no_such_thing" in Path(kept).read_text()
    Path(kept).unlink()
    assert compiled(cache) == []


CC = """#!/bin/sh
case "$*" in
*{folder}*) {end} ;;
*) exec cc "$@" ;;
esac
"""


def use(cc: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "cc"
    path.write_text(cc)
    path.chmod(0o700)
    monkeypatch.setenv("CC", str(path))


def test_a_full_cache_costs_no_answer(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use(CC.format(folder=cache, end="echo 'No space left on device' >&2; exit 1"), tmp_path, monkeypatch)
    assert build(SOURCE).explore is not None
    assert compiled(cache) == []


def test_no_room_anywhere(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use(CC.format(folder="", end="echo 'No space left on device' >&2; exit 1"), tmp_path, monkeypatch)
    with pytest.raises(CompilerFailed, match="No space left on device"):
        build(SOURCE)


def test_a_compiler_that_is_interrupted_leaves_nothing(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    use(CC.format(folder=cache, end="kill -INT $$"), tmp_path, monkeypatch)
    with pytest.raises(CompilerFailed, match="was ended by SIGINT"):
        build(SOURCE)
    assert compiled(cache) == [] and not list(tmp_path.glob("*.c"))


def test_no_compiler(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    monkeypatch.delenv("CC", raising=False)
    assert compilers.find_compiler() is None
    with pytest.raises(NoCompiler):
        build(SOURCE)


def test_the_compiler_of_the_environment(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CC", "gcc -DIGNORED")
    compiler = compilers.find_compiler()
    assert compiler is not None and compiler.command == ("gcc", "-DIGNORED")


def test_a_compiler_of_the_environment_that_is_not_there(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CC", "no-such-cc -O2")
    with pytest.raises(NoCompiler, match="CC=no-such-cc -O2: there is no such program"):
        build(SOURCE)


SCRIPT = """
    import sys
    import c_models
    from checker.engines import native
    print("begun", flush=True)
    print(native.explore(c_models.peterson(3)).states)
"""


def start(cache: Path) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": ":".join(sys.path)}
    command = [sys.executable, "-c", textwrap.dedent(SCRIPT)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


def test_two_runs_at_once(cache: Path) -> None:
    runs = [start(cache) for _ in range(3)]
    assert [run.communicate()[0].split() for run in runs] == [["begun", "882"]] * 3
    assert len(compiled(cache)) == 1


def test_a_killed_run_leaves_no_broken_cache(cache: Path) -> None:
    run = start(cache)
    assert run.stdout is not None
    run.stdout.readline()
    time.sleep(0.1)
    run.send_signal(signal.SIGKILL)
    run.communicate()
    assert native.explore(models.peterson(3)).states == 882
    stale = [path for path in compiled(cache) if path.name.startswith("unfinished")]
    for path in stale:
        os.utime(path, (0, 0))
    build(SOURCE)
    assert not [path for path in compiled(cache) if path.name.startswith("unfinished")]
