"""What the list of customers shows of each: standing, alert, next follow-up, a number to call."""

from django.db.models import Count, Exists, F, Min, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import gettext_lazy as _

from crm.exports import Column
from crm.lists import ListSpec, Sort
from crm.models import Contact
from followups.filters import CustomerFilter
from followups.models import FollowUp
from tiering.models import ChurnAlert

# All that a row of the page and of the file says: reading the rest takes longer than the list.
SHOWN = (
    *("code", "name", "alias", "region", "city", "district", "industry", "phone"),
    *("owner__name", "owner__username"),
    *("standing__grade", "standing__behaviour", "standing__eligible", "standing__value"),
    *("standing__continuing_value", "standing__value_at_risk", "standing__p_none_90"),
    *("standing__last_order_on", "standing__silent_days", "standing__usual_gap"),
    *("standing__later_than_usual", "standing__signals", "standing__watch", "standing__watch_on"),
)


def totals(customers: QuerySet, asked: dict) -> dict:
    """Money in base currency; None where there is nothing to add up."""
    return customers.aggregate(
        count=Count("pk"),
        value=Sum("standing__value"),
        at_risk=Sum("standing__value_at_risk"),
    )


def number_to_call(customer: str = "") -> Coalesce:
    """Of the first contact with a number, else of the company; `customer` leads to it."""
    contact = Contact.objects.filter(customer=OuterRef(f"{customer}pk"))
    number = (
        contact.exclude(mobile="", phone="")
        .order_by("-is_primary", "id")
        .values(number=Coalesce(NullIf("mobile", Value("")), "phone"))
    )
    return Coalesce(Subquery(number[:1]), NullIf(f"{customer}phone", Value("")))


def detailed(customers: QuerySet) -> QuerySet:
    """With `next_due_on`, `alert_open` and `call`, the number to call first."""
    open_followups = FollowUp.objects.open().filter(customer=OuterRef("pk")).values("customer")
    return (
        customers.select_related("standing", "owner")
        .only(*SHOWN)
        .annotate(
            next_due_on=Subquery(open_followups.annotate(first=Min("due_on")).values("first")),
            alert_open=Exists(ChurnAlert.objects.open().filter(customer=OuterRef("pk"))),
            call=number_to_call(),
        )
    )


def by_owner(customers: QuerySet) -> QuerySet:
    """One row for each present owner (None: the pool): customers and their value."""
    return (
        customers.order_by()
        .values(owner_name=F("owner__name"))
        .annotate(count=Count("pk"), value=Sum("standing__value"))
        .order_by("owner_name")
    )


def grade_name(customer) -> str | None:
    standing = getattr(customer, "standing", None)
    return standing and standing.get_grade_display()


def behaviour_name(customer) -> str | None:
    standing = getattr(customer, "standing", None)
    return standing and standing.get_behaviour_display()


def coming_change(customer) -> str | None:
    standing = getattr(customer, "standing", None)
    return standing and standing.watch and standing.get_watch_display()


CUSTOMERS = ListSpec(
    name="customers",
    template="followups/customers",
    filterset=CustomerFilter,
    sorts={
        "value": Sort(_("Value"), ("standing__value",), falling=True),
        "risk": Sort(_("Value at risk"), ("standing__value_at_risk",), falling=True),
        "name": Sort(_("Name"), ("name",)),
        "grade": Sort(_("Grade"), ("standing__rank",)),
        "silent": Sort(_("Days silent"), ("standing__silent_days",), falling=True),
        "last": Sort(_("Last order"), ("standing__last_order_on",), falling=True),
        "change": Sort(_("About to change"), ("standing__watch_on",)),
        "next": Sort(_("Next follow-up"), ("next_due_on",)),
    },
    default="-value",
    totals=totals,
    detailed=detailed,
    columns=[
        Column(_("Code"), "code"),
        Column(_("Name"), "name"),
        Column(_("Other name"), "alias"),
        Column(_("Grade"), grade_name),
        Column(_("Behaviour"), behaviour_name),
        Column(_("About to change"), coming_change),
        Column(_("Changes on"), "standing.watch_on"),
        Column(_("Owner"), "owner.name"),
        Column(_("Region"), "region"),
        Column(_("City"), "city"),
        Column(_("District"), "district"),
        Column(_("Industry"), "industry"),
        Column(_("Phone"), "phone"),
        Column(_("Number to call"), "call"),
        Column(_("Value, 12 months"), "standing.value"),
        Column(_("Likely to continue"), "standing.continuing_value"),
        Column(_("Value at risk"), "standing.value_at_risk"),
        Column(_("Chance of no order in 90 days"), "standing.p_none_90"),
        Column(_("Last order"), "standing.last_order_on"),
        Column(_("Days silent"), "standing.silent_days"),
        Column(_("Usual gap, days"), "standing.usual_gap"),
        Column(_("Alert open"), "alert_open"),
        Column(_("Next follow-up"), "next_due_on"),
    ],
)
