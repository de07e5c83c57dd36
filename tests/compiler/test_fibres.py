"""Which items of the tuples in a set are proved not to matter, and what makes one matter."""

from __future__ import annotations

import pytest

from checker.compiler import lockstep
from checker.language.errors import CheckerError

from .eager_models import Load, operation, outcomes

HEAD = """
from __future__ import annotations
import enum
from checker.language import *

class Cpu(Index, size=2): ...
class Page(Index, size=2): ...
class Va(Index, size=2): ...

class Source(enum.Enum):
    CACHED = 0
    WALKED = 1

@state
class K:
    pte: Array[Va, Page | None]
    tlb: Array[Cpu, Set[tuple[Va, Page]]]
    free: Array[Page, bool]
    used: Array[Page, bool]
    flag: bool
    seen: Set[Page]
    next: Page
    cpu: Cpu

@action(Cpu)
def fill(k: K, me: Cpu, v: Va, p: Page) -> None:
    when(k.pte[v] == p and (v, p) not in k.tlb[me])
    k.tlb[me].add((v, p))

@operation(Cpu)
def map_page(k: K, me: Cpu, v: Va, p: Page) -> Steps:
    when(not k.free[p])
    k.pte[v] = p
    yield
    k.pte[v] = None

def is_cached(k: K, c: Cpu, v: Va, p: Page) -> bool:
    if k.flag and k.free[p]:
        return False
    return (v, p) in k.tlb[c]

def access(k: K, me: Cpu, v: Va) -> Page | None:
    if any((v, p) in k.tlb[me] for p in Page):
        source = choose(Source)
        if source is Source.CACHED:
            cached = choose(p for p in Page if (v, p) in k.tlb[me])
            return cached
    walked = k.pte[v]
    if walked is None:
        return None
    k.tlb[me].add((v, walked))
    return walked

def the_next(k: K) -> Page:
    return k.next

def go_on(k: K, p: Page) -> None:
    k.next = p

def look(k: K, me: Cpu) -> None:
    if any((v, p) in k.tlb[me] for v in Va for p in Page):
        source = choose(Source)
        if source is Source.CACHED:
            k.flag = True

"""
CLAIM = """
@invariant
def fresh(k: K) -> bool:
    return not any(k.free[p] and any((v, p) in k.tlb[c] for v in Va) for c in Cpu for p in Page)
"""
FREE = operation("k.free[p] = not k.free[p]")
FINE = {
    "all is flushed": operation("k.tlb[me].clear()", "k.free[p] = not k.free[p]") + CLAIM,
    "a page is flushed": operation("for v in Va:", "    k.tlb[me].discard((v, p))", "k.free[p] = True")
    + CLAIM,
    "pages are flushed": operation(
        "for q in Page:", "    for v in Va:", "        k.tlb[me].discard((v, q))", "k.free[p] = True"
    )
    + CLAIM,
    "an entry is added": operation("k.tlb[me].add((Va(0), p))", "yield", "k.free[p] = True") + CLAIM,
    "a function asks": FREE
    + "@invariant\ndef fresh(k: K) -> bool:\n"
    + "    return not any(is_cached(k, c, v, p) and k.free[p] for c in Cpu for v in Va for p in Page)\n",
    "a block needs some entry": operation("when(any((v, p) in k.tlb[me] for v in Va))", "k.free[p] = True")
    + CLAIM,
    "what serves an access is not asked": operation("access(k, me, Va(0))", "k.free[p] = not k.free[p]")
    + CLAIM,
}
ASKED = (
    "@invariant\ndef fresh(k: K) -> bool:\n    return not any({} for c in Cpu for v in Va for p in Page)\n"
)
UNSOUND = {
    "one entry is removed": operation("k.tlb[me].discard((Va(0), p))", "k.free[p] = not k.free[p]") + CLAIM,
    "all but one are removed": operation(
        "for v in Va:", "    if v != Va(0):", "        k.tlb[me].discard((v, p))", "k.free[p] = True"
    )
    + CLAIM,
    "the loop is left": operation(
        "for v in Va:",
        "    k.tlb[me].discard((v, p))",
        "    if k.flag:",
        "        break",
        "k.free[p] = True",
    )
    + CLAIM,
    "what is removed is chosen by the round before": operation(
        "x = (Va(0), p)",
        "for v in Va:",
        "    k.tlb[me].discard(x)",
        "    x = (v, p)",
        "k.free[p] = True",
    )
    + CLAIM,
    "of each page another one is removed": operation(
        "for v in Va:",
        "    q = Page(0) if v == Va(0) else p",
        "    k.tlb[me].discard((v, q))",
        "k.free[p] = True",
    )
    + CLAIM,
    "which page's is removed changes meanwhile": operation(
        "for v in Va:", "    k.tlb[me].discard((v, k.next))", "    k.next = p", "k.free[p] = True"
    )
    + CLAIM,
    "whose is removed changes meanwhile": operation(
        "for v in Va:", "    k.tlb[k.cpu].discard((v, p))", "    k.cpu = me", "k.free[p] = True"
    )
    + CLAIM,
    "a function is asked for the page": operation(
        "for v in Va:", "    k.tlb[me].discard((v, the_next(k)))", "    k.next = p", "k.free[p] = True"
    )
    + CLAIM,
    "a helper changes the page": operation(
        "for v in Va:", "    go_on(k, p)", "    k.tlb[me].discard((v, k.next))", "k.free[p] = True"
    )
    + CLAIM,
    "what is left is looked at meanwhile": operation(
        "for v in Va:", "    k.tlb[me].discard((v, p))", "    look(k, me)", "k.free[p] = True"
    )
    + CLAIM,
    "what is left is noted meanwhile": """
@action
def see(k: K, p: Page) -> None:
    when(k.flag)
    k.seen.add(p)
"""
    + operation(
        "for v in Va:",
        "    k.tlb[me].discard((v, p))",
        "    k.seen |= {q for q in Page if any((w, q) in k.tlb[me] for w in Va)}",
        "k.free[p] = True",
    )
    + "@invariant\ndef claim(k: K) -> bool:\n    return not (k.free[Page(0)] and Page(0) in k.seen)\n",
    "one entry is asked for": FREE
    + "@invariant\ndef fresh(k: K) -> bool:\n    return not (k.free[Page(0)] and (Va(1), Page(0)) in k.tlb[Cpu(0)])\n",
    "its own entry of the table is asked for": FREE
    + ASKED.format("k.free[p] and (v, p) in k.tlb[c] and k.pte[v] is None"),
    "two entries are asked for": FREE
    + ASKED.format("(v, p) in k.tlb[c] and any((w, p) in k.tlb[c] for w in Va if w != v)"),
    "they are counted": FREE
    + "@invariant\ndef fresh(k: K) -> bool:\n    return all(len(k.tlb[c]) < 3 or not k.flag for c in Cpu)\n",
    "the set is written anew": operation("k.tlb[me] = {(Va(1), Page(0))}", "k.free[p] = True") + CLAIM,
    "a block needs one entry": operation("when((Va(0), p) in k.tlb[me])", "k.free[p] = True") + CLAIM,
    "what serves an access is used": operation(
        "reached = access(k, me, Va(0))", "if reached is not None:", "    k.free[reached] = True"
    )
    + CLAIM,
}


@pytest.mark.parametrize("name", FINE)
def test_an_item_that_does_not_matter(load: Load, name: str) -> None:
    statistics, reduced, full = outcomes(load, FINE[name], HEAD)
    assert statistics["items that do not matter"] == ["item 1 of tlb[]"]
    assert reduced.states < full.states and "fresh" in full.violations


@pytest.mark.parametrize("name", UNSOUND)
def test_an_item_that_matters(load: Load, name: str) -> None:
    statistics, _, _ = outcomes(load, UNSOUND[name], HEAD)
    assert "item 1 of tlb[]" not in statistics.get("items that do not matter", [])


def test_a_proof_that_is_wrong_is_noticed(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only (va0, page0) is ever filled. Merged with (va1, page0), it seems to outlive its removal."""
    monkeypatch.setattr(lockstep, "keeps_fibres", lambda *_: True)
    text = (
        HEAD.partition("@action")[0]
        + """
@action(Cpu)
def fill(k: K, me: Cpu) -> None:
    when(not k.free[Page(0)] and (Va(0), Page(0)) not in k.tlb[me])
    k.tlb[me].add((Va(0), Page(0)))
"""
        + operation(
            "k.tlb[Cpu(0)].discard((Va(0), Page(0)))", "k.tlb[Cpu(1)].clear()", "k.free[Page(0)] = True"
        )
        + CLAIM
    )
    with pytest.raises(CheckerError, match="no run of the model"):
        outcomes(load, text, "")
