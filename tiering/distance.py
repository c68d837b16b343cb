"""Pure: how far every customer is from the next level up and down, in the unit of the score.

All of it speaks of one night with everybody else unchanged. Scores are whole numbers.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tiering.rules import Policy, value_edges
from tiering.schemes import Book, Cut

FloatArray = npt.NDArray[np.float64]
Positions = npt.NDArray[np.intp]


def line_above(own: FloatArray, position: Positions, book: Book, edges: list[Cut]) -> FloatArray:
    """A better level is certain for a score above this; NaN in the best level and for NaN."""
    lines = np.array([np.nan, *(_line(book, edge, edge.ranked - 1) for edge in edges)])
    return np.where(np.isnan(own), np.nan, lines[position])


def line_below(
    own: FloatArray, position: Positions, book: Book, edges: list[Cut], policy: Policy
) -> FloatArray:
    """The level is certain to stay for a score above this.

    NaN in the last level, where nothing could push the customer out, and for points under
    the cumulative scheme, where value moves the line and points the customer.
    """
    lines = np.array([*(_line(book, edge, edge.ranked) for edge in edges), np.nan])
    if policy.scheme != "cumulative":
        return lines[position]
    found = np.full(len(own), np.nan)
    if policy.basis != "points":
        inside = position < len(edges)
        floors = np.array([edge.floor for edge in edges])[position[inside]]
        shares = np.array([float(edge) / 100 for edge in value_edges(policy)])[position[inside]]
        found[inside] = np.maximum(_least_share(own[inside], shares, book), floors - 1)
    return found


def _line(book: Book, edge: Cut, place: int) -> float:
    """The score at this place, or a unit under the floor where that is higher."""
    at = float(book.scores[place]) if 0 <= place < len(book.scores) else -np.inf
    line = max(at, edge.floor - 1)
    return line if np.isfinite(line) else np.nan


class _Others(NamedTuple):
    """Everybody but one customer, best first; all arrays have one entry per such customer.

    made     what each place makes, the own one included
    before   sum of the places before each place
    at       the own place
    value    what the customer makes itself
    """

    made: FloatArray
    before: FloatArray
    at: Positions
    value: FloatArray

    def sum_of(self, count: Positions) -> FloatArray:
        """What the first `count` others make together."""
        passed = np.minimum(count + 1, len(self.made))
        return np.where(count <= self.at, self.before[count], self.before[passed] - self.value)

    def last_of(self, count: Positions) -> FloatArray:
        """What the last of the first `count` others makes; `count` is at least 1."""
        passed = np.minimum(count, len(self.made) - 1)
        return self.made[np.where(count <= self.at, count - 1, passed)]


def _least_share(own: FloatArray, share: FloatArray, book: Book) -> FloatArray:
    """The score above which those before a customer make less than `share` of everything.

    Whoever falls makes the whole smaller too. With j others in front, making P, and all
    others making R, the customer is inside while P < share x (R + own score).
    """
    made = np.maximum(book.amounts, 0)
    before = np.concatenate([[0.0], np.cumsum(made)])
    at = np.searchsorted(-book.scores, -own, side="left")
    others = _Others(made, before, at, np.maximum(own, 0))
    rest = before[-1] - others.value
    low, high = np.zeros(len(own), dtype=np.intp), np.full(len(own), len(made) - 1)
    while (low < high).any():
        middle = np.maximum((low + high + 1) // 2, 1)
        holds = others.sum_of(middle) < share * (rest + others.last_of(middle))
        low, high = np.where(holds, middle, low), np.where(holds, high, middle - 1)
    nobody_behind = low + 1 >= len(made)
    behind = np.where(nobody_behind, 0, others.last_of(low + 1))
    return np.maximum(np.floor(others.sum_of(low) / share - rest), behind)
