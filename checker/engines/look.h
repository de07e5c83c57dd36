/* One look at a bucket of the table: eight slots at once. */
#if defined(__SANITIZE_THREAD__)
#define WATCHED_THREADS 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define WATCHED_THREADS 1
#endif
#endif

/* Which of a bucket's slots are empty, and which others have these bits, as bit masks. Other threads may fill
 * empty slots meanwhile, so each slot is read once: one seen empty by one
 * read and filled by the next would be missed. Vector loads are whole in each of their 8 bytes. */
typedef struct {
    uint32_t empty, equal;
} Look;

#if defined(__AVX512F__) && !defined(WATCHED_THREADS)
typedef long long Lanes __attribute__((vector_size(64), may_alias));
static inline uint32_t lanes_equal(Lanes a, Lanes b)
{
    return (uint8_t)__builtin_ia32_cmpq512_mask(a, b, 0, (uint8_t)-1);
}
static inline Look look(const uint64_t *line, uint64_t mask, uint64_t value)
{
    const Lanes zero = {0}, v = *(const volatile Lanes *)line;
    uint32_t empty = lanes_equal(v, zero);
    return (Look){empty, lanes_equal(v & (long long)mask, zero + (long long)value) & ~empty};
}
#elif defined(__AVX2__) && !defined(WATCHED_THREADS)
typedef long long Lanes __attribute__((vector_size(32), may_alias));
typedef double Signs __attribute__((vector_size(32)));
static inline uint32_t lanes_equal(Lanes a, Lanes b)
{
    return (uint32_t)__builtin_ia32_movmskpd256((Signs)(a == b));
}
static inline Look look(const uint64_t *line, uint64_t mask, uint64_t value)
{
    const Lanes zero = {0}, low = *(const volatile Lanes *)line, high = *(const volatile Lanes *)(line + 4);
    const Lanes wanted = zero + (long long)value;
    uint32_t empty = lanes_equal(low, zero) | lanes_equal(high, zero) << 4;
    uint32_t equal =
        lanes_equal(low & (long long)mask, wanted) | lanes_equal(high & (long long)mask, wanted) << 4;
    return (Look){empty, equal & ~empty};
}
#else
static inline Look look(const uint64_t *line, uint64_t mask, uint64_t value)
{
    Look seen = {0, 0};
    for (int i = 0; i < SLOTS; i++) {
        uint64_t slot = __atomic_load_n(line + i, __ATOMIC_ACQUIRE);
        seen.empty |= (uint32_t)(slot == 0) << i;
        seen.equal |= (uint32_t)((slot & mask) == value && slot != 0) << i;
    }
    return seen;
}
#endif
