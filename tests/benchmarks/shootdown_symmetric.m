-- The shootdown of symmetric_shootdown.py: CPUs and pages are scalarsets, which Rumur need not tell apart.

const
  CPUS: 2;
  PAGES: 2;
  INITIATORS: 2;

type
  Cpu: scalarset(CPUS);
  Page: scalarset(PAGES);
  Entry: enum { Mapped, Unmapping, Free };
  Request: enum { None, Sent, Taken, Acked };

var
  entry: array [Page] of Entry;
  tlb: array [Cpu] of array [Page] of boolean;
  interrupts_off: array [Cpu] of boolean;
  victim: array [Cpu] of Page;
  request: array [Cpu] of array [Cpu] of Request;

function busy_cpus(): 0 .. CPUS;
var n: 0 .. CPUS;
begin
  n := 0;
  for c: Cpu do
    if !isundefined(victim[c]) then
      n := n + 1;
    end;
  end;
  return n;
end;

function all_acknowledged(i: Cpu): boolean;
begin
  for c: Cpu do
    if c != i & request[i][c] != Acked then
      return false;
    end;
  end;
  return true;
end;

startstate
begin
  for p: Page do
    entry[p] := Mapped;
  end;
  for c: Cpu do
    for p: Page do
      tlb[c][p] := false;
    end;
    interrupts_off[c] := false;
    undefine victim[c];
    for d: Cpu do
      request[c][d] := None;
    end;
  end;
end;

ruleset c: Cpu; p: Page do
  rule "fill" entry[p] = Mapped ==>
  begin
    tlb[c][p] := true;
  end;

  rule "clear" busy_cpus() < INITIATORS & isundefined(victim[c]) & entry[p] = Mapped ==>
  begin
    entry[p] := Unmapping;
    victim[c] := p;
  end;
end;

ruleset c: Cpu do
  rule "disable_interrupts" !interrupts_off[c] & isundefined(victim[c]) ==>
  begin
    interrupts_off[c] := true;
  end;

  rule "enable_interrupts" interrupts_off[c] ==>
  begin
    interrupts_off[c] := false;
  end;

  rule "finish" !isundefined(victim[c]) & all_acknowledged(c) ==>
  begin
    tlb[c][victim[c]] := false;
    entry[victim[c]] := Free;
    undefine victim[c];
    for d: Cpu do
      request[c][d] := None;
    end;
  end;
end;

ruleset i: Cpu; c: Cpu do
  rule "send" !isundefined(victim[i]) & c != i & request[i][c] = None ==>
  begin
    request[i][c] := Sent;
  end;

  rule "take" request[i][c] = Sent & !interrupts_off[c] ==>
  begin
    tlb[c][victim[i]] := false;
    request[i][c] := Taken;
  end;

  rule "acknowledge" request[i][c] = Taken ==>
  begin
    request[i][c] := Acked;
  end;
end;

ruleset p: Page do
  rule "reuse" entry[p] = Free ==>
  begin
    entry[p] := Mapped;
  end;
end;

invariant "no_stale_tlb"
  forall p: Page do
    entry[p] = Free -> forall c: Cpu do !tlb[c][p] end
  end
