/*
 * The table of states of one word: a slot holds the state itself. 0 means empty, so the state 0 is kept in a flag.
 */
#define WHOLE (~UINT64_C(0))

static inline State state_at(const Store *s, uint64_t place)
{
    return s->array[place];
}

static inline bool is_code(const Store *s MAYBE_UNUSED, uint64_t place MAYBE_UNUSED)
{
    return true;
}

/* A look at the home bucket: is the state there? If that is open, the next bucket is fetched. */
static inline bool is_at_home(const Store *s, const State *state, uint64_t hash)
{
    const uint64_t *line = s->table + SLOTS * high_product(hash, s->buckets);
    Look seen = look(line, WHOLE, state->w[0]);
    __builtin_prefetch(line + (seen.empty ? 0 : SLOTS), 1);
    return seen.equal != 0;
}

static inline __attribute__((always_inline)) bool insert_word(Store *s, uint64_t word, uint64_t hash, bool shared)
{
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

/* Put a state in, at `place` of the array, unless it is there. `shared`: other threads do the same. */
static inline __attribute__((always_inline)) Inserted insert(Store *s, const State *state, uint64_t hash, uint64_t place,
                                                             bool shared)
{
    if (!insert_word(s, state->w[0], hash, shared))
        return KNOWN;
    s->array[place] = *state;
    return NEW;
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
