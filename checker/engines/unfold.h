/*
 * From a path of saturated states to a run of the model: see eager.h. First any run is looked for that has as
 * many operation steps; then, if that takes too many states, one along the path; then any along the path.
 */

#define NOBODY UINT32_MAX
#ifndef ANYWHERE_STANDS
#define ANYWHERE_STANDS (UINT32_C(1) << 16)
#endif
#ifndef ALONG_STANDS
#define ALONG_STANDS (UINT32_C(1) << 22)
#endif

/* Which operation steps may be taken: any; those of the path, with the fewest hardware steps between them; or
 * with all hardware steps that there are. */
typedef enum { ANYWHERE, ALONG, GREEDY } Way;
static const uint32_t most_stands[] = {ANYWHERE_STANDS, ALONG_STANDS, UINT32_MAX / 8};

/* A state of the model that stands for state number `layer` of the path, and the cheapest way to it so far. */
typedef struct {
    State state;
    uint32_t layer, before, cost;
    bool done;
} Stand;

typedef struct Unfolding {
    const Trail *trail;
    uint32_t finding;
    Stand *stands;
    uint32_t count, room;
    uint32_t *slots, slot_count; /* a hash table of the stands: numbers, and NOBODY */
    uint32_t *now, now_count, *later, later_count; /* to be looked at: at this cost, at the next */
    uint32_t at;        /* the one being expanded */
    bool hardware;      /* its hardware steps are */
    Way way;            /* GREEDY: each state takes the first hardware step that there is, and only then others */
    bool moved;         /* there was one */
    bool found, broken; /* `found`: the event that is bad; `broken`: too many states, or no memory */
    Event event;
} Unfolding;

static bool unfolding_grow(Unfolding *u)
{
    uint32_t room = 2 * u->room + 1024;
    uint32_t slot_count = 4 * room;
    Stand *stands = realloc(u->stands, room * sizeof *stands);
    u->stands = stands ? stands : u->stands;
    uint32_t *now = realloc(u->now, 2 * room * sizeof *now);
    u->now = now ? now : u->now;
    uint32_t *later = realloc(u->later, 2 * room * sizeof *later);
    u->later = later ? later : u->later;
    uint32_t *slots = malloc(slot_count * sizeof *slots);
    if (!stands || !now || !later || !slots) {
        free(slots);
        u->broken = true;
        return false;
    }
    free(u->slots);
    u->slots = slots;
    u->slot_count = slot_count;
    u->room = room;
    memset(slots, 0xff, slot_count * sizeof *slots);
    for (uint32_t i = 0; i < u->count; i++) {
        uint64_t at = high_product(hash_state(&stands[i].state) ^ stands[i].layer * UINT64_C(0x9e3779b97f4a7c15), slot_count);
        while (slots[at] != NOBODY)
            at = at + 1 == slot_count ? 0 : at + 1;
        slots[at] = i;
    }
    return true;
}

/* A state that is reached at the cost of the one being expanded, or at one step more. */
static void unfolding_add(Unfolding *u, const State *s, uint32_t layer, uint32_t before, uint32_t cost)
{
    if (u->broken || (u->count == u->room && !unfolding_grow(u)))
        return;
    uint64_t at = high_product(hash_state(s) ^ layer * UINT64_C(0x9e3779b97f4a7c15), u->slot_count);
    while (u->slots[at] != NOBODY && !(u->stands[u->slots[at]].layer == layer && same(&u->stands[u->slots[at]].state, s)))
        at = at + 1 == u->slot_count ? 0 : at + 1;
    uint32_t number = u->slots[at];
    if (number == NOBODY && u->count >= most_stands[u->way]) {
        u->broken = true;
        return;
    }
    if (number == NOBODY) {
        number = u->slots[at] = u->count++;
        u->stands[number].done = false;
    } else if (u->stands[number].done || u->stands[number].cost <= cost)
        return;
    u->stands[number] = (Stand){.state = *s, .layer = layer, .before = before, .cost = cost};
    if (before == NOBODY || cost == u->stands[before].cost)
        u->now[u->now_count++] = number;
    else
        u->later[u->later_count++] = number;
}

/* A successor of the state that is being expanded. */
static void unfolding_observe(Worker *x, const State *to, uint32_t block, uint32_t actor, uint64_t arguments)
{
    Unfolding *u = x->engine->unfolding;
    const Stand from = u->stands[u->at];
    uint32_t last = (uint32_t)u->trail->finding->level;
    if (u->hardware) {
        if (!same(to, &from.state) && !(u->way == GREEDY && u->moved))
            unfolding_add(u, to, from.layer, u->at, from.cost + (u->way != GREEDY));
        u->moved |= !same(to, &from.state);
        return;
    }
    if (from.layer < last) {
        if (u->way == ANYWHERE || is_comparable(to, u->trail->path + from.layer + 1))
            unfolding_add(u, to, from.layer + 1, u->at, from.cost);
        return;
    }
    if (!u->found && u->finding >= FIND_STEP && u->finding < FIND_SITE &&
        check_step(x->from, to, x) >> (u->finding - FIND_STEP) & 1) {
        u->found = true;
        u->event = event_now(x, block, actor, arguments);
    }
}

/* A block of that state fails. */
static void unfolding_fault(Worker *x, uint32_t block, uint32_t actor, uint64_t arguments)
{
    Unfolding *u = x->engine->unfolding;
    if (!u->found && !u->hardware && u->stands[u->at].layer == u->trail->finding->level &&
        u->finding == FIND_SITE + x->fault - 1) {
        u->found = true;
        u->event = event_now(x, block, actor, arguments);
    }
}

/* Is a state itself what was found? */
static bool is_found_in(Worker *x, const State *s, uint32_t finding)
{
    if (finding < FIND_STEP)
        return check_state(s, x) >> (finding - FIND_INVARIANT) & 1;
    return finding >= FIND_REACHABLE && check_reachable(s, x) >> (finding - FIND_REACHABLE) & 1;
}

/* Looks at the cheapest state that is left; is it, or one of its blocks, what was found? */
static bool unfolding_step(Worker *x, Unfolding *u, uint32_t number)
{
    Stand *stand = u->stands + number;
    if (stand->done)
        return false;
    stand->done = true;
    const State state = stand->state;
    u->at = number;
    if (stand->layer == u->trail->finding->level && is_found_in(x, &state, u->finding))
        return true;
    x->mode = UNFOLD;
    x->abandon = false;
    u->hardware = true;
    u->moved = false;
    x->from = &state;
    expand_hardware(&state, x);
    u->hardware = false;
    if (u->way != GREEDY || !u->moved)
        expand_state(x, &state);
    return u->found;
}

/* The last state of the cheapest run, or NOBODY. */
static uint32_t unfolding_run(Worker *x, Unfolding *u)
{
    const Run *run = x->engine->run;
    for (uint64_t i = 0; i < run->initial_count; i++) {
        State s;
        memcpy(&s, run->initial + i * WORDS, sizeof s);
        if (u->way == ANYWHERE || is_comparable(&s, u->trail->path))
            unfolding_add(u, &s, 0, NOBODY, 0);
    }
    while (u->now_count && !u->broken) {
        for (uint32_t i = 0; i < u->now_count && !u->broken; i++)
            if (unfolding_step(x, u, u->now[i]))
                return u->at;
        uint32_t *swap = u->now;
        u->now = u->later;
        u->now_count = u->later_count;
        u->later = swap;
        u->later_count = 0;
    }
    return NOBODY;
}

/* As write_trail(), with the states and events of the run. */
static bool write_unfolded(Engine *e, const Trail *trail, int way)
{
    Worker *x = e->workers;
    Unfolding u = {.trail = trail, .finding = (uint32_t)(trail->finding - e->findings), .way = (Way)way};
    e->unfolding = &u;
    uint32_t last = unfolding_run(x, &u), length = 0;
    if (last != NOBODY) {
        for (uint32_t i = last; i != NOBODY; i = u.stands[i].before)
            u.now[length++] = i; /* backwards; as many as there are stands find room */
        write_word(e, u.finding);
        write_word(e, length);
        for (uint32_t i = length; i-- > 0;)
            write_words(e, u.stands[u.now[i]].state.w, WORDS);
        write_word(e, length - 1 + u.found);
        for (uint32_t i = length - 1; i > 0; i--) {
            const Stand *from = u.stands + u.now[i], *to = u.stands + u.now[i - 1];
            Event event = event_between(x, &from->state, &to->state, from->layer == to->layer);
            write_event(e, &event);
        }
        if (u.found)
            write_event(e, &u.event);
    } else if (u.broken && way == GREEDY)
        e->tape_broken = true;
    free(u.stands);
    free(u.slots);
    free(u.now);
    free(u.later);
    e->unfolding = NULL;
    return last != NOBODY;
}
