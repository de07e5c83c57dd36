/*
 * always_possible: which states can reach a goal? No edge is stored. Every state has a byte of marks, one
 * bit per goal; the array is swept from its end to its beginning, each state takes over the marks of its
 * successors, and that is repeated until nothing changes. In that order most marks travel the whole way in
 * one sweep. States that have all marks are not expanded. More than eight goals take several passes.
 */

static bool marks_open(Engine *e)
{
    uint64_t bytes = places(&e->store, e->count);
    if (e->run->bytes + whole_pages(bytes) > e->run->max_bytes)
        return false;
    e->marks = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (e->marks == MAP_FAILED)
        return false;
    madvise(e->marks, bytes, MADV_HUGEPAGE);
    return true;
}

static uint8_t goals_of(const Engine *e, const State *s)
{
    return (uint8_t)(check_goals(s) >> e->first_goal);
}

/* The goals of this pass that somebody asked for. */
static uint8_t goals_swept(const Engine *e)
{
    return (uint8_t)(e->run->wanted_goals >> e->first_goal);
}

/* Mark the states in which a goal holds; in the order of the marks, so not by array where they are in the
 * table. */
static void mark_goals_job(Worker *x)
{
    Engine *e = x->engine;
    for (uint64_t low, high; next_chunk(e, &low, &high);)
        for (uint64_t i = low; i < high; i++) {
#if WORDS == 1
            bool is_zero_state = i == SLOTS * e->store.buckets;
            State s = {{is_zero_state ? 0 : e->store.table[i]}};
            if (s.w[0] || is_zero_state)
                e->marks[i] = goals_of(e, &s);
#else
            State s = state_at(&e->store, i);
            e->marks[i] = goals_of(e, &s);
#endif
        }
}

#if SYMMETRY
/* The marks of a successor, from those of its canonical form. There are at most eight goals then. */
static uint8_t marks_of(const uint8_t *goal_at, uint8_t marks)
{
    uint8_t found = 0;
    for (int g = 0; g < N_GOALS && g < 8; g++)
        found |= (uint8_t)((marks >> goal_at[g] & 1) << g);
    return found;
}
#endif

static void set_marks(Worker *x, uint64_t place, uint8_t more)
{
    __atomic_fetch_or(x->engine->marks + place, more, __ATOMIC_RELAXED);
    x->changed = true;
}

static __attribute__((noinline)) void flush_sweep(Worker *x)
{
    Engine *e = x->engine;
    uint64_t place[BATCH];
#if WORDS > 1
    for (uint32_t i = 0; i < x->pending; i++)
        likely_slot(&e->store, x->hash[i]);
#endif
    for (uint32_t i = 0; i < x->pending; i++) {
        place[i] = find(&e->store, x->batch + i, x->hash[i]);
        __builtin_prefetch(e->marks + place[i]);
    }
    for (uint32_t i = 0; i < x->pending; i++) {
#if EAGER || SYMMETRY
        if (UNLIKELY(place[i] == UINT64_MAX)) { /* no bottom of a stored state, or not brought into one order */
            give_up(x, GOALS_OPEN, 0);
            continue;
        }
#endif
        uint8_t known = __atomic_load_n(e->marks + x->source[i], __ATOMIC_RELAXED);
        uint8_t theirs = __atomic_load_n(e->marks + place[i], __ATOMIC_RELAXED);
#if SYMMETRY
        theirs = marks_of(x->goal_at[i], theirs);
#endif
        uint8_t more = theirs & (uint8_t)~known;
        if (more)
            set_marks(x, x->source[i], more);
    }
    x->pending = 0;
    poll_clock(e);
    x->abandon |= has_ended(e);
}

/* The places of the marks of the states low..high-1. */
static void find_places(const Engine *e, uint64_t low, uint64_t high, uint64_t place[CHUNK])
{
#if WORDS == 1
    const Store *s = &e->store;
    for (uint64_t i = low; i < high; i++)
        __builtin_prefetch(s->table + SLOTS * high_product(hash_state(s->array + i), s->buckets));
    for (uint64_t i = low; i < high; i++) {
        place[i - low] = find(s, s->array + i, hash_state(s->array + i));
        __builtin_prefetch(e->marks + place[i - low]);
    }
#else
    for (uint64_t i = low; i < high; i++)
        place[i - low] = i;
    (void)e;
#endif
}

/* A path ends here because an assert fails or the model is wrong: of no goal is it known that it is lost. */
static void sweep_fault(Worker *x)
{
    set_marks(x, x->place, UINT8_MAX);
}

static bool lacks_marks(const Engine *e, uint64_t place)
{
    return goals_swept(e) & ~__atomic_load_n(e->marks + place, __ATOMIC_RELAXED);
}

static void sweep_job(Worker *x)
{
    Engine *e = x->engine;
    uint64_t place[CHUNK];
    x->mode = SWEEP;
    x->table = e->store.table;
    x->buckets = e->store.buckets;
    x->changed = x->lacking = false;
    for (uint64_t low, high; !has_ended(e) && next_chunk(e, &low, &high);) {
        uint64_t first = e->job_high - high, count = high - low;
        find_places(e, first, first + count, place);
        for (uint64_t i = count; i-- > 0 && !has_ended(e);)
            if (lacks_marks(e, place[i])) {
                x->lacking = true;
                x->place = place[i];
                expand_place(x, first + i);
            }
        poll_clock(e);
    }
    flush_sweep(x);
}

static uint64_t level_of(const Engine *e, uint64_t place)
{
    uint64_t low = 0, high = e->levels;
    while (high - low > 1) {
        uint64_t middle = (low + high) / 2;
        if (e->level_start[middle] <= place)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* The shallowest, then smallest state from which a goal cannot be reached. */
static void goal_violations_job(Worker *x)
{
    Engine *e = x->engine;
    uint64_t place[CHUNK];
    for (uint64_t low, high; next_chunk(e, &low, &high);) {
        find_places(e, low, high, place);
        for (uint64_t i = low; i < high; i++) {
            uint32_t lacking = goals_swept(e) & (uint8_t)~e->marks[place[i - low]];
            for (; lacking; lacking &= lacking - 1) {
                Finding *f = x->findings + FIND_GOAL + e->first_goal + __builtin_ctz(lacking);
                Finding found = {.found = true, .level = level_of(e, i), .state = state_at(&e->store, i)};
                if (!f->found || found.level < f->level ||
                    (found.level == f->level && less(&found.state, &f->state)))
                    *f = found;
            }
        }
    }
}

static void gather_goal_violations(Engine *e)
{
    for (uint32_t w = 0; w < e->worker_count; w++)
        for (uint32_t g = 0; g < N_GOALS; g++) {
            Finding *found = e->workers[w].findings + FIND_GOAL + g, *best = e->findings + FIND_GOAL + g;
            if (found->found && (!best->found || found->level < best->level ||
                                 (found->level == best->level && less(&found->state, &best->state))))
                *best = *found;
            found->found = false;
        }
}

#if EAGER
#include "eager.h"
#endif

static void sweep_pass(Engine *e)
{
    bool changed = true, lacking = false;
    team_run(e, mark_goals_job, 0, places(&e->store, e->count));
    while (changed && !has_ended(e)) {
        team_run(e, sweep_job, 0, e->count);
        end_if_met(e); /* in the first sweep, which expands every state that lacks a mark */
        e->run->sweeps++;
        changed = lacking = false;
        for (uint32_t w = 0; w < e->worker_count; w++) {
            changed |= e->workers[w].changed;
            lacking |= e->workers[w].lacking;
            e->workers[w].changed = e->workers[w].lacking = false;
        }
    }
#if EAGER
    if (lacking && !has_ended(e))
        team_run(e, undecided_job, 0, e->count);
    return;
#endif
    if (lacking && !has_ended(e)) {
        team_run(e, goal_violations_job, 0, e->count);
        gather_goal_violations(e);
    }
}

/* After a complete search only. A deadlock in the sense of ANY_SUCCESSOR has been found by then. */
static void sweep_goals(Engine *e)
{
    uint64_t wanted = e->run->wanted_goals;
#if EAGER
    Store states;
    uint64_t count;
    if (!wanted)
        return;
    if (!bottoms_open(e, &states, &count)) {
        end(e, MEMORY_LIMIT);
        return;
    }
    if (ANY_SUCCESSOR)
        team_run(e, alive_job, 0, e->count);
#endif
    if (ANY_SUCCESSOR)
        e->run->wanted_goals &= ~UINT64_C(1);
    if (N_GOALS > ANY_SUCCESSOR && e->run->wanted_goals && !marks_open(e))
        end(e, MEMORY_LIMIT);
    for (e->first_goal = 0; e->marks && e->first_goal < N_GOALS && !has_ended(e); e->first_goal += 8)
        if (goals_swept(e))
            sweep_pass(e);
    if (e->marks) {
        e->run->bytes += whole_pages(places(&e->store, e->count));
        munmap(e->marks, places(&e->store, e->count));
    }
    e->run->wanted_goals = wanted;
#if EAGER
    bottoms_close(e, &states, count);
#endif
}
