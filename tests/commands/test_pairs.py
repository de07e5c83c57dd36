"""`check pairs`: which pairs reach their last lines, in which world, and what they violate."""

import functools
import json
from pathlib import Path

import pytest

from checker.engines.compilers import find_compiler
from tests.commands.conftest import MODELS, Check, Said

TILL = ["--load", str(MODELS / "till.py")]
ENGINES = [
    "python",
    pytest.param("native", marks=pytest.mark.skipif(find_compiler() is None, reason="no C compiler")),
]
OURS = """
from checker.language import Steps, operation
from till import Task, Till

@operation(Task)
def grab(k: Till, me: Task) -> Steps:
    if k.coins > 0:
        yield
        k.coins -= 1
"""


@pytest.fixture
def pairs(check: Check) -> Check:
    return functools.partial(check, "pairs")


@pytest.mark.parametrize("engine", ENGINES)
def test_the_table_names_what_each_pair_does(pairs: Check, engine: str) -> None:
    said = pairs(*TILL, "--engine", engine)
    assert said.code == 1
    table, rest = said.out.split("\n  ok ", 1)
    assert table.splitlines() == [
        "10 pairs of 4 operations in 3 worlds",
        "",
        "              1     2     3     4",
        " 1 take      ok",
        " 2 give      ok    V4",
        " 3 count     V3    V3    ok",
        " 4 tick    (1)-  (1)-  (1)-     -",
    ]
    assert "take + count: violated\n  counted-right: 3 steps, in stocked\n" in rest
    assert "give + give: violated\n  deadlock: 4 steps, in empty\n" in rest
    assert "deadlock: 1 step, in interrupted (tick alone does it too)" in rest
    assert "never: no world has an actor for each of them\n  tick + tick\n" in rest


def test_the_documentation_shows_what_is_printed(pairs: Check) -> None:
    shown = (
        (Path(__file__).parents[2] / "docs" / "pairs.md").read_text().split("```console\n")[1].split("```")[0]
    )
    command, printed = shown.split("\n", 1)
    assert command == "$ check pairs --load tests/models_for_tests/till.py"
    assert pairs(*TILL).out.startswith(printed)


def answers(said: Said) -> dict[tuple[str, ...], tuple[object, ...]]:
    return {
        tuple(pair["operations"]): (
            pair["answer"],
            next(iter(pair["worlds"].values()), None),
            pair["states"],
            pair["not_reached"],
            [(each["property"], each["steps"], each["alone"]) for each in pair["violations"]],
        )
        for pair in json.loads(said.out)["pairs"]
    }


def test_the_engines_agree(pairs: Check) -> None:
    said = {engine: answers(pairs(*TILL, "--json", "--engine", engine)) for engine in ("native", "python")}
    without_states = {
        engine: {pair: (*values[:2], *values[3:]) for pair, values in found.items()}
        for engine, found in said.items()
    }
    assert without_states["native"] == without_states["python"]
    assert said["native"]["take", "take"][:2] == ("holds", "stocked")  # in `empty` none gets a coin
    assert said["native"]["take", "give"][:2] == ("holds", "empty")


def test_a_users_operation_has_a_row_of_its_own_and_its_race_is_found(pairs: Check, tmp_path: Path) -> None:
    file = tmp_path / "grab.py"
    file.write_text(OURS)
    said = pairs(*TILL, "--load", str(file), "--with", "grab", "--json")
    found = answers(said)
    assert said.code == 2  # -1 coins: no value of the type
    assert set(found) == {
        ("take", "grab"),
        ("give", "grab"),
        ("count", "grab"),
        ("grab", "grab"),
        ("tick", "grab"),
    }
    assert found["give", "grab"][:2] == ("holds", "empty")
    assert found["grab", "grab"][0] == "model error"
    text = pairs(*TILL, "--load", str(file), "--with", "grab")
    assert text.out.splitlines()[0] == "5 pairs of 5 operations in 3 worlds"
    assert text.out.splitlines()[2:8] == [
        "              5",
        " 1 take       E",
        " 2 give      ok",
        " 3 count     V3",
        " 4 tick    (1)-",
        " 5 grab       E",
    ]
    assert ": `coins` out of range (0 .. 2); 6 steps, in stocked" in " ".join(text.out.split())


def test_who_needs_the_other_only_to_have_something_to_do_is_told_apart(pairs: Check, tmp_path: Path) -> None:
    """In `empty` it takes a coin of the other's; in `stocked` there is one."""
    file = tmp_path / "miscount.py"
    file.write_text(
        "from checker.language import Steps, operation, when\nfrom till import Task, Till\n"
        "@operation(Task)\ndef miscount(k: Till, me: Task) -> Steps:\n"
        "    when(k.coins > 0 and not k.counting)\n    k.counting, k.counted = True, 0\n"
        "    yield\n    k.counting = False\n"
    )
    asked = (*TILL, "--load", str(file), "--with", "miscount")
    found = {tuple(pair["operations"]): pair for pair in json.loads(pairs(*asked, "--json").out)["pairs"]}
    (wrong,) = found["give", "miscount"]["violations"]
    assert (wrong["world"], wrong["alone"], wrong["alone_in"]) == ("empty", "miscount", "stocked")
    (wrong,) = found["take", "miscount"]["violations"]
    assert (wrong["world"], wrong["alone"], wrong["alone_in"]) == ("stocked", "miscount", "stocked")
    text = pairs(*asked).out
    assert " 1 take        (1)\n 2 give        [3]\n" in text
    assert "\n  [n]  violated, in n steps; in another world one of the two alone does it too\n" in text
    assert "counted-right: 3 steps, in empty (miscount alone does it too, in stocked)" in text


def test_each_family_is_tried_and_an_actor_may_be_limited(pairs: Check, tmp_path: Path) -> None:
    file = tmp_path / "families.py"
    file.write_text(
        "from checker.language import Pairs\nfrom till import Task, count, stocked, take\n"
        "Pairs('limited', between=(Task[0], Task[1]), family='other',\n"
        "      only={Task[1]: [count]}, initial=stocked)\n"
    )
    pairs = json.loads(pairs(*TILL, "--load", str(file), "--json").out)["pairs"]
    worlds = {tuple(pair["operations"]): pair["worlds"] for pair in pairs}
    assert worlds["take", "count"] == {"": "stocked", "other": "limited"}
    assert worlds["take", "take"] == {"": "stocked"}
    assert worlds["take", "give"] == {"": "empty"}


LARGE = """
from checker.language import Index, Pairs, Range, Steps, operation, state, when

class Task(Index, size=2): ...

@state
class Clock:
    left: Range(0, 9)
    stuck: bool

def long(k: Clock) -> None:
    k.left = 9

def short(k: Clock) -> None:
    k.left = 1

@operation(Task)
def tick(k: Clock, me: Task) -> Steps:
    when(k.left > 0)
    k.left -= 1
    yield
    if not k.stuck:
        yield

Pairs("long", between=(Task[0], Task[1]), initial=long)
Pairs("short", between=(Task[0], Task[1]), initial=short, instead_of="long")
"""


@pytest.mark.parametrize(
    ("limit", "world", "answer"),
    [(1000, "long", "holds"), (20, "short", "holds"), (5, "short", "incomplete")],
)
def test_another_world_takes_the_place_of_one_that_took_too_long(
    pairs: Check, tmp_path: Path, limit: int, world: str, answer: str
) -> None:
    file = tmp_path / "large.py"
    file.write_text(LARGE)
    said = pairs("--load", str(file), "--json", "--max-states", str(limit))
    (pair,) = json.loads(said.out)["pairs"]
    assert (pair["worlds"], pair["answer"]) == ({"": world}, answer)


@pytest.mark.parametrize(("standing_in", "answer"), [(True, "holds"), (False, "incomplete")])
def test_it_takes_its_place_although_nothing_comes_to_its_end_in_either(
    pairs: Check, tmp_path: Path, standing_in: bool, answer: str
) -> None:
    """The two meet in the world of another family."""
    stuck = LARGE.replace("k.left = 9", "k.left = 9; k.stuck = True").replace(
        "= 1\n", "= 1; k.stuck = True\n", 1
    )
    if not standing_in:
        stuck = stuck.replace('Pairs("short"', 'Pairs("short", family="another"').replace(
            ', instead_of="long"', ""
        )
    file = tmp_path / "large.py"
    file.write_text(
        stuck + "\ndef free(k: Clock) -> None:\n    k.left = 1\n"
        'Pairs("free", between=(Task[0], Task[1]), initial=free, family="other")\n'
    )
    (pair,) = json.loads(pairs("--load", str(file), "--json", "--max-states", "20").out)["pairs"]
    assert (pair["worlds"], pair["answer"]) == ({"other": "free"}, answer)


@pytest.mark.parametrize("replaced", ["missing", "stocked"])
def test_a_world_that_is_to_be_replaced_is_one_of_the_family_before_it(
    pairs: Check, tmp_path: Path, replaced: str
) -> None:
    file = tmp_path / "wrong.py"
    file.write_text(
        "from checker.language import Pairs\nfrom till import Task, empty\n"
        f"Pairs('w', between=(Task[0], Task[1]), initial=empty, family='f', instead_of='{replaced}')\n"
    )
    said = pairs(*TILL, "--load", str(file))
    assert said.code == 2 and f"instead_of='{replaced}' is no world of its family before it" in said.err


def test_a_list_of_the_models_leaves_no_operation_of_a_users_out(pairs: Check, tmp_path: Path) -> None:
    """But what it replaces is one of the model's."""
    file = tmp_path / "handlers.py"
    file.write_text(
        "from checker.language import Pairs\nfrom till import Task, count, stocked\n"
        "Pairs('limited', between=(Task[0], Task[1]), family='other',\n"
        "      only={Task[1]: [count]}, initial=stocked)\n"
    )
    mine = tmp_path / "mine.py"
    mine.write_text(
        "from checker.language import Steps, operation\nfrom till import Task, Till, give\n"
        "@operation(Task)\ndef audit(k: Till, me: Task) -> Steps:\n    k.served[me] = True\n"
        "    yield\n    k.served[me] = False\n"
        "@operation(Task, replaces=give)\ndef donate(k: Till, me: Task) -> Steps:\n"
        "    yield from give(k, me)\n"
    )
    said = pairs(*TILL, "--load", str(file), "--load", str(mine), "--json")
    worlds = {tuple(pair["operations"]): pair["worlds"] for pair in json.loads(said.out)["pairs"]}
    assert worlds["audit", "audit"]["other"] == "limited" == worlds["take", "audit"]["other"]
    assert "other" not in worlds["take", "donate"]


def test_two_operations_show_their_traces_and_how_to_see_them_again(pairs: Check) -> None:
    said = pairs("count", "take", *TILL)
    assert said.code == 1
    assert "WARNING" in said.out and "violated" in said.out
    assert f"check pairs count take --load {TILL[1]}" in " ".join(said.out.replace("\\", "").split())
    assert said.out.count("counted-right: 3 steps") == 1


def test_why_names_the_switches_that_repair_a_pair(pairs: Check) -> None:
    door = ("--load", str(MODELS / "door.py"), "--design", "v1", "enter", "enter")
    said = pairs(*door, "--why", "--json")
    (pair,) = json.loads(said.out)["pairs"]
    (found,) = (each["trace"] for each in pair["violations"] if each["property"] == "alone")
    assert any(
        text.startswith("with --set locks=true --set worn=false it holds in task-task: enter + enter")
        for text in found["remedies"]
    )
    plain = json.loads(pairs(*door, "--json").out)["pairs"]
    assert all(each["trace"]["remedies"] == [] for each in plain[0]["violations"])
    two_locks = pairs("--load", str(MODELS / "two_locks.py"), "one_way", "other_way", "--why")
    assert two_locks.code == 1 and "What would make it hold" not in two_locks.out


def test_a_limit_leaves_cells_open(pairs: Check) -> None:
    said = pairs("give", "take", *TILL, "--max-states", "2")
    assert said.code == 3
    assert "incomplete: the search ended early: state limit" in said.out
    assert "\n  give + take\n" in said.out


@pytest.mark.parametrize(
    "words, text",
    [
        (["--with", "tkae"], "there is no operation `tkae` (did you mean `take`?)"),
        (
            ["--engine", "symbolic"],
            "not for --engine symbolic",
        ),
        (["--why"], "--why is for the traces of two operations: name them"),
        (["take"], "name two operations, or one --with OPERATION, or none for all pairs"),
    ],
)
def test_wrong_requests(pairs: Check, words: list[str], text: str) -> None:
    said = pairs(*words, *TILL)
    assert said.code == 2
    assert text in said.err


def test_a_model_without_declared_worlds_has_one_for_each_kind_of_actors(pairs: Check) -> None:
    said = pairs("--load", str(MODELS / "two_locks.py"), "--json")
    found = answers(said)
    assert found["one_way", "other_way"] == ("violated", "task-task", 9, [], [("deadlock", 4, None)])
    assert found["one_way", "one_way"][:2] == ("holds", "task-task")
    assert pairs("--load", str(MODELS / "two_locks.py")).out.startswith(
        "3 pairs of 2 operations in 1 world\n"
    )


def test_who_never_starts_is_told_from_who_does_not_come_to_the_end(pairs: Check, tmp_path: Path) -> None:
    file = tmp_path / "idle.py"
    file.write_text(
        "from checker.language import Steps, operation, when\nfrom till import Task, Till\n"
        "@operation(Task)\ndef idle(k: Till, me: Task) -> Steps:\n"
        "    when(k.counting and not k.counting)\n    yield\n"
        "@operation(Task)\ndef refused(k: Till, me: Task) -> Steps:\n"
        "    if not k.counting or k.counting:\n        return\n    yield\n"
    )
    asked = (*TILL, "--load", str(file), "idle", "refused")
    said = pairs(*asked)
    assert said.code == 3 and "never: never started: idle; last line not reached: refused\n" in said.out
    (pair,) = json.loads(pairs(*asked, "--json").out)["pairs"]
    assert (pair["not_started"], pair["not_reached"]) == (["idle"], ["idle", "refused"])


def test_holds_names_the_operations_that_never_met(check: Check, tmp_path: Path) -> None:
    file = tmp_path / "apart.py"
    file.write_text(
        "from checker.language import Scenario\nfrom till import Irq, Task, count, give, take, tick\n"
        "Scenario('two', runs={Task[0]: [take], Task[1]: [take]}, actions=[])\n"
    )
    answered = check(*TILL, "--load", str(file), "--property", "deadlock")
    said = " ".join(answered.out.split())
    assert answered.code == 0 and (
        "- 8 of 9 pairs of operations never ran on two actors of one scenario (check pairs tries them): "
        "take + give, take + count, take + tick, give + give, and 4 more" in said
    )
