"""The only reader of orders for grades and alerts: a whole book, as of one day, in one pass."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from tiering.bulk import copy_out
from tiering.criteria import growth
from tiering.ledger import COVERED, NO_COST, OF
from tiering.points import column
from tiering.windows import YEAR, day_number, order_rhythm

IntArray = npt.NDArray[np.int64]

CUSTOMERS = "SELECT id FROM crm_customer ORDER BY id"
# Returns and zero amounts are no order days; they only matter inside the windows of money.
DOCUMENTS = """
SELECT customer_id, ordered_on - date '1970-01-01',
       (base_amount * 100)::bigint, coalesce((base_cost * 100)::bigint, %(no_cost)s)
FROM crm_order
WHERE status <> 'cancelled' AND ordered_on <= %(as_of)s
  AND (base_amount > 0 OR ordered_on > %(as_of)s - %(longest)s)
"""
DOCUMENT_TYPES = {"customer": "i8", "day": "i4", "cents": "i8", "cost": "i8"}
HALF = 180
# Growth looks at 180 days of a year ago.
LONGEST_WINDOW = YEAR + HALF


@dataclass(frozen=True)
class Facts:
    """A book as of a day.

    book             one row per customer, those without orders too; index `customer`,
                     ascending; value_cents and revenue_cents (whole cents of the base
                     currency, net amounts of the last 365 days, may be negative),
                     order_days_365, order_days_180, age (days since the first order day,
                     NaN without one) and criterion_growth (see `tiering.criteria`)
    rhythm           one row per customer with an order day, see `order_rhythm`
    value_is_profit  whether value_cents is gross profit rather than revenue
    """

    as_of: date
    book: pd.DataFrame
    rhythm: pd.DataFrame
    value_is_profit: bool


@dataclass(frozen=True)
class _Documents:
    """Uncancelled orders and returns up to the day; `place` is that of the customer in the book."""

    place: IntArray
    day: IntArray
    cents: IntArray
    cost: IntArray

    def only(self, mask: npt.NDArray[np.bool_]) -> "_Documents":
        return _Documents(self.place[mask], self.day[mask], self.cents[mask], self.cost[mask])


def read_facts(*, as_of: date) -> Facts:
    """Read the book as it was known on a day: documents dated later are not looked at."""
    documents, customers = _documents(as_of)
    in_window = documents.only(documents.day > day_number(as_of) - YEAR)
    is_profit = costs_are_known(in_window.cents, in_window.cost)
    rhythm = _rhythm(documents, customers, as_of)
    index = pd.Index(customers, name="customer")
    days = rhythm[["order_days_365", "order_days_180"]].reindex(index, fill_value=0)
    age = rhythm["age"].astype(np.float64).reindex(index)
    money = {
        "value_cents": _values(in_window, len(customers), is_profit=is_profit),
        "revenue_cents": _values(in_window, len(customers), is_profit=False),
        column("growth"): growth(
            documents.place, documents.day, documents.cents, age.to_numpy(), day_number(as_of)
        ),
    }
    book = pd.DataFrame(money, index=index).join([days, age])
    return Facts(as_of, book, rhythm, is_profit)


def costs_are_known(cents: IntArray, cost: IntArray) -> bool:
    """Whether at least 95 % of the revenue of these sales has a cost; False without sales."""
    sold = np.maximum(cents, 0)
    covered, revenue = int(sold[cost != NO_COST].sum()), int(sold.sum())
    return revenue > 0 and covered * OF >= revenue * COVERED


def copy_book(*, as_of: date) -> tuple[dict[str, IntArray], IntArray]:
    """All that is read of orders, as columns (see DOCUMENT_TYPES), and the keys of customers."""
    params = {"as_of": as_of, "longest": LONGEST_WINDOW, "no_cost": int(NO_COST)}
    columns = copy_out(DOCUMENTS, params, DOCUMENT_TYPES)
    # Read second, so that every document finds its customer unless it was removed since.
    return columns, copy_out(CUSTOMERS, {}, {"id": "i8"})["id"]


def _documents(as_of: date) -> tuple[_Documents, IntArray]:
    columns, customers = copy_book(as_of=as_of)
    place = np.searchsorted(customers, columns["customer"])
    found = _Documents(place, columns["day"], columns["cents"], columns["cost"])
    removed = ~np.isin(columns["customer"], customers)
    return (found.only(~removed) if removed.any() else found), customers


def _values(documents: _Documents, customers: int, *, is_profit: bool) -> IntArray:
    """Sum of each customer's documents; where profit is asked, one without a cost has none."""
    cents = documents.cents
    if is_profit:
        cents = cents - np.where(documents.cost == NO_COST, 0, documents.cost)
    # Whole numbers below 2**53, so that the sums are exact in any order.
    return np.bincount(documents.place, weights=cents, minlength=customers).astype(np.int64)


def _rhythm(documents: _Documents, customers: IntArray, as_of: date) -> pd.DataFrame:
    """Several orders of a customer on one day are one order day."""
    is_sale = documents.cents > 0
    first = int(documents.day.min(initial=0))
    span = int(documents.day.max(initial=0)) - first + 1
    order_days = np.unique(documents.place[is_sale] * span + (documents.day[is_sale] - first))
    place, day = np.divmod(order_days, span)
    return order_rhythm(customers[place], day + first, as_of=day_number(as_of))
