"""Pure: the least order that brings enough points, by the same formulas as the night's.

Tried are many amounts at once: each is a customer of its own, with the same past and one
order more on the day of the night.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tiering.criteria import criteria
from tiering.explain.shapes import HUNDREDTHS, Book, Customer, Figures
from tiering.ledger import without_costs
from tiering.points import breakdown, column
from tiering.windows import IntArray

# An order changes nothing of the other criteria: what it is made of, and when it will be paid,
# is not known.
MOVED = [column(name) for name in ("profit", "margin", "continuity", "growth", "loyalty")]
MOVED += [column("order_size")]
LARGEST = 2**33
AT_ONCE = 64


@dataclass(frozen=True)
class Trade:
    """The documents of a customer as far back as a criterion looks: day numbers, hundredths."""

    day: Sequence[int]
    cents: Sequence[int]


def least_order(
    customer: Customer, book: Book, figures: Figures | None, trade: Trade | None, line: int
) -> int | None:
    """Whole units of money of an order with a score above `line`; where value is profit, at the
    usual margin of the customer. None where no order brings that, where there is no such
    margin, and where the documents no longer are those behind the figures."""
    if figures is None or trade is None or book.points is None:
        return None
    if not _agree(customer, book, figures, trade) or not _has_margin(customer, book):
        return None
    low, high, tried = 0, 0, 2 ** np.arange(LARGEST.bit_length())
    while low + 1 < high or not high:
        enough = np.flatnonzero(scores_with(customer, book, figures, trade, tried) > line)
        if not len(enough):
            return None
        low, high = (int(tried[enough[0] - 1]) if enough[0] else low), int(tried[enough[0]])
        tried = np.unique(np.linspace(low + 1, high, AT_ONCE).astype(np.int64))
    return high


def scores_with(
    customer: Customer, book: Book, figures: Figures, trade: Trade, units: IntArray
) -> IntArray:
    """The scores of the customer with an order of each of these amounts."""
    assert book.points is not None
    moved = _criteria(customer, book, trade, units * HUNDREDTHS)
    kept = pd.concat([figures.astype(np.float64)] * len(units), ignore_index=True)
    table = kept.assign(**{name: moved[name] for name in MOVED})
    names = [column(name) for name in book.points.weights]
    return breakdown(table.reindex(columns=names), book.points).score.to_numpy()


def _has_margin(customer: Customer, book: Book) -> bool:
    return not book.value_is_profit or min(customer.value, customer.revenue) > 0


def _agree(customer: Customer, book: Book, figures: Figures, trade: Trade) -> bool:
    today = _criteria(customer, book, trade, None)[MOVED]
    kept = figures.reindex(columns=MOVED).astype(np.float64)
    return bool(np.allclose(today, kept, equal_nan=True))


def _criteria(customer: Customer, book: Book, trade: Trade, cents: IntArray | None) -> Figures:
    """Of the customer as it is, or with one order of each of these amounts."""
    count = 1 if cents is None else len(cents)
    new = [] if cents is None else [cents]
    past = [np.full(count, each) for each in trade.cents]
    day = np.tile([*trade.day, *[book.day] * len(new)], count)
    bought = np.column_stack([*past, *new]) if past or new else np.empty((count, 0))
    place = np.repeat(np.arange(count), bought.shape[1])
    added = np.zeros(count, dtype=np.int64) if cents is None else cents
    return criteria(
        _facts(customer, book, added),
        without_costs(place, day.astype(np.int64), bought.ravel().astype(np.int64)),
        as_of=book.day,
        value_is_profit=book.value_is_profit,
    )


def _facts(customer: Customer, book: Book, cents: IntArray) -> Figures:
    profit = cents
    if book.value_is_profit and customer.revenue > 0:
        profit = np.floor(cents * (customer.value / customer.revenue)).astype(np.int64)
    ordered = customer.order_days + (cents > 0)
    age = np.nan if customer.age is None else customer.age
    return pd.DataFrame(
        {
            "value_cents": customer.value + profit,
            "revenue_cents": customer.revenue + cents,
            "order_days": ordered,
            "age": np.where((ordered > 0) & np.isnan(age), 0, age),
        }
    )
