"""A trace as Informal Trace Format JSON, which the tools around TLA+ and Quint read, and back.

What is read back is data and nothing else: it names steps and states, and whoever replays it looks them up in
a model of their own. https://apalache-mc.org/docs/adr/015adr-trace.html describes the format.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from itf_py import State, trace_to_json
from itf_py import Trace as ItfTrace

from checker.language.errors import CheckerError
from checker.language.world import World
from checker.traces.seen import Snapshot
from checker.traces.trace import Trace
from checker.traces.values import in_order, shown

FORMAT = "check-trace"
VERSION = 1
MOST_BYTES = 16 << 20  # a hundred times what a long trace has; read, it is fifty times as large
MOST_DEPTH = 40
MOST_STEPS = 1_000_000
# Control characters but line ends and tabs, those that turn the direction of a line, and halves of others.
UNSEEN = re.compile(
    "[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069\\ud800-\\udfff]"
)
KINDS = {str: "text", dict: "object", list: "list", bool: "truth value"}
NOTHING = "None"  # no member of an Enum can have this name


@dataclass(frozen=True)
class Recorded:
    """One step, as it stands in a file."""

    kind: str
    actor: str | None
    name: str
    arguments: tuple[str, ...]
    choices: tuple[int, ...]
    place: str


@dataclass(frozen=True)
class Saved:
    """A trace that was read back. `states`: each cell's value by its path, as text; one more than steps."""

    about: Mapping[str, Any]  # property, kind, location, asked
    request: Mapping[str, Any]  # design, settings, bounds, scenario, loads, atomicity
    steps: tuple[Recorded, ...]
    states: tuple[Mapping[str, str], ...]


# ---- writing --------------------------------------------------------------------------------------------


def itf_of(trace: Trace, asked: Mapping[str, Any], request: Mapping[str, Any]) -> dict[str, Any]:
    """The states hold one variable for each cell, named by its path, in the values of the format."""
    cells = dict(trace.initial)
    states = [State({"index": 0}, _values(cells))]
    for step in trace.steps:
        cells.update({change.path: change.new for change in step.changes})
        states.append(State({"index": step.number, "step": _step(step)}, _values(cells)))
    about = {
        "property": trace.name,
        "kind": trace.kind,
        "location": trace.location,
        "sentence": trace.sentence,
        **asked,
    }
    meta = {
        "format": "ITF",
        "format-description": "https://apalache-mc.org/docs/adr/015adr-trace.html",
        FORMAT: VERSION,
        "about": about,
        "request": dict(request),
    }
    data: dict[str, Any] = trace_to_json(
        ItfTrace(meta, [], [path for path, _ in trace.initial], states, None)
    )
    del data["loop"]  # absent where there is none
    _sort_sets(data)
    return data


def _sort_sets(data: Any) -> None:
    """Python's own order of a set differs from run to run."""
    for value in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        _sort_sets(value)
    if isinstance(data, dict) and isinstance(data.get("#set"), list):
        data["#set"].sort(key=json.dumps)


def _step(step: Any) -> dict[str, Any]:
    return {
        "kind": step.kind,
        "actor": step.actor or None,
        "name": step.operation,
        "arguments": [shown(value) for value in step.arguments],
        "choices": list(step.choices),
        "place": step.place,
    }


def _values(cells: Mapping[str, object]) -> dict[str, Any]:
    return {path: value_of(value) for path, value in cells.items()}


def value_of(value: object) -> Any:
    """As itf-py takes it: members and named values by name, and so None, as the format has no null."""
    if isinstance(value, bool):
        return value
    if value is None:
        return NOTHING
    if type(value) is int:
        return value
    if isinstance(value, tuple):
        return tuple(value_of(item) for item in value)
    if isinstance(value, frozenset | set):
        return frozenset(value_of(item) for item in in_order(value))
    return shown(value)


# ---- reading --------------------------------------------------------------------------------------------


def read(path: Path) -> Saved:
    """A trace from a file that anybody may have written: everything in it is checked, and nothing run."""
    text = _text(path)
    try:
        data = json.loads(text, parse_constant=_no_constant)
    except RecursionError:
        raise _refused(path, "it is nested too deeply") from None
    except ValueError as error:
        why = str(error).partition("; use sys.")[0]
        raise _refused(path, f"it is no JSON: {why}") from None
    try:
        _check_shape(data)
        return _saved(data)
    except _Wrong as problem:
        raise _refused(path, str(problem)) from None


def _text(path: Path) -> str:
    if not path.is_file():
        what = "this is no file" if path.exists() else "there is no such file"
        raise CheckerError(f"{path}: {what}")
    if path.stat().st_size > MOST_BYTES:
        raise _refused(path, f"it is larger than {MOST_BYTES >> 20} MiB")
    try:
        return path.read_text(encoding="utf-8")
    except (UnicodeDecodeError, OSError) as error:
        raise _refused(path, f"it cannot be read as text: {error}") from None


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _refused(path: Path, why: str) -> CheckerError:
    return CheckerError(f"{path} is not a trace that was saved with --itf: {why}")


class _Wrong(Exception):
    """What is wrong with the data."""


def _check_shape(data: Any) -> None:
    """Names are shown to whoever asks: a text that would move the cursor or turn the line around is none."""
    level = [data]
    for _ in range(MOST_DEPTH):
        following: list[Any] = []
        for value in level:
            if isinstance(value, dict):
                following += value
                following += value.values()
            elif isinstance(value, list):
                following += value
            elif isinstance(value, str) and UNSEEN.search(value):
                raise _Wrong(f"a text holds a character that cannot be shown: {ascii(value)[:60]}")
        level = following
    if level:
        raise _Wrong(f"it is nested more than {MOST_DEPTH} deep")


def _saved(data: Any) -> Saved:
    meta = _get(data, "#meta", dict)
    if meta.get("format") != "ITF" or FORMAT not in meta:
        raise _Wrong(f"its #meta does not say `{FORMAT}`; a trace of another tool cannot be replayed")
    if meta[FORMAT] != VERSION:
        raise _Wrong(f"it has version {meta[FORMAT]!r}, and this command reads version {VERSION}")
    names = _texts(_get(data, "vars", list), "vars")
    states = _get(data, "states", list)
    if not states or len(states) > MOST_STEPS:
        raise _Wrong(f"it has {len(states)} states")
    about, request = _get(meta, "about", dict), _get(meta, "request", dict)
    for key in ("property", "kind"):
        _get(about, key, str)
    steps = tuple(_recorded(number, state) for number, state in enumerate(states[1:], 1))
    return Saved(about, _request(request), steps, tuple(_cells(state, names) for state in states))


def _request(given: Mapping[str, Any]) -> dict[str, Any]:
    bounds = _get(given, "bounds", dict)
    if not all(type(value) is int for value in bounds.values()):
        raise _Wrong("a bound is no number")
    design = given.get("design")
    if design is not None and not isinstance(design, str):
        raise _Wrong("`design` is no text")
    return {
        "design": design,
        "settings": _texts(_get(given, "settings", list), "settings"),
        "bounds": bounds,
        "scenario": _get(given, "scenario", str),
        "loads": _texts(_get(given, "loads", list), "loads"),
        "fine": _get(given, "fine", bool),
    }


def _recorded(number: int, state: Any) -> Recorded:
    try:
        step = _get(_get(state, "#meta", dict), "step", dict)
        actor = step.get("actor")
        if actor is not None and not isinstance(actor, str):
            raise _Wrong("`actor` is no text")
        choices = _get(step, "choices", list)
        if not all(type(each) is int and each >= 0 for each in choices):
            raise _Wrong("a choice is no number")
        kind = _get(step, "kind", str)
        if kind not in ("start", "resume", "action"):
            raise _Wrong(f"`{kind[:40]}` is no kind of step")
        arguments = tuple(_texts(_get(step, "arguments", list), "arguments"))
        return Recorded(
            kind, actor, _get(step, "name", str), arguments, tuple(choices), _get(step, "place", str)
        )
    except _Wrong as problem:
        raise _Wrong(f"step {number}: {problem}") from None


def _cells(state: Any, names: Sequence[str]) -> dict[str, str]:
    if not isinstance(state, dict):
        raise _Wrong("a state is no object")
    missing = [name for name in names if name not in state]
    if missing:
        raise _Wrong(f"a state has no `{missing[0][:60]}`")
    return {name: text_of(state[name]) for name in names}


def text_of(value: Any) -> str:
    """A value of the file in the words of a trace."""
    if isinstance(value, bool | str):
        return str(value)
    if isinstance(value, dict) and len(value) == 1:
        ((kind, inside),) = value.items()
        if kind == "#bigint" and isinstance(inside, str) and re.fullmatch(r"-?[0-9]{1,38}", inside):
            return inside
        if kind in ("#tup", "#set") and isinstance(inside, list):
            items = [text_of(each) for each in inside]
            return f"({', '.join(items)})" if kind == "#tup" else "{" + ", ".join(sorted(items)) + "}"
    raise _Wrong(f"{json.dumps(value)[:60]} is not a value of the format")


def _get(data: Any, key: str, kind: type) -> Any:
    if not isinstance(data, dict) or key not in data:
        raise _Wrong(f"it has no `{key}`")
    if not isinstance(data[key], kind):
        raise _Wrong(f"`{key}` is no {KINDS[kind]}")
    return data[key]


def _texts(values: list[Any], what: str) -> list[str]:
    if not all(isinstance(value, str) for value in values):
        raise _Wrong(f"`{what}` holds something that is no text")
    return values


# ---- comparing ------------------------------------------------------------------------------------------


def texts_of(world: World, snapshot: Snapshot) -> dict[str, str]:
    """A state in the same words as one that was read back."""
    from itf_py import value_to_json

    to_json: Callable[[Any], Any] = value_to_json
    return {
        cell.path: text_of(to_json(value_of(value)))
        for cell, value in zip(world.cells, snapshot, strict=True)
    }
