/*
 * How a state of several words is stored: as a code of few bits.
 *
 * Of the values that a word could have, few occur: each is kept once, in a dictionary of that word, and a code is
 * the numbers that the values have there, in as many bits as these need. A code is one or more units of 32 bits, and a
 * number never lies in two. A word with too many values for that is stored as it is, in two units.
 *
 * When a dictionary is full it gets twice the room (less, where memory is scarce), and if its numbers need more bits
 * than they have, all codes are written anew, from the last to the first, in their place. No other thread may be about
 * then; numbers never change, and the table knows states by their place and hash, so nothing else has to.
 */
#include "dictionary.h"

#ifndef MANY_VALUES
#define MANY_VALUES (UINT32_C(1) << 18) /* a dictionary of fewer is kept even if it saves nothing */
#endif

enum { UNIT_BITS = 32, MOST_UNITS = 2 * WORDS, MOST_BITS = 31, SMALLEST_PART = 16 };

typedef struct {
    Dictionary of[WORDS];
    uint32_t units; /* in a code */
} Codes;

static uint64_t codes_bytes(const Codes *c)
{
    uint64_t bytes = 0;
    for (int i = 0; i < WORDS; i++)
        bytes += bytes_of(&c->of[i].n);
    return bytes;
}

static inline uint32_t number_in(const Numbering *n, const uint32_t *code)
{
    return code[n->unit] >> n->shift & ((UINT32_C(1) << n->bits) - 1);
}

static inline uint64_t whole_in(const Numbering *n, const uint32_t *code)
{
    return code[n->unit] | (uint64_t)code[n->unit + 1] << UNIT_BITS;
}

static inline uint64_t word_in(const Dictionary *d, const uint32_t *code)
{
    return UNLIKELY(d->n.whole) ? whole_in(&d->n, code) : d->values[number_in(&d->n, code)];
}

static inline void put_number(const Numbering *n, uint32_t number, uint32_t *code)
{
    code[n->unit] |= number << n->shift;
}

static inline void put_whole(const Numbering *n, uint64_t word, uint32_t *code)
{
    code[n->unit] = (uint32_t)word;
    code[n->unit + 1] = (uint32_t)(word >> UNIT_BITS);
}

/* Writes the code of a state to its place. False if a dictionary has no room for a value. */
static inline bool encode(Codes *c, const State *s, uint32_t *place, bool shared)
{
    uint32_t code[MOST_UNITS] = {0};
    for (int i = 0; i < WORDS; i++) {
        Dictionary *d = c->of + i;
        if (UNLIKELY(d->n.whole)) {
            put_whole(&d->n, s->w[i], code);
            continue;
        }
        uint32_t number = number_of_value(d, s->w[i], shared);
        if (UNLIKELY(number == NO_NUMBER))
            return false;
        put_number(&d->n, number, code);
    }
    for (uint32_t u = 0; u < c->units; u++)
        place[u] = code[u];
    return true;
}

/* ---- how codes are laid out ---- */

static uint32_t bits_needed(const Numbering *n)
{
    return n->room > 1 ? UNIT_BITS - (uint32_t)__builtin_clz(n->room - 1) : 0;
}

/* Bits that are left of a unit go to the numbers in it, the largest ones first, so that they seldom need more. */
static void share_unit(Numbering *of, uint32_t unit, uint32_t spare)
{
    uint32_t shift = 0;
    for (; spare > 0; spare--) {
        Numbering *least = NULL;
        for (int i = 0; i < WORDS; i++) {
            Numbering *n = of + i;
            if (n->whole || n->unit != unit || n->bits == MOST_BITS)
                continue;
            if (!least || (n->bits - bits_needed(n)) * (bits_needed(least) + 1) <
                              (least->bits - bits_needed(least)) * (bits_needed(n) + 1))
                least = n;
        }
        if (!least)
            break;
        least->bits++;
    }
    for (int i = 0; i < WORDS; i++)
        if (!of[i].whole && of[i].unit == unit && of[i].bits > 0) {
            of[i].shift = shift;
            shift += of[i].bits;
        }
}

/* The largest numbers first, each into the first unit with room for it. Returns how many units that takes. */
static uint32_t lay_out_codes(Numbering *of)
{
    uint32_t used[MOST_UNITS + 1] = {0}, units = 0;
    for (int i = 0; i < WORDS; i++)
        if (of[i].whole) {
            of[i].unit = units;
            used[units] = used[units + 1] = UNIT_BITS;
            units += 2;
        }
    for (uint32_t bits = MOST_BITS + 1; bits-- > 0;)
        for (int i = 0; i < WORDS; i++) {
            Numbering *n = of + i;
            if (n->whole || bits_needed(n) != bits)
                continue;
            for (n->unit = 0; used[n->unit] + bits > UNIT_BITS;)
                n->unit++;
            n->bits = bits;
            n->shift = 0;
            used[n->unit] += bits;
            units = units > n->unit ? units : n->unit + 1;
        }
    for (uint32_t unit = 0; unit < units; unit++)
        share_unit(of, unit, UNIT_BITS - used[unit]);
    return units;
}

/* Of a file: nothing outside of a code or of 32 bits, and room for what there is. */
static MAYBE_UNUSED bool numbering_is_sound(const Numbering *n, uint64_t units)
{
    if (units == 0 || units > MOST_UNITS || n->unit >= units || n->whole > 1)
        return false;
    if (n->whole)
        return n->unit + 1 < units;
    return n->room && n->count <= n->room && n->room / 2 <= n->count && bits_needed(n) <= n->bits && n->bits <= MOST_BITS &&
           n->shift < UNIT_BITS && n->shift + n->bits <= UNIT_BITS;
}

static bool codes_open(Codes *c)
{
    bool all = true;
    memset(c, 0, sizeof *c);
    for (int i = 0; i < WORDS; i++) {
        pthread_mutex_init(&c->of[i].mutex, NULL);
        all &= dictionary_grow(c->of + i, 1);
    }
    c->units = 1;
    return all;
}

static void codes_close(Codes *c)
{
    for (int i = 0; i < WORDS; i++)
        dictionary_close(c->of + i);
}

/* ---- wider ones ---- */

/* A place that was handed out and not used may hold anything. */
static uint64_t word_before(const Dictionary *d, const Numbering *old, const uint32_t *code)
{
    uint32_t number = number_in(old, code);
    return number < d->n.count ? d->values[number] : 0;
}

/* Writes the codes anew, from the last to the first, as they may become longer. */
static void write_codes_anew(const Codes *c, const Numbering *old, uint32_t old_units, uint32_t *array, uint64_t places)
{
    for (uint64_t i = places; i-- > 0;) {
        uint32_t before[MOST_UNITS], code[MOST_UNITS] = {0};
        memcpy(before, array + i * old_units, old_units * sizeof *before);
        for (int w = 0; w < WORDS; w++) {
            const Dictionary *d = c->of + w;
            if (old[w].whole)
                put_whole(&d->n, whole_in(old + w, before), code);
            else if (d->n.whole)
                put_whole(&d->n, word_before(d, old + w, before), code);
            else
                put_number(&d->n, number_in(old + w, before), code);
        }
        memcpy(array + i * c->units, code, c->units * sizeof *code);
    }
}

/* A number and its share of the dictionary should take less than the word would. */
static bool has_too_many_values(const Numbering *n, uint64_t places)
{
    return n->room > UINT32_C(1) << (MOST_BITS - 1) || (n->count >= MANY_VALUES && n->count > places / 4);
}

/* What is wanted of each word: room for as many values more, or for a part of that. True if the codes must be laid
 * out anew for it. */
static bool plan_codes(const Codes *c, Numbering *planned, uint64_t places, uint32_t part)
{
    bool anew = false;
    for (int i = 0; i < WORDS; i++) {
        Numbering *n = planned + i;
        *n = c->of[i].n;
        if (!c->of[i].cramped)
            continue;
        n->whole = has_too_many_values(n, places);
        n->room += n->whole ? 0 : (n->room + part - 1) / part;
        anew |= n->whole || bits_needed(n) > n->bits;
    }
    return anew;
}

static uint64_t bytes_planned(const Numbering *planned, uint64_t places, uint32_t units)
{
    uint64_t bytes = whole_pages((places + 1) * (units * sizeof(uint32_t) + LINK_BYTES));
    for (int i = 0; i < WORDS; i++)
        bytes += bytes_of(planned + i);
    return bytes;
}

/* Room for the values that had none. `most`: bytes that array, links and dictionaries may take then; near that the
 * room grows in smaller steps. After false nothing can be put in any more, but all that is there can be read. */
static bool codes_widen(Codes *c, uint32_t *array, uint64_t places, uint64_t most)
{
    Numbering planned[WORDS], old[WORDS];
    uint32_t old_units = c->units, units = c->units, part = 1;
    bool anew = false, fits = false;
    for (; !fits && part <= SMALLEST_PART; part *= 4) {
        anew = plan_codes(c, planned, places, part);
        units = anew ? lay_out_codes(planned) : old_units;
        units = units < old_units ? old_units : units; /* larger numbers may fit better, but are written from the last */
        fits = bytes_planned(planned, places, units) <= most;
    }
    if (!fits)
        return false;
    for (int i = 0; i < WORDS; i++) {
        Dictionary *d = c->of + i;
        old[i] = d->n;
        if (planned[i].room > d->n.room && !dictionary_grow(d, planned[i].room)) {
            for (int grown = 0; grown < i; grown++) /* their numbers have no more bits than they had: save.h */
                c->of[grown].n = old[grown];
            return false;
        }
        d->cramped = false;
    }
    if (!anew)
        return true;
    for (int i = 0; i < WORDS; i++)
        c->of[i].n = planned[i];
    c->units = units;
    write_codes_anew(c, old, old_units, array, places);
    for (int i = 0; i < WORDS; i++)
        if (c->of[i].n.whole)
            dictionary_close(c->of + i);
    return true;
}
