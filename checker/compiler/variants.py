"""Several programs in one: a rewritten syntax tree may ask which variant of the program is being run.

A tree has no name for that, since the model's functions know nothing of it, so the question is a constant of
a class of its own: `if Variant(3): ... else: ...`, or `Variant(3) != condition`, which negates a condition.
All analyses see both branches, so what they find is sound for every variant.
"""

from __future__ import annotations

import ast


class Variant(int):
    """As a condition: is this the variant that is being run?  0 is the model as it stands."""


def asked_for(node: ast.AST) -> int | None:
    """The variant that an expression asks for, if it does."""
    if isinstance(node, ast.Constant) and isinstance(node.value, Variant):
        return int(node.value)
    return None


def negation(node: ast.AST) -> tuple[int, ast.expr] | None:
    """The variant that negates a condition, and the condition."""
    if isinstance(node, ast.Compare):
        variant = asked_for(node.left)
        if variant is not None:
            return variant, node.comparators[0]
    return None
