/*
 * What generated code sees of the exploration engine.
 *
 * A translation unit is: its #defines (WORDS, N_INVARIANTS, ...), this header, the generated functions
 * declared below, and explore.c. Everything is static, so that one compilation sees both the model and
 * the engine: the compiler can inline the hash of a state into the code that made it.
 *
 * Without optimisation that gains nothing, and half of the time would go into the engine, which is the same for many
 * programs. So there are two objects then (build.py): PROGRAM_ONLY has the generated functions, and ENGINE_ONLY is kept
 * for all programs that differ in counts only. It learns these when it runs, and what lies within a struct has
 * room for CAPACITY.
 */
#ifndef EXPLORE_H
#define EXPLORE_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)
#define COLD __attribute__((noinline, cold)) /* seldom run, so compiled fast */
#define MAYBE_UNUSED __attribute__((unused))
#define AT_LEAST_ONE(n) ((n) > 0 ? (n) : 1)
#define EXPORTED __attribute__((visibility("default")))

/* What is defined in one object and used in the other. */
#ifdef CAPACITY
#define LINKED extern __attribute__((visibility("hidden")))
#define LINKED_INLINE LINKED
#define ROOM_FOR(n) CAPACITY
#else
#define LINKED static MAYBE_UNUSED
#define LINKED_INLINE static inline MAYBE_UNUSED
#define ROOM_FOR(n) AT_LEAST_ONE(n)
#endif

#ifndef EAGER /* 1: stored states are saturated, see eager.h */
#define EAGER 0
#endif

#ifdef ENGINE_ONLY /* for programs that do and for those that do not, whose masks are empty */
#define ASSUMES_STOPS EAGER
#elif !defined(ASSUMES_STOPS)
#define ASSUMES_STOPS 0
#endif

#ifndef N_COSTS /* functions of a step to a number, see costs.h */
#define N_COSTS 0
#endif

#ifndef SYMMETRY /* 1: stored states are canonical, see symmetry.h */
#define SYMMETRY 0
#endif

#include "counts.h"

enum {
    BATCH = 64,        /* successors that wait for their cache lines at a time */
    MAX_CHOICES = 128, /* in one atomic block */
#ifndef SEEN_BITS /* two MiB for a thread at most, whatever the width */
#define SEEN_BITS (WORDS == 1 ? 18 : WORDS == 2 ? 17 : WORDS <= 4 ? 16 : WORDS <= 8 ? 15 : WORDS <= 16 ? 14 : 13)
#endif
    SEEN = 1 << SEEN_BITS,
};

typedef struct {
    uint64_t w[WORDS];
} State;

/* How a state was left: enough to name the block, its arguments and what it chose. */
typedef struct {
    uint64_t arguments;
    uint32_t block, actor, choices;
    uint32_t choice[MAX_CHOICES];
} Event;

/* The smallest offender known for one property. Properties of single states leave `event` unused. */
typedef struct {
    bool found;
    uint64_t level; /* 0 is the level of the initial states */
    State state;    /* for events: where the event starts */
    Event event;
} Finding;

typedef struct Engine Engine;
typedef struct Worker Worker;

/* What emit() does with a successor. */
typedef enum {
    FORWARD, /* look it up, and keep it if it is new */
    SWEEP,   /* carry its marks back to `from` (always_possible) */
    BACK,    /* is it one of the states whose predecessor is wanted? */
    REPLAY,  /* is it the next state of a trace? Then this is its event. */
    CAUSES,  /* as FORWARD, but a violation of one property is where its path ends: causes.h */
    UNFOLD,  /* see unfold.h */
    ALIVE,   /* there is one: see eager.h */
    WALK,    /* see walk.h */
    COLLECT, /* see costs.h */
    STRAIGHTEN, COMMUTE, /* see straighten.h */
} Mode;

/* One per thread. Generated code uses the first block of fields; the rest is the engine's. */
struct Worker {
    const State *from; /* being expanded */
    uint64_t cuts;     /* blocks that an assert or model error ended */
    uint32_t fault;    /* 0, or the number of the assert or model error that ended the block */
    uint64_t condition[ROOM_FOR(N_CONDITIONS)][2]; /* how often it was false, and true */

    Mode mode;
    uint32_t cursor, choices; /* the choice odometer: picks made in this run, and digits known */
    uint32_t choice[MAX_CHOICES], limit[MAX_CHOICES];

    uint32_t pending; /* successors in the batch */
    uint64_t flushed; /* successors handed on in earlier batches */
    uint64_t *table;  /* the engine's, kept here for the address of a prefetch */
    uint64_t buckets;
    State *seen;      /* SEEN states that this thread produced lately, by hash */
    uint32_t batches;
    uint64_t hash[BATCH];
    State batch[BATCH];
    uint64_t source[BATCH]; /* SWEEP: the place of the mark of the state that was expanded */
    uint64_t place;         /* SWEEP: the same, of the state being expanded */
    uint64_t fired[ROOM_FOR(N_BLOCKS)];

    uint64_t open_invariants, open_steps, unreached; /* what is still worth recording in this level */
    uint64_t free_place, free_end;                   /* unused places of the array that this thread holds */
    uint64_t noted;                                  /* successors already added to the progress figures */
    Finding *findings;
    Engine *engine;
    bool abandon;             /* take no further choices: the search has ended, or this state has too many */
    uint64_t met;             /* why this level must be the last one, see engine.h */
    bool changed, lacking;    /* SWEEP: some mark was set; some state was expanded */
    const State *target;      /* REPLAY */
    Event *event;             /* REPLAY: where to write it; NULL once written */
    State best[ROOM_FOR(N_TRAILS)]; /* BACK: per trace, the smallest predecessor */
    bool has_best[ROOM_FOR(N_TRAILS)];
    Finding *causes; /* CAUSES: what was found in this level, per block; else NULL */
    struct Walk *walk; /* WALK */
    struct Collecting *collecting; /* COLLECT */
#if SYMMETRY
    uint8_t goal_at[BATCH][ROOM_FOR(N_GOALS)]; /* SWEEP: where the marks of a state's goals are in its canonical form */
    uint32_t wanted;         /* STRAIGHTEN: the finding whose event is looked for */
    bool straight;           /* STRAIGHTEN: found */
    State reached;
    const uint8_t *exchange; /* COMMUTE */
    uint64_t sum;
#endif
};

/* The generated functions. */
LINKED void expand(const State *from, Worker *x);
LINKED uint64_t check_state(const State *s, Worker *x);
LINKED uint64_t check_reachable(const State *s, Worker *x);
LINKED uint64_t check_step(const State *before, const State *after, Worker *x);
LINKED uint64_t check_goals(const State *s);
#if N_COSTS > 0
LINKED int64_t cost_of(int number, const State *before, const State *after, Worker *x);
LINKED bool is_idle(const State *s, uint32_t block, uint32_t actor);
#endif

#if EAGER
LINKED const uint64_t grown_bits[WORDS], shrunk_bits[WORDS]; /* the sets that only grow, and only shrink, by hardware */
LINKED_INLINE void saturate(State *s, Worker *x);
LINKED_INLINE void to_floor(State *s, Worker *x);
LINKED void expand_hardware(const State *from, Worker *x);
#if defined(PROGRAM_ONLY) && !ASSUMES_STOPS
LINKED const uint64_t doubt_bits[WORDS] = {0}, assumed_bits[WORDS] = {0};
#endif
#endif

#if SYMMETRY
LINKED void permuted(const State *from, State *to, const uint8_t *p);
LINKED void member_keys(const State *s, uint64_t *key);
LINKED int moved_goal(int g, const uint8_t *p);
#ifdef ENGINE_ONLY
LINKED const uint8_t index_start[], around[], each_around[], class_member[], class_start[], class_index[];
#endif
#endif

/* Which last lines were come to; threads may set the same one. */
#ifdef ENGINE_ONLY
LINKED uint8_t passed[];
#else
LINKED uint8_t passed[AT_LEAST_ONE(N_MARKS)] = {0};

/* What nothing is asked with. */
#if N_INVARIANTS == 0
LINKED uint64_t check_state(const State *s, Worker *x)
{
    (void)s, (void)x;
    return 0;
}
#endif
#if N_REACHABLE == 0
LINKED uint64_t check_reachable(const State *s, Worker *x)
{
    (void)s, (void)x;
    return 0;
}
#endif
#if N_STEPS == 0
LINKED uint64_t check_step(const State *before, const State *after, Worker *x)
{
    (void)before, (void)after, (void)x;
    return 0;
}
#endif
#if N_GOALS <= ANY_SUCCESSOR
LINKED uint64_t check_goals(const State *s)
{
    (void)s;
    return 0;
}
#endif
#endif

/* Why a reduced search cannot answer. */
typedef enum {
    STEP_OF_HARDWARE = 1, /* a step invariant may be violated by a hardware step */
    HARDWARE_FAILS,       /* an action that is taken at once */
    GOALS_OPEN,           /* the states that were stored do not decide what stays possible */
    STOP_NOT_MET,         /* somebody might stop at a wait in a way that no stored state stands for */
} GaveUp;

/* The engine's, for them. */
LINKED_INLINE uint32_t pick(Worker *x, uint32_t n);
LINKED_INLINE void choices_begin(Worker *x);
LINKED_INLINE bool choices_next(Worker *x);
LINKED_INLINE void emit(Worker *x, const State *to, uint32_t block, uint32_t actor, uint64_t arguments);
LINKED_INLINE void report_fault(Worker *x, uint32_t block, uint32_t actor, uint64_t arguments);
LINKED void give_up(Worker *x, GaveUp why, uint64_t at);

static inline uint64_t high_product(uint64_t a, uint64_t b)
{
    return (uint64_t)(((unsigned __int128)a * b) >> 64);
}

static inline uint64_t folded_product(uint64_t a, uint64_t b)
{
    unsigned __int128 p = (unsigned __int128)a * b;
    return (uint64_t)(p >> 64) ^ (uint64_t)p;
}

/* Which bits of the hash are used: of a wide state's, the 40 that its slot lets one recover. HASH_BITS
 * is for tests, which want every lookup to collide. */
#ifdef HASH_BITS
#define HASH_MASK (~UINT64_C(0) << (64 - HASH_BITS))
#elif WORDS == 1
#define HASH_MASK (~UINT64_C(0))
#else
#define HASH_MASK (~UINT64_C(0) << 24)
#endif

static inline uint64_t hash_state(const State *s)
{
    static const uint64_t key[4] = {
        UINT64_C(0x9e3779b97f4a7c15), UINT64_C(0xd1b54a32d192ed03),
        UINT64_C(0x8cb92ba72f3d8dd7), UINT64_C(0xaef17502108ef2d9),
    };
    uint64_t h = key[3];
    for (int i = 0; i + 1 < WORDS; i += 2)
        h ^= folded_product(s->w[i] ^ key[i & 2], s->w[i + 1] ^ key[(i & 2) + 1] ^ (uint64_t)i << 32);
    if (WORDS % 2)
        h ^= s->w[WORDS - 1];
    return folded_product(h ^ key[0], key[1]) & HASH_MASK;
}

#if SYMMETRY
static inline MAYBE_UNUSED uint64_t mixed(uint64_t h, uint64_t v)
{
    h = (h ^ v) * UINT64_C(0x9e3779b97f4a7c15);
    return h ^ h >> 29;
}
#endif

static inline bool same(const State *a, const State *b)
{
    uint64_t difference = 0;
    for (int i = 0; i < WORDS; i++)
        difference |= a->w[i] ^ b->w[i];
    return difference == 0;
}

#if ASSUMES_STOPS
#include "stops.h"
#endif

#ifndef PROGRAM_ONLY
#include "emit.h"
#endif

#endif
