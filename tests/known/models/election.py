"""Chang and Roberts' election on a ring of four: the largest identity comes back to its node."""

from checker.language import Array, Index, Range, Set, action, always_possible, choose, invariant, state, when


class Node(Index, size=4):
    @property
    def next(self) -> "Node":
        return Node((int(self) + 1) % 4)


IDENTITY = (2, 0, 3, 1)


@state
class Ring:
    inbox: Array[Node, Set[Range(0, 3)]]  # type: ignore[valid-type]
    elected: Array[Node, bool]
    started: Array[Node, bool]


@action(Node)
def start(r: Ring, me: Node) -> None:
    when(not r.started[me])
    r.started[me] = True
    r.inbox[me.next].add(IDENTITY[int(me)])


@action(Node)
def handle(r: Ring, me: Node) -> None:
    got = choose(r.inbox[me])
    r.inbox[me].discard(got)
    if got == IDENTITY[int(me)]:
        r.elected[me] = True
    elif got > IDENTITY[int(me)]:
        r.started[me] = True
        r.inbox[me.next].add(got)


@invariant
def the_largest(r: Ring) -> bool:
    return all(int(node) == 2 for node in Node if r.elected[node])


@always_possible
def somebody(r: Ring) -> bool:
    return any(r.elected[node] for node in Node)
