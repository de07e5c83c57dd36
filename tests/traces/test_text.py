"""The lockdep form: plain ASCII, 75 columns, one column per CPU."""

import dataclasses

from checker.language import Index
from checker.traces.changes import Change
from checker.traces.columns import WIDTH, Style, column_starts
from checker.traces.json_form import json_of
from checker.traces.text import lines_of, plain
from checker.traces.trace import Standing, Trace, TraceStep, Why, lanes_of
from checker.traces.wrapping import wrapped


class Page(Index, size="pages"):
    pass


def step(number: int, lane: str, text: str, **more: object) -> TraceStep:
    plain = TraceStep(
        number=number,
        kind="start",
        lane=lane,
        actor=lane.lower(),
        operation="free_page",
        text=text,
        place=f"model/pages.py:{number}",
        line="k.page[page].free = True",
        function="free_page",
        finished=False,
        chosen=(),
        assumed=(),
        changes=(Change("page[0].free", False, True),),
    )
    return dataclasses.replace(plain, **more)  # type: ignore[arg-type]


def trace(*steps: TraceStep, **more: object) -> Trace:
    plain = Trace(
        name="no-stale-tlb",
        kind="invariant",
        heading="WARNING",
        title="possible corruption",
        sentence="page0 was freed while cpu1 can still translate it",
        concrete=True,
        message="",
        location="",
        witness={"page": Page[0]},
        lanes=lanes_of(steps),
        steps=steps,
        inside=(Standing("cpu0", (("free_page", "model/pages.py:3"),), "while k.locked"),),
        initial=(("page[0].free", False),),
        final=(("page[0].free", True),),
        context={"design": "v2", "command": "check --property no-stale-tlb --design v2"},
    )
    return dataclasses.replace(plain, **more)  # type: ignore[arg-type]


TWO = trace(
    step(1, "CPU0", "mermap_get(page0)"),
    step(2, "CPU1", "<fill_tlb(page0)>", kind="action"),
    step(3, "CPU0", "mermap_put()", kind="resume", finished=True),
)


def test_the_form_that_developers_know() -> None:
    lines = list(lines_of(TWO))
    assert lines[:5] == [
        "=" * 58,
        "WARNING: possible corruption  [no-stale-tlb, v2]",
        "-" * 58,
        "page0 was freed while cpu1 can still translate it",
        "",
    ]
    head = lines.index("     CPU0                            CPU1")
    assert lines[head + 1] == "     ----                            ----"
    assert lines[head + 2] == "  1  mermap_get(page0)"
    assert lines[head + 3] == "  2                                  <fill_tlb(page0)>"
    assert lines[head + 4] == "  3  mermap_put()"
    assert lines[head + 5] == "     free_page() returns"
    assert "       page[0].free: False -> True" in lines
    assert lines[-2:] == ["again:", "  check --property no-stale-tlb --design v2"]


def test_nothing_is_wider_than_a_mail_or_not_ascii() -> None:
    long = (
        "a_function_with_a_rather_long_name(page0, page1, page2, va3, cpu4, MAPPED, True, False, None, task0)"
    )
    steps = [step(number, f"CPU{number % 7}", long, line=long * 3) for number in range(1, 120)]
    wide = trace(
        *steps,
        sentence="a long sentence " * 20,
        name="a-property-with-a-name-that-does-not-fit-beside-its-title-on-one-line",
        context={"design": "v2", "command": "check can '" + "x " * 90 + "'", "switches": "a=b, " * 60},
    )
    for line in lines_of(wide):
        assert line.isascii()
        assert len(line) <= WIDTH or line.startswith("  '")  # a quoted word of a command is never broken
        assert line == line.rstrip()


def test_a_long_text_in_the_right_column_stays_there() -> None:
    text = "<fill_tlb(page0, page1, page2, page3, page4)>"
    lines = list(lines_of(trace(step(1, "CPU0", "a()"), step(2, "CPU1", text))))
    at = lines.index("  2  " + " " * 32 + "<fill_tlb(page0, page1, page2, page3,")
    assert lines[at + 1] == " " * 39 + "page4)>"


def test_columns_are_in_the_order_of_the_cpus() -> None:
    assert lanes_of([step(1, "CPU10", "a"), step(2, "CPU2", "b"), step(3, "CPU0", "c")]) == (
        "CPU0",
        "CPU2",
        "CPU10",
    )
    assert column_starts(["CPU0"]) == [5]
    assert all(start + 12 <= WIDTH for start in column_starts([f"CPU{number}" for number in range(20)]))


def test_columns_stand_closer_where_words_are_long() -> None:
    lanes = [f"CPU{number}" for number in range(4)]
    assert column_starts(lanes, longest=44)[-1] + 44 + 2 <= WIDTH
    assert column_starts(lanes, longest=200) == [5, 10, 15, 20]


def test_a_word_that_is_too_long_ends_after_one_of_its_parts() -> None:
    assert wrapped("spin_lock_irqsave(zone0), x", 14) == ["spin_lock_", "  irqsave(", "  zone0), x"]
    assert (
        wrapped("  a b", 14) == ["  a b"]
        and wrapped("a  b", 14, "- ") == ["- a  b"]
        and wrapped("", 14) == []
    )
    assert wrapped("a b", 14) == ["a b"] and wrapped("x" * 30, 14) == [
        "x" * 12,
        "  " + "x" * 12,
        "  " + "x" * 6,
    ]
    assert all(len(line) <= 14 for line in wrapped("set_direct_map_valid_noflush(page0, 1, False): DONE", 14))


def test_two_actors_in_one_column_are_told_apart() -> None:
    lines = list(
        lines_of(trace(step(1, "CPU0", "a()", actor="task0"), step(2, "CPU0", "b()", actor="task1")))
    )
    assert "  1  task0: a()" in lines and "  2  task1: b()" in lines


def test_no_columns_where_nobody_acts() -> None:
    lines = list(lines_of(trace(step(1, "", "<pour()>", kind="action", actor=""))))
    assert "  1  <pour()>" in lines and "----" not in lines[5]


def test_an_assumed_step_makes_it_conditional() -> None:
    conditional = trace(step(1, "CPU0", "a()", assumed=("the lock is fair",)))
    assert "CONDITIONAL: the trace takes an assumed step: the lock is fair" in list(lines_of(conditional))
    assert json_of(conditional)["conditional"] is True


def test_an_initial_state_that_is_wrong_already() -> None:
    assert "  the initial state itself" in list(lines_of(trace()))


def test_json_says_the_same() -> None:
    found = json_of(TWO)
    assert found["property"] == "no-stale-tlb" and found["conditional"] is False
    assert found["witness"] == {"page": "page0"}
    assert [each["lane"] for each in found["steps"]] == ["CPU0", "CPU1", "CPU0"]
    assert found["steps"][0]["changes"] == [{"path": "page[0].free", "old": False, "new": True}]


def test_letters_stay_as_they_were_written_and_nothing_steers_the_terminal() -> None:
    sentence = "caf\u00e9 \u2014 page \u2192 1 \x1b[31m"
    lines = list(lines_of(trace(step(1, "CPU0", "a()"), sentence=sentence)))
    assert "caf\u00e9 \u2014 page \u2192 1 \\x1b[31m" in lines
    assert plain(sentence).startswith("caf\\xe9 - page -> 1")


def test_a_title_that_is_too_long_is_wrapped_not_cut() -> None:
    title = " and ".join(f"k.page[Page[{number}]].free" for number in range(5))
    text = " ".join(" ".join(lines_of(trace(step(1, "CPU0", "a()"), title=title))).split())
    assert f"WARNING: {title} [no-stale-tlb, v2]" in text


def explained(**more: object) -> Trace:
    why = Why(1, ("step 1 made it possible",), ("-> #0 task0 waits", "-> #1 task1 waits"))
    return dataclasses.replace(TWO, explain=lambda: why, **more)  # type: ignore[arg-type]


def test_the_steps_that_matter_are_marked_and_explained() -> None:
    lines = list(lines_of(explained()))
    assert "  1* mermap_get(page0)" in lines
    assert "  3! mermap_put()" in lines
    assert "     * step 1 made it possible   ! step 3 shows it" in lines
    at = lines.index("the existing dependency chain is a circle:")
    assert lines[at + 1 : at + 4] == ["-> #0 task0 waits", "-> #1 task1 waits", " *** DEADLOCK ***"]
    at = lines.index("Why:")
    assert lines[at + 1] == "  - step 1 made it possible"


def test_without_an_explanation_nothing_is_marked() -> None:
    text = "\n".join(lines_of(TWO))
    assert "made it possible" not in text and "  1  mermap_get" in text and "Why:" not in text


def about(entry: str, path: str, number: int) -> TraceStep:
    change = Change(path, False, True, frozenset({entry}))
    return step(number, "CPU0", f"step_{number}()", changes=(change,))


def test_one_entry_is_followed_and_the_rest_summarised() -> None:
    steps = [about(f"page{number // 3}", f"page[{number // 3}].free", number) for number in range(1, 9)]
    for entry in ("page1", "page[1]", "page[1].free"):
        lines = list(lines_of(trace(*steps), Style(follow=entry)))
        shown = [line for line in lines if "step_" in line]
        assert shown == ["  3  step_3()", "  4  step_4()", "  5  step_5()"], entry
        assert f"     ... 2 more, not about {entry}" in lines
        assert f"     ... 3 more, not about {entry}" in lines
        assert sum("page[" in line and "->" in line for line in lines) == 3
    assert not any("step_" in line for line in lines_of(trace(*steps), Style(follow="page[1].fr")))


def test_what_is_marked_is_shown_whatever_is_followed() -> None:
    lines = list(lines_of(explained(), Style(follow="page7")))
    assert "  1* mermap_get(page0)" in lines and "     ... 1 more, not about page7" in lines


def test_whole_states_mark_what_has_changed() -> None:
    whole = trace(
        about("page0", "page[0].free", 1),
        about("page1", "page[1].free", 2),
        initial=(("page[0].free", False), ("page[1].free", False), ("locked", True)),
    )
    lines = list(lines_of(whole, Style(verbose=True)))
    at = lines.index("  2  model/pages.py:2  cpu0 free_page")
    assert lines[at + 1 : at + 4] == [
        "       page[0]: free=True",
        "       page[1]: *free=True",
        "       locked=True",
    ]
