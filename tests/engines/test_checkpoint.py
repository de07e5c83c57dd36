"""A search that is stopped, or killed, and gone on with ends as one that was left alone."""

from __future__ import annotations

import dataclasses
import os
import random
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import c_models as models
import pytest
from c_models import StubProgram

from checker.engines import checkpoint, native, resources
from checker.engines.checkpoint import Keeper, NotResumed, read
from checker.engines.outcome import Limits, Outcome

pytestmark = pytest.mark.skipif(native.find_compiler() is None, reason="no C compiler")

SMALL = ("-O0", "-DFIRST_BUCKETS=64", "-DSMALL_PART=16", "-DSAVING_SHARE=0")
CHECKS = """
LINKED uint64_t check_state(const State *s, Worker *x)
{ return (n(s, 0) + n(s, 1) == 20 && n(s, 2) > 5) | (uint64_t)(n(s, 2) == 3) << 1; }
LINKED uint64_t check_step(const State *before, const State *after, Worker *x)
{ return n(before, 0) == 3 && n(after, 1) == 2 && n(before, 1) == 1; }
LINKED uint64_t check_goals(const State *s) { return n(s, 0) == 24 | (n(s, 1) == 4) << 1; }
"""


def grid(words: int, side: int = 25) -> StubProgram:
    return models.grid(
        side, words, checks=CHECKS, invariants=["sum", "third"], steps=["jump"], goals=["a", "b"]
    )


def told(outcome: Outcome) -> dict[str, Any]:
    """All but what depends on the machine."""
    return dataclasses.asdict(
        dataclasses.replace(outcome, seconds=0.0, seconds_before=0.0, memory_bytes=0, bytes_per_state=0.0)
    )


def explore(program: StubProgram, keeper: Keeper | None = None, threads: int = 1, **limits: Any) -> Outcome:
    limits_ = Limits(threads=threads, keep_going=True, **limits)
    return native.explore(program, None, limits_, extra_flags=SMALL, keeper=keeper)


def keeper_of(path: Path) -> Keeper:
    return Keeper(path, {}, always=True, saved=read(path) if path.exists() else None)


@pytest.mark.parametrize("words", [1, *(pytest.param(words, marks=pytest.mark.slow) for words in (2, 4))])
@pytest.mark.parametrize("threads", [1, 8])
def test_stopped_again_and_again(words: int, threads: int, tmp_path: Path) -> None:
    """By the time, and so between two chunks of 256 states; some sessions have more of it each time."""
    path = tmp_path / "search"
    whole = explore(grid(words))
    assert whole.complete and set(whole.violations) == {"sum", "third", "jump", "b"}
    sessions = 1
    outcome = explore(grid(words), keeper_of(path), threads, seconds=1e-6)
    while not outcome.complete:
        assert outcome.ended == "time limit" and sessions < 1000
        before = outcome.states
        seconds = 1e-6 if sessions % 10 else sessions / 1000
        outcome = explore(grid(words), keeper_of(path), threads, seconds=seconds)
        assert outcome.states >= before
        sessions += 1
    assert sessions > 1 and told(outcome) == told(whole)
    assert outcome.seconds >= outcome.seconds_before > 0


@pytest.mark.parametrize("words", [1, 2])
@pytest.mark.parametrize("threads", [1, 4])
def test_stopped_in_the_middle_of_a_level(words: int, threads: int, tmp_path: Path) -> None:
    """A limit on the states ends a search anywhere: it begins again where it stood last."""
    path = tmp_path / "search"
    whole = explore(grid(words))
    for most in range(1000, 15_001, 2000):
        outcome = explore(grid(words), keeper_of(path), threads, max_states=most)
        assert outcome.ended == "state limit"
    assert told(explore(grid(words), keeper_of(path), threads)) == told(whole)


def test_saving_every_so_often_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint, "SAVE_SECONDS", 0)
    whole = explore(grid(2))
    for threads in (1, 4):
        keeper = keeper_of(tmp_path / f"search{threads}")
        assert told(explore(grid(2), keeper, threads)) == told(whole)
        assert keeper.is_written and not keeper.closed and not keeper.trouble
        assert len(read(keeper.path).done) == 1  # in place of what was saved of it on the way
        assert told(explore(grid(2), keeper_of(keeper.path), threads)) == told(whole)


def test_searches_that_are_done_are_not_done_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "search"
    keeper = keeper_of(path)
    first = explore(grid(1), keeper)
    assert explore(grid(2), keeper, max_depth=20).ended == "depth limit"
    assert explore(grid(4, 5), keeper).complete  # the file stays that of the one before
    keeper = keeper_of(path)
    with monkeypatch.context() as patched:
        patched.setattr(native, "Run", None)
        assert told(explore(grid(1), keeper)) == told(first)
    assert told(explore(grid(2), keeper)) == told(explore(grid(2)))


def test_ctrl_c_between_two_searches(tmp_path: Path) -> None:
    path = tmp_path / "search"
    keeper = keeper_of(path)
    explore(grid(1), keeper)
    keeper.stopped()
    keeper = keeper_of(path)
    assert keeper.saved is not None and keeper.saved.standing is None and len(keeper.saved.done) == 1
    assert explore(grid(1), keeper).complete and explore(grid(2), keeper).complete


def test_another_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "search"
    explore(grid(1), keeper_of(path), max_depth=20)
    for other in (grid(2), grid(1, 24)):
        with pytest.raises(NotResumed, match="another model, version or bounds"):
            explore(other, keeper_of(path))
    with pytest.raises(NotResumed, match="another model"):
        native.explore(grid(1), ["sum"], Limits(), extra_flags=SMALL, keeper=keeper_of(path))


def test_another_engine_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "search"
    explore(grid(1), keeper_of(path), max_depth=20)
    monkeypatch.setattr(checkpoint, "engine_digest", lambda: "older")
    with pytest.raises(NotResumed, match="another version of the checker"):
        read(path)


@pytest.mark.parametrize("damage", ["cut", "longer", "text", "standing", "state", "checksum"])
def test_a_damaged_file_is_refused(damage: str, tmp_path: Path) -> None:
    path = tmp_path / "search"
    explore(grid(2), keeper_of(path), max_depth=20)
    content = bytearray(path.read_bytes())
    place = {"text": 60, "standing": read(path).offset + 8, "state": len(content) - 100, "checksum": -1}
    if damage == "cut":
        del content[-500:]
    elif damage == "longer":
        content += bytes(8)
    else:
        content[place[damage]] ^= 64
    path.write_bytes(content)
    with pytest.raises(NotResumed):
        explore(grid(2), keeper_of(path))


def test_no_bit_may_be_another(tmp_path: Path) -> None:
    """Neither of a search nor of the results of those before it."""
    path = tmp_path / "search"
    keeper = keeper_of(path)
    explore(grid(1, 5), keeper)
    explore(grid(2, 5), keeper, max_states=20)
    content = path.read_bytes()
    assert keeper_of(path).saved is not None
    some = [(place, 1 << place % 8) for place in random.Random(3).sample(range(len(content)), 100)]
    for place, bit in [*some, (content.index(b'"states": 125,') + len('"states": 1'), 1)]:
        damaged = bytearray(content)
        damaged[place] ^= bit
        path.write_bytes(damaged)
        with pytest.raises(NotResumed):
            keeper = keeper_of(path)
            assert explore(grid(1, 5), keeper).complete
            explore(grid(2, 5), keeper)


def test_a_file_that_others_may_write_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "search"
    explore(grid(1), keeper_of(path), max_depth=20)
    assert path.stat().st_mode & 0o077 == 0
    path.chmod(0o622)
    with pytest.raises(NotResumed, match="another user"):
        read(path)


def test_a_file_that_cannot_be_written_costs_the_file_only(tmp_path: Path) -> None:
    keeper = keeper_of(tmp_path / "search")
    keeper.unfinished = tmp_path / "no" / "folder"
    outcome = explore(grid(1), keeper, max_depth=20)
    assert outcome.ended == "depth limit" and keeper.trouble == os.strerror(2) and not keeper.is_written


def test_a_second_ctrl_c_does_not_wait_for_the_file(tmp_path: Path) -> None:
    keeper = keeper_of(tmp_path / "search")
    with native.Run(grid(1), (), Limits(threads=1), SMALL) as run:
        run.keep(keeper, "key", False, None)
        run.run.stop = 2
        run.go(None)
        keeper.ended("key", run.figures(), False, run.run.saves, run.run.save_error)
    assert keeper.trouble == "a second Ctrl-C did not wait for that" and not keeper.is_written


@pytest.mark.slow
def test_less_memory_ends_it_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "memory_in_use", lambda: 0)
    path = tmp_path / "search"
    big = models.grid(150, 2)
    first = native.explore(big, None, Limits(memory=30 << 20), keeper=keeper_of(path))
    assert first.ended == "memory limit"
    again = native.explore(big, None, Limits(memory=10 << 20), keeper=keeper_of(path))
    assert again.ended == "memory limit" and again.states <= first.states
    assert native.explore(big, None, Limits(), keeper=keeper_of(path)).states == 150**3


# ---- killed ----

KILLED = """
    import sys
    from pathlib import Path
    import c_models
    from checker.engines import checkpoint, native
    from test_checkpoint import explore, grid, keeper_of, told

    checkpoint.SAVE_SECONDS = 0
    outcome = explore(grid(int(sys.argv[2]), 30), keeper_of(Path(sys.argv[1])), int(sys.argv[3]))
    print(told(outcome))
"""


def kill_again_and_again(path: Path, kills: int, words: int, threads: int) -> int:
    """Whatever is there after each is whole. Returns how many found a file."""
    command = [sys.executable, "-c", textwrap.dedent(KILLED), str(path), str(words), str(threads)]
    paths = [str(Path(__file__).parent), *sys.path]
    environment = {**os.environ, "PYTHONPATH": ":".join(filter(None, paths))}
    chance = random.Random(17)
    at = time.monotonic()
    begun = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    whole = time.monotonic() - at
    path.unlink(missing_ok=True)
    found = 0
    for _ in range(kills):
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            process.wait(chance.uniform(0.2, 1.0) * whole)
        except subprocess.TimeoutExpired:
            process.kill()
        process.communicate()
        if path.exists():
            found += 1
            keeper = keeper_of(path)
            is_over = keeper.saved is not None and keeper.saved.standing is None
            outcome = explore(grid(words, 30), keeper, max_states=1)
            if is_over or outcome.ended is None:  # in its last level there is no state left to find
                assert outcome.complete and outcome.states == 30**3
            else:
                assert outcome.ended == "state limit"
            assert [each.name for each in path.parent.iterdir()] == [path.name]
            if is_over:
                path.unlink()  # and once more from the beginning
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert ended.stdout == begun.stdout and "complete': True" in ended.stdout
    return found


@pytest.mark.slow
def test_killed_at_random_moments(tmp_path: Path) -> None:
    kill_again_and_again(tmp_path / "search", 4, 1, 2)


@pytest.mark.long
@pytest.mark.parametrize(("words", "threads"), [(1, 1), (2, 4)])
def test_killed_at_a_hundred_random_moments(words: int, threads: int, tmp_path: Path) -> None:
    assert kill_again_and_again(tmp_path / "search", 100, words, threads) > 20
