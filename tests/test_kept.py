"""Results of one design for another: only where all that was read is the same."""

from pathlib import Path

import pytest

from checker import contents
from checker.kept import Kept
from checker.language import Steps, operation, state, switch, switches
from checker.language.index import Index
from checker.language.world import World


@switches()
class Design:
    first: bool = switch(False)
    second: bool = switch(False)
    third: bool = switch(False)


class Task(Index, size=1): ...


@state(design=Design)
class Kernel:
    done: bool


@operation(Task)
def work(k: Kernel, me: Task) -> Steps:
    yield


def world(read: str = "", **values: bool) -> World:
    """A world in which some switches were read."""
    made = World(Kernel, design=values)
    for name in read.split():
        made.switch(name)
    return made


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kept:
    """With no file that another test loaded and changed since: nothing would be kept then."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(contents, "_noted", {})
    return Kept("results", 100)


def test_what_was_not_read_does_not_count(kept: Kept) -> None:
    kept.keep("key", world("first"), b"off")
    kept.keep("key", world("first second", first=True), b"on")
    assert kept.find("key", world(second=True, third=True)) == b"off"
    assert kept.find("key", world(first=True, third=True)) == b"on"
    assert kept.find("key", world(first=True, second=True)) is None
    assert kept.find("another", world()) is None


def test_what_was_found_has_read_its_switches_too(kept: Kept) -> None:
    kept.keep("key", world("first"), b"off")
    asked = world("third")
    kept.find("key", asked)
    assert asked.switches_read == {"first", "third"}


def test_what_a_model_reads_is_noted() -> None:
    asked = world()
    with asked:
        assert not Design.second
    assert asked.switches_read == {"second"}


def test_without_a_key_nothing_is_kept(kept: Kept) -> None:
    kept.keep(None, world(), b"off")
    assert kept.find(None, world()) is None


def test_damaged_names_are_no_names(kept: Kept, tmp_path: Path) -> None:
    kept.keep("key", world("first"), b"off")
    (tmp_path / "unmapped-check" / "results" / "key").write_bytes(b"[[")
    assert kept.find("key", world()) is None
    kept.keep("key", world("first"), b"off")
    assert kept.find("key", world()) == b"off"
