"""What the commands that write a CSV file of a night have in common."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from tiering.services import NoSuchNight


class ExportCommand(BaseCommand):
    export: Callable[..., int]

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, metavar="FILE.csv")
        parser.add_argument("--as-of", type=date.fromisoformat, required=True, metavar="DATE")

    def handle(self, *, file, as_of, **_options):
        try:
            rows = self.export(file, as_of=as_of)
        except NoSuchNight as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            message = _("%(file)s cannot be written: %(reason)s.")
            raise CommandError(message % {"file": file, "reason": error.strerror}) from error
        self.stdout.write(_("%(rows)s rows in %(file)s") % {"rows": rows, "file": file})
