"""A graph as GraphML for other tools, and as a picture that graphviz lays out."""

from __future__ import annotations

import io
import shutil
import subprocess
from collections.abc import Iterator

import networkx as nx

from checker.graph.grouping import Component, Drawing
from checker.language.errors import CheckerError

MOST_NODES, MOST_EDGES = 400, 2_000  # of a picture
MOST_STEPS = 3  # named at an edge of the picture
PATIENCE = 60.0  # seconds for graphviz
HINT = "group states with --by, or write --graphml FILE"


def graphml(drawing: Drawing) -> str:
    """Every attribute that GraphML has a type for; the steps of an edge as one text."""
    plain = nx.DiGraph()
    plain.add_nodes_from(drawing.graph.nodes(data=True))
    for start, end, about in drawing.graph.edges(data=True):
        plain.add_edge(start, end, steps="; ".join(about["steps"]))
    written = io.BytesIO()
    nx.write_graphml_xml(plain, written, infer_numeric_types=False)
    return written.getvalue().decode() + "\n"


def check_dot() -> None:
    """Before anything is searched."""
    if shutil.which("dot") is None:
        raise CheckerError(
            "--svg needs graphviz, and its `dot` is not on the PATH",
            advice="apt install graphviz, or write --graphml FILE for another tool",
        )


def check_size(drawing: Drawing) -> None:
    nodes, edges = len(drawing.graph), drawing.graph.number_of_edges()
    if nodes > MOST_NODES or edges > MOST_EDGES:
        raise CheckerError(
            f"--svg: {nodes:,} nodes and {edges:,} edges are no picture any more; "
            f"it may have {MOST_NODES:,} and {MOST_EDGES:,}",
            advice=HINT,
        )


def svg(drawing: Drawing) -> str:
    try:
        done = subprocess.run(
            ["dot", "-Tsvg"], input=dot(drawing), capture_output=True, text=True, timeout=PATIENCE
        )
    except subprocess.TimeoutExpired:
        raise CheckerError(f"--svg: graphviz needs more than {PATIENCE:.0f} s for it", advice=HINT) from None
    if done.returncode:
        raise CheckerError(f"--svg: graphviz failed: {done.stderr.strip()}")
    return done.stdout


def dot(drawing: Drawing) -> str:
    """In graphviz's language: a frame around each component of several nodes."""
    scenario = drawing.states.world.scenario.name
    lines = [f"digraph {quoted(scenario)} {{"]
    lines += ['  graph [fontname="sans-serif" fontsize=12 bgcolor=white]']
    lines += ['  node [fontname="sans-serif" fontsize=11 shape=box style="rounded,filled" fillcolor=white]']
    lines += ['  edge [fontname="sans-serif" fontsize=9 color="#59636e"]']
    for component in drawing.components:
        lines += _component(drawing, component)
    for start, end, about in drawing.graph.edges(data=True):
        if start != end:
            lines.append(f"  {start} -> {end} [label={quoted(_steps(about['steps']))}]")
    return "\n".join([*lines, "}", ""])


def _component(drawing: Drawing, component: Component) -> Iterator[str]:
    nodes = [f"  {_node(drawing, node, component)}" for node in component.nodes]
    if len(nodes) == 1:
        yield from nodes
        return
    text = f"{len(nodes)} strongly connected" + (", never left" if component.final else "")
    colour = "#b42318" if component.final else "#1a6fb5"
    yield f"  subgraph cluster_{component.number} {{"
    yield f'    label={quoted(text)} color="{colour}" fontcolor="{colour}" penwidth=2 style=rounded'
    yield from (f"  {node}" for node in nodes)
    yield "  }"


def _node(drawing: Drawing, node: int, component: Component) -> str:
    about = drawing.graph.nodes[node]
    given = {"label": about["label"], "tooltip": _tooltip(about)}
    if about["initial"]:
        given |= {"penwidth": "3"}
    if component.final and len(component.nodes) == 1:
        given |= {"fillcolor": "#ffd7d5"}
    return f"{node} [{' '.join(f'{name}={quoted(text)}' for name, text in given.items())}]"


def _tooltip(about: dict[str, object]) -> str:
    return "\n".join(f"{name}: {value}" for name, value in about.items() if name != "label")


def _steps(steps: list[str]) -> str:
    more = len(steps) - MOST_STEPS
    return "\n".join([*steps[:MOST_STEPS], *([f"and {more} more"] if more > 0 else [])])


def quoted(text: str) -> str:
    """A text in graphviz's language, in which a backslash begins an escape."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
