/*
 * What generated code sees of the exploration engine.
 *
 * A translation unit is: its #defines (WORDS, N_INVARIANTS, ...), this header, the generated functions
 * declared below, and explore.c. Everything is static, so that one compilation sees both the model and
 * the engine: the compiler can inline the hash of a state into the code that made it.
 */
#ifndef EXPLORE_H
#define EXPLORE_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)
#define COLD __attribute__((noinline, cold)) /* seldom run, so compiled fast */
#define MAYBE_UNUSED __attribute__((unused))
#define AT_LEAST_ONE(n) ((n) > 0 ? (n) : 1)

#ifndef EAGER /* 1: stored states are saturated, see eager.h */
#define EAGER 0
#define N_HARDWARE 0 /* of the blocks, the last ones: those that are not interleaved */
#endif

#ifndef ASSUMES_STOPS
#define ASSUMES_STOPS 0
#endif

#ifndef N_COSTS /* functions of a step to a number, see costs.h */
#define N_COSTS 0
#endif

#ifndef SYMMETRY /* 1: stored states are canonical, see symmetry.h */
#define SYMMETRY 0
#endif

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

/* One list of findings for everything that can be found, in this order. */
enum {
    FIND_INVARIANT = 0,
    FIND_STEP = FIND_INVARIANT + N_INVARIANTS,
    FIND_SITE = FIND_STEP + N_STEPS,
    FIND_GOAL = FIND_SITE + N_SITES,
    FIND_REACHABLE = FIND_GOAL + N_GOALS,
    N_FINDINGS = FIND_REACHABLE + N_REACHABLE,
    N_TRAILS = N_FINDINGS > N_BLOCKS ? N_FINDINGS : N_BLOCKS, /* traces that are looked for together */
};

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
    uint64_t condition_true[AT_LEAST_ONE(N_CONDITIONS)];
    uint64_t condition_false[AT_LEAST_ONE(N_CONDITIONS)];

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
    uint64_t fired[AT_LEAST_ONE(N_BLOCKS)];

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
    State best[AT_LEAST_ONE(N_TRAILS)]; /* BACK: per trace, the smallest predecessor */
    bool has_best[AT_LEAST_ONE(N_TRAILS)];
    Finding *causes; /* CAUSES: what was found in this level, per block; else NULL */
    struct Walk *walk; /* WALK */
    struct Collecting *collecting; /* COLLECT */
#if SYMMETRY
    uint8_t goal_at[BATCH][AT_LEAST_ONE(N_GOALS)]; /* SWEEP: where the marks of a state's goals are in its canonical form */
    uint32_t wanted;         /* STRAIGHTEN: the finding whose event is looked for */
    bool straight;           /* STRAIGHTEN: found */
    State reached;
    const uint8_t *exchange; /* COMMUTE */
    uint64_t sum;
#endif
};

/* The generated functions. */
static void expand(const State *from, Worker *x);
static uint64_t check_state(const State *s, Worker *x) MAYBE_UNUSED;
static uint64_t check_reachable(const State *s, Worker *x) MAYBE_UNUSED;
static uint64_t check_step(const State *before, const State *after, Worker *x) MAYBE_UNUSED;
static uint64_t check_goals(const State *s) MAYBE_UNUSED;
#if N_COSTS > 0
static int64_t cost_of(int number, const State *before, const State *after, Worker *x);
static bool is_idle(const State *s, uint32_t block, uint32_t actor);
#endif

#if EAGER
static const uint64_t grown_bits[WORDS], shrunk_bits[WORDS]; /* the sets that only grow, and only shrink, by hardware */
static inline void saturate(State *s, Worker *x);
static inline void to_floor(State *s, Worker *x);
static void expand_hardware(const State *from, Worker *x);
#endif

#if SYMMETRY
static void permuted(const State *from, State *to, const uint8_t *p);
static void member_keys(const State *s, uint64_t *key);
static int moved_goal(int g, const uint8_t *p) MAYBE_UNUSED;
static void canonical(State *s, uint8_t *p);
static void straighten_fault(Worker *x, uint32_t block, uint32_t actor, uint64_t arguments);
#endif

/* Why a reduced search cannot answer. */
typedef enum {
    STEP_OF_HARDWARE = 1, /* a step invariant may be violated by a hardware step */
    HARDWARE_FAILS,       /* an action that is taken at once */
    GOALS_OPEN,           /* the states that were stored do not decide what stays possible */
    STOP_NOT_MET,         /* somebody might stop at a wait in a way that no stored state stands for */
} GaveUp;

/* The engine's slow paths. */
static void flush_forward(Worker *x);
static void observe(Worker *x, const State *to, uint32_t block, uint32_t actor, uint64_t arguments);
static void record_event(Worker *x, uint32_t finding, uint32_t block, uint32_t actor, uint64_t arguments);
static void record_cause(Worker *x, uint32_t finding, uint32_t block, uint32_t actor, uint64_t arguments);
static void too_many_choices(Worker *x);
static void give_up(Worker *x, GaveUp why, uint64_t at) MAYBE_UNUSED;
static void walk_fault(Worker *x, uint32_t block, uint32_t actor, uint64_t arguments);
static void sweep_fault(Worker *x);
static void unfolding_fault(Worker *x, uint32_t block, uint32_t actor, uint64_t arguments) MAYBE_UNUSED;

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

static inline bool same(const State *a, const State *b)
{
    uint64_t difference = 0;
    for (int i = 0; i < WORDS; i++)
        difference |= a->w[i] ^ b->w[i];
    return difference == 0;
}

/* The next choice of this block, 0..n-1. The odometer runs the block again for every other answer. */
static inline MAYBE_UNUSED uint32_t pick(Worker *x, uint32_t n)
{
    if (x->cursor == x->choices) {
        if (UNLIKELY(x->choices == MAX_CHOICES)) {
            too_many_choices(x);
            return 0;
        }
        x->choice[x->choices] = 0;
        x->limit[x->choices++] = n;
    }
    return x->choice[x->cursor++];
}

static inline MAYBE_UNUSED void choices_begin(Worker *x)
{
    x->cursor = x->choices = 0;
}

/* Advance to the next vector of choices; false when all have been taken. Leaves an empty vector behind,
 * so that blocks without choices need not call choices_begin(). */
static inline MAYBE_UNUSED bool choices_next(Worker *x)
{
    uint32_t n = x->cursor;
    while (n > 0 && x->choice[n - 1] + 1 == x->limit[n - 1])
        n--;
    x->cursor = 0;
    x->choices = n;
    if (UNLIKELY(x->abandon))
        x->choices = n = 0;
    if (n == 0)
        return false;
    x->choice[n - 1]++;
    return true;
}

#if ASSUMES_STOPS
#include "stops.h"
#endif

/* A successor of x->from. It waits in the batch until the cache line of its hash has come in. */
static inline MAYBE_UNUSED void emit(Worker *x, const State *to, uint32_t block, uint32_t actor, uint64_t arguments)
{
    if (UNLIKELY(x->mode != FORWARD)) {
        observe(x, to, block, actor, arguments);
        return;
    }
    x->fired[block]++;
#if N_STEPS > 0
    uint64_t bad = check_step(x->from, to, x) & x->open_steps;
#if ASSUMES_STOPS
    if (UNLIKELY(bad && is_assumed(to)))
        give_up(x, STOP_NOT_MET, 0);
#endif
    for (; UNLIKELY(bad != 0); bad &= bad - 1)
        record_event(x, FIND_STEP + (uint32_t)__builtin_ctzll(bad), block, actor, arguments);
#endif
    if (same(to, x->from)) { /* a self-loop: counted, and known without a look at the table */
        x->flushed++;
        return;
    }
#if EAGER
    State saturated = *to;
    saturate(&saturated, x);
    to = &saturated;
#endif
    uint32_t i = x->pending;
    uint64_t h = hash_state(to);
#if SEEN_BITS > 0 /* before it is made canonical, which takes long */
    State *seen = x->seen + (h >> (64 - SEEN_BITS));
    if (same(seen, to)) {
        x->flushed++;
        return;
    }
    *seen = *to;
#endif
#if SYMMETRY
    State orderly = *to;
    canonical(&orderly, NULL);
    to = &orderly;
    h = hash_state(to);
#endif
    __builtin_prefetch(x->table + 8 * high_product(h, x->buckets), 1);
    x->batch[i] = *to;
    x->hash[i] = h;
    x->pending = i + 1;
    if (UNLIKELY(i + 1 == BATCH))
        flush_forward(x);
}

/* x->fault was set in this block: it ends here and has no successor. */
static inline MAYBE_UNUSED void report_fault(Worker *x, uint32_t block, uint32_t actor, uint64_t arguments)
{
    x->cuts++;
    if (x->mode == FORWARD)
        record_event(x, FIND_SITE + x->fault - 1, block, actor, arguments);
    else if (x->mode == CAUSES)
        record_cause(x, FIND_SITE + x->fault - 1, block, actor, arguments);
    else if (x->mode == WALK)
        walk_fault(x, block, actor, arguments);
    else if (x->mode == SWEEP)
        sweep_fault(x);
#if EAGER
    else if (x->mode == UNFOLD)
        unfolding_fault(x, block, actor, arguments);
#endif
#if SYMMETRY
    else if (x->mode == STRAIGHTEN)
        straighten_fault(x, block, actor, arguments);
#endif
}

#endif
