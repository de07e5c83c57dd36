"""Python expressions → typed IR."""

from checker.compiler.calls import Calls
from checker.compiler.operators import Operators
from checker.compiler.places import Places


class Expressions(Places, Operators, Calls):
    """All expressions of the language.

    They are lowered by methods of one class because they contain one another; each base holds one subject.
    """
