"""What lowering makes is gone with the program: nothing of it has to wait for the garbage collector."""

from __future__ import annotations

import gc

from checker.compiler import compile_program
from checker.compiler.ir import Expr
from checker.compiler.ir_statements import Stmt
from checker.language import World, model_of

from .eager_models import FILL, HEAD, STALE, Load, operation

LEAVES_EARLY = """
def first(k: K, me: Cpu) -> Steps[bool]:
    yield
    if k.flag:
        return True
    yield
    return False

"""
NOT_PROVED = operation("early = yield from first(k, me)", "k.used[p] = p in k.tlb[me] and early")


def _left() -> int:
    return sum(isinstance(each, (Stmt, Expr)) for each in gc.get_objects())


def test_a_program_goes_without_a_collection(load: Load) -> None:
    model = model_of(load(FILL + LEAVES_EARLY + NOT_PROVED + STALE, HEAD).K)
    world = World(model, next(iter(model.scenarios)))
    gc.collect()
    gc.disable()
    try:
        before = _left()
        program = compile_program(world, list(model.properties.values()), reduced=True)
        assert "interleaved because" in program.statistics
        del program
        assert _left() == before
    finally:
        gc.enable()
