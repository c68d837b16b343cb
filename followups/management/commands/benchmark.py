"""How long the night and the pages take on this machine."""

import json
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from followups.benchmark.book import Size
from followups.benchmark.database import BenchmarkError
from followups.benchmark.report import as_tables
from followups.benchmark.runs import measure_night, measure_pages_here

SMALLEST = 100


class Command(BaseCommand):
    help = (
        "Generates a book in a database of its own, times its second night beside the bare floor"
        " (COPY out, parse, group, COPY back of the same tables), and drops it again."
    )

    def add_arguments(self, parser):
        parser.add_argument("--customers", type=int, metavar="N")
        parser.add_argument("--orders", type=int, metavar="N")
        parser.add_argument("--seed", type=int, default=1, help="Another seed, another book.")
        parser.add_argument("--pages", action="store_true", help="Measure the pages too.")
        parser.add_argument(
            "--here",
            action="store_true",
            help="With --pages: those of the configured database; nothing is generated or changed.",
        )
        parser.add_argument(
            "--times", type=int, default=11, metavar="N", help="How often each page is asked (11)."
        )
        parser.add_argument("--json", action="store_true", help="End with one line of JSON.")

    def handle(self, **options):
        refuse_nonsense(options)
        try:
            with ended_by_sigterm():
                figures = measure(options)
        except BenchmarkError as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            sys.exit(130)
        self.stdout.write(json.dumps(figures) if options["json"] else as_tables(figures))


def measure(options: dict) -> dict[str, object]:
    if options["here"]:
        return measure_pages_here(times=options["times"])
    size = Size(options["customers"], options["orders"], options["seed"])
    yesterday = timezone.localdate() - timedelta(days=1)
    times = options["times"] if options["pages"] else 0
    return measure_night(size, as_of=yesterday, page_times=times)


def refuse_nonsense(options: dict) -> None:
    sizes = [options["customers"], options["orders"]]
    if options["times"] < 1 or options["seed"] < 0:
        raise CommandError(_("--times is a whole number from 1, --seed one from 0."))
    if options["here"]:
        if not options["pages"] or sizes != [None, None]:
            raise CommandError(_("--here goes with --pages and generates nothing."))
    elif any(size is None or size < SMALLEST for size in sizes):
        message = _("Say how many --customers and --orders there shall be, %(least)s or more.")
        raise CommandError(message % {"least": SMALLEST})


@contextmanager
def ended_by_sigterm() -> Iterator[None]:
    """SIGTERM ends the run as Ctrl-C does: the database is dropped on the way out."""
    before = signal.signal(signal.SIGTERM, lambda *_args: sys.exit(143))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
