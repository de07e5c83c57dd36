/*
 * Covered states (docs/design/covered.md): one that lies below another in the order of the hardware's sets, and is
 * otherwise equal, is not needed. Whatever can be found from it is found from the other, after no more steps. So at
 * the end of each level the states that are below one of an earlier level, or of the same one, are taken out again.
 * Which these are does not depend on the order in which they were found.
 *
 * States that could be below one another agree on all but the sets: chains link those that do, the last one first.
 */
#define MOST_LINKED (UINT32_MAX - 1) /* with more states than that no more are taken out */

static uint32_t *chain_of(const Engine *e, const State *s)
{
    State bottom = *s;
    to_bottom(&bottom);
    return e->chains + high_product(hash_state(&bottom), e->chain_count);
}

/* Is there another state that covers it? `itself`: its own place, if it has one. */
static bool is_covered(const Engine *e, const State *s, uint64_t itself)
{
    for (uint32_t link = *chain_of(e, s); link; link = e->links[link - 1]) {
        State other = state_at(&e->store, link - 1);
        if (link - 1 != itself && is_below(s, &other))
            return true;
    }
    return false;
}

static void link_job(Worker *x)
{
    Engine *e = x->engine;
    for (uint64_t low, high; next_chunk(e, &low, &high);)
        for (uint64_t i = low; i < high; i++) {
            State s = state_at(&e->store, i);
            uint32_t *chain = chain_of(e, &s), first = __atomic_load_n(chain, __ATOMIC_RELAXED);
            do
                e->links[i] = first;
            while (!__atomic_compare_exchange_n(chain, &first, (uint32_t)i + 1, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
        }
}

static void covered_job(Worker *x)
{
    Engine *e = x->engine;
    for (uint64_t low, high; next_chunk(e, &low, &high);)
        for (uint64_t i = low; i < high; i++) {
            State s = state_at(&e->store, i);
            e->covered[i - e->job_low] = is_covered(e, &s, i);
        }
}

/* The chains are as many as there are states, or twice as many: they are made again now and then, in the place of
 * the old ones. */
static bool chains_open(Engine *e, uint64_t low)
{
    if (e->chain_count >= e->count)
        return true;
    if (e->chains)
        munmap(e->chains, e->chain_count * sizeof *e->chains);
    if (!e->links)
        e->links = reserve(e->store.reserved);
    e->chain_count = 2 * e->count + 1024;
    e->chains = reserve(e->chain_count * sizeof *e->chains);
    if (!e->chains || !e->links)
        return false;
    team_run(e, link_job, 0, low);
    return true;
}

static void chains_close(Engine *e)
{
    if (e->chains)
        munmap(e->chains, e->chain_count * sizeof *e->chains);
    if (e->links)
        munmap(e->links, e->store.reserved);
    e->chains = e->links = NULL;
}

/* The states from this one on are linked no more; they stand before all others of their chains. */
static void unlink_from(Engine *e, uint64_t low)
{
    for (uint64_t i = low; i < e->count; i++) {
        State s = state_at(&e->store, i);
        uint32_t *chain = chain_of(e, &s);
        while (*chain > low)
            *chain = e->links[*chain - 1];
    }
}

/* ---- out of the table ---- */

static uint64_t way_round(const Store *s, uint64_t from, uint64_t to)
{
    return to >= from ? to - from : to + s->buckets - from;
}

/* What had no room in a bucket that was full, but stands in a later one: its bucket, and in `slot` where. */
static bool find_displaced(const Store *s, uint64_t *bucket, uint32_t *slot)
{
    uint64_t at = *bucket;
    do {
        at = next_bucket(s, at);
        const uint64_t *line = s->table + SLOTS * at;
        for (uint32_t i = 0; i < SLOTS && line[i]; i++) {
            uint64_t home = high_product(hash_of_slot(s, line[i]), s->buckets);
            if (way_round(s, home, at) >= way_round(s, *bucket, at)) {
                *bucket = at;
                *slot = i;
                return true;
            }
        }
    } while (is_full(s, at));
    return false;
}

static void take_out(Store *s, uint64_t bucket, uint32_t slot)
{
    for (;;) {
        uint64_t *line = s->table + SLOTS * bucket;
        bool was_full = is_full(s, bucket);
        uint32_t last = SLOTS - 1;
        while (!line[last])
            last--;
        line[slot] = line[last];
        line[last] = 0;
        if (!was_full || !find_displaced(s, &bucket, &slot))
            return;
        line[last] = s->table[SLOTS * bucket + slot];
    }
}

static void forget(Store *s, const State *state)
{
    uint64_t hash = hash_state(state);
#if WORDS == 1
    if (state->w[0] == 0) {
        s->zero_seen = false;
        return;
    }
    uint64_t at = find(s, state, hash);
#else
    uint64_t at = (uint64_t)(find_slot(s, state, hash) - s->table);
#endif
    take_out(s, at / SLOTS, (uint32_t)(at % SLOTS));
}

/* ---- at the end of a level ---- */

/* The states that are left move into the places of those that are not. */
static void close_up(Engine *e, uint64_t low, uint64_t removed)
{
    uint64_t last = e->count, hole = low;
    for (uint64_t i = low; i < e->count; i++)
        if (e->covered[i - low]) {
            State s = state_at(&e->store, i);
            forget(&e->store, &s);
        }
    e->count -= removed;
    for (; hole < e->count; hole++) {
        if (!e->covered[hole - low])
            continue;
        do
            last--;
        while (e->covered[last - low]);
        move_state(&e->store, last, hole);
    }
    e->run->left_out += removed;
}

/* Of the states from `low` on, which are those of a whole level. True if there were some. */
static bool remove_covered(Engine *e, uint64_t low)
{
    uint64_t size = e->count - low, removed = 0;
    if (size == 0 || e->count > MOST_LINKED)
        return false;
    e->covered = malloc(size);
    if (!e->covered || !chains_open(e, low)) {
        end(e, MEMORY_LIMIT);
    } else {
        team_run(e, link_job, low, e->count);
        team_run(e, covered_job, low, e->count);
        for (uint64_t i = 0; i < size; i++)
            removed += e->covered[i];
        if (removed) {
            unlink_from(e, low);
            close_up(e, low, removed);
            team_run(e, link_job, low, e->count);
        }
    }
    free(e->covered);
    e->covered = NULL;
    return removed > 0;
}
