"""Where each field stands in a packed state: in as few 64-bit words as possible, no scalar across two."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

WORD = 64
TO_COME, SETTLED, IN_DOUBT = 2, 1, 3  # how the two ends of an enum's move are stored where there may be doubt


@dataclass(eq=False)
class Field:
    """`count` elements of `width` bits; the stored number is the code minus `low`.

    `active` says which elements exist at all: the position of an actor that runs nothing is always idle.
    """

    cname: str
    width: int
    low: int
    count: int = 1
    indexed: bool = True  # part of an array: its accessors take the element's number
    wide: bool = False  # a set: its C type is uint64_t, or several of them
    number: bool = False  # a Range: its C type is int64_t
    active: tuple[int, ...] = ()
    stored: tuple[int, ...] = ()  # of each number, as what it is stored; nothing: as itself
    doubted: bool = False  # with a bit that says whether a value that hardware brought about is in doubt
    places: dict[int, tuple[int, int]] = field(default_factory=dict)  # element → (word, shift)
    parts: tuple[Field, ...] = ()  # of a set that is wider than a word: the fields that it is stored as

    def __post_init__(self) -> None:
        if self.count == 0:
            self.width = 0  # an array over an index without members
        self.active = self.active or tuple(range(self.count))
        if self.width > WORD:
            assert self.wide, f"{self.cname} is wider than a word"
            self.parts = tuple(self._part(n) for n in range(-(-self.width // WORD)))

    def _part(self, number: int) -> Field:
        width = min(WORD, self.width - WORD * number)
        name = f"{self.cname}_part{number}"
        return Field(name, width, 0, self.count, self.indexed, wide=True, active=self.active)

    def to_stored(self, number: int) -> int:
        return self.stored[number] if self.stored else number

    def from_stored(self, number: int) -> int:
        if self.doubted and number == IN_DOUBT:
            number = SETTLED
        return self.stored.index(number) if self.stored else number

    @property
    def ctype(self) -> str:
        if self.parts:
            return f"Wide{len(self.parts)}"
        return "uint64_t" if self.wide else "int64_t" if self.number else "int"

    @property
    def bits(self) -> int:
        return self.width * len(self.active)

    def masks(self, element: int, members: Iterable[int]) -> dict[int, int]:
        """Of a set: by word, the bits of some members."""
        found: dict[int, int] = {}
        parts = self.parts or (self,)
        for member in members:
            word, shift = parts[member // WORD].places[element]
            found[word] = found.get(word, 0) | 1 << (shift + member % WORD)
        return found

    def stride(self) -> tuple[int, int] | None:
        """(word, first shift) if element i stands at first + i * width of one word, as most fields do."""
        word, first = self.places[self.active[0]]
        regular = all(
            self.places[e] == (word, first + (e - self.active[0]) * self.width) for e in self.active
        )
        return (
            (word, first - self.active[0] * self.width)
            if regular and first >= self.active[0] * self.width
            else None
        )


@dataclass(frozen=True)
class Layout:
    words: int
    fields: tuple[Field, ...]
    bits: int


def lay_out(fields: list[Field]) -> Layout:
    """Large fields first, each whole into the first word with room; what fits nowhere whole is spread."""
    stored = [part for f in fields for part in f.parts or (f,)]
    real = sorted((f for f in stored if f.width), key=lambda f: (-f.bits, f.cname))
    for f in fields:
        if not f.width:
            f.places = dict.fromkeys(f.active, (0, 0))
    bits = sum(f.bits for f in real)
    words = max(1, -(-bits // WORD))
    while not _fits(real, words):
        words += 1
    return Layout(words, tuple(fields), bits)


def _fits(fields: list[Field], words: int) -> bool:
    room = [WORD] * words
    spread: list[Field] = []
    for f in fields:
        word = next((w for w in range(words) if room[w] >= f.bits), None)
        if word is None:
            spread.append(f)
            continue
        first = WORD - room[word]
        f.places = {element: (word, first + i * f.width) for i, element in enumerate(f.active)}
        room[word] -= f.bits
    return all(_spread(f, room) for f in sorted(spread, key=lambda f: -f.width))


def _spread(f: Field, room: list[int]) -> bool:
    f.places = {}
    for element in f.active:
        word = next((w for w in range(len(room)) if room[w] >= f.width), None)
        if word is None:
            return False
        f.places[element] = (word, WORD - room[word])
        room[word] -= f.width
    return True
