"""Two CPUs that spin until their compare-and-swap succeeds; each try that fails is counted, up to three."""

from checker.language import Array, Index, Range, Steps, invariant, operation, state


class Cpu(Index, size=2): ...


@state
class Lock:
    taken: bool
    tries: Range(0, 3)  # type: ignore[valid-type]
    inside: Array[Cpu, bool]


def try_lock(k: Lock) -> bool:
    if k.taken:
        k.tries = min(k.tries + 1, 3)
        return False
    k.taken = True
    return True


@operation(Cpu)
def critical_section(k: Lock, me: Cpu) -> Steps:
    while not try_lock(k):
        yield
    k.inside[me] = True
    yield
    k.inside[me] = False
    k.taken = False


@invariant
def mutual_exclusion(k: Lock) -> bool:
    return not all(k.inside[cpu] for cpu in Cpu) and k.tries <= 3
