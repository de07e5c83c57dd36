/*
 * Waits that hardware ends (docs/design/stops.md). With eager hardware they are mostly over when a block comes to
 * them. Had the hardware been slower, whoever comes to one would stop there, and others could step in. Such a stop
 * is *assumed*: stored with a mark, under which it lies below the same state without it. So it is taken out at the end
 * of its level if a run that did stop there stands for it; if not, the search gives up.
 *
 * A value that eager hardware has moved up is *in doubt* until a wait for it is over: a run that the state stands for may
 * not have moved it yet. In the packed state that is a bit beside the one that says whether it is up.
 */

LINKED const uint64_t doubt_bits[WORDS], assumed_bits[WORDS];

static inline uint64_t in_doubt(const State *s, int word)
{
    return s->w[word] & doubt_bits[word] & (s->w[word] << 1);
}

/* What eager hardware has moved up since. */
static inline void doubt_moves(State *s, const State *before)
{
    for (int i = 0; i < WORDS; i++)
        s->w[i] |= before->w[i] & doubt_bits[i];
}

static inline void settle_all(State *s)
{
    for (int i = 0; i < WORDS; i++)
        s->w[i] &= ~in_doubt(s, i);
}

static inline bool is_assumed(const State *s)
{
    uint64_t marks = 0;
    for (int i = 0; i < WORDS; i++)
        marks |= s->w[i] & assumed_bits[i];
    return marks != 0;
}

/* The lowest state that this one may stand for. */
static inline State slowest(const State *s)
{
    State low;
    for (int i = 0; i < WORDS; i++) {
        uint64_t others = grown_bits[i] & ~(doubt_bits[i] | doubt_bits[i] >> 1);
        low.w[i] = (s->w[i] & ~others & ~(in_doubt(s, i) >> 1)) | (shrunk_bits[i] & ~assumed_bits[i]);
    }
    return low;
}

/* A wait whose condition is asked of several states in turn: `holds` is what it says of the last one. */
typedef struct {
    State *now, low;
    bool arrives; /* else the block has stopped here before */
    bool holds, stops;
    uint32_t asked;
    int word;
    uint64_t open, one; /* of that word, what is in doubt and not asked of; what was asked of last */
} Wait;

/* The wait is over: what it would have waited for has happened in each run that the state stands for. */
static inline bool settle_next(Wait *w, State **t)
{
    if (w->one && w->holds)
        w->now->w[w->word] &= ~w->one;
    while (!w->open && ++w->word < WORDS)
        w->open = in_doubt(w->now, w->word);
    w->one = w->open & -w->open;
    w->open ^= w->one;
    if (!w->one)
        return false;
    w->low = *w->now;
    w->low.w[w->word] &= ~(w->one >> 1);
    *t = &w->low;
    return true;
}

/* Points `t` at the next state that the condition is asked of. When there is none, `stops` is known, `t` as it was. */
static bool next_question(Wait *w, State **t, Worker *x)
{
    *t = w->now;
    w->asked++;
    if (w->asked == 1)
        return true;
    if (w->asked == 2) {
        w->stops = w->holds;
        w->low = slowest(w->now);
        *t = w->stops ? w->now : &w->low;
        return !w->stops;
    }
    if (w->asked == 3) {
        w->stops = w->holds && w->arrives && x->mode == FORWARD && pick(x, 2) == 1;
        if (w->stops)
            for (int i = 0; i < WORDS; i++)
                w->now->w[i] |= assumed_bits[i];
        if (w->stops || !w->holds)
            return false;
        w->word = -1;
    }
    return settle_next(w, t);
}
