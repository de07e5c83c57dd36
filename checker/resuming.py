"""Where a search is saved that is stopped, and how one that was saved becomes a request again."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from checker.engines.checkpoint import Keeper, NotResumed, Saved, may_be_replaced, read
from checker.engines.libraries import cache_folder
from checker.language.errors import CheckerError
from checker.request import Request
from checker.screen import Screen
from checker.searching import Search

KEPT = 8  # files in the folder of those that nobody named
RECORDED = (  # what a request is, but for its limits and the files that it loads
    "properties",
    "all",
    "design",
    "settings",
    "scenarios",
    "bounds",
    "reduced",
    "each_cause",
    "question",
    "expression",
    "fine",
)
WORDS = {"all": "--all", "reduced": "--no-reduction", "fine": "--atomicity fine", "settings": "--set"}
UNTYPED = Request()


def kept(typed: Request, given: Mapping[str, Any]) -> tuple[Request, Keeper | None]:
    """The request with what was recorded in the file that it goes on with, and who saves its searches."""
    resumed, named = given.get("resume"), given.get("checkpoint")
    if typed.engine != "native":
        if resumed or named:
            option = "--resume" if resumed else "--checkpoint"
            raise CheckerError(f"{option} is for the native engine, not for --engine {typed.engine}")
        return typed, None
    saved = read(Path(resumed)) if resumed else None
    request = gone_on_with(typed, saved) if saved is not None else typed
    about = {name: getattr(request, name) for name in RECORDED} | {
        "loads": [str(Path(file).resolve()) for file in request.loads]
    }
    path = Path(named) if named else saved.path if saved is not None else _usual_place(about)
    if path is None:
        return request, None
    if not path.parent.is_dir():
        raise CheckerError(f"--checkpoint {path}: there is no folder {path.parent}")
    if named and not may_be_replaced(path):
        raise CheckerError(
            f"--checkpoint {path}: what is there is no checkpoint, and is not overwritten",
            advice="name another file",
        )
    return request, Keeper(path, about, always=bool(named), saved=saved)


def gone_on_with(typed: Request, saved: Saved) -> Request:
    """What was recorded. What is typed as well must say the same."""
    loads = saved.about.get("loads", ())
    if loads and not typed.loads:
        raise CheckerError(
            f"--resume {saved.path}: it is of what {loads[0]} defines, which is not loaded because a "
            "file names it",
            advice="give --load FILE yourself",
        )
    recorded: dict[str, Any] = {}
    for name in RECORDED:
        known, mine = _as_typed(saved.about.get(name)), _as_typed(getattr(typed, name))
        if mine not in (_as_typed(getattr(UNTYPED, name)), known):
            raise NotResumed(
                f"--resume {saved.path}: it was saved with {_words(name, known)}, not {_words(name, mine)}",
                advice="leave out what the file says itself",
            )
        recorded[name] = known
    if recorded["expression"] is not None and typed.expression is None:
        raise CheckerError(
            f"--resume {saved.path}: it answers an expression, which is not run because a file names it",
            advice=f"type check {recorded['question']} {shlex.quote(recorded['expression'])} --resume ...",
        )
    return dataclasses.replace(typed, **recorded)


def _as_typed(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _words(name: str, value: Any) -> str:
    """`--design v2`, `no --design`."""
    option = WORDS.get(name, f"--{name.rstrip('s') if name == 'scenarios' else name.replace('_', '-')}")
    option = "--property" if name == "properties" else option
    if name == "bounds":
        shown = " ".join(f"--{each} {number}" for each, number in dict(value or {}).items())
        return shown or "the usual bounds"
    if name == "reduced":
        return "its reductions" if value else option
    off = value in (None, (), False)
    if off or isinstance(value, bool):
        return f"no {option}" if off else option
    return f"{option} {', '.join(value) if isinstance(value, tuple) else value}"


def _usual_place(about: Mapping[str, Any]) -> Path | None:
    """In the user's cache, by what is asked; nowhere if that cannot be trusted."""
    folder, private = cache_folder("checkpoints")
    if private:
        folder.rmdir()
        return None
    _tidy(folder)
    name = hashlib.sha256(json.dumps(about, default=str).encode()).hexdigest()[:12]
    return folder / f"{name}.checkpoint"


def _tidy(folder: Path) -> None:
    """Drop the files that are oldest."""
    files = [(path.stat().st_mtime, path) for path in folder.glob("*.checkpoint")]
    for _, path in sorted(files, reverse=True)[KEPT:]:
        path.unlink(missing_ok=True)


def tell_saved(screen: Screen, request: Request, keeper: Keeper, search: Search) -> None:
    """How to go on, or that one cannot."""
    if search.is_whole and _is_ours(keeper.path):
        keeper.remove()
    if search.is_stopped:
        keeper.stopped()
    if keeper.trouble:
        screen.notice(f"the search could not be saved in {keeper.path}: {keeper.trouble}", "yellow")
    if keeper.is_written and not search.is_whole:
        question = [request.question, request.expression or ""] if request.question else []
        loads = [word for file in request.loads for word in ("--load", file)]
        command = shlex.join(["check", *question, *loads, "--resume", str(keeper.path)])
        screen.notice(f"to go on: {command}", "bold")


def _is_ours(path: Path) -> bool:
    folder, private = cache_folder("checkpoints")
    return not private and path.parent == folder
