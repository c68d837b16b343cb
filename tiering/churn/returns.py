"""Pure: how often those who had been away came back, on the company's own past.

On each closed monthly origin every customer with an order day by then stands in one cell: by
the days since the latest order day known then, and by the number of order days known then.
It came back if it has an order day in the 180 days after the origin.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from tiering.churn.measures import interval
from tiering.windows import YEAR, day_number

IntArray = npt.NDArray[np.int64]

HORIZON = 180
MONTH = 30
ORIGINS = 36
# Where each class of months away and of order days begins; the last one is open.
MONTHS = (0, 3, 6, 9, 12, 18, 24, 36)
AWAY = tuple(-(-months * YEAR // 12) for months in MONTHS)
ORDERS = (1, 2, 4, 10)
ENOUGH = 30


@dataclass(frozen=True)
class Cell:
    """Customers away as long, with as many order days.

    away, orders   number of the class, from 1, as `width_bucket` of PostgreSQL counts
    n              silences seen; one that spans several origins is one, for it says one thing
    seen           silences times the origins at which they were in this cell
    returned       how many of these ended within the horizon
    """

    away: int
    orders: int
    n: int
    seen: int
    returned: int

    @property
    def share(self) -> float:
        return self.returned / self.seen if self.seen else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """95 per cent (Wilson 1927), as if each silence had been seen once."""
        return interval(self.share * self.n, self.n) or (0.0, 1.0)


def months_in(days: int) -> int:
    """Whole months in so many days, a twelfth of a year each."""
    return days * 12 // YEAR


def origins_closed(as_of: date) -> IntArray:
    """Day numbers, ascending, whose horizon is over by the day."""
    newest = day_number(as_of) - HORIZON
    return newest - MONTH * np.arange(ORIGINS - 1, -1, -1, dtype=np.int64)


def returns_of(customers: IntArray, days: IntArray, *, as_of: date) -> list[Cell]:
    """One cell for every pair of classes, those without a silence included.

    `customers`, `days`: order days of a book, in any order, with or without repeats; those
    later than `as_of` are left out, and of the others only labels look past an origin.
    """
    starts, ends, orders = _silences(customers, days, day_number(as_of))
    origins = origins_closed(as_of)
    first = np.searchsorted(origins, starts, side="left")
    seen = np.maximum(np.searchsorted(origins, ends, side="left") - first, 0)
    silence = np.repeat(np.arange(len(starts)), seen)
    step = np.arange(len(silence)) - np.repeat(np.cumsum(seen) - seen, seen)
    origin = origins[np.repeat(first, seen) + step]
    away = np.searchsorted(AWAY, origin - starts[silence], side="right")
    cell = (away - 1) * len(ORDERS) + np.searchsorted(ORDERS, orders[silence], side="right") - 1
    is_back = ends[silence] <= origin + HORIZON
    # A silence grows longer from origin to origin, so its rows of one cell are neighbours.
    is_new = np.ones(len(cell), dtype=bool)
    is_new[1:] = (cell[1:] != cell[:-1]) | (silence[1:] != silence[:-1])
    return _cells(cell, is_new, is_back)


def _silences(
    customers: IntArray, days: IntArray, today: int
) -> tuple[IntArray, IntArray, IntArray]:
    """Of each order day: the day, the next one of the customer, how many there were by then."""
    known = days <= today
    customers, days = customers[known], days[known]
    order = np.lexsort((days, customers))
    customers, days = customers[order], days[order]
    is_first = np.ones(len(days), dtype=bool)
    is_first[1:] = (customers[1:] != customers[:-1]) | (days[1:] != days[:-1])
    customers, days = customers[is_first], days[is_first]
    goes_on = customers[1:] == customers[:-1]
    ends = np.full(len(days), np.iinfo(np.int64).max)
    ends[:-1][goes_on] = days[1:][goes_on]
    begins = np.flatnonzero(np.concatenate(([True], ~goes_on))[: len(days)])
    counts = np.diff(begins, append=len(days))
    orders = np.arange(len(days)) - np.repeat(begins, counts) + 1
    return days, ends, orders


def _cells(
    cell: IntArray, is_new: npt.NDArray[np.bool_], is_back: npt.NDArray[np.bool_]
) -> list[Cell]:
    size = len(AWAY) * len(ORDERS)
    counts = [np.bincount(part, minlength=size) for part in (cell[is_new], cell, cell[is_back])]
    return [
        Cell(place // len(ORDERS) + 1, place % len(ORDERS) + 1, *(int(c[place]) for c in counts))
        for place in range(size)
    ]
