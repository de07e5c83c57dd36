"""Python source → typed IR → C."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from checker.compiler.compile import compile_program
    from checker.compiler.program import Program

__all__ = ["Program", "compile_program"]


def __getattr__(name: str) -> Any:
    """Imported when they are used: a program that was compiled before needs no compiler."""
    if name == "compile_program":
        from checker.compiler.compile import compile_program

        return compile_program
    if name == "Program":
        from checker.compiler.program import Program

        return Program
    raise AttributeError(name)
