/*
 * The memory of a search: one array with every state, level by level, and a hash table over it.
 *
 * Both lie in address ranges reserved at the start, far larger than needed, so neither ever moves: the
 * system gives pages when they are first touched. The table grows in place, without a second table.
 *
 * The table is an array of buckets of eight slots, one cache line each. A state's home is bucket
 * hash * buckets / 2^64, so any number of buckets will do, and *homes keep the order of the hashes*; a full
 * bucket overflows into the next. growth.h lives off that.
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
