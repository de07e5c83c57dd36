"""Python source → typed IR → C."""

from checker.compiler.compile import compile_program
from checker.compiler.program import Program

__all__ = ["Program", "compile_program"]
