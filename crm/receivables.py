"""What a customer owes, what of it is late, and how long it usually takes to pay."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from statistics import median

from django.db.models import Count, F, Min, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from crm.models import Customer, Order, Payment
from crm.models.fields import MoneyField

PAYMENTS_LOOKED_AT = 100
NOTHING = Decimal(0)


@dataclass(frozen=True)
class Receivables:
    """Money in base currency, at the rate of each document's day.

    recorded     whether anything is known: a due day or a payment
    owed         what is still to come; negative where returns outweigh it
    late         the part of it whose due day is past
    late_days    days since the oldest such due day
    usual_days   median of days from order to payment, of the latest hundred payments
    """

    recorded: bool
    owed: Decimal
    late: Decimal
    late_days: int | None
    usual_days: int | None


def receivables(customer: Customer, *, today: date) -> Receivables:
    """Without a due day or a payment nothing is owed: many companies import neither."""
    sums = _sums(customer, today)
    usual = _usual_days(customer)
    owed = sums["owed"] or NOTHING
    late = min(sums["late"] or NOTHING, max(owed, NOTHING))
    return Receivables(
        recorded=bool(sums["documents"]) or usual is not None,
        owed=owed,
        late=late,
        late_days=(today - sums["oldest"]).days if late else None,
        usual_days=usual,
    )


def _sums(customer: Customer, today: date) -> dict:
    is_late = Q(due_on__lt=today, left__gt=0)
    in_base = F("left") * F("base_amount") / F("amount")
    return _invoiced(customer).aggregate(
        documents=Count("pk"),
        owed=Sum(in_base, output_field=MoneyField()),
        late=Sum(in_base, filter=is_late, output_field=MoneyField()),
        oldest=Min("due_on", filter=is_late),
    )


def _invoiced(customer: Customer) -> QuerySet[Order]:
    """Documents known to be payable, and the returns that go against such documents."""
    payable = Q(due_on__isnull=False) | Q(paid__isnull=False)
    against = Q(amount__lt=0, returns__due_on__isnull=False)
    # A subquery, as the sum of a sum over a join cannot be asked for.
    payments = Payment.objects.filter(order=OuterRef("pk")).order_by().values("order")
    paid = Subquery(payments.values(sum=Sum("amount")), output_field=MoneyField())
    orders = Order.objects.filter(customer=customer).counted().exclude(amount=0)
    left = F("amount") - Coalesce("paid", NOTHING, output_field=MoneyField())
    return orders.annotate(paid=paid).annotate(left=left).filter(payable | against)


def _usual_days(customer: Customer) -> int | None:
    paid = (
        Payment.objects.filter(order__customer=customer, amount__gt=0)
        .order_by("-paid_on", "-id")
        .values_list("paid_on", "order__ordered_on")[:PAYMENTS_LOOKED_AT]
    )
    days = [(paid_on - ordered_on).days for paid_on, ordered_on in paid]
    return round(median(days)) if days else None
