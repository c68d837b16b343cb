"""Pure: how late a book pays as of a day, now and before. Days are numbers since 1970-01-01."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

IntArray = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

RECENT, LONGEST = 180, 545
LATEST = 90
FIGURES = ["late_recent", "late_before", "dues_recent", "dues_before"]


class Owed(NamedTuple):
    """One entry per document with a day of payment.

    document   its key, ascending
    customer   a key
    due        the day of payment
    known      the later one of the day of payment and its own
    cents      its amount, above 0
    """

    document: IntArray
    customer: IntArray
    due: IntArray
    known: IntArray
    cents: IntArray


class Settled(NamedTuple):
    """One entry per payment, and per return that takes something off a document."""

    document: IntArray
    day: IntArray
    cents: IntArray
    is_payment: Mask


def payment_figures(owed: Owed, settled: Settled, *, as_of: int) -> pd.DataFrame:
    """FIGURES of the customers of whom something fell due in 545 days; index `customer`.

    Mean days late by amount of what fell due in the last 180 days, and in the 365 before; NaN
    where nothing did. Early is not late, what is still unpaid is late until today, and nothing
    by more than 90 days.
    """
    fallen = (owed.known <= as_of) & (owed.due > as_of - LONGEST)
    due, cents = owed.due[fallen], owed.cents[fallen].astype(np.float64)
    late = _late(owed, settled, as_of)[fallen]
    customers, place = np.unique(owed.customer[fallen], return_inverse=True)
    recent = due > as_of - RECENT

    def summed(rows: Mask, weights: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        sums = np.bincount(place[rows], weights=weights[rows], minlength=len(customers))
        return sums.astype(np.float64)

    columns = {}
    for name, rows in (("recent", recent), ("before", ~recent)):
        amount = summed(rows, cents)
        nothing = np.full(len(amount), np.nan)
        columns[f"late_{name}"] = np.divide(
            summed(rows, late), amount, out=nothing, where=amount > 0
        )
        columns[f"dues_{name}"] = summed(rows, np.ones(len(due)))
    return pd.DataFrame(columns, index=pd.Index(customers, name="customer"))[FIGURES]


def _late(owed: Owed, settled: Settled, as_of: int) -> npt.NDArray[np.float64]:
    """Cents times days late of each document."""
    known = (settled.day <= as_of) & np.isin(settled.document, owed.document)
    place = np.searchsorted(owed.document, settled.document[known])
    cents = settled.cents[known].astype(np.float64)
    days = np.clip(settled.day[known] - owed.due[place], 0, LATEST)
    days[~settled.is_payment[known]] = 0
    paid = np.bincount(place, weights=cents, minlength=len(owed.due))
    late = np.bincount(place, weights=cents * days, minlength=len(owed.due))
    still = np.maximum(owed.cents - paid, 0)
    waiting = np.clip(as_of - owed.due, 0, LATEST).astype(np.float64)
    return late + still * waiting
