"""The whole night of a day by hand: facts, grades, alerts and follow-ups."""

import json
import time
from datetime import date, timedelta

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from followups.services import refresh
from tiering.models import Grade, NightRun
from tiering.services import (
    MADE_GOOD,
    NightRefused,
    missed_nights,
    parted,
    run_night,
    run_nights_until,
)


class Command(BaseCommand):
    help = "Grades every customer as of a day, reviews the churn alerts and opens follow-ups."

    def add_arguments(self, parser):
        parser.add_argument(
            "--as-of", type=date.fromisoformat, metavar="DATE", help="Else yesterday."
        )
        parser.add_argument(
            "--force", action="store_true", help="Compute the latest night again, though finished."
        )
        missed = parser.add_mutually_exclusive_group()
        missed.add_argument(
            "--make-good", action="store_true", help="Run the nights that were missed first."
        )
        missed.add_argument(
            "--skip-missed", action="store_true", help="Leave out the nights that were missed."
        )
        parser.add_argument(
            "--grades-only", action="store_true", help="Open no follow-ups: for days long past."
        )
        parser.add_argument("--json", action="store_true", help="End with one line of JSON.")

    def handle(self, *, as_of, force, make_good, skip_missed, **options):
        today = timezone.localdate()
        day = as_of or today - timedelta(days=1)
        if day > today:
            raise CommandError(_("%(day)s has not come yet.") % {"day": day})
        at_most = None if make_good else 0 if as_of or skip_missed else MADE_GOOD
        skipped, made_good = parted(missed_nights(before=day), at_most=at_most)
        if skipped:
            self.stderr.write(as_warning(skipped, is_meant=skip_missed))
        try:
            make_nights_good(made_good)
            figures = whole_night(day, force=force, grades_only=options["grades_only"])
        except NightRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(json.dumps(figures) if options["json"] else as_sentence(figures))


def make_nights_good(nights: list[date]) -> None:
    """In order; the night that was asked for follows them."""
    if nights:
        run_nights_until(as_of=nights[-1], at_most=len(nights) - 1, followed=True)


def whole_night(as_of: date, *, force: bool, grades_only: bool) -> dict[str, object]:
    """The figures of the night; what changed and opened counts this call alone."""
    began = time.monotonic()
    before = NightRun.objects.finished().filter(as_of=as_of).first() or NightRun()
    run = run_night(as_of=as_of, force=force)
    opened = 0 if grades_only else refresh(today=as_of)
    return {
        "as_of": as_of.isoformat(),
        "customers": run.customers,
        "graded": run.graded,
        "changed": run.changed - before.changed,
        "counts": {grade: run.counts[grade] for grade in Grade.values},
        "alerts_open": run.alerts_open,
        "alerts_opened": run.alerts_opened - before.alerts_opened,
        "alerts_held": run.alerts_held,
        "followups_opened": opened,
        "seconds": round(time.monotonic() - began, 2),
    }


def as_warning(skipped: list[date], *, is_meant: bool) -> str:
    shown = {"nights": len(skipped), "first": skipped[0], "last": skipped[-1]}
    sentence = ngettext(
        "%(nights)s night is skipped, %(first)s.",
        "%(nights)s nights are skipped, %(first)s to %(last)s.",
        len(skipped),
    )
    hint = _("--make-good runs them first; afterwards it is too late, for nights only go forward.")
    return sentence % shown if is_meant else f"{sentence % shown} {hint}"


def as_sentence(figures: dict[str, object]) -> str:
    return (
        _(
            "Night of %(as_of)s: %(customers)s customers, %(graded)s of them graded, %(changed)s"
            " changes of grade. Alerts: %(alerts_open)s open, %(alerts_opened)s of them new,"
            " %(alerts_held)s next in line."
            " Follow-ups opened: %(followups_opened)s. It took %(seconds)s s."
        )
        % figures
    )
