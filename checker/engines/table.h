/*
 * The memory of a search: one array with every state, level by level, and a hash table over it.
 *
 * Both lie in address ranges reserved at the start, far larger than needed, so neither ever moves: the
 * system gives pages when they are first touched. The table grows in place, without a second table.
 *
 * The table is an array of buckets of eight slots, one cache line each. A state's home is bucket
 * hash * buckets / 2^64, so any number of buckets will do, and *homes keep the order of the hashes*; a full
 * bucket overflows into the next. Therefore growing needs no random access: read from the last bucket to
 * the first, every run of full buckets moves up to where nothing is left of the old table.
 *
 * A slot holds the state itself if that is one word (0 means empty, so the state 0 is kept in a flag).
 * Otherwise it holds the state's place in the array and 24 bits of the hash. Those are the *low* bits of a
 * hash of 40: the high ones follow from where the slot is, so growing need not look at the states.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SLOTS 8 /* in a bucket: a cache line */
#define TAG_BITS 24
#define TAG_MASK ((UINT64_C(1) << TAG_BITS) - 1)
#define HUGE_PAGE (UINT64_C(1) << 21)

#ifndef FIRST_BUCKETS
#define FIRST_BUCKETS 2048
#endif
#ifndef MAX_LOAD
#define MAX_LOAD 0.8  /* slots in use when the table must grow ... */
#endif
#ifndef GROWTH
#define GROWTH 1.25   /* ... by this factor: small, as growing is cheap and memory is not */
#endif

#if defined(__SANITIZE_THREAD__)
#define WATCHED_THREADS 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define WATCHED_THREADS 1
#endif
#endif

/* Which of a bucket's slots are empty, and which others have these bits, as bit masks. Other threads may fill
 * empty slots meanwhile, so each slot is read once: one seen empty by one
 * read and filled by the next would be missed. Vector loads are whole in each of their 8 bytes. */
typedef struct {
    uint32_t empty, equal;
} Look;

#if defined(__AVX512F__) && !defined(WATCHED_THREADS)
typedef long long Lanes __attribute__((vector_size(64), may_alias));
static inline uint32_t lanes_equal(Lanes a, Lanes b)
{
    return (uint8_t)__builtin_ia32_cmpq512_mask(a, b, 0, (uint8_t)-1);
}
static inline Look look(const uint64_t *line, uint64_t mask, uint64_t value)
{
    const Lanes zero = {0}, v = *(const volatile Lanes *)line;
    uint32_t empty = lanes_equal(v, zero);
    return (Look){empty, lanes_equal(v & (long long)mask, zero + (long long)value) & ~empty};
}
#elif defined(__AVX2__) && !defined(WATCHED_THREADS)
typedef long long Lanes __attribute__((vector_size(32), may_alias));
typedef double Signs __attribute__((vector_size(32)));
static inline uint32_t lanes_equal(Lanes a, Lanes b)
{
    return (uint32_t)__builtin_ia32_movmskpd256((Signs)(a == b));
}
static inline Look look(const uint64_t *line, uint64_t mask, uint64_t value)
{
    const Lanes zero = {0}, low = *(const volatile Lanes *)line, high = *(const volatile Lanes *)(line + 4);
    const Lanes wanted = zero + (long long)value;
    uint32_t empty = lanes_equal(low, zero) | lanes_equal(high, zero) << 4;
    uint32_t equal =
        lanes_equal(low & (long long)mask, wanted) | lanes_equal(high & (long long)mask, wanted) << 4;
    return (Look){empty, equal & ~empty};
}
#else
static inline Look look(const uint64_t *line, uint64_t mask, uint64_t value)
{
    Look seen = {0, 0};
    for (int i = 0; i < SLOTS; i++) {
        uint64_t slot = __atomic_load_n(line + i, __ATOMIC_ACQUIRE);
        seen.empty |= (uint32_t)(slot == 0) << i;
        seen.equal |= (uint32_t)((slot & mask) == value && slot != 0) << i;
    }
    return seen;
}
#endif
#define WHOLE (~UINT64_C(0))

typedef struct {
    State *array;
    uint64_t *table;
    uint64_t buckets;
    uint64_t reserved; /* bytes, of each of the two */
    bool zero_seen;    /* WORDS == 1: the state 0 has been reached */
} Store;

static void *reserve(uint64_t bytes)
{
    void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED)
        return NULL;
    madvise(p, bytes, MADV_HUGEPAGE);
    return p;
}

static void store_free(Store *s)
{
    if (s->array)
        munmap(s->array, s->reserved);
    if (s->table)
        munmap(s->table, s->reserved);
    s->array = NULL;
    s->table = NULL;
}

/* Neither can outgrow the machine's memory. Where addresses are limited (ulimit -v), take what there is. */
static bool store_open(Store *s, uint64_t buckets)
{
    uint64_t bytes = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
    for (; bytes >= 2 * HUGE_PAGE; bytes /= 2) {
        s->reserved = (bytes + HUGE_PAGE - 1) & ~(HUGE_PAGE - 1);
        s->array = reserve(s->reserved);
        s->table = reserve(s->reserved);
        s->buckets = buckets > FIRST_BUCKETS ? buckets : FIRST_BUCKETS;
        if (s->array && s->table)
            return true;
        store_free(s);
    }
    return false;
}

static inline uint64_t next_bucket(const Store *s, uint64_t bucket)
{
    return bucket + 1 == s->buckets ? 0 : bucket + 1;
}

static inline bool is_full(const Store *s, uint64_t bucket)
{
    return s->table[SLOTS * bucket + SLOTS - 1] != 0; /* slots are filled from the first on */
}

#if WORDS == 1

/* A look at the home bucket: is the state there? If that is open, the next bucket is fetched. */
static inline bool is_at_home(const Store *s, const State *state, uint64_t hash)
{
    const uint64_t *line = s->table + SLOTS * high_product(hash, s->buckets);
    Look seen = look(line, WHOLE, state->w[0]);
    __builtin_prefetch(line + (seen.empty ? 0 : SLOTS), 1);
    return seen.equal != 0;
}

/* Put a state in, unless it is there. `shared`: other threads do the same. */
static inline __attribute__((always_inline)) bool insert(Store *s, const State *state, uint64_t hash, bool shared)
{
    uint64_t word = state->w[0];
    if (UNLIKELY(word == 0)) /* byte-sized exchange: one thread wins */
        return !__atomic_exchange_n(&s->zero_seen, true, __ATOMIC_RELAXED);
    for (uint64_t bucket = high_product(hash, s->buckets);; bucket = next_bucket(s, bucket)) {
        uint64_t *line = s->table + SLOTS * bucket;
        Look seen = look(line, WHOLE, word);
        if (seen.equal)
            return false;
        if (!shared && seen.empty) {
            line[__builtin_ctz(seen.empty)] = word;
            return true;
        }
        for (uint32_t empty = seen.empty; empty; empty &= empty - 1) {
            uint64_t before = 0;
            if (__atomic_compare_exchange_n(line + __builtin_ctz(empty), &before, word, false, __ATOMIC_RELAXED,
                                            __ATOMIC_RELAXED))
                return true;
            if (before == word)
                return false;
        }
    }
}

/* Where the marks of a state are, which is in the table. UINT64_MAX if it has not been reached. */
static inline uint64_t find(const Store *s, const State *state, uint64_t hash)
{
    uint64_t word = state->w[0];
    if (word == 0)
        return s->zero_seen ? SLOTS * s->buckets : UINT64_MAX;
    for (uint64_t bucket = high_product(hash, s->buckets);; bucket = next_bucket(s, bucket)) {
        const uint64_t *line = s->table + SLOTS * bucket;
        Look seen = look(line, WHOLE, word);
        if (seen.equal)
            return SLOTS * bucket + (uint64_t)__builtin_ctz(seen.equal);
        if (seen.empty)
            return UINT64_MAX;
    }
}

static inline uint64_t places(const Store *s, uint64_t states MAYBE_UNUSED)
{
    return SLOTS * s->buckets + 1;
}

#else

static inline uint64_t slot_of(uint64_t place, uint64_t hash)
{
    return (place + 1) << TAG_BITS | (hash >> TAG_BITS & TAG_MASK);
}

static inline uint64_t place_in(uint64_t slot)
{
    return (slot >> TAG_BITS) - 1;
}

/* The first slot of the home bucket that may be this state's, or 0. Fetches that state, or else the next
 * bucket if this one is full. */
static inline uint64_t likely_slot(const Store *s, uint64_t hash)
{
    const uint64_t *line = s->table + SLOTS * high_product(hash, s->buckets);
    Look seen = look(line, TAG_MASK, hash >> TAG_BITS & TAG_MASK);
    if (!seen.equal) {
        __builtin_prefetch(line + (seen.empty ? 0 : SLOTS), 1);
        return 0;
    }
    uint64_t slot = __atomic_load_n(line + __builtin_ctz(seen.equal), __ATOMIC_ACQUIRE);
    __builtin_prefetch(s->array + place_in(slot));
    return slot;
}

static inline bool slot_is(const Store *s, const uint64_t *slot, const State *state)
{
    uint64_t value = __atomic_load_n(slot, __ATOMIC_ACQUIRE);
    return same(s->array + place_in(value), state);
}

/* Put a state in at `place` of the array, unless it is there. With other threads about, the state is written
 * first and then its slot published; a duplicate leaves the place to be used again. */
static inline __attribute__((always_inline)) bool insert(Store *s, const State *state, uint64_t hash, uint64_t place,
                                                         bool shared)
{
    uint64_t tag = hash >> TAG_BITS & TAG_MASK;
    for (uint64_t bucket = high_product(hash, s->buckets);; bucket = next_bucket(s, bucket)) {
        uint64_t *line = s->table + SLOTS * bucket;
        Look seen = look(line, TAG_MASK, tag);
        for (uint32_t maybe = seen.equal; maybe; maybe &= maybe - 1)
            if (LIKELY(slot_is(s, line + __builtin_ctz(maybe), state)))
                return false;
        if (seen.empty)
            s->array[place] = *state;
        if (!shared && seen.empty) {
            line[__builtin_ctz(seen.empty)] = slot_of(place, hash);
            return true;
        }
        for (uint32_t empty = seen.empty; empty; empty &= empty - 1) {
            uint64_t before = 0, *slot = line + __builtin_ctz(empty);
            if (__atomic_compare_exchange_n(slot, &before, slot_of(place, hash), false, __ATOMIC_RELEASE,
                                            __ATOMIC_ACQUIRE))
                return true;
            if ((before & TAG_MASK) == tag && slot_is(s, slot, state))
                return false;
        }
    }
}

/* The slot of a state, or NULL. */
static inline uint64_t *find_slot(const Store *s, const State *state, uint64_t hash)
{
    for (uint64_t bucket = high_product(hash, s->buckets);; bucket = next_bucket(s, bucket)) {
        uint64_t *line = s->table + SLOTS * bucket;
        Look seen = look(line, TAG_MASK, hash >> TAG_BITS & TAG_MASK);
        for (uint32_t maybe = seen.equal; maybe; maybe &= maybe - 1)
            if (slot_is(s, line + __builtin_ctz(maybe), state))
                return line + __builtin_ctz(maybe);
        if (seen.empty)
            return NULL;
    }
}

/* Where the marks of a state are: beside it. */
static inline uint64_t find(const Store *s, const State *state, uint64_t hash)
{
    const uint64_t *slot = find_slot(s, state, hash);
    return slot ? place_in(*slot) : UINT64_MAX;
}

static inline uint64_t places(const Store *s MAYBE_UNUSED, uint64_t states)
{
    return states;
}

#endif

/* ---- growing ---- */

/* A table that is being spread over more buckets. */
typedef struct {
    Store *store;
    uint64_t buckets;
    uint8_t *filled;    /* slots in use of each new bucket: the buckets themselves are only written */
    double spacing;     /* of the homes in the old table, in units of the 40-bit hashes */
    uint64_t *run;      /* buckets taken out of the old table together */
    uint64_t run_room;
    struct Late {
        uint64_t slot, hash;
    } * late;           /* what goes round the end of either table */
    uint64_t late_count, late_room;
} Growth;

static bool keep_for_last(Growth *g, uint64_t slot, uint64_t hash)
{
    if (g->late_count == g->late_room) {
        uint64_t room = 2 * g->late_room + 256;
        struct Late *late = realloc(g->late, room * sizeof *late);
        if (!late)
            return false;
        g->late = late;
        g->late_room = room;
    }
    g->late[g->late_count++] = (struct Late){slot, hash};
    return true;
}

static inline uint64_t hash_of_slot(const Store *s, uint64_t slot)
{
#if WORDS == 1
    (void)s;
    return hash_state(&(State){{slot}});
#else
    return hash_state(s->array + place_in(slot));
#endif
}

/* The hash of what stands in `bucket` and whose home is not before bucket `first`. */
static inline uint64_t hash_between(const Growth *g, uint64_t slot, uint64_t first, uint64_t bucket)
{
#if WORDS > 1 && !defined(HASH_BITS)
    /* The 40-bit hashes with these homes, and a few more. If they are fewer than the tags, the tag says which. */
    uint64_t low = (uint64_t)((double)first * g->spacing);
    uint64_t high = (uint64_t)((double)(bucket + 1) * g->spacing) + 2;
    low -= low > 0;
    if (LIKELY(high - low <= TAG_MASK))
        return (low + ((slot - low) & TAG_MASK)) << TAG_BITS;
#endif
    (void)first, (void)bucket;
    return hash_of_slot(g->store, slot);
}

static inline bool put_back(Growth *g, uint64_t slot, uint64_t hash)
{
    uint64_t bucket = high_product(hash, g->buckets);
    while (UNLIKELY(g->filled[bucket] == SLOTS))
        if (++bucket == g->buckets)
            return false;
    g->store->table[SLOTS * bucket + g->filled[bucket]++] = slot;
    return true;
}

/* Move what stands in buckets first..last, where first's predecessor does not overflow. All of it goes to
 * bucket `first` or higher, of which nothing is left in the old table by then. */
static bool move_run(Growth *g, uint64_t first, uint64_t last)
{
    uint64_t count = SLOTS * (last - first + 1), *old = g->store->table + SLOTS * first;
    if (count > g->run_room) {
        uint64_t *run = realloc(g->run, 2 * count * sizeof *run);
        if (!run)
            return false;
        g->run = run;
        g->run_room = 2 * count;
    }
    memcpy(g->run, old, count * sizeof *old);
    memset(old, 0, count * sizeof *old);
    for (uint64_t bucket = first; bucket <= last; bucket++) {
        const uint64_t *line = g->run + SLOTS * (bucket - first);
        for (int i = 0; i < SLOTS && line[i]; i++) {
            uint64_t hash = hash_between(g, line[i], first, bucket);
            if (UNLIKELY(!put_back(g, line[i], hash)) && !keep_for_last(g, line[i], hash))
                return false;
        }
    }
    return true;
}

static bool move_all(Growth *g)
{
    Store *s = g->store;
    uint64_t start = 0;
    while (is_full(s, start)) /* this run may hold what went round the end of the old table */
        start++;
    for (uint64_t i = 0; i < SLOTS * (start + 1) && s->table[i]; i++)
        if (!keep_for_last(g, s->table[i], hash_of_slot(s, s->table[i])))
            return false;
    memset(s->table, 0, (start + 1) * SLOTS * sizeof *s->table);
    for (uint64_t last = s->buckets - 1; last > start;) {
        uint64_t first = last;
        while (is_full(s, first - 1)) /* stops at `start`, which is empty now */
            first--;
        if (!move_run(g, first, last))
            return false;
        last = first - 1;
    }
    for (uint64_t i = 0; i < g->late_count; i++) {
        uint64_t bucket = high_product(g->late[i].hash, g->buckets);
        while (g->filled[bucket] == SLOTS)
            bucket = bucket + 1 == g->buckets ? 0 : bucket + 1;
        s->table[SLOTS * bucket + g->filled[bucket]++] = g->late[i].slot;
    }
    return true;
}

/* Spread the table over more buckets. False, with the table lost, if there is not even memory for a byte per
 * bucket: the array is still whole. */
static bool store_grow(Store *s, uint64_t buckets)
{
    Growth g = {.store = s, .buckets = buckets, .filled = calloc(buckets, 1)};
    g.spacing = (double)(UINT64_C(1) << 40) / (double)s->buckets;
    bool moved = g.filled && move_all(&g);
    s->buckets = buckets;
    free(g.filled);
    free(g.run);
    free(g.late);
    return moved;
}
