"""`check graph`, as a user types it: the graph is the one that the search goes through."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import networkx as nx
import pytest

from checker.graph import files
from checker.graph.files import quoted
from checker.graph.grouping import components
from tests.commands.conftest import Check

FREE = ("graph", "--load", "{models}/unmapping.py", "--scenario", "free-only")
needs_dot = pytest.mark.skipif(shutil.which("dot") is None, reason="no graphviz")


def read(file: Path) -> nx.DiGraph:
    return nx.read_graphml(file, node_type=int)


def test_it_has_the_states_that_are_counted(check: Check, tmp_path: Path) -> None:
    file = tmp_path / "a.graphml"
    said = check(*FREE, "--graphml", str(file))
    assert said.code == 0 and f"written: {file}" in said.err
    counted = check(
        *("--load", "{models}/unmapping.py", "--scenario", "free-only", "--property", "all-is-well"),
        *("--engine", "python", "--json"),
    )
    (run,) = json.loads(counted.out)["runs"]
    graph = read(file)
    assert len(graph) == run["states"]
    assert said.lines[0] == f"free-only, broken: {len(graph)} states, {graph.number_of_edges()} edges"
    steps = [text for _, _, about in graph.edges(data=True) for text in about["steps"].split("; ")]
    assert len(steps) == run["transitions"]
    assert {"cpu0: free_page(page0)", "cpu1: free_page", "<fill_tlb(cpu0, page0)>"} <= set(steps)
    assert [node for node, about in graph.nodes(data=True) if about["initial"]] == [0]
    assert graph.nodes[0]["page[0].mapped"] == "True" and graph.nodes[0]["cpu0"] == "idle"
    assert max(about["depth"] for _, about in graph.nodes(data=True)) == run["depth"]


def test_states_are_told_apart_by_what_their_nodes_say(check: Check, tmp_path: Path) -> None:
    file = tmp_path / "a.graphml"
    check(*FREE, "--graphml", str(file))
    told = {
        tuple(
            sorted((name, str(value)) for name, value in about.items() if name not in ("label", "component"))
        )
        for _, about in read(file).nodes(data=True)
    }
    assert len(told) == len(read(file))


def test_groups(check: Check, tmp_path: Path) -> None:
    file, every = tmp_path / "by.graphml", tmp_path / "all.graphml"
    by = ("--by", "k.page[Page(0)].free", "--by", "k.tlb[Cpu(0)]")
    said = check(*FREE, *by, "--graphml", str(file))
    check(*FREE, "--graphml", str(every))
    graph, whole = read(file), read(every)
    values = {(about["page[0].free"], about["tlb[0]"]) for _, about in whole.nodes(data=True)}
    assert {(about[by[1]], about[by[3]]) for _, about in graph.nodes(data=True)} == values
    assert len(graph) == len(values)
    assert sum(about["states"] for _, about in graph.nodes(data=True)) == len(whole)
    assert f"  {len(graph)} nodes, {graph.number_of_edges()} edges" in said.lines


def test_components_are_marked(check: Check, tmp_path: Path) -> None:
    file = tmp_path / "c.graphml"
    said = check("graph", "--load", "{models}/two_locks.py", "--graphml", str(file))
    graph = read(file)
    expected = sorted(len(each) for each in nx.strongly_connected_components(graph))
    found: dict[int, int] = {}
    for _, about in graph.nodes(data=True):
        found[about["component"]] = found.get(about["component"], 0) + 1
    assert sorted(found.values()) == expected and expected[-1] > 1
    stuck = [node for node, about in graph.nodes(data=True) if about["final"]]
    assert stuck and all(set(graph.successors(node)) <= {node} for node in stuck)  # the two deadlocks
    text = " ".join(said.out.split())
    assert text.endswith(f"the largest has {expected[-1]}; {len(stuck)} cannot be left")


def test_what_a_component_is() -> None:
    graph = nx.DiGraph([(0, 1), (1, 0), (1, 2), (2, 2), (0, 3), (3, 4), (4, 3)])
    found = components(graph)
    assert [(each.nodes, each.final) for each in found] == [((0, 1), False), ((2,), True), ((3, 4), True)]


@needs_dot
def test_the_picture_has_every_node_and_a_frame_for_each_component(check: Check, tmp_path: Path) -> None:
    file, again = tmp_path / "c.svg", tmp_path / "again.svg"
    said = check("graph", "--load", "{models}/two_locks.py", "--svg", str(file))
    check("graph", "--load", "{models}/two_locks.py", "--svg", str(again))
    assert file.read_bytes() == again.read_bytes()
    kinds = [each.get("class") for each in ElementTree.parse(file).iter("{http://www.w3.org/2000/svg}g")]
    states = int(re.findall(r"(\d+) states", said.lines[0])[0])
    assert kinds.count("node") == states and kinds.count("cluster") == 1
    assert "strongly connected" in file.read_text()


def test_without_graphviz_it_is_said_before_anything_is_searched(
    check: Check, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    said = check(*FREE, "--svg", str(tmp_path / "a.svg"))
    assert said.code == 2 and said.out == ""
    assert said.err == (
        "error: --svg needs graphviz, and its `dot` is not on the PATH\n"
        "  apt install graphviz, or write --graphml FILE for another tool\n"
    )


def test_a_graph_that_is_too_large(check: Check, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = check(*FREE, "--max-states", "5", "--graphml", str(tmp_path / "a.graphml"))
    assert said.code == 2 and "state limit after 5 states; nothing was drawn" in said.err
    assert not (tmp_path / "a.graphml").exists()
    monkeypatch.setattr(files, "MOST_NODES", 3)
    monkeypatch.setattr(shutil, "which", lambda name: "/usr/bin/dot")
    said = check(*FREE, "--svg", str(tmp_path / "a.svg"))
    assert said.code == 2 and "it may have 3 and 2,000" in said.err and "group states with --by" in said.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("graph", "--load", "{models}/unmapping.py"), "a graph is of one scenario, and there are 2"),
        ((*FREE, "--by", "k.pge"), "Kernel has no field `pge`"),
        ((*FREE, "--by", "page.free"), "`page` is not a name of the model"),
        ((*FREE, "--by", "k.page["), "EXPR:1:8: error: '[' was never closed"),
        ((*FREE, "--by", "(p for p in Page)"), "gives no value to group by"),
        ((*FREE, "--by", "k.page[Page(7)].free"), "out of range"),
        ((*FREE, "--graphml", "nowhere/a.graphml"), "there is no directory nowhere"),
    ],
)
def test_mistakes(check: Check, words: tuple[str, ...], said: str) -> None:
    answer = check(*words)
    assert answer.code == 2 and said in answer.err and "Traceback" not in answer.err


def test_what_a_model_says_cannot_end_a_text() -> None:
    assert quoted('a"]; b [label="\\N\nc') == '"a\\"]; b [label=\\"\\\\N\\nc"'


def test_what_the_documentation_says() -> None:
    text = (Path(__file__).parents[2] / "docs" / "graph.md").read_text()
    from checker.commands.graph import MOST_STATES

    assert f"after {MOST_STATES:,} states" in text
    assert f"at most {files.MOST_NODES} nodes and {files.MOST_EDGES:,} edges" in text


def test_the_commands_of_the_documentation(
    check: Check, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = (Path(__file__).parents[2] / "docs" / "graph.md").read_text()
    commands = re.findall(r"^check (.*)$", text, re.MULTILINE)
    assert len(commands) == 2
    for command in commands:
        words = shlex.split(command)
        if shutil.which("dot") is None:
            words = [word for word in words if word not in ("--svg", "states.svg", "hands.svg")]
        assert check(*words).code == 0


def test_the_report_fits_a_mail(check: Check) -> None:
    said = check("graph", "--load", "{models}/irqs_off.py", "--by", "k.lock", "--by", "k.irqs_off, k.pending")
    assert said.code == 0 and max(map(len, said.lines)) <= 75
