/*
 * Simulation: walks from the initial states, for what cannot be exhausted. Each step looks at every successor
 * (is something violated there?) and goes on with one of them. Every other walk prefers those by blocks that
 * seldom followed the block before: it is guided by what was covered.
 *
 * Walks are numbered. What one does follows from the seed, its number, and what was counted in the rounds before
 * its own; of several that find the same the smallest number counts. So any number of threads finds the same.
 */

enum {
    WALKS = 256,          /* in a round */
    RARE = 1 << 20,       /* the weight of a successor by a block that never followed before */
    STEPS_BETWEEN_LOOKS = 1024, /* at the clock */
};
#define NO_BLOCK N_BLOCKS /* before the first one */
#define PAIRS ((N_BLOCKS + 1) * AT_LEAST_ONE(N_BLOCKS))

/* Some states by number: those of a walk that is being shortened. */
typedef struct {
    const State *states;
    uint32_t *slots, *before, *queue; /* slots: a hash table of numbers; before: NOWHERE until it is reached */
    uint32_t slot_count, count, queued, at;
} Shortening;
#define NOWHERE UINT32_MAX

#ifndef MOST_COUNTED
#define MOST_COUNTED (UINT32_MAX / 2) /* of a pair of blocks: from there on it stays the same */
#endif

/* Where one thread walks. */
typedef struct Walk {
    uint64_t number, step, chance;
    State now, next;
    uint32_t before, next_block; /* the blocks that led here, and that lead on */
    uint64_t weight, produced;   /* of the successors so far */
    uint64_t cuts;               /* of x, before them */
    bool guided, again;          /* again: to write it down, so nothing is counted or looked for */
    Shortening *shortening;
    uint32_t *pairs; /* how often a block could follow another one, in this round */
    uint64_t found_in[ROOM_FOR(N_FINDINGS)], walks, steps, met;
    uint64_t paid[AT_LEAST_ONE(N_COSTS)];
} Walk;

static uint64_t chance(Walk *walk)
{
    uint64_t z = walk->chance += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* ---- what is found ---- */

static COLD void note_found(Worker *x, uint32_t finding, uint64_t level, const State *state, const Event *event)
{
    Finding *f = x->findings + finding;
    if (f->found || x->engine->findings[finding].found || x->walk->again)
        return;
    *f = (Finding){.found = true, .level = level, .state = *state};
    if (event)
        f->event = *event;
    x->walk->found_in[finding] = x->walk->number;
}

static COLD void note_found_states(Worker *x, uint32_t first, uint64_t bits, uint64_t level, const State *state)
{
    for (; bits; bits &= bits - 1)
        note_found(x, first + (uint32_t)__builtin_ctzll(bits), level, state, NULL);
}

static void walk_fault(Worker *x, uint32_t block, uint32_t actor, uint64_t arguments)
{
    Event event = event_now(x, block, actor, arguments);
    if (!x->walk->shortening)
        note_found(x, FIND_SITE + x->fault - 1, x->walk->step, x->from, &event);
}

static void look_at(Worker *x, const State *s, uint64_t level)
{
    uint64_t violated = check_state(s, x) & x->open_invariants;
    if (UNLIKELY(violated))
        note_found_states(x, FIND_INVARIANT, violated, level, s);
    if (N_REACHABLE > 0 && x->unreached)
        note_found_states(x, FIND_REACHABLE, check_reachable(s, x) & x->unreached, level, s);
}

/* Where nothing leads on, what is not so now will never be. */
static void look_at_end(Worker *x)
{
    const Walk *walk = x->walk;
    if (N_GOALS == 0)
        return;
    uint64_t lacking = ~check_goals(&walk->now);
    if (ANY_SUCCESSOR)
        lacking = (lacking & ~UINT64_C(1)) | (walk->produced == 0 && x->cuts == walk->cuts);
    note_found_states(x, FIND_GOAL, lacking & x->engine->run->wanted_goals, walk->step, &walk->now);
}

/* ---- walking ---- */

static void shorten_by(Shortening *s, const State *to);

/* A successor: one of them all is chosen, each with a chance by its weight. */
static void walk_observe(Worker *x, const State *to, uint32_t block, uint32_t actor, uint64_t arguments)
{
    Walk *walk = x->walk;
    uint32_t pair = walk->before * AT_LEAST_ONE(N_BLOCKS) + block;
    if (walk->shortening) {
        shorten_by(walk->shortening, to);
        return;
    }
    walk->produced++;
    bool stays = same(to, x->from);
    if (!walk->again) {
        x->fired[block]++;
        walk->pairs[pair]++;
        uint64_t bad = check_step(x->from, to, x) & x->open_steps;
        for (; UNLIKELY(bad != 0); bad &= bad - 1) {
            Event event = event_now(x, block, actor, arguments);
            note_found(x, FIND_STEP + (uint32_t)__builtin_ctzll(bad), walk->step, x->from, &event);
        }
        if (!stays)
            look_at(x, to, walk->step + 1);
    }
    (void)actor, (void)arguments;
    if (stays)
        return;
    uint64_t weight = walk->guided ? RARE / (1 + x->engine->pairs[pair]) + 1 : 1;
    walk->weight += weight;
    if (high_product(chance(walk), walk->weight) < weight) {
        walk->next = *to;
        walk->next_block = block;
    }
}

static void walk_begin(Worker *x, uint64_t number)
{
    Walk *walk = x->walk;
    const Run *run = x->engine->run;
    walk->number = number;
    walk->chance = folded_product(run->seed ^ UINT64_C(0x9e3779b97f4a7c15), number ^ UINT64_C(0xd1b54a32d192ed03));
    walk->guided = number % 2 && !run->even;
    walk->before = NO_BLOCK;
    walk->step = 0;
    memcpy(&walk->now, run->initial + high_product(chance(walk), run->initial_count) * WORDS, sizeof walk->now);
    if (!walk->again)
        look_at(x, &walk->now, 0);
}

#if N_COSTS > 0
static void add_cost(Worker *x)
{
    Walk *walk = x->walk;
    uint32_t paid[N_COSTS];
    pay(x, &walk->now, &walk->next, paid);
    for (int i = 0; i < N_COSTS && !walk->again; i++)
        walk->paid[i] += paid[i];
}
#endif

/* False where nothing leads on. */
static bool walk_on(Worker *x)
{
    Walk *walk = x->walk;
    walk->weight = walk->produced = 0;
    walk->cuts = x->cuts;
    expand_state(x, &walk->now);
    if (walk->weight == 0)
        return false;
#if N_COSTS > 0
    add_cost(x);
#endif
    walk->now = walk->next;
#if EAGER
    saturate(&walk->now, x);
#endif
    walk->before = walk->next_block;
    walk->step++;
    return true;
}

static void walk_job(Worker *x)
{
    Engine *e = x->engine;
    Walk *walk = x->walk;
    x->mode = WALK;
    x->abandon = false;
    for (uint64_t low, high; !has_ended(e) && next_chunk(e, &low, &high);) {
        walk_begin(x, e->round * WALKS + low / CHUNK);
        bool goes_on = true;
        while (goes_on && walk->step < e->run->walk_length) {
            goes_on = walk_on(x);
            if (walk->step % STEPS_BETWEEN_LOOKS == 0)
                poll_clock(e);
            if (has_ended(e))
                break;
        }
        if (!goes_on)
            look_at_end(x);
        walk->walks++;
        walk->steps += walk->step;
        __atomic_fetch_add(&e->run->states, walk->step, __ATOMIC_RELAXED);
        poll_clock(e);
    }
}

/* ---- the shortest way through the states of a walk ---- */

static uint32_t *slot_in(const Shortening *s, const State *state)
{
    uint64_t at = high_product(hash_state(state), s->slot_count);
    while (s->slots[at] != NOWHERE && !same(s->states + s->slots[at], state))
        at = at + 1 == s->slot_count ? 0 : at + 1;
    return s->slots + at;
}

static void shorten_by(Shortening *s, const State *to)
{
    uint32_t number = *slot_in(s, to);
    if (number != NOWHERE && s->before[number] == NOWHERE) {
        s->before[number] = s->at;
        s->queue[s->queued++] = number;
    }
}

/* Leaves the shorter path in its place, and returns its length: the last state is the same. */
static uint64_t shorten(Worker *x, State *path, uint64_t count)
{
    Shortening s = {.states = path, .slot_count = (uint32_t)(4 * count), .count = (uint32_t)count};
    uint32_t *numbers = malloc(7 * count * sizeof *numbers);
    State *copy = malloc(count * sizeof *copy);
    uint64_t length = count;
    if (numbers && copy) {
        memset(numbers, 0xff, 7 * count * sizeof *numbers);
        s.slots = numbers;
        s.before = numbers + 4 * count;
        s.queue = s.before + count;
        for (uint32_t i = 0; i < count; i++) {
            uint32_t *slot = slot_in(&s, path + i);
            if (*slot == NOWHERE)
                *slot = i;
        }
        uint32_t last = *slot_in(&s, path + count - 1);
        s.before[0] = 0;
        s.queue[s.queued++] = 0;
        x->walk->shortening = &s;
        for (uint32_t i = 0; i < s.queued && s.before[last] == NOWHERE; i++) {
            s.at = s.queue[i];
            expand_state(x, path + s.at);
        }
        x->walk->shortening = NULL;
        length = 1;
        for (uint32_t at = last; at != 0; at = s.before[at])
            copy[count - length++] = path[at];
        memcpy(path + 1, copy + count - (length - 1), (length - 1) * sizeof *path);
    }
    free(numbers);
    free(copy);
    return length;
}

/* ---- rounds ---- */

/* Walks the same way again, which must be before anything of its round is counted. */
static COLD void write_walk(Engine *e, Finding *f, uint64_t number)
{
    Worker *x = e->workers;
    State *path = malloc((f->level + 1) * sizeof *path);
    if (!path) {
        e->tape_broken = true;
        return;
    }
    x->mode = WALK;
    x->abandon = false;
    x->walk->again = true;
    walk_begin(x, number);
    path[0] = x->walk->now;
    while (x->walk->step < f->level && walk_on(x))
        path[x->walk->step] = x->walk->now;
    x->walk->again = false;
    path[f->level] = f->state;
    f->level = shorten(x, path, f->level + 1) - 1;
    Trail trail = {.finding = f, .path = path};
    write_trail(e, &trail);
    free(path);
}

static void gather_found(Engine *e)
{
    for (uint32_t f = 0; f < N_FINDINGS; f++) {
        uint64_t number = UINT64_MAX;
        for (uint32_t w = 0; w < e->worker_count; w++) {
            Worker *x = e->workers + w;
            if (x->findings[f].found && x->walk->found_in[f] < number) {
                number = x->walk->found_in[f];
                e->findings[f] = x->findings[f];
            }
        }
        if (number != UINT64_MAX)
            write_walk(e, e->findings + f, number);
    }
    for (uint32_t w = 0; w < e->worker_count; w++)
        memset(e->workers[w].findings, 0, AT_LEAST_ONE(N_FINDINGS) * sizeof(Finding));
    pass_over_found(e);
}

/* Which pairs of blocks were covered, and after how many steps the last new one was. */
static void gather_pairs(Engine *e)
{
    Run *run = e->run;
    bool new_pair = false;
    for (uint32_t w = 0; w < e->worker_count; w++) {
        Walk *walk = e->workers[w].walk;
        for (uint32_t i = 0; i < PAIRS; i++) {
            new_pair |= walk->pairs[i] && !e->pairs[i];
            uint64_t sum = (uint64_t)e->pairs[i] + walk->pairs[i];
            e->pairs[i] = sum < MOST_COUNTED ? (uint32_t)sum : MOST_COUNTED;
        }
        memset(walk->pairs, 0, PAIRS * sizeof *walk->pairs);
    }
    if (new_pair)
        run->last_new_pair = run->states;
}

static bool walks_open(Engine *e)
{
    bool all = (e->pairs = calloc(PAIRS, sizeof *e->pairs)) != NULL;
    for (uint32_t w = 0; w < e->worker_count; w++) {
        Walk *walk = e->workers[w].walk = calloc(1, sizeof *walk);
        all &= walk && (walk->pairs = calloc(PAIRS, sizeof *walk->pairs));
    }
    return all;
}

static void walks_close(Engine *e)
{
    for (uint32_t w = 0; w < e->worker_count; w++) {
        Walk *walk = e->workers[w].walk;
        e->run->walks += walk ? walk->walks : 0;
        for (int i = 0; i < N_COSTS && walk && e->run->paid; i++)
            e->run->paid[i] += walk->paid[i];
        free(walk ? walk->pairs : NULL);
        free(walk);
        e->workers[w].walk = NULL;
    }
}

/* Until everything that was asked is decided, or a limit ends it. */
static void walk_rounds(Engine *e)
{
    Run *run = e->run;
    for (e->round = 0; !has_ended(e); e->round++) {
        if (run->states >= run->max_states)
            end(e, STATE_LIMIT);
        else {
            uint64_t left = (run->max_states - run->states) / run->walk_length + 1;
            team_run(e, walk_job, 0, (left < WALKS ? left : WALKS) * CHUNK);
            gather_found(e);
            gather_pairs(e);
            end_if_met(e);
            if (is_decided(e))
                end(e, DECIDED);
        }
    }
}

/* ---- random descents, for an estimate ---- */

#ifndef DESCENT_PAUSE
#define DESCENT_PAUSE UINT64_C(2000000000) /* nanoseconds */
#endif

/* Of the states that walks of any length come to, how many has the search found? That says what the sizes of the
 * levels cannot: how much there is beyond them. */
static bool is_known(const Engine *e, const State *s)
{
#if EAGER
    if (e->chains && is_covered(e, s, UINT64_MAX))
        return true;
#endif
    return find(&e->store, s, hash_state(s)) != UINT64_MAX;
}

static void descend_job(Worker *x)
{
    Engine *e = x->engine;
    Walk *walk = x->walk;
    x->mode = WALK;
    x->abandon = false;
    walk->again = true;
    uint64_t fired[AT_LEAST_ONE(N_BLOCKS)];
    memcpy(fired, x->fired, sizeof fired);
    for (uint64_t low, high; !has_ended(e) && next_chunk(e, &low, &high); poll_clock(e)) {
        walk_begin(x, 2 * (low / CHUNK));
#if EAGER
        saturate(&walk->now, x);
#endif
        uint64_t length = high_product(chance(walk), e->run->walk_length) + 1;
        State met = walk->now; /* any of those that it came to, each as likely */
        while (walk->step < length && walk_on(x))
            if (high_product(chance(walk), walk->step + 1) == 0)
                met = walk->now;
        walk->walks++;
        walk->steps += is_known(e, &walk->now);
        walk->met += is_known(e, &met);
    }
    memcpy(x->fired, fired, sizeof fired); /* the search is to find what it finds without looking ahead */
    x->met = 0;
}

static COLD void descend(Engine *e)
{
    Run *run = e->run;
    Ended why = e->ended;
    uint64_t deadline = e->deadline, found = 0, met = 0;
    uint8_t before[AT_LEAST_ONE(N_MARKS)];
    memcpy(before, passed, sizeof before);
    e->ended = COMPLETE;
    e->deadline = UINT64_MAX;
    team_run(e, descend_job, 0, run->descents * CHUNK);
    e->deadline = deadline;
    if (e->ended == COMPLETE) {
        for (uint32_t w = 0; w < e->worker_count; w++)
            found += e->workers[w].walk->steps, met += e->workers[w].walk->met;
        run->descents_found = found;
        run->descents_met = met;
        run->descents_of = e->count;
    }
    for (uint32_t w = 0; w < e->worker_count; w++)
        e->workers[w].walk->steps = e->workers[w].walk->met = 0;
    if (why != COMPLETE)
        e->ended = why;
    memcpy(passed, before, sizeof before);
}

/* Between two levels, now and then. */
static void descend_if_due(Engine *e)
{
    if (e->run->descents == 0 || now() < e->descend_at)
        return;
    uint64_t begun = now();
    descend(e);
    e->descend_at = now() + DESCENT_PAUSE + 50 * (now() - begun);
}
