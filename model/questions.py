"""What the reviewers asked, as alternatives to be tried."""

from __future__ import annotations

from checker.language import Question
from model.design import Callers, FlipMode, Remainder, Scrub, Stale, Zeroing
from model.kernel import Kernel

Question(
    "When is an unmapped page scrubbed: when it is mapped back, on free, or not at all?",
    source="Review of v2 19/22, 1 June 2026: v2 lost the zeroing of a block that is mapped back; zeroing on "
    "free would make it superfluous.",
    alternatives={
        "mapping back": {"scrub": Scrub.AFTER_MAP},
        "on free, by the owner": {"scrub": Scrub.BEFORE_FREE},
        "on free, by the allocator": {
            "scrub": Scrub.NONE,
            "zeroing": Zeroing.ALLOCATOR,
            "init_on_free": True,
            "reserve_slot": True,
        },
        "not at all": {"scrub": Scrub.NONE},
    },
    properties=[
        "no-residue-strong",
        "no-residue",
        "no-foreign-residue",
        "no-cross-owner-residue",
        "no-stale-tlb",
        "no-kernel-fault",
    ],
    scenarios=["flip", "stale-after-free", "two-address-spaces", "put-in-interrupt", "no-slot"],
    state=Kernel,
)
Question(
    "In which mode does the flip call __rmqueue(): NORMAL, CLAIM, or both?",
    source="Review of v2 19/22, 1 June 2026: should it not be CLAIM, as the migratetype is to change too? "
    "With CLAIM alone no unmapped block would ever be found.",
    alternatives={
        "NORMAL": {"flip_mode": FlipMode.NORMAL},
        "CLAIM": {"flip_mode": FlipMode.CLAIM},
        "both": {"flip_mode": FlipMode.BOTH},
    },
    properties=[
        "mapped-request-is-served",
        "unmapped-request-is-served",
        "allocation-contract",
        "list-agreement",
        "lists-exist",
        "free-pages-are-counted",
    ],
    scenarios=["flip", "migratetypes", "orders", "kernel-request", "unmapped-request"],
    state=Kernel,
)
Question(
    "Does the rest of a flipped block go to the lists by expand(), or by a loop of __free_one_page()?",
    source="Review of v2 19/22, 1 June 2026: could expand() be used?",
    alternatives={
        "expand()": {"remainder": Remainder.EXPAND},
        "a loop": {"remainder": Remainder.LOOP},
    },
    properties=[
        "free-pages-are-counted",
        "list-agreement",
        "buddies-are-uniform",
        "custody",
        "allocation-contract",
        "nothing-is-lost",
    ],
    scenarios=["flip", "two-flips", "neighbours", "orders", "reporting"],
    state=Kernel,
)
Question(
    "Who flushes stale mermap entries before a page is freed?",
    source="On guest_memfd v12 10/16, 3 July 2026: the mermap leaves stale TLB entries, so a flush must come "
    "before the free; the page cache can do it. v1 left it to the callers.",
    alternatives={
        "nobody": {"stale": Stale.NOBODY},
        "a flag per mapping": {"stale": Stale.PER_MAPPING},
        "each folio": {"stale": Stale.PER_FOLIO},
        "the caller": {"stale": Stale.NOBODY, "callers": Callers.OBEDIENT},
    },
    properties=["no-stale-tlb", "no-cross-owner-residue", "shootdown-context", "deadlock"],
    scenarios=["stale-after-free", "two-removals", "removal-and-close", "two-address-spaces"],
    state=Kernel,
)
