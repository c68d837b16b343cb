"""How the nights are doing: whose figures are shown, and whether the next one is overdue."""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.utils.translation import gettext as _

from crm.templatetags.format import day
from tiering.models import NightRun

DAY = timedelta(days=1)
LATE = timedelta(hours=30)  # a day, and time for a night that begins late


class Nights(NamedTuple):
    """The newest night begun, and the latest one finished; the same where all is well."""

    newest: NightRun | None
    latest: NightRun | None

    def trouble(self, *, now: datetime) -> str:
        """`failed`, `late`, or nothing to worry about."""
        if self.newest and self.newest.state == NightRun.State.FAILED:
            return "failed"
        finished_at = self.latest.finished_at if self.latest else None
        return "late" if finished_at and is_late(finished_at, now=now) else ""


def is_late(since: datetime, *, now: datetime) -> bool:
    return now - since > LATE


def nights_now() -> Nights:
    """One query where the newest night has finished."""
    newest = NightRun.objects.select_related("policy").order_by("-as_of").first()
    if newest is None or newest.state == NightRun.State.FINISHED:
        return Nights(newest, newest)
    return Nights(newest, NightRun.objects.latest_finished())


def skipped_in_words(night: NightRun) -> str:
    """The days between a night and the one before it, of `with_night_before`; else nothing."""
    before = night.night_before
    if before is None or night.as_of - before <= DAY:
        return ""
    return _("%(count)s, %(first)s to %(last)s") % {
        "count": (night.as_of - before).days - 1,
        "first": day(before + DAY),
        "last": day(night.as_of - DAY),
    }
