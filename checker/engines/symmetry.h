/*
 * Symmetry (docs/design/symmetry.md): of the states that differ in a permutation of interchangeable members, one
 * is stored, the canonical one. Of all orders of the members of each class that sort them by their keys, it is
 * the one that makes the smallest state. Members with equal keys that can change places without changing the
 * state need no more than one order. With eager hardware it is the bottoms that count first: states that differ in the sets
 * of hardware only are then put into the same order, if that can be told from their bottoms (covered.h).
 *
 * Counterexamples. A path of canonical states is straightened: from an initial state, in each step, a successor
 * whose canonical form is the next state of the path.
 */

#ifndef MOST_ORDERS
#define MOST_ORDERS 5040 /* more are not tried: then one state may be stored as several */
#endif
#define NOTHING_AROUND 255

typedef struct {
    const State *from;
    State best;
    uint8_t order[ROOM_FOR(N_IN_CLASSES)]; /* the members of the classes, in the order in which they are put */
    uint8_t run_start[ROOM_FOR(N_IN_CLASSES)], run_end[ROOM_FOR(N_IN_CLASSES)];
    uint32_t runs;
    uint8_t p[ROOM_FOR(N_MOVED)]; /* the permutation that led to `best` */
    bool found;
} Canon;

/* The permutation that puts the members of each class in an order. */
static void permutation(const uint8_t *order, uint8_t *p)
{
    int c = 0;
    for (int i = 0; i < N_MOVED_INDEXES; i++) {
        for (int m = index_start[i]; m < index_start[i + 1]; m++) {
            int own = m - index_start[i];
            p[m] = (uint8_t)(around[m] == NOTHING_AROUND ? own : p[around[m]] * each_around[m] + own % each_around[m]);
        }
        for (; c < N_CLASSES && class_index[c] == i; c++) {
            uint8_t image[N_IN_CLASSES];
            for (int j = class_start[c]; j < class_start[c + 1]; j++)
                image[j] = p[class_member[j]];
            for (int j = class_start[c]; j < class_start[c + 1]; j++)
                p[order[j]] = image[j];
        }
    }
}

static bool is_put_first(const State *a, const State *b)
{
#if EAGER
    State low_a = *a, low_b = *b;
    to_bottom(&low_a);
    to_bottom(&low_b);
    if (!same(&low_a, &low_b))
        return less(&low_a, &low_b);
#endif
    return less(a, b);
}

static void canon_take(Canon *k)
{
    uint8_t p[N_MOVED];
    State s;
    permutation(k->order, p);
    permuted(k->from, &s, p);
    if (k->found && !is_put_first(&s, &k->best))
        return;
    k->found = true;
    k->best = s;
    memcpy(k->p, p, sizeof p);
}

static inline void canon_swap(Canon *k, int a, int b)
{
    uint8_t member = k->order[a];
    k->order[a] = k->order[b];
    k->order[b] = member;
}

/* All orders of the members of the runs from this one on. */
static void canon_orders(Canon *k, uint32_t run, int at)
{
    if (run == k->runs) {
        canon_take(k);
        return;
    }
    if (at + 1 >= k->run_end[run]) {
        canon_orders(k, run + 1, run + 1 < k->runs ? k->run_start[run + 1] : 0);
        return;
    }
    for (int other = at; other < k->run_end[run]; other++) {
        canon_swap(k, at, other);
        canon_orders(k, run, at + 1);
        canon_swap(k, at, other);
    }
}

/* Does the state stay the same if the members of a run change places? */
static bool canon_alike(const State *s, const uint8_t *order, int start, int end)
{
    for (int j = start; j + 1 < end; j++) {
        uint8_t exchanged[N_IN_CLASSES], p[N_MOVED];
        State image;
        memcpy(exchanged, class_member, sizeof exchanged);
        for (int i = 0; i < N_IN_CLASSES; i++)
            exchanged[i] = class_member[i] == order[j]       ? order[j + 1]
                           : class_member[i] == order[j + 1] ? order[j]
                                                             : class_member[i];
        permutation(exchanged, p);
        permuted(s, &image, p);
        if (!same(&image, s))
            return false;
    }
    return true;
}

static void keys_to_sort_by(const State *s, uint64_t key[N_MOVED])
{
    member_keys(s, key);
#if EAGER
    State bottom = *s;
    uint64_t of_bottom[N_MOVED];
    to_bottom(&bottom);
    member_keys(&bottom, of_bottom);
    for (int i = 0; i < N_MOVED; i++)
        key[i] = (of_bottom[i] & ~(uint64_t)UINT32_MAX) | key[i] >> 32;
#endif
}

/* Puts the canonical state in place of s; p: the permutation that led there, or NULL. */
static void canonical(State *s, uint8_t *p)
{
    uint64_t key[N_MOVED], orders = 1;
    Canon k;
    bool sorted = true;
    keys_to_sort_by(s, key);
    k.from = s;
    k.runs = 0;
    k.found = false;
    memcpy(k.order, class_member, N_IN_CLASSES);
    for (int c = 0; c < N_CLASSES; c++) {
        int start = class_start[c], end = class_start[c + 1];
        for (int j = start + 1; j < end; j++)
            for (int i = j; i > start && key[k.order[i]] < key[k.order[i - 1]]; i--) {
                canon_swap(&k, i, i - 1);
                sorted = false;
            }
        for (int j = start, first = start; j < end; j++) {
            if (j + 1 < end && key[k.order[j + 1]] == key[k.order[first]])
                continue;
            if (j > first && !canon_alike(s, k.order, first, j + 1)) {
                k.run_start[k.runs] = (uint8_t)first;
                k.run_end[k.runs++] = (uint8_t)(j + 1);
                for (int n = 2; n <= j + 1 - first; n++)
                    orders *= (uint64_t)n;
            }
            first = j + 1;
        }
    }
    if (sorted && k.runs == 0) {
        if (p)
            permutation(k.order, p);
        return;
    }
    if (orders > MOST_ORDERS)
        k.runs = 0;
    canon_orders(&k, 0, k.runs ? k.run_start[0] : 0);
    *s = k.best;
    if (p)
        memcpy(p, k.p, N_MOVED);
}
