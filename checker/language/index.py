"""Index: a finite set such as the CPUs or the pages, whose size the bounds give."""

from __future__ import annotations

import operator
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from checker.language.context import current, world_in_force
from checker.language.errors import ModelError, SourcePlace, TypeRefused, declared_here

Self = TypeVar("Self", bound="Index")
Member = TypeVar("Member")


def snake(name: str) -> str:
    """`PageTable` -> `page_table`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def plural(name: str) -> str:
    """The name of a collection: `page` -> `pages`, `entry` -> `entries`, `batch` -> `batches`."""
    if re.search(r"[^aeiou]y$", name):
        return name[:-1] + "ies"
    return name + ("es" if re.search(r"(s|x|z|ch|sh)$", name) else "s")


@dataclass(frozen=True)
class IndexInfo:
    """How an index class was declared. `outer`: the index it is nested in; `each`: members per outer one."""

    each: int | str
    outer: type[Index] | None = None
    outer_name: str | None = None  # page.block
    members_name: str | None = None  # block.pages; None for `of=`, where there is exactly one
    place: SourcePlace | None = None  # of the class statement
    symmetric: bool = False  # its members (those within one outer member) are interchangeable


class IndexMeta(type):
    """Makes `Page(3)`, `Page[3]`, `len(Page)` and `for p in Page` work."""

    info: IndexInfo
    interned: dict[int, Any]

    def __call__(cls, number: int = 0) -> Any:
        """The member of that number, checked against the size in force."""
        if type(number) is not int:
            raise ModelError(f"{cls.__name__}(...) takes an int, not {number!r}")
        if not 0 <= number < world_in_force().size(cls):
            raise ModelError(f"{cls.__name__}({number}) is out of range: there are {len(cls)}")
        return cls[number]

    def __getitem__(cls: type[Member], number: int) -> Member:
        """The member of that number, unchecked: scenarios are written before sizes are known."""
        interned: dict[int, Any] = cls.interned  # type: ignore[attr-defined]
        member = interned.get(number)
        if member is None:
            if type(number) is not int or number < 0:
                raise ModelError(f"{cls.__name__}[...] takes a number from 0 on, not {number!r}")
            member = object.__new__(cls)
            object.__setattr__(member, "number", number)
            interned[number] = member
        found: Member = member
        return found

    def __len__(cls) -> int:
        return world_in_force().size(cls)

    def __iter__(cls: type[Member]) -> Iterator[Member]:
        return iter(world_in_force().members(cls))

    def __contains__(cls, member: object) -> bool:
        return isinstance(member, cls) and member.number < len(cls)

    def __bool__(cls) -> bool:
        return True

    def __repr__(cls) -> str:
        return cls.__name__


class Index(metaclass=IndexMeta):
    """Base of every index: `class Cpu(Index, size="cpus")`, `class Page(Index, within=Block, size=2)`.

    `symmetric=True` says that no step tells its members apart but by what the state holds of them: a search
    then looks at one of the states that differ in a permutation of them (docs/design/symmetry.md).
    """

    number: int
    info: IndexInfo
    interned: dict[int, Any]

    def __init_subclass__(
        cls,
        size: int | str | None = None,
        within: type[Index] | None = None,
        of: type[Index] | None = None,
        symmetric: bool = False,
        **unknown: object,
    ) -> None:
        super().__init_subclass__()
        cls.interned = {}
        declared = _declared(cls, size, within, of, unknown)
        cls.info = replace(declared, symmetric=_checked(cls, symmetric, of), place=declared_here())

    def __setattr__(self, name: str, value: object) -> None:
        raise ModelError(f"{self!r} cannot be changed", advice="keep what changes in a field of the state")

    def __reduce__(self) -> tuple[Any, ...]:
        """A member that is read back from a file is the same object: members are interned."""
        return operator.getitem, (type(self), self.number)

    def __int__(self) -> int:
        return self.number

    __index__ = __int__

    def __repr__(self) -> str:
        return f"{snake(type(self).__name__)}{self.number}"

    def __bool__(self) -> bool:
        raise ModelError(
            f"{self!r} has no truth value: only bools have", advice="write `x is not None`, or compare it"
        )

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if other is None or type(other) is type(self):
            return False
        raise ModelError(f"{self!r} is compared with {other!r}, which is no {type(self).__name__}")

    # By address: fast, and members are interned. Nothing may depend on the order of a Python set.
    __hash__ = object.__hash__

    def _order(self, other: object, sign: str) -> int:
        if not isinstance(other, Index) or type(other) is not type(self):
            raise ModelError(f"`{self!r} {sign} {other!r}`: both sides must be a {type(self).__name__}")
        return self.number - other.number

    def __lt__(self, other: object) -> bool:
        return self._order(other, "<") < 0

    def __le__(self, other: object) -> bool:
        return self._order(other, "<=") <= 0

    def __gt__(self, other: object) -> bool:
        return self._order(other, ">") > 0

    def __ge__(self, other: object) -> bool:
        return self._order(other, ">=") >= 0

    def __add__(self: Self, other: int) -> Self:
        return self._moved(other, self.number + other if type(other) is int else None, "+")

    def __xor__(self: Self, other: int) -> Self:
        return self._moved(other, self.number ^ other if type(other) is int else None, "^")

    if TYPE_CHECKING:

        def __init__(self, number: int = 0) -> None: ...

        def __getattr__(self, name: str) -> Any:
            """page.block, block.pages, irq.cpu."""

        def __sub__(self, other: Any) -> Any:
            """An int gives a member, a member gives an int."""

    else:

        def __sub__(self, other):
            if isinstance(other, Index):
                return self._order(other, "-")
            return self._moved(other, self.number - other if type(other) is int else None, "-")

    def _moved(self: Self, by: object, number: int | None, sign: str) -> Self:
        if number is None:
            raise ModelError(f"`{self!r} {sign} {by!r}`: the right side must be an int")
        kind = type(self)
        if not 0 <= number < len(kind):
            raise ModelError(
                f"`{self!r} {sign} {by}` is out of range: there are {len(kind)} of {kind.__name__}"
            )
        return kind[number]


def _declared(
    cls: type[Index],
    size: int | str | None,
    within: type[Index] | None,
    of: type[Index] | None,
    unknown: dict[str, object],
) -> IndexInfo:
    """Check the keywords of a class statement, and give both classes their `page.block` and `block.pages`."""
    if unknown:
        raise TypeRefused(
            f"class {cls.__name__}(Index, {next(iter(unknown))}=...) is not known",
            advice="the keywords are size, within, of and symmetric",
        )
    outer = within or of
    if within is not None and of is not None:
        raise TypeRefused(f"class {cls.__name__}: give `within` or `of`, not both")
    if size is not None and not isinstance(size, str) and (type(size) is not int or size < 0):
        raise TypeRefused(
            f"class {cls.__name__}: size={size!r} is no number of members", advice="size=2, say"
        )
    if (size is None) != (of is not None):
        raise TypeRefused(f"class {cls.__name__}: give `size` (a number or a bound's name), or `of` alone")
    if outer is None:
        return IndexInfo(size if size is not None else 1)
    outer_name = snake(outer.__name__)
    _attach(cls, outer_name, property(_outer_getter(outer, cls)))
    if of is not None:
        _attach(of, snake(cls.__name__), property(_first_getter(cls)))
        return IndexInfo(1, of, outer_name)
    members_name = plural(snake(cls.__name__))
    _attach(outer, members_name, property(_members_getter(cls)))
    return IndexInfo(size if size is not None else 1, outer, outer_name, members_name)


def _checked(cls: type[Index], symmetric: object, of: type[Index] | None) -> bool:
    if not isinstance(symmetric, bool):
        raise TypeRefused(f"class {cls.__name__}(Index, symmetric={symmetric!r}): give True or False")
    if symmetric and of is not None:
        raise TypeRefused(
            f"class {cls.__name__}: there is one for each {of.__name__}, and it moves where that moves",
            advice=f"make {of.__name__} symmetric",
        )
    return symmetric


def _attach(cls: type[Index], name: str, value: property) -> None:
    if name in cls.__dict__:
        raise TypeRefused(f"{cls.__name__} has two attributes `{name}`", advice="rename one of them")
    setattr(cls, name, value)


def members_each(cls: type[Index]) -> int:
    """Members per member of the outer index (or all of them) in the world in force."""
    each = cls.info.each
    if isinstance(each, int):
        return each
    return current.world.bounds[each] if current.world is not None else world_in_force().bounds[each]


def _outer_getter(outer: type[Index], cls: type[Index]) -> Any:
    def of_member(member: Index) -> Index:
        return outer[member.number // members_each(cls)]

    return of_member


def _first_getter(cls: type[Index]) -> Any:
    def of_member(member: Index) -> Index:
        return cls[member.number]

    return of_member


def _members_getter(cls: type[Index]) -> Any:
    def of_outer(member: Index) -> tuple[Index, ...]:
        """The members of `cls` that lie within this one, in order."""
        each = members_each(cls)
        return tuple(cls[number] for number in range(member.number * each, (member.number + 1) * each))

    return of_outer
