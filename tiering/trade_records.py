"""What signals look at of lines and payments: of a book or a shard, or of some customers."""

from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import pandas as pd

from crm.models import Product
from tiering.bulk import copy_out
from tiering.facts import Shard
from tiering.signals.payments import LONGEST, Owed, Settled
from tiering.signals.trade import ITEM_WINDOW, Lines, taken_together
from tiering.windows import YEAR

KEY = "o.customer_id"
EPOCH = "date '1970-01-01'"
# Of whoever shows signals the last order is a year old at most.
LINES = f"""
SELECT o.customer_id, l.product_id, o.ordered_on - {EPOCH}, (l.quantity * l.unit_price)::float8
FROM crm_order o JOIN crm_orderline l ON l.order_id = o.id{{today}}
WHERE o.status <> 'cancelled' AND o.base_amount > 0 AND l.quantity > 0
  AND o.ordered_on <= %(as_of)s AND o.ordered_on > %(lines_since)s{{only}}
"""
ITS_WINDOW = f"""
JOIN tiering_standing s ON s.customer_id = o.customer_id AND s.eligible
  AND o.ordered_on > s.last_order_on - {ITEM_WINDOW}"""
LINE_TYPES = {"customer": "i8", "product": "i8", "day": "i4", "worth": "f8"}
IS_OWED = """o.status <> 'cancelled' AND o.amount > 0 AND o.ordered_on <= %(as_of)s
  AND o.due_on <= %(as_of)s AND o.due_on > %(dues_since)s{only}"""
OWED = f"""
SELECT o.id, o.customer_id, o.due_on - {EPOCH}, greatest(o.due_on, o.ordered_on) - {EPOCH},
    (o.amount * 100)::bigint
FROM crm_order o WHERE {IS_OWED}
"""
OWED_TYPES = {"document": "i8", "customer": "i8", "due": "i4", "known": "i4", "cents": "i8"}
# What returns take off a document is settled too.
SETTLED = f"""
SELECT o.id, p.paid_on - {EPOCH}, (p.amount * 100)::bigint, true
FROM crm_order o JOIN crm_payment p ON p.order_id = o.id
WHERE p.paid_on <= %(as_of)s AND {IS_OWED}
UNION ALL
SELECT o.id, r.ordered_on - {EPOCH}, (-r.amount * 100)::bigint, false
FROM crm_order o JOIN crm_order r ON r.returns_id = o.id
WHERE r.status <> 'cancelled' AND r.amount < 0 AND r.ordered_on <= %(as_of)s AND {IS_OWED}
"""
SETTLED_TYPES = {"document": "i8", "day": "i4", "cents": "i8", "is_payment": "?"}


class Trade(NamedTuple):
    """`lines` are taken together; `categories`: a number by product, of those that have one."""

    lines: Lines
    categories: pd.Series
    owed: Owed
    settled: Settled


def trade_of(shard: Shard, *, as_of: date) -> Trade:
    """Of a shard, by the standings that the night of that day has written."""
    return _read(shard.only(KEY), as_of, as_of, today=ITS_WINDOW)


def trade_of_some(customers: list[int], *, as_of: date) -> Trade:
    only = " AND o.customer_id = ANY (%(customers)s)"
    return _read(only, as_of, as_of, today=ITS_WINDOW, customers=customers)


def trade_since(oldest: date, shard: Shard, *, as_of: date) -> Trade:
    """What has to be known to look back from any day between the oldest and this one."""
    return _read(shard.only(KEY), oldest, as_of)


def _read(
    only: str, oldest: date, as_of: date, *, today: str = "", customers: list[int] | None = None
) -> Trade:
    params = {
        "as_of": as_of,
        "lines_since": oldest - timedelta(days=YEAR + ITEM_WINDOW),
        "dues_since": oldest - timedelta(days=LONGEST),
        "customers": customers,
    }
    lines = copy_out(LINES.format(only=only, today=today), params, LINE_TYPES)
    bought = taken_together(Lines(**lines))
    del lines
    owed = copy_out(OWED.format(only=only), params, OWED_TYPES)
    order = np.argsort(owed["document"])
    settled = copy_out(SETTLED.format(only=only), params, SETTLED_TYPES)
    dues = Owed(*(owed[name][order] for name in Owed._fields))
    return Trade(bought, categories(), dues, Settled(**settled))


def categories() -> pd.Series:
    """A number for each category, by product; products without one are left out."""
    found = dict(Product.objects.exclude(category="").values_list("pk", "category"))
    numbers, _names = pd.factorize(pd.Series(list(found.values()), dtype=object))
    return pd.Series(numbers, index=pd.Index(list(found), dtype="i8"))
