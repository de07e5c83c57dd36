/*
 * A search: what is asked and answered, the state of all threads together, and when it ends.
 */
#include <pthread.h>
#include <time.h>

/* Why a search ended before every reachable state was expanded. */
typedef enum {
    COMPLETE,
    DECIDED, /* everything that was asked is violated (or reached, for `reachable`) */
    DEPTH_LIMIT,
    STATE_LIMIT,
    MEMORY_LIMIT,
    TIME_LIMIT,
    INTERRUPTED,
    TOO_MANY_CHOICES,
    GAVE_UP, /* a reduced search cannot answer */
    TO_SAVE, /* no end: it stops to be saved */
} Ended;

enum { RECENT_LEVELS = 32 }; /* whose sizes are told while a search runs */

/* Shared with Python, which mirrors it field by field (c_run.py): what is asked, figures that may be read
 * while the search runs, and the results. */
typedef struct {
    const uint64_t *initial; /* WORDS words each */
    uint64_t initial_count, threads;
    uint64_t max_states, max_depth, max_bytes, max_nanoseconds; /* UINT64_MAX: none */
    uint64_t keep_going; /* even if everything wanted is violated */
    uint64_t wanted_invariants, wanted_steps, wanted_goals, wanted_reachable;
    const uint8_t *wanted_sites;
    uint64_t cause; /* 0, or the number of one finding and 1: what is asked is its causes, see causes.h */
    const uint8_t *forbidden; /* of each block, whether it may not run; NULL: all may */
    uint64_t stop; /* set by Python at any time: 1 to end; 2 without saving either */
    const char *save_file, *save_unfinished, *save_text, *resume_file; /* NULL: not asked for; see save.h */
    uint64_t save_text_length, save_nanoseconds, save_ends, resume_offset; /* save_ends: a bit for each Ended */

    uint64_t states, transitions, depth, frontier, bytes, sweeps;

    uint64_t ended, covered_depth, nanoseconds, nanoseconds_before; /* those before it was resumed are in both */
    uint64_t seed, walk_length; /* of a simulation, whose steps are in `states`; see walk.h */
    uint64_t walks, last_new_pair;
    uint64_t even; /* every successor has the same chance */
    uint64_t *paid; /* N_COSTS sums over all walks */
    uint64_t cost_fault; /* 0, or the number of what failed within a cost */
    uint64_t descents, descents_found, descents_of; /* walks; how many end in one of so many states that are known */
    uint64_t descents_met;     /* the same of a state anywhere on the way */
    uint64_t descends_at_end; /* asked for; the others are told while the search runs */
    uint64_t level_count, level_size[RECENT_LEVELS]; /* complete levels; the sizes of the last ones, by number */
    uint32_t *pairs; /* N_BLOCKS + 1 rows: how often each block could come next after this one */
    uint64_t saves, save_error; /* errno of the last one that failed */
    uint64_t left_out; /* states that were taken out again: covered.h */
    uint64_t gave_up, gave_up_at; /* a GaveUp; and the number of the step invariant, or of the block */
    uint64_t undecided_goals; /* for a search that is not reduced, see eager.h */
    uint64_t asymmetric; /* members are not interchangeable after all: see straighten.h */
    uint64_t unfounded;  /* no run of the model leads to what was found: see unfold.h */
    const uint64_t *level_start; /* level i: states level_start[i] .. level_start[i + 1] - 1 */
    uint64_t *fired, *condition_true, *condition_false;
    uint64_t *tape, tape_length; /* the findings and their traces, see trace.h */
    Engine *engine;
} Run;

typedef void Job(Worker *x);
typedef void Task(void *parts, uint32_t number);

struct Engine {
    Run *run;
    Store store;
    uint64_t *level_start, levels, level_room; /* complete levels, and one entry more: where the next starts */
    Finding findings[ROOM_FOR(N_FINDINGS)];
    Finding *causes; /* per block, if they are asked for */
    Worker *workers;
    uint32_t worker_count;
    uint64_t begun, deadline, save_at, descend_at;
    uint64_t expanded; /* of a resumed level: the states that have been */
    struct Standing *standing; /* save.h */
    uint32_t *pairs; /* walk.h */
    uint64_t round;
    uint64_t trigger; /* at this many states something must be decided: see make_room() */
    uint8_t *marks;   /* sweep.h */
    uint32_t first_goal;
    struct Trail *trails; /* trace.h */
    struct Unfolding *unfolding; /* unfold.h */
    uint32_t *chains, *links; /* covered.h */
    uint64_t chain_count;
    uint8_t *covered; /* of each state of a level, whether it is */
    uint32_t trail_count;
    uint64_t back_level;
    uint64_t tape_room;
    bool tape_broken; /* no memory for it */

    pthread_t *threads;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    Job *job;
    bool quit;
    uint64_t job_number, job_low, job_high, growths;
    uint32_t running, parked;
    Task *task; /* shared out among those that wait */
    void *parts;
    uint32_t part_count, parts_taken, parts_left;

    uint64_t count __attribute__((aligned(64))); /* states; written by every batch */
    uint64_t allocated;                          /* places of the array handed out, with several threads */
    uint64_t next __attribute__((aligned(64)));  /* next chunk of the job */
    bool shared;                                 /* several threads are at work */
    bool pausable;                               /* what they do can stop between two chunks */
    uint32_t ended, pause;                       /* pause: an Ended, once that was asked for ... */
    uint64_t pause_asked;                        /* ... and when */
};

#define PATIENCE UINT64_C(500000000) /* nanoseconds */

static uint64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}

static inline bool less(const State *a, const State *b)
{
    for (int i = 0; i < WORDS; i++)
        if (a->w[i] != b->w[i])
            return a->w[i] < b->w[i];
    return false;
}

/* The first reason counts. */
static void end(Engine *e, Ended why)
{
    uint32_t going = COMPLETE;
    __atomic_compare_exchange_n(&e->ended, &going, why, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}

static inline bool has_ended(const Engine *e)
{
    return __atomic_load_n(&e->ended, __ATOMIC_RELAXED) != COMPLETE;
}

/* What a thread meets may end the search, but not before the level is whole: so the results are the same for any
 * number of threads. Of several the smallest counts. */
static void end_with_level(Worker *x, Ended why, uint64_t about)
{
    uint64_t met = (uint64_t)why << 56 | about;
    if (!x->met || met < x->met)
        x->met = met;
}

static void end_if_met(Engine *e)
{
    uint64_t met = 0;
    for (uint32_t w = 0; w < e->worker_count; w++) {
        uint64_t theirs = e->workers[w].met;
        met = theirs && (!met || theirs < met) ? theirs : met;
        e->workers[w].met = 0;
    }
    if (!met || has_ended(e))
        return;
    end(e, (Ended)(met >> 56));
    if (e->ended == GAVE_UP) {
        e->run->gave_up = met >> 32 & UINT16_MAX;
        e->run->gave_up_at = met & UINT32_MAX;
    }
}

static void too_many_choices(Worker *x)
{
    x->abandon = true;
    end_with_level(x, TOO_MANY_CHOICES, 0);
}

/* A reduced search cannot answer: Python begins again without. */
LINKED void give_up(Worker *x, GaveUp why, uint64_t at)
{
    end_with_level(x, GAVE_UP, (uint64_t)why << 32 | at);
}

/* Between two chunks a search can be saved, so it ends there if it can; in the middle of a state's successors
 * only if these take too long. */
static void ask_for(Engine *e, Ended why)
{
    uint32_t going = COMPLETE;
    if (!e->pausable)
        end(e, why);
    else if (__atomic_compare_exchange_n(&e->pause, &going, why, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        __atomic_store_n(&e->pause_asked, now(), __ATOMIC_RELAXED);
}

static void pausable(Engine *e)
{
    e->pause_asked = UINT64_MAX;
    e->pausable = true;
}

/* What for, if at all. */
static Ended paused(Engine *e)
{
    Ended why = e->pause;
    e->pausable = false;
    e->pause = COMPLETE;
    return why;
}

static bool is_pausing(const Engine *e)
{
    return __atomic_load_n(&e->pause, __ATOMIC_RELAXED) != COMPLETE;
}

static void poll_stop(Engine *e)
{
    if (UNLIKELY(__atomic_load_n(&e->run->stop, __ATOMIC_RELAXED)))
        ask_for(e, INTERRUPTED);
}

static void poll_clock(Engine *e)
{
    poll_stop(e);
    uint64_t time = now(), asked = __atomic_load_n(&e->pause_asked, __ATOMIC_RELAXED);
    uint32_t pause = __atomic_load_n(&e->pause, __ATOMIC_RELAXED);
    if (time > e->deadline)
        ask_for(e, TIME_LIMIT);
    else if (time > e->save_at && e->pausable)
        ask_for(e, TO_SAVE);
    if (pause != COMPLETE && pause != TO_SAVE && time > asked && time - asked > PATIENCE)
        end(e, pause);
}
