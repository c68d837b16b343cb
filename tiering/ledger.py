"""Pure: a book that moves on day by day, for replays; nothing is read twice.

Documents are uncancelled orders and returns. What a window holds is kept as running sums:
a day adds its documents and takes out those that leave the window.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from tiering.windows import NO_HOLIDAYS, YEAR, worked_columns

IntArray = npt.NDArray[np.int64]

NEVER = np.iinfo(np.int64).min // 2
NO_COST = np.iinfo(np.int64).min
# Gross profit needs a cost for at least 95 % of the window's revenue.
COVERED, OF = 95, 100


class Documents(NamedTuple):
    """One entry per document, in any order.

    customer   any whole numbers
    day        days since 1970-01-01
    cents      net amount in base currency, below 0 for a return
    cost       cost in cents, NO_COST where it is not known
    """

    customer: IntArray
    day: IntArray
    cents: IntArray
    cost: IntArray

    def chosen(self, rows: npt.NDArray[np.generic] | slice) -> "Documents":
        return Documents(*(column[rows] for column in self))


def without_costs(customer: IntArray, day: IntArray, cents: IntArray) -> Documents:
    """Documents of a book that knows no costs."""
    return Documents(customer, day, cents, np.full(len(day), NO_COST))


class Ledger:
    """The book as of a day that only goes forward.

    customers   ascending; every array of the ledger has one entry for each
    """

    def __init__(self, documents: Documents, *, holidays: IntArray = NO_HOLIDAYS):
        self._holidays = holidays
        self.customers, place = np.unique(documents.customer, return_inverse=True)
        placed = documents._replace(customer=place.astype(np.int64))
        self._documents = placed.chosen(np.argsort(placed.day, kind="stable"))
        self._order_days = _order_days(self._documents)
        size = len(self.customers)
        self.day = NEVER
        self.revenue, self.cost = np.zeros(size, np.int64), np.zeros(size, np.int64)
        self.order_days, self.order_days_365 = np.zeros(size, np.int64), np.zeros(size, np.int64)
        self.first, self.last = np.full(size, -NEVER), np.full(size, NEVER)
        self._sold = self._covered = 0

    def advance(self, day: int) -> None:
        """Move on to the end of a day. Raises ValueError for a day that is past."""
        if day < self.day:
            raise ValueError("A ledger only goes forward.")
        self._book(between(self._documents, self.day, day), 1)
        self._book(between(self._documents, self.day - YEAR, day - YEAR), -1)
        come = between(self._order_days, self.day, day)
        gone = between(self._order_days, self.day - YEAR, day - YEAR)
        self.order_days += self._count(come.customer)
        self.order_days_365 += self._count(come.customer) - self._count(gone.customer)
        np.minimum.at(self.first, come.customer, come.day)
        np.maximum.at(self.last, come.customer, come.day)
        self.day = day

    @property
    def value_is_profit(self) -> bool:
        """Whether at least 95 % of the window's revenue has a cost; one measure for all."""
        return self._sold > 0 and self._covered * OF >= self._sold * COVERED

    def facts(self) -> pd.DataFrame:
        """One row per customer, those without an order day too; index `customer`.

        value_cents, revenue_cents, order_days_365       as in `tiering.bases`
        order_days, repeats, recency, age, silent_days, and what is counted without holidays
                                                         as in `order_rhythm`; of customers
                                                         without an order day all 0
        """
        ordered = self.order_days > 0
        first, last = (
            np.where(ordered, self.first, self.day),
            np.where(ordered, self.last, self.day),
        )
        profit = self.cost if self.value_is_profit else 0
        columns = {
            "value_cents": self.revenue - profit,
            "revenue_cents": self.revenue.copy(),
            "order_days_365": self.order_days_365.copy(),
            "order_days": self.order_days.copy(),
            "repeats": np.maximum(self.order_days - 1, 0),
            "recency": last - first,
            "age": self.day - first,
            "silent_days": self.day - last,
        } | worked_columns(first, last, self.day, self._holidays)
        return pd.DataFrame(columns, index=pd.Index(self.customers, name="customer"))

    def orders_after(self, day: int, days: int) -> IntArray:
        """Cents of positive orders of (day, day + days] by customer, known or not."""
        come = between(self._documents, day, day + days)
        return self._sum(come.customer, np.maximum(come.cents, 0))

    def _book(self, moved: Documents, sign: int) -> None:
        sold, known = np.maximum(moved.cents, 0), moved.cost != NO_COST
        self.revenue += sign * self._sum(moved.customer, moved.cents)
        self.cost += sign * self._sum(moved.customer, np.where(known, moved.cost, 0))
        self._sold += sign * int(sold.sum())
        self._covered += sign * int(sold[known].sum())

    def _sum(self, place: IntArray, cents: IntArray) -> IntArray:
        # Whole numbers below 2**53, so that the sums are exact in any order.
        return np.bincount(place, weights=cents, minlength=len(self.customers)).astype(np.int64)

    def _count(self, place: IntArray) -> IntArray:
        return np.bincount(place, minlength=len(self.customers))


def between(documents: Documents, after: int, until: int) -> Documents:
    """Those of (after, until]; the documents are sorted by day."""
    edges = np.searchsorted(documents.day, [after, until], side="right")
    return documents.chosen(slice(*edges))


def _order_days(documents: Documents) -> Documents:
    """The first positive document of every customer and day stands for the order day."""
    sales = documents.chosen(documents.cents > 0)
    _, first = np.unique(np.stack([sales.day, sales.customer]), axis=1, return_index=True)
    return sales.chosen(np.sort(first))
