"""@record, @state and @initial: what the state is made of."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeVar, overload

from checker.language.declaration import Declaration, Function, caller_names
from checker.language.errors import CheckerError, DuplicateName, TypeRefused
from checker.language.model import Model, declare
from checker.language.reference import FieldDescriptor, RecordMethods
from checker.language.types import (
    NO_DEFAULT,
    EnumType,
    RecordType,
    ScalarType,
    Type,
    checker_of,
    evaluated,
    resolve,
    type_name,
)

C = TypeVar("C", bound=type)
_RESERVED = ("assign",)

if TYPE_CHECKING:

    class Record:
        """Optional base class of records, for type checkers: it says that a place has `assign`."""

        def assign(self, **values: Any) -> None:
            """Set several fields at once."""

else:

    class Record:
        """Optional base class of records, for type checkers: it says that a place has `assign`."""


class RecordFields:
    """The fields of a record class as written; resolved in a world."""

    def __init__(self, original: type, names: Mapping[str, object]) -> None:
        self.names = names
        self.module = original.__module__
        self.original = original
        self.record: type = original
        self.annotations: dict[str, object] = {}
        self.evaluated: dict[
            str, object
        ] = {}  # they may name what is declared later, so when first asked for
        self.under_way = False  # being resolved: a record cannot be a part of itself
        self.defaults: dict[str, Any] = {}
        for base in reversed(original.__mro__):
            for name, annotation in inspect.get_annotations(base).items():
                self.annotations[name] = annotation
                self.defaults[name] = base.__dict__.get(name, NO_DEFAULT)

    def resolve(self, bounds: Mapping[str, int]) -> RecordType:
        fields = []
        if self.under_way:
            raise TypeRefused(
                f"a {self.original.__name__} lies within itself",
                advice="declare an Index of them, and keep a member of it: `Slot | None`",
            )
        for name, raw in self.annotations.items():
            try:
                of = self._resolved(name, self._evaluated(name, raw), bounds)
            except CheckerError as problem:
                problem.args = (f"{self.original.__name__}.{name}: {problem.text}",)
                problem.text = problem.args[0]
                raise _located(problem, self.original, name) from None
            fields.append((name, of, self.defaults[name]))
        return RecordType(self.record, tuple(fields))

    def _evaluated(self, name: str, raw: object) -> object:
        if name not in self.evaluated:
            scope = vars(sys.modules[self.module]) if self.module in sys.modules else {}
            self.evaluated[name] = evaluated(raw, scope, self.names)
        return self.evaluated[name]

    def _resolved(self, name: str, annotation: object, bounds: Mapping[str, int]) -> Type:
        self.under_way = True
        try:
            of = resolve(annotation, bounds)
        finally:
            self.under_way = False
        if isinstance(of, EnumType) and not len(of.enum):
            raise TypeRefused(f"{of.enum.__name__} has no members", advice="write some: `BUSY = 1`")
        default = self.defaults[name]
        if default is not NO_DEFAULT and isinstance(of, ScalarType) and not checker_of(of)(default):
            raise TypeRefused(f"its default {default!r} is not a value of {type_name(of)}")
        return of


def _located(problem: CheckerError, record: type, field: str) -> CheckerError:
    """Point at the line of a field."""
    if problem.file is not None:
        return problem
    try:
        lines, first = inspect.getsourcelines(record)
        problem.file = inspect.getsourcefile(record)
    except (OSError, TypeError):
        return problem
    for offset, line in enumerate(lines):
        if line.strip().startswith(field) and line.strip()[len(field) :].lstrip().startswith((":", "=")):
            problem.line, problem.column = first + offset, line.index(field) + 1
            problem.width = len(field)
    return problem


def _record_class(original: type, names: Mapping[str, object]) -> type:
    fields = RecordFields(original, names)
    if not fields.annotations:
        raise TypeRefused(f"{original.__name__} has no fields", advice="write `name: type` in its body")
    for name, value in vars(original).items():
        if name.islower() and name not in fields.annotations and isinstance(value, bool | int | Enum):
            raise _located(
                TypeRefused(
                    f"{original.__name__}.{name} has no type, and so it is no field",
                    advice=f"write `{name}: bool = ...`, or `{name.upper()} = ...` if it is a constant",
                ),
                original,
                name,
            )
    for name in fields.annotations:
        if name in _RESERVED or name.startswith("_"):
            raise TypeRefused(f"{original.__name__}.{name}: the name is reserved")
    body: dict[str, Any] = {name: FieldDescriptor(name) for name in fields.annotations}
    body |= {
        "__module__": original.__module__,
        "__qualname__": original.__qualname__,
        "__doc__": original.__doc__,
        "__annotations__": dict(fields.annotations),
        "__record__": fields,
        "__original__": original,
    }
    bases = (original, RecordMethods)
    fields.record = type(original.__name__, bases, body)
    return fields.record


def record(cls: C) -> C:
    """Make a class with annotated fields a record."""
    return _record_class(cls, caller_names())  # type: ignore[return-value]


@overload
def state(cls: C) -> C: ...
@overload
def state(*, bounds: type | None = None, design: type | None = None) -> Callable[[C], C]: ...
def state(cls: type | None = None, *, bounds: type | None = None, design: type | None = None) -> Any:
    """Make a class the state of a model; `bounds` and `design` are its @bounds and @switches classes."""
    names = caller_names()

    def decorate(original: type) -> type:
        made = _record_class(original, names)
        made.__state__ = Model(made, bounds, design)  # type: ignore[attr-defined]
        return made

    return decorate if cls is None else decorate(cls)


class Initial(Declaration):
    """@initial: sets the state up; it may choose."""


def initial(function: Function) -> Initial:
    """Mark the function that sets the state up. A scenario may name another one."""
    made = Initial(function, caller_names())
    declare(made, _add_initial)
    return made


def _add_initial(model: Model, made: Declaration) -> None:
    if model.initial is not None:
        raise DuplicateName(
            f"{made.name}: {model.initial.name} is @initial already",
            advice="leave @initial out, and give it to a scenario: Scenario(..., initial=function)",
        ).at_function(made.function)
    model.initial = made
