/*
 * The forward search: successors are looked up in batches, and new ones kept.
 */

/* False if the codes must be widened: then the whole batch is put in again, and what is in is known by then.
 *
 * Two rounds: the first looks at the home buckets, which have come in by now, drops most states that are
 * known, and fetches what the others need next. */
static inline __attribute__((always_inline)) bool insert_batch(Worker *x, bool shared)
{
    Engine *e = x->engine;
    Store *store = &e->store;
    uint64_t added = 0;
    bool done = true;
    uint8_t left[BATCH];
    uint32_t count = 0;
#if WORDS == 1
    for (uint32_t i = 0; i < x->pending; i++) {
        left[count] = (uint8_t)i;
        count += !is_at_home(store, x->batch + i, x->hash[i]);
    }
#else
    uint64_t slot[BATCH];
    for (uint32_t i = 0; i < x->pending; i++)
        slot[i] = likely_slot(store, x->hash[i]);
    for (uint32_t i = 0; i < x->pending; i++) {
        left[count] = (uint8_t)i;
        count += !slot[i] || !is_at(store, place_in(slot[i]), x->batch + i);
    }
#endif
    for (uint32_t i = 0; i < count && done; i++) {
        const State *s = x->batch + left[i];
        uint64_t place = shared ? next_place(x) : e->count + added;
        Inserted inserted = insert(store, s, x->hash[left[i]], place, shared);
        done = inserted != NO_CODE;
        if (inserted != NEW)
            continue;
        added++;
        if (shared)
            x->free_place++;
#if !EAGER /* else not before it is known which are kept */
        check_new(x, s);
#endif
    }
    if (!shared)
        e->count += added;
    else if (added)
        __atomic_fetch_add(&e->count, added, __ATOMIC_RELAXED);
    return done;
}

/* Is there room for a batch? If not, it is made, once all threads ask for it. */
static bool has_room(Worker *x)
{
    Engine *e = x->engine;
    if (UNLIKELY(__atomic_load_n(&e->count, __ATOMIC_RELAXED) >= __atomic_load_n(&e->trigger, __ATOMIC_RELAXED)))
        e->shared ? park(x) : make_room(e);
    poll_stop(e);
    if (x->batches++ % 64 == 0)
        poll_clock(e);
    return !has_ended(e);
}

static __attribute__((noinline)) void flush_forward(Worker *x)
{
    Engine *e = x->engine;
    while (has_room(x)) {
        if (LIKELY(e->shared ? insert_batch(x, true) : insert_batch(x, false))) {
            x->flushed += x->pending;
            x->pending = 0;
            x->table = e->store.table;
            x->buckets = e->store.buckets;
            return;
        }
        __atomic_store_n(&e->trigger, 0, __ATOMIC_RELAXED);
    }
    x->pending = 0; /* what is left of this state's successors is not looked at */
    x->abandon = true;
}

static __attribute__((noinline)) void expand_state(Worker *x, const State *s)
{
    x->from = s;
    x->fault = 0;
    x->abandon = false;
    expand(s, x);
}

static void expand_place(Worker *x, uint64_t place)
{
    State s = state_at(&x->engine->store, place);
    expand_state(x, &s);
}

static void note_progress(Worker *x)
{
    Run *run = x->engine->run;
    uint64_t produced = x->flushed + x->pending;
    __atomic_fetch_add(&run->transitions, produced - x->noted, __ATOMIC_RELAXED);
    x->noted = produced;
    __atomic_store_n(&run->states, __atomic_load_n(&x->engine->count, __ATOMIC_RELAXED), __ATOMIC_RELAXED);
}

static void forward_job(Worker *x)
{
    Engine *e = x->engine;
    uint64_t low, high;
    x->mode = e->run->cause ? CAUSES : FORWARD;
    x->table = e->store.table;
    x->buckets = e->store.buckets;
    while (!has_ended(e) && next_chunk(e, &low, &high)) {
        for (uint64_t i = low; i < high && !has_ended(e); i++) {
            State s = state_at(&e->store, i);
            uint64_t produced = x->flushed + x->pending + x->cuts;
            expand_state(x, &s);
            if (ANY_SUCCESSOR && !EAGER && UNLIKELY(x->flushed + x->pending + x->cuts == produced) && !x->abandon)
                record_states(x, &s, FIND_GOAL, e->findings[FIND_GOAL].found ? 0 : 1);
        }
        poll_clock(e);
        note_progress(x);
    }
    flush_forward(x);
    note_progress(x);
}
