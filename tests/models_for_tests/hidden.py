"""Two bugs in one model: the shallow one hides the deep one, as both show when a page is read."""

from checker.language import Array, Index, Range, Steps, action, invariant, operation, state, switch, switches


@switches(
    presets={"both": {}, "shallow-only": {"deep": False}, "repaired": {"deep": False, "shallow": False}},
    default="both",
)
class Design:
    shallow: bool = switch(True, "free() forgets to flush")
    deep: bool = switch(True, "the undo of the third attempt forgets to flush")


class Task(Index, size=1): ...


class Page(Index, size=2): ...


@state(design=Design)
class Kernel:
    cached: Array[Page, bool]
    free: Array[Page, bool]
    attempts: Range(0, 3)
    read_freed: bool


@operation(Task)
def free_page(k: Kernel, me: Task, page: Page) -> Steps:
    if not Design.shallow:
        k.cached[page] = False
    k.free[page] = True
    yield


@operation(Task)
def give_back(k: Kernel, me: Task, page: Page) -> Steps:
    """The third attempt goes the wrong way; the others flush."""
    k.attempts = min(k.attempts + 1, 3)
    yield
    k.free[page] = True
    if not (Design.deep and k.attempts == 3):
        k.cached[page] = False
    yield


@action
def fill(k: Kernel, page: Page) -> None:
    """Only what is in use is cached."""
    k.cached[page] = k.cached[page] or not k.free[page]


@action
def read(k: Kernel, page: Page) -> None:
    """Through what is cached, whatever has become of the page."""
    k.read_freed = k.read_freed or (k.cached[page] and k.free[page])


@invariant(severity="leak")
def no_read_of_freed(k: Kernel) -> bool:
    """No freed page is read."""
    return not k.read_freed


@invariant(severity="leak")
def no_cache_of_freed(k: Kernel) -> bool:
    """No freed page is cached."""
    return not any(k.cached[p] and k.free[p] for p in Page)
