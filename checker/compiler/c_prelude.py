"""What every generated program begins with; and what one with several variants has besides."""

PRELUDE = """
/* The block that is being run: where its choices come from, and whether it went wrong. */
typedef struct {
    Worker *x;
    bool disabled;  /* `when` failed, or nothing was left to choose */
    bool wrote;     /* something was written before that */
    uint64_t result; /* of the sub-operation that has just returned */
} Step;

enum { DONE = -1 }; /* a sub-operation has returned */

static inline void set_bits(State *s, int word, int shift, uint64_t mask, uint64_t v)
{
    s->w[word] = (s->w[word] & ~(mask << shift)) | v << shift;
}

static inline void fault(Step *b, uint32_t site)
{
    if (!b->x->fault)
        b->x->fault = site;
}

static inline bool stopped(const Step *b)
{
    return b->disabled || b->x->fault;
}

/* A value in low..high; else the model is wrong here, and `low` keeps the rest of the block harmless. */
static inline int64_t in_range(Step *b, int64_t v, int64_t low, int64_t high, uint32_t site)
{
    if (LIKELY(v >= low && v <= high))
        return v;
    fault(b, site);
    return low;
}

static inline int64_t not_none(Step *b, int64_t v, int64_t none, uint32_t site)
{
    if (LIKELY(v != none))
        return v;
    fault(b, site);
    return none + 1;
}

static inline bool counted(Step *b, int condition, bool value)
{
    b->x->condition[condition][value]++;
    return value;
}

/* Python's // and %, which round down. */
static inline int64_t floor_quotient(int64_t a, int64_t b)
{
    return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

static inline int64_t floor_remainder(int64_t a, int64_t b)
{
    return a - b * floor_quotient(a, b);
}

/* The number of a signed word of so many bits; C's / and %, which round towards zero, without its traps. */
static inline int64_t extended(uint64_t v, int bits)
{
    return (int64_t)(v << (64 - bits)) >> (64 - bits);
}

static inline uint64_t word_quotient(int64_t a, int64_t b)
{
    return b == -1 ? -(uint64_t)a : (uint64_t)(a / b);
}

static inline uint64_t word_remainder(int64_t a, int64_t b)
{
    return b == -1 ? 0 : (uint64_t)(a % b);
}

static inline bool within(int pc, int first, int last)
{
    return pc >= first && pc <= last;
}

/* Where a resumed loop stands: the members of a row differ. */
static inline int position_in(const int *row, int member)
{
    int at = 0;
    while (row[at] != member)
        at++;
    return at;
}

#if N_SITES > 0
#define RUN(call, block, actor, arguments)                       \\
    do {                                                         \\
        State next = *from, *t = &next;                          \\
        step.disabled = step.wrote = false;                      \\
        x->fault = 0;                                            \\
        if ((call) && LIKELY(!x->fault))                         \\
            emit(x, t, block, actor, arguments);                 \\
        else if (UNLIKELY(x->fault))                             \\
            report_fault(x, block, actor, arguments);            \\
    } while (0)
#else
#define RUN(call, block, actor, arguments)                       \\
    do {                                                         \\
        State next = *from, *t = &next;                          \\
        step.disabled = step.wrote = false;                      \\
        if (call)                                                \\
            emit(x, t, block, actor, arguments);                 \\
    } while (0)
#endif

#define RUN_CHOICES(call, block, actor, arguments)               \\
    do {                                                         \\
        choices_begin(x);                                        \\
        do                                                       \\
            RUN(call, block, actor, arguments);                  \\
        while (choices_next(x));                                 \\
    } while (0)
"""

VARIANTS = """
/* Which variant of the program runs: set before a search, the same throughout it. `variants_met` are those
   that the search came to ask for; one that it never asked for is no different from the program itself. */
static uint32_t variant_chosen;
static uint8_t variants_met[N_VARIANTS];

static inline bool variant(uint32_t number)
{
    if (UNLIKELY(!__atomic_load_n(&variants_met[number], __ATOMIC_RELAXED)))
        __atomic_store_n(&variants_met[number], 1, __ATOMIC_RELAXED);
    return variant_chosen == number;
}

__attribute__((visibility("default"))) void choose_variant(uint32_t number)
{
    variant_chosen = number;
    memset(variants_met, 0, sizeof variants_met);
}

__attribute__((visibility("default"))) const uint8_t *met_variants(void)
{
    return variants_met;
}
"""
