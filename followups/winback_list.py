"""The list of lost customers: what they were worth, and how likely such customers come back."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import JSONObject
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.exports import Column
from crm.lists import SEARCH_COLUMNS, ListSpec, Sort
from followups.customer_list import number_to_call
from followups.models import WinBack
from followups.winback_filter import LostFilter
from tiering.models import LostCustomer

TOLD = (WinBack.State.RUNNING, WinBack.State.LOST, WinBack.State.NOT_WORTH)


def totals(lost: QuerySet, asked: dict[str, Any]) -> dict[str, Any]:
    """Money in base currency; `expected` is that of those whose chance is known."""
    return lost.aggregate(count=Count("pk"), value=Sum("value"), expected=Sum("expected"))


def detailed(lost: QuerySet) -> QuerySet:
    """With `call`, the number to call first, and `plan`: key, state and last day of the latest plan or decision."""
    related = lost.select_related("customer__owner", "chance", "alert")
    related = related.defer(*(f"customer__{column}" for column in SEARCH_COLUMNS))
    latest = WinBack.objects.filter(customer=OuterRef("customer"), state__in=TOLD).order_by("-id")
    plan = latest.values(told=JSONObject(key="pk", state="state", day="closed_on"))
    call = number_to_call("customer__")
    return related.annotate(call=call, plan=Subquery(plan[:1]))


def why(lost: LostCustomer) -> str:
    return lost.reason or _("No order for a year")


def plan_state(lost: Any) -> str:
    """Of a row that is `detailed`."""
    return str(WinBack.State(lost.plan["state"]).label) if lost.plan else ""


def of_chance(name: str) -> Callable[[LostCustomer], Any]:
    """A figure of the chance, empty where there are too few cases to say."""
    return lambda lost: getattr(lost.chance, name) if lost.chance and lost.chance.is_known else None


def lost_list(today: date) -> ListSpec:
    return ListSpec(
        name="winback",
        template="followups/winback",
        filterset=LostFilter,
        sorts=SORTS,
        default="-expected",
        totals=totals,
        detailed=detailed,
        columns=columns(today),
    )


SORTS = {
    "expected": Sort(gettext_lazy("Chance × value"), ("expected", "value"), falling=True),
    "value": Sort(gettext_lazy("Value before it went"), ("value",), falling=True),
    "chance": Sort(gettext_lazy("Chance of return"), ("share",), falling=True),
    "last": Sort(gettext_lazy("Last order"), ("silent_since",), falling=True),
    "grade": Sort(gettext_lazy("Last grade"), ("last_grade",)),
    "name": Sort(gettext_lazy("Name"), ("customer__name",)),
}


def columns(today: date) -> list[Column]:
    return [
        Column(_("Customer"), "customer.code"),
        Column(_("Name"), "customer.name"),
        Column(_("Last grade"), lambda lost: lost.get_last_grade_display()),
        Column(_("Owner"), "customer.owner.name"),
        Column(_("Region"), "customer.region"),
        Column(_("Number to call"), "call"),
        Column(_("Last order"), "silent_since"),
        Column(_("Months away"), lambda lost: lost.months_away(today)),
        Column(_("Order days"), "order_days"),
        Column(_("Value before, 12 months"), "value"),
        Column(_("Why lost"), why),
        Column(_("Lost on"), "lost_on"),
        Column(_("Chance of return in 180 days"), "share"),
        Column(_("At least"), of_chance("low")),
        Column(_("At most"), of_chance("high")),
        Column(_("Cases"), "chance.n"),
        Column(_("Chance × value"), "expected"),
        Column(_("Win-back plan"), plan_state),
    ]
