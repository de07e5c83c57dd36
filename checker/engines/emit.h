/*
 * What a block calls again and again while it runs: its choices, its successors, its failure.
 */

/* The slow paths. */
static void flush_forward(Worker *x);
static void observe(Worker *x, const State *to, uint32_t block, uint32_t actor, uint64_t arguments);
static void record_event(Worker *x, uint32_t finding, uint32_t block, uint32_t actor, uint64_t arguments);
static void record_cause(Worker *x, uint32_t finding, uint32_t block, uint32_t actor, uint64_t arguments);
static void too_many_choices(Worker *x);
static void walk_fault(Worker *x, uint32_t block, uint32_t actor, uint64_t arguments);
static void sweep_fault(Worker *x);
static void unfolding_fault(Worker *x, uint32_t block, uint32_t actor, uint64_t arguments) MAYBE_UNUSED;
#if SYMMETRY
static void canonical(State *s, uint8_t *p);
static void straighten_fault(Worker *x, uint32_t block, uint32_t actor, uint64_t arguments);
#endif

/* The next choice of this block, 0..n-1. The odometer runs the block again for every other answer. */
LINKED_INLINE uint32_t pick(Worker *x, uint32_t n)
{
    if (x->cursor == x->choices) {
        if (UNLIKELY(x->choices == MAX_CHOICES)) {
            too_many_choices(x);
            return 0;
        }
        x->choice[x->choices] = 0;
        x->limit[x->choices++] = n;
    }
    return x->choice[x->cursor++];
}

LINKED_INLINE void choices_begin(Worker *x)
{
    x->cursor = x->choices = 0;
}

/* Advance to the next vector of choices; false when all have been taken. Leaves an empty vector behind,
 * so that blocks without choices need not call choices_begin(). */
LINKED_INLINE bool choices_next(Worker *x)
{
    uint32_t n = x->cursor;
    while (n > 0 && x->choice[n - 1] + 1 == x->limit[n - 1])
        n--;
    x->cursor = 0;
    x->choices = n;
    if (UNLIKELY(x->abandon))
        x->choices = n = 0;
    if (n == 0)
        return false;
    x->choice[n - 1]++;
    return true;
}

/* A successor of x->from. It waits in the batch until the cache line of its hash has come in. */
LINKED_INLINE void emit(Worker *x, const State *to, uint32_t block, uint32_t actor, uint64_t arguments)
{
    if (UNLIKELY(x->mode != FORWARD)) {
        observe(x, to, block, actor, arguments);
        return;
    }
    x->fired[block]++;
    uint64_t bad = check_step(x->from, to, x) & x->open_steps;
#if ASSUMES_STOPS
    if (UNLIKELY(bad && is_assumed(to)))
        give_up(x, STOP_NOT_MET, 0);
#endif
    for (; UNLIKELY(bad != 0); bad &= bad - 1)
        record_event(x, FIND_STEP + (uint32_t)__builtin_ctzll(bad), block, actor, arguments);
    if (same(to, x->from)) { /* a self-loop: counted, and known without a look at the table */
        x->flushed++;
        return;
    }
#if EAGER
    State saturated = *to;
    saturate(&saturated, x);
    to = &saturated;
#endif
    uint32_t i = x->pending;
    uint64_t h = hash_state(to);
#if SEEN_BITS > 0 /* before it is made canonical, which takes long */
    State *seen = x->seen + (h >> (64 - SEEN_BITS));
    if (same(seen, to)) {
        x->flushed++;
        return;
    }
    *seen = *to;
#endif
#if SYMMETRY
    State orderly = *to;
    canonical(&orderly, NULL);
    to = &orderly;
    h = hash_state(to);
#endif
    __builtin_prefetch(x->table + 8 * high_product(h, x->buckets), 1);
    x->batch[i] = *to;
    x->hash[i] = h;
    x->pending = i + 1;
    if (UNLIKELY(i + 1 == BATCH))
        flush_forward(x);
}

/* x->fault was set in this block: it ends here and has no successor. */
LINKED_INLINE void report_fault(Worker *x, uint32_t block, uint32_t actor, uint64_t arguments)
{
    x->cuts++;
    if (x->mode == FORWARD)
        record_event(x, FIND_SITE + x->fault - 1, block, actor, arguments);
    else if (x->mode == CAUSES)
        record_cause(x, FIND_SITE + x->fault - 1, block, actor, arguments);
    else if (x->mode == WALK)
        walk_fault(x, block, actor, arguments);
    else if (x->mode == SWEEP)
        sweep_fault(x);
#if EAGER
    else if (x->mode == UNFOLD)
        unfolding_fault(x, block, actor, arguments);
#endif
#if SYMMETRY
    else if (x->mode == STRAIGHTEN)
        straighten_fault(x, block, actor, arguments);
#endif
}
