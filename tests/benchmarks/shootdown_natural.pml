/* A TLB shootdown as one writes it for SPIN: an IPI is a message, what only one CPU knows is a local variable,
 * and each channel says who reads it, which is what partial order reduction goes by.
 */
#ifndef CPUS
#define CPUS 2
#define PAGES 2
#define INITIATORS 2
#endif

mtype = { MAPPED, UNMAPPING, FREE };

mtype entry[PAGES] = MAPPED;
byte tlb[CPUS];                     /* bit p: page p can be translated */
chan ipi[CPUS] = [INITIATORS] of { byte, byte };
chan ack[CPUS] = [CPUS] of { byte };

#define CACHED(c, p) (tlb[c] & (1 << (p)))
#define FLUSH(c, p) tlb[c] = tlb[c] & ~(1 << (p))

#define FILL(p) :: d_step { entry[p] == MAPPED -> tlb[me] = tlb[me] | (1 << p) }
#define CLEAR(p) :: d_step { entry[p] == MAPPED -> entry[p] = UNMAPPING; victim = p }
#define REUSE(p) :: d_step { entry[p] == FREE -> entry[p] = MAPPED }

#if PAGES == 2
#define EACH_PAGE(what) what(0) what(1)
#elif PAGES == 3
#define EACH_PAGE(what) what(0) what(1) what(2)
#else
#define EACH_PAGE(what) what(0) what(1) what(2) what(3)
#endif

proctype hardware(byte me)
{
  do
  EACH_PAGE(FILL)
  od
}

proctype cpu(byte me)
{
  byte victim, page, sender, other, answers;
  bool interrupts_off;
  chan mine = ipi[me];
  chan answered = ack[me];
  xr mine;
  xr answered;

  do
  EACH_PAGE(REUSE)
  :: interrupts_off = !interrupts_off
  :: !interrupts_off && nempty(mine) ->
       mine?sender,page;
       FLUSH(me, page);
       ack[sender]!me
  :: me < INITIATORS && !interrupts_off ->
       if
       EACH_PAGE(CLEAR)
       fi;
       other = 0;
       do
       :: other < CPUS && other != me -> ipi[other]!me,victim; other++
       :: other == me -> other++
       :: other == CPUS -> break
       od;
       answers = 0;
       do
       :: answers < CPUS - 1 && nempty(answered) -> answered?other; answers++
       :: answers < CPUS - 1 && nempty(mine) ->
            mine?sender,page;
            FLUSH(me, page);
            ack[sender]!me
       :: answers == CPUS - 1 -> break
       od;
       FLUSH(me, victim);
       entry[victim] = FREE;
       other = 0;
       do
       :: other < CPUS -> assert(!CACHED(other, victim) || entry[victim] != FREE); other++
       :: other == CPUS -> break
       od;
       victim = 0; page = 0; sender = 0; other = 0; answers = 0
  od
}

init {
  atomic {
    byte c = 0;
    do
    :: c < CPUS -> run cpu(c); run hardware(c); c++
    :: c == CPUS -> break
    od
  }
}
