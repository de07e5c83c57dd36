"""Models as the compiler would write them, by hand, for the tests and the tuning of the native engine."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any


@dataclass
class StubProgram:
    """What checker.compiler would hand to the engine."""

    source: str
    words: int
    initial: list[tuple[int, ...]]
    blocks: list[Any]
    sites: list[Any] = field(default_factory=list)
    invariants: list[str] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    reachables: list[str] = field(default_factory=list)
    goals: list[str] = field(default_factory=list)
    conditions: dict[str, list[Any]] = field(default_factory=dict)
    last_lines: list[str] = field(default_factory=list)
    is_reduced: bool = False

    @property
    def world(self) -> Any:
        return SimpleNamespace(initial_states=lambda: self.initial)

    def initial_words(self) -> list[tuple[int, ...]]:
        return self.initial

    def pack(self, snapshot: tuple[int, ...], positions: object) -> tuple[int, ...]:
        return snapshot

    def decode_arguments(self, block: int, code: int) -> tuple[int, ...]:
        return (code,)

    def decode_member(self, block: int, actor: int) -> int:
        return actor


def program(
    words: int, fields: str, text: str, blocks: str, initial: list[tuple[int, ...]] | None = None, **more: Any
) -> StubProgram:
    """`fields`: "name:bits:count ...", placed in the words in turn, so that each word varies.
    `text`: expand() and the checks that are needed. `more`: names of invariants, steps ..., any_successor."""
    any_successor = more.pop("any_successor", 0)
    names = blocks.split()
    made = StubProgram(
        source="",
        words=words,
        initial=initial or [(0,) * words],
        blocks=[
            SimpleNamespace(kind="action", name=n, actor=None, location=f"{n}:m.py:{i}")
            for i, n in enumerate(names)
        ],
        **more,
    )
    sizes = {
        "WORDS": words,
        "N_INVARIANTS": len(made.invariants),
        "N_REACHABLE": len(made.reachables),
        "N_STEPS": len(made.steps),
        "N_GOALS": len(made.goals),
        "N_BLOCKS": len(names),
        "N_SITES": len(made.sites),
        "N_CONDITIONS": sum(map(len, made.conditions.values())),
        "ANY_SUCCESSOR": any_successor,
    }
    defines = "".join(f"#define {name} {value}\n" for name, value in sizes.items())
    numbers = "".join(f"enum {{ B_{name} = {i} }};\n" for i, name in enumerate(names))
    made.source = (
        f'{defines}#include "explore.h"\n{numbers}{_accessors(words, fields)}{text}\n'
        '#ifndef PROGRAM_ONLY\n#include "explore.c"\n#endif\n'
    )
    return made


def _accessors(words: int, fields: str) -> str:
    shifts = [0] * words
    lines = []
    for number, part in enumerate(fields.split()):
        name, bits, count = part.split(":")
        word = number % words
        mask, shift = (1 << int(bits)) - 1, shifts[word]
        shifts[word] += int(bits) * int(count)
        assert shifts[word] <= 64, f"word {word} is full"
        at = f"({shift} + {bits} * (i))"
        lines.append(
            f"static inline uint64_t {name}(const State *s, int i)"
            f" {{ return s->w[{word}] >> {at} & {mask}; }}\n"
            f"static inline void set_{name}(State *s, int i, uint64_t v)"
            f" {{ s->w[{word}] = (s->w[{word}] & ~(UINT64_C({mask}) << {at})) | v << {at}; }}\n"
        )
    return "".join(lines)


def grid(side: int, words: int = 1, **more: Any) -> StubProgram:
    """Three counters from 0 to side - 1: side**3 states, 3 * side**2 * (side - 1) transitions."""
    text = f"""
LINKED void expand(const State *from, Worker *x)
{{
    for (int i = 0; i < 3; i++)
        if (n(from, i) < {side - 1}) {{
            State t = *from;
            set_n(&t, i, n(from, i) + 1);
            set_m(&t, i, n(from, i) + 1);
            emit(x, &t, B_up, (uint32_t)i, n(from, i));
        }}
    {more.pop("then", "")}
}}
""" + more.pop("checks", "")
    return program(words, "n:10:3 m:10:3", text, "up " + more.pop("blocks", ""), **more)


def once(actors: int, values: int) -> StubProgram:
    """Each actor chooses one of the values, once: (values + 1) ** actors states, in actors + 1 levels."""
    text = f"""
LINKED void expand(const State *from, Worker *x)
{{
    for (int i = 0; i < {actors}; i++)
        for (uint64_t v = 1; v <= {values} && n(from, i) == 0; v++) {{
            State t = *from;
            set_n(&t, i, v);
            emit(x, &t, B_choose, (uint32_t)i, v);
        }}
}}
"""
    return program(1, f"n:5:{actors}", text, "choose")


def peterson(n: int, words: int = 1, checks: str = "", **more: Any) -> StubProgram:
    """Peterson's algorithm for n processes, as in CMurphi's n_peterson.m."""
    text = (
        f"""
enum {{ N = {n} }};
static inline bool may_pass(const State *s, int i)
{{
    uint64_t j = J(s, i);
    if (turn(s, (int)j) != (uint64_t)i + 1)
        return true;
    for (int k = 0; k < N; k++)
        if (k != i && Q(s, k) >= j)
            return false;
    return true;
}}
LINKED void expand(const State *from, Worker *x)
{{
    for (int i = 0; i < N; i++) {{
        State t = *from;
        switch (P(from, i)) {{
        case 0: set_J(&t, i, 1); set_P(&t, i, 1); break;
        case 1: set_Q(&t, i, J(&t, i)); set_P(&t, i, 2); break;
        case 2: set_turn(&t, (int)J(&t, i), (uint64_t)i + 1); set_P(&t, i, 3); break;
        case 3:
            if (may_pass(from, i)) {{
                set_J(&t, i, J(&t, i) + 1);
                set_P(&t, i, J(&t, i) < N ? 1 : 4);
            }}
            break;
        default: set_Q(&t, i, 1); set_P(&t, i, 0);
        }}
        emit(x, &t, B_step, (uint32_t)i, 0);
    }}
}}
"""
        + checks
    )
    return program(words, f"P:3:{n} Q:3:{n} turn:3:{n} J:3:{n}", text, "step", **more)


def two_phase(n: int, words: int = 1, checks: str = "", **more: Any) -> StubProgram:
    """Two-phase commit with n resource managers, as in TLA+'s TwoPhase.tla."""
    text = (
        f"""
enum {{ N = {n}, WORKING = 0, PREPARED, COMMITTED, ABORTED, ALL = (1 << N) - 1 }};
#define STEP(block, change) {{ State t = *from; change; emit(x, &t, block, (uint32_t)i, 0); }}
LINKED void expand(const State *from, Worker *x)
{{
    int i = 0;
    if (tm(from, 0) == 0) {{
        if (heard(from, 0) == ALL)
            STEP(B_commit, (set_tm(&t, 0, 1), set_said(&t, 0, 1)))
        STEP(B_abort, (set_tm(&t, 0, 2), set_said(&t, 1, 1)))
    }}
    for (i = 0; i < N; i++) {{
        if (tm(from, 0) == 0 && ready(from, 0) >> i & 1)
            STEP(B_hear, set_heard(&t, 0, heard(&t, 0) | UINT64_C(1) << i))
        if (rm(from, i) == WORKING) {{
            STEP(B_prepare, (set_rm(&t, i, PREPARED), set_ready(&t, 0, ready(&t, 0) | UINT64_C(1) << i)))
            STEP(B_give_up, set_rm(&t, i, ABORTED))
        }}
        if (said(from, 0))
            STEP(B_obey_commit, set_rm(&t, i, COMMITTED))
        if (said(from, 1))
            STEP(B_obey_abort, set_rm(&t, i, ABORTED))
    }}
}}
"""
        + checks
    )
    blocks = "commit abort hear prepare give_up obey_commit obey_abort"
    return program(words, f"rm:2:{n} heard:{n}:1 ready:{n}:1 tm:2:1 said:1:2", text, blocks, **more)


def shootdown(cpus: int, pages: int, words: int = 1, checks: str = "", **more: Any) -> StubProgram:
    """CPUs that unmap pages, ask each other to flush, and map them again, while any TLB may fill."""
    text = (
        f"""
enum {{ CPUS = {cpus}, PAGES = {pages}, IDLE = 0, SEND, WAIT, OFF }};
static inline bool asked(const State *s, int c)
{{
    for (int k = 0; k < CPUS; k++)
        if (request(s, k) >> c & 1)
            return true;
    return false;
}}
LINKED void expand(const State *from, Worker *x)
{{
    for (int c = 0; c < CPUS; c++) {{
        uint32_t me = (uint32_t)c;
        for (int p = 0; p < PAGES; p++) {{
            if (mapped(from, p)) {{
                State t = *from;
                set_tlb(&t, c, tlb(&t, c) | UINT64_C(1) << p);
                emit(x, &t, B_fill, me, (uint64_t)p);
                if (pc(from, c) == IDLE) {{
                    State u = *from;
                    set_mapped(&u, p, 0), set_pc(&u, c, SEND), set_page(&u, c, (uint64_t)p);
                    set_tlb(&u, c, tlb(&u, c) & ~(UINT64_C(1) << p));
                    emit(x, &u, B_unmap, me, (uint64_t)p);
                }}
            }}
        }}
        State t = *from;
        switch (pc(from, c)) {{
        case SEND: {{
            int to = (int)next(from, c);
            if (to != c)
                set_request(&t, c, request(&t, c) | UINT64_C(1) << to);
            if (to + 1 < CPUS)
                set_next(&t, c, (uint64_t)to + 1);
            else
                set_next(&t, c, 0), set_pc(&t, c, WAIT);
            emit(x, &t, B_send, me, 0);
            break;
        }}
        case WAIT:
            if (request(from, c) == 0) {{
                set_pc(&t, c, OFF);
                emit(x, &t, B_waited, me, 0);
            }}
            break;
        case OFF:
            set_mapped(&t, (int)page(&t, c), 1), set_page(&t, c, 0), set_pc(&t, c, IDLE);
            emit(x, &t, B_map, me, 0);
            break;
        }}
        if (!masked(from, c) && asked(from, c)) {{
            State u = *from;
            set_tlb(&u, c, 0);
            for (int k = 0; k < CPUS; k++)
                set_request(&u, k, request(&u, k) & ~(UINT64_C(1) << c));
            emit(x, &u, B_take, me, 0);
        }}
        State v = *from;
        set_masked(&v, c, !masked(&v, c));
        emit(x, &v, B_mask, me, 0);
    }}
}}
"""
        + checks
    )
    fields = f"tlb:{pages}:{cpus} request:{cpus}:{cpus} pc:2:{cpus} page:2:{cpus} next:2:{cpus}"
    fields += f" mapped:1:{pages} masked:1:{cpus}"
    start = program(words, fields, text, "fill unmap send waited map take mask", **more)
    start.initial = [_all_mapped(words, cpus, pages)]
    return start


def _all_mapped(words: int, cpus: int, pages: int) -> tuple[int, ...]:
    """`mapped` is field 5; what stands before it in its word are fields 5 - words, 5 - 2 * words, ..."""
    bits = [pages * cpus, cpus * cpus, 2 * cpus, 2 * cpus, 2 * cpus]
    shift = sum(bits[number] for number in range(5) if number % words == 5 % words)
    initial = [0] * words
    initial[5 % words] = ((1 << pages) - 1) << shift
    return tuple(initial)
