"""Who breaks a property, and the sentence that says so."""

import enum

from checker.language import Index
from checker.traces.values import as_json, call, shown
from checker.traces.witness import filled_in, witness_of


class Node(Index, size=4):
    pass


class Colour(enum.Enum):
    RED = 1
    BLUE = 2


NODES = [Node[number] for number in range(4)]
EDGES = {(0, 1), (2, 3)}


def joined(a: Node, b: Node) -> bool:
    return (int(a), int(b)) in EDGES


def no_edge_from_2(_k: object) -> bool:
    return not any(joined(a, b) for a in NODES[2:] for b in NODES)


def everything_is_far(_k: object) -> bool:
    return all(not any(joined(a, b) for b in NODES) for a in NODES[1:])


def with_a_loop(_k: object) -> bool:
    for node in NODES:  # noqa: SIM110
        if int(node) == 3:
            return False
    return True


def stale(_k: object) -> bool:
    """The inner `any` is true for node0 too, where the outer condition is not."""
    return not any(any(joined(a, b) for b in NODES) and int(a) > 1 for a in NODES)


def test_the_variables_that_decided() -> None:
    assert witness_of(no_edge_from_2, None) == {"a": NODES[2], "b": NODES[3]}
    assert witness_of(everything_is_far, None) == {"a": NODES[2], "b": NODES[3]}
    assert witness_of(with_a_loop, None) == {"node": NODES[3]}
    assert witness_of(stale, None) == {"a": NODES[2], "b": NODES[3]}


def test_sentences_are_filled_in() -> None:
    names = {"page": NODES[1], "owner": {"of": Colour.RED}}
    assert filled_in("{page} is {owner['of']}", names) == "node1 is RED"
    assert filled_in("{[1 != 2]}: \"{page}\" \\ 'x'", names) == "[True]: \"node1\" \\ 'x'"
    assert filled_in("{missing} stays a gap, {{this}} does not", names) == "? stays a gap, {this} does not"


def test_values_as_people_write_them() -> None:
    assert shown(frozenset({NODES[2], NODES[0]})) == "{node0, node2}"
    assert shown((NODES[1], Colour.BLUE, None, True)) == "(node1, BLUE, None, True)"
    assert call("f", (NODES[1], 3)) == "f(node1, 3)"
    assert as_json(frozenset({(NODES[2], Colour.RED), (NODES[0], Colour.BLUE)})) == [
        ["node0", "BLUE"],
        ["node2", "RED"],
    ]
    assert as_json(None) is None and as_json(True) is True and as_json(3) == 3
