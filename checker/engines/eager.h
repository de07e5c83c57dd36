/*
 * Eager hardware (docs/design/eager.md): stored states are saturated. Two things need states that are not.
 *
 * Goals. A state can do no less than its *bottom*, which is the same but for its sets, and those are at the low
 * end of the order. So where every bottom can reach a goal, every state can; where one cannot, nothing is known,
 * and Python has the goal decided without this reduction.
 *
 * Counterexamples. A path of saturated states is turned into a run of the model, with the fewest hardware steps
 * that follow the same path: states are looked at in the order of the hardware steps that they cost.
 */

/* ---- goals ---- */

/* The bottoms of all states, in place of the states; what was there is handed out. */
static bool bottoms_open(Engine *e, Store *states, uint64_t *count)
{
    Store bottoms = {0};
    uint64_t buckets = e->count / 6 + 1, found = 0;
    uint64_t table = table_bytes(buckets < FIRST_BUCKETS ? FIRST_BUCKETS : buckets);
    uint64_t bytes = e->run->bytes + table + e->count * state_bytes(&e->store);
    if (bytes > e->run->max_bytes || !store_open(&bottoms, buckets))
        return false;
    for (uint64_t i = 0; i < e->count; i++) {
        State s = state_at(&e->store, i);
        to_floor(&s, e->workers);
#if SYMMETRY
        canonical(&s, NULL);
#endif
        Inserted inserted = insert_alone(&bottoms, &s, found, at_least_zero(e->run->max_bytes, e->run->bytes + table));
        if (inserted == NO_CODE) {
            store_free(&bottoms);
            return false;
        }
        found += inserted == NEW;
    }
    e->run->bytes += store_bytes(&bottoms, found, bottoms.buckets);
    *states = e->store;
    *count = e->count;
    e->store = bottoms;
    e->count = found;
    return true;
}

static void bottoms_close(Engine *e, const Store *states, uint64_t count)
{
    store_free(&e->store);
    e->store = *states;
    e->count = count;
}

/* Can each bottom do anything at all? observe() notes it. */
static void alive_job(Worker *x)
{
    Engine *e = x->engine;
    x->mode = ALIVE;
    for (uint64_t low, high; !has_ended(e) && next_chunk(e, &low, &high); poll_clock(e))
        for (uint64_t i = low; i < high; i++) {
            x->changed = false;
            uint64_t cuts = x->cuts;
            expand_place(x, i);
            if (!x->changed && x->cuts == cuts)
                __atomic_fetch_or(&e->run->undecided_goals, 1, __ATOMIC_RELAXED);
        }
    x->changed = false;
}

/* The goals of this pass that some bottom cannot reach. */
static void undecided_job(Worker *x)
{
    Engine *e = x->engine;
    uint64_t place[CHUNK];
    for (uint64_t low, high; next_chunk(e, &low, &high);) {
        find_places(e, low, high, place);
        for (uint64_t i = low; i < high; i++) {
            uint64_t lacking = goals_swept(e) & (uint8_t)~e->marks[place[i - low]];
            if (lacking)
                __atomic_fetch_or(&e->run->undecided_goals, lacking << e->first_goal, __ATOMIC_RELAXED);
        }
    }
}
