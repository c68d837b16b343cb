"""What became of each alert: judged by the night after its 90 days, those next in line too."""

from datetime import date

from django.conf import settings

from tiering.models.alert import HORIZON
from tiering.services.standings import written

# A night that is computed again judges again what it had judged itself.
JUDGE = """
UPDATE tiering_churnalert a SET judged_on = %(as_of)s, was_right = found.was_right,
    acted = found.acted
FROM (
    SELECT j.id, NOT EXISTS (
            SELECT FROM crm_order o
            WHERE o.customer_id = j.customer_id AND o.status <> 'cancelled' AND o.base_amount > 0
              AND o.ordered_on > j.opened_on AND o.ordered_on <= j.opened_on + %(days)s
        ) AS was_right,
        coalesce(j.acknowledged_on <= j.opened_on + %(days)s, false)
        OR coalesce(j.closed_by_id IS NOT NULL AND j.closed_on <= j.opened_on + %(days)s, false)
        OR EXISTS (
            SELECT FROM crm_visit v
            WHERE v.customer_id = j.customer_id AND v.outcome <> 'missed'
              AND (v.happened_at AT TIME ZONE %(zone)s)::date
                  BETWEEN j.opened_on + 1 AND j.opened_on + %(days)s
        ) AS acted
    FROM tiering_churnalert j
    WHERE (j.judged_on IS NULL OR j.judged_on = %(as_of)s) AND j.opened_on <= %(until)s
      AND j.outcome <> 'withdrawn'
) found
WHERE found.id = a.id AND (a.judged_on, a.was_right, a.acted)
    IS DISTINCT FROM (%(as_of)s::date, found.was_right, found.acted)
"""


def judge_alerts(*, as_of: date) -> int:
    """Judge the alerts whose 90 days are over by this night; how many that were.

    Right is an alert without an order day in the 90 days after the night that raised it. Acted
    on is one that a person acknowledged or closed in that time, or whose customer was reached
    by a visit. One withdrawn because the orders were wrong says nothing and is left out.
    """
    days = {"as_of": as_of, "until": as_of - HORIZON, "days": HORIZON.days}
    return written(JUDGE, days | {"zone": settings.TIME_ZONE})
