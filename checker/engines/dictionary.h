/*
 * A dictionary: each value that a word of the states has, once, by its number. Known values are looked up without a
 * lock; a new one takes a mutex. One that is full gets more room only when no other thread is about.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define NO_NUMBER UINT32_MAX

/* How the values of a word are numbered, and where the number lies in a code (codes.h). */
typedef struct {
    uint32_t count, room;
    uint32_t unit, shift, bits;
    uint32_t whole; /* the word itself is there */
} Numbering;

typedef struct {
    Numbering n;
    uint64_t *values; /* by number */
    uint32_t *slots;  /* a hash table of the numbers, each and 1: two for each value that there is room for */
    bool cramped;     /* there was no room for a value */
    pthread_mutex_t mutex;
} Dictionary;

static inline uint64_t value_slots(const Dictionary *d)
{
    return 2 * (uint64_t)d->n.room;
}

static uint64_t bytes_of(const Numbering *n)
{
    return n->whole ? 0 : n->room * (sizeof(uint64_t) + 2 * sizeof(uint32_t));
}

static inline uint64_t value_home(const Dictionary *d, uint64_t value)
{
    return high_product(folded_product(value ^ UINT64_C(0x9e3779b97f4a7c15), UINT64_C(0xd1b54a32d192ed03)),
                        value_slots(d));
}

static inline uint64_t next_value_slot(const Dictionary *d, uint64_t at)
{
    return at + 1 == value_slots(d) ? 0 : at + 1;
}

/*
 * The number of a value and 1, or 0 if it has none; `at`: the slot with it, or the empty one where it would be.
 * The slot is read once: another thread may put the number of another value there at any time.
 */
static inline uint32_t look_up(const Dictionary *d, uint64_t value, uint64_t *at)
{
    uint32_t found;
    *at = value_home(d, value);
    while ((found = __atomic_load_n(d->slots + *at, __ATOMIC_ACQUIRE)) && d->values[found - 1] != value)
        *at = next_value_slot(d, *at);
    return found;
}

/* NO_NUMBER if there is no room for it. */
static COLD uint32_t new_value(Dictionary *d, uint64_t value, bool shared)
{
    if (shared)
        pthread_mutex_lock(&d->mutex);
    uint64_t at;
    uint32_t number = look_up(d, value, &at) - 1; /* another thread may have been faster */
    if (number == NO_NUMBER && d->n.count < d->n.room) {
        number = d->n.count++;
        d->values[number] = value;
        __atomic_store_n(d->slots + at, number + 1, __ATOMIC_RELEASE);
    }
    d->cramped |= number == NO_NUMBER;
    if (shared)
        pthread_mutex_unlock(&d->mutex);
    return number;
}

static inline uint32_t number_of_value(Dictionary *d, uint64_t value, bool shared)
{
    uint64_t at;
    uint32_t found = look_up(d, value, &at);
    return LIKELY(found) ? found - 1 : new_value(d, value, shared);
}

/* Makes room for so many. What is there is kept if there is no memory. */
static bool dictionary_grow(Dictionary *d, uint32_t room)
{
    uint64_t *values = realloc(d->values, room * sizeof *values);
    d->values = values ? values : d->values;
    uint32_t *slots = values ? calloc(2 * (uint64_t)room, sizeof *slots) : NULL;
    if (!slots)
        return false;
    free(d->slots);
    d->slots = slots;
    d->n.room = room;
    for (uint32_t i = 0; i < d->n.count; i++) {
        uint64_t at;
        look_up(d, values[i], &at);
        slots[at] = i + 1;
    }
    return true;
}

static void dictionary_close(Dictionary *d)
{
    free(d->values);
    free(d->slots);
    d->values = NULL;
    d->slots = NULL;
}
