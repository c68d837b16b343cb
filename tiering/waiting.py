"""What waits for somebody, as the navigation of every page says it: in one question."""

from typing import NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import connection

from crm.models import User
from tiering.models import ChurnAlert
from tiering.models.notice import FEW

# In SQL, as every page asks it: the ORM takes longer to write it than the database to answer.
# The lines are those of `NoticeQuerySet.lines`. Only days with something unread are looked at,
# as what was read long ago may be much.
WAITING = """
    WITH in_sight AS NOT MATERIALIZED ({alerts})
    SELECT
        (SELECT count(*) FROM in_sight WHERE state IN %s),
        (SELECT sum(CASE WHEN of_day > %s AND unread > 0 THEN 1 ELSE unread END) FROM (
            SELECT count(*) AS of_day, count(*) FILTER (WHERE read_at IS NULL) AS unread
            FROM tiering_notice
            WHERE user_id = %s AND alert_id IN (SELECT id FROM in_sight) AND told_on IN (
                SELECT told_on FROM tiering_notice WHERE user_id = %s AND read_at IS NULL
            )
            GROUP BY told_on, kind
        ) AS lines)
"""


class Waiting(NamedTuple):
    alerts: int
    notices: int


def waiting_for(user: User) -> Waiting:
    """Open alerts in sight, and one's own unread notices, as many as their page has lines."""
    alerts = ChurnAlert.objects.visible_to(user).values("id", "state")
    try:
        in_sight, params = alerts.query.sql_with_params()
    except EmptyResultSet:  # who sees nobody's rows
        return Waiting(0, 0)
    with connection.cursor() as db:
        asked = (*params, ChurnAlert.ASKING, FEW, user.pk, user.pk)
        db.execute(WAITING.format(alerts=in_sight), asked)
        open_alerts, unread = db.fetchone()
    return Waiting(open_alerts, int(unread or 0))
