/*
 * Counterexamples. From a state of level n the smallest predecessor in level n - 1 is found by expanding
 * that level again, and so on down to an initial state. Where several properties are violated their traces
 * are looked for together, so all of them cost no more than expanding every level once.
 */

typedef struct Trail {
    const Finding *finding;
    State *path; /* finding->level + 1 states */
    bool active; /* its predecessor is wanted in this level */
#if SYMMETRY
    uint32_t number; /* of the finding, and its event, as the run has them: straighten.h */
    Event last;
#endif
} Trail;

#if EAGER
static bool write_unfolded(Engine *e, const Trail *trail, int way);
static void unfolding_observe(Worker *x, const State *to, uint32_t block, uint32_t actor, uint64_t arguments);
#endif

static void walk_observe(Worker *x, const State *to, uint32_t block, uint32_t actor, uint64_t arguments);
#if SYMMETRY
#include "straighten.h"
#endif

/* A successor, outside of the plain forward search. */
static __attribute__((noinline)) void observe(Worker *x, const State *to, uint32_t block, uint32_t actor,
                                              uint64_t arguments)
{
    Engine *e = x->engine;
    if (x->mode == WALK) {
        walk_observe(x, to, block, actor, arguments);
#if N_COSTS > 0
    } else if (x->mode == COLLECT) {
        collect_observe(x, to, block, actor);
#endif
    } else if (x->mode == CAUSES) {
        explore_cause(x, to, block, actor, arguments);
    } else if (is_left_out(x, to, block)) {
        return;
    } else if (x->mode == SWEEP) {
        uint32_t i = x->pending++;
        x->batch[i] = *to;
        to = x->batch + i;
#if EAGER
        to_floor(x->batch + i, x);
#endif
#if SYMMETRY
        uint8_t p[N_MOVED];
        canonical(x->batch + i, p);
        for (int g = 0; g < N_GOALS; g++)
            x->goal_at[i][g] = (uint8_t)moved_goal(g, p);
#endif
        x->hash[i] = hash_state(to);
        x->source[i] = x->place;
        __builtin_prefetch(x->table + SLOTS * high_product(x->hash[i], x->buckets));
        if (x->pending == BATCH)
            flush_sweep(x);
#if EAGER
    } else if (x->mode == UNFOLD) {
        unfolding_observe(x, to, block, actor, arguments);
    } else if (x->mode == ALIVE) {
        x->changed = true;
#endif
#if SYMMETRY
    } else if (x->mode == STRAIGHTEN) {
        straighten_observe(x, to, block, actor, arguments);
    } else if (x->mode == COMMUTE) {
        commute_observe(x, to);
#endif
    } else if (x->mode == BACK) {
#if EAGER || SYMMETRY
        State stored = *to;
        to = &stored;
#endif
#if EAGER
        saturate(&stored, x);
#endif
#if SYMMETRY
        canonical(&stored, NULL);
#endif
        for (uint32_t t = 0; t < e->trail_count; t++) {
            const Trail *trail = e->trails + t;
            if (trail->active && same(to, trail->path + e->back_level + 1) &&
                (!x->has_best[t] || less(x->from, x->best + t))) {
                x->has_best[t] = true;
                x->best[t] = *x->from;
            }
        }
    } else if (x->event && same(to, x->target)) {
        *x->event = event_now(x, block, actor, arguments);
        x->event = NULL;
        x->abandon = true;
    }
}

/* Could this state be a smaller predecessor than the one known, for any trail? */
static bool may_improve(const Worker *x, const State *s)
{
    const Engine *e = x->engine;
    for (uint32_t t = 0; t < e->trail_count; t++)
        if (e->trails[t].active && (!x->has_best[t] || less(s, x->best + t)))
            return true;
    return false;
}

static void back_job(Worker *x)
{
    Engine *e = x->engine;
    x->mode = BACK;
    x->abandon = false;
    for (uint64_t low, high; next_chunk(e, &low, &high);)
        for (uint64_t i = low; i < high; i++) {
            State s = state_at(&e->store, i);
            if (may_improve(x, &s))
                expand_state(x, &s);
        }
}

static void step_back(Engine *e, uint64_t level)
{
    e->back_level = level;
    for (uint32_t t = 0; t < e->trail_count; t++)
        e->trails[t].active = e->trails[t].finding->level > level;
    for (uint32_t w = 0; w < e->worker_count; w++)
        memset(e->workers[w].has_best, 0, sizeof e->workers[w].has_best);
    team_run(e, back_job, e->level_start[level], e->level_start[level + 1]);
    for (uint32_t t = 0; t < e->trail_count; t++) {
        const State *best = NULL;
        for (uint32_t w = 0; w < e->worker_count; w++) {
            const Worker *x = e->workers + w;
            if (x->has_best[t] && (!best || less(x->best + t, best)))
                best = x->best + t;
        }
        if (best)
            e->trails[t].path[level] = *best;
    }
}

/* The first event, in the order of expand(), that leads from one state to the next. */
static Event event_between(Worker *x, const State *from, const State *to, bool hardware)
{
    Event event = {0};
    x->mode = REPLAY;
    x->abandon = false;
    x->target = to;
    x->event = &event;
#if EAGER
    x->from = from;
    if (hardware)
        expand_hardware(from, x);
    else
#endif
        expand_state(x, from);
    (void)hardware;
    x->event = NULL;
    choices_begin(x);
    return event;
}

/* ---- the tape: what Python reads ---- */

static void write_words(Engine *e, const uint64_t *words, uint64_t count)
{
    Run *run = e->run;
    if (run->tape_length + count > e->tape_room) {
        uint64_t room = 2 * e->tape_room + count + 1024;
        uint64_t *tape = realloc(run->tape, room * sizeof *tape);
        if (!tape) {
            e->tape_broken = true;
            return;
        }
        run->tape = tape;
        e->tape_room = room;
    }
    memcpy(run->tape + run->tape_length, words, count * sizeof *words);
    run->tape_length += count;
}

static void write_word(Engine *e, uint64_t word)
{
    write_words(e, &word, 1);
}

static void write_event(Engine *e, const Event *event)
{
    write_word(e, event->block);
    write_word(e, event->actor);
    write_word(e, event->arguments);
    write_word(e, event->choices);
    for (uint32_t i = 0; i < event->choices; i++)
        write_word(e, event->choice[i]);
}

/* number of the finding, number of states, the states, number of events, the events. A trace that ends in
 * an event (an assert, a step invariant, all causes) has as many events as states, otherwise one fewer. */
static MAYBE_UNUSED void write_trail(Engine *e, const Trail *trail)
{
    const Finding *f = trail->finding;
    uint32_t number = (uint32_t)(e->causes ? e->run->cause - 1 : (uint64_t)(f - e->findings));
    bool ends_in_event = e->causes || (number >= FIND_STEP && number < FIND_GOAL);
    const Event *last = &f->event;
#if SYMMETRY
    number = trail->number;
    last = &trail->last;
#endif
    write_word(e, number);
    write_word(e, f->level + 1);
    for (uint64_t i = 0; i <= f->level; i++)
        write_words(e, trail->path[i].w, WORDS);
    write_word(e, f->level + ends_in_event);
    for (uint64_t i = 0; i < f->level; i++) {
        Event event = event_between(e->workers, trail->path + i, trail->path + i + 1, false);
        write_event(e, &event);
    }
    if (ends_in_event)
        write_event(e, last);
}

static void write_findings(Engine *e)
{
    Trail trails[AT_LEAST_ONE(N_TRAILS)];
    const Finding *findings = e->causes ? e->causes : e->findings;
    const uint32_t count = e->causes ? N_BLOCKS : N_FINDINGS;
    uint64_t deepest = 0;
    e->trails = trails;
    e->trail_count = 0;
    for (uint32_t f = 0; f < count; f++) {
        const Finding *finding = findings + f;
        if (!finding->found)
            continue;
        State *path = malloc((finding->level + 1) * sizeof *path);
        if (!path) {
            e->tape_broken = true;
            continue;
        }
        path[finding->level] = finding->state;
        trails[e->trail_count++] = (Trail){.finding = finding, .path = path};
        deepest = finding->level > deepest ? finding->level : deepest;
    }
    for (uint64_t level = deepest; level-- > 0;)
        step_back(e, level);
    for (uint32_t t = 0; t < e->trail_count; t++) {
#if SYMMETRY
        if (!straighten(e, trails + t)) {
            e->run->asymmetric = 1;
            free(trails[t].path);
            continue;
        }
#endif
#if EAGER
        bool written = false;
        for (int way = 0; way < 3 && !written; way++)
            written = write_unfolded(e, trails + t, way);
        e->run->unfounded |= !written && !e->tape_broken && !e->run->gave_up;
#else
        write_trail(e, trails + t);
#endif
        free(trails[t].path);
    }
    if (e->tape_broken)
        e->run->tape_length = 0;
    e->trail_count = 0;
}
