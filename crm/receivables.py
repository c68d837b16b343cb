"""What a customer owes, what of it is late, and how long it usually takes to pay."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from statistics import median
from typing import Any

from django.db import connection

from crm.models import Customer, Order, Payment

PAYMENTS_LOOKED_AT = 100
NOTHING = Decimal(0)
# Of documents known to be payable, and of the returns that go against such documents.
SUMS = """
    SELECT count(*), sum(owed), sum(owed) FILTER (WHERE late), min(due_on) FILTER (WHERE late)
    FROM (
        SELECT due_on, unpaid * base_amount / amount AS owed,
            due_on < %(today)s AND unpaid > 0 AS late
        FROM (
            SELECT document.*, document.amount - coalesce(paid, 0) AS unpaid
            FROM crm_order AS document
            LEFT JOIN LATERAL (
                SELECT sum(amount) AS paid FROM crm_payment WHERE order_id = document.id
            ) AS payments ON true
            LEFT JOIN crm_order AS against ON against.id = document.returns_id
            WHERE document.customer_id = %(customer)s AND document.status <> %(cancelled)s
            AND document.amount <> 0 AND (
                document.due_on IS NOT NULL OR paid IS NOT NULL
                OR (document.amount < 0 AND against.due_on IS NOT NULL)
            )
        ) AS invoiced
    ) AS receivable
"""


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
    with connection.cursor() as db:
        asked: dict[str, Any] = {"customer": customer.pk, "today": today}
        db.execute(SUMS, asked | {"cancelled": Order.Status.CANCELLED})
        return dict(zip(("documents", "owed", "late", "oldest"), db.fetchone(), strict=True))


def _usual_days(customer: Customer) -> int | None:
    paid = (
        Payment.objects.filter(order__customer=customer, amount__gt=0)
        .order_by("-paid_on", "-id")
        .values_list("paid_on", "order__ordered_on")[:PAYMENTS_LOOKED_AT]
    )
    days = [(paid_on - ordered_on).days for paid_on, ordered_on in paid]
    return round(median(days)) if days else None
