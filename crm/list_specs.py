"""The lists of orders, visits and cases: what they are sorted by, add up to and export."""

from typing import Any

from django.db.models import Count, ExpressionWrapper, F, Q, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from crm.exports import Column
from crm.filters import CaseFilter, OrderFilter, VisitFilter
from crm.lists import SEARCH_COLUMNS, ListSpec, Sort
from crm.models import Case, Order, Visit
from crm.models.fields import MoneyField

OWNER = [
    Column(_("Customer"), "customer.code"),
    Column(_("Name"), "customer.name"),
    Column(_("Owner"), "customer.owner.name"),
]
COUNTED = ~Q(status=Order.Status.CANCELLED)
NOT_SHOWN = [f"customer__{column}" for column in SEARCH_COLUMNS]


def with_customer(rows: QuerySet) -> QuerySet:
    return rows.select_related("customer__owner").defer(*NOT_SHOWN)


def order_totals(orders: QuerySet, asked: dict[str, Any]) -> dict[str, Any]:
    """In base currency; cancelled documents are counted but not added up."""
    sums = {
        "count": Count("pk"),
        "sales": Sum("base_amount", filter=COUNTED & Q(base_amount__gt=0)),
        "returned": Sum("base_amount", filter=COUNTED & Q(base_amount__lt=0)),
        "net": Sum("base_amount", filter=COUNTED),
        "cost": Sum("base_cost", filter=COUNTED),
    }
    if asked.get("owed") in ("late", "open"):
        in_base = F("owed") * F("base_amount") / F("amount")
        orders = orders.annotate(owed_in_base=ExpressionWrapper(in_base, MoneyField()))
        sums["owed"] = Sum("owed_in_base")
    return orders.aggregate(**sums)


def visit_totals(visits: QuerySet, asked: dict[str, Any]) -> dict[str, Any]:
    return visits.aggregate(
        count=Count("pk"),
        reached=Count("pk", filter=~Q(outcome=Visit.Outcome.MISSED)),
        customers=Count("customer", distinct=True),
        minutes=Sum("minutes"),
    )


def case_totals(cases: QuerySet, asked: dict[str, Any]) -> dict[str, Any]:
    return cases.aggregate(
        count=Count("pk"),
        open=Count("pk", filter=Q(closed_on=None)),
        complaints=Count("pk", filter=Q(kind=Case.Kind.COMPLAINT)),
        customers=Count("customer", distinct=True),
    )


ORDERS = ListSpec(
    name="orders",
    template="crm/orders",
    filterset=OrderFilter,
    sorts={
        "date": Sort(_("Date"), ("ordered_on",), falling=True),
        "number": Sort(_("Number"), ("number",)),
        "customer": Sort(_("Customer"), ("customer__name",)),
        "amount": Sort(_("Amount"), ("base_amount",), falling=True),
        "due": Sort(_("Payment due"), ("due_on",)),
    },
    default="-date",
    totals=order_totals,
    detailed=lambda orders: with_customer(orders).with_paid(),
    columns=[
        Column(_("Number"), "number"),
        Column(_("Date"), "ordered_on"),
        *OWNER,
        Column(_("Status"), lambda order: order.get_status_display()),
        Column(_("Currency"), "currency"),
        Column(_("Amount"), "amount"),
        Column(_("Amount in base currency"), "base_amount"),
        Column(_("Cost in base currency"), "base_cost"),
        Column(_("Payment due"), "due_on"),
        Column(_("Paid"), "paid"),
        Column(_("Owed"), lambda order: order.owed if order.is_payable else None),
    ],
)

VISITS = ListSpec(
    name="visits",
    template="crm/visits",
    filterset=VisitFilter,
    sorts={
        "when": Sort(_("When"), ("happened_at",), falling=True),
        "customer": Sort(_("Customer"), ("customer__name",)),
        "by": Sort(_("Visited by"), ("by__name",)),
        "minutes": Sort(_("Minutes"), ("minutes",), falling=True),
        "next": Sort(_("Next on"), ("next_on",)),
    },
    default="-when",
    totals=visit_totals,
    detailed=lambda visits: with_customer(visits).select_related("by", "contact"),
    columns=[
        Column(_("When"), "happened_at"),
        *OWNER,
        Column(_("Visited by"), "by.name"),
        Column(_("Contact"), "contact.name"),
        Column(_("Channel"), lambda visit: visit.get_channel_display()),
        Column(_("Outcome"), lambda visit: visit.get_outcome_display()),
        Column(_("Minutes"), "minutes"),
        Column(_("Note"), "summary"),
        Column(_("Needs"), "needs"),
        Column(_("Competitor"), "competitor"),
        Column(_("Satisfaction"), "satisfaction"),
        Column(_("Next on"), "next_on"),
    ],
)

CASES = ListSpec(
    name="cases",
    template="crm/cases",
    filterset=CaseFilter,
    sorts={
        "due": Sort(_("Due on"), ("due_on",)),
        "opened": Sort(_("Opened on"), ("opened_on",), falling=True),
        "closed": Sort(_("Closed on"), ("closed_on",), falling=True),
        "customer": Sort(_("Customer"), ("customer__name",)),
    },
    default="-opened",
    totals=case_totals,
    detailed=lambda cases: with_customer(cases).select_related("assignee", "order"),
    columns=[
        Column(_("Number"), "number"),
        Column(_("Subject"), "subject"),
        Column(_("Kind"), lambda case: case.get_kind_display()),
        *OWNER,
        Column(_("Assignee"), "assignee.name"),
        Column(_("Order"), "order.number"),
        Column(_("Opened on"), "opened_on"),
        Column(_("Due on"), "due_on"),
        Column(_("Closed on"), "closed_on"),
        Column(_("Resolution"), "resolution"),
        Column(_("Under warranty until"), "warranty_until"),
    ],
)
