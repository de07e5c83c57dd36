"""A counterexample as one page that needs nothing else: diagram, states, explanation, and keys to step."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import jinja2

from checker.traces.columns import mark
from checker.traces.svg import COLOURS, NAMES, SHAPES, lane_names, sequence
from checker.traces.tables import tables
from checker.traces.trace import Trace
from checker.traces.values import shown

HERE = Path(__file__).parent


def page(trace: Trace) -> str:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("page.html").render(
        trace=trace,
        why=trace.why,
        pictures=numbered(trace),
        tables=tables(path for path, _ in trace.initial),
        changing=sorted({change.path for step in trace.shown_steps for change in step.changes}),
        lines=[each for each in trace.context.items() if each[0] not in ("command", "switches", "differing")],
        switches=[each.partition("=") for each in trace.context.get("switches", "").split(", ") if each],
        command=trace.context.get("command", ""),
        style=COLOURS + SHAPES + (HERE / "page.css").read_text(),
        script=(HERE / "page.js").read_text(),
        names=lane_names(trace),
        diagram=sequence(trace, top=NAMES),
        data=_embedded(_data(trace)),
    )


def numbered(trace: Trace) -> list[dict[str, Any]]:
    """The pictures, each cell with a number of its own by which the script finds it."""
    count = itertools.count()
    return [
        {
            "heads": picture.heads,
            "rows": [(row.title, [(next(count), cell.span) for cell in row.cells]) for row in picture.rows],
        }
        for picture in trace.pictures
    ]


def _drawn(trace: Trace) -> list[list[Any]]:
    """For each cell of the pictures: in which states it gets another content, and which."""
    cells = (cell for picture in trace.pictures for row in picture.rows for cell in row.cells)
    return [
        [
            [number, content.texts, int(content.is_set)]
            for number, content in enumerate(cell.contents)
            if number == 0 or content != cell.contents[number - 1]
        ]
        for cell in cells
    ]


def _data(trace: Trace) -> dict[str, Any]:
    """What the script needs to build each state."""
    return {
        "drawn": _drawn(trace),
        "initial": {path: shown(value) for path, value in trace.initial},
        "steps": [
            {
                "lane": step.lane,
                "actor": step.actor,
                "text": step.text,
                "place": step.place,
                "who": step.who,
                "line": step.line,
                "mark": mark(trace, step),
                "chosen": [shown(value) for value in step.chosen],
                "assumed": list(step.assumed),
                "changes": [
                    {"path": each.path, "old": shown(each.old), "new": shown(each.new)}
                    for each in step.changes
                ],
            }
            for step in trace.shown_steps
        ],
    }


def _embedded(data: object) -> str:
    """JSON that cannot end the script that it stands in."""
    return json.dumps(data, ensure_ascii=True).replace("<", "\\u003c").replace(">", "\\u003e")
