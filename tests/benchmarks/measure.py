"""Running a command and measuring it from outside: wall time, peak memory, output."""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Measured:
    """One finished command."""

    seconds: float
    peak_bytes: int
    code: int
    output: str
    timed_out: bool
    processor: float  # seconds, of all threads

    @property
    def ok(self) -> bool:
        return self.code == 0 and not self.timed_out

    @property
    def why_not(self) -> str:
        """One line for the report's row."""
        if self.timed_out:
            return f"stopped after {self.seconds:.0f} s"
        lines = [line for line in self.output.splitlines() if line.strip()]
        return f"exit code {self.code}: {lines[-1][-100:] if lines else 'no output'}"


def run(
    command: Sequence[str | Path],
    timeout: float,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Measured:
    """Run to the end, or kill it at the time limit. The peak is the largest resident size of the process."""
    with tempfile.TemporaryFile() as output:
        began = time.perf_counter()
        process = subprocess.Popen(
            [str(word) for word in command],
            cwd=folder,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        stopped = threading.Event()

        def stop() -> None:
            stopped.set()
            process.kill()

        timer = threading.Timer(timeout, stop)
        timer.start()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        timer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read().decode(errors="replace")
    used = usage.ru_utime + usage.ru_stime
    return Measured(seconds, usage.ru_maxrss * 1024, process.returncode, text, stopped.is_set(), used)
