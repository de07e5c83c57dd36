"""Generated C to a loaded library: which compiler, and a cache that can be trusted.

A cached library is executed, so the cache must belong to the user and be closed to others. A library is
written under another name and then renamed, so two runs at once, or one that is killed, leave no half of one;
and it ends in its own checksum, so that one damaged on the disk is built again.
"""

from __future__ import annotations

import ctypes
import errno
import hashlib
import os
import platform
import shlex
import shutil
import signal
import stat
import subprocess
import tempfile
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path

import platformdirs

from checker.language.errors import CheckerError, Notice

ENGINE = Path(__file__).parent
PARTS = sorted(path for path in ENGINE.iterdir() if path.suffix in (".c", ".h"))
LEVELS = ((40_000, "-O3"), (130_000, "-O2"))  # by characters of source; -O1 above: compiling counts too
QUICK = "-O0"  # to begin with: most searches are over before a better program would be there
KEPT = 1000  # libraries in the cache
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class NoCompiler(CheckerError):
    """There is no C compiler."""


class CompilerFailed(CheckerError):
    """The compiler refused the generated program, or was ended by somebody else."""


@dataclass(frozen=True)
class Compiler:
    command: tuple[str, ...]
    identity: str  # changes when the compiler does
    linker: tuple[str, ...] = ()  # if not the compiler itself is to call it


def find_compiler() -> Compiler | None:
    """$CC, cc, gcc or clang, whichever is there first."""
    return _first_of(["cc"], ["gcc"], ["clang"])


def quick_compiler() -> Compiler | None:
    """Without optimisation clang takes half as long as gcc, for programs that are as fast.

    If it is not to link as well, it starts no second process. What it would have `ld` look up is not needed:
    a library finds the C library in the process that loads it.
    """
    compiler = _first_of(["clang"], ["cc"], ["gcc"])
    links_itself = os.environ.get("CC") or platform.system() != "Linux" or not shutil.which("ld")
    if compiler is None or links_itself:
        return compiler
    return replace(compiler, linker=("ld", "-shared", "-z", "now"))


def _first_of(*commands: list[str]) -> Compiler | None:
    for command in (shlex.split(os.environ.get("CC", "")), *commands):
        path = shutil.which(command[0]) if command else None
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


def is_built(source: str) -> bool:
    """Whether the better library of a program is in the cache."""
    compiler = find_compiler()
    return compiler is not None and (_folder() / (_key(source, compiler, flags_for(source)) + ".so")).exists()


def build(source: str, extra: Sequence[str] = (), quick: bool = False) -> ctypes.CDLL:
    """The library of a program, or a slower one that is built in less time. `extra`: for tests."""
    compiler = quick_compiler() if quick else find_compiler()
    if compiler is None:
        raise NoCompiler("no C compiler found", advice="set CC, or install cc, gcc or clang")
    flags = [*flags_for(source, quick), *extra]
    folder, private = cache_folder()
    try:
        return _built(source, compiler, flags, folder)
    except OSError as error:
        if private:
            raise _unusable(compiler, error) from error
    finally:
        if private:
            shutil.rmtree(folder, ignore_errors=True)
    return _built_for_this_run(source, compiler, flags)


def _built(source: str, compiler: Compiler, flags: Sequence[str], folder: Path) -> ctypes.CDLL:
    name = _key(source, compiler, flags) + ".so"
    library = _load(folder / name)
    if library is not None:
        return library
    _compile(source, compiler, flags, folder, name)
    return ctypes.CDLL(str(folder / name))


def _built_for_this_run(source: str, compiler: Compiler, flags: Sequence[str]) -> ctypes.CDLL:
    """The cache is full or read-only: that costs time, not an answer."""
    try:
        with tempfile.TemporaryDirectory(prefix="unmapped-check-", ignore_cleanup_errors=True) as folder:
            return _built(source, compiler, flags, Path(folder))
    except OSError as error:
        raise _unusable(compiler, error) from error


def _unusable(compiler: Compiler, error: OSError) -> CompilerFailed:
    return CompilerFailed(f"cannot use what {compiler.command[0]} has built: {error}")


# ---- the cache ----


def cache_folder(name: str = "native") -> tuple[Path, bool]:
    """Where libraries (or others' results) are kept; or, if that cannot be trusted, a folder for this run
    only and True."""
    folder = platformdirs.user_cache_path("unmapped-check") / name
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        problem = distrust(folder)
    except OSError as error:
        problem = str(error)
    if problem is None:
        return folder, False
    _say_once(f"not using the cache {folder}: {problem}")
    return Path(tempfile.mkdtemp(prefix="unmapped-check-")), True


@cache
def _say_once(text: str) -> None:
    warnings.warn(text, Notice, stacklevel=3)


def _folder() -> Path:
    return platformdirs.user_cache_path("unmapped-check") / "native"


def distrust(path: Path) -> str | None:
    about = path.lstat()
    if about.st_uid != os.geteuid():
        return "it belongs to another user"
    if stat.S_ISLNK(about.st_mode):
        return "it is a symbolic link"
    if about.st_mode & 0o077:
        return "it is open to other users (chmod go-rwx)"
    return None


@cache
def engine_digest() -> str:
    """Of the part that is the same for all programs."""
    return hashlib.sha256(b"\0".join(part.read_bytes() for part in PARTS)).hexdigest()


def _key(source: str, compiler: Compiler, flags: Sequence[str]) -> str:
    parts = [_code_digest(source), engine_digest(), compiler.identity, repr(flags), _processor()]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


@lru_cache(maxsize=16)  # it is asked for again and again until the program is there
def _code_digest(source: str) -> str:
    """Of the code alone: comments name lines of the model, which move with each word above them."""
    code = "\n".join(line for line in source.splitlines() if not _is_comment(line))
    return hashlib.sha256(code.encode()).hexdigest()


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith("/*") and line.find("*/") == len(line) - 2


@cache
def _processor() -> str:
    """-march=native makes a library that other machines, sharing a home, may not run."""
    try:
        lines = Path("/proc/cpuinfo").read_text().split("\n\n")[0].splitlines()
    except OSError:
        return f"{platform.machine()} {platform.processor()}"
    telling = ("model name", "flags", "Features", "CPU part")
    return "\n".join(line for line in lines if line.startswith(telling))


def _load(path: Path) -> ctypes.CDLL | None:
    """None if it is not there, damaged, or not ours."""
    try:
        content = path.read_bytes()
        trusted = distrust(path) is None
    except OSError:
        return None
    if not trusted or len(content) < 32 or hashlib.sha256(content[:-32]).digest() != content[-32:]:
        return None
    try:
        library = ctypes.CDLL(str(path))
    except OSError:
        return None
    os.utime(path)
    return library


def _compile(source: str, compiler: Compiler, flags: Sequence[str], folder: Path, name: str) -> None:
    handle, unfinished = tempfile.mkstemp(prefix="unfinished-", suffix=".so", dir=folder)
    os.close(handle)
    try:
        compiled = f"{unfinished}.o" if compiler.linker else unfinished
        goal = "-c" if compiler.linker else "-shared"
        _run([*compiler.command, *flags, f"-I{ENGINE}", goal, "-x", "c", "-", "-o", compiled], source)
        if compiler.linker:
            _run([*compiler.linker, compiled, "-o", unfinished], source)
        content = Path(unfinished).read_bytes()
        with open(unfinished, "ab") as out:
            out.write(hashlib.sha256(content).digest())
        os.chmod(unfinished, 0o700)
        os.replace(unfinished, folder / name)
    finally:
        Path(unfinished).unlink(missing_ok=True)
        Path(f"{unfinished}.o").unlink(missing_ok=True)
    _tidy(folder)


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


def _tidy(folder: Path) -> None:
    """Drop the libraries used longest ago, and what killed runs left."""
    found = []
    for path in folder.iterdir():
        try:
            found.append((path.stat().st_mtime, path))
        except OSError:
            continue  # another run was faster
    found.sort(reverse=True)
    for place, (used, path) in enumerate(found):
        if place >= KEPT or (path.name.startswith("unfinished-") and time.time() - used > 3600):
            path.unlink(missing_ok=True)
