/*
 * What is found: violations, and states that are to be reached. Of each property the smallest of its level.
 */

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

#if EAGER
/* A hardware step may violate a step invariant only if staying in the saturated state does too. */
static void check_hardware_steps(Worker *x, const State *s)
{
    static _Thread_local Worker quiet; /* its conditions are not counted */
    uint64_t violated = check_step(s, s, &quiet) & x->open_steps;
    if (UNLIKELY(violated))
        give_up(x, STEP_OF_HARDWARE, (uint64_t)__builtin_ctzll(violated));
}
#endif

static inline void check_new(Worker *x, const State *s)
{
#if ASSUMES_STOPS
    if (UNLIKELY(is_assumed(s))) {
        if (!has_ended(x->engine)) /* else nobody has looked yet for a state that stands for it */
            give_up(x, STOP_NOT_MET, 0);
        return;
    }
#endif
#if EAGER
    check_hardware_steps(x, s);
#endif
    uint64_t violated = check_state(s, x) & x->open_invariants;
    if (UNLIKELY(violated))
        record_states(x, s, FIND_INVARIANT, violated);
    if (N_REACHABLE > 0 && x->unreached)
        record_states(x, s, FIND_REACHABLE, check_reachable(s, x) & x->unreached);
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
    end_if_met(e);
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
    if (ANY_SUCCESSOR)
        goals &= ~(uint64_t)e->findings[FIND_GOAL].found;
    bool open = sites_open || goals || run->wanted_invariants & x->open_invariants ||
                run->wanted_steps & x->open_steps || run->wanted_reachable & x->unreached;
    return !open && !run->keep_going &&
           (sites_wanted || run->wanted_goals || run->wanted_invariants || run->wanted_steps || run->wanted_reachable);
}
