"""Pure: how a book is cut into levels.

A scheme says how many places there are down to each line, better levels included. The
scores come sorted, best first, and beside them the amounts that the cumulative scheme adds
up: the scores themselves, or for points the value in cents.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tiering.rules import (
    DEFAULT_SHARES,
    FOUR_LEVELS,
    GRADES,
    Level,
    Policy,
    cumulative,
    value_edges,
)

FloatArray = npt.NDArray[np.float64]

NOBODY_OUT = 2**53


class Book(NamedTuple):
    """The eligible customers, best first: their scores, and their whole amounts."""

    scores: FloatArray
    amounts: FloatArray


class Cut(NamedTuple):
    """The lower edge of a level.

    places   customers down to this line
    ranked   the same as the rank alone would have it; NOBODY_OUT where it does not matter
    floor    a score below this is outside whatever the rank; -inf: no such line
    """

    places: int
    ranked: int
    floor: float


def sorted_book(scores: FloatArray, amounts: FloatArray) -> Book:
    """Best first; among equal scores the larger amount, so that order of rows is nothing."""
    order = np.lexsort((-amounts, -scores))
    return Book(scores[order], amounts[order])


def cuts(book: Book, policy: Policy) -> list[Cut]:
    """The lower edges of all levels but the last, best first; places never fall."""
    ranked = SCHEMES[policy.scheme](book, policy)
    return [
        Cut(min(count, places_over(book.scores, floor)), count, floor)
        for count, floor in zip(ranked, floors(policy), strict=True)
    ]


def places_over(scores: FloatArray, floor: float) -> int:
    """How many of these scores, best first, are at least `floor`."""
    return int(np.searchsorted(-scores, -floor, side="right"))


def floors(policy: Policy) -> list[float]:
    """By level but the last, the score below which nobody is inside; -inf: no such line."""
    found = [
        policy.floor if policy.floor is not None and level.grade == GRADES[0] else -math.inf
        for level in policy.levels[:-1]
    ]
    if policy.scheme == "lines":
        return [max(policy.lines[c], f) for c, f in zip(policy.codes[:-1], found, strict=True)]
    return found


def places_of_shares(eligible: int, edges: Sequence[Fraction]) -> list[int]:
    """ceil(eligible x cumulative share); in whole numbers, as 7 % of 300 is 21 and not 22."""
    return [math.ceil(eligible * edge / 100) for edge in edges]


def _by_shares(book: Book, policy: Policy) -> list[int]:
    return places_of_shares(len(book.scores), cumulative(policy.shares, policy.codes))


def _by_value(book: Book, policy: Policy) -> list[int]:
    """The fewest of the best that make the share of all that is made; none where nothing is."""
    made = np.cumsum(np.maximum(book.amounts, 0))
    if not len(made) or made[-1] <= 0:
        return [0] * (len(policy.levels) - 1)
    needed = [math.ceil(int(made[-1]) * edge / 100) for edge in value_edges(policy)]
    return [int(np.searchsorted(made, need, side="left")) + 1 for need in needed]


def _by_lines(_: Book, policy: Policy) -> list[int]:
    """A score on a line is inside: `floors` draws these lines."""
    return [NOBODY_OUT] * (len(policy.levels) - 1)


SCHEMES: Mapping[str, Callable[[Book, Policy], list[int]]] = {
    "shares": _by_shares,
    "cumulative": _by_value,
    "lines": _by_lines,
}

ABCD_LEVELS = tuple(map(Level, "ABCD", GRADES))
TEN_LEVELS = tuple(
    Level(str(number), grade)
    for number, grade in enumerate(
        ("key", "secondary", "general", "general", *["maintain"] * 6), start=1
    )
)
# 35 per cent in six levels, as even as hundredths allow.
TEN_SHARES = dict(
    zip(
        (level.code for level in TEN_LEVELS),
        (5, 30, 20, 10, 5.84, 5.84, 5.83, 5.83, 5.83, 5.83),
        strict=True,
    )
)
# Settings of a policy to start from, by preset; everything in them may be edited.
PRESETS: Mapping[str, Mapping[str, Any]] = {
    "four_grades": {"scheme": "shares", "levels": FOUR_LEVELS, "shares": DEFAULT_SHARES},
    # How much a key customer has to bring at least comes from the book.
    "no_key_below": {"scheme": "shares", "levels": FOUR_LEVELS, "shares": DEFAULT_SHARES},
    "abcd": {
        "scheme": "shares",
        "levels": ABCD_LEVELS,
        "shares": {"A": 20, "B": 30, "C": 30, "D": 20},
    },
    "ten_levels": {"scheme": "shares", "levels": TEN_LEVELS, "shares": TEN_SHARES},
    "cumulative": {
        "scheme": "cumulative",
        "levels": FOUR_LEVELS,
        "value_shares": {"key": 40, "secondary": 40, "general": 15, "maintain": 5},
    },
    # In cents; a book with a night begins with lines of its own.
    "money_lines": {
        "scheme": "lines",
        "levels": FOUR_LEVELS,
        "lines": {"key": 50_000_000, "secondary": 5_000_000, "general": 500_000},
    },
    "point_lines": {
        "scheme": "lines",
        "levels": FOUR_LEVELS,
        "lines": {"key": 8_000, "secondary": 6_000, "general": 4_000},
    },
}
