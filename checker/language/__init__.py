"""The language that models and properties are written in."""

from checker.language.bounds import bounds, switch, switches
from checker.language.cost import Comparison, cost
from checker.language.errors import CheckerError, ModelError
from checker.language.index import Index
from checker.language.locks import lock
from checker.language.model import model_of
from checker.language.obligations import Region, given, obligation, requires
from checker.language.pairs import Pairs
from checker.language.place import copy_into, frozen
from checker.language.properties import always_possible, invariant, reachable, step_invariant
from checker.language.question import Question
from checker.language.replacing import replaces
from checker.language.scenario import Scenario
from checker.language.state import Record, initial, record, state
from checker.language.steps import (
    Steps,
    action,
    any_order,
    assumed,
    choose,
    enabled,
    lane,
    operation,
    running,
    suboperation,
    when,
)
from checker.language.types import Array, Range, Set
from checker.language.views import view
from checker.language.words import Signed, Unsigned, Word
from checker.language.world import World

__all__ = [
    "Array",
    "CheckerError",
    "Comparison",
    "Index",
    "ModelError",
    "Pairs",
    "Question",
    "Range",
    "Record",
    "Region",
    "Scenario",
    "Set",
    "Signed",
    "Steps",
    "Unsigned",
    "Word",
    "World",
    "action",
    "always_possible",
    "any_order",
    "assumed",
    "bounds",
    "choose",
    "copy_into",
    "cost",
    "enabled",
    "frozen",
    "given",
    "initial",
    "invariant",
    "lane",
    "lock",
    "model_of",
    "obligation",
    "operation",
    "reachable",
    "record",
    "replaces",
    "requires",
    "running",
    "state",
    "step_invariant",
    "suboperation",
    "switch",
    "switches",
    "view",
    "when",
]
