"""Pure: facts become a score, a score becomes a grade.

The facts frame has one row per customer. Scoring reads these of its columns:

value_cents       int64, whole cents of the base currency, so that sums and ties are
                  exact: net amounts of the last 365 days; may be negative
order_days_365    order days of the last 365 days; eligible is who has at least one
p_none_180        chance of no order day in 180 days; for basis `continuing_value` only

A score is in the unit of its basis: whole cents for both of these, held as float64.
No frame is changed in place, and the order of rows never matters.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from tiering.churn.risk import continuing_value

FloatArray = npt.NDArray[np.float64]

GRADES = ("key", "secondary", "general", "maintain")
DEFAULT_SHARES: Mapping[str, float] = {
    "key": 1,
    "secondary": 19,
    "general": 30,
    "maintain": 50,
}


class PolicyError(ValueError):
    """The policy cannot grade a book; `code` says why and is worded by the page."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Policy:
    """What is measured (basis) and how the book is cut (scheme).

    `shares` are per cent of the eligible customers by grade, in any order (JSON keeps
    none); the last grade also holds everybody who is not eligible. Raises PolicyError
    for what cannot grade a book.
    """

    version: int = 1
    basis: str = "value"
    scheme: str = "shares"
    shares: Mapping[str, float] = field(default_factory=lambda: dict(DEFAULT_SHARES))

    def __post_init__(self) -> None:
        if self.basis not in BASES:
            raise PolicyError("unknown_basis")
        if self.scheme not in SCHEMES:
            raise PolicyError("unknown_scheme")
        if set(self.shares) != set(GRADES):
            raise PolicyError("wrong_grades")
        if any(not 0 < share <= 100 for share in self.shares.values()):
            raise PolicyError("share_not_positive")
        if sum(map(_exact, self.shares.values())) != 100:
            raise PolicyError("shares_do_not_add_up")

    @property
    def grades(self) -> tuple[str, ...]:
        """Best first."""
        return GRADES


class Line(NamedTuple):
    """The lower edge of a grade, in the unit of the score; NaN where nobody stands there.

    `places`   customers down to this line, better grades included
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
    scores = pd.Series(BASES[policy.basis](facts), index=facts.index, name="score")
    if scores.isna().any():
        raise ValueError(f"Basis {policy.basis} needs figures that are missing.")
    return scores


def grade(facts: pd.DataFrame, *, policy: Policy) -> pd.DataFrame:
    """One row per customer, index as `facts`.

    score            see `score`
    eligible         at least one order day in 365 days; everybody else is inactive
    rank             1 is best, among the eligible; equal scores share the mean of their
                     places; NaN where not eligible
    computed_grade   the best grade whose line has at least `rank` places; the last grade
                     for whoever is not eligible
    line_above       a better grade is certain for a score above this; NaN in the best
                     grade and where not eligible
    line_below       the grade is certain to stay for a score above this; NaN in the last
                     grade and where nobody is behind
    The lines speak of this night, with everybody else unchanged.
    """
    scores = score(facts, policy=policy)
    eligible = facts["order_days_365"] > 0
    rank = scores.where(eligible).rank(ascending=False, method="average")
    lines = list(cut_lines(scores, eligible, policy=policy).values())
    position = _positions(rank, lines)
    columns = {
        "score": scores,
        "eligible": eligible,
        "rank": rank,
        "computed_grade": np.array(policy.grades, dtype=object)[position],
        "line_above": _line_above(position, eligible.to_numpy(), lines),
        "line_below": _line_below(position, lines),
    }
    return pd.DataFrame(columns, index=facts.index)


def cut_lines(scores: pd.Series, eligible: pd.Series, *, policy: Policy) -> dict[str, Line]:
    """The lower edge of every grade but the last, best grade first."""
    ordered = np.sort(scores[eligible].to_numpy(dtype=np.float64))[::-1]
    places = SCHEMES[policy.scheme](ordered, policy)
    names = policy.grades[:-1]
    return {
        name: Line(count, _at(ordered, count - 1), _at(ordered, count))
        for name, count in zip(names, places, strict=True)
    }


def _positions(rank: pd.Series, lines: list[Line]) -> npt.NDArray[np.intp]:
    """0 is the best grade; a rank of NaN is behind every line."""
    places = np.array([line.places for line in lines], dtype=np.float64)
    return np.searchsorted(places, rank.fillna(np.inf).to_numpy(), side="left")


def _line_above(
    position: npt.NDArray[np.intp], eligible: npt.NDArray[np.bool_], lines: list[Line]
) -> FloatArray:
    edges = np.array([np.nan, *(line.inside for line in lines)])
    return np.where(eligible, edges[position], np.nan)


def _line_below(position: npt.NDArray[np.intp], lines: list[Line]) -> FloatArray:
    edges = np.array([*(line.outside for line in lines), np.nan])
    return edges[position]


def _at(ordered: FloatArray, place: int) -> float:
    return float(ordered[place]) if 0 <= place < len(ordered) else math.nan


def _value(facts: pd.DataFrame) -> FloatArray:
    return facts["value_cents"].to_numpy(dtype=np.float64)


def _continuing_value(facts: pd.DataFrame) -> FloatArray:
    return continuing_value(facts["value_cents"], facts["p_none_180"])


def _share_places(ordered: FloatArray, policy: Policy) -> list[int]:
    """ceil(eligible x cumulative share); in whole numbers, as 7 % of 300 is 21 and not 22."""
    cumulative = Fraction(0)
    places = []
    for name in policy.grades[:-1]:
        cumulative += _exact(policy.shares[name])
        places.append(math.ceil(len(ordered) * cumulative / 100))
    return places


def _exact(share: float) -> Fraction:
    return Fraction(str(share))


BASES: Mapping[str, Callable[[pd.DataFrame], FloatArray]] = {
    "value": _value,
    "continuing_value": _continuing_value,
}
SCHEMES: Mapping[str, Callable[[FloatArray, Policy], list[int]]] = {"shares": _share_places}
