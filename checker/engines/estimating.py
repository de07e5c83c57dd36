"""How many states will there be? Three guesses, each wrong in its own way, and a range that allows for it.

*Levels* grow, then shrink. The logarithms of the ratios of neighbouring sizes are continued along a line, to
where a level has less than one state. That is good once the growth slows down, and far too low before.

*Descents* are random walks of any length. The more of them end in a state that is known, the less
there is beyond. That is good to a factor of ten or so from the beginning, and better from the middle on; but
where walks soon come to an end, nearly all of them end among the last states, and it is too high.

*On the way*: the same of any state of each walk. The first ones are known soon, so it is too low.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

FIRST_LEVELS = 6  # fewer say nothing
FITTED = 12
DESCENTS = 1000
DESCENT_LENGTH = 800
MOST = 10.0**18
FAR, NEAR = 12.0, 1.3  # by what the range is wider than the guesses: at first, and at the end
BEYOND = 50.0  # the same, upwards, as long as little is known: a short walk ends in what is known anyway
LITTLE, SOME = 0.05, 0.2  # known, of what the descents say. LITTLE: growth is not asked yet


@dataclass(frozen=True)
class Estimate:
    """The states that there will be: probably from `low` to `high`."""

    low: float
    middle: float
    high: float


def estimate(
    known: int, levels: Sequence[int], of: int, descents: int, found: int, met: int
) -> Estimate | None:
    """`known`: states. `levels`: sizes of the last complete ones. Of so many `descents`, `found` have
    ended in one of the first `of` states, and `met` had one on the way. None if there is nothing to go by."""
    by_levels = _by_levels(known, levels)
    by_descents = max(float(known), of * descents / max(found, 1)) if descents and of else None
    on_the_way = max(float(known), of * descents / max(met, 1)) if descents and of else None
    if by_descents is None and by_levels is None:
        return None
    share = 0.0 if by_descents is None else known / by_descents
    if by_descents is not None and share < LITTLE:
        by_levels = None
    guesses = [guess for guess in (by_descents, on_the_way, by_levels) if guess is not None]
    middle = math.prod(guesses) ** (1 / len(guesses))
    factor = min(FAR, NEAR * math.sqrt(middle / known)) if by_descents is not None else FAR
    return Estimate(
        max(float(known), min(guesses) / factor), middle, max(guesses) * (BEYOND if share < SOME else factor)
    )


def _by_levels(known: int, levels: Sequence[int]) -> float | None:
    """None where growth does not slow down."""
    if len(levels) < FIRST_LEVELS:
        return None
    tail = levels[-1 - min(FITTED, max(FIRST_LEVELS - 1, len(levels) // 2)) :]
    ratios = [math.log(after / before) for before, after in pairwise(tail)]
    middle, mean = (len(ratios) - 1) / 2, sum(ratios) / len(ratios)
    spread = sum((place - middle) ** 2 for place in range(len(ratios)))
    slope = sum((place - middle) * (ratio - mean) for place, ratio in enumerate(ratios)) / spread
    size, ratio, total = float(tail[-1]), mean + slope * middle, float(known)
    while size >= 1:
        if slope >= 0 or total > MOST:
            return None
        ratio += slope
        size *= math.exp(ratio)
        total += size
    return total
