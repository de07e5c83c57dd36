-- A TLB shootdown. The same model as shootdown.py, shootdown.pml and Shootdown.tla.
--
-- A page is mapped (its entry is present), unmapping (the entry was cleared and
-- a shootdown is under way) or free. Hardware fills a TLB from a present entry
-- whenever it likes. An initiator clears the entry, sends one request to every
-- other CPU, waits for all acknowledgements, flushes its own TLB, frees the page.
-- A CPU takes a request only with its interrupts on.

const
  CPUS: 2;
  PAGES: 2;
  INITIATORS: 2;

type
  Cpu: 0 .. CPUS - 1;
  Page: 0 .. PAGES - 1;
  Initiator: 0 .. INITIATORS - 1;
  Entry: enum { Mapped, Unmapping, Free };
  Request: enum { None, Sent, Taken, Acked };

var
  entry: array [Page] of Entry;
  tlb: array [Cpu] of array [Page] of boolean;
  interrupts_off: array [Cpu] of boolean;
  busy: array [Initiator] of boolean;
  victim: array [Initiator] of Page;
  request: array [Initiator] of array [Cpu] of Request;

function working(c: Cpu): boolean;
begin
  return c < INITIATORS & busy[c];
end;

function all_acknowledged(i: Initiator): boolean;
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
  end;
  for i: Initiator do
    busy[i] := false;
    victim[i] := 0;
    for c: Cpu do
      request[i][c] := None;
    end;
  end;
end;

ruleset c: Cpu; p: Page do
  rule "fill" entry[p] = Mapped ==>
  begin
    tlb[c][p] := true;
  end;
end;

ruleset c: Cpu do
  rule "disable_interrupts" !interrupts_off[c] & !working(c) ==>
  begin
    interrupts_off[c] := true;
  end;

  rule "enable_interrupts" interrupts_off[c] & !working(c) ==>
  begin
    interrupts_off[c] := false;
  end;
end;

ruleset i: Initiator; p: Page do
  rule "map" !busy[i] & entry[p] = Free ==>
  begin
    entry[p] := Mapped;
  end;

  rule "clear" !busy[i] & entry[p] = Mapped ==>
  begin
    entry[p] := Unmapping;
    busy[i] := true;
    victim[i] := p;
  end;
end;

ruleset i: Initiator; c: Cpu do
  rule "send" busy[i] & c != i & request[i][c] = None ==>
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

ruleset i: Initiator do
  rule "finish" busy[i] & all_acknowledged(i) ==>
  begin
    tlb[i][victim[i]] := false;
    entry[victim[i]] := Free;
    busy[i] := false;
    victim[i] := 0;
    for c: Cpu do
      request[i][c] := None;
    end;
  end;
end;

invariant "no_stale_tlb"
  forall p: Page do
    entry[p] = Free -> forall c: Cpu do !tlb[c][p] end
  end
