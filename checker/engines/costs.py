"""What steps cost, by the native engine: the graph of a search, and sums over random walks (costs.h)."""

from __future__ import annotations

import ctypes
import functools
from array import array
from collections.abc import Hashable, Sequence
from typing import Any

from checker.engines import native
from checker.engines.cost_graph import Collected, CostGraph, Label, Walked
from checker.engines.outcome import MEMORY, STATES, Limits
from checker.engines.successors import Node
from checker.language.errors import ModelError

WALK_LENGTH = 1000  # steps
_U64, _U32 = ctypes.c_uint64, ctypes.c_uint32


class _Graph(ctypes.Structure):
    """`Graph` of costs.h, field by field."""

    _fields_ = [
        *((name, _U64) for name in ("states", "initial", "transitions", "label_count")),
        ("first", ctypes.POINTER(_U64)),
        *((name, ctypes.POINTER(_U32)) for name in ("to", "label", "labels")),
    ]


def collect(program: Any, limits: Limits, with_keys: bool = False) -> Collected:
    """Search everything, and keep every transition; if asked for, the states too."""
    for here, quick in native.attempts(program, limits):
        collected = _collected(program, here, quick, with_keys)
        if collected.ended != STATES:
            break
    return collected


def _collected(program: Any, limits: Limits, quick: bool, with_keys: bool) -> Collected:
    with native.Run(program, (), limits, quick=quick) as run:
        run.go(None)
        outcome = run.outcome()
        if not outcome.complete:
            return Collected(outcome.states, outcome.transitions, None, outcome.ended or "")
        made = _Graph()
        try:
            if run.library.explore_graph(ctypes.byref(run.run), ctypes.byref(made)) != 0:
                return Collected(outcome.states, outcome.transitions, None, MEMORY)
            refuse_faults(program, run)
            graph = _graph(program, made, list(outcome.violations))
        finally:
            run.library.explore_graph_free(ctypes.byref(made))
        if not with_keys:
            return Collected(outcome.states, outcome.transitions, graph)
        states: list[Hashable] = [state for level in run.levels() for state in level]
        key_of = functools.partial(_packed, program)
        return Collected(outcome.states, outcome.transitions, graph, "", states.__getitem__, key_of)


def _packed(program: Any, node: Node) -> Hashable:
    actors = program.world.actors
    positions = {actor.member: at for actor, at in zip(actors, node.positions, strict=True)}
    packed: Hashable = program.pack(node.snapshot, positions, node.once)
    return packed


def refuse_faults(program: Any, run: native.Run) -> None:
    """A cost must have a value at every step."""
    if run.run.cost_fault:
        site = program.sites[run.run.cost_fault - 1]
        raise ModelError(f"a cost has no value at some step: {site.message}")


def walk(program: Any, steps: int, seed: int, threads: int | None) -> Walked:
    """So many steps of walks that go on with each successor equally often; the same by any threads."""
    limits = Limits(max_states=steps, threads=threads)
    with native.Run(program, (), limits, quick=native.is_short(program, limits)) as run:
        run.run.seed, run.run.walk_length, run.run.even = seed % 2**64, WALK_LENGTH, 1
        sums = (_U64 * max(1, len(program.costs)))()
        run.run.paid = sums
        run.go(None, "simulate")
        refuse_faults(program, run)
        return Walked(tuple(sums)[: len(program.costs)], run.run.states, run.run.walks)


def _graph(program: Any, made: _Graph, cut: Sequence[str]) -> CostGraph:
    width = 3 + len(program.costs)
    flat = made.labels[: made.label_count * width]
    labels = [_label(program, flat[at : at + width]) for at in range(0, len(flat), width)]
    first = _copied("Q", made.first, made.states + 1)
    to, label = (_copied("I", each, made.transitions) for each in (made.to, made.label))
    return CostGraph(made.initial, first, to, label, labels, cut)


def _label(program: Any, words: Sequence[int]) -> Label:
    number, actor, ends, *paid = words
    block = program.blocks[number]
    if block.kind == "action":
        return Label(None, block.name, False, False, tuple(paid))
    member = program.decode_member(number, actor)
    return Label(member, block.name, block.kind == "start", bool(ends), tuple(paid))


def _copied(code: str, pointer: Any, count: int) -> array[int]:
    found = array(code)
    found.frombytes(ctypes.string_at(pointer, count * found.itemsize))
    return found
