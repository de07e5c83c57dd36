"""Which line is an operation's last one, and whether both engines agree on who comes to it."""

import pytest

from checker.compiler import compile_program
from checker.engines import native, python
from checker.engines.compilers import find_compiler
from checker.language import Array, Index, Range, Steps, World, operation, state, switch, switches
from checker.language.last_lines import with_last_lines
from checker.language.model import model_of


@switches(presets={"plain": {}}, default="plain")
class Design:
    careful: bool = switch(False, "whether a second look is taken")


class Task(Index, size=1): ...


@state(design=Design)
class K:
    flag: bool
    done: Array[Task, bool]
    level: Range(0, 2)


@operation(Task)
def to_the_end(k: K, me: Task) -> Steps:
    yield
    k.done[me] = True


@operation(Task)
def leaves_early(k: K, me: Task) -> Steps:
    yield
    if not k.flag:
        return
    k.done[me] = True


@operation(Task)
def in_a_branch(k: K, me: Task) -> Steps:
    yield
    if k.flag:
        k.done[me] = True


@operation(Task)
def in_a_branch_of_another_design(k: K, me: Task) -> Steps:
    yield
    k.done[me] = not k.done[me]
    if Design.careful:
        k.flag = True


@operation(Task)
def in_a_loop(k: K, me: Task) -> Steps:
    for t in Task:
        yield
        if k.flag:
            break
        k.done[t] = True


@operation(Task, forever=True)
def for_ever(k: K, me: Task) -> Steps:
    while True:
        yield
        k.done[me] = not k.done[me]


@operation(Task)
def suspended_at_its_end(k: K, me: Task) -> Steps:
    while not k.flag:
        yield


def inner(k: K, me: Task) -> Steps[bool]:
    yield
    return k.flag


@operation(Task)
def hands_on(k: K, me: Task) -> Steps[bool]:
    return (yield from inner(k, me))


REACHED = {"to_the_end", "in_a_branch_of_another_design", "in_a_loop", "for_ever", "hands_on"}


def marked(careful: bool) -> World:
    plain = World(model_of(K), design={"careful": careful})
    with plain:
        variants = with_last_lines(plain.operations)
    return World(model_of(K), design=plain.design, variants=variants)


def test_the_python_engine() -> None:
    assert python.explore(marked(False)).last_lines == REACHED


@pytest.mark.skipif(find_compiler() is None, reason="no C compiler")
def test_the_native_engine_agrees_and_starts_can_be_barred() -> None:
    world = marked(False)
    program = compile_program(world, (), selectable=True)
    assert native.explore(program).last_lines == REACHED
    only = native.explore(program, starts={Task[0]: {"to_the_end"}})
    assert only.last_lines == {"to_the_end"}
    assert only.states == 2  # nobody asks for `done`, so it is sliced away
    everything = native.explore(program, starts={Task[0]: {op.name for op in world.operations}})
    assert everything.last_lines == REACHED


def test_a_switch_decides_which_line_is_the_last_one() -> None:
    assert python.explore(marked(True)).last_lines == {
        "to_the_end",
        "leaves_early",
        "in_a_branch",
        "in_a_branch_of_another_design",
        "in_a_loop",
        "for_ever",
        "suspended_at_its_end",
        "hands_on",
    }


def test_marks_change_neither_states_nor_transitions() -> None:
    plain, with_marks = python.explore(World(model_of(K))), python.explore(marked(False))
    assert (plain.states, plain.transitions, plain.depth) == (
        with_marks.states,
        with_marks.transitions,
        with_marks.depth,
    )
    assert not plain.last_lines
