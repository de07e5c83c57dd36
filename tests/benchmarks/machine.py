"""What the figures were measured on."""

from __future__ import annotations

import mmap
import multiprocessing
import os
import platform
import re
import shutil
import subprocess
import time
from pathlib import Path

from peers import find_tlc


def describe(touch: float) -> list[str]:
    """One line each: processor, memory, load, tools. `touch`: seconds for the first touch of a GiB."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    load = ", ".join(f"{value:.2f}" for value in os.getloadavg())
    return [
        f"processor: {processor()}",
        f"memory: {memory / 2**30:.1f} GiB; the first touch of 1 GiB takes {touch:.2f} s",
        f"load averages before the first measurement: {load}",
        f"system: {platform.system()} {platform.release()}, Python {platform.python_version()}",
        f"compiler: {_version(['gcc', '--version'])}",
        f"SPIN: {_version(['spin', '-V'])}",
        f"Rumur: {_version(['rumur', '--version'])}",
        f"TLC: {_tlc_version()}",
    ]


def processor() -> str:
    name = _first(r"model name\s*:\s*(.*)", Path("/proc/cpuinfo")) or platform.processor()
    return f"{name}, {len(os.sched_getaffinity(0))} cores"


def first_touch(size: int) -> float:
    """Seconds to get so much memory from the system.

    A virtual machine may have to ask its host for it; every tool pays for that by what it uses.
    In a process of its own: a child begins with the peak of who starts it, and peaks are measured.
    """
    with multiprocessing.get_context("spawn").Pool(1) as other:
        return other.apply(_touch, (size,))


def _touch(size: int) -> float:
    began = time.perf_counter()
    with mmap.mmap(-1, size) as memory:
        memory[:: mmap.PAGESIZE] = bytes(size // mmap.PAGESIZE)
    return time.perf_counter() - began


def _first(pattern: str, file: Path) -> str:
    if not file.is_file():
        return ""
    found = re.search(pattern, file.read_text())
    return found[1] if found else ""


def _version(command: list[str]) -> str:
    if shutil.which(command[0]) is None:
        return "not installed"
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = (answer.stdout or answer.stderr).splitlines()
    return lines[0].strip() if lines else "unknown version"


def _tlc_version() -> str:
    jar = find_tlc()
    if jar is None or shutil.which("java") is None:
        return "not installed"
    answer = subprocess.run(
        ["java", "-cp", jar, "tlc2.TLC", "-h"], capture_output=True, text=True, check=False
    )
    found = re.search(r"TLC2? Version [\w.]+( .*rev: \w+\))?", answer.stdout)
    return f"{found[0] if found else 'unknown version'} on {_version(['java', '-version'])}"
