"""Who is told of an alert: its owner at once, of key customers the manager too, and when
nobody acknowledges it for two working days the next level, once.

The two days are those of the present owner: they begin when that person is told. So nobody is
reported for an alert that was there before they could see it: one that was kept before there
were notices, came with a handover, or was let through in a night that was made good later.

Alerts of the pool are nobody's in particular: they stand on the lists of managers and
administrators, and nobody gets a notice for each of them.
"""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction

from crm.calendars.working_days import before_working_days
from crm.models import Holiday, User
from tiering.models import Notice
from tiering.services.standings import written

PATIENCE = 2  # working days
# Whoever leads the owner, with how far above: the managers of the own team, then of the teams
# that it is part of. A manager's own team is led by that manager.
ABOVE = """
RECURSIVE above (owner_id, team_id, height) AS (
    SELECT u.id, u.team_id, 0 FROM crm_user u WHERE u.team_id IS NOT NULL
    UNION
    SELECT b.owner_id, t.parent_id, b.height + 1
    FROM above b JOIN crm_team t ON t.id = b.team_id
    WHERE t.parent_id IS NOT NULL AND b.height < 50
), leads AS (
    SELECT b.owner_id, m.id AS user_id, b.height
    FROM above b
    JOIN crm_user owner ON owner.id = b.owner_id
    JOIN crm_user m ON m.team_id = b.team_id AND m.role = 'manager' AND m.is_active
    WHERE m.id <> b.owner_id AND (b.height > 0 OR owner.role = 'rep')
)
"""
TELL = f"""
WITH {ABOVE}, fresh AS (
    SELECT a.id, c.owner_id, coalesce(s.grade = 'key', false) AS is_key
    FROM tiering_churnalert a JOIN crm_customer c ON c.id = a.customer_id
    LEFT JOIN tiering_standing s ON s.customer_id = c.id
    WHERE a.state = 'open' AND c.owner_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM tiering_notice own WHERE own.alert_id = a.id AND own.user_id = c.owner_id)
), nearest AS (
    SELECT owner_id, min(height) AS height FROM leads GROUP BY owner_id
)
INSERT INTO tiering_notice (user_id, alert_id, kind, told_on)
SELECT f.owner_id, f.id, CASE WHEN f.is_key THEN 'key' ELSE 'opened' END, %(on)s FROM fresh f
UNION
SELECT l.user_id, f.id, 'key', %(on)s FROM fresh f
JOIN nearest n ON n.owner_id = f.owner_id
JOIN leads l ON l.owner_id = n.owner_id AND l.height = n.height
WHERE f.is_key
ON CONFLICT DO NOTHING
"""
# The lowest level above the owner of which nobody has been told; administrators above the last.
ESCALATE = f"""
WITH {ABOVE}, due AS (
    UPDATE tiering_churnalert a SET escalated_on = %(on)s
    FROM crm_customer c JOIN tiering_notice own ON own.user_id = c.owner_id
    WHERE c.id = a.customer_id AND own.alert_id = a.id AND a.state = 'open'
      AND a.escalated_on IS NULL AND greatest(own.told_on, a.woke_on) <= %(since)s
    RETURNING a.id, c.owner_id
), logged AS (
    INSERT INTO tiering_alertevent
        (alert_id, event, from_state, to_state, happened_on, happened_at, reason)
    SELECT id, 'escalated', 'open', 'open', %(on)s, now(), '' FROM due
), untold AS (
    SELECT d.id, l.user_id, l.height, min(l.height) OVER (PARTITION BY d.id) AS lowest
    FROM due d JOIN leads l ON l.owner_id = d.owner_id
    WHERE NOT EXISTS (
        SELECT FROM tiering_notice x WHERE x.alert_id = d.id AND x.user_id = l.user_id)
)
INSERT INTO tiering_notice (user_id, alert_id, kind, told_on)
SELECT user_id, id, 'escalated', %(on)s FROM untold WHERE height = lowest
UNION
SELECT u.id, d.id, 'escalated', %(on)s FROM due d JOIN crm_user u
    ON u.role = 'admin' AND u.is_active
WHERE NOT EXISTS (SELECT FROM untold WHERE untold.id = d.id)
ON CONFLICT DO NOTHING
"""


def tell(*, on: date) -> int:
    """Tell the owners of open alerts that they have not been told of; how many notices that
    were. It looks at what is there: whoever gets a customer with an alert is told, too."""
    return written(TELL, {"on": on})


def escalate(*, on: date) -> int:
    """Tell the next level of what nobody has acknowledged for two working days."""
    holidays = Holiday.objects.in_force().days()
    since = before_working_days(on, PATIENCE, holidays)
    return written(ESCALATE, {"on": on, "since": since})


@transaction.atomic
def mark_read(*, by: User, now: datetime, alerts: Iterable[int] | None = None) -> int:
    """One's own notices of these alerts, or all that one sees, are read; how many were not."""
    unread = Notice.objects.visible_to(by).unread()
    if alerts is not None:
        unread = unread.filter(alert__in=alerts)
    return unread.update(read_at=now)
