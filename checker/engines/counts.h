/*
 * How many there are of each thing that a program has. Its #defines say so; the engine that is compiled without them
 * finds the same numbers in the program's object.
 */
#ifndef ENGINE_ONLY
#ifndef N_HARDWARE /* of the blocks, the last ones: those that are not interleaved */
#define N_HARDWARE 0
#endif
#ifndef N_MARKS /* last lines of operations */
#define N_MARKS 0
#endif
#ifndef N_CLASSES /* of interchangeable members, see symmetry.h */
#define N_CLASSES 0
#define N_IN_CLASSES 0
#define N_MOVED 0
#define N_MOVED_INDEXES 0
#endif
#endif

#ifdef CAPACITY
typedef struct {
    uint32_t invariants, steps, sites, goals, reachable, any_successor, blocks, hardware, conditions, marks;
    uint32_t classes, in_classes, moved, moved_indexes;
} Counts;
LINKED const Counts program_counts;
#endif

#ifdef PROGRAM_ONLY
const Counts program_counts = {
    N_INVARIANTS, N_STEPS, N_SITES, N_GOALS, N_REACHABLE, ANY_SUCCESSOR, N_BLOCKS, N_HARDWARE, N_CONDITIONS, N_MARKS,
    N_CLASSES, N_IN_CLASSES, N_MOVED, N_MOVED_INDEXES,
};
#endif

#ifdef ENGINE_ONLY
#define N_INVARIANTS program_counts.invariants
#define N_STEPS program_counts.steps
#define N_SITES program_counts.sites
#define N_GOALS program_counts.goals
#define N_REACHABLE program_counts.reachable
#define ANY_SUCCESSOR program_counts.any_successor /* 1: the first goal is that there is one */
#define N_BLOCKS program_counts.blocks
#define N_HARDWARE program_counts.hardware
#define N_CONDITIONS program_counts.conditions
#define N_MARKS program_counts.marks
#define N_CLASSES program_counts.classes
#define N_IN_CLASSES program_counts.in_classes
#define N_MOVED program_counts.moved
#define N_MOVED_INDEXES program_counts.moved_indexes
#endif

/* One list of findings for everything that can be found, in this order. */
#define FIND_INVARIANT 0
#define FIND_STEP (FIND_INVARIANT + N_INVARIANTS)
#define FIND_SITE (FIND_STEP + N_STEPS)
#define FIND_GOAL (FIND_SITE + N_SITES)
#define FIND_REACHABLE (FIND_GOAL + N_GOALS)
#define N_FINDINGS (FIND_REACHABLE + N_REACHABLE)
#define N_TRAILS (N_FINDINGS > N_BLOCKS ? N_FINDINGS : N_BLOCKS) /* traces that are looked for together */
