"""The list of win-back plans, what they regained, and who came back without one."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from crm.exports import Column
from crm.lists import SEARCH_COLUMNS, ListSpec, Sort
from crm.models import User
from followups.models import WinBack
from followups.winback_filter import PlanFilter
from tiering.models import LostCustomer

YEAR = timedelta(days=365)
State = WinBack.State
ENDED = (State.WON, State.LOST, State.NOT_WORTH)
SUMS = {
    "count": Count("pk"),
    "running": Count("pk", filter=Q(state=State.RUNNING)),
    "won": Count("pk", filter=Q(state=State.WON)),
    "ended": Count("pk", filter=Q(state__in=ENDED)),
    "value": Sum("value"),
    "regained_sum": Sum("regained"),
}


def totals(plans: QuerySet, asked: dict[str, Any]) -> dict[str, Any]:
    """Of plans `with_regained`; money in base currency."""
    return plans.aggregate(**SUMS)


def by_owner(plans: QuerySet) -> QuerySet:
    """The same sums for each owner of the time of the start, most regained first."""
    found = plans.order_by().values(owner_name=F("owner__name")).annotate(**SUMS)
    return found.order_by("-regained_sum", "owner_name")


def without_plan(user: User, *, today: date) -> dict[str, int]:
    """Of customers lost without a plan: how many there were in the last 365 days, and how many
    of them ordered again."""
    year = LostCustomer.objects.visible_to(user).filter(
        Q(returned_on=None) | Q(returned_on__gt=today - YEAR)
    )
    same = WinBack.objects.plans().filter(
        customer=OuterRef("customer"), silent_since=OuterRef("silent_since")
    )
    back = Count("pk", filter=Q(returned_on__isnull=False))
    return year.filter(~Exists(same)).aggregate(lost=Count("pk"), back=back)


def detailed(plans: QuerySet) -> QuerySet:
    """With `touches_of_all` and how many of them are `touches_done`."""
    related = plans.select_related("customer__owner", "owner", "started_by", "closed_by")
    related = related.defer(*(f"customer__{column}" for column in SEARCH_COLUMNS))
    done = Q(touches__followups__state="done")
    return related.annotate(
        touches_of_all=Count("touches", distinct=True),
        touches_done=Count("touches", filter=done, distinct=True),
    )


def shown(name: str) -> Callable[[WinBack], str]:
    return lambda plan: getattr(plan, f"get_{name}_display")()


PLANS = ListSpec(
    name="winback_plans",
    template="followups/winback_plans",
    filterset=PlanFilter,
    sorts={
        "started": Sort(_("Started on"), ("started_on",), falling=True),
        "closed": Sort(_("Closed on"), ("closed_on",), falling=True),
        "value": Sort(_("Value before it went"), ("value",), falling=True),
        "regained": Sort(_("Regained"), ("regained",), falling=True),
        "state": Sort(_("State"), ("state",)),
        "name": Sort(_("Name"), ("customer__name",)),
    },
    default="-started",
    totals=totals,
    detailed=detailed,
    columns=[
        Column(_("Customer"), "customer.code"),
        Column(_("Name"), "customer.name"),
        Column(_("Owner at the start"), "owner.name"),
        Column(_("State"), shown("state")),
        Column(_("Reason"), "reason"),
        Column(_("Last order"), "silent_since"),
        Column(_("Value before, 12 months"), "value"),
        Column(_("Chance of return in 180 days"), "chance"),
        Column(_("Started on"), "started_on"),
        Column(_("Started by"), "started_by.name"),
        Column(_("Touches"), "touches_of_all"),
        Column(_("Touches done"), "touches_done"),
        Column(_("Closed on"), "closed_on"),
        Column(_("Closed by"), "closed_by.name"),
        Column(_("Ordered again on"), "returned_on"),
        Column(_("Regained"), "regained"),
    ],
)
