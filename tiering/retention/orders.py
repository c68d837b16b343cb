"""What the orders of a book say of retention, from columns in memory."""

from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from tiering.retention.cohorts import QUARTERS, quarter_starts
from tiering.windows import YEAR, day_number

IntArray = npt.NDArray[np.int64]
NEVER = -1


def past_of(
    place: IntArray, day: IntArray, cents: IntArray, customers: int, *, as_of: date
) -> dict[str, npt.NDArray[Any]]:
    """By place of the customer, of uncancelled documents up to a day:

    before_cents   net revenue of the 365 days before the last 365, in whole cents
    bought_before  whether one of them was an order day
    quarters       bit k: an order day k quarters ago
    first_age      quarters since the first order day, NEVER without one
    """
    today = day_number(as_of)
    before = (day > today - 2 * YEAR) & (day <= today - YEAR)
    is_sale = cents > 0
    sums = np.bincount(place[before], weights=cents[before], minlength=customers)
    buyers = np.bincount(place[before & is_sale], minlength=customers) > 0
    starts = np.array([day_number(start) for start in quarter_starts(as_of)])
    age = QUARTERS - np.searchsorted(starts, day[is_sale], side="right")
    quarters, first_age = np.zeros(customers, np.int64), np.full(customers, NEVER, np.int64)
    np.bitwise_or.at(quarters, place[is_sale], np.int64(1) << age)
    np.maximum.at(first_age, place[is_sale], age)
    return {
        "before_cents": sums.astype(np.int64),
        "bought_before": buyers,
        "quarters": quarters,
        "first_age": first_age,
    }
