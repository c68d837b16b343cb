"""What waits for somebody, as the navigation of every page says it: in one question."""

from typing import NamedTuple

from django.db.models import F, Func, IntegerField, QuerySet, Subquery

from crm.models import User
from tiering.models import ChurnAlert, Notice


class Waiting(NamedTuple):
    alerts: int
    notices: int


def waiting_for(user: User) -> Waiting:
    """Open alerts in sight, and one's own unread notices, as many as their page has lines."""
    alerts = ChurnAlert.objects.visible_to(user).open()
    lines = Notice.objects.visible_to(user).unread_lines()
    notices = Notice.objects.filter(pk__in=lines.values("pk"))
    counts = User.objects.filter(pk=user.pk).values_list(_counted(alerts), _counted(notices))
    return Waiting(*counts.get())


def _counted(rows: QuerySet) -> Subquery:
    # Not Count: that would group by the row, and give no row where there is none.
    count = Func(F("pk"), function="count", output_field=IntegerField())
    return Subquery(rows.order_by().annotate(n=count).values("n"))
