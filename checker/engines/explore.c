/*
 * Explicit-state exploration: breadth first, level by level, exact, with any number of threads.
 *
 * No parent is stored. The states lie level by level in one array, which is the queue, and afterwards the
 * memory from which a counterexample is found by expanding levels again, last to first. All results that
 * are reported (sets, counts, the violation of a property, its trace) are defined without reference to the
 * order in which states were found: so they are the same for any number of threads.
 *
 * Parts: table.h and growth.h (memory), engine.h (the state of a search), team.h (threads), room.h (limits), found.h
 * and forward.h (the forward search), save.h (to go on later), covered.h (states that are not needed), causes.h (more
 * than the first violation), sweep.h (always_possible), trace.h (counterexamples), walk.h (simulation); this file has
 * the levels, and what Python calls.
 */
#include "explore.h"

#include "table.h"
#include "engine.h"
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

#include "room.h"
#include "found.h"
#include "forward.h"
#include "save.h"
#if EAGER
#include "covered.h"

static void check_job(Worker *x)
{
    for (uint64_t low, high; next_chunk(x->engine, &low, &high);)
        for (uint64_t i = low; i < high; i++) {
            State s = state_at(&x->engine->store, i);
            check_new(x, &s);
        }
}
#endif

/* With a state that is known; an empty filter would know the state 0. */
static void fill_filters(Engine *e)
{
    State known;
    memcpy(&known, e->run->initial, sizeof known);
    if (e->count)
        known = state_at(&e->store, 0);
    for (uint32_t w = 0; w < e->worker_count; w++)
        for (uint32_t i = 0; i < SEEN; i++)
            e->workers[w].seen[i] = known;
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

#include "causes.h"
#include "sweep.h"
#include "costs.h"
#include "trace.h"
#include "walk.h"
#if EAGER
#include "unfold.h"
#endif

/* ---- what Python calls ---- */

#if EAGER
/* Where nothing but hardware moves, its steps are all that a step invariant is asked of. */
static void count_hardware_steps(Engine *e)
{
    uint64_t fired[2] = {0, 0};
    for (uint32_t w = 0; w < e->worker_count; w++)
        for (uint32_t i = 0; i < N_BLOCKS; i++)
            fired[i >= N_BLOCKS - N_HARDWARE] += e->workers[w].fired[i];
    if (N_STEPS > 0 && fired[0] == 0 && fired[1] > 0)
        for (uint64_t i = 0; i < e->count; i++) {
            State s = state_at(&e->store, i);
            check_step(&s, &s, e->workers);
        }
}
#endif

static void add_up(Engine *e)
{
    Run *run = e->run;
#if EAGER
    count_hardware_steps(e);
#endif
    run->transitions = 0;
    for (uint32_t w = 0; w < e->worker_count; w++) {
        const Worker *x = e->workers + w;
        for (uint32_t i = 0; i < N_BLOCKS; i++) {
            run->fired[i] += x->fired[i];
            run->transitions += i < N_BLOCKS - N_HARDWARE ? x->fired[i] : 0;
        }
        for (uint32_t i = 0; i < N_CONDITIONS; i++) {
            run->condition_true[i] += x->condition[i][true];
            run->condition_false[i] += x->condition[i][false];
        }
    }
    run->states = e->count;
    run->frontier = 0;
    run->level_start = e->level_start;
}

EXPORTED void explore_free(Run *run);
EXPORTED int explore(Run *run);
EXPORTED int simulate(Run *run);
EXPORTED void explore_shape(uint64_t shape[9]);
EXPORTED void explore_states(const Run *run, uint64_t first, uint64_t end, uint64_t *words);

/* So that Python can check that it speaks of the same program. */
void explore_shape(uint64_t shape[9])
{
    const uint64_t mine[9] = {WORDS,   N_INVARIANTS, N_STEPS,      N_SITES,    N_GOALS, N_REACHABLE,
                              N_BLOCKS, N_CONDITIONS, sizeof(Run)};
    memcpy(shape, mine, sizeof mine);
}

/* The states first .. end - 1. */
void explore_states(const Run *run, uint64_t first, uint64_t end, uint64_t *words)
{
    for (uint64_t i = first; i < end; i++) {
        State s = state_at(&run->engine->store, i);
        memcpy(words + (i - first) * WORDS, &s, sizeof s);
    }
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
    if (N_GOALS > 0 && e->ended == COMPLETE)
        sweep_goals(e);
    if (run->save_ends >> e->ended & 1 && e->standing && e->standing->levels > 0)
        save(e);
    write_findings(e);
    if (run->descends_at_end && e->ended >= DEPTH_LIMIT && e->ended <= TIME_LIMIT)
        descend(e);
    walks_close(e);
    run->ended = e->tape_broken ? MEMORY_LIMIT : e->ended;
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
    run->ended = e->tape_broken ? MEMORY_LIMIT : e->ended;
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
    run->level_start = NULL;
    run->tape = NULL;
}
