"""What the criteria of a points policy look at beside the facts: documents, what fell due and
was paid, categories bought, ratings; of a whole book, each in one pass."""

from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from tiering.bulk import copy_out
from tiering.criteria import UNPAID, Dues
from tiering.facts import DOCUMENT_TYPES, LONGEST_WINDOW
from tiering.ledger import NO_COST, Documents
from tiering.points import RATED, column
from tiering.windows import YEAR

DOCUMENTS = """
SELECT customer_id, ordered_on - date '1970-01-01',
       (base_amount * 100)::bigint, coalesce((base_cost * 100)::bigint, %(no_cost)s)
FROM crm_order
WHERE status <> 'cancelled' AND ordered_on <= %(as_of)s AND ordered_on > %(as_of)s - %(longest)s
"""
# A payment of a later day is one that has not come yet. What returns take off an order is not
# owed, and a payment sent back is owed again.
DUES = """
WITH owed AS (
    SELECT id, customer_id, due_on, amount, 100 * base_amount::float8 / amount::float8 AS rate FROM crm_order
    WHERE status <> 'cancelled' AND amount > 0 AND base_amount > 0
      AND ordered_on <= %(as_of)s AND due_on <= %(as_of)s
), settled AS (
    SELECT order_id, sum(amount) AS amount FROM (
        SELECT order_id, amount FROM crm_payment WHERE paid_on <= %(as_of)s
        UNION ALL
        SELECT returns_id, -amount FROM crm_order
        WHERE returns_id IS NOT NULL AND status <> 'cancelled' AND amount < 0
          AND ordered_on <= %(as_of)s
    ) each GROUP BY order_id
), entries AS (
    SELECT o.customer_id, o.due_on, p.paid_on - date '1970-01-01' AS paid, p.amount::float8 * o.rate AS cents
    FROM owed o JOIN crm_payment p ON p.order_id = o.id
    WHERE p.amount > 0 AND p.paid_on <= %(as_of)s AND o.due_on > %(as_of)s - %(year)s
    UNION ALL
    SELECT o.customer_id, o.due_on, %(unpaid)s, (o.amount - coalesce(s.amount, 0))::float8 * o.rate
    FROM owed o LEFT JOIN settled s ON s.order_id = o.id
)
SELECT customer_id, due_on - date '1970-01-01', paid::bigint, round(cents)::bigint
FROM entries WHERE round(cents) > 0
"""
DUE_TYPES = {"customer": "i8", "due": "i4", "paid": "i8", "cents": "i8"}
CATEGORIES = """
SELECT o.customer_id, count(DISTINCT p.category)
FROM crm_order o JOIN crm_orderline l ON l.order_id = o.id JOIN crm_product p ON p.id = l.product_id
WHERE o.status <> 'cancelled' AND o.base_amount > 0 AND l.quantity > 0 AND p.category <> ''
  AND o.ordered_on <= %(as_of)s AND o.ordered_on > %(as_of)s - %(year)s
GROUP BY o.customer_id
"""
CATEGORY_TYPES = {"customer": "i8", "categories": "i8"}
RATINGS = """
SELECT DISTINCT ON (customer_id, criterion) customer_id,
    array_position(%(criteria)s::text[], criterion::text) - 1, points
FROM tiering_rating WHERE rated_on <= %(as_of)s AND criterion = ANY (%(criteria)s)
ORDER BY customer_id, criterion, rated_on DESC, id DESC
"""
RATING_TYPES = {"customer": "i8", "criterion": "i4", "points": "i2"}


def documents_of(index: pd.Index, *, as_of: date) -> Documents:
    """Orders and returns of the customers of a book, as far back as a criterion looks."""
    params = {"as_of": as_of, "longest": LONGEST_WINDOW, "no_cost": int(NO_COST)}
    found = _of_book(index, copy_out(DOCUMENTS, params, DOCUMENT_TYPES))
    return Documents(*(found[name].astype("i8") for name in Documents._fields))


def dues_of(index: pd.Index, *, as_of: date) -> Dues:
    """What fell due by the day: an entry for each payment, and one for what is still open."""
    params = {"as_of": as_of, "year": YEAR, "unpaid": int(UNPAID)}
    found = _of_book(index, copy_out(DUES, params, DUE_TYPES))
    return Dues(*(found[name].astype("i8") for name in Dues._fields))


def categories_of(*, as_of: date) -> pd.Series:
    """Different categories bought in 365 days, of customers of whom any is known."""
    found = copy_out(CATEGORIES, {"as_of": as_of, "year": YEAR}, CATEGORY_TYPES)
    return pd.Series(found["categories"], index=found["customer"])


def ratings_of(index: pd.Index, *, as_of: date) -> pd.DataFrame:
    """Columns `criterion_<code>` of the rated criteria: the last rating by the day, or NaN."""
    params = {"as_of": as_of, "criteria": list(RATED)}
    found = _of_book(index, copy_out(RATINGS, params, RATING_TYPES))
    points = np.full((len(index), len(RATED)), np.nan)
    points[index.get_indexer(pd.Index(found["customer"])), found["criterion"]] = found["points"]
    return pd.DataFrame(points, index=index, columns=[column(name) for name in RATED])


def _of_book(index: pd.Index, found: dict[str, Any]) -> dict[str, npt.NDArray[Any]]:
    """Without the customers who came or went since the book was read."""
    known = np.isin(found["customer"], index.to_numpy())
    return found if known.all() else {name: each[known] for name, each in found.items()}
