/*
 * The threads. A job is one function that every thread runs until the chunks of a range of the array are
 * taken. Small jobs run on the first thread alone, with nobody to synchronise with.
 */
#ifndef SMALL_LEVEL
#define SMALL_LEVEL 2048
#endif
#ifndef SMALL_CHUNK
#define SMALL_CHUNK 256
#endif
enum {
    CHUNK = SMALL_CHUNK, /* states taken at a time */
    SMALL_JOB = SMALL_LEVEL, /* states for which waking the others costs more than it brings */
    PLACES = 64,       /* of the array, taken at a time */
};

static void team_close(Engine *e);

static inline bool next_chunk(Engine *e, uint64_t *low, uint64_t *high)
{
    if (is_pausing(e))
        return false;
    uint64_t at = __atomic_fetch_add(&e->next, CHUNK, __ATOMIC_RELAXED);
    if (at >= e->job_high)
        return false;
    *low = at;
    *high = at + CHUNK < e->job_high ? at + CHUNK : e->job_high;
    return true;
}

static void make_room(Engine *e);

/* With the mutex held: if every thread that still runs waits for room, make it. Nobody else is then at work,
 * but those that wait may be asked to help. */
static void unpark_if_all_wait(Engine *e)
{
    if (e->parked == 0 || e->parked < e->running)
        return;
    pthread_mutex_unlock(&e->mutex);
    make_room(e);
    pthread_mutex_lock(&e->mutex);
    e->parked = 0;
    e->growths++;
    pthread_cond_broadcast(&e->changed);
}

/* With the mutex held: take and do one part of a shared task. */
static bool help(Engine *e)
{
    if (e->parts_taken == e->part_count)
        return false;
    uint32_t part = e->parts_taken++;
    pthread_mutex_unlock(&e->mutex);
    e->task(e->parts, part);
    pthread_mutex_lock(&e->mutex);
    if (--e->parts_left == 0)
        pthread_cond_broadcast(&e->changed);
    return true;
}

/* Wait until all threads are out of the table; the last one enlarges it. A batch is in nobody's way: it has
 * not begun to be inserted. */
static void park(Worker *x)
{
    Engine *e = x->engine;
    pthread_mutex_lock(&e->mutex);
    uint64_t growth = e->growths;
    e->parked++;
    unpark_if_all_wait(e);
    while (e->growths == growth)
        if (!help(e))
            pthread_cond_wait(&e->changed, &e->mutex);
    pthread_mutex_unlock(&e->mutex);
}

/* Do all parts of a task, with those that wait for room. */
static void team_share(Engine *e, Task *task, void *parts, uint32_t count)
{
    pthread_mutex_lock(&e->mutex);
    e->task = task;
    e->parts = parts;
    e->part_count = e->parts_left = count;
    e->parts_taken = 0;
    if (count > 1)
        pthread_cond_broadcast(&e->changed);
    while (help(e))
        ;
    while (e->parts_left > 0)
        pthread_cond_wait(&e->changed, &e->mutex);
    e->part_count = e->parts_taken = 0;
    pthread_mutex_unlock(&e->mutex);
}

static void leave_job(Engine *e)
{
    pthread_mutex_lock(&e->mutex);
    e->running--;
    unpark_if_all_wait(e);
    if (e->running == 0)
        pthread_cond_broadcast(&e->changed);
    pthread_mutex_unlock(&e->mutex);
}

static void *team_member(void *worker)
{
    Worker *x = worker;
    Engine *e = x->engine;
    uint64_t done = 0;
    for (;;) {
        pthread_mutex_lock(&e->mutex);
        while (e->job_number == done && !e->quit)
            pthread_cond_wait(&e->changed, &e->mutex);
        done = e->job_number;
        bool quit = e->quit;
        pthread_mutex_unlock(&e->mutex);
        if (quit)
            return NULL;
        e->job(x);
        leave_job(e);
    }
}

static void team_run(Engine *e, Job *job, uint64_t low, uint64_t high)
{
    e->job_low = e->next = low;
    e->job_high = high;
    e->shared = e->worker_count > 1 && high - low >= SMALL_JOB;
    if (!e->shared) {
        job(e->workers);
        return;
    }
    pthread_mutex_lock(&e->mutex);
    e->allocated = e->count;
    e->job = job;
    e->running = e->worker_count;
    e->job_number++;
    pthread_cond_broadcast(&e->changed);
    pthread_mutex_unlock(&e->mutex);
    job(e->workers);
    leave_job(e);
    pthread_mutex_lock(&e->mutex);
    while (e->running > 0)
        pthread_cond_wait(&e->changed, &e->mutex);
    pthread_mutex_unlock(&e->mutex);
    e->shared = false;
}

/* Fewer threads than asked for is no error. */
static bool team_open(Engine *e, uint32_t threads)
{
    e->workers = aligned_alloc(64, (threads * sizeof(Worker) + 63) / 64 * 64);
    e->threads = calloc(threads, sizeof *e->threads);
    pthread_mutex_init(&e->mutex, NULL);
    pthread_cond_init(&e->changed, NULL);
    if (!e->workers || !e->threads)
        return false;
    memset(e->workers, 0, threads * sizeof(Worker));
    for (e->worker_count = 0; e->worker_count < threads; e->worker_count++) {
        Worker *x = e->workers + e->worker_count;
        x->engine = e;
        x->open_invariants = x->open_steps = x->unreached = ~UINT64_C(0);
        x->findings = calloc(AT_LEAST_ONE(N_FINDINGS), sizeof *x->findings);
        x->seen = malloc(SEEN * sizeof *x->seen);
        if (!x->findings || !x->seen)
            break;
        if (e->worker_count > 0 && pthread_create(e->threads + e->worker_count, NULL, team_member, x) != 0)
            break;
    }
    return e->worker_count > 0;
}

static void team_close(Engine *e)
{
    if (!e->workers)
        return;
    pthread_mutex_lock(&e->mutex);
    e->quit = true;
    pthread_cond_broadcast(&e->changed);
    pthread_mutex_unlock(&e->mutex);
    for (uint32_t w = 1; w < e->worker_count; w++)
        pthread_join(e->threads[w], NULL);
    for (uint32_t w = 0; w < e->worker_count; w++) {
        free(e->workers[w].findings);
        free(e->workers[w].causes);
        free(e->workers[w].seen);
    }
    free(e->workers);
    free(e->threads);
    e->workers = NULL;
}

/* ---- places of the array, with several threads ---- */

static inline uint64_t next_place(Worker *x)
{
    if (x->free_place == x->free_end) {
        x->free_place = __atomic_fetch_add(&x->engine->allocated, PLACES, __ATOMIC_RELAXED);
        x->free_end = x->free_place + PLACES;
    }
    return x->free_place;
}

static bool is_free(const Engine *e, uint64_t place)
{
    for (uint32_t w = 0; w < e->worker_count; w++)
        if (place >= e->workers[w].free_place && place < e->workers[w].free_end)
            return true;
    return false;
}

static void move_state(Store *s, uint64_t from, uint64_t to)
{
#if WORDS > 1
    State state = state_at(s, from);
    uint64_t hash = hash_state(&state);
    uint64_t *slot = find_slot(s, &state, hash);
    if (slot) /* else there was no memory to make the table larger, and the search has ended */
        *slot = slot_of(to, hash);
#endif
    memcpy((char *)s->array + to * state_bytes(s), (const char *)s->array + from * state_bytes(s), state_bytes(s));
}

/* After a level: move the last states into the places that threads took and did not use. */
static void settle(Engine *e)
{
    uint64_t last = e->allocated;
    for (uint32_t w = 0; w < e->worker_count; w++) {
        Worker *x = e->workers + w;
        for (uint64_t hole = x->free_place; hole < x->free_end && hole < e->count; hole++) {
            do
                last--;
            while (is_free(e, last));
            move_state(&e->store, last, hole);
        }
    }
    for (uint32_t w = 0; w < e->worker_count; w++)
        e->workers[w].free_place = e->workers[w].free_end = 0;
}
