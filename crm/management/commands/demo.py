"""A believable wholesaler with three years of trade, whose future is known."""

import argparse
import json
import secrets
import time
from datetime import date, timedelta

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from crm.demo.company import build
from crm.demo.load import NotEmpty, load, refuse_where_not_empty
from crm.demo.plan import LANGUAGES, Plan


class Command(BaseCommand):
    help = "Load the demo company into an empty database; for trial mode only."

    def add_arguments(self, parser):
        parser.add_argument("--seed", type=seed, default=1, help="another seed, another company")
        parser.add_argument("--as-of", type=day, help="its last day, YYYY-MM-DD (yesterday)")
        parser.add_argument("--language", choices=LANGUAGES, default=settings.LANGUAGE_CODE)
        parser.add_argument("--json", action="store_true", help="end with one line of JSON")

    def handle(self, **options):
        if not settings.TRIAL:
            raise CommandError("The demo company is refused in production (DATABASE_URL is set).")
        started = time.monotonic()
        plan = Plan(
            seed=options["seed"],
            as_of=options["as_of"] or timezone.localdate() - timedelta(days=1),
            language=options["language"],
            time_zone=settings.TIME_ZONE,
            currency=settings.BASE_CURRENCY,
        )
        rows = self.load(plan)
        self.report(plan, rows, time.monotonic() - started, as_json=options["json"])

    def load(self, plan: Plan) -> dict[str, int]:
        password = f"demo-{secrets.token_hex(4)}"
        try:
            refuse_early()
            self.stdout.write(f"Making three years of trade up to {plan.as_of} …")
            company = build(plan)
            self.stdout.write("Copying it into the database …")
            return load(
                company,
                password=password,
                encoded=make_password(password),
                folder=settings.STATE_DIR,
            )
        except NotEmpty as error:
            raise CommandError(str(error)) from None

    def report(self, plan: Plan, rows: dict[str, int], seconds: float, *, as_json: bool):
        counts = ", ".join(f"{count:,} {name}" for name, count in rows.items())
        self.stdout.write(f"{counts} in {seconds:.1f} s.")
        self.stdout.write(f"The accounts are in {settings.STATE_DIR / 'demo_accounts.json'}.")
        if as_json:
            figures = {"as_of": plan.as_of.isoformat(), "seed": plan.seed, "rows": rows}
            self.stdout.write(json.dumps(figures | {"seconds": round(seconds, 1)}))


def refuse_early():
    """Before seconds are spent on a company that has no place; asked again when it is loaded."""
    with transaction.atomic():
        refuse_where_not_empty()


def seed(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"{text} is not a whole number from 0.")
    return int(text)


def day(text: str) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is not a day (YYYY-MM-DD).") from None
    if not 2000 <= found.year <= 2100:
        raise argparse.ArgumentTypeError(f"{text} is not between 2000 and 2100.")
    return found
