"""What the mermap, the life of address spaces, and other machines show: property, design, scenario, steps."""

from __future__ import annotations

import pytest
from searches import by_world, search, shortest, slow_but, steps_to

from model.design import Callers, Stale, Walker
from model.environment import Ceiling

DEFECTS = [
    # A child keeps the pointer to its parent's percpu object, without its page tables.
    ("mermap_is_not_shared", "v2", "fork", 7),
    ("mapping_allocates_nothing", "v2", "fork", 11),
    ("no_kernel_fault", "v1", "fork", 12),
    # The child's exit frees it.
    ("mermap_outlives_its_users", "v2", "fork-and-exit", 13),
    # So does the child's exec(), the ordinary start of a program. The parent's mapping is taken for a leak.
    ("mermap_outlives_its_users", "v2", "fork-and-exec", 14),
    ("leaks_are_reported", "v2", "fork-and-exec", 14),
    # The pointer is published before what it points to is set up, and taken back after a failure.
    ("ready_means_set_up", "v2", "prepare", 2),
    ("addresses_are_in_region", "v2", "prepare", 5),
    ("mermap_outlives_its_users", "v2", "prepare", 6),
    # An LDT whose alias could not be mapped is used.
    ("ldt_is_reachable", "v1", "ldt", 3),
    # Where an LDT has put the mermap into user mode's tables, these show a page before it is cleared.
    ("user_tables_show_own_data", "v2", "user-tables", 8),
    ("user_tables_show_own_data", "v4", "user-tables", 10),
    # A map error leaves migration disabled, already when mermap_get() returns.
    ("migration_is_counted", "v2", "mermap-error", 4),
    # Before v1: once the last page was given out, an unsigned difference is huge.
    ("addresses_are_in_region", "dev", "reserved-mapping", 22),
    # A CPU that is being brought up caches an entry, and misses the flush.
    ("flush_before_publish", "v4", "flip-and-hotplug", 12),
    ("no_stale_tlb", "v4", "flip-and-hotplug", 13),
    # vfree() gives a page back before its vmalloc address is flushed, which a small block's flip does not do.
    ("no_stale_tlb", "v4", "vfree-small-block", 21),
    # Pages of the kernel image keep their address there when they are freed, or until they were freed.
    ("unmapped_means_unmapped", "v4", "init-memory", 15),
    ("no_stale_tlb", "v4", "init-memory-pti", 16),
    # On arm64 no CPU may have an old translation of an address that is used again.
    ("break_before_make", "v4", "break-before-make", 18),
]
QUICK = {("fork", "v2"), ("prepare", "v2"), ("ldt", "v1"), ("break-before-make", "v4")}
FOUND = [(name, scenario, design, steps) for name, design, scenario, steps in DEFECTS]
REPAIRED = [(name, scenario, "proposed", None) for name, _, scenario, _ in DEFECTS]


@pytest.mark.parametrize(("scenario", "design", "steps"), by_world(FOUND, QUICK))
def test_it_is_found(scenario: str, design: str, steps: dict[str, int | None]) -> None:
    assert steps_to(steps, scenario, design) == steps


@pytest.mark.parametrize(("scenario", "design", "steps"), by_world(REPAIRED, {("fork", "proposed")}))
def test_the_proposal_repairs_it(scenario: str, design: str, steps: dict[str, int | None]) -> None:
    assert steps_to(steps, scenario, design) == steps


@pytest.mark.slow
def test_the_reserve_of_v1_shares_its_slots() -> None:
    """Where as many tasks are preempted as there are slots, the call that never fails does. v2 repairs it."""
    for switches, design in (({"reserve_global": False}, "v1"), ({}, "v2")):
        outcome = search("reserved-mapping", design, switches, {"slots": 1})
        assert outcome.complete
        assert ("reserve_is_available" in outcome.violations) == (design == "v1")


BROKEN_RULES = [
    (Callers.UNPREPARED, "unprepared", "proposed", "no_kernel_fault"),
    (Callers.GLOBAL_MAPPING, "mermap", "dev", "mermap_is_not_global"),
    (Callers.PUT_ELSEWHERE, "mermap-migration", "proposed", "mapping_is_used_on_its_cpu"),
    (Callers.OTHER_CPU, "mermap-migration", "proposed", "mapping_is_used_on_its_cpu"),
    (Callers.PREEMPTIBLE_RESERVE, "reserved-mapping", "proposed", "rewind_stays_above_live"),
    (Callers.PREEMPTIBLE_RESERVE, "reserved-mapping", "proposed", "fresh_mermap_translation"),
    (Callers.NEVER_PUT, "exit-elsewhere", "proposed", "migration_balance"),
    (Callers.PUT_IN_OTHER_MM, "mermap-two-processes", "proposed", "no_stale_tlb"),
    (Callers.PUT_TWICE, "mermap-preempted", "proposed", "one_translation_per_address"),
    (Callers.NESTED_RESERVE, "reserved-mapping", "proposed", "rewind_stays_above_live"),
    (Callers.FOREIGN_PAGE, "mermap-two-processes", "proposed", "no_stale_tlb"),
    (Callers.NO_FLUSH_BEFORE_FREE, "stale-after-free", "proposed", "no_stale_tlb"),
]


@pytest.mark.parametrize(
    ("callers", "scenario", "design", "found"),
    slow_but([Callers.UNPREPARED, Callers.PUT_ELSEWHERE], BROKEN_RULES),
)
def test_each_broken_rule_is_found(callers: Callers, scenario: str, design: str, found: str) -> None:
    assert shortest(found, scenario, design, {"callers": callers}) is not None
    if scenario != "unprepared":  # nobody who keeps the rules uses an unprepared mermap
        assert shortest(found, scenario, design, {"callers": Callers.OBEDIENT}) is None


def test_each_rule_is_broken_by_somebody() -> None:
    kept = {Callers.POSTED, Callers.OBEDIENT}
    assert {callers for callers, *_ in BROKEN_RULES} == set(Callers) - kept


@pytest.mark.slow
def test_a_global_mapping_is_refused_since_v1() -> None:
    assert shortest("mermap_is_not_global", "mermap", "v1", {"callers": Callers.GLOBAL_MAPPING}) is None


@pytest.mark.slow
@pytest.mark.parametrize(("design", "steps"), [("v1", 16), ("v2", 16), ("v4", None)])
def test_a_mapping_left_on_another_cpu_is_not_reported(design: str, steps: int | None) -> None:
    """The loop of mermap_mm_teardown() looks at one CPU only."""
    assert shortest("leaks_are_reported", "exit-elsewhere", design, {"callers": Callers.NEVER_PUT}) == steps


@pytest.mark.slow
@pytest.mark.parametrize(("scenario", "design"), [("two-removals", "v4"), ("stale-after-free", "v2")])
def test_the_suggested_checker_reports_the_leak_when_it_happens(scenario: str, design: str) -> None:
    """It says so one step before the page is free, and nothing of the proposal."""
    checked = {"free_is_checked": True}
    asked = ("nothing_is_freed_unflushed", "no_stale_tlb")
    reported, leaked = steps_to(asked, scenario, design, checked).values()
    assert reported is not None and leaked is not None and reported < leaked
    assert shortest("nothing_is_freed_unflushed", scenario, "proposed", checked) is None


@pytest.mark.slow
def test_a_mark_on_each_page_needs_a_flush_where_none_is_possible() -> None:
    """The last reference may be dropped by an interrupt handler."""
    marked = {"stale": Stale.PER_PAGE}
    assert shortest("no_stale_tlb", "two-removals", "proposed", marked) is None
    assert shortest("shootdown_context", "freed-in-interrupt", "proposed", marked) is not None
    assert shortest("shootdown_context", "freed-in-interrupt", "proposed") is None


@pytest.mark.slow
def test_what_a_flush_at_reuse_leaves_of_the_promises() -> None:
    """Free pages stay reachable, and a request under a spinlock would wait for it; nobody else's data is."""
    outcome = search("two-address-spaces", "proposed", {"stale": Stale.AT_REUSE})
    assert outcome.complete and set(outcome.violations) == {"no_stale_tlb", "shootdown_context"}


def test_what_deferred_flushes_leave_of_the_promises() -> None:
    """A flip hands out pages that an isolated CPU still translates."""
    outcome = search("deferred-flush", "proposed")
    assert set(outcome.violations) == {"flush_before_publish", "no_stale_tlb", "unmapped_means_unmapped"}


@pytest.mark.slow
def test_what_rests_on_walks_being_atomic() -> None:
    outcome = search("two-step-walks", "v4")
    assert set(outcome.violations) >= {"flush_before_publish", "no_stale_tlb", "unmapped_means_unmapped"}


@pytest.mark.slow
def test_what_rests_on_the_flush_of_a_flip_being_a_full_one() -> None:
    assert shortest("no_stale_tlb", "vfree", "v4") is None
    assert shortest("no_stale_tlb", "vfree", "v4", {"ceiling": Ceiling.BELOW}) is not None


@pytest.mark.slow
@pytest.mark.parametrize(
    "scenario", ["flip-broadcast", "flip-small-block", "flip-small-block-pti", "recycled-tags", "no-tags"]
)
@pytest.mark.parametrize("design", ["v4", "proposed"])
def test_tags_and_flushes_that_are_enough(scenario: str, design: str) -> None:
    outcome = search(scenario, design)
    assert outcome.complete
    assert set(outcome.violations) <= ({"no_residue_strong"} if design == "v4" else set())


@pytest.mark.slow
@pytest.mark.parametrize(("design", "steps"), [("v1", 20), ("v2", None), ("v4", None)])
def test_the_lock_of_the_page_tables_sleeps_with_preempt_rt(design: str, steps: int | None) -> None:
    """v1's walker takes it, on the slow path with interrupts off; the flags of v2 and v4 say not to."""
    real_time = {"preempt_rt": True, "pti": True}  # with page-table isolation v1's slow path gets that far
    assert shortest("no_sleep_in_atomic", "no-slot", design, real_time) == steps


@pytest.mark.slow
def test_flags_that_the_walker_loses_below_the_pud_bring_the_lock_back() -> None:
    lost = {"preempt_rt": True, "walker": Walker.FLAGS_LOST}
    assert shortest("no_sleep_in_atomic", "no-slot", "v4", lost) == 12
    assert shortest("no_sleep_in_atomic", "no-slot", "v4", {**lost, "preempt_rt": False}) is None


@pytest.mark.slow
def test_flags_that_the_walker_loses_below_the_pud_leave_a_process_without_tables() -> None:
    """mermap_mm_prepare() asks for them, and is told that all is well."""
    lost = {"walker": Walker.FLAGS_LOST}
    assert shortest("ready_means_set_up", "fork", "v4", lost) == 6
    assert shortest("ready_means_set_up", "fork", "v4") is None


@pytest.mark.parametrize("preempt_rt", [False, True])
def test_the_lock_of_the_page_tables_under_that_of_a_per_cpu_list(preempt_rt: bool) -> None:
    """v1 and v2 zero several pages so. Where the one sleeps, the other does too, and interrupts are on: it is
    only on the slow path that it sleeps where it must not.
    """
    outcome = search("bulk", "v1", {"preempt_rt": preempt_rt})
    assert outcome.complete and set(outcome.violations) == {"no_stale_tlb"}
    assert outcome.exercised("no_sleep_in_atomic") or not preempt_rt


@pytest.mark.slow
@pytest.mark.parametrize("design", ["v4", "proposed"])
def test_kmap_local_page_shows_a_page_to_every_cpu_and_the_mermap_to_its_process(design: str) -> None:
    """Its entry is in tables that all CPUs have, whatever they run, and is flushed on its own CPU only; the
    page is the right one.
    """
    shown = {"unmapped_means_unmapped": 2}
    for scenario, stale in (("kmap-local", {"no_stale_tlb": 5}), ("kmap-local-preempted", {})):
        outcome = search(scenario, design)
        assert outcome.complete and outcome.exercised("no_stale_tlb")
        assert {name: len(v.events) for name, v in outcome.violations.items()} == shown | stale
    outcome = search("mermap-two-processes", design, {"callers": Callers.OBEDIENT})
    assert outcome.complete and not outcome.violations


def test_kmap_local_page_finds_nothing_where_it_returns_the_direct_map_address() -> None:
    outcome = search("kmap-local-direct-map", "proposed")
    assert outcome.complete and set(outcome.violations) == {"no_kernel_fault"}


@pytest.mark.slow
@pytest.mark.parametrize(("design", "steps"), [("v1", 3), ("v2", 3), ("v4", None), ("proposed", None)])
def test_who_zeroes_on_free_has_no_mermap_when_the_process_has_exited(design: str, steps: int | None) -> None:
    """exit_mm() comes before exit_files(); v4 does not zero unmapped pages that are freed."""
    zeroed = {"init_on_free": True}
    assert shortest("no_kernel_fault", "exit-with-file", design, zeroed) == steps


@pytest.mark.slow
def test_an_owner_that_zeroes_before_it_frees_needs_an_address_space_for_it() -> None:
    """A process that ends with its file open has none left."""
    assert shortest("no_kernel_fault", "exit-with-file", "proposed", {"temporary_mm": False}) == 3


@pytest.mark.parametrize("design", ["v2", "v4", "proposed"])
def test_a_process_without_a_mermap_gives_inherited_pages_back(design: str) -> None:
    outcome = search("inherited-file", design)
    assert outcome.complete and not outcome.violations
    if design == "proposed":
        assert shortest("no_kernel_fault", "inherited-file", design, {"temporary_mm": False}) == 3


@pytest.mark.slow
def test_an_ldt_shows_user_mode_what_its_own_process_has_mapped_and_nothing_else() -> None:
    """Whether the mermap was prepared before the LDT, whose region it then shares, or after it."""
    for design in ("v1", "v2", "v4"):
        outcome = search("ldt", design)
        assert outcome.complete and "user_tables_show_own_data" not in outcome.violations
        assert any(count.deciding and count.true for count in outcome.conditions["user_tables_show_own_data"])


@pytest.mark.slow
def test_user_mode_keeps_what_it_has_cached_until_a_flush_of_all_tags() -> None:
    """Its entries count as those of its address space: v4's flush of all CPUs removes them, v2 has none."""
    assert shortest("no_stale_tlb", "user-tables", "v2") == 11
    assert shortest("no_stale_tlb", "user-tables", "v4") is None
    assert (
        shortest("no_stale_tlb", "user-tables", "v4", {"callers": Callers.NO_FLUSH_BEFORE_FREE}) is not None
    )


@pytest.mark.slow
def test_the_reserved_mapping_of_v1_is_refused_only_without_page_table_isolation() -> None:
    """PAGE_KERNEL is global where user mode has no tables of its own."""
    assert shortest("no_kernel_fault", "no-slot", "v1", {"pti": True}) is None


@pytest.mark.slow
def test_a_new_program_takes_the_old_region_down_while_another_cpu_is_lazy_there() -> None:
    """What exec() leaves is nobody's, and its own mermap begins empty."""
    for design in ("v1", "v2", "v4"):
        outcome = search("exec", design)
        assert outcome.complete and not outcome.violations
    assert shortest("tables_outlive_walkers", "exec", "v2", {"tables_reach_lazy": False}) is not None


def test_tables_are_freed_only_when_lazy_cpus_are_flushed() -> None:
    assert shortest("tables_outlive_walkers", "exit", "v2") is None
    assert shortest("tables_outlive_walkers", "exit", "v2", {"tables_reach_lazy": False}) is not None
    nobody_lazy = {"tables_reach_lazy": False, "lazy_tlb": False}
    assert shortest("tables_outlive_walkers", "exit", "v2", nobody_lazy) is None
