"""Pure: the raw figures of the computed criteria, one row per customer.

A larger figure is better, and NaN says that nothing is known. Windows are (D - n, D].

profit       value_cents, as the book measures value
margin       value / revenue of 365 days; where value is profit and revenue above 0
continuity   365 less the longest silence in days within the last 365, the running one
             too; from 90 days after the first order on
promptness   0 less the mean days late of what fell due in 365 days, by amount; early is
             not late, what is still unpaid is late until today, and nothing by more than 90
growth       (recent - before) / (recent + before) of revenue: the last 180 days, and the
             same 180 days a year ago, or for customers not yet known then the 180 days
             before; from 360 days after the first order on
loyalty      share of the last twelve periods of 30 days, of those since the first order,
             with an order; from 90 days after the first order on
breadth      different categories bought in 365 days
order_size   a third of the sum of the three largest order days of 365, in cents: small
             orders between large ones do not lower it, nor does the first after a year
credit       1 less what is overdue today, per revenue of 365 days, 0 at least; for
             whom something fell due
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from tiering.ledger import Documents
from tiering.points import COMPUTED, column
from tiering.windows import YEAR, distinct

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

KNOWN_DAYS = 90
HALF = 180
PERIOD = 30
PERIODS = 12
LATEST = 90
LARGEST = 3
UNPAID = np.iinfo(np.int64).max


class Dues(NamedTuple):
    """What was to be paid: an entry for every payment, and one for what is left of a document.

    customer   as in the documents
    due, paid  days since 1970-01-01; UNPAID where nothing has come
    cents      in base currency, above 0
    """

    customer: IntArray
    due: IntArray
    paid: IntArray
    cents: IntArray


class _Sales(NamedTuple):
    """Order days with their amount, sorted by customer and day; `place` in the facts."""

    place: IntArray
    day: IntArray
    cents: IntArray


def criteria(
    facts: pd.DataFrame,
    documents: Documents,
    *,
    as_of: int,
    value_is_profit: bool,
    dues: Dues | None = None,
    categories: pd.Series | None = None,
) -> pd.DataFrame:
    """Columns `criterion_<code>`, index as `facts` (customers ascending, all of them).

    Reads value_cents, revenue_cents, age and order_days of the facts. Documents, dues and
    payments after `as_of` are not looked at. `categories` counts those bought in 365 days.
    """
    value, revenue = (
        facts[name].to_numpy(dtype=np.float64) for name in ("value_cents", "revenue_cents")
    )
    late, overdue = _payment(facts, dues, as_of)
    columns = {
        "profit": value,
        "margin": _ratio(value, revenue) if value_is_profit else np.nan,
        "promptness": -late,
        "breadth": categories.reindex(facts.index) if categories is not None else np.nan,
        "credit": _credit(overdue, revenue),
        **_from_orders(facts, documents, as_of),
    }
    named = {column(name): columns[name] for name in COMPUTED}
    return pd.DataFrame(named, index=facts.index).astype(np.float64)


def _from_orders(facts: pd.DataFrame, documents: Documents, as_of: int) -> dict[str, FloatArray]:
    sales = _sales(facts, documents, as_of)
    place = np.searchsorted(facts.index.to_numpy(), documents.customer)
    known = facts["age"].where(facts["order_days"] > 0).to_numpy(dtype=np.float64)
    return {
        "continuity": np.where(known >= KNOWN_DAYS, _continuity(sales, known, as_of), np.nan),
        "growth": growth(place, documents.day, documents.cents, known, as_of),
        "loyalty": np.where(known >= KNOWN_DAYS, _loyalty(sales, known, as_of), np.nan),
        "order_size": _order_size(sales, len(facts), as_of),
    }


def _sales(facts: pd.DataFrame, documents: Documents, as_of: int) -> _Sales:
    sold = documents.chosen((documents.cents > 0) & (documents.day <= as_of))
    place = np.searchsorted(facts.index.to_numpy(), sold.customer)
    frame = pd.DataFrame({"place": place, "day": sold.day, "cents": sold.cents})
    days = frame.groupby(["place", "day"], as_index=False)["cents"].sum()
    return _Sales(*(days[name].to_numpy(dtype=np.int64) for name in _Sales._fields))


def _continuity(sales: _Sales, known: FloatArray, as_of: int) -> FloatArray:
    """From the beginning of the year, or the first order, over every order day to today."""
    begin = np.where(known < YEAR, as_of - np.nan_to_num(known), as_of - YEAR)
    recent = sales.day > as_of - YEAR
    everybody = np.arange(len(known))
    place = np.concatenate([everybody, sales.place[recent], everybody])
    day = np.concatenate([begin, sales.day[recent], np.full(len(known), as_of)])
    order = np.lexsort((day, place))
    silence = np.diff(day[order])
    same = np.diff(place[order]) == 0
    longest = np.zeros(len(known))
    np.maximum.at(longest, place[order][1:][same], silence[same])
    return YEAR - longest


def _loyalty(sales: _Sales, known: FloatArray, as_of: int) -> FloatArray:
    recent = sales.day > as_of - PERIODS * PERIOD
    period = (as_of - sales.day[recent]) // PERIOD
    bought = distinct(sales.place[recent] * PERIODS + period) // PERIODS
    periods = np.minimum(np.nan_to_num(known) // PERIOD + 1, PERIODS)
    return np.bincount(bought, minlength=len(known)) / periods


def growth(
    place: IntArray, day: IntArray, cents: IntArray, known: FloatArray, as_of: int
) -> FloatArray:
    """Criterion `growth` from documents; `place` counts into `known`, days since the first order."""

    def revenue(until: int) -> FloatArray:
        inside = (day > until - HALF) & (day <= until)
        sums = np.bincount(place[inside], cents[inside], minlength=len(known))
        return np.maximum(sums, 0).astype(np.float64)

    recent = revenue(as_of)
    before = np.where(known >= YEAR + HALF, revenue(as_of - YEAR), revenue(as_of - HALF))
    return np.where(known >= 2 * HALF, _ratio(recent - before, recent + before), np.nan)


def _order_size(sales: _Sales, customers: int, as_of: int) -> FloatArray:
    recent = sales.day > as_of - YEAR
    place, cents = sales.place[recent], sales.cents[recent]
    order = np.lexsort((-cents, place))
    place, cents = place[order], cents[order]
    first = np.searchsorted(place, np.arange(customers))
    is_large = np.arange(len(place)) - first[place] < LARGEST
    sums = np.bincount(place[is_large], cents[is_large], minlength=customers)
    return sums / LARGEST


def _payment(facts: pd.DataFrame, dues: Dues | None, as_of: int) -> tuple[FloatArray, FloatArray]:
    """Mean days late of what fell due in 365 days, and cents overdue today; NaN where none did."""
    nothing = np.full(len(facts), np.nan)
    if dues is None:
        return nothing, nothing
    fallen = (dues.due <= as_of) & ((dues.due > as_of - YEAR) | (dues.paid > as_of))
    place = np.searchsorted(facts.index.to_numpy(), dues.customer[fallen])
    cents = dues.cents[fallen].astype(np.float64)
    paid = np.minimum(dues.paid[fallen], as_of)
    late = np.clip(paid - dues.due[fallen], 0, LATEST)
    due = np.bincount(place, cents, minlength=len(facts))
    days = np.bincount(place, cents * late, minlength=len(facts))
    open_cents = np.where(dues.paid[fallen] > as_of, cents, 0)
    overdue = np.bincount(place, open_cents, minlength=len(facts))
    return _ratio(days, due), np.where(due > 0, overdue, np.nan)


def _credit(overdue: FloatArray, revenue: FloatArray) -> FloatArray:
    """Whoever owes and buys no more has none."""
    free = np.maximum(1 - np.nan_to_num(_ratio(overdue, revenue), nan=1), 0)
    return np.where(np.isnan(overdue), np.nan, np.where(overdue > 0, free, 1))


def _ratio(part: npt.NDArray[Any], whole: npt.NDArray[Any]) -> FloatArray:
    return np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0)
