"""What Python and explore.c share of a search: the question, its figures, and what it found."""

from __future__ import annotations

import ctypes

U64 = ctypes.c_uint64
Words = ctypes.POINTER(U64)
NO_LIMIT = 2**64 - 1
RECENT_LEVELS = 32  # whose sizes are told while a search runs


class CRun(ctypes.Structure):
    """`Run` of engine.h, field by field."""

    _fields_ = [
        ("initial", Words),
        *((name, U64) for name in ("initial_count", "threads", "max_states", "max_depth", "max_bytes")),
        *((name, U64) for name in ("max_nanoseconds", "keep_going")),
        *((f"wanted_{name}", U64) for name in ("invariants", "steps", "goals", "reachable")),
        ("wanted_sites", ctypes.POINTER(ctypes.c_uint8)),
        ("cause", U64),
        ("forbidden", ctypes.POINTER(ctypes.c_uint8)),
        ("stop", U64),
        *((name, ctypes.c_char_p) for name in ("save_file", "save_unfinished", "save_text", "resume_file")),
        *((name, U64) for name in ("save_text_length", "save_nanoseconds", "save_ends", "resume_offset")),
        *((name, U64) for name in ("states", "transitions", "depth", "frontier", "bytes", "sweeps")),
        *((name, U64) for name in ("ended", "covered_depth", "nanoseconds", "nanoseconds_before")),
        *((name, U64) for name in ("seed", "walk_length", "walks", "last_new_pair", "even")),
        ("paid", Words),
        ("cost_fault", U64),
        *(
            (name, U64)
            for name in (
                "descents",
                "descents_found",
                "descents_of",
                "descents_met",
                "descends_at_end",
                "level_count",
            )
        ),
        ("level_size", U64 * RECENT_LEVELS),
        ("pairs", ctypes.POINTER(ctypes.c_uint32)),
        *((name, U64) for name in ("saves", "save_error", "left_out")),
        *((name, U64) for name in ("gave_up", "gave_up_at", "undecided_goals", "asymmetric", "unfounded")),
        *((name, Words) for name in ("level_start", "fired", "condition_true", "condition_false", "tape")),
        ("tape_length", U64),
        ("engine", ctypes.c_void_p),
    ]
