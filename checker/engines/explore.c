/*
 * Explicit-state exploration: breadth first, level by level, exact, with any number of threads.
 *
 * No parent is stored. The states lie level by level in one array, which is the queue, and afterwards the
 * memory from which a counterexample is found by expanding levels again, last to first. All results that
 * are reported (sets, counts, the violation of a property, its trace) are defined without reference to the
 * order in which states were found: so they are the same for any number of threads.
 *
 * Parts: table.h (memory), team.h (threads), growth.h (of the table), this file (the forward search), save.h
 * (to go on later), covered.h (states that are not needed), causes.h (more than the first violation), sweep.h (always_possible), trace.h
 * (counterexamples), and at the end of this file what Python calls.
 */
#include <pthread.h>
#include <time.h>

#include "table.h"

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
    uint64_t descends_at_end; /* asked for; the others are told while the search runs */
    uint64_t level_count, level_size[RECENT_LEVELS]; /* complete levels; the sizes of the last ones, by number */
    uint32_t *pairs; /* N_BLOCKS + 1 rows: how often each block could come next after this one */
    uint64_t saves, save_error; /* errno of the last one that failed */
    uint64_t left_out; /* states that were taken out again: covered.h */
    uint64_t gave_up, undecided_goals; /* for a search that is not reduced, see eager.h */
    uint64_t asymmetric; /* members are not interchangeable after all: see straighten.h */
    const uint64_t *array, *level_start; /* level i: states level_start[i] .. level_start[i + 1] - 1 */
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
    Finding findings[AT_LEAST_ONE(N_FINDINGS)];
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

static void too_many_choices(Worker *x)
{
    x->abandon = true;
    end(x->engine, TOO_MANY_CHOICES);
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

static uint64_t whole_pages(uint64_t bytes)
{
    return (bytes + HUGE_PAGE - 1) & ~(HUGE_PAGE - 1);
}

/* Of a state in the array, and of its links and its mark in covered.h. */
#define STATE_BYTES (sizeof(State) + (EAGER ? 3 * sizeof(uint32_t) + 1 : 0))

static uint64_t bytes_of(uint64_t states, uint64_t buckets)
{
    return whole_pages(states * STATE_BYTES) + whole_pages(buckets * SLOTS * sizeof(uint64_t));
}

#if EAGER
#include "order.h"
#endif
#if SYMMETRY
#include "symmetry.h"
#endif
#include "team.h"

#include "growth.h"

static void close_causes(Engine *e, uint64_t level);
static bool is_where_it_ends(Worker *x, const State *s);

/* ---- room for more states ---- */

static uint64_t at_least_zero(uint64_t a, uint64_t b)
{
    return a > b ? a - b : 0;
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* How far the search may go before the table, the memory or the limits need looking at. Every thread may
 * add a batch, and hold some places of the array, before it looks. */
static uint64_t affordable_states(const Engine *e)
{
    uint64_t table = whole_pages(e->store.buckets * SLOTS * sizeof(uint64_t));
    uint64_t bytes = at_least_zero(e->run->max_bytes, table) & ~(HUGE_PAGE - 1);
    uint64_t states = smaller(bytes / STATE_BYTES, e->store.reserved / sizeof(State));
    return at_least_zero(states, e->worker_count * (BATCH + PLACES));
}

static void set_trigger(Engine *e)
{
    uint64_t slots = (uint64_t)(MAX_LOAD * (double)(e->store.buckets * SLOTS));
    e->trigger = smaller(slots - e->worker_count * BATCH, smaller(affordable_states(e), e->run->max_states));
    e->run->bytes = bytes_of(e->count, e->store.buckets);
}

/* Small tables grow fast, as their memory does not matter. */
static uint64_t larger_table(uint64_t buckets)
{
    if (buckets < UINT64_C(1) << 14)
        return 4 * buckets;
    if (buckets < UINT64_C(1) << 17)
        return 2 * buckets;
    return (uint64_t)(GROWTH * (double)buckets);
}

/* At the trigger, with no other thread in the table. */
static void make_room(Engine *e)
{
    if (e->count < e->trigger || has_ended(e))
        return;
    if (e->count >= e->run->max_states) {
        end(e, STATE_LIMIT);
        return;
    }
    uint64_t buckets = e->store.buckets;
    uint64_t array = whole_pages((e->count + e->worker_count * (BATCH + PLACES)) * STATE_BYTES);
    uint64_t bytes = smaller(e->store.reserved, at_least_zero(e->run->max_bytes, array) & ~(HUGE_PAGE - 1));
    uint64_t larger = smaller(larger_table(buckets), bytes / (SLOTS * sizeof(uint64_t)));
    if (e->count >= affordable_states(e) || larger < buckets + buckets / 32 || !store_grow(e, &e->store, larger))
        end(e, MEMORY_LIMIT);
    else
        set_trigger(e);
}

/* ---- what is found ---- */

static int compare_events(const Event *a, const Event *b)
{
    if (a->block != b->block)
        return a->block < b->block ? -1 : 1;
    if (a->actor != b->actor)
        return a->actor < b->actor ? -1 : 1;
    if (a->arguments != b->arguments)
        return a->arguments < b->arguments ? -1 : 1;
    for (uint32_t i = 0; i < a->choices && i < b->choices; i++)
        if (a->choice[i] != b->choice[i])
            return a->choice[i] < b->choice[i] ? -1 : 1;
    return (a->choices > b->choices) - (a->choices < b->choices);
}

static bool smaller_finding(const Finding *a, const Finding *b)
{
    if (!b->found || !same(&a->state, &b->state))
        return !b->found || less(&a->state, &b->state);
    return compare_events(&a->event, &b->event) < 0;
}

static Event event_now(const Worker *x, uint32_t block, uint32_t actor, uint64_t arguments)
{
    Event event = {.arguments = arguments, .block = block, .actor = actor, .choices = x->cursor};
    memcpy(event.choice, x->choice, x->cursor * sizeof *x->choice);
    return event;
}

static __attribute__((noinline)) void record_event(Worker *x, uint32_t finding, uint32_t block, uint32_t actor,
                                                   uint64_t arguments)
{
    if (x->engine->findings[finding].found)
        return; /* in an earlier level */
    Finding found = {.found = true, .state = *x->from, .event = event_now(x, block, actor, arguments)};
    if (smaller_finding(&found, x->findings + finding))
        x->findings[finding] = found;
}

static __attribute__((noinline)) void record_states(Worker *x, const State *s, uint32_t first, uint64_t bits)
{
    for (; bits; bits &= bits - 1) {
        Finding *f = x->findings + first + __builtin_ctzll(bits);
        if (!f->found || less(s, &f->state))
            *f = (Finding){.found = true, .state = *s};
    }
}

#if EAGER && N_STEPS > 0
/* A hardware step may violate a step invariant only if staying in the saturated state does too. */
static void check_hardware_steps(Worker *x, const State *s)
{
    static _Thread_local Worker quiet; /* its conditions are not counted */
    if (UNLIKELY(check_step(s, s, &quiet) & x->open_steps))
        give_up(x);
}
#endif

static inline void check_new(Worker *x, const State *s)
{
#if EAGER && N_STEPS > 0
    check_hardware_steps(x, s);
#endif
#if N_INVARIANTS > 0
    uint64_t violated = check_state(s, x) & x->open_invariants;
    if (UNLIKELY(violated))
        record_states(x, s, FIND_INVARIANT, violated);
#endif
#if N_REACHABLE > 0
    if (x->unreached)
        record_states(x, s, FIND_REACHABLE, check_reachable(s, x) & x->unreached);
#endif
    (void)x, (void)s;
}

/* What has been found in an earlier level is not looked for again. */
static void pass_over_found(Engine *e)
{
    for (uint32_t w = 0; w < e->worker_count; w++) {
        Worker *x = e->workers + w;
        for (uint32_t i = 0; i < N_INVARIANTS; i++)
            x->open_invariants &= ~((uint64_t)e->findings[FIND_INVARIANT + i].found << i);
        for (uint32_t i = 0; i < N_STEPS; i++)
            x->open_steps &= ~((uint64_t)e->findings[FIND_STEP + i].found << i);
        for (uint32_t i = 0; i < N_REACHABLE; i++)
            x->unreached &= ~((uint64_t)e->findings[FIND_REACHABLE + i].found << i);
    }
}

/* What the threads found in one level becomes known. Properties of states speak of the level that was just
 * filled, those of events of the one that was expanded. */
static void close_level(Engine *e, uint64_t filled)
{
    if (e->causes && filled > 0)
        close_causes(e, filled - 1);
    for (uint32_t f = 0; f < N_FINDINGS; f++) {
        Finding *best = e->findings + f;
        bool of_events = f >= FIND_STEP && f < FIND_REACHABLE;
        for (uint32_t w = 0; w < e->worker_count; w++) {
            Finding *found = e->workers[w].findings + f;
            if (found->found && smaller_finding(found, best)) {
                *best = *found;
                best->level = of_events ? filled - 1 : filled;
            }
            found->found = false;
        }
    }
    pass_over_found(e);
}

/* Is there nothing left to find out? Goals are decided only at the end of a complete search. */
static bool is_decided(const Engine *e)
{
    const Run *run = e->run;
    const Worker *x = e->workers;
    bool sites_wanted = false, sites_open = false;
    for (uint32_t i = 0; i < N_SITES; i++) {
        sites_wanted |= run->wanted_sites[i];
        sites_open |= run->wanted_sites[i] && !e->findings[FIND_SITE + i].found;
    }
    uint64_t goals = run->wanted_goals;
#if ANY_SUCCESSOR
    goals &= ~(uint64_t)e->findings[FIND_GOAL].found;
#endif
    bool open = sites_open || goals || run->wanted_invariants & x->open_invariants ||
                run->wanted_steps & x->open_steps || run->wanted_reachable & x->unreached;
    return !open && !run->keep_going &&
           (sites_wanted || run->wanted_goals || run->wanted_invariants || run->wanted_steps || run->wanted_reachable);
}

/* ---- the forward search ---- */

/* Two rounds: the first looks at the home buckets, which have come in by now, drops most states that are
 * known, and fetches what the others need next. */
static inline __attribute__((always_inline)) void insert_batch(Worker *x, bool shared)
{
    Engine *e = x->engine;
    Store *store = &e->store;
    uint64_t added = 0;
    uint8_t left[BATCH];
    uint32_t count = 0;
#if WORDS == 1
    for (uint32_t i = 0; i < x->pending; i++) {
        left[count] = (uint8_t)i;
        count += !is_at_home(store, x->batch + i, x->hash[i]);
    }
#else
    uint64_t slot[BATCH];
    for (uint32_t i = 0; i < x->pending; i++)
        slot[i] = likely_slot(store, x->hash[i]);
    for (uint32_t i = 0; i < x->pending; i++) {
        left[count] = (uint8_t)i;
        count += !slot[i] || !same(store->array + place_in(slot[i]), x->batch + i);
    }
#endif
    for (uint32_t i = 0; i < count; i++) {
        const State *s = x->batch + left[i];
        uint64_t place = shared ? next_place(x) : e->count + added;
#if WORDS == 1
        if (!insert(store, s, x->hash[left[i]], shared))
            continue;
        store->array[place] = *s;
#else
        if (!insert(store, s, x->hash[left[i]], place, shared))
            continue;
#endif
        added++;
        if (shared)
            x->free_place++;
#if !EAGER /* else not before it is known which are kept */
        check_new(x, s);
#endif
    }
    if (!shared)
        e->count += added;
    else if (added)
        __atomic_fetch_add(&e->count, added, __ATOMIC_RELAXED);
}

static __attribute__((noinline)) void flush_forward(Worker *x)
{
    Engine *e = x->engine;
    if (UNLIKELY(__atomic_load_n(&e->count, __ATOMIC_RELAXED) >= e->trigger))
        e->shared ? park(x) : make_room(e);
    poll_stop(e);
    if (x->batches++ % 64 == 0)
        poll_clock(e);
    if (has_ended(e)) { /* what is left of this state's successors is not looked at */
        x->pending = 0;
        x->abandon = true;
        return;
    }
    if (e->shared)
        insert_batch(x, true);
    else
        insert_batch(x, false);
    x->flushed += x->pending;
    x->pending = 0;
    x->table = e->store.table;
    x->buckets = e->store.buckets;
}

static __attribute__((noinline)) void expand_state(Worker *x, const State *s)
{
    x->from = s;
    x->fault = 0;
    expand(s, x);
}

static void note_progress(Worker *x)
{
    Run *run = x->engine->run;
    uint64_t produced = x->flushed + x->pending;
    __atomic_fetch_add(&run->transitions, produced - x->noted, __ATOMIC_RELAXED);
    x->noted = produced;
    __atomic_store_n(&run->states, __atomic_load_n(&x->engine->count, __ATOMIC_RELAXED), __ATOMIC_RELAXED);
}

static void forward_job(Worker *x)
{
    Engine *e = x->engine;
    uint64_t low, high;
    x->mode = e->run->cause ? CAUSES : FORWARD;
    x->table = e->store.table;
    x->buckets = e->store.buckets;
    while (!has_ended(e) && next_chunk(e, &low, &high)) {
        for (uint64_t i = low; i < high && !has_ended(e); i++) {
            const State *s = e->store.array + i;
            uint64_t produced MAYBE_UNUSED = x->flushed + x->pending + x->cuts;
            expand_state(x, s);
#if ANY_SUCCESSOR && !EAGER
            if (UNLIKELY(x->flushed + x->pending + x->cuts == produced) && !has_ended(e))
                record_states(x, s, FIND_GOAL, e->findings[FIND_GOAL].found ? 0 : 1);
#endif
        }
        poll_clock(e);
        note_progress(x);
    }
    flush_forward(x);
    note_progress(x);
}

#include "save.h"
#if EAGER
#include "covered.h"

static void check_job(Worker *x)
{
    for (uint64_t low, high; next_chunk(x->engine, &low, &high);)
        for (uint64_t i = low; i < high; i++)
            check_new(x, x->engine->store.array + i);
}
#endif

/* With a state that is known; an empty filter would know the state 0. */
static void fill_filters(Engine *e)
{
    for (uint32_t w = 0; w < e->worker_count; w++)
        for (uint32_t i = 0; i < SEEN; i++)
            memcpy(e->workers[w].seen + i, e->count ? e->store.array[0].w : e->run->initial, sizeof(State));
}

/* A level was filled, from this state on; not all of it, if the search has ended. */
static void complete_level(Engine *e, uint64_t low)
{
#if EAGER
    if (!has_ended(e) && !e->causes && remove_covered(e, low))
        fill_filters(e); /* how many are left out in each level is not to depend on what a thread remembers */
    team_run(e, check_job, low, e->count);
#endif
    (void)low;
    close_level(e, e->levels);
}

/* Expand the states low..high-1, with stops to save in between. */
static void expand_level(Engine *e, uint64_t low, uint64_t high)
{
    while (low < high && !has_ended(e)) {
        pausable(e);
        team_run(e, forward_job, low, high);
        Ended why = paused(e);
        settle(e);
        low = smaller(e->next, high);
        if (why == COMPLETE || has_ended(e))
            return;
        stand(e, low);
        if (why == TO_SAVE)
            save(e);
        else
            end(e, why);
    }
}

static bool begin_level(Engine *e)
{
    if (e->levels + 1 >= e->level_room) {
        uint64_t room = 2 * e->level_room + 64;
        uint64_t *starts = realloc(e->level_start, room * sizeof *starts);
        if (!starts) {
            end(e, MEMORY_LIMIT);
            return false;
        }
        e->level_start = starts;
        e->level_room = room;
    }
    if (e->levels == 0)
        e->level_start[0] = 0;
    e->level_start[++e->levels] = e->count;
    return true;
}

static void insert_initial(Engine *e)
{
    Worker *x = e->workers;
    x->mode = FORWARD;
    x->table = e->store.table;
    x->buckets = e->store.buckets;
    for (uint64_t i = 0; i < e->run->initial_count; i++) {
        State *s = x->batch + x->pending;
        memcpy(s, e->run->initial + i * WORDS, sizeof *s);
        if (e->run->cause && is_where_it_ends(x, s))
            continue;
#if EAGER
        saturate(s, x);
#endif
#if SYMMETRY
        canonical(s, NULL);
#endif
        x->hash[x->pending++] = hash_state(s);
        if (x->pending == BATCH)
            flush_forward(x);
    }
    flush_forward(x);
    x->flushed = 0;
}

static void descend_if_due(Engine *e);

/* False if what is to be resumed is damaged. */
static bool begin(Engine *e)
{
    if (e->run->resume_file)
        return resume(e);
    pausable(e);
    insert_initial(e);
    Ended why = paused(e);
    complete_level(e, 0);
    if (has_ended(e) || !begin_level(e))
        return true;
    stand(e, 0);
    if (why != COMPLETE && why != TO_SAVE)
        end(e, why);
    return true;
}

static void search(Engine *e)
{
    Run *run = e->run;
    fill_filters(e);
    while (!has_ended(e) && e->count > e->level_start[e->levels - 1]) {
        uint64_t low = e->level_start[e->levels - 1], high = e->level_start[e->levels];
        run->covered_depth = run->depth = e->levels;
        run->states = e->count;
        run->frontier = high - low;
        run->level_size[(e->levels - 1) % RECENT_LEVELS] = high - e->level_start[e->levels - 1];
        run->level_count = e->levels;
        low = low > e->expanded ? low : e->expanded;
        stand(e, low);
        descend_if_due(e);
        if (is_decided(e))
            end(e, DECIDED);
        else if (e->levels >= run->max_depth)
            end(e, DEPTH_LIMIT);
        else {
            expand_level(e, low, high);
            complete_level(e, high);
            if (e->count == high || !begin_level(e)) /* a level cut short counts as one, but not as covered */
                break;
        }
    }
    run->depth = e->levels;
}

#define EXPORTED __attribute__((visibility("default")))

#include "causes.h"
#include "sweep.h"
#include "costs.h"
#include "trace.h"
#include "walk.h"
#if EAGER
#include "unfold.h"
#endif

/* ---- what Python calls ---- */

static void add_up(Engine *e)
{
    Run *run = e->run;
    run->transitions = 0;
    for (uint32_t w = 0; w < e->worker_count; w++) {
        const Worker *x = e->workers + w;
        for (uint32_t i = 0; i < N_BLOCKS; i++) {
            run->fired[i] += x->fired[i];
            run->transitions += i < N_BLOCKS - N_HARDWARE ? x->fired[i] : 0;
        }
        for (uint32_t i = 0; i < N_CONDITIONS; i++) {
            run->condition_true[i] += x->condition_true[i];
            run->condition_false[i] += x->condition_false[i];
        }
    }
    run->states = e->count;
    run->frontier = 0;
    run->array = (const uint64_t *)e->store.array;
    run->level_start = e->level_start;
}

EXPORTED void explore_free(Run *run);
EXPORTED int explore(Run *run);
EXPORTED int simulate(Run *run);
EXPORTED void explore_shape(uint64_t shape[9]);

/* So that Python can check that it speaks of the same program. */
void explore_shape(uint64_t shape[9])
{
    const uint64_t mine[9] = {WORDS,   N_INVARIANTS, N_STEPS,      N_SITES,    N_GOALS, N_REACHABLE,
                              N_BLOCKS, N_CONDITIONS, sizeof(Run)};
    memcpy(shape, mine, sizeof mine);
}

static Engine *engine_open(Run *run)
{
    Engine *e = aligned_alloc(64, (sizeof *e + 63) / 64 * 64);
    if (!e)
        return NULL;
    memset(e, 0, sizeof *e);
    e->run = run;
    e->begun = now();
    e->deadline = run->max_nanoseconds > UINT64_MAX - e->begun ? UINT64_MAX : e->begun + run->max_nanoseconds;
    run->engine = e;
    return team_open(e, (uint32_t)run->threads) ? e : NULL;
}

/* They count against a limit on the memory, unless that leaves nothing for states: one thread's is 2 MiB. */
static void pay_for_filters(Engine *e)
{
    uint64_t filters = (uint64_t)e->worker_count * SEEN * sizeof(State);
    if (e->run->max_bytes != UINT64_MAX)
        e->run->max_bytes = e->run->max_bytes > 2 * filters ? e->run->max_bytes - filters : e->run->max_bytes / 2;
}

/* 0, or 1 if there is not even the memory to begin, or 2 if the file to be resumed is damaged. The results live
 * until explore_free(). */
int explore(Run *run)
{
    Engine *e = engine_open(run);
    if (!e || !store_open(&e->store, e->worker_count * BATCH))
        return 1;
    if (!causes_open(e) || !standing_open(e) || (run->descents && !walks_open(e)))
        return 1;
    e->descend_at = e->begun + DESCENT_PAUSE;
    set_save_time(e, 0);
    pay_for_filters(e);
    set_trigger(e);
    if (!begin(e))
        return 2;
    set_trigger(e);
    search(e);
    add_up(e);
#if SYMMETRY
    check_symmetry(e);
#endif
    if (e->ended == COMPLETE)
        sweep_goals(e);
    if (run->save_ends >> e->ended & 1 && e->standing && e->standing->levels > 0)
        save(e);
    write_findings(e);
    if (run->descends_at_end && e->ended >= DEPTH_LIMIT && e->ended <= TIME_LIMIT)
        descend(e);
    walks_close(e);
    run->ended = e->ended;
    run->nanoseconds += now() - e->begun;
    team_close(e);
    return 0;
}

/* 0, or 1 if there is not even the memory to begin. `states` are the steps that were taken. */
int simulate(Run *run)
{
    Engine *e = engine_open(run);
    if (!e || !walks_open(e))
        return 1;
    walk_rounds(e);
    uint64_t steps = run->states;
    add_up(e);
    run->states = steps;
    run->pairs = e->pairs;
    run->ended = e->ended;
    run->nanoseconds = now() - e->begun;
    walks_close(e);
    team_close(e);
    return 0;
}

void explore_free(Run *run)
{
    Engine *e = run->engine;
    if (!e)
        return;
    team_close(e);
#if EAGER
    chains_close(e);
#endif
    store_free(&e->store);
    free(e->level_start);
    free(e->causes);
    free(e->standing);
    free(e->pairs);
    free(run->tape);
    free(e);
    run->engine = NULL;
    run->array = run->level_start = NULL;
    run->tape = NULL;
}
