"""The measures of retention: of every customer each night, in one pass, and summed up.

What the standings know (order days, revenue) is taken from them, the year before and the
quarters from the facts in memory; cases, visits and lines are read within their windows.
"""

from typing import Any

import pandas as pd
from django.conf import settings
from django.db import connection

from tiering.bulk import temporary_table
from tiering.models import NightRun
from tiering.retention import MEASURES
from tiering.services.history import OF_NIGHT
from tiering.services.standings import MANY, written

YEAR = 365
FORGIVEN_WITHIN = 90
PAST = {"before_cents": "i8", "bought_before": "?", "quarters": "i8", "first_age": "i2"}
KEPT = [*MEASURES, "quarters", "first_age"]

CASES = """
SELECT customer_id, count(*) FILTER (WHERE opened_on > %(day)s - %(year)s) AS complaints,
    count(*) FILTER (WHERE judged) AS complaints_judged,
    count(*) FILTER (WHERE judged AND EXISTS (
        SELECT FROM crm_order o WHERE o.customer_id = dated.customer_id
            AND o.ordered_on > opened_on AND o.ordered_on <= opened_on + %(within)s
            AND o.status <> 'cancelled' AND o.base_amount > 0)) AS complaints_forgiven
FROM (
    SELECT customer_id, opened_on, opened_on <= %(day)s - %(within)s
        AND opened_on > %(day)s - %(within)s - %(year)s AS judged
    FROM crm_case WHERE kind = 'complaint' AND opened_on <= %(day)s
        AND opened_on > %(day)s - %(within)s - %(year)s
) dated GROUP BY customer_id
"""
VISITS = """
SELECT customer_id, sum(satisfaction) AS satisfaction_sum,
    count(satisfaction) AS satisfaction_answers,
    count(*) FILTER (WHERE reached) AS contacts,
    count(*) FILTER (WHERE reached AND (direction = 'inbound' OR channel = 'came_to_us'))
        AS contacts_by_them,
    count(*) FILTER (WHERE reached AND competitor <> '') AS competitor_named
FROM (
    SELECT *, outcome <> 'missed' AS reached FROM crm_visit
    WHERE happened_at >= (%(day)s + 1 - %(year)s)::timestamp AT TIME ZONE %(zone)s
      AND happened_at < (%(day)s + 1)::timestamp AT TIME ZONE %(zone)s
) dated GROUP BY customer_id
"""
LINES = """
SELECT customer_id, count(*) AS priced_orders,
    count(*) FILTER (WHERE discounted) AS discounted_orders
FROM (
    SELECT o.customer_id, bool_or(l.unit_price < l.list_price) AS discounted
    FROM crm_orderline l JOIN crm_order o ON o.id = l.order_id
    WHERE l.list_price IS NOT NULL AND o.base_amount > 0 AND o.status <> 'cancelled'
      AND o.ordered_on <= %(day)s AND o.ordered_on > %(day)s - %(year)s
    GROUP BY o.id
) priced GROUP BY customer_id
"""
COUNTED = [
    *("complaints", "complaints_judged", "complaints_forgiven"),
    *("satisfaction_sum", "satisfaction_answers"),
    *("contacts", "contacts_by_them", "competitor_named"),
    *("priced_orders", "discounted_orders", "quarters"),
]
HAS_NEED = "coalesce(c.yearly_need > 0, false)"
REVENUE, BEFORE = "greatest(s.revenue, 0)", "o.before_cents"
BOUGHT, BOUGHT_BEFORE = "s.order_days_365 > 0", "o.bought_before"
AS_MEASURED = {name: f"coalesce({name}, 0)" for name in COUNTED} | {
    "bought": f"({BOUGHT})::int",
    "bought_again": "(s.order_days_365 > 1)::int",
    "bought_before": f"({BOUGHT_BEFORE})::int",
    "stayed": f"({BOUGHT_BEFORE} AND {BOUGHT})::int",
    "revenue_before": f"greatest({BEFORE}, 0)::numeric / 100",
    "revenue_stayed": f"CASE WHEN {BEFORE} > 0 THEN s.revenue ELSE 0 END",
    "order_days": "s.order_days_365",
    "need": "coalesce(c.yearly_need, 0)",
    "need_known": f"({HAS_NEED})::int",
    "need_covered": f"CASE WHEN {HAS_NEED} THEN {REVENUE} ELSE 0 END",
    "dependent": f"({HAS_NEED} AND {REVENUE} * 2 >= c.yearly_need)::int",
    "revenue": REVENUE,
    "largest": REVENUE,
    "first_age": "nullif(o.first_age, -1)",
}
# What is as it was is left out before: a row that is only found to be the same is locked, which
# writes it too.
MEASURE = f"""
INSERT INTO tiering_customerretention (customer_id, {", ".join(KEPT)})
SELECT m.* FROM (
    SELECT s.customer_id, {", ".join(f"{AS_MEASURED[name]} AS {name}" for name in KEPT)}
    FROM tiering_standing s JOIN crm_customer c ON c.id = s.customer_id
    JOIN bought o ON o.customer_id = s.customer_id
    LEFT JOIN ({CASES}) cases ON cases.customer_id = s.customer_id
    LEFT JOIN ({VISITS}) visits ON visits.customer_id = s.customer_id
    LEFT JOIN ({LINES}) lines ON lines.customer_id = s.customer_id
) m LEFT JOIN tiering_customerretention k ON k.customer_id = m.customer_id
WHERE k.customer_id IS NULL
    OR ({", ".join(f"k.{name}" for name in KEPT)})
    IS DISTINCT FROM ({", ".join(f"m.{name}" for name in KEPT)})
ON CONFLICT (customer_id) DO UPDATE SET
    ({", ".join(KEPT)}) = ROW ({", ".join(f"excluded.{name}" for name in KEPT)})
"""
# Of a month only its latest night stays.
MAKE_ROOM = """
DELETE FROM tiering_retentionsummary WHERE run_id IN (
    SELECT id FROM tiering_nightrun
    WHERE as_of <= %(day)s AND as_of >= date_trunc('month', %(day)s)::date)
"""
SUMS = [f"{'max' if name == 'largest' else 'sum'}(k.{name})" for name in MEASURES]
SUMMARISE = f"""
INSERT INTO tiering_retentionsummary
    (run_id, owner_id, region, industry, grade, {", ".join(MEASURES)})
SELECT %(run)s, owner_id, region, industry, grade, {", ".join(SUMS)}
FROM (
    SELECT owner.id AS owner_id, c.region, c.industry, s.grade, c.id AS customer_id {OF_NIGHT}
) book JOIN tiering_customerretention k ON k.customer_id = book.customer_id
WHERE {" OR ".join(f"k.{name} <> 0" for name in MEASURES)}
GROUP BY owner_id, region, industry, grade
"""


def measure(run: NightRun, book: pd.DataFrame) -> None:
    """Measure every customer of a night whose standings are written, and sum them up.

    `book`: that of the night's facts, with the columns of `tiering.retention.orders`.
    """
    columns = {name: book[name].to_numpy(dtype=code) for name, code in PAST.items()}
    with temporary_table("bought", {"customer_id": book.index.to_numpy("i8"), **columns}):
        changed = written(MEASURE, _params(run))
    if changed >= max(MANY, run.customers // 2):
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE tiering_customerretention")
    written(MAKE_ROOM, _params(run))
    written(SUMMARISE, {"run": run.pk, "finished_at": run.finished_at})


def _params(run: NightRun) -> dict[str, Any]:
    return {
        "run": run.pk,
        "day": run.as_of,
        "year": YEAR,
        "within": FORGIVEN_WITHIN,
        "zone": settings.TIME_ZONE,
    }
