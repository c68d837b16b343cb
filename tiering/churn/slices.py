"""Pure: a book as it was known on past days, with what came after, for training and measuring.

A slice is closed when the horizon after it is over. Only what was known on its day enters its
figures; the days after it give the label and nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from tiering.churn import mbg
from tiering.churn.features import FEATURES, features
from tiering.churn.fit import SAMPLE, FloatArray, Params
from tiering.ledger import COVERED, NO_COST, OF, Documents
from tiering.windows import NO_HOLIDAYS, YEAR, distinct, is_live, order_rhythm

IntArray = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

SLICES = 10
# What MBG/NBD sees of a customer.
COUNTED = ("repeats", "worked_recency", "worked_age")
MONTH = 30
# The parameters of a slice are one figure of nine; these are enough customers for them.
SLICE_SAMPLE = 10_000


@dataclass(frozen=True)
class Slice:
    """A closed slice of one day.

    features     rows of FEATURES, of the live customers on whose silence nobody acted
    p_none       chance of no order in the horizon by MBG/NBD, of the same
    labels       True for those of them who did not order in the horizon
    params       of MBG/NBD, fitted on what was known on the day
    """

    day: int
    features: FloatArray
    p_none: FloatArray
    labels: Mask
    params: Params


class Acted(NamedTuple):
    """Silences on which a person acted: customer, last order day before, day of the alert.

    What became of them says nothing of how a silence goes on by itself.
    """

    customer: IntArray
    since: IntArray
    day: IntArray


NOTHING_DONE = Acted(*(np.empty(0, dtype=np.int64) for _ in Acted._fields))


class Book:
    """The documents of a book, asked for any of its days; each slice is computed once."""

    def __init__(
        self,
        documents: Documents,
        *,
        horizon: int,
        holidays: IntArray = NO_HOLIDAYS,
        acted: Acted = NOTHING_DONE,
    ):
        self.horizon, self._holidays, self._acted = horizon, holidays, acted
        self.customers, place = np.unique(documents.customer, return_inverse=True)
        self._documents = documents._replace(customer=place.astype(np.int64))
        self._order_place, self._order_day = _order_days(self._documents)
        self._slices: dict[int, Slice | None] = {}

    @cached_property
    def first_day(self) -> int | None:
        return int(self._order_day.min()) if len(self._order_day) else None

    def known_on(self, day: int) -> pd.DataFrame:
        """The frame of `order_rhythm` of those with an order day by then, with value_cents and
        revenue_cents as in `tiering.facts`."""
        owners = self.customers[self._order_place]
        rhythm = order_rhythm(
            owners,
            self._order_day,
            as_of=day,
            holidays=self._holidays,
            horizons=(self.horizon,),
        )
        within = (self._documents.day > day - YEAR) & (self._documents.day <= day)
        revenue, value = self._money(self._documents.chosen(within))
        place = np.searchsorted(self.customers, rhythm.index)
        return rhythm.assign(value_cents=value[place], revenue_cents=revenue[place])

    def fell_silent(self, day: int, index: pd.Index) -> Mask:
        """Who of the index has no order day in the horizon after the day."""
        within = (self._order_day > day) & (self._order_day <= day + self.horizon)
        return ~index.isin(self.customers[distinct(self._order_place[within])])

    def left_alone(self, day: int, frame: pd.DataFrame) -> Mask:
        """Who of the frame of a day was not acted upon in the silence of that day, by an alert
        before the end of the horizon."""
        within = self._acted.day <= day + self.horizon
        if not within.any():
            return np.ones(len(frame), dtype=bool)
        acted = zip(self._acted.customer[within], self._acted.since[within], strict=True)
        silences = pd.MultiIndex.from_arrays([frame.index, frame["last_order_day"]])
        return ~silences.isin(list(acted))

    def closed_slices(self, as_of: int) -> list[Slice]:
        """Those of up to ten months whose horizon is over by `as_of`, newest first; without
        those for which there was no model yet, or nobody was live."""
        first = self.first_day
        newest = as_of - self.horizon
        days = [newest - MONTH * number for number in range(SLICES)]
        found = [self.slice_of(day) for day in days if first is not None and day > first]
        return [each for each in found if each is not None]

    def slice_of(self, day: int) -> Slice | None:
        """Computed once; None without a model, or where nobody is live."""
        if day not in self._slices:
            self._slices[day] = self._computed(day)
        return self._slices[day]

    def _computed(self, day: int) -> Slice | None:
        frame = self.known_on(day)
        fit = mbg.fit(*history_of(frame), sample=SLICE_SAMPLE)
        live = is_live(frame) & self.left_alone(day, frame)
        if fit.params is None or not live.any():
            return None
        chance = silence_chance(frame[live], fit.params, self.horizon)
        rows = features(frame, frame["revenue_cents"], chance, live)
        labels = self.fell_silent(day, frame.index[live])
        return Slice(day, rows, chance, labels, fit.params)

    def _money(self, window: Documents) -> tuple[IntArray, IntArray]:
        """Net revenue and value of each customer; one measure of value for the whole book."""
        known = window.cost != NO_COST
        sold = np.maximum(window.cents, 0)
        is_profit = sold.sum() > 0 and sold[known].sum() * OF >= sold.sum() * COVERED
        revenue = self._sums(window.customer, window.cents)
        cost = self._sums(window.customer, np.where(known, window.cost, 0))
        return revenue, revenue - cost if is_profit else revenue

    def _sums(self, place: IntArray, cents: IntArray) -> IntArray:
        # Whole numbers below 2**53, so that the sums are exact in any order.
        size = len(self.customers)
        return np.bincount(place, weights=cents, minlength=size).astype(np.int64)


def window_of_slices(horizon: int, *, back: int = 0) -> int:
    """How many days before today the value of the oldest slice begins; `back`: so many days
    before today the slices are looked at."""
    return back + horizon + MONTH * SLICES + YEAR


def history_of(frame: pd.DataFrame) -> list[FloatArray]:
    """x, tx and age of the model of repeat buying."""
    return [frame[name].to_numpy(dtype=np.float64) for name in COUNTED]


def silence_chance(frame: pd.DataFrame, params: Params, horizon: int) -> FloatArray:
    """P(no order in the horizon) by MBG/NBD, whose days are those that are no holidays."""
    return mbg.p_none(params, *history_of(frame), horizon=frame[f"ahead_{horizon}"])


def sample_of(customers: IntArray, *, limit: int = SAMPLE, seed: int = 0) -> IntArray:
    """All customers of a small book, ascending; of a large one as many as the limit, by a seed."""
    known = distinct(customers)
    if len(known) <= limit:
        return known
    return np.sort(np.random.default_rng(seed).choice(known, size=limit, replace=False))


def sampled(documents: Documents, *, limit: int = SAMPLE) -> Documents:
    """The documents of a sample of customers, for training."""
    chosen = sample_of(documents.customer, limit=limit)
    return documents.chosen(np.isin(documents.customer, chosen))


def rows_of(slices: Sequence[Slice]) -> tuple[FloatArray, Mask]:
    """All rows of some slices under each other, and their labels."""
    if not slices:
        return np.empty((0, len(FEATURES))), np.empty(0, dtype=bool)
    return np.vstack([each.features for each in slices]), np.concatenate(
        [each.labels for each in slices]
    )


def _order_days(documents: Documents) -> tuple[IntArray, IntArray]:
    """Distinct (customer, day) of positive documents, sorted by customer, then day."""
    sales = documents.chosen(documents.cents > 0)
    first = int(sales.day.min(initial=0))
    span = int(sales.day.max(initial=0)) - first + 1
    place, day = np.divmod(distinct(sales.customer * span + (sales.day - first)), span)
    return place, day + first
