"""The list of customers as it stood on a past night."""

from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery, Sum
from django.utils.translation import gettext_lazy as _

from crm.exports import Column
from crm.lists import SEARCH_COLUMNS, ListSpec, Sort
from crm.models import User
from followups.past_filters import PastCustomerFilter
from tiering.models import Behaviour, ChurnAlert, Grade, GradeChange, NightRun


def totals(customers: QuerySet, asked: dict) -> dict:
    """`kept`: of how many customers the figures are kept; the sums are of those."""
    return customers.aggregate(
        count=Count("pk"),
        kept=Count("then_kept"),
        value=Sum("then_value"),
        continuing=Sum("then_continuing_value"),
    )


def grade_then(customer) -> str:
    return Grade(customer.then_grade).label


def computed_then(customer) -> str:
    return Grade(customer.then_computed_grade).label if customer.then_computed_grade else ""


def behaviour_then(customer) -> str:
    return Behaviour(customer.then_behaviour).label if customer.then_behaviour else ""


def cause_then(customer) -> str:
    return GradeChange.Cause(customer.then_cause).label


SORTS = {
    "value": Sort(_("Value"), ("then_value",), falling=True),
    "name": Sort(_("Name"), ("name",)),
    "grade": Sort(_("Grade"), ("then_place", "then_rank")),
    "continuing": Sort(_("Likely to continue"), ("then_continuing_value",), falling=True),
    "since": Sort(_("Last change"), ("then_since",), falling=True),
}
COLUMNS = [
    Column(_("Code"), "code"),
    Column(_("Name"), "name"),
    Column(_("Grade"), grade_then),
    Column(_("Computed grade"), computed_then),
    Column(_("Active"), "then_eligible"),
    Column(_("Last change"), "then_since"),
    Column(_("Cause"), cause_then),
    Column(_("Behaviour"), behaviour_then),
    Column(_("Owner"), "then_owner_name"),
    Column(_("Region"), "region"),
    Column(_("Industry"), "industry"),
    Column(_("Value, 12 months"), "then_value"),
    Column(_("Likely to continue"), "then_continuing_value"),
    Column(_("Chance of no order in 180 days"), "then_p_none"),
    Column(_("Rank"), "then_rank"),
    Column(_("Alert open"), "alert_open"),
]


def past_customers(night: NightRun) -> ListSpec:
    """The list for rows from `customers_on` that night."""
    return ListSpec(
        name="customers",
        template="followups/past/customers",
        filterset=PastCustomerFilter,
        sorts=SORTS,
        default="-value",
        totals=totals,
        detailed=lambda customers: detailed(customers, night),
        columns=[Column(_("As of"), lambda customer: night.as_of), *COLUMNS],
        on=night.as_of,
    )


def detailed(customers: QuerySet, night: NightRun) -> QuerySet:
    """With the name of the owner of that night and whether an alert was open."""
    owner = User.objects.filter(pk=OuterRef("then_owner"))
    alerts = ChurnAlert.objects.open_on(night.as_of).filter(customer=OuterRef("pk"))
    return customers.defer(*SEARCH_COLUMNS).annotate(
        then_owner_name=Subquery(owner.values("name")[:1]), alert_open=Exists(alerts)
    )
