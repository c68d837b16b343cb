"""The only reader of orders for grades and alerts: a whole book, as of one day, in one pass."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from django.db.backends.base.base import BaseDatabaseWrapper

from crm.models import Holiday
from tiering.bulk import copy_out
from tiering.churn.features import Usual, usual_in
from tiering.criteria import growth
from tiering.ledger import COVERED, NO_COST, OF
from tiering.points import column
from tiering.retention.orders import past_of
from tiering.windows import YEAR, day_number, distinct, order_rhythm

IntArray = npt.NDArray[np.int64]

CUSTOMERS = "SELECT id FROM crm_customer WHERE true{only} ORDER BY id"
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
# Growth looks at 180 days of a year ago, retention at all of that year.
LONGEST_WINDOW = max(YEAR + HALF, 2 * YEAR)


class Shard(NamedTuple):
    """Some of the customers: those whose key leaves `number` when divided by `of`, or these."""

    number: int = 0
    of: int = 1
    customers: tuple[int, ...] | None = None

    def only(self, key: str) -> str:
        """The condition on a key, to be added to others."""
        if self.customers is not None:
            keys = ",".join(f"{each:d}" for each in self.customers)
            return f" AND {key} = ANY (ARRAY[{keys}]::bigint[])"
        return f" AND mod({key}, {self.of:d}) = {self.number:d}" if self.of > 1 else ""


WHOLE = Shard()


@dataclass(frozen=True)
class Facts:
    """A book as of a day.

    book             one row per customer, those without orders too; index `customer`,
                     ascending; value_cents and revenue_cents (whole cents of the base
                     currency, net amounts of the last 365 days, may be negative),
                     order_days_365, order_days_180, age (days since the first order day,
                     NaN without one), criterion_growth (see `tiering.criteria`), spent_90
                     and spent_season (net revenue in cents of the last 90 days, and of the
                     same days a year ago) and what retention asks of the past (see
                     `tiering.retention.orders`)
    rhythm           one row per customer with an order day, see `order_rhythm`
    value_is_profit  whether value_cents is gross profit rather than revenue
    """

    as_of: date
    book: pd.DataFrame
    rhythm: pd.DataFrame
    value_is_profit: bool

    @cached_property
    def usual(self) -> Usual:
        return usual_in(self.rhythm)


@dataclass(frozen=True)
class _Documents:
    """Uncancelled orders and returns up to the day; `place` is that of the customer in the book."""

    place: IntArray
    day: IntArray
    cents: IntArray
    cost: IntArray

    def only(self, mask: npt.NDArray[np.bool_]) -> "_Documents":
        return _Documents(self.place[mask], self.day[mask], self.cents[mask], self.cost[mask])


@dataclass(frozen=True)
class Part:
    """The facts of a shard, before one measure is chosen for the whole book.

    book      as in Facts, but cost_cents (of the documents that have one) for value_cents
    sold      cents of positive documents of 365 days, and `covered` those with a cost
    """

    book: pd.DataFrame
    rhythm: pd.DataFrame
    sold: int
    covered: int


def read_facts(*, as_of: date) -> Facts:
    """Read the book as it was known on a day: documents dated later are not looked at."""
    return put_together([read_part(as_of=as_of)], as_of=as_of)


def read_part(
    *, as_of: date, shard: Shard = WHOLE, session: BaseDatabaseWrapper | None = None
) -> Part:
    """What `read_facts` reads, of the customers of one shard."""
    return _part(*_documents(as_of, shard, session), as_of)


class Past:
    """The customers of a shard on days that are over, from orders that are read once.

    days    those that will be asked for
    until   the last day that is read
    """

    def __init__(self, days: Sequence[date], *, until: date, shard: Shard = WHOLE):
        longest = LONGEST_WINDOW + (until - min(days)).days
        self._documents, self._customers = _documents(until, shard, None, longest)

    def facts(self, day: date) -> Facts:
        """As `read_facts` would have read them on that day."""
        known = self._documents.only(self._documents.day <= day_number(day))
        return put_together([_part(known, self._customers, day)], as_of=day)

    def ordered(self, after: date, *, days: int) -> IntArray:
        """Keys of the customers with an order day in the days after one."""
        first, day = day_number(after), self._documents.day
        coming = (day > first) & (day <= first + days) & (self._documents.cents > 0)
        return self._customers[distinct(self._documents.place[coming])]


def _part(documents: _Documents, customers: IntArray, as_of: date) -> Part:
    in_window = documents.only(documents.day > day_number(as_of) - YEAR)
    rhythm = _rhythm(documents, customers, as_of)
    index = pd.Index(customers, name="customer")
    days = rhythm[["order_days_365", "order_days_180"]].reindex(index, fill_value=0)
    age = rhythm["age"].astype(np.float64).reindex(index)
    known = np.where(in_window.cost == NO_COST, 0, in_window.cost)
    money = {
        "revenue_cents": _sums(in_window.place, in_window.cents, len(customers)),
        "cost_cents": _sums(in_window.place, known, len(customers)),
        column("growth"): growth(
            documents.place, documents.day, documents.cents, age.to_numpy(), day_number(as_of)
        ),
        "spent_90": _spent(documents, len(customers), until=day_number(as_of)),
        "spent_season": _spent(documents, len(customers), until=day_number(as_of) - YEAR),
    }
    past = past_of(documents.place, documents.day, documents.cents, len(customers), as_of=as_of)
    book = pd.DataFrame(money | past, index=index).join([days, age])
    return Part(book, rhythm, *_coverage(in_window.cents, in_window.cost))


def put_together(parts: Sequence[Part], *, as_of: date) -> Facts:
    """The facts of a book from those of its shards; the number of shards makes no difference."""
    sold, covered = sum(part.sold for part in parts), sum(part.covered for part in parts)
    is_profit = sold > 0 and covered * OF >= sold * COVERED
    book = _in_order([part.book for part in parts])
    cost = book.pop("cost_cents")
    # A document without a cost has no profit to take off.
    book.insert(0, "value_cents", book["revenue_cents"] - (cost if is_profit else 0))
    return Facts(as_of, book, _in_order([part.rhythm for part in parts]), is_profit)


def _in_order(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    return frames[0].copy() if len(frames) == 1 else pd.concat(frames).sort_index()


def _coverage(cents: IntArray, cost: IntArray) -> tuple[int, int]:
    sold = np.maximum(cents, 0)
    return int(sold.sum()), int(sold[cost != NO_COST].sum())


def copy_book(
    *,
    as_of: date,
    shard: Shard = WHOLE,
    session: BaseDatabaseWrapper | None = None,
    longest: int = LONGEST_WINDOW,
) -> tuple[dict[str, IntArray], IntArray]:
    """All that is read of orders, as columns (see DOCUMENT_TYPES), and the keys of customers."""
    params = {"as_of": as_of, "longest": longest, "no_cost": int(NO_COST)}
    documents = DOCUMENTS + shard.only("customer_id")
    columns = copy_out(documents, params, DOCUMENT_TYPES, session=session)
    # Read second, so that every document finds its customer unless it was removed since.
    keys = CUSTOMERS.format(only=shard.only("id"))
    return columns, copy_out(keys, {}, {"id": "i8"}, session=session)["id"]


def _documents(
    as_of: date,
    shard: Shard,
    session: BaseDatabaseWrapper | None,
    longest: int = LONGEST_WINDOW,
) -> tuple[_Documents, IntArray]:
    columns, customers = copy_book(as_of=as_of, shard=shard, session=session, longest=longest)
    place = np.searchsorted(customers, columns["customer"])
    found = _Documents(place, columns["day"], columns["cents"], columns["cost"])
    removed = ~np.isin(columns["customer"], customers)
    return (found.only(~removed) if removed.any() else found), customers


def _spent(documents: _Documents, customers: int, *, until: int) -> IntArray:
    """Net cents of the 90 days up to a day."""
    inside = documents.only((documents.day > until - 90) & (documents.day <= until))
    return _sums(inside.place, inside.cents, customers)


def _sums(place: IntArray, cents: IntArray, customers: int) -> IntArray:
    # Whole numbers below 2**53, so that the sums are exact in any order.
    return np.bincount(place, weights=cents, minlength=customers).astype(np.int64)


def _rhythm(documents: _Documents, customers: IntArray, as_of: date) -> pd.DataFrame:
    """Several orders of a customer on one day are one order day."""
    is_sale = documents.cents > 0
    first = int(documents.day.min(initial=0))
    span = int(documents.day.max(initial=0)) - first + 1
    order_days = distinct(documents.place[is_sale] * span + (documents.day[is_sale] - first))
    place, day = np.divmod(order_days, span)
    return order_rhythm(
        customers[place], day + first, as_of=day_number(as_of), holidays=holidays_kept()
    )


def holidays_kept() -> IntArray:
    """Day numbers of the holidays that the company keeps, ascending."""
    return in_numbers(Holiday.objects.in_force().days())


def in_numbers(days: Iterable[date]) -> IntArray:
    """Day numbers, ascending."""
    return np.array(sorted(day_number(day) for day in days), dtype=np.int64)
