"""Pure: how far every customer is from the next level up and down, in the unit of the score.

All of it speaks of one night with everybody else unchanged. Scores are whole numbers.
"""

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


def _least_share(own: FloatArray, share: FloatArray, book: Book) -> FloatArray:
    """The score above which those before a customer make less than `share` of everything.

    Whoever falls makes the whole smaller too. With j others in front, making P, and all
    others making R, the customer is inside while P < share x (R + own score).
    """
    made = np.maximum(book.amounts, 0)
    before = np.concatenate([[0.0], np.cumsum(made)])
    at = np.searchsorted(-book.scores, -own, side="left")
    value = np.maximum(own, 0)
    rest = before[-1] - value

    def sum_of(others: Positions) -> FloatArray:
        return np.where(
            others <= at, before[others], before[np.minimum(others + 1, len(made))] - value
        )

    def last_of(others: Positions) -> FloatArray:
        return made[np.where(others <= at, others - 1, np.minimum(others, len(made) - 1))]

    low, high = np.zeros(len(own), dtype=np.intp), np.full(len(own), len(made) - 1)
    while (low < high).any():
        middle = (low + high + 1) // 2
        holds = sum_of(middle) < share * (rest + last_of(middle))
        low, high = np.where(holds, middle, low), np.where(holds, high, middle - 1)
    behind = np.where(low + 1 < len(made), last_of(np.minimum(low + 1, len(made) - 1)), 0)
    return np.maximum(np.floor(sum_of(low) / share - rest), behind)
