"""Alerts, newcomers, cadences, promises, cases and grades that end become follow-ups: a look at what is there.

Each statement asks which rows lack what it makes, so a missed run is made good by the next
one and a repeated run adds nothing. One statement each, however large the book is.
"""

from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from crm.models import Holiday
from followups.cadence import alert_due_on
from followups.services.winback_state import review_winbacks
from tiering.models import Grade
from tiering.models.override import NOTICE
from tiering.services.alerts import wake

# Two runs at once would wait for each other's rows; the second one simply waits for this.
LOCK = "SELECT pg_advisory_xact_lock(hashtext('followups.refresh'))"

DROP_NOT_NEEDED = """
UPDATE followups_followup AS f
SET state = 'dropped', closed_at = now()
WHERE f.state = 'open' AND (
    f.reason = 'gone_quiet' AND EXISTS (
        SELECT FROM tiering_churnalert AS a
        WHERE a.id = f.alert_id AND a.state NOT IN ('open', 'acknowledged'))
    OR f.reason = 'promise' AND EXISTS (
        SELECT FROM crm_promise AS p WHERE p.id = f.promise_id AND p.settled_on IS NOT NULL)
    OR f.reason = 'case' AND EXISTS (
        SELECT FROM crm_case AS k WHERE k.id = f.case_id AND k.closed_on IS NOT NULL)
    OR f.reason IN ('override', 'set_grade') AND EXISTS (
        SELECT FROM tiering_override AS o
        WHERE o.id = f.override_id AND (o.ended_on IS NOT NULL OR o.until < %(today)s))
    OR f.reason = 'second' AND (
        NOT EXISTS (
            SELECT FROM tiering_standing AS s WHERE s.customer_id = f.customer_id
              AND s.order_days = 1 AND s.last_order_on > %(today)s - 365)
        OR EXISTS (
            SELECT FROM crm_order AS o JOIN tiering_standing AS s USING (customer_id)
            WHERE o.customer_id = f.customer_id AND o.ordered_on > s.last_order_on
              AND o.ordered_on <= %(today)s AND o.status <> 'cancelled' AND o.base_amount > 0))
)
"""

# The notice to whoever set a grade stays theirs.
FOLLOW_OWNERS = """
UPDATE followups_followup AS f
SET assignee_id = c.owner_id
FROM crm_customer AS c
WHERE c.id = f.customer_id AND f.state = 'open' AND f.assignee_id IS DISTINCT FROM c.owner_id
  AND f.reason <> 'set_grade'
"""

INSERT = """
INSERT INTO followups_followup
    (customer_id, assignee_id, reason, state, note, opened_on, due_on, first_due_on, {source})
SELECT c.id, {who}, '{reason}', 'open', '', %(today)s, {due}, {due}, {pk}
{rows}
ON CONFLICT DO NOTHING
"""

BY_GRADE = """CASE s.grade WHEN 'key' THEN %(due_key)s WHEN 'secondary' THEN %(due_secondary)s
    WHEN 'general' THEN %(due_general)s ELSE %(due_maintain)s END"""

# An alert that came back, from sleep or after its follow-up was dropped, is asked about again.
GONE_QUIET = INSERT.format(
    reason="gone_quiet",
    who="c.owner_id",
    source="alert_id",
    pk="a.id",
    due=BY_GRADE,
    rows="""
FROM tiering_churnalert AS a
JOIN crm_customer AS c ON c.id = a.customer_id
LEFT JOIN tiering_standing AS s ON s.customer_id = c.id
WHERE a.state IN ('open', 'acknowledged') AND NOT EXISTS (
    SELECT FROM followups_followup AS f WHERE f.alert_id = a.id AND (f.state = 'open'
        OR f.state = 'done' AND (f.closed_at AT TIME ZONE %(zone)s)::date
            >= coalesce(a.woke_on, date '-infinity')))
""",
)

# Of a customer with one order day the standing holds the first gaps of the book. Past the one
# that 9 in 10 stay under hardly anybody comes back, and old one-time buyers are no newcomers.
SECOND_ORDER = INSERT.format(
    reason="second",
    who="c.owner_id",
    source="dated_by_id",
    pk="NULL",
    due=BY_GRADE,
    rows="""
FROM tiering_standing AS s
JOIN crm_customer AS c ON c.id = s.customer_id AND c.owner_id IS NOT NULL
CROSS JOIN LATERAL (
    SELECT %(today)s - s.last_order_on - count(*) AS days FROM unnest(%(holidays)s::date[]) AS h
    WHERE h > s.last_order_on AND h <= %(today)s) AS silent
WHERE s.order_days = 1 AND s.last_order_on > %(today)s - 365
  AND silent.days > s.usual_gap AND silent.days < s.long_gap
  AND NOT EXISTS (
    SELECT FROM followups_followup AS f WHERE f.customer_id = c.id AND f.reason = 'second'
      AND f.state IN ('open', 'done'))
  AND NOT EXISTS (
    SELECT FROM crm_order AS o WHERE o.customer_id = c.id AND o.ordered_on > s.last_order_on
      AND o.ordered_on <= %(today)s AND o.status <> 'cancelled' AND o.base_amount > 0)
""",
)

# The last contact in which somebody was reached counts, and that one ticked off without a
# visit does too; a day that was agreed stays even on a weekend.
CADENCE = INSERT.format(
    reason="cadence",
    who="c.owner_id",
    source="dated_by_id",
    pk="CASE WHEN agreed.still THEN seen.id END",
    due="due.on_day",
    rows="""
FROM crm_customer AS c
JOIN tiering_standing AS s ON s.customer_id = c.id AND s.eligible
JOIN followups_servicepolicy AS p ON p.grade = s.grade
CROSS JOIN LATERAL (
    SELECT v.id, v.next_on, (v.happened_at AT TIME ZONE %(zone)s)::date AS on_day
    FROM crm_visit AS v WHERE v.customer_id = c.id
    ORDER BY v.outcome = 'missed', v.happened_at DESC, v.id DESC LIMIT 1
) AS seen
CROSS JOIN LATERAL (
    SELECT max((f.closed_at AT TIME ZONE %(zone)s)::date) AS on_day
    FROM followups_followup AS f
    WHERE f.customer_id = c.id AND f.state = 'done' AND f.visit_id IS NULL
      AND f.reason IN ('gone_quiet', 'cadence', 'planned', 'second', 'winback')
) AS ticked
CROSS JOIN LATERAL (
    SELECT greatest(seen.on_day, ticked.on_day) + p.every_days AS on_day
) AS regular
CROSS JOIN LATERAL (
    SELECT seen.next_on IS NOT NULL AND (ticked.on_day > seen.on_day) IS NOT TRUE AS still
) AS agreed
CROSS JOIN LATERAL (
    SELECT CASE WHEN agreed.still THEN seen.next_on ELSE
        regular.on_day + (ARRAY[0, 0, 0, 0, 0, 2, 1])[extract(isodow FROM regular.on_day)::int]
    END AS on_day
) AS due
WHERE c.owner_id IS NOT NULL AND NOT EXISTS (
    SELECT FROM followups_followup AS f
    WHERE f.customer_id = c.id AND f.state = 'open' AND f.reason IN ('cadence', 'planned'))
""",
)

PROMISES = INSERT.format(
    reason="promise",
    who="c.owner_id",
    source="promise_id",
    pk="p.id",
    due="p.due_on",
    rows="""
FROM crm_promise AS p
JOIN crm_visit AS v ON v.id = p.visit_id
JOIN crm_customer AS c ON c.id = v.customer_id
WHERE p.settled_on IS NULL AND p.due_on <= %(soon)s AND NOT EXISTS (
    SELECT FROM followups_followup AS f WHERE f.promise_id = p.id AND f.state = 'open')
""",
)

CASES = INSERT.format(
    reason="case",
    who="c.owner_id",
    source="case_id",
    pk="k.id",
    due="k.due_on",
    rows="""
FROM crm_case AS k
JOIN crm_customer AS c ON c.id = k.customer_id
WHERE k.closed_on IS NULL AND k.due_on <= %(soon)s AND NOT EXISTS (
    SELECT FROM followups_followup AS f WHERE f.case_id = k.id AND f.state = 'open')
""",
)

# One notice for the owner, one for whoever set the grade where that is somebody else.
OVERRIDE_ENDS = """
FROM tiering_override AS o
JOIN crm_customer AS c ON c.id = o.customer_id
JOIN crm_user AS u ON u.id = o.by_id
WHERE o.approved_at IS NOT NULL AND o.ended_on IS NULL
  AND o.until BETWEEN %(today)s AND %(notice)s AND {only} AND NOT EXISTS (
    SELECT FROM followups_followup AS f
    WHERE f.override_id = o.id AND f.reason = '{reason}' AND f.state IN ('open', 'done'))
"""
DECIDE_BY = "greatest(o.until - 7, %(today)s)"
FOR_OWNER = INSERT.format(
    reason="override",
    who="c.owner_id",
    source="override_id",
    pk="o.id",
    due=DECIDE_BY,
    rows=OVERRIDE_ENDS.format(reason="override", only="TRUE"),
)
FOR_AUTHOR = INSERT.format(
    reason="set_grade",
    who="o.by_id",
    source="override_id",
    pk="o.id",
    due=DECIDE_BY,
    rows=OVERRIDE_ENDS.format(
        reason="set_grade", only="u.is_active AND o.by_id IS DISTINCT FROM c.owner_id"
    ),
)
SOURCES = (GONE_QUIET, SECOND_ORDER, CADENCE, PROMISES, CASES, FOR_OWNER, FOR_AUTHOR)

SOON, YEAR = timedelta(days=7), timedelta(days=365)
MANY = 1000


@transaction.atomic
def refresh(*, today: date) -> int:
    """Bring the follow-ups up to what alerts, visits, promises and cases ask for.

    Returns how many were opened. Open ones are never taken away for being late, only when
    what they stood for is settled.
    """
    holidays = Holiday.objects.in_force().days()
    figures: dict[str, Any] = {
        "today": today,
        "holidays": sorted(day for day in holidays if today - YEAR < day <= today),
        "soon": today + SOON,
        "notice": today + NOTICE,
        "zone": timezone.get_current_timezone_name(),
        **{
            f"due_{grade}": alert_due_on(grade, today=today, holidays=holidays)
            for grade in Grade.values
        },
    }
    with connection.cursor() as cursor:
        cursor.execute(LOCK)
        wake(on=today)
        cursor.execute(DROP_NOT_NEEDED, figures)
        cursor.execute(FOLLOW_OWNERS)
        added = sum(opened(cursor, rows, figures) for rows in SOURCES)
        added += review_winbacks(cursor, figures)
        if added >= MANY:
            # Pages are asked for at once; the database looks at a changed table a minute later.
            cursor.execute("ANALYZE followups_followup")
        return added


def opened(cursor: CursorWrapper, statement: str, figures: dict[str, Any]) -> int:
    cursor.execute(statement, figures)
    return cursor.rowcount
