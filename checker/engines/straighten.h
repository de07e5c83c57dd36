/*
 * From a path of canonical states to states of a run, see symmetry.h; and the check, on the first states of a
 * search, that interchanging members commutes with the steps of the model.
 */

#define CHECKED_STATES 10000

static void prepare(State *s, Worker *x)
{
#if EAGER
    saturate(s, x);
#endif
    canonical(s, NULL);
    (void)x;
}

/* A successor of the state that was reached last: is it the next one? */
static void straighten_observe(Worker *x, const State *to, uint32_t block, uint32_t actor, uint64_t arguments)
{
    State s = *to;
    if (!x->target) { /* the last event is wanted */
        if (x->wanted >= FIND_STEP && x->wanted < FIND_SITE && check_step(x->from, to, x) >> (x->wanted - FIND_STEP) & 1) {
            *x->event = event_now(x, block, actor, arguments);
            x->abandon = x->straight = true;
        }
        return;
    }
    if (x->straight)
        return;
    prepare(&s, x);
    if (same(&s, x->target)) {
        x->straight = x->abandon = true;
#if EAGER
        s = *to;
        saturate(&s, x);
        x->reached = s;
#else
        x->reached = *to;
#endif
    }
}

static void straighten_fault(Worker *x, uint32_t block, uint32_t actor, uint64_t arguments)
{
    if (!x->target && !x->straight && x->wanted == FIND_SITE + x->fault - 1) {
        *x->event = event_now(x, block, actor, arguments);
        x->abandon = x->straight = true;
    }
}

static void straighten_step(Worker *x, const State *from, const State *target)
{
    x->mode = STRAIGHTEN;
    x->abandon = x->straight = false;
    x->target = target;
    expand_state(x, from);
    choices_begin(x);
}

/* The finding may be about another actor then, and start in another state. */
static bool straighten(Engine *e, Trail *trail)
{
    Worker *x = e->workers;
    const Run *run = e->run;
    const Finding *f = trail->finding;
    uint32_t number = (uint32_t)(f - e->findings);
    bool begun = false;
    for (uint64_t i = 0; i < run->initial_count && !begun; i++) {
        State s, t;
        memcpy(&s, run->initial + i * WORDS, sizeof s);
        t = s;
        prepare(&t, x);
        if (same(&t, trail->path)) {
#if EAGER
            saturate(&s, x);
#endif
            trail->path[0] = s;
            begun = true;
        }
    }
    for (uint64_t i = 0; begun && i < f->level; i++) {
        State from = trail->path[i], target = trail->path[i + 1];
        straighten_step(x, &from, &target);
        begun = x->straight;
        trail->path[i + 1] = x->reached;
    }
    trail->number = number;
    trail->last = f->event;
    if (begun && !EAGER && number >= FIND_STEP && number < FIND_GOAL) {
        State from = trail->path[f->level];
        x->wanted = number;
        x->event = &trail->last;
        straighten_step(x, &from, NULL);
        x->event = NULL;
        begun = x->straight;
    } else if (begun && number >= FIND_GOAL && number < FIND_REACHABLE) {
        State s = trail->path[f->level];
        uint8_t p[N_MOVED];
        canonical(&s, p);
        for (uint32_t g = 0; g < N_GOALS; g++)
            if ((uint32_t)moved_goal((int)g, p) == number - FIND_GOAL)
                trail->number = FIND_GOAL + g;
    }
    x->abandon = false;
    return begun;
}

/* ---- the check ---- */

/* The sum over all successors of a number that says what each is, and how it looks after an exchange. */
static void commute_observe(Worker *x, const State *to)
{
    State image = *to;
    if (x->exchange)
        permuted(to, &image, x->exchange);
    x->sum += mixed(hash_state(&image), 1);
}

static uint64_t sum_of_successors(Worker *x, const State *s, const uint8_t *exchange)
{
    x->mode = COMMUTE;
    x->abandon = false;
    x->sum = 0;
    x->exchange = exchange;
    expand_state(x, s);
#if EAGER
    x->from = s;
    expand_hardware(s, x);
#endif
    return x->sum;
}

static bool commutes(Worker *x, const State *s, const uint8_t *exchange)
{
    static _Thread_local Worker quiet; /* its conditions are not counted */
    State image;
    permuted(s, &image, exchange);
    bool alike = sum_of_successors(x, s, exchange) == sum_of_successors(x, &image, NULL);
    alike &= check_state(s, &quiet) == check_state(&image, &quiet);
    return alike && check_reachable(s, &quiet) == check_reachable(&image, &quiet);
}

static void check_symmetry(Engine *e)
{
    uint64_t count = e->count < CHECKED_STATES ? e->count : CHECKED_STATES;
    for (int c = 0; c < N_CLASSES; c++)
        for (int j = class_start[c]; j + 1 < class_start[c + 1]; j++) {
            uint8_t order[N_IN_CLASSES], p[N_MOVED];
            memcpy(order, class_member, sizeof order);
            order[j] = class_member[j + 1];
            order[j + 1] = class_member[j];
            permutation(order, p);
            for (uint64_t i = 0; i < count; i++) {
                State s = state_at(&e->store, i);
                if (!commutes(e->workers, &s, p)) {
                    e->run->asymmetric = 1;
                    return;
                }
            }
        }
    e->workers->abandon = false;
}
