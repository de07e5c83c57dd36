----------------------------- MODULE Shootdown -----------------------------
(* A TLB shootdown. The same model as shootdown.py, shootdown.pml and         *)
(* shootdown.m: CPUs 0..Cpus-1, of which the first Initiators may unmap pages. *)
EXTENDS Naturals

CONSTANTS Cpus, Pages, Initiators

Cpu == 0 .. Cpus - 1
Page == 0 .. Pages - 1
Initiator == 0 .. Initiators - 1

VARIABLES
  entry,          \* the page's page-table entry: mapped, unmapping or free
  tlb,            \* the pages that a CPU can translate
  interruptsOff,  \* the CPUs with interrupts off
  busy,           \* the initiators at work
  victim,         \* the page being unmapped, 0 when not busy
  request         \* one request per initiator and target

vars == <<entry, tlb, interruptsOff, busy, victim, request>>

Nobody == [c \in Cpu |-> "none"]

Init ==
  /\ entry = [p \in Page |-> "mapped"]
  /\ tlb = [c \in Cpu |-> {}]
  /\ interruptsOff = {}
  /\ busy = {}
  /\ victim = [i \in Initiator |-> 0]
  /\ request = [i \in Initiator |-> Nobody]

Fill(c, p) ==
  /\ entry[p] = "mapped"
  /\ tlb' = [tlb EXCEPT ![c] = @ \cup {p}]
  /\ UNCHANGED <<entry, interruptsOff, busy, victim, request>>

DisableInterrupts(c) ==
  /\ c \notin interruptsOff
  /\ c \notin busy
  /\ interruptsOff' = interruptsOff \cup {c}
  /\ UNCHANGED <<entry, tlb, busy, victim, request>>

EnableInterrupts(c) ==
  /\ c \in interruptsOff
  /\ c \notin busy
  /\ interruptsOff' = interruptsOff \ {c}
  /\ UNCHANGED <<entry, tlb, busy, victim, request>>

Map(i, p) ==
  /\ i \notin busy
  /\ entry[p] = "free"
  /\ entry' = [entry EXCEPT ![p] = "mapped"]
  /\ UNCHANGED <<tlb, interruptsOff, busy, victim, request>>

Clear(i, p) ==
  /\ i \notin busy
  /\ entry[p] = "mapped"
  /\ entry' = [entry EXCEPT ![p] = "unmapping"]
  /\ busy' = busy \cup {i}
  /\ victim' = [victim EXCEPT ![i] = p]
  /\ UNCHANGED <<tlb, interruptsOff, request>>

Send(i, c) ==
  /\ i \in busy
  /\ c # i
  /\ request[i][c] = "none"
  /\ request' = [request EXCEPT ![i][c] = "sent"]
  /\ UNCHANGED <<entry, tlb, interruptsOff, busy, victim>>

Take(i, c) ==
  /\ request[i][c] = "sent"
  /\ c \notin interruptsOff
  /\ tlb' = [tlb EXCEPT ![c] = @ \ {victim[i]}]
  /\ request' = [request EXCEPT ![i][c] = "taken"]
  /\ UNCHANGED <<entry, interruptsOff, busy, victim>>

Acknowledge(i, c) ==
  /\ request[i][c] = "taken"
  /\ request' = [request EXCEPT ![i][c] = "acked"]
  /\ UNCHANGED <<entry, tlb, interruptsOff, busy, victim>>

Finish(i) ==
  /\ i \in busy
  /\ \A c \in Cpu \ {i} : request[i][c] = "acked"
  /\ tlb' = [tlb EXCEPT ![i] = @ \ {victim[i]}]
  /\ entry' = [entry EXCEPT ![victim[i]] = "free"]
  /\ busy' = busy \ {i}
  /\ victim' = [victim EXCEPT ![i] = 0]
  /\ request' = [request EXCEPT ![i] = Nobody]
  /\ UNCHANGED interruptsOff

Next ==
  \/ \E c \in Cpu :
       \/ DisableInterrupts(c)
       \/ EnableInterrupts(c)
       \/ \E p \in Page : Fill(c, p)
  \/ \E i \in Initiator :
       \/ \E p \in Page : Map(i, p) \/ Clear(i, p)
       \/ \E c \in Cpu : Send(i, c) \/ Take(i, c) \/ Acknowledge(i, c)
       \/ Finish(i)

Spec == Init /\ [][Next]_vars

NoStaleTlb == \A p \in Page : entry[p] = "free" => \A c \in Cpu : p \notin tlb[c]
=============================================================================
