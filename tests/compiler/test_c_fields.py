"""How a field of the packed state is read: its index is asked for once, wherever the field stands."""

from __future__ import annotations

from checker.compiler import compile_program
from checker.compiler.c_fields import accessors
from checker.compiler.layout import Field, lay_out
from checker.engines import native
from checker.language import Array, Index, Steps, World, invariant, operation, state


def getter(field: Field) -> str:
    lay_out([field])
    return next(line for line in accessors(field) if f"get_{field.cname}(" in line)


def test_what_arithmetic_finds_is_read_by_a_macro() -> None:
    assert getter(Field("owner", 2, -1, 4)).startswith("#define get_owner(s, i) ")
    assert getter(Field("flag", 1, 0, 1, indexed=False)).startswith("#define get_flag(s) ")


def test_what_a_table_finds_is_read_by_a_function() -> None:
    """Its index stands there twice, and what fails in it is to be noted once."""
    assert "get_owner(const State *s, int i)" in getter(Field("owner", 30, 0, 3))


class Page(Index, size=1): ...


class Task(Index, size=1): ...


@state
class Kernel:
    held: Array[Page, bool]
    next: Page | None
    seen: bool


@operation(Task)
def look(k: Kernel, me: Task) -> Steps:
    k.seen = k.held[k.next]  # type: ignore[index]
    k.held[Page(0)] = True
    yield


@invariant
def never_seen(k: Kernel) -> bool:
    return not k.seen


def test_an_index_may_fail_where_there_is_one_element_only() -> None:
    program = compile_program(World(Kernel), [never_seen])
    found = native.explore(program, [never_seen])
    assert [each.kind for each in found.violations.values()] == ["model error"]
