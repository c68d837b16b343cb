"""Pure: the customers whom an alert could have concerned, week by week in the past.

Every week is scored by what was known on its day or before: MBG/NBD, BG/NBD and the ladder
are fitted every 30 days, on what was known on those days, and serve until the next.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from tiering.churn import bgnbd
from tiering.churn.backtest import Fitted, scored
from tiering.churn.fit import Params, Reason
from tiering.churn.ladder import Rung, climb, without_model
from tiering.churn.risk import is_at_risk
from tiering.churn.slices import MONTH, SLICE_SAMPLE, Book, IntArray, history_of
from tiering.rules import Policy, applied
from tiering.schemes import cuts
from tiering.scoring import Positions, book_of, positions

WEEK, WEEKS, QUARTER = 7, 26, 90
POOL = 0
# How long before the newest week the oldest is.
SPAN = WEEK * (WEEKS - 1)
MONTHS = -(-SPAN // QUARTER) * QUARTER // MONTH
COLUMNS = [
    "day",
    "customer",
    "since",
    "owner",
    "grade",
    "signal",
    "shipped",
    "mbg",
    "days_silent",
    "own_gap_ratio",
    "bgnbd",
    "revenue",
    "value",
    "silent_days",
    "fell_silent",
]


class Owners(NamedTuple):
    """Who had whom: each customer with the owner of today, customers ascending; and the changes,
    sorted by customer, then day: on `changed_day` the customer left `former`. POOL is nobody."""

    customer: IntArray
    owner: IntArray
    changed: IntArray
    changed_day: IntArray
    former: IntArray

    def on(self, day: int, customers: IntArray) -> IntArray:
        """The owners at the end of a day."""
        later = self.changed_day > day
        changed, first = np.unique(self.changed[later], return_index=True)
        found = self.owner[np.searchsorted(self.customer, customers)]
        place = np.searchsorted(changed, customers)
        is_changed = np.isin(customers, changed)
        found[is_changed] = self.former[later][first][place[is_changed]]
        return found


@dataclass(frozen=True)
class Past:
    """A book to be looked at week by week up to a day, and by what it grades.

    Nothing dated after `as_of` is looked at, and of
    what is dated after a week only whether there was an order within the horizon.
    """

    book: Book
    owners: Owners
    policy: Policy
    as_of: int
    _by_quarter: dict[int, Params | None] = field(default_factory=dict)

    @property
    def newest(self) -> int:
        return self.as_of - self.book.horizon

    def concerned(self) -> int:
        """How many customers alerts could have concerned on the newest week."""
        frame = self.book.known_on(self.newest)
        return int(is_at_risk(frame, pd.Series(1.0, frame.index)).sum())

    def weeks(self) -> pd.DataFrame:
        """One row per week and customer, oldest week first: see `_week`."""
        found = list(self._weeks())
        return pd.concat(found[::-1], ignore_index=True) if found else _nothing()

    def _weeks(self) -> Iterator[pd.DataFrame]:
        fitted: dict[int, Fitted] = {}
        for number in range(WEEKS):
            day = self.newest - WEEK * number
            if self.book.first_day is None or day <= self.book.first_day:
                return
            month = self.newest + MONTH * ((day - self.newest) // MONTH)
            if month not in fitted:
                fitted[month] = self._fitted(month)
            if fitted[month].params:
                yield self._week(day, fitted[month])

    def _fitted(self, month: int) -> Fitted:
        """By the slice of that day, which the ladder learns from as well."""
        known = self.book.slice_of(month)
        if known is None:
            return Fitted(None, None, without_model(Reason.TOO_LITTLE_DATA))
        return Fitted(known.params, self._dropping(month), climb(self.book, as_of=month))

    def _dropping(self, month: int) -> Params | None:
        """BG/NBD, a baseline only: fitted anew every three months."""
        day = self.newest + QUARTER * ((month - self.newest) // QUARTER)
        if day not in self._by_quarter:
            history = history_of(self.book.known_on(day))
            self._by_quarter[day] = bgnbd.fit(*history, sample=SLICE_SAMPLE).params
        return self._by_quarter[day]

    def _week(self, day: int, fitted: Fitted) -> pd.DataFrame:
        """Customers whom an alert could concern on that day and on whom nobody acted.

        day, customer, since (last order day), owner, grade (by value, see `grades_by_value`)
        signal                the code of what `shipped` comes from
        shipped, mbg          chances of no order
        days_silent, own_gap_ratio, bgnbd, revenue    baselines, higher means sooner lost
        value                 cents of 365 days, not below 0
        fell_silent           whether no order day followed in the horizon
        """
        frame = self.book.known_on(day)
        scores = scored(frame, fitted, self.book.horizon)
        known = is_at_risk(frame, scores["shipped"], threshold=0).to_numpy()
        chosen = known & self.book.left_alone(day, frame)
        grade = grades_of(frame, self.policy)[chosen]
        frame, scores = frame[chosen], scores[chosen]
        learned = scores["in_live"] & (fitted.ladder.shipped is not None)
        columns = {
            "day": np.full(len(frame), day),
            "customer": frame.index.to_numpy(),
            "since": frame["last_order_day"],
            "owner": self.owners.on(day, frame.index.to_numpy()),
            "grade": grade,
            "signal": np.where(learned, Rung.LOGISTIC.value, Rung.MBG.value),
            "revenue": frame["revenue_cents"].astype(np.float64),
            "value": np.maximum(frame["value_cents"], 0),
            "silent_days": frame["silent_days"],
            "fell_silent": self.book.fell_silent(day, frame.index),
        }
        return pd.DataFrame(scores.assign(**columns)[COLUMNS])


def grades_by_value(frame: pd.DataFrame, policy: Policy) -> Positions:
    """The place of the class in GRADES of each customer, by value alone; one without an order
    day in 365 days is in the last."""
    eligible = frame["order_days_365"] > 0
    rules = applied(_by_value(policy), eligible=int(eligible.sum()), has_model=True).policy
    value = frame["value_cents"].astype(np.float64)
    rank = value.where(eligible).rank(ascending=False).to_numpy(dtype=np.float64)
    return positions(rank, cuts(book_of(value, eligible, policy=rules), rules))


def grades_of(frame: pd.DataFrame, policy: Policy) -> npt.NDArray[np.object_]:
    """The class of each customer by value alone."""
    classes = np.array([level.grade for level in policy.levels], dtype=object)
    return classes[grades_by_value(frame, policy)]


def _by_value(policy: Policy) -> Policy:
    """The same cut by value; lines in points or in money a month say nothing of it."""
    if policy.basis in ("points", "arpu"):
        scheme = "cumulative" if policy.scheme == "lines" else policy.scheme
        return replace(policy, basis="value", scheme=scheme, floor=None)
    return replace(policy, basis="value")


def _nothing() -> pd.DataFrame:
    return pd.DataFrame({name: [] for name in COLUMNS})
