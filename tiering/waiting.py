"""What waits for somebody, as the navigation of every page says it: in one question."""

from typing import NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, Func, IntegerField, Subquery

from crm.models import User
from tiering.models import ChurnAlert, Notice


class Waiting(NamedTuple):
    alerts: int
    notices: int


def waiting_for(user: User) -> Waiting:
    """Open alerts in sight, and one's own unread notices, as many as their page has lines."""
    alerts = ChurnAlert.objects.visible_to(user).open()
    # Not Count: that would group by the row, and give no row where there is none.
    count = Func(F("pk"), function="count", output_field=IntegerField())
    counted = Subquery(alerts.order_by().annotate(n=count).values("n"))
    lines = ArraySubquery(Notice.objects.unread_by_day(user))
    open_alerts, unread = User.objects.filter(pk=user.pk).values_list(counted, lines).get()
    return Waiting(open_alerts or 0, sum(unread or ()))  # none for who sees nobody's rows
