"""The customers that are lost as of a night, found for the whole book at once.

It looks at the state: whoever has been silent for a year, or whose alert a person has closed
as lost in this silence, is lost until the next order day. A night that was missed is made
good by the next one; only what has changed is written.
"""

from datetime import timedelta
from typing import Any

from tiering.bulk import copy_out
from tiering.churn import returns
from tiering.churn.fit import SAMPLE
from tiering.models import NightRun, ReturnChance
from tiering.services.standings import written

WEEK = timedelta(days=7)
LAST = "date '1970-01-01' + n.last_order_day"
SALE = "o.status <> 'cancelled' AND o.base_amount > 0"
# An order that lies before the night which gave the customer up has only come in late.
RETURNED = f"""
UPDATE tiering_lostcustomer l SET returned_on = (
    SELECT min(o.ordered_on) FROM crm_order o
    WHERE o.customer_id = l.customer_id AND o.ordered_on > l.silent_since
      AND o.ordered_on <= %(as_of)s AND {SALE})
FROM night n
WHERE n.customer_id = l.customer_id AND l.returned_on IS NULL
  AND n.order_days > 0 AND {LAST} > l.silent_since
"""
NOT_LOST = f"""
DELETE FROM tiering_lostcustomer l USING night n
WHERE n.customer_id = l.customer_id AND (
    l.returned_on <= l.lost_on
    OR l.returned_on IS NULL AND (n.order_days = 0 OR {LAST} < l.silent_since)
    OR l.returned_on IS NULL AND n.eligible AND NOT EXISTS (
        SELECT FROM tiering_churnalert a WHERE a.id = l.alert_id
          AND a.state = 'closed' AND a.outcome = 'lost' AND a.silent_since = l.silent_since))
"""
MONEY = "CASE WHEN %(profit)s THEN o.base_amount - coalesce(o.base_cost, 0) ELSE o.base_amount END"
VALUE = f"""
SELECT coalesce(sum({MONEY}), 0) FROM crm_order o
WHERE o.customer_id = {{0}}.customer_id AND o.status <> 'cancelled'
  AND o.ordered_on > {{0}}.silent_since - 365 AND o.ordered_on <= {{0}}.silent_since
"""
LAST_GRADE = """
SELECT g.to_grade FROM tiering_gradechange g
WHERE g.customer_id = found.customer_id AND g.eligible
ORDER BY g.as_of DESC, g.correction DESC LIMIT 1
"""
FOUND = f"""
INSERT INTO tiering_lostcustomer
    (customer_id, silent_since, lost_on, alert_id, order_days, value, last_grade)
SELECT found.customer_id, found.silent_since, %(as_of)s, found.alert_id, found.order_days,
    ({VALUE.format("found")}), coalesce(({LAST_GRADE}), '')
FROM (
    SELECT n.customer_id, {LAST} AS silent_since, n.order_days, a.id AS alert_id
    FROM night n LEFT JOIN tiering_churnalert a ON a.customer_id = n.customer_id
        AND a.state = 'closed' AND a.outcome = 'lost' AND a.silent_since = {LAST}
    WHERE n.order_days > 0 AND (NOT n.eligible OR a.id IS NOT NULL)
) found
WHERE NOT EXISTS (
    SELECT FROM tiering_lostcustomer k
    WHERE k.customer_id = found.customer_id AND k.silent_since = found.silent_since
      AND k.returned_on IS NULL AND k.alert_id IS NOT DISTINCT FROM found.alert_id)
ON CONFLICT (customer_id, silent_since) DO UPDATE SET alert_id = excluded.alert_id,
    returned_on = NULL
"""
VALUE_AGAIN = f"""
UPDATE tiering_lostcustomer l SET value = v.value
FROM tiering_lostcustomer k CROSS JOIN LATERAL ({VALUE.format("k")}) AS v (value)
WHERE k.id = l.id AND l.returned_on IS NULL AND l.value <> v.value
"""
SAID = "CASE WHEN c.n >= %(enough)s THEN c.share END"
EXPECTED = f"round(greatest(k.value, 0) * ({SAID})::numeric, 2)"
JUDGE = f"""
UPDATE tiering_lostcustomer l SET chance_id = judged.chance, share = judged.share,
    expected = judged.expected
FROM (
    SELECT k.id, c.id AS chance, {SAID} AS share, {EXPECTED} AS expected
    FROM tiering_lostcustomer k LEFT JOIN tiering_returnchance c
        ON c.away = width_bucket(%(as_of)s::date - k.silent_since, %(away)s::int[])
        AND c.orders = width_bucket(k.order_days, %(orders)s::int[])
    WHERE k.returned_on IS NULL
) judged
WHERE judged.id = l.id
  AND (l.chance_id, l.share, l.expected)
    IS DISTINCT FROM (judged.chance, judged.share, judged.expected)
"""
ORDER_DAYS = """
SELECT o.customer_id, o.ordered_on - date '1970-01-01' FROM crm_order o
WHERE o.status <> 'cancelled' AND o.base_amount > 0 AND o.ordered_on <= %(as_of)s{only}
"""


def review_lost(run: NightRun, *, customers: int) -> None:
    """Note who has come back and who is lost, with the value and the chance of each; the
    table `night` of so many customers is there."""
    told = _told(run)
    written(RETURNED, told)
    written(NOT_LOST, told)
    written(FOUND, told)
    if measure_returns(run, customers=customers):
        written(VALUE_AGAIN, told)
    written(JUDGE, told)


def measure_returns(run: NightRun, *, customers: int) -> bool:
    """Once a week, how often those who were away came back; whether it was measured.

    Of a large book a sample of its customers is read.
    """
    recent = ReturnChance.objects.filter(measured_on__lte=run.as_of)
    if recent.filter(measured_on__gt=run.as_of - WEEK).exists():
        return False
    shards = -(-customers // SAMPLE)
    only = f" AND mod(o.customer_id, {shards:d}) = 0" if shards > 1 else ""
    days = copy_out(ORDER_DAYS.format(only=only), _told(run), {"customer": "i8", "day": "i4"})
    cells = returns.returns_of(days["customer"], days["day"].astype("i8"), as_of=run.as_of)
    ReturnChance.objects.bulk_create(
        [_row(cell, run) for cell in cells],
        update_conflicts=True,
        unique_fields=["away", "orders"],
        update_fields=["measured_on", "n", "share", "low", "high"],
    )
    return True


def _row(cell: returns.Cell, run: NightRun) -> ReturnChance:
    low, high = cell.interval
    return ReturnChance(
        away=cell.away,
        orders=cell.orders,
        measured_on=run.as_of,
        n=cell.n,
        share=cell.share,
        low=low,
        high=high,
    )


def _told(run: NightRun) -> dict[str, Any]:
    return {
        "as_of": run.as_of,
        "profit": run.value_is_profit,
        "enough": returns.ENOUGH,
        "away": list(returns.AWAY),
        "orders": list(returns.ORDERS),
    }
