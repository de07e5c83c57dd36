"""A trace of 60 steps with 4 CPUs and 8 pages, as long as one that somebody still reads."""

from __future__ import annotations

from checker.language import Index
from checker.traces.changes import Change
from checker.traces.trace import Trace, TraceStep, Why, lanes_of

PAGES, CPUS, STEPS = 8, 4, 60


class Page(Index, size=PAGES): ...


HANDS = ["LISTED", "LIMBO", "CALLER", "KERNEL"]


def long_trace(steps: int = STEPS) -> Trace:
    state: dict[str, object] = {}
    for page in range(PAGES):
        state |= {f"page[{page}].hand": "LISTED", f"page[{page}].holder": None, f"page[{page}].present": True}
    for cpu in range(CPUS):
        state |= {f"cpu[{cpu}].tlb": frozenset(), f"cpu[{cpu}].request[{(cpu + 1) % CPUS}]": "NONE"}
    state |= {"zone_lock": None, "never": False}
    initial = tuple(state.items())
    made = []
    for number in range(1, steps + 1):
        cpu, page = number * 7 % CPUS, number * 3 % PAGES
        request = f"cpu[{cpu}].request[{(cpu + 1) % CPUS}]"
        if number % 5 == 0:  # the next CPU takes the request of the one before it
            cpu = (cpu + 1) % CPUS
        new = {f"page[{page}].hand": HANDS[number % 4], request: "SENT" if number % 5 else "NONE"}
        changes = tuple(
            Change(
                path, state[path], value, frozenset({f"page{page}", f"cpu{cpu}", f"cpu{(cpu + 1) % CPUS}"})
            )
            for path, value in new.items()
            if state[path] != value
        )
        state |= new
        kind = "action" if number % 6 == 0 else "start" if number % 3 == 1 else "resume"
        made.append(
            TraceStep(
                number=number,
                kind=kind,
                lane=f"CPU{cpu}",
                actor=f"cpu{cpu}",
                operation="free_page",
                text=f"<take_ipi(cpu{cpu})>"
                if kind == "action"
                else f"free_a_page_of_that_block(page{page}, {number})",
                place=f"model/pages.py:{number}",
                line="k.page[page].hand = Hand.LIMBO  # </script><script>alert(1)</script>",
                function="free_page",
                finished=number % 3 == 0 and kind != "action",
                chosen=(),
                assumed=(),
                changes=changes,
            )
        )
    return Trace(
        name="no-stale-tlb",
        kind="invariant",
        heading="WARNING",
        title="possible <corruption> & more",
        sentence="page0 was freed while cpu1 can still translate it",
        concrete=True,
        message="",
        location="properties/no_stale_tlb.py:9",
        witness={},
        lanes=lanes_of(made),
        steps=tuple(made),
        inside=(),
        initial=initial,
        final=tuple(state.items()),
        context={
            "design": "v2",
            "switches": ", ".join(f"switch_{number}=false" for number in range(40)),
            "command": "check --property no-stale-tlb --design v2",
        },
        source="def no_stale_tlb(k: Kernel) -> bool:\n    return not any(p.free & k.tlb[c] for c in Cpu)",
        remedies=("with --set flush_first=true it holds",),
        explain=lambda: Why(17, ("step 17 made it possible", f"step {steps} shows it")),
    )
