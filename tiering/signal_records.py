"""What the signals look at beside the facts, of a whole book or a shard of it, each in one pass."""

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from tiering.bulk import copy_out
from tiering.facts import WHOLE, Shard
from tiering.models.grade import Grade
from tiering.signals.rules import ITEM_DAYS, ITEM_SHARE, lost_items
from tiering.windows import YEAR, day_number

EPOCH = "date '1970-01-01'"
NAN = "'NaN'::float8"
CATEGORIES = """
SELECT o.customer_id,
    count(DISTINCT p.category) FILTER (WHERE o.ordered_on > %(as_of)s - 180)::float8,
    count(DISTINCT p.category) FILTER (WHERE o.ordered_on <= %(as_of)s - 180)::float8
FROM crm_order o JOIN crm_orderline l ON l.order_id = o.id JOIN crm_product p ON p.id = l.product_id
WHERE o.status <> 'cancelled' AND o.base_amount > 0 AND l.quantity > 0 AND p.category <> ''
  AND o.ordered_on <= %(as_of)s AND o.ordered_on > %(as_of)s - 360{only}
GROUP BY o.customer_id
"""
ITEMS = f"""
WITH bought AS (
    SELECT o.customer_id, l.product_id, o.ordered_on AS day,
        sum(l.quantity::float8 * l.unit_price::float8) AS worth
    FROM crm_order o JOIN crm_orderline l ON l.order_id = o.id
    WHERE o.status <> 'cancelled' AND o.base_amount > 0 AND l.quantity > 0
      AND o.ordered_on <= %(as_of)s AND o.ordered_on > %(as_of)s - 545{{only}}
    GROUP BY 1, 2, 3
), spaced AS (
    SELECT *, day - lag(day) OVER (PARTITION BY customer_id, product_id ORDER BY day) AS gap,
        sum(worth) OVER (PARTITION BY customer_id) AS of_all
    FROM bought
)
SELECT customer_id, product_id, max(day) - {EPOCH}, max(gap), sum(worth) / max(of_all)
FROM spaced GROUP BY 1, 2
HAVING count(*) >= %(item_days)s AND max(of_all) > 0 AND sum(worth) >= %(item_share)s * max(of_all)
"""
ITEM_TYPES = {
    "customer": "i8",
    "product": "i8",
    "last_day": "i4",
    "longest_gap": "i4",
    "share": "f8",
}
# What returns take off a document is settled too; nothing is more than 90 days late.
PAYMENTS = f"""
WITH owed AS (
    SELECT id, customer_id, due_on, amount, due_on > %(as_of)s - 180 AS recent FROM crm_order o
    WHERE status <> 'cancelled' AND amount > 0 AND ordered_on <= %(as_of)s
      AND due_on <= %(as_of)s AND due_on > %(as_of)s - 545{{only}}
), paid AS (
    SELECT o.id, sum(p.amount) AS amount,
        sum(p.amount * least(greatest(p.paid_on - o.due_on, 0), 90)) AS late
    FROM owed o JOIN crm_payment p ON p.order_id = o.id AND p.paid_on <= %(as_of)s GROUP BY o.id
), back AS (
    SELECT returns_id AS id, -sum(amount) AS amount FROM crm_order
    WHERE returns_id IS NOT NULL AND status <> 'cancelled' AND amount < 0
      AND ordered_on <= %(as_of)s GROUP BY returns_id
), each AS (
    SELECT o.customer_id, o.recent, o.amount, coalesce(paid.late, 0)
        + greatest(o.amount - coalesce(paid.amount, 0) - coalesce(back.amount, 0), 0)
        * least(%(as_of)s - o.due_on, 90) AS late
    FROM owed o LEFT JOIN paid USING (id) LEFT JOIN back USING (id)
)
SELECT customer_id,
    coalesce((sum(late) FILTER (WHERE recent) / sum(amount) FILTER (WHERE recent))::float8, {NAN}),
    coalesce((sum(late) FILTER (WHERE NOT recent)
        / sum(amount) FILTER (WHERE NOT recent))::float8, {NAN}),
    count(*) FILTER (WHERE recent)::float8, count(*) FILTER (WHERE NOT recent)::float8
FROM each GROUP BY customer_id
"""
# The grade of that day, not of today: what it promised then was what could be kept.
CONTACTS = f"""
SELECT g.customer_id, (%(promised)s::float8[])[array_position(%(grades)s::text[], g.grade)],
    (v.day - {EPOCH})::float8
FROM (
    SELECT DISTINCT ON (o.customer_id) o.customer_id, o.to_grade::text AS grade
    FROM tiering_gradechange o WHERE o.as_of <= %(as_of)s{{only}}
    ORDER BY o.customer_id, o.as_of DESC, o.correction DESC
) g JOIN (
    SELECT customer_id, max((happened_at AT TIME ZONE %(zone)s)::date) AS day FROM crm_visit
    WHERE outcome <> 'missed' AND (happened_at AT TIME ZONE %(zone)s)::date <= %(as_of)s
    GROUP BY customer_id
) v USING (customer_id)
"""
COMPLAINTS = f"""
SELECT o.customer_id, (min(o.opened_on) - {EPOCH})::float8 FROM crm_case o
WHERE o.kind = 'complaint' AND o.opened_on <= %(as_of)s
  AND (o.closed_on IS NULL OR o.closed_on > %(as_of)s){{only}}
GROUP BY o.customer_id
"""
SATISFACTION = """
SELECT DISTINCT ON (o.customer_id) o.customer_id, o.satisfaction::float8 FROM crm_visit o
WHERE o.satisfaction IS NOT NULL AND (o.happened_at AT TIME ZONE %(zone)s)::date <= %(as_of)s
  AND (o.happened_at AT TIME ZONE %(zone)s)::date > %(as_of)s - %(year)s{only}
ORDER BY o.customer_id, o.happened_at DESC, o.id DESC
"""
OWNERS = f"""
SELECT o.customer_id, (max((o.changed_at AT TIME ZONE %(zone)s)::date) - {EPOCH})::float8
FROM crm_ownerchange o
WHERE o.from_owner_id IS NOT NULL AND (o.changed_at AT TIME ZONE %(zone)s)::date <= %(as_of)s{{only}}
GROUP BY o.customer_id
"""
READ = (
    (CATEGORIES, ("categories_recent", "categories_before")),
    (PAYMENTS, ("late_recent", "late_before", "dues_recent", "dues_before")),
    (CONTACTS, ("promised_days", "contact_day")),
    (COMPLAINTS, ("complaint_day",)),
    (SATISFACTION, ("satisfaction",)),
    (OWNERS, ("owner_day",)),
)
FACTS = ["later_than_usual", "age", "last_order_day", "spent_90", "spent_season"]


def known_of(figures: pd.DataFrame, *, as_of: date, shard: Shard = WHOLE) -> pd.DataFrame:
    """The frame that `signals.rules` reads, with item and item_day of the lost items.

    `figures`: those of a night, see `services.figures`, of the customers of the shard.
    """
    params = _params(as_of)
    known = figures[FACTS].assign(eligible=figures["order_days_365"] > 0)
    for sql, names in READ:
        types = {"customer": "i8"} | dict.fromkeys(names, "f8")
        found = pd.DataFrame(copy_out(_of(sql, shard), params, types)).set_index("customer")
        known = known.join(found)
    items = pd.DataFrame(copy_out(_of(ITEMS, shard), params, ITEM_TYPES))
    lost = lost_items(items, figures["last_order_day"], as_of=day_number(as_of))
    return known.join(lost).assign(item_lost=lambda frame: frame["item"].notna())


def _of(sql: str, shard: Shard) -> str:
    """`o` is the table whose customers are those of the shard."""
    only = f" AND mod(o.customer_id, {shard.of:d}) = {shard.number:d}" if shard.of > 1 else ""
    return sql.format(only=only)


def _params(as_of: date) -> dict[str, Any]:
    promised = import_string(settings.PROMISED_CONTACT)()
    return {
        "as_of": as_of,
        "year": YEAR,
        "zone": timezone.get_default_timezone_name(),
        "item_days": ITEM_DAYS,
        "item_share": ITEM_SHARE,
        "grades": list(Grade.values),
        "promised": [float(promised.get(grade, np.nan)) for grade in Grade.values],
    }
