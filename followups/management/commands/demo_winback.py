"""Win-back plans of the demo company, as its salespeople would have started them that morning."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db.models import Exists, F, OuterRef
from django.utils import timezone, translation

from crm.models import Order
from followups.models import FollowUp, WinBack
from followups.services import mark_done
from followups.services.winback import start
from followups.winback_forms import suggested
from tiering.models import LostCustomer

SOON_BACK = timedelta(days=60)


class Command(BaseCommand):
    help = "Starts win-back plans in the demo company after the night of a day; trial mode only."

    def add_arguments(self, parser):
        parser.add_argument("--as-of", type=date.fromisoformat, required=True, metavar="DATE")

    def handle(self, *, as_of, **options):
        if not settings.TRIAL:
            raise CommandError("The demo company is refused in production (DATABASE_URL is set).")
        today = as_of + timedelta(days=1)
        with translation.override(settings.LANGUAGE_CODE):
            for loss in chosen(today):
                begin(loss, today)


def chosen(today: date) -> Iterator[LostCustomer]:
    """The dearest one without a plan, and one that is going to order within two months."""
    planned = Exists(WinBack.objects.filter(customer=OuterRef("customer")))
    later = Order.objects.sales().filter(customer=OuterRef("customer"))
    is_back = Exists(later.filter(ordered_on__gt=today, ordered_on__lte=today + SOON_BACK))
    losses = LostCustomer.objects.still_away().filter(~planned, customer__owner__isnull=False)
    rows = losses.select_related("customer__owner").order_by(
        F("expected").desc(nulls_last=True), "-value", "id"
    )
    yield from rows.filter(~is_back)[:1]
    yield from rows.filter(is_back)[:1]


def begin(loss: LostCustomer, today: date) -> None:
    """With the call made on the same morning."""
    owner = loss.customer.owner
    plan = start(customer=loss.customer, touches=suggested(), by=owner, today=today)
    morning = datetime.combine(today, time(10), tzinfo=timezone.get_current_timezone())
    mark_done(followup=FollowUp.objects.open().get(touch__plan=plan), by=owner, now=morning)
