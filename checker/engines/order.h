/*
 * The order of states that eager hardware goes by (docs/design/eager.md): states that differ in the sets which hardware
 * moves at most. A state's bottom is the lowest of all that differ from it in nothing else.
 */

static inline void to_bottom(State *s)
{
    for (int i = 0; i < WORDS; i++)
        s->w[i] = (s->w[i] & ~grown_bits[i]) | shrunk_bits[i];
}

/* Do they differ in nothing but these sets? */
static inline bool is_comparable(const State *one, const State *other)
{
    uint64_t apart = 0;
    for (int i = 0; i < WORDS; i++)
        apart |= (one->w[i] ^ other->w[i]) & ~(grown_bits[i] | shrunk_bits[i]);
    return apart == 0;
}

/* Is it the same state, or below? */
static inline bool is_below(const State *s, const State *top)
{
    uint64_t wrong = 0;
    for (int i = 0; i < WORDS; i++) {
        uint64_t behind = (top->w[i] & grown_bits[i]) | (s->w[i] & shrunk_bits[i]);
        wrong |= (s->w[i] ^ top->w[i]) & ~behind;
    }
    return wrong == 0;
}
