/*
 * Room for more states, within the limits.
 */

static uint64_t at_least_zero(uint64_t a, uint64_t b)
{
    return a > b ? a - b : 0;
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t places_held(const Engine *e)
{
    return e->worker_count * (BATCH + PLACES);
}

/* How far the search may go before the table, the memory or the limits need looking at. Every thread may
 * add a batch, and hold some places of the array, before it looks. */
static uint64_t affordable_states(const Engine *e)
{
    uint64_t others = table_bytes(e->store.buckets) + extra_bytes(&e->store);
    uint64_t bytes = at_least_zero(e->run->max_bytes, others) & ~(HUGE_PAGE - 1);
    uint64_t states = smaller(bytes / (state_bytes(&e->store) + LINK_BYTES), e->store.reserved / state_bytes(&e->store));
    return at_least_zero(states, places_held(e));
}

static uint64_t states_in_table(const Engine *e)
{
    return (uint64_t)(MAX_LOAD * (double)(e->store.buckets * SLOTS)) - e->worker_count * BATCH;
}

static void set_trigger(Engine *e)
{
    uint64_t states = smaller(states_in_table(e), smaller(affordable_states(e), e->run->max_states));
    __atomic_store_n(&e->trigger, states, __ATOMIC_RELAXED);
    e->run->bytes = store_bytes(&e->store, e->count, e->store.buckets);
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

static bool enlarge_table(Engine *e)
{
    uint64_t buckets = e->store.buckets;
    uint64_t array = whole_pages((e->count + places_held(e)) * (state_bytes(&e->store) + LINK_BYTES)) + extra_bytes(&e->store);
    uint64_t bytes = smaller(e->store.reserved, at_least_zero(e->run->max_bytes, array) & ~(HUGE_PAGE - 1));
    uint64_t larger = smaller(larger_table(buckets), bytes / (SLOTS * sizeof(uint64_t)));
    return larger >= buckets + buckets / 32 && store_grow(e, &e->store, larger);
}

#if WORDS > 1
static bool widen_codes(Engine *e)
{
    uint64_t places = e->shared ? e->allocated : e->count;
    uint64_t most = smaller(e->store.reserved, at_least_zero(e->run->max_bytes, table_bytes(e->store.buckets)));
    return codes_widen(&e->store.codes, e->store.array, places, most);
}
#endif

/* At the trigger, with no other thread in the table. */
static void make_room(Engine *e)
{
    if (e->count < e->trigger || has_ended(e))
        return;
    if (e->count >= e->run->max_states) {
        end(e, STATE_LIMIT);
        return;
    }
    bool done = true;
#if WORDS > 1
    done = widen_codes(e);
#endif
    if (done && e->count >= states_in_table(e))
        done = enlarge_table(e);
    if (done && e->count < affordable_states(e))
        set_trigger(e);
    else
        end(e, MEMORY_LIMIT);
}
