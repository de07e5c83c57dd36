"""No step of the flip, of the free path and of isolation is missed by nobody.

In the scenarios that are named here, under the proposal: there every claim holds, so that each can notice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pytest
from searches import MODEL, has_compiler, slow_but

from checker.mutation.functions import Chosen
from checker.mutation.running import Mutation
from checker.mutation.verdicts import Fate, Record
from checker.request import Request, wanted_properties

pytestmark = pytest.mark.skipif(not has_compiler(), reason="no C compiler")


OF_WHAT_IS_TAKEN = ("reserves-are-left", "lists-exist", "limbo-is-temporary")

Place = tuple[str, str, str]  # where, which kind of change, and which change


def mutation_of(
    functions: tuple[str, ...],
    scenarios: tuple[str, ...],
    *properties: str,
    settings: tuple[str, ...] = (),
    bounds: Mapping[str, int] | None = None,
) -> Mutation:
    """Without `properties` all of them can notice."""
    request = Request(
        properties,
        not properties,
        design="proposed",
        scenarios=scenarios,
        settings=settings,
        bounds=bounds or {},
    )
    mutation = Mutation(request, MODEL, wanted_properties(request, MODEL), Chosen(functions, False, False))
    mutation.go(None)
    assert not mutation.unable and not mutation.stopped
    return mutation


def by_place(mutations: Iterable[Mutation]) -> dict[Place, list[Record]]:
    """What each of several searches says of the same change."""
    found: dict[Place, list[Record]] = {}
    for mutation in mutations:
        for each in mutation.records.values():
            if each.fate is not Fate.STILLBORN:
                place = each.mutant.place, each.mutant.kind, each.mutant.change
                found.setdefault(place, []).append(each)
    return found


def all_are_noticed_or_excused(mutations: Iterable[Mutation]) -> None:
    found = by_place(mutations)
    noticed = {place for place, each in found.items() if any(one.fate is Fate.NOTICED for one in each)}
    excused = {place for place, each in found.items() if any(one.reason is not None for one in each)}
    assert noticed and excused
    missed = found.keys() - noticed - excused
    assert not missed
    wrong = noticed & excused
    assert not wrong
    finished = {place for place in excused if all(one.fate is Fate.EXCUSED for one in found[place])}
    assert finished == excused


@pytest.mark.long
def test_the_flip() -> None:
    """Where a scenario is large it is searched for what it is there for."""
    functions = ("__rmqueue_direct_map", "flip_blocks", "take_blocks", "give_back")
    small = ("flip", "flip-failure", "failure-race", "flip-and-hotplug", "nofragment", "map-back-failure")
    pieces = ("no_memory=true", "direct_map=pieces", "split_allocates=false")
    all_are_noticed_or_excused(
        [
            mutation_of(functions, (*small, "unmapped-request", "filesystem-lock")),
            mutation_of(("take_blocks",), ("reserve",), *OF_WHAT_IS_TAKEN),
            mutation_of(("flip_blocks",), ("contig-and-flip",), "list-agreement"),
            mutation_of(("flip_blocks",), ("orders",), "context-is-restored"),
            mutation_of(("flip_blocks",), ("filesystem-lock",), "context-is-restored", settings=pieces),
        ]
    )


@pytest.mark.long
def test_changing_entries() -> None:
    """With two blocks only, a page table may be had or not."""
    functions = ("set_direct_map_valid_noflush", "change_entry", "split_large_page", "alloc_page_table")
    all_are_noticed_or_excused(
        [
            mutation_of(functions, ("two-splits", "filesystem-lock")),
            mutation_of(functions, ("two-splits",), bounds={"blocks": 2}),
            mutation_of(("alloc_page_table",), ("no-page-table",)),
            mutation_of(("change_entry",), ("flip",), "unmapped-means-unmapped"),
            mutation_of(("split_large_page",), ("machine-check",), "entries-are-whole"),
        ]
    )


@pytest.mark.long
def test_taking_pages_off_the_lists() -> None:
    functions = (
        "__rmqueue",
        "__rmqueue_smallest",
        "__rmqueue_claim",
        "__rmqueue_steal",
        "try_to_claim_block",
        "move_freepages_block",
        "__move_freepages_block",
        "rmqueue_buddy",
    )
    all_are_noticed_or_excused([mutation_of(functions, ("steal", "mixed-buddies", "reserve"))])


@pytest.mark.long
def test_listing_what_is_freed() -> None:
    """The part of the free path under the zone lock."""
    functions = ("free_one_page", "free_deferred", "split_large_buddy", "__free_one_page")
    all_are_noticed_or_excused(
        [
            mutation_of(functions, ("nolock-block", "mixed-buddies", "flip-under-scanner")),
            mutation_of(("split_large_buddy",), ("contig-large-buddies",)),
        ]
    )


@pytest.mark.long
def test_the_free_path() -> None:
    """The part of it before the lock."""
    functions = ("__free_frozen_pages", "free_prepared", "__free_pages_prepare", "free_has_hwpoisoned")
    scenarios = (
        "unpoison-in-use",
        "nolock-block",
        "broken-block",
        "repair",
        "page-poisoning",
        "zeroed-on-free",
    )
    all_are_noticed_or_excused(
        [mutation_of(functions, scenarios), mutation_of(("free_prepared",), ("contig-pcplists",))]
    )


@pytest.mark.long
def test_isolation() -> None:
    functions = (
        "set_migratetype_isolate",
        "unset_migratetype_isolate",
        "isolate_block",
        "start_isolate_page_range",
        "undo_isolate_page_range",
        "test_pages_isolated",
        "unset_between",
    )
    scenarios = ("contig-many-blocks", "isolate-unmapped", "hotplug-and-contig", "reporting-and-contig")
    all_are_noticed_or_excused(
        [
            mutation_of(functions, scenarios),
            mutation_of(("__isolate_free_page",), ("reporting",), *OF_WHAT_IS_TAKEN),
            mutation_of(("isolate_block",), ("contig",), "lists-exist"),
            mutation_of(("set_migratetype_isolate",), ("contig-and-flip",), "custody"),
        ]
    )


@pytest.mark.long
def test_taking_a_range() -> None:
    functions = ("alloc_contig_range", "take_range", "isolate_freepages_range", "take_block")
    scenarios = ("isolate-unmapped", "contig-race", "contig-many-blocks")
    all_are_noticed_or_excused([mutation_of(functions, scenarios)])


NOTICED = [
    ("no-lock-stays-held", "free_one_page", "flip"),
    ("no-lock-stays-held", "__rmqueue_direct_map", "flip"),
    ("context-is-restored", "give_back", "flip-failure"),
    ("context-is-restored", "unset_between", "contig-many-blocks"),
    ("context-is-restored", "on_each_cpu", "flip"),
    ("free-pages-are-handed-out", "__rmqueue", "mixed-buddies"),
    ("buddies-are-merged", "__free_one_page", "mixed-buddies"),
    ("isolation-lasts", "set_migratetype_isolate", "contig-race"),
    ("free-blocks-can-be-isolated", "isolate_block", "contig-race"),
    ("free-ranges-are-handed-out", "take_range", "isolate-unmapped"),
    ("locks-are-not-stolen", "pcp_spin_trylock", "interrupt"),
    ("lists-under-lock", "drain_pages_zone", "contig-pcplists"),
    ("lists-exist", "pcp_freetype", "reserve-pcplists"),
    ("nolock-waits-for-no-lock", "rmqueue_buddy", "nolock"),
    ("tables-are-in-use", "split_large_page", "two-splits"),
    ("reserves-are-left", "__isolate_free_page", "reporting"),
    ("ready-means-set-up", "mmput", "exit-elsewhere"),
    ("mermap-outlives-its-users", "exit_mm", "exit-elsewhere"),
]


@pytest.mark.parametrize(("name", "function", "scenario"), slow_but(["buddies-are-merged"], NOTICED))
def test_a_step_is_there_for_it(name: str, function: str, scenario: str) -> None:
    """No posted version breaks some of these claims, so that a missing step must."""
    mutation = mutation_of((function,), (scenario,), name)
    assert any(notice.name == name for each in mutation.records.values() for notice in each.found)
