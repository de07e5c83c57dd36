/*
 * A search that can be gone on with. What is saved is one that stands still, between two levels or between two
 * chunks of one: every state of the array before `expanded` has been expanded, and no other.
 *
 * A file is: the text of Python, which says what was asked, with a checksum of its own; a Standing; where the levels
 * start; the states, or the dictionaries of their words and then their codes; a checksum of all but the text. The
 * table is made again from the states. A new file is written beside the old one and then takes its name, so that
 * whoever kills the process leaves one of them whole.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#ifndef SAVING_SHARE
#define SAVING_SHARE 20 /* one part in so many is spent on saving */
#endif

enum { PIECE = 1 << 24 }; /* bytes, between two looks at Ctrl-C */

/* All but the states. Written as it is, for the same program on the same kind of machine, however it is compiled. */
typedef struct Standing {
    uint64_t count, levels, expanded, buckets, nanoseconds, left_out;
    uint64_t met; /* in the level that is being expanded, see engine.h */
#if WORDS > 1
    Numbering numbering[WORDS]; /* when it is written */
    uint64_t units;
#endif
    uint64_t rest[];
} Standing;

/* What the rest is, one after the other. */
static uint64_t *stood_fired(Standing *s)
{
    return s->rest;
}

static uint64_t *stood_true(Standing *s)
{
    return stood_fired(s) + N_BLOCKS;
}

static uint64_t *stood_false(Standing *s)
{
    return stood_true(s) + N_CONDITIONS;
}

static uint64_t *stood_passed(Standing *s)
{
    return stood_false(s) + N_CONDITIONS;
}

static Finding *stood_findings(Standing *s)
{
    return (Finding *)(stood_passed(s) + N_MARKS);
}

/* Of the level that is being expanded. */
static Finding *stood_pending(Standing *s)
{
    return stood_findings(s) + N_FINDINGS;
}

static uint64_t standing_bytes(void)
{
    return sizeof(Standing) + (N_BLOCKS + 2 * N_CONDITIONS + N_MARKS) * sizeof(uint64_t) + 2 * N_FINDINGS * sizeof(Finding);
}

static bool standing_open(Engine *e)
{
    if (e->run->save_file)
        e->standing = calloc(1, standing_bytes());
    return e->standing || !e->run->save_file;
}

/* Note where the search stands: no thread is at work, and the next state to be expanded is this one. */
static COLD void stand(Engine *e, uint64_t expanded)
{
    Standing *s = e->standing;
    if (!s)
        return;
    uint64_t *fired = stood_fired(s), *held = stood_true(s), *failed = stood_false(s);
    Finding *pending = stood_pending(s);
    memset(s, 0, standing_bytes());
    s->count = e->count;
    s->levels = e->levels;
    s->expanded = expanded;
    s->buckets = e->store.buckets;
    s->left_out = e->run->left_out;
    memcpy(stood_findings(s), e->findings, N_FINDINGS * sizeof(Finding));
    for (uint32_t w = 0; w < e->worker_count; w++) {
        const Worker *x = e->workers + w;
        for (uint32_t i = 0; i < N_BLOCKS; i++)
            fired[i] += x->fired[i];
        for (uint32_t i = 0; i < N_CONDITIONS; i++) {
            held[i] += x->condition[i][true];
            failed[i] += x->condition[i][false];
        }
        for (uint32_t i = 0; i < N_FINDINGS; i++)
            if (x->findings[i].found && smaller_finding(x->findings + i, pending + i))
                pending[i] = x->findings[i];
        s->met = x->met && (!s->met || x->met < s->met) ? x->met : s->met;
    }
    for (uint32_t i = 0; i < N_MARKS; i++)
        stood_passed(s)[i] = __atomic_load_n(passed + i, __ATOMIC_RELAXED);
}

/* ---- writing ---- */

static uint64_t checksum(uint64_t sum, const uint64_t *words, uint64_t bytes)
{
    for (uint64_t i = 0; i < bytes / sizeof *words; i++)
        sum = folded_product(sum ^ words[i] ^ UINT64_C(0x9e3779b97f4a7c15), UINT64_C(0xd1b54a32d192ed03));
    return sum;
}

/* False with errno set; EINTR if a second Ctrl-C says not to wait for it. */
static bool write_piece(Engine *e, int file, const void *from, uint64_t bytes, uint64_t *sum)
{
    for (uint64_t done = 0; done < bytes;) {
        uint64_t piece = bytes - done < PIECE ? bytes - done : PIECE;
        const char *at = (const char *)from + done;
        if (__atomic_load_n(&e->run->stop, __ATOMIC_RELAXED) > 1) {
            errno = EINTR;
            return false;
        }
        if (sum)
            *sum = checksum(*sum, (const uint64_t *)at, piece);
        for (uint64_t written = 0; written < piece;) {
            ssize_t n = write(file, at + written, piece - written);
            if (n < 0 && errno != EINTR)
                return false;
            written += n > 0 ? (uint64_t)n : 0;
        }
        done += piece;
    }
    return true;
}

/* In whole words, as all that is summed up. */
static uint64_t array_bytes(const Store *store, uint64_t states)
{
    return (states * state_bytes(store) + sizeof(uint64_t) - 1) & ~(sizeof(uint64_t) - 1);
}

static COLD bool write_states(Engine *e, int file, uint64_t *sum)
{
    const Store *store = &e->store;
    bool written = true;
#if WORDS > 1
    for (int i = 0; i < WORDS && written; i++) {
        const Dictionary *d = store->codes.of + i;
        written = d->n.whole || write_piece(e, file, d->values, d->n.count * sizeof *d->values, sum);
    }
#endif
    return written && write_piece(e, file, store->array, array_bytes(store, e->standing->count), sum);
}

static COLD bool write_file(Engine *e, int file)
{
    const Run *run = e->run;
    Standing *s = e->standing;
    uint64_t sum = 0;
#if WORDS > 1
    for (int i = 0; i < WORDS; i++)
        s->numbering[i] = e->store.codes.of[i].n;
    s->units = e->store.codes.units;
#endif
    return write_piece(e, file, run->save_text, run->save_text_length, NULL) &&
           write_piece(e, file, s, standing_bytes(), &sum) &&
           write_piece(e, file, e->level_start, (s->levels + 1) * sizeof *e->level_start, &sum) &&
           write_states(e, file, &sum) && write_piece(e, file, &sum, sizeof sum, NULL) && fsync(file) == 0;
}

/* A rename is kept only when the folder has been written, too. */
static COLD void keep_name(const char *path)
{
    char folder[4096];
    const char *slash = strrchr(path, '/');
    snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - path) + 1 : 1, slash ? path : ".");
    int file = open(folder, O_RDONLY | O_DIRECTORY);
    if (file < 0)
        return;
    fsync(file);
    close(file);
}

/* Saving takes a small part of the time. */
static void set_save_time(Engine *e, uint64_t taken)
{
    uint64_t rest = SAVING_SHARE * taken;
    uint64_t pause = e->run->save_nanoseconds > rest ? e->run->save_nanoseconds : rest;
    e->save_at = e->standing ? now() + pause : UINT64_MAX;
}

/* Where the search stood last. What goes wrong is told, and costs no more than the file. */
static COLD void save(Engine *e)
{
    Run *run = e->run;
    uint64_t begun = now();
    e->standing->nanoseconds = run->nanoseconds + (begun - e->begun);
    int file = open(run->save_unfinished, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool done = file >= 0 && write_file(e, file);
    int why = errno;
    if (file >= 0)
        close(file);
    if (done && rename(run->save_unfinished, run->save_file) != 0) {
        done = false;
        why = errno;
    }
    if (done) {
        keep_name(run->save_file);
        run->saves++;
    } else if (file >= 0)
        unlink(run->save_unfinished);
    run->save_error = done ? 0 : (uint64_t)why;
    set_save_time(e, now() - begun);
}

/* ---- reading ---- */

static bool read_piece(int file, void *to, uint64_t bytes, uint64_t *sum)
{
    for (uint64_t done = 0; done < bytes;) {
        ssize_t n = read(file, (char *)to + done, bytes - done < PIECE ? bytes - done : PIECE);
        if (n == 0 || (n < 0 && errno != EINTR))
            return false;
        done += n > 0 ? (uint64_t)n : 0;
    }
    *sum = checksum(*sum, to, bytes);
    return true;
}

/* How the states are stored, and how many values the dictionaries have. False if that cannot be. */
static COLD bool take_codes(Engine *e, uint64_t *values)
{
#if WORDS > 1
    const Standing *s = e->standing;
    Codes *c = &e->store.codes;
    c->units = (uint32_t)s->units;
    for (int i = 0; i < WORDS; i++) {
        const Numbering *n = s->numbering + i;
        if (!numbering_is_sound(n, s->units))
            return false;
        c->of[i].n = *n;
        *values += n->whole ? 0 : n->count;
    }
#endif
    (void)e, (void)values;
    return true;
}

static COLD bool read_states(Engine *e, int file, uint64_t *sum)
{
    Store *store = &e->store;
    bool done = true;
#if WORDS > 1
    for (int i = 0; i < WORDS && done; i++) {
        Dictionary *d = store->codes.of + i;
        uint32_t count = d->n.count;
        if (d->n.whole)
            continue;
        d->n.count = 0;
        done = dictionary_grow(d, d->n.room) && read_piece(file, d->values, count * sizeof *d->values, sum);
        d->n.count = count;
        done = done && dictionary_grow(d, d->n.room);
    }
#endif
    return done && read_piece(file, store->array, array_bytes(store, e->standing->count), sum);
}

/* What is read must be as long as it says, and add up. */
static COLD bool read_file(Engine *e, int file)
{
    Standing *s = e->standing;
    struct stat about;
    uint64_t sum = 0, expected, unused = 0;
    if (fstat(file, &about) != 0 || lseek(file, (off_t)e->run->resume_offset, SEEK_SET) < 0 ||
        !read_piece(file, s, standing_bytes(), &sum))
        return false;
    uint64_t left = (uint64_t)about.st_size - e->run->resume_offset - standing_bytes(), values = 0;
    if (s->levels == 0 || s->levels >= left / sizeof(uint64_t) || !take_codes(e, &values) ||
        s->count > left / state_bytes(&e->store) || array_bytes(&e->store, s->count) > e->store.reserved ||
        left != (s->levels + 2 + values) * sizeof(uint64_t) + array_bytes(&e->store, s->count))
        return false;
    e->level_room = s->levels + 64;
    e->level_start = malloc(e->level_room * sizeof *e->level_start);
    return e->level_start && read_piece(file, e->level_start, (s->levels + 1) * sizeof(uint64_t), &sum) &&
           read_states(e, file, &sum) &&
           read_piece(file, &expected, sizeof expected, &unused) && sum == expected;
}

/* The table over the states that were read. No state is there twice. */
static bool fill_table(Engine *e)
{
    Store *store = &e->store;
    for (uint64_t low = 0; low < e->count; low += BATCH) {
        uint64_t hash[BATCH], size = e->count - low < BATCH ? e->count - low : BATCH;
        for (uint64_t i = 0; i < size; i++) {
            if (!is_code(store, low + i))
                return false;
            State s = state_at(store, low + i);
            hash[i] = hash_state(&s);
            __builtin_prefetch(store->table + SLOTS * high_product(hash[i], store->buckets), 1);
        }
        for (uint64_t i = 0; i < size; i++) {
            State s = state_at(store, low + i);
            if (insert(store, &s, hash[i], low + i, false) != NEW)
                return false;
        }
    }
    return true;
}

static COLD void take_up(Engine *e)
{
    Standing *s = e->standing;
    Worker *x = e->workers;
    e->levels = s->levels;
    e->expanded = s->expanded;
    e->run->nanoseconds = e->run->nanoseconds_before = s->nanoseconds;
    e->run->left_out = s->left_out;
    memcpy(e->findings, stood_findings(s), N_FINDINGS * sizeof(Finding));
    pass_over_found(e);
    memcpy(x->findings, stood_pending(s), N_FINDINGS * sizeof(Finding));
    x->met = s->met;
    memcpy(x->fired, stood_fired(s), N_BLOCKS * sizeof *x->fired);
    for (uint32_t i = 0; i < N_CONDITIONS; i++) {
        x->condition[i][true] = stood_true(s)[i];
        x->condition[i][false] = stood_false(s)[i];
    }
    for (uint32_t i = 0; i < N_BLOCKS - N_HARDWARE; i++)
        x->flushed += x->fired[i];
    for (uint32_t i = 0; i < N_MARKS; i++)
        passed[i] = (uint8_t)stood_passed(s)[i];
}

/* False if the file is damaged. Where there is less memory now, the search ends at once. */
static COLD bool resume(Engine *e)
{
    int file = open(e->run->resume_file, O_RDONLY | O_CLOEXEC);
    bool whole = file >= 0 && read_file(e, file);
    if (file >= 0)
        close(file);
    if (!whole)
        return false;
    e->store.buckets = e->standing->buckets;
    e->count = e->standing->count;
    take_up(e);
    if (store_bytes(&e->store, e->count, e->store.buckets) > e->run->max_bytes) {
        end(e, MEMORY_LIMIT);
        return true;
    }
    return fill_table(e);
}
