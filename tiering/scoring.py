"""Pure: facts become a score, a score becomes a grade.

What is measured stands in `tiering.bases`, with the columns that it reads; how a book is
cut stands in `tiering.schemes`. Grading itself reads `order_days_365`: eligible is who has
at least one order day in the last 365 days.

No frame is changed in place, and the order of rows never matters.
"""

import math
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from tiering.bases import amounts as amounts_of
from tiering.bases import measured
from tiering.distance import line_above, line_below
from tiering.rules import DEFAULT_SHARES, GRADES, Policy, PolicyError
from tiering.schemes import Book, Cut, cuts, sorted_book

__all__ = [
    "DEFAULT_SHARES",
    "GRADES",
    "Line",
    "Policy",
    "PolicyError",
    "cut_lines",
    "grade",
    "positions",
    "score",
]

FloatArray = npt.NDArray[np.float64]
Positions = npt.NDArray[np.intp]


class Line(NamedTuple):
    """The lower edge of a level, in the unit of the score; NaN where nobody stands there.

    `places`   customers down to this line, better levels included
    `inside`   the lowest score on the good side: that of the last place
    `outside`  the highest score on the other side: that of the next place
    """

    places: int
    inside: float
    outside: float


def score(facts: pd.DataFrame, *, policy: Policy) -> pd.Series:
    """What the policy measures, for every customer; index as `facts`.

    Raises ValueError where a figure that the basis needs is missing.
    """
    return measured(facts, policy)


def grade(facts: pd.DataFrame, *, policy: Policy) -> pd.DataFrame:
    """One row per customer, index as `facts`.

    score            see `score`
    eligible         at least one order day in 365 days; everybody else is inactive
    rank             1 is best, among the eligible; equal scores share the mean of their
                     places; NaN where not eligible
    level            code of the best level whose line has at least `rank` places; the last
                     level for whoever is not eligible
    computed_grade   the service class of that level
    line_above       a better level is certain for a score above this; NaN in the best
                     level and where not eligible
    line_below       the level is certain to stay for a score above this; NaN in the last
                     level and where nobody is behind
    The lines speak of this night, with everybody else unchanged.
    """
    scores = score(facts, policy=policy)
    eligible = facts["order_days_365"] > 0
    rank = scores.where(eligible).rank(ascending=False, method="average")
    book = book_of(scores, eligible, policy=policy, amounts=amounts_of(facts, scores, policy))
    edges = cuts(book, policy)
    position = positions(rank.to_numpy(dtype=np.float64), edges)
    own = scores.where(eligible).to_numpy(dtype=np.float64)
    columns = {
        "score": scores,
        "eligible": eligible,
        "rank": rank,
        "level": np.array(policy.codes, dtype=object)[position],
        "computed_grade": np.array([level.grade for level in policy.levels], object)[position],
        "line_above": line_above(own, position, book, edges),
        "line_below": line_below(own, position, book, edges, policy),
    }
    return pd.DataFrame(columns, index=facts.index)


def cut_lines(
    scores: pd.Series,
    eligible: pd.Series,
    *,
    policy: Policy,
    amounts: pd.Series | None = None,
) -> dict[str, Line]:
    """The lower edge of every level but the last, best level first.

    `amounts` are needed for points under the cumulative scheme: see `bases.amounts`.
    """
    book = book_of(scores, eligible, policy=policy, amounts=amounts)
    return {
        code: Line(cut.places, _at(book.scores, cut.places - 1), _at(book.scores, cut.places))
        for code, cut in zip(policy.codes[:-1], cuts(book, policy), strict=True)
    }


def book_of(
    scores: pd.Series, eligible: pd.Series, *, policy: Policy, amounts: pd.Series | None = None
) -> Book:
    """The eligible customers as a scheme cuts them."""
    if amounts is None:
        if policy.basis == "points" and policy.scheme == "cumulative":
            raise ValueError("Points do not add up to value: the amounts are needed too.")
        amounts = scores
    own, added = (column[eligible].to_numpy(dtype=np.float64) for column in (scores, amounts))
    return sorted_book(own, added)


def cuts_of(facts: pd.DataFrame, graded: pd.DataFrame, *, policy: Policy) -> list[Cut]:
    """The edges of a graded night (frame of `grade`), as calmness reads them."""
    amounts = amounts_of(facts, graded["score"], policy)
    return cuts(
        book_of(graded["score"], graded["eligible"], policy=policy, amounts=amounts), policy
    )


def positions(rank: npt.NDArray[np.floating[Any]], edges: list[Cut]) -> Positions:
    """0 is the best level; a rank of NaN is behind every line."""
    places = np.array([edge.places for edge in edges], dtype=np.float64)
    return np.searchsorted(places, np.nan_to_num(rank, nan=np.inf), side="left")


def _at(ordered: FloatArray, place: int) -> float:
    return float(ordered[place]) if 0 <= place < len(ordered) else math.nan
