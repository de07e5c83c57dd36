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
 * Parts: look.h (a bucket), words.h (states of one word), or else codes.h (how wider ones are stored) and
 * places.h (the table over them).
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SLOTS 8 /* in a bucket: a cache line */
#define HUGE_PAGE (UINT64_C(1) << 21)

#ifndef FIRST_BUCKETS
#define FIRST_BUCKETS 2048
#endif

/* Of a state, its links and its mark in covered.h. */
#define LINK_BYTES (EAGER ? 3 * sizeof(uint32_t) + 1 : 0)

static uint64_t whole_pages(uint64_t bytes)
{
    return (bytes + HUGE_PAGE - 1) & ~(HUGE_PAGE - 1);
}

#include "look.h"
#if WORDS > 1
#include "codes.h"
#endif

typedef struct {
#if WORDS == 1
    State *array;
    bool zero_seen; /* the state 0 has been reached */
#else
    uint32_t *array;
    Codes codes;
#endif
    uint64_t *table;
    uint64_t buckets;
    uint64_t reserved; /* bytes, of each of the two */
} Store;

/* What came of putting a state in. */
typedef enum {
    KNOWN,
    NEW,
    NO_CODE, /* the codes must be widened first, with no other thread about: codes.h */
} Inserted;

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
#if WORDS > 1
    codes_close(&s->codes);
#endif
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
#if WORDS > 1
        if (s->array && s->table && codes_open(&s->codes))
            return true;
#else
        if (s->array && s->table)
            return true;
#endif
        store_free(s);
    }
    return false;
}

/* Of a state in the array. */
static inline uint64_t state_bytes(const Store *s MAYBE_UNUSED)
{
#if WORDS == 1
    return sizeof(State);
#else
    return s->codes.units * sizeof *s->array;
#endif
}

static uint64_t table_bytes(uint64_t buckets)
{
    return whole_pages(buckets * SLOTS * sizeof(uint64_t));
}

/* Besides array and table. */
static uint64_t extra_bytes(const Store *s MAYBE_UNUSED)
{
#if WORDS == 1
    return 0;
#else
    return codes_bytes(&s->codes);
#endif
}

static uint64_t store_bytes(const Store *s, uint64_t states, uint64_t buckets)
{
    return whole_pages(states * (state_bytes(s) + LINK_BYTES)) + table_bytes(buckets) + extra_bytes(s);
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
#include "words.h"
#else
#include "places.h"
#endif

/* With no other thread about. `most`: bytes that the array and what else is needed for it may take. */
static MAYBE_UNUSED Inserted insert_alone(Store *s, const State *state, uint64_t place, uint64_t most MAYBE_UNUSED)
{
    uint64_t hash = hash_state(state);
    Inserted inserted = insert(s, state, hash, place, false);
#if WORDS > 1
    while (inserted == NO_CODE && codes_widen(&s->codes, s->array, place, most))
        inserted = insert(s, state, hash, place, false);
#endif
    return inserted;
}
