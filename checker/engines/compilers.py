"""Which C compiler there is, how it is called, and what is said when it refuses a program."""

from __future__ import annotations

import errno
import os
import platform
import shlex
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from checker.language.errors import CheckerError

ENGINE = Path(__file__).parent
LEVELS = ((40_000, "-O3"), (130_000, "-O2"))  # by characters of source; -O1 above: compiling counts too
QUICK = "-O0"  # to begin with: most searches are over before a better program would be there
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class NoCompiler(CheckerError):
    """There is no C compiler."""


class CompilerFailed(CheckerError):
    """The compiler refused the generated program, or was ended by somebody else."""


@dataclass(frozen=True)
class Compiler:
    command: tuple[str, ...]
    identity: str  # changes when the compiler does
    linker: tuple[str, ...] = ()  # of several objects; none: it makes a library of one source at once


def find_compiler() -> Compiler | None:
    """$CC, cc, gcc or clang, whichever is there first."""
    return _first_of(["cc"], ["gcc"], ["clang"])


def quick_compiler() -> Compiler | None:
    """Without optimisation clang takes half as long as gcc, for programs that are as fast.

    What it would have `ld` look up is not needed: a library finds the C library in the process that loads it.
    """
    compiler = _first_of(["clang"], ["cc"], ["gcc"])
    if compiler is None:
        return None
    if os.environ.get("CC") or platform.system() != "Linux" or not shutil.which("ld"):
        return replace(compiler, linker=(*compiler.command, "-shared", "-pthread"))
    return replace(compiler, linker=("ld", "-shared", "-z", "now"))


def _first_of(*commands: list[str]) -> Compiler | None:
    chosen = shlex.split(os.environ.get("CC", ""))
    if chosen and not shutil.which(chosen[0]):
        raise NoCompiler(
            f"CC={shlex.join(chosen)}: there is no such program", advice="unset CC, or name one that is there"
        )
    for command in filter(None, (chosen, *commands)):
        path = shutil.which(command[0])
        if path:
            real = os.path.realpath(path)
            about = os.stat(real)
            return Compiler(tuple(command), f"{command} {real} {about.st_size} {about.st_mtime_ns}")
    return None


def flags_for(source: str, quick: bool = False) -> list[str]:
    best = next((level for limit, level in LEVELS if len(source) < limit), "-O1")
    optimise = QUICK if quick else best
    tables = "-fno-asynchronous-unwind-tables"  # for debuggers only
    return f"-std=gnu11 {optimise} -march=native -w -fPIC -pthread -fvisibility=hidden {tables}".split()


def compile_library(source: str, compiler: Compiler, flags: Sequence[str], path: str) -> None:
    _run([*compiler.command, *flags, f"-I{ENGINE}", "-shared", "-x", "c", "-", "-o", path], source)


def compile_object(source: str, compiler: Compiler, flags: Sequence[str], path: str) -> None:
    _run([*compiler.command, *flags, f"-I{ENGINE}", "-c", "-x", "c", "-", "-o", path], source)


def link(source: str, compiler: Compiler, objects: Sequence[str], path: str) -> None:
    """`source`: what most of it was made of."""
    _run([*compiler.linker, *objects, "-o", path], source)


def _run(command: Sequence[str], source: str) -> None:
    """OSError if there is no room for what the compiler writes."""
    english = {**os.environ, "LC_ALL": "C"}
    result = subprocess.run(command, input=source, capture_output=True, text=True, check=False, env=english)
    if result.returncode == 0:
        return
    for problem in NO_ROOM:
        if os.strerror(problem) in result.stderr:
            raise OSError(problem, os.strerror(problem), str(Path(command[-1]).parent))
    if result.returncode < 0:  # Ctrl-C, which it hears too, or no memory: there is nothing to look at
        ended_by = signal.Signals(-result.returncode).name
        raise CompilerFailed(f"the C compiler was ended by {ended_by}", advice=shlex.join(command))
    raise CompilerFailed(_explain(source, command, result.stderr))


def _explain(source: str, command: Sequence[str], messages: str) -> str:
    """The first errors. The program is kept where it can be looked at."""
    handle, path = tempfile.mkstemp(prefix="unmapped-check-", suffix=".c")
    with open(handle, "w") as out:
        out.write(source)
    shown = "\n".join(messages.splitlines()[:20])
    return f"the C compiler refused the generated program, which is in {path}\n{shlex.join(command)}\n{shown}"
