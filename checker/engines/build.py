"""Generated C to a loaded library, which is kept for the next time."""

from __future__ import annotations

import ctypes
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from checker.engines.compilers import (
    Compiler,
    CompilerFailed,
    NoCompiler,
    compile_library,
    find_compiler,
    flags_for,
    quick_compiler,
)
from checker.engines.libraries import cache_folder, content_of, is_kept, key, to_be_kept
from checker.engines.linking import link_library


def is_built(source: str) -> bool:
    """Whether the better library of a program is in the cache."""
    compiler = find_compiler()
    return compiler is not None and is_kept(_name(source, compiler, flags_for(source)))


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
    path = folder / _name(source, compiler, flags)
    library = _load(path)
    if library is not None:
        return library
    _compile(source, compiler, flags, path)
    return ctypes.CDLL(str(path))


def _built_for_this_run(source: str, compiler: Compiler, flags: Sequence[str]) -> ctypes.CDLL:
    """The cache is full or read-only: that costs time, not an answer."""
    try:
        with tempfile.TemporaryDirectory(prefix="unmapped-check-", ignore_cleanup_errors=True) as folder:
            return _built(source, compiler, flags, Path(folder))
    except OSError as error:
        raise _unusable(compiler, error) from error


def _unusable(compiler: Compiler, error: OSError) -> CompilerFailed:
    return CompilerFailed(f"cannot use what {compiler.command[0]} has built: {error}")


def _name(source: str, compiler: Compiler, flags: Sequence[str]) -> str:
    return key(source, compiler, flags) + ".so"


def _load(path: Path) -> ctypes.CDLL | None:
    """None if it is not there, damaged, or not ours."""
    if content_of(path) is None:
        return None
    try:
        return ctypes.CDLL(str(path))
    except OSError:
        return None


def _compile(source: str, compiler: Compiler, flags: Sequence[str], path: Path) -> None:
    with to_be_kept(path) as unfinished:
        if compiler.linker:
            link_library(source, compiler, flags, path.parent, unfinished)
        else:
            compile_library(source, compiler, flags, unfinished)
