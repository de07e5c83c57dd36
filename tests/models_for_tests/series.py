"""A free list whose lock and clearing came with different patches of three series: verdicts change."""

from enum import Enum

from checker.language import Array, Index, Scenario, Steps, invariant, operation, state, switch, switches


class Clear(Enum):
    NEVER = "never"
    ON_FREE = "on free"
    ON_ALLOC = "on alloc"


@switches(
    presets={
        "v1": {"clear": Clear.NEVER, "locked": False},
        "v2": {"clear": Clear.ON_FREE, "unlocks_early": True},
        "v3": {},
    },
    series={"v1": 3, "v2": 5, "v3": 6},
    default="v3",
)
class Design:
    """v1 does not lock and does not clear, v2 does both but drops the lock too early, v3 is right."""

    shared: bool = switch(True, "there is a list at all", base=False, patches={"v1": 1, "v2": 1, "v3": 1})
    locked: bool = switch(True, "a page is taken under the lock", base=False, patches={"v2": 2, "v3": 2})
    unlocks_early: bool = switch(
        False, "the lock is dropped before the page is taken", base=False, patches={"v2": 4}
    )
    clear: Clear = switch(
        Clear.ON_ALLOC, "when a page is cleared", base=Clear.NEVER, patches={"v2": 3, "v3": 5}
    )


class Task(Index, size=2): ...


class Page(Index, size=1): ...


@state(design=Design)
class Kernel:
    owner: Array[Page, Task | None]
    dirty: Array[Page, bool]
    lock: Task | None
    twice: bool
    leaked: bool
    audited: bool


@operation(Task)
def use(k: Kernel, me: Task, page: Page) -> Steps:
    """Take a page, write to it, give it back."""
    if Design.locked:
        yield
        while k.lock is not None:
            yield
        k.lock = me
    if not Design.shared or k.owner[page] is not None:
        k.lock = None
        return
    if Design.unlocks_early:
        k.lock = None
    if Design.unlocks_early or not Design.locked:
        yield
    k.twice = k.twice or k.owner[page] is not None
    k.owner[page] = me
    if Design.clear is Clear.ON_ALLOC:
        k.dirty[page] = False
    k.leaked = k.leaked or k.dirty[page]
    k.lock = None
    yield
    k.dirty[page] = Design.clear is not Clear.ON_FREE
    k.owner[page] = None


Scenario("one-task", "one task alone", runs={Task[0]: [use]})
Scenario("two-tasks", "each task once", once={Task: [use]})


@invariant(severity="corruption")
def one_owner(k: Kernel) -> bool:
    """A page is taken by one task at a time."""
    return not k.twice


@invariant(severity="leak")
def no_leak(k: Kernel) -> bool:
    """Nobody gets a page with another's contents."""
    return not k.leaked


@invariant
def audits_agree(k: Kernel) -> bool:
    """Nothing in this model can decide against it."""
    return all(k.lock is not None for page in Page if k.audited)
