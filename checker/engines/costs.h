/*
 * What steps cost. After a whole search Python may ask for its graph: each transition with what it is and what it
 * costs; the dearest paths are looked for there. Random walks add up what they pay as they go.
 */
#if N_COSTS > 0

enum { LABEL_SLOTS = 1 << 16 };

/* What is known of a transition besides its two states. Few differ, so each is kept once. */
typedef struct {
    uint32_t block, actor, ends; /* ends: the actor is in no operation afterwards */
    uint32_t paid[N_COSTS];
} Label;

/* Shared with Python, see costs.py: the transitions of state i are first[i] .. first[i + 1] - 1. */
typedef struct {
    uint64_t states, initial, transitions, label_count;
    uint64_t *first;
    uint32_t *to, *label;
    Label *labels;
} Graph;

typedef struct Collecting {
    Graph *graph;
    uint32_t *number; /* by place: which state it is */
    uint32_t *slots;  /* of a hash table: 0, or the number of a label and 1 */
    uint64_t room;    /* for transitions */
    bool broken;
} Collecting;

/* Of all faults the smallest number, whichever thread is first. */
static COLD void note_cost_fault(Run *run, uint64_t fault)
{
    uint64_t known = __atomic_load_n(&run->cost_fault, __ATOMIC_RELAXED);
    while ((known == 0 || fault < known) &&
           !__atomic_compare_exchange_n(&run->cost_fault, &known, fault, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        ;
}

static void pay(Worker *x, const State *before, const State *after, uint32_t paid[N_COSTS])
{
    for (int i = 0; i < N_COSTS; i++) {
        x->fault = 0;
        paid[i] = (uint32_t)cost_of(i, before, after, x);
        if (UNLIKELY(x->fault != 0))
            note_cost_fault(x->engine->run, x->fault);
        x->fault = 0;
    }
}

static uint32_t number_of(Collecting *c, const Label *label)
{
    uint64_t hash = 0;
    const uint32_t *words = (const uint32_t *)label;
    for (size_t i = 0; i < sizeof *label / sizeof *words; i++)
        hash = folded_product(hash ^ words[i], UINT64_C(0x9e3779b97f4a7c15));
    for (uint32_t at = hash % LABEL_SLOTS;; at = (at + 1) % LABEL_SLOTS) {
        uint32_t known = c->slots[at];
        if (known && memcmp(c->graph->labels + known - 1, label, sizeof *label) == 0)
            return known - 1;
        if (known)
            continue;
        if (c->graph->label_count + 1 == LABEL_SLOTS) {
            c->broken = true;
            return 0;
        }
        c->graph->labels[c->graph->label_count] = *label;
        c->slots[at] = (uint32_t)++c->graph->label_count;
        return c->slots[at] - 1;
    }
}

static void collect_observe(Worker *x, const State *to, uint32_t block, uint32_t actor)
{
    Collecting *c = x->collecting;
    Graph *g = c->graph;
    uint64_t place = find(&x->engine->store, to, hash_state(to));
    if (g->transitions == c->room || place == UINT64_MAX) {
        c->broken = true;
        return;
    }
    Label label = {.block = block, .actor = actor, .ends = is_idle(to, block, actor)};
    pay(x, x->from, to, label.paid);
    g->to[g->transitions] = c->number[place];
    g->label[g->transitions++] = number_of(c, &label);
}

static bool collecting_open(Engine *e, Collecting *c)
{
    Graph *g = c->graph;
    uint64_t room = places(&e->store, e->count);
    c->room = e->run->transitions;
    c->number = calloc(room, sizeof *c->number);
    c->slots = calloc(LABEL_SLOTS, sizeof *c->slots);
    g->first = calloc(e->count + 1, sizeof *g->first);
    g->to = calloc(c->room + 1, sizeof *g->to);
    g->label = calloc(c->room + 1, sizeof *g->label);
    g->labels = calloc(LABEL_SLOTS, sizeof *g->labels);
    return c->number && c->slots && g->first && g->to && g->label && g->labels;
}

EXPORTED int explore_graph(Run *run, Graph *graph);
EXPORTED void explore_graph_free(Graph *graph);

/* 0, or 1 if the memory does not suffice. Of a search that is whole and not reduced. */
int explore_graph(Run *run, Graph *graph)
{
    Engine *e = run->engine;
    Collecting c = {.graph = graph};
    Worker *x = aligned_alloc(64, (sizeof *x + 63) / 64 * 64);
    bool all = collecting_open(e, &c) && x && e->count < UINT32_MAX;
    if (all) {
        memset(x, 0, sizeof *x);
        x->engine = e;
        x->mode = COLLECT;
        x->collecting = &c;
        graph->states = e->count;
        graph->initial = e->level_start[1];
        for (uint64_t i = 0; i < e->count; i++) {
            State s = state_at(&e->store, i);
            c.number[find(&e->store, &s, hash_state(&s))] = (uint32_t)i;
        }
        for (uint64_t i = 0; i < e->count && !c.broken; i++) {
            graph->first[i] = graph->transitions;
            expand_place(x, i);
        }
        graph->first[e->count] = graph->transitions;
    }
    free(x);
    free(c.number);
    free(c.slots);
    return all && !c.broken ? 0 : 1;
}

void explore_graph_free(Graph *graph)
{
    free(graph->first);
    free(graph->to);
    free(graph->label);
    free(graph->labels);
}
#endif
