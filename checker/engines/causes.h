/*
 * More than the first violation of one property. The search is the forward one, but every path ends where it
 * violates the property, so that no violation is the consequence of an earlier one on its path. For each block
 * the shallowest step is kept that is the first to violate: the smallest of its level, as for all findings.
 * Blocks can be forbidden, so that what a block brought about can be told from what happens without it.
 */

static bool is_forbidden(const Engine *e, uint32_t block)
{
    return e->run->forbidden && e->run->forbidden[block];
}

static bool is_where_it_ends(Worker *x, const State *s)
{
    uint64_t finding = x->engine->run->cause - 1;
    return finding < FIND_STEP && check_state(s, x) >> finding & 1;
}

static bool is_of_steps(const Engine *e)
{
    return e->run->cause - 1 >= FIND_STEP && e->run->cause - 1 < FIND_SITE;
}

static bool violates(Worker *x, const State *to)
{
    if (is_of_steps(x->engine))
        return check_step(x->from, to, x) >> (x->engine->run->cause - 1 - FIND_STEP) & 1;
    return is_where_it_ends(x, to);
}

/* Not a step of any path: for the modes that look for one. */
static bool is_left_out(Worker *x, const State *to, uint32_t block)
{
    return x->engine->run->cause && (is_forbidden(x->engine, block) || violates(x, to));
}

static __attribute__((noinline)) void record_cause(Worker *x, uint32_t finding, uint32_t block, uint32_t actor,
                                                   uint64_t arguments)
{
    Engine *e = x->engine;
    if (finding != e->run->cause - 1 || is_forbidden(e, block) || e->causes[block].found)
        return;
    Finding found = {.found = true, .state = *x->from, .event = event_now(x, block, actor, arguments)};
    if (smaller_finding(&found, x->causes + block))
        x->causes[block] = found;
}

/* A successor. Those that this thread produced lately, and the state it comes from, do not violate. */
static void explore_cause(Worker *x, const State *to, uint32_t block, uint32_t actor, uint64_t arguments)
{
    Engine *e = x->engine;
    if (is_forbidden(e, block))
        return;
    uint64_t h = hash_state(to);
    bool known = same(to, x->from);
#if SEEN_BITS > 0
    State *seen = x->seen + (h >> (64 - SEEN_BITS));
    known |= same(seen, to);
#endif
    if ((!known || is_of_steps(e)) && violates(x, to)) {
        record_cause(x, (uint32_t)e->run->cause - 1, block, actor, arguments);
        return;
    }
    if (known)
        return;
#if SEEN_BITS > 0
    *seen = *to;
#endif
    __builtin_prefetch(x->table + SLOTS * high_product(h, x->buckets), 1);
    x->batch[x->pending] = *to;
    x->hash[x->pending] = h;
    if (++x->pending == BATCH)
        flush_forward(x);
}

static bool causes_open(Engine *e)
{
    if (!e->run->cause)
        return true;
    e->causes = calloc(AT_LEAST_ONE(N_BLOCKS), sizeof *e->causes);
    bool all = e->causes;
    for (uint32_t w = 0; w < e->worker_count; w++) {
        e->workers[w].causes = calloc(AT_LEAST_ONE(N_BLOCKS), sizeof *e->causes);
        all &= e->workers[w].causes != NULL;
    }
    return all;
}

/* What the threads found in one level becomes known. */
static void close_causes(Engine *e, uint64_t level)
{
    for (uint32_t block = 0; block < N_BLOCKS; block++)
        for (uint32_t w = 0; w < e->worker_count; w++) {
            Finding *found = e->workers[w].causes + block;
            if (found->found && smaller_finding(found, e->causes + block)) {
                e->causes[block] = *found;
                e->causes[block].level = level;
            }
            found->found = false;
        }
}
