"""Pure: the order days of a book become one row of rhythm figures per customer.

A day is a whole number of days since 1970-01-01 (negative before that), as
`datetime64[D]` counts. A window of n days as of D is (D - n, D].
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

IntArray = npt.NDArray[np.integer]
FloatArray = npt.NDArray[np.float64]

YEAR = 365
LIVE_ORDER_DAYS = 3
LIVE_SILENCE = 180
SEASON = 90
HORIZONS = (90, 180)
EPOCH = date(1970, 1, 1)
NO_HOLIDAYS = np.empty(0, dtype=np.int64)


class _Spans(NamedTuple):
    """Where each customer's order days begin in the sorted array, and how many there are."""

    starts: IntArray
    counts: IntArray


def day_number(day: date) -> int:
    """Days since 1970-01-01; negative before."""
    return (day - EPOCH).days


def distinct(numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Each number once, ascending. `np.unique` hashes, which takes ten times as long for these."""
    found = np.sort(numbers)
    is_new = np.ones(len(found), dtype=bool)
    is_new[1:] = found[1:] != found[:-1]
    return found[is_new]


def without_holidays(days: IntArray, holidays: IntArray) -> IntArray:
    """Day numbers that stand still on holidays, so that their differences leave holidays out.

    `holidays`: distinct day numbers, ascending.
    """
    return days - np.searchsorted(holidays, days, side="right")


def worked_between(since: IntArray, until: int, holidays: IntArray) -> IntArray:
    """Days from each day to a later one that are no holidays; `until` itself counts."""
    end = without_holidays(np.array([until]), holidays)[0]
    return end - without_holidays(since, holidays)


def worked_ahead(day: int, horizon: int, holidays: IntArray) -> int:
    """So many of the days after a day are no holidays."""
    return int(worked_between(np.array([day]), day + horizon, holidays)[0])


def order_rhythm(
    customers: IntArray,
    days: IntArray,
    *,
    as_of: int,
    holidays: IntArray = NO_HOLIDAYS,
    horizons: Sequence[int] = HORIZONS,
) -> pd.DataFrame:
    """One row per customer with an order day up to `as_of`; index `customer`, ascending.

    `customers` and `days` are distinct order days sorted by customer, then day; days
    after `as_of` are left out. Raises ValueError where they are not sorted or distinct. Gaps
    leave out `holidays`, distinct day numbers, ascending; a gap is a day at least.

    first_order_day, last_order_day   days since 1970-01-01
    order_days, repeats               all order days; all but the first
    order_days_365, _180, _90         order days of the window
    order_days_season                 order days a year before the 90 days that come now
    age, recency, silent_days         days from first to as_of, first to last, last to as_of
    silence                           silent_days without holidays
    worked_age, worked_recency        age and recency without holidays
    ahead_90, ahead_180               of that many days to come those that are no holidays, the
                                      same for all; of other `horizons` where they are asked for
    log_gap_mean, log_gap_squares     of ln(gap in days): mean, and sum of squared
                                      deviations from it; NaN without a gap
    gap_median                        days; NaN without a gap
    gap_nine_tenths                   the shortest own gap that at least nine tenths of
                                      the own gaps do not exceed; days, NaN without a gap
    first_gap                         days from first to second order day; NaN without one
    """
    customers, days = _known_days(np.asarray(customers), np.asarray(days), as_of)
    spans = _spans_of(customers)
    counts = _counts(days, spans, as_of)
    worked = worked_columns(
        counts["first_order_day"], counts["last_order_day"], as_of, holidays, horizons
    )
    gaps = _gap_figures(without_holidays(days, holidays), spans)
    columns = counts | worked | gaps
    index = pd.Index(customers[spans.starts], name="customer")
    return pd.DataFrame(columns, index=index)


def worked_columns(
    first: IntArray,
    last: IntArray,
    as_of: int,
    holidays: IntArray,
    horizons: Sequence[int] = HORIZONS,
) -> dict[str, IntArray]:
    """See `order_rhythm`: what the churn model counts, on days that are no holidays."""
    age, silence = (worked_between(each, as_of, holidays) for each in (first, last))
    ahead = {
        f"ahead_{each}": np.full(len(first), worked_ahead(as_of, each, holidays))
        for each in horizons
    }
    return {"silence": silence, "worked_age": age, "worked_recency": age - silence} | ahead


def is_live(rhythm: pd.DataFrame) -> pd.Series:
    """Customers with a cadence to lose: three order days, and silent 180 days at most."""
    return (rhythm["order_days"] >= LIVE_ORDER_DAYS) & (rhythm["silent_days"] <= LIVE_SILENCE)


def _known_days(customers: IntArray, days: IntArray, as_of: int) -> tuple[IntArray, IntArray]:
    same = customers[1:] == customers[:-1]
    in_order = np.where(same, days[1:] > days[:-1], customers[1:] > customers[:-1])
    if not in_order.all():
        raise ValueError("Order days must be distinct and sorted by customer, then day.")
    known = days <= as_of
    return customers[known], days[known].astype(np.int64)


def _spans_of(customers: IntArray) -> _Spans:
    is_first = np.ones(len(customers), dtype=bool)
    is_first[1:] = customers[1:] != customers[:-1]
    starts = np.flatnonzero(is_first)
    return _Spans(starts, np.diff(starts, append=len(customers)))


def _counts(days: IntArray, spans: _Spans, as_of: int) -> dict[str, IntArray]:
    first, last = days[spans.starts], days[spans.starts + spans.counts - 1]
    return {
        "first_order_day": first,
        "last_order_day": last,
        "order_days": spans.counts,
        "order_days_365": _within(days, spans, as_of - YEAR),
        "order_days_180": _within(days, spans, as_of - 180),
        "order_days_90": _within(days, spans, as_of - 90),
        "order_days_season": _within(days, spans, as_of - YEAR, until=as_of - YEAR + SEASON),
        "repeats": spans.counts - 1,
        "age": as_of - first,
        "recency": last - first,
        "silent_days": as_of - last,
    }


def _within(days: IntArray, spans: _Spans, after: int, until: int | None = None) -> IntArray:
    """Order days of each customer later than `after`, and not later than `until`."""
    is_within = days > after
    if until is not None:
        is_within &= days <= until
    return np.add.reduceat(is_within, spans.starts, dtype=np.int64)


def _gap_figures(days: IntArray, spans: _Spans) -> dict[str, FloatArray]:
    counts = spans.counts - 1
    owners = np.repeat(np.arange(len(counts)), counts)
    follows = np.ones(len(days), dtype=bool)
    follows[spans.starts] = False
    gaps = np.maximum(np.diff(days, prepend=days[:1])[follows], 1)
    first = np.full(len(counts), np.nan)
    first[counts > 0] = gaps[(np.cumsum(counts) - counts)[counts > 0]]
    moments = _log_moments(gaps, owners, counts) | _order_statistics(gaps, owners, counts)
    return moments | {"first_gap": first}


def _log_moments(gaps: IntArray, owners: IntArray, counts: IntArray) -> dict[str, FloatArray]:
    logs = np.log(gaps)
    some = np.where(counts > 0, counts, np.nan)
    means = np.bincount(owners, weights=logs, minlength=len(counts)) / some
    logs -= means[owners]
    np.square(logs, out=logs)
    squares = np.bincount(owners, weights=logs, minlength=len(counts))
    return {
        "log_gap_mean": means,
        "log_gap_squares": np.where(counts > 0, squares, np.nan),
    }


def _order_statistics(gaps: IntArray, owners: IntArray, counts: IntArray) -> dict[str, FloatArray]:
    """Median and nine-tenths gap of each customer, by one sort of (customer, gap) as one number."""
    span = int(gaps.max(initial=0)) + 1
    keys = owners * span
    keys += gaps
    keys.sort()
    begins = np.cumsum(counts) - counts

    def at(position: IntArray) -> FloatArray:
        found = np.full(len(counts), np.nan)
        some = counts > 0
        found[some] = keys[(begins + position)[some]] % span
        return found

    median = (at((counts - 1) // 2) + at(counts // 2)) / 2
    return {"gap_median": median, "gap_nine_tenths": at((9 * counts + 9) // 10 - 1)}
