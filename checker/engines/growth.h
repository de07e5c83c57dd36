/*
 * The table grows in place, without a second one and without random access.
 *
 * Homes keep the order of the hashes, so spreading the table over more buckets moves everything up, and nothing
 * past anything else. Taken from the last bucket to the first, each run of full buckets (what belongs there, and
 * nothing else) moves to where the old table has been cleared already.
 *
 * Several threads share that: the last fifth of a table that grows by a quarter moves to where there was no
 * table at all, so its parts can be moved at the same time; then the fifth before it moves to where that was;
 * and so on. What would go past the end of a part's range, or round the end of the table, is kept for last.
 */
#ifndef MAX_LOAD
#define MAX_LOAD 0.8 /* slots in use when the table must grow ... */
#endif
#ifndef GROWTH
#define GROWTH 1.25 /* ... by this factor: small, as growing is cheap and memory is not */
#endif
#ifndef SMALL_PART
#define SMALL_PART 4096 /* buckets that are not worth sharing */
#endif

typedef struct {
    uint64_t slot, hash;
} Late;

/* Buckets low..high-1 of the old table, to be moved to buckets below `limit` of the new one. No run of full
 * buckets crosses low or high. */
typedef struct {
    Store *store;
    uint64_t buckets; /* of the new table */
    uint8_t *filled;  /* slots in use of each new bucket: the buckets themselves are only written */
    double spacing;   /* of the homes in the old table, in units of 40-bit hashes */
    uint64_t low, high, limit;
    uint64_t *run; /* taken out of the old table together */
    uint64_t run_room;
    Late *late; /* kept for last */
    uint64_t late_count, late_room;
    bool failed; /* no memory */
} Part;

static void keep_for_last(Part *p, uint64_t slot, uint64_t hash)
{
    if (p->late_count == p->late_room) {
        uint64_t room = 2 * p->late_room + 256;
        Late *late = realloc(p->late, room * sizeof *late);
        if (!late) {
            p->failed = true;
            return;
        }
        p->late = late;
        p->late_room = room;
    }
    p->late[p->late_count++] = (Late){slot, hash};
}

static inline uint64_t hash_of_slot(const Store *s, uint64_t slot)
{
#if WORDS == 1
    (void)s;
    return hash_state(&(State){{slot}});
#else
    State state = state_at(s, place_in(slot));
    return hash_state(&state);
#endif
}

/* The hash of what stands in `bucket` and whose home is not before bucket `first`. */
static inline uint64_t hash_between(const Part *p, uint64_t slot, uint64_t first, uint64_t bucket)
{
#if WORDS > 1 && !defined(HASH_BITS)
    /* The 40-bit hashes with these homes, and a few more. If they are fewer than the tags, the tag says which. */
    uint64_t low = (uint64_t)((double)first * p->spacing);
    uint64_t high = (uint64_t)((double)(bucket + 1) * p->spacing) + 2;
    low -= low > 0;
    if (LIKELY(high - low <= TAG_MASK))
        return (low + ((slot - low) & TAG_MASK)) << TAG_BITS;
#endif
    (void)first, (void)bucket;
    return hash_of_slot(p->store, slot);
}

static inline bool put_back(const Part *p, uint64_t slot, uint64_t hash)
{
    uint64_t bucket = high_product(hash, p->buckets);
    while (bucket < p->limit && UNLIKELY(p->filled[bucket] == SLOTS))
        bucket++;
    if (UNLIKELY(bucket >= p->limit))
        return false;
    p->store->table[SLOTS * bucket + p->filled[bucket]++] = slot;
    return true;
}

static void move_run(Part *p, uint64_t first, uint64_t last)
{
    uint64_t count = SLOTS * (last - first + 1), *old = p->store->table + SLOTS * first;
    if (count > p->run_room) {
        uint64_t *run = realloc(p->run, 2 * count * sizeof *run);
        if (!run) {
            p->failed = true;
            return;
        }
        p->run = run;
        p->run_room = 2 * count;
    }
    memcpy(p->run, old, count * sizeof *old);
    memset(old, 0, count * sizeof *old);
    for (uint64_t bucket = first; bucket <= last; bucket++) {
        const uint64_t *line = p->run + SLOTS * (bucket - first);
        for (int i = 0; i < SLOTS && line[i]; i++) {
            uint64_t hash = hash_between(p, line[i], first, bucket);
            if (UNLIKELY(!put_back(p, line[i], hash)))
                keep_for_last(p, line[i], hash);
        }
    }
}

static void move_part(void *parts, uint32_t number)
{
    Part *p = (Part *)parts + number;
    for (uint64_t end = p->high; end > p->low && !p->failed;) {
        uint64_t first = end - 1;
        while (first > p->low && is_full(p->store, first - 1))
            first--;
        move_run(p, first, end - 1);
        end = first;
    }
}

/* The first buckets, as far as they are full, may hold what went round the end of the old table. Returns where
 * the others start. */
static uint64_t take_out_start(Part *p)
{
    Store *s = p->store;
    uint64_t end = 0;
    while (is_full(s, end))
        end++;
    end++;
    for (uint64_t i = 0; i < SLOTS * end && s->table[i]; i++)
        keep_for_last(p, s->table[i], hash_of_slot(s, s->table[i]));
    memset(s->table, 0, end * SLOTS * sizeof *s->table);
    return end;
}

/* Where a run starts, not before `bucket`. */
static uint64_t run_start(const Store *s, uint64_t bucket, uint64_t end)
{
    while (bucket < end && is_full(s, bucket - 1))
        bucket++;
    return bucket;
}

/* a * b / c, of less than 2^40 buckets each. A division of 128 bits would be a call into libgcc, which a program
 * that is compiled in a hurry is not linked with. */
static inline uint64_t scaled(uint64_t a, uint64_t b, uint64_t c)
{
    uint64_t whole = b / c, rest = b % c, high = (a >> 16) * rest;
    return a * whole + ((high / c) << 16) + (((high % c) << 16) + (a & 0xffff) * rest) / c;
}

static uint64_t new_bucket(const Part *p, uint64_t old)
{
    return scaled(old, p->buckets, p->store->buckets);
}

/* Let all parts of low..high-1 be moved, at the same time. */
static void share_out(Engine *e, Part *parts, uint32_t count, uint64_t low, uint64_t high)
{
    uint64_t length = (high - low) / count;
    for (uint32_t i = 0; i < count; i++) {
        Part *p = parts + i;
        p->low = i == 0 ? low : parts[i - 1].high;
        p->high = i + 1 == count ? high : run_start(p->store, low + (i + 1) * length, high);
        if (p->high < p->low)
            p->high = p->low;
        p->limit = p->high == p->store->buckets ? p->buckets : new_bucket(p, p->high);
    }
    team_share(e, move_part, parts, count);
}

/* Last fifths (or whatever GROWTH says), as long as they are long enough, then the rest. */
static void move_all(Engine *e, Part *parts, uint32_t count)
{
    const Store *s = parts->store;
    uint64_t start = take_out_start(parts), high = s->buckets, top = s->buckets;
    while (count > 1 && high - start > SMALL_PART) {
        uint64_t low = scaled(top, s->buckets, parts->buckets) + 1;
        low = run_start(s, low < start ? start : low, high);
        if (high - low < SMALL_PART / 4)
            break;
        share_out(e, parts, count, low, high);
        top = high = low;
    }
    share_out(e, parts, 1, start, high);
}

static void put_late(const Part *p, Late item)
{
    uint64_t bucket = high_product(item.hash, p->buckets);
    while (p->filled[bucket] == SLOTS)
        bucket = bucket + 1 == p->buckets ? 0 : bucket + 1;
    p->store->table[SLOTS * bucket + p->filled[bucket]++] = item.slot;
}

/* Spread the table over more buckets. False if there is no memory for that: not even for a byte per bucket, with the
 * table as it was, or for a run of full buckets, with states that it does not find any more. The array is whole. */
static bool store_grow(Engine *e, Store *s, uint64_t buckets)
{
    uint32_t count = e->shared ? e->worker_count : 1;
    Part *parts = calloc(count, sizeof *parts);
    uint8_t *filled = calloc(buckets, 1);
    bool failed = false;
    if (!parts || !filled) {
        free(parts);
        free(filled);
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        parts[i] = (Part){.store = s, .buckets = buckets, .filled = filled};
        parts[i].spacing = (double)(UINT64_C(1) << 40) / (double)s->buckets;
    }
    move_all(e, parts, count);
    for (uint32_t i = 0; i < count; i++) {
        for (uint64_t k = 0; k < parts[i].late_count; k++)
            put_late(parts + i, parts[i].late[k]);
        failed |= parts[i].failed;
        free(parts[i].run);
        free(parts[i].late);
    }
    s->buckets = buckets;
    free(parts);
    free(filled);
    return !failed;
}
