"""Words in both explicit engines, against plain integers: results are computed here and stated as claims."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checker.compiler import compile_program
from checker.engines import native, python
from checker.engines.compilers import find_compiler
from checker.engines.outcome import Limits, Outcome
from checker.language import World
from checker.language.errors import CheckerError
from checker.language.model import Model, declared_states, model_of
from checker.loading import load_file

ENGINES = [
    "python",
    pytest.param("native", marks=pytest.mark.skipif(find_compiler() is None, reason="no C compiler")),
]
NUMBER = itertools.count()

MODEL = """
from checker.language import *

@bounds
class Bounds:
    bits: int = {bits}

class One(Index, size=1): ...

W = {spec}("bits")

@record
class Results:
    plus: W
    minus: W
    times: W
    quotient: W
    rest: W
    both: W
    either: W
    differ: W
    left: W
    right: W
    negative: W
    inverse: W
    large: W
    cast: {other}
    less: bool
    most: bool
    same: bool

@state(bounds=Bounds)
class S:
    case: Range(0, {cases})
    a: W
    b: W
    n: Range(0, 63)
    r: Results

@action
def compute(s: S) -> None:
    when(s.case < {cases})
{sets}
    s.case += 1
    a, b, n = s.a, s.b, s.n
    s.r.plus, s.r.minus, s.r.times = a + b, a - b, a * b
    if b != 0:
        s.r.quotient, s.r.rest = a // b, a % b
    s.r.both, s.r.either, s.r.differ = a & b, a | b, a ^ b
    s.r.left, s.r.right = a << n, a >> n
    s.r.negative, s.r.inverse, s.r.large = -a, ~a, max(a, b)
    s.r.cast = {other}(a)
    s.r.less, s.r.most, s.r.same = a < b, a <= b, a == b

@invariant
def right(s: S) -> bool:
    return {claims}
"""


def wrapped(number: int, bits: int, signed: bool) -> int:
    number %= 1 << bits
    return number - (1 << bits) if signed and number >> (bits - 1) else number


def quotient(a: int, b: int) -> int:
    return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)


def expected(a: int, b: int, n: int, bits: int, signed: bool, other: tuple[int, bool]) -> dict[str, object]:
    exact = {
        "plus": a + b, "minus": a - b, "times": a * b, "both": a & b, "either": a | b, "differ": a ^ b,
        "left": a << n, "right": a >> n, "negative": -a, "inverse": ~a, "large": max(a, b),
    }  # fmt: skip
    if b:
        exact |= {"quotient": quotient(a, b), "rest": a - b * quotient(a, b)}
    results: dict[str, object] = {name: wrapped(value, bits, signed) for name, value in exact.items()}
    results["cast"] = wrapped(a, *other)
    return results | {"less": a < b, "most": a <= b, "same": a == b}


def model_for(folder: Path, text: str) -> Model:
    name = f"words_{next(NUMBER)}"
    file = folder / f"{name}.py"
    file.write_text(text)
    before = set(declared_states())
    load_file(str(file))
    sys.modules.pop(name)
    (state,) = set(declared_states()) - before
    return model_of(state)


def explored(model: Model, engine: str) -> Outcome:
    world, wanted = World(model), list(model.properties.values())
    if engine == "python":
        return python.explore(world, wanted, Limits(), None)
    with world:
        program = compile_program(world, wanted)
    return native.explore(program, wanted, Limits())


@pytest.mark.parametrize("engine", ENGINES)
@settings(deadline=None, max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_every_operator(engine: str, tmp_path: Path, data: st.DataObject) -> None:
    bits, signed = data.draw(st.sampled_from([1, 2, 5, 31, 32, 33, 63, 64])), data.draw(st.booleans())
    other = data.draw(st.sampled_from([1, 3, 32, 64])), data.draw(st.booleans())
    low = -(1 << (bits - 1)) if signed else 0
    high = low + (1 << bits) - 1
    numbers = st.integers(low, high) | st.sampled_from([low, high, max(low, -1), min(high, 1), 0])
    triples = data.draw(
        st.lists(st.tuples(numbers, numbers, st.integers(0, bits - 1)), min_size=1, max_size=6)
    )
    spec = "Signed" if signed else "Unsigned"
    sets, claims = [], []
    for case, (a, b, n) in enumerate(triples):
        sets.append(f"    if s.case == {case}:\n        s.a, s.b, s.n = W({a}), W({b}), {n}")
        for name, value in expected(a, b, n, bits, signed, other).items():
            claims.append(f"(s.case != {case + 1} or s.r.{name} == {value})")
    text = MODEL.format(
        bits=bits,
        spec=spec,
        other=f"{'Signed' if other[1] else 'Unsigned'}({other[0]})",
        cases=len(triples),
        sets="\n".join(sets),
        claims=" and ".join(claims),
    )
    outcome = explored(model_for(tmp_path, text), engine)
    assert outcome.complete and not outcome.violations and outcome.states == len(triples) + 1


FAULTS = """
from checker.language import *

@state
class S:
    a: Unsigned(4) | None
    b: Signed(4)

@action
def step(s: S, by: Signed(3)) -> None:
    s.a = {expression}

@invariant
def fine(s: S) -> bool:
    return s.a is None or s.a >= 0
"""


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("Unsigned(4)(12 // 4) // Unsigned(4)(by)", "a division by zero"),
        ("Unsigned(4)(1) << by", "undefined in C"),
        ("Unsigned(4)(s.b) >> Unsigned(8)(by)", "undefined in C"),
    ],
)
def test_what_c_leaves_undefined_is_a_model_error(
    engine: str, expression: str, text: str, tmp_path: Path
) -> None:
    outcome = explored(model_for(tmp_path, FAULTS.format(expression=expression)), engine)
    (violation,) = outcome.violations.values()
    assert violation.kind == "model error" and text in violation.message


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("Unsigned(4)(1) + s.b", "Unsigned(4) + Signed(4)"),
        ("Unsigned(5)(1)", "Unsigned(5)"),
        ("Unsigned(4)(1) + 16", "may not fit into Unsigned(4)"),
        ("3", "the number 3"),
        ("Unsigned(4)(s.b) if s.b else None", "only bools have a truth value"),
        ("Unsigned(4)(1) if s.b < s.a else None", "Unsigned(4)"),
        ("1 << s.b", "has no meaning"),
    ],
)
def test_silent_conversions_are_refused(expression: str, text: str, tmp_path: Path) -> None:
    model = model_for(tmp_path, FAULTS.format(expression=expression))
    with pytest.raises(CheckerError) as refused:
        explored(model, "native")
    assert text in refused.value.text and refused.value.line and refused.value.advice
