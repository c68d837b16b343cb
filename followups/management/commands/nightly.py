"""The whole night of a day by hand: facts, grades, alerts and follow-ups."""

import json
import time
from datetime import date

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from followups.services import refresh
from tiering.models import Grade, NightRun
from tiering.services import NightRefused, missed_nights, run_night, run_nights_until


class Command(BaseCommand):
    help = "Grades every customer as of a day, reviews the churn alerts and opens follow-ups."

    def add_arguments(self, parser):
        parser.add_argument("--as-of", type=date.fromisoformat, required=True, metavar="DATE")
        parser.add_argument(
            "--force", action="store_true", help="Compute the latest night again, though finished."
        )
        parser.add_argument(
            "--make-good", action="store_true", help="Run the nights that were missed first."
        )
        parser.add_argument(
            "--grades-only", action="store_true", help="Open no follow-ups: for days long past."
        )
        parser.add_argument("--json", action="store_true", help="End with one line of JSON.")

    def handle(self, *, as_of, force, make_good, **options):
        if as_of > timezone.localdate():
            raise CommandError(_("%(day)s has not come yet.") % {"day": as_of})
        missed = missed_nights(before=as_of)
        try:
            if missed and make_good:
                run_nights_until(as_of=missed[-1], followed=True)
            elif missed:
                self.stderr.write(as_warning(missed))
            figures = whole_night(as_of, force=force, grades_only=options["grades_only"])
        except NightRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(json.dumps(figures) if options["json"] else as_sentence(figures))


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


def as_warning(missed: list[date]) -> str:
    shown = {"nights": len(missed), "first": missed[0], "last": missed[-1]}
    sentence = _(
        "%(nights)s nights are skipped, %(first)s to %(last)s; --make-good runs them first."
    )
    return sentence % shown


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
