"""Searches that end before they are complete: by depth, states, memory, time, or Ctrl-C."""

from __future__ import annotations

import math
import os
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path
from typing import Any

import c_models as models
import pytest
from c_models import StubProgram

from checker.engines import native, resources
from checker.engines.figures import ENDED
from checker.engines.outcome import INTERRUPTED, Limits, Outcome, Progress

pytestmark = pytest.mark.skipif(native.find_compiler() is None, reason="no C compiler")

WIDTHS = [1, 3, *(pytest.param(words, marks=pytest.mark.slow) for words in (2, 4, 20))]


def explore(program: StubProgram, **limits: Any) -> Outcome:
    return native.explore(program, None, Limits(**limits))


def test_depth_limit() -> None:
    outcome = explore(models.grid(30), max_depth=5)
    assert (outcome.states, outcome.depth, outcome.covered_depth) == (1 + 3 + 6 + 10 + 15, 5, 5)
    assert (outcome.complete, outcome.ended) == (False, "depth limit")


@pytest.mark.parametrize("threads", [1, 4])
def test_state_limit(threads: int) -> None:
    outcome = explore(models.grid(60), max_states=20_000, threads=threads)
    assert 20_000 <= outcome.states < 20_000 + 64 * threads + 64
    assert outcome.ended == "state limit" and outcome.covered_depth in (outcome.depth, outcome.depth - 1)


@pytest.mark.parametrize("words", WIDTHS)
@pytest.mark.parametrize("threads", [1, 4])
def test_memory_limit(monkeypatch: pytest.MonkeyPatch, words: int, threads: int) -> None:
    """Of what the limit leaves beside the process itself, which is left out here: it shrinks and grows; and
    beside the filters of the threads, of 2 MiB at most."""
    monkeypatch.setattr(resources, "memory_in_use", lambda: 0)
    filters = threads * 8 * words * 2 ** int(math.log2((2 << 20) / (8 * words)))
    outcome = explore(models.grid(150, words), memory=10_000_000 + filters, threads=threads)
    assert outcome.ended == "memory limit" and outcome.memory_bytes <= 10_000_000
    assert outcome.states > 4_000_000 / (8 * words + 13) and outcome.covered_depth > 20


def test_time_limit_and_progress() -> None:
    seen: list[Progress] = []
    program = models.grid(1000)
    outcome = native.explore(program, None, Limits(seconds=0.5, max_states=40_000_000), seen.append)
    assert outcome.ended in ("time limit", "state limit")
    assert seen and seen[-1].states > 0 and seen[-1].transitions > 0 and seen[-1].memory_bytes > 0


def test_ctrl_c() -> None:
    def interrupt(progress: Progress) -> None:
        raise KeyboardInterrupt

    outcome = native.explore(models.grid(1000), None, Limits(), interrupt)
    assert outcome.ended == "interrupted" and not outcome.complete and outcome.covered_depth > 0


@pytest.mark.parametrize("begun", [False, True])
def test_ctrl_c_while_the_search_is_started(begun: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anybody listens for it: nothing is freed that the search still uses."""
    started: list[threading.Thread] = []

    def start(self: threading.Thread) -> None:
        begin(self)
        started.append(self)
        while begun and run.run.states < 10_000:
            time.sleep(0.001)
        raise KeyboardInterrupt

    begin = threading.Thread.start
    monkeypatch.setattr(threading.Thread, "start", start)
    with pytest.raises(KeyboardInterrupt), native.Run(models.grid(1000), ()) as run:
        run.go(None)
    started[0].join(timeout=60)
    assert not started[0].is_alive() and run.run.ended in (0, ENDED.index(INTERRUPTED))


def test_no_address_space() -> None:
    """As under `ulimit -v`: the run ends, with what it has covered."""
    script = """
        import resource, sys
        import c_models
        from checker.engines import native
        program = c_models.grid(1000)
        native.build(program.source)
        import re
        used = int(re.search(r"VmSize:\\s+(\\d+)", open("/proc/self/status").read()).group(1)) * 1024
        resource.setrlimit(resource.RLIMIT_AS, (used + 60_000_000,) * 2)
        outcome = native.explore(program)
        print(outcome.ended, outcome.covered_depth > 10)
    """
    result = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        env={**os.environ, "PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.stdout.split() == ["memory", "limit", "True"], result.stderr


SCARCE = """
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
static int left = LEFT;
#define KIND(old, size) (!strcmp(__func__, "WHERE") && left-- <= 0 ? NULL : KIND(old, size))
"""


@pytest.mark.parametrize(("kind", "where", "left"), [("calloc", "store_grow", 3), ("realloc", "move_run", 9)])
@pytest.mark.parametrize("words", [1, 2])
def test_no_memory_to_enlarge_the_table(words: int, kind: str, where: str, left: int, tmp_path: Path) -> None:
    """For a byte per bucket, or for a run of full ones, while eight threads put states in: what they found
    stays whole."""
    header = tmp_path / "scarce.h"
    header.write_text(SCARCE.replace("LEFT", str(left)).replace("KIND", kind).replace("WHERE", where))
    script = f"""
        import c_models
        from checker.engines import native
        from checker.engines.outcome import Limits
        small = ("-DFIRST_BUCKETS=64", "-DSMALL_PART=16", "-DSMALL_LEVEL=16")
        flags = ("-O0", "-w", *small, "-include", "{header}")
        with native.Run(c_models.two_phase(8, {words}), (), Limits(threads=8), flags) as run:
            run.go(None)
            states = [state for level in run.levels() for state in level]
            print(run.outcome().ended, len(states) == len(set(states)) > 2000)
    """
    result = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        env={**os.environ, "PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.stdout.split() == ["memory", "limit", "True"], result.stderr


@pytest.mark.long
@pytest.mark.parametrize("words", [1, 2, 4])
@pytest.mark.parametrize("threads", [1, 8])
@pytest.mark.parametrize("megabytes", [200, 400])
def test_a_limit_on_memory_is_kept(words: int, threads: int, megabytes: int) -> None:
    """By the whole process, within five percent at its worst moment: no table is there twice."""
    script = f"""
        import resource
        import c_models
        from checker.engines import native
        from checker.engines.outcome import Limits
        limits = Limits(memory={megabytes} << 20, threads={threads})
        outcome = native.explore(c_models.grid(1000, {words}), None, limits)
        assert outcome.ended == "memory limit"
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 / {megabytes})
    """
    result = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        env={**os.environ, "PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert 0.8 < float(result.stdout) < 1.05, result.stdout + result.stderr
