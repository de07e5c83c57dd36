/*
 * The table of wider states: a slot holds the state's place in the array and 24 bits of the hash. Those are the
 * *low* bits of a hash of 40: the high ones follow from where the slot is, so growing need not look at the states.
 */
#define TAG_BITS 24
#define TAG_MASK ((UINT64_C(1) << TAG_BITS) - 1)

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
    __builtin_prefetch(s->array + place_in(slot) * s->codes.units);
    return slot;
}

static inline State state_at(const Store *s, uint64_t place)
{
    State state;
    const uint32_t *code = s->array + place * s->codes.units;
    for (int i = 0; i < WORDS; i++)
        state.w[i] = word_in(s->codes.of + i, code);
    return state;
}

/* Are its numbers those of values? For what was read from a file. */
static inline bool is_code(const Store *s, uint64_t place)
{
    const uint32_t *code = s->array + place * s->codes.units;
    for (int i = 0; i < WORDS; i++)
        if (!s->codes.of[i].n.whole && number_in(&s->codes.of[i].n, code) >= s->codes.of[i].n.count)
            return false;
    return true;
}

static inline bool is_at(const Store *s, uint64_t place, const State *state)
{
    uint64_t difference = 0;
    const uint32_t *code = s->array + place * s->codes.units;
    for (int i = 0; i < WORDS; i++)
        difference |= word_in(s->codes.of + i, code) ^ state->w[i];
    return difference == 0;
}

static inline bool slot_is(const Store *s, const uint64_t *slot, const State *state)
{
    return is_at(s, place_in(__atomic_load_n(slot, __ATOMIC_ACQUIRE)), state);
}

/* Put a state in at `place` of the array, unless it is there. With other threads about, the state is written
 * first and then its slot published; a duplicate leaves the place to be used again. */
static inline __attribute__((always_inline)) Inserted insert(Store *s, const State *state, uint64_t hash, uint64_t place,
                                                             bool shared)
{
    uint64_t tag = hash >> TAG_BITS & TAG_MASK;
    for (uint64_t bucket = high_product(hash, s->buckets);; bucket = next_bucket(s, bucket)) {
        uint64_t *line = s->table + SLOTS * bucket;
        Look seen = look(line, TAG_MASK, tag);
        for (uint32_t maybe = seen.equal; maybe; maybe &= maybe - 1)
            if (LIKELY(slot_is(s, line + __builtin_ctz(maybe), state)))
                return KNOWN;
        if (seen.empty && !encode(&s->codes, state, s->array + place * s->codes.units, shared))
            return NO_CODE;
        if (!shared && seen.empty) {
            line[__builtin_ctz(seen.empty)] = slot_of(place, hash);
            return NEW;
        }
        for (uint32_t empty = seen.empty; empty; empty &= empty - 1) {
            uint64_t before = 0, *slot = line + __builtin_ctz(empty);
            if (__atomic_compare_exchange_n(slot, &before, slot_of(place, hash), false, __ATOMIC_RELEASE,
                                            __ATOMIC_ACQUIRE))
                return NEW;
            if ((before & TAG_MASK) == tag && slot_is(s, slot, state))
                return KNOWN;
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

