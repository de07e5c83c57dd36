------------------------------ MODULE TwoPhase ------------------------------
(* Two-phase commit: the same model as ../known/models/two_phase.py. *)
EXTENDS Naturals

CONSTANT Managers

Manager == 1 .. Managers

VARIABLES progress, decision, known, messages

vars == <<progress, decision, known, messages>>

Init ==
  /\ progress = [m \in Manager |-> "working"]
  /\ decision = "open"
  /\ known = {}
  /\ messages = {}

Prepared(m) == [says |-> "prepared", from |-> m]
Order(what) == [says |-> what, from |-> 0]

Commit ==
  /\ decision = "open"
  /\ known = Manager
  /\ decision' = "commit"
  /\ messages' = messages \cup {Order("commit")}
  /\ UNCHANGED <<progress, known>>

Abort ==
  /\ decision = "open"
  /\ decision' = "abort"
  /\ messages' = messages \cup {Order("abort")}
  /\ UNCHANGED <<progress, known>>

ReceivePrepared(m) ==
  /\ decision = "open"
  /\ Prepared(m) \in messages
  /\ known' = known \cup {m}
  /\ UNCHANGED <<progress, decision, messages>>

Prepare(m) ==
  /\ progress[m] = "working"
  /\ progress' = [progress EXCEPT ![m] = "prepared"]
  /\ messages' = messages \cup {Prepared(m)}
  /\ UNCHANGED <<decision, known>>

ChooseToAbort(m) ==
  /\ progress[m] = "working"
  /\ progress' = [progress EXCEPT ![m] = "aborted"]
  /\ UNCHANGED <<decision, known, messages>>

ReceiveCommit(m) ==
  /\ Order("commit") \in messages
  /\ progress' = [progress EXCEPT ![m] = "committed"]
  /\ UNCHANGED <<decision, known, messages>>

ReceiveAbort(m) ==
  /\ Order("abort") \in messages
  /\ progress' = [progress EXCEPT ![m] = "aborted"]
  /\ UNCHANGED <<decision, known, messages>>

Next ==
  \/ Commit
  \/ Abort
  \/ \E m \in Manager :
       \/ ReceivePrepared(m)
       \/ Prepare(m)
       \/ ChooseToAbort(m)
       \/ ReceiveCommit(m)
       \/ ReceiveAbort(m)

Spec == Init /\ [][Next]_vars

Consistent == ~ \E a, b \in Manager : progress[a] = "aborted" /\ progress[b] = "committed"
=============================================================================
