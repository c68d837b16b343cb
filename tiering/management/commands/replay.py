"""Every night of a span in memory: how calm the grades are, and whether the top keeps buying."""

import json
from argparse import ArgumentTypeError
from datetime import date

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from tiering.services.replaying import (
    REPLAYED_BASES,
    REPLAYED_PRESETS,
    ReplayOfBook,
    ReplayRefused,
    replay_book,
)

REFUSED = 2
UNKNOWN = "–"


class Command(BaseCommand):
    help = "Replays the nights of a span with the grading policy in force; nothing is saved."

    def add_arguments(self, parser):
        parser.add_argument("--from", dest="start", type=day, required=True, metavar="DATE")
        parser.add_argument("--to", dest="end", type=day, required=True, metavar="DATE")
        parser.add_argument(
            "--origins",
            type=days,
            default=(),
            metavar="DATE,DATE,…",
            help="Days whose next 180 days say how much of the future the top holds.",
        )
        parser.add_argument(
            "--basis", choices=REPLAYED_BASES, default="", help="Instead of the policy's."
        )
        parser.add_argument(
            "--preset", choices=REPLAYED_PRESETS, default="", help="Instead of scheme and calmness."
        )
        parser.add_argument("--json", action="store_true", help="End with one line of JSON.")

    def handle(self, *, start, end, origins, **options):
        chosen = {name: options[name] for name in ("basis", "preset")}
        today = timezone.localdate()
        try:
            found = replay_book(start=start, end=end, origins=origins, today=today, **chosen)
        except ReplayRefused as refusal:
            raise CommandError(str(refusal), returncode=REFUSED) from refusal
        span = {"from": start.isoformat(), "to": end.isoformat()}
        figures = span | {"origins": [each.isoformat() for each in origins]} | figures_of(found)
        self.stdout.write(json.dumps(figures) if options["json"] else as_table(figures))


def day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        message = _("%(text)s is no day. Write it like 2026-11-20.")
        raise ArgumentTypeError(message % {"text": text}) from error


def days(text: str) -> list[date]:
    return [day(each.strip()) for each in text.split(",")]


def figures_of(found: ReplayOfBook) -> dict[str, object]:
    figures = found.figures
    return {
        "policy": found.policy.version,
        "basis": found.rules.basis,
        "scheme": found.rules.scheme,
        "nights": figures.nights,
        "customer_years": round(figures.customer_years, 2),
        "changes_per_customer_year": figures.changes_per_customer_year,
        "flip_backs_per_100_customer_years": figures.flip_backs_per_100_customer_years,
        "share_top20": figures.share_top20,
        "share_top1": figures.share_top1,
        "revenue_share_top20": figures.revenue_share_top20,
        "revenue_share_top1": figures.revenue_share_top1,
    }


def as_table(figures: dict) -> str:
    head = _(
        "Nights %(from)s to %(to)s (%(nights)s), policy %(policy)s, basis %(basis)s,"
        " scheme %(scheme)s, %(customer_years)s customer-years."
    )
    rows = [
        (_("changes per customer-year"), "changes_per_customer_year", 3),
        (_("flip-backs per 100 customer-years"), "flip_backs_per_100_customer_years", 2),
    ]
    if figures["origins"]:
        rows += [
            (_("of the next 180 days: top 20 per cent by score"), "share_top20", 3),
            (_("of the next 180 days: top 1 per cent by score"), "share_top1", 3),
            (_("of the next 180 days: top 20 per cent by revenue"), "revenue_share_top20", 3),
            (_("of the next 180 days: top 1 per cent by revenue"), "revenue_share_top1", 3),
        ]
    lines = [f"{number(figures[name], places):>9}  {label}" for label, name, places in rows]
    return "\n".join([head % figures, *lines])


def number(figure: float | None, places: int) -> str:
    return UNKNOWN if figure is None else f"{figure:.{places}f}"
