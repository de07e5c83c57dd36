/* A TLB shootdown. The same model as shootdown.py, shootdown.m and Shootdown.tla.
 *
 * One process per CPU, whose only location is the head of its loop: every step is
 * a d_step, so the reachable states are exactly those of the variables below.
 * SPIN cannot choose a page within a d_step, hence one option per page (and per
 * other CPU), written out by the macros. The invariant can break only where a page
 * becomes free, so it is asserted there rather than by a monitor process.
 */
#ifndef CPUS
#define CPUS 2
#define PAGES 2
#define INITIATORS 2
#endif

#define MAPPED 0
#define UNMAPPING 1
#define FREE 2

#define NONE 0
#define SENT 1
#define TAKEN 2
#define ACKED 3

byte entry[PAGES];                  /* the page's page-table entry */
byte tlb[CPUS];                     /* bit p: page p can be translated */
bool interrupts_off[CPUS];
bool busy[INITIATORS];
byte victim[INITIATORS];            /* the page being unmapped, 0 when not busy */
byte request[INITIATORS * CPUS];

#define REQUEST(i, c) request[(i) * CPUS + (c)]
#define WORKING(c) ((c) < INITIATORS && busy[c])
#define MAY_INITIATE (_pid < INITIATORS && !busy[_pid])

#define FILL(p) \
  :: d_step { entry[p] == MAPPED -> tlb[_pid] = tlb[_pid] | (1 << p) }
#define MAP(p) \
  :: d_step { MAY_INITIATE && entry[p] == FREE -> entry[p] = MAPPED }
#define CLEAR(p) \
  :: d_step { MAY_INITIATE && entry[p] == MAPPED -> \
       entry[p] = UNMAPPING; busy[_pid] = true; victim[_pid] = p }
#define PAGE(p) FILL(p) MAP(p) CLEAR(p)

#define SEND(c) \
  :: d_step { WORKING(_pid) && c != _pid && REQUEST(_pid, c) == NONE -> REQUEST(_pid, c) = SENT }
#define TAKE(i) \
  :: d_step { REQUEST(i, _pid) == SENT && !interrupts_off[_pid] -> \
       tlb[_pid] = tlb[_pid] & ~(1 << victim[i]); REQUEST(i, _pid) = TAKEN }
#define ACKNOWLEDGE(i) \
  :: d_step { REQUEST(i, _pid) == TAKEN -> REQUEST(i, _pid) = ACKED }
#define INITIATOR(i) TAKE(i) ACKNOWLEDGE(i)

#define ANSWERED(c) (c == _pid || REQUEST(_pid, c) == ACKED)
#define GONE(c) (!(tlb[c] & (1 << victim[_pid])))
#define FORGET(c) REQUEST(_pid, c) = NONE

#if CPUS == 2
#define ALL_ANSWERED (ANSWERED(0) && ANSWERED(1))
#define ALL_GONE (GONE(0) && GONE(1))
#define FORGET_ALL FORGET(0); FORGET(1)
#else
#define ALL_ANSWERED (ANSWERED(0) && ANSWERED(1) && ANSWERED(2))
#define ALL_GONE (GONE(0) && GONE(1) && GONE(2))
#define FORGET_ALL FORGET(0); FORGET(1); FORGET(2)
#endif

active [CPUS] proctype cpu()
{
  do
  PAGE(0)
#if PAGES > 1
  PAGE(1)
#endif
#if PAGES > 2
  PAGE(2)
#endif
#if PAGES > 3
  PAGE(3)
#endif
#if PAGES > 4
  PAGE(4)
#endif
#if PAGES > 5
  PAGE(5)
#endif
  :: d_step { !interrupts_off[_pid] && !WORKING(_pid) -> interrupts_off[_pid] = true }
  :: d_step { interrupts_off[_pid] && !WORKING(_pid) -> interrupts_off[_pid] = false }
  SEND(0)
  SEND(1)
#if CPUS > 2
  SEND(2)
#endif
  INITIATOR(0)
#if INITIATORS > 1
  INITIATOR(1)
#endif
#if INITIATORS > 2
  INITIATOR(2)
#endif
  :: d_step { WORKING(_pid) && ALL_ANSWERED ->
       tlb[_pid] = tlb[_pid] & ~(1 << victim[_pid]);
       entry[victim[_pid]] = FREE;
       assert(ALL_GONE);
       busy[_pid] = false; victim[_pid] = 0;
       FORGET_ALL }
  od
}
