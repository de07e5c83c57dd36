"""Records, arrays and sets: places, values, defaults, and every mistake that is caught while a model runs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from checker.language import Array, ModelError, Range, Set, World, copy_into, frozen, record, state
from checker.language.errors import CheckerError, TypeRefused, UnknownField, UnknownName
from checker.language.types import (
    BoolType,
    EnumType,
    IndexType,
    OptionalType,
    RangeType,
    SetType,
    TupleType,
    members,
)

from .models import Block, Cpu, Frame, Kernel, Kind, Page


def test_defaults(k: Kernel) -> None:
    frame = k.page[Page(0)]
    assert (frame.owner, frame.kind, frame.secret, frame.pair) == (None, Kind.MAPPED, True, (Page(0), False))
    assert (k.count, k.order, k.first) == (0, None, Page(0))
    assert len(k.idle) == 0 and k.sent[Cpu(0)][Cpu(1)] is False


def test_a_state_that_would_fill_the_memory_is_refused() -> None:
    with pytest.raises(CheckerError, match=r"with cpus=2000.* a state has more than 1,000,000 fields"):
        World(Kernel, bounds={"cpus": 2000}).new_store()


def test_cells_are_the_leaves_in_order() -> None:
    cells = World(Kernel).cells
    paths = [cell.path for cell in cells]
    assert paths[:5] == ["page[0].owner", "page[0].kind", "page[0].secret", "page[0].pair", "page[1].owner"]
    assert paths[16:22] == ["tlb[0]", "tlb[1]", "sent[0][0]", "sent[0][1]", "sent[1][0]", "sent[1][1]"]
    assert paths[22:] == ["idle", "count", "order", "first"]
    assert cells[4].steps == ("page", Page[1], "owner") and cells[4].type == OptionalType(IndexType(Cpu))
    assert cells[16].type == SetType(TupleType((EnumType(Kind), IndexType(Page))))
    assert cells[23].type == RangeType(0, 2) and cells[2].type == BoolType()


def test_initial_states(k: Kernel) -> None:
    world = World(Kernel, bounds={"cpus": 3})
    (only,) = world.initial_states()
    assert only[[cell.path for cell in world.cells].index("idle")] == {Cpu[0], Cpu[1], Cpu[2]}


def test_members_in_order(k: Kernel) -> None:
    assert members(OptionalType(RangeType(1, 3))) == [None, 1, 2, 3]
    assert members(TupleType((BoolType(), IndexType(Cpu)))) == [
        (False, Cpu(0)),
        (False, Cpu(1)),
        (True, Cpu(0)),
        (True, Cpu(1)),
    ]


def test_references_follow_and_values_do_not(k: Kernel) -> None:
    frame = k.page[Page(1)]
    before = frozen(frame)
    frame.owner = Cpu(1)
    assert k.page[Page(1)].owner is Cpu(1) and not frame.is_free() and frame.is_mapped
    assert before.owner is None
    assert frozen(frame) != before and before == frozen(k.page[Page(0)])
    assert k.free_pages() == [Page(0), Page(2), Page(3)]


def test_assign_and_copy(k: Kernel) -> None:
    k.page[Page(0)].assign(owner=Cpu(1), kind=Kind.UNMAPPED, pair=(Page(2), True))
    copy_into(k.page[Page(3)], k.page[Page(0)])
    assert frozen(k.page[Page(3)]) == frozen(k.page[Page(0)])
    k.sent[Cpu(1)].assign([True, False])
    copy_into(k.sent[Cpu(0)], k.sent[Cpu(1)])
    assert [k.sent[Cpu(0)][c] for c in Cpu] == [True, False]


def test_sets(k: Kernel) -> None:
    tlb = k.tlb[Cpu(0)]
    tlb.add((Kind.UNMAPPED, Page(1)))
    tlb.add((Kind.MAPPED, Page(3)))
    tlb.add((Kind.MAPPED, Page(3)))
    assert list(tlb) == [(Kind.MAPPED, Page(3)), (Kind.UNMAPPED, Page(1))]
    assert (Kind.MAPPED, Page(3)) in tlb and (Kind.MAPPED, Page(0)) not in tlb and len(tlb) == 2
    tlb.remove((Kind.MAPPED, Page(3)))
    tlb.discard((Kind.MAPPED, Page(3)))
    assert tlb == {(Kind.UNMAPPED, Page(1))} != k.tlb[Cpu(1)]
    k.tlb[Cpu(1)] = tlb | {(Kind.MAPPED, Page(0))}
    assert k.tlb[Cpu(1)] - tlb == {(Kind.MAPPED, Page(0))} and k.tlb[Cpu(1)] & tlb == tlb
    tlb.clear()
    assert tlb == set() and len(k.tlb[Cpu(1)]) == 2


def test_set_operators_in_place(k: Kernel) -> None:
    k.idle |= {Cpu(1)}
    k.tlb[Cpu(0)] |= {(Kind.MAPPED, Page(0)), (Kind.MAPPED, Page(1))}
    k.tlb[Cpu(0)] -= {(Kind.MAPPED, Page(0))}
    k.tlb[Cpu(0)] &= {(Kind.MAPPED, Page(1)), (Kind.MAPPED, Page(2))}
    assert k.idle == {Cpu(1)} and k.tlb[Cpu(0)] == {(Kind.MAPPED, Page(1))}
    k.idle ^= {Cpu(1), Cpu(0)}
    assert k.idle == {Cpu(0)} and {Cpu(0), Cpu(1)} ^ k.idle == {Cpu(1)} == k.idle ^ set(Cpu)


def test_set_operators_have_their_names(k: Kernel) -> None:
    k.idle |= {Cpu(1)}
    assert k.idle.union({Cpu(0)}) == set(Cpu) and k.idle.intersection(set(Cpu)) == {Cpu(1)}
    assert k.idle.difference({Cpu(1)}) == set() and k.idle.symmetric_difference(set(Cpu)) == {Cpu(0)}
    assert k.idle.issubset(set(Cpu)) and k.idle.issuperset(set()) and not k.idle.isdisjoint({Cpu(1)})


def test_set_values_are_iterated_in_index_order(k: Kernel) -> None:
    k.tlb[Cpu(0)].assign((kind, p) for kind in Kind for p in reversed(list(Page)))
    everything = [(kind, p) for kind in Kind for p in Page]
    assert list(k.tlb[Cpu(0)] | set()) == list(frozen(k.tlb[Cpu(0)])) == list(k.tlb[Cpu(0)]) == everything
    assert list((k.tlb[Cpu(0)] | set()) - {everything[0]}) == everything[1:]


def test_a_loop_over_a_set_runs_over_its_value_at_entry(k: Kernel) -> None:
    k.idle = {Cpu(0)}
    for _ in k.idle:
        k.idle.add(Cpu(1))
    assert len(k.idle) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        lambda k: k.page[0],
        lambda k: k.page[None],
        lambda k: k.page[Cpu(0)],
        lambda k: k.page[Page[4]],
        lambda k: setattr(k, "count", 3),
        lambda k: setattr(k, "count", -1),
        lambda k: setattr(k, "count", True),
        lambda k: setattr(k, "count", None),
        lambda k: setattr(k, "order", 0),
        lambda k: setattr(k, "first", 0),
        lambda k: setattr(k, "first", Page[4]),
        lambda k: setattr(k, "first", None),
        lambda k: setattr(k.page[Page(0)], "kind", 0),
        lambda k: setattr(k.page[Page(0)], "secret", 1),
        lambda k: setattr(k.page[Page(0)], "pair", (Page(0),)),
        lambda k: setattr(k.page[Page(0)], "pair", [Page(0), True]),
        lambda k: k.sent[Cpu(0)].__setitem__(Cpu(1), 1),
        lambda k: k.idle.add(Page(0)),
        lambda k: k.idle.add(None),
        lambda k: k.idle.remove(Cpu(0)),
        lambda k: None in k.idle,
        lambda k: k.idle == Cpu(0),
        lambda k: bool(k.idle),
        lambda k: bool(k.page[Page(0)]),
        lambda k: bool(k.page),
        lambda k: list(k.page),
        lambda k: Cpu(0) in k.sent,
        lambda k: k.page[Page(0)] == k.page[Page(1)],
        lambda k: k.page[Page(0)] == None,  # noqa: E711
        lambda k: k.sent[Cpu(0)].assign([True]),
        lambda k: copy_into(k.page[Page(0)], k.idle),
        lambda k: Frame(owner=None),
    ],
)
def test_mistakes_are_model_errors(k: Kernel, wrong: Callable[[Kernel], object]) -> None:
    before = list(k._store.cells)  # type: ignore[attr-defined]
    with pytest.raises(ModelError):
        wrong(k)
    assert k._store.cells == before  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "wrong",
    [
        lambda k: k.page.__setitem__(Page(0), k.page[Page(1)]),
        lambda k: k.tlb.__setitem__(Cpu(0), k.tlb[Cpu(1)]),
        lambda k: setattr(k, "idle", k.tlb[Cpu(0)]),
        lambda k: setattr(k, "page", k.page[Page(0)]),
    ],
)
def test_references_are_not_assigned_to_places(k: Kernel, wrong: Callable[[Kernel], object]) -> None:
    with pytest.raises(ModelError, match="reference") as caught:
        wrong(k)
    assert "copy_into" in (caught.value.advice or "")


def test_unknown_fields(k: Kernel) -> None:
    frame = k.page[Page(0)]
    with pytest.raises(UnknownField, match=r"Frame has no field `ownr`.*did you mean `owner`"):
        frame.ownr  # type: ignore[attr-defined]  # noqa: B018
    with pytest.raises(UnknownField, match="did you mean `secret`"):
        frame.sekret = True  # type: ignore[attr-defined]
    with pytest.raises(UnknownField, match="did you mean `kind`"):
        frame.assign(kid=Kind.MAPPED)
    assert not hasattr(frame, "nothing_like_it")


def test_views_and_frozen_values_cannot_be_changed(k: Kernel) -> None:
    world = World(Kernel)
    view = world.view(world.initial_states()[0])
    with pytest.raises(ModelError, match="must not change"):
        view.count = 1
    with pytest.raises(ModelError, match="must not change"):
        frozen(k.page[Page(0)]).owner = Cpu(0)


def refused(fields: dict[str, object]) -> CheckerError:
    made = state(type("K", (), {"__annotations__": fields, "__module__": __name__}))
    with pytest.raises(CheckerError) as caught:
        World(made).cells  # noqa: B018
    return caught.value


@pytest.mark.parametrize(
    ("annotation", "says"),
    [
        (int, "not finite"),
        (str, "not a type of the language"),
        (Range(3, 1), "empty"),
        (Range(0, "cpus"), "no bound `cpus`"),
        (Set[Page | None], "not what a set may hold"),
        (Array[bool, bool], "must be an Index class"),  # type: ignore[type-var]
        (tuple[Page, ...], "fixed number"),
        (Page | Cpu, "only `T | None`"),
        ("Frme", "did you mean `Frame`"),
        ("Frame | None", "never None"),
        ("set[Page]", "not a type of the language"),
    ],
)
def test_types_that_are_refused(annotation: object, says: str) -> None:
    problem = refused({"field": annotation})
    assert says in problem.text and "K.field" in problem.text


def test_wrong_declarations() -> None:
    with pytest.raises(TypeRefused, match="reserved"):
        record(type("R", (), {"__annotations__": {"assign": bool}}))
    with pytest.raises(TypeRefused, match="no fields"):
        record(type("R", (), {}))
    with pytest.raises(UnknownName, match=r"no bound `pges`.*did you mean `pages`"):
        World(Kernel, bounds={"pges": 2})


def test_a_default_must_fit() -> None:
    made = state(type("K", (), {"__annotations__": {"n": Range(0, 2)}, "n": 7, "__module__": __name__}))
    with pytest.raises(TypeRefused, match=r"K\.n: its default 7 is not a value of"):
        World(made).new_state()


def test_a_record_says_where_its_field_is_wrong() -> None:
    @state
    class Wrong:
        fine: bool
        block: Array[Block, int]

    with pytest.raises(TypeRefused) as caught:
        World(Wrong).cells  # noqa: B018
    assert caught.value.formatted().splitlines()[0].endswith("Wrong.block: int is not finite")
    assert "block: Array[Block, int]" in caught.value.formatted()
    assert caught.value.column == 9 and "^^^^^" in caught.value.formatted()
