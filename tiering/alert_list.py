"""The list of churn alerts, dearest first."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from crm.exports import Column
from crm.lists import SEARCH_COLUMNS, ListSpec, Sort
from tiering.filters import AlertFilter
from tiering.models import ChurnAlert
from tiering.models.alert import OUT_OF_LINE


def totals(alerts: QuerySet, asked: dict[str, Any]) -> dict[str, Any]:
    """Money in base currency; `ordered`: alerts closed because the customer ordered again."""
    return alerts.aggregate(
        count=Count("pk"),
        at_risk=Sum("value_at_risk"),
        value=Sum("customer__standing__value"),
        ordered=Count("pk", filter=Q(outcome=ChurnAlert.Outcome.ORDERED)),
    )


@dataclass(frozen=True)
class Tab:
    """A state with how many alerts are in it, and the money at risk of those."""

    code: str
    label: Any
    count: int
    money: Decimal | None


def tabs(alerts: QuerySet) -> list[Tab]:
    """Of all that a reader sees and that stand somewhere; acknowledged ones are open, closed ones put nothing at risk."""
    standing = alerts.exclude(OUT_OF_LINE).order_by()
    sums = standing.values("state").annotate(n=Count("pk"), money=Sum("value_at_risk"))
    found = {row["state"]: row for row in sums}
    open_ones = [found[state] for state in ChurnAlert.ASKING if state in found]
    state = ChurnAlert.State
    groups = {state.OPEN: open_ones} | {
        code: [found[code]] if code in found else []
        for code in (state.HELD, state.SNOOZED, state.CLOSED)
    }
    return [
        Tab(
            code.value,
            code.label,
            sum(row["n"] for row in rows),
            None if code == state.CLOSED else sum((row["money"] for row in rows), Decimal()),
        )
        for code, rows in groups.items()
    ]


def detailed(alerts: QuerySet) -> QuerySet:
    related = alerts.select_related("customer__standing", "customer__owner")
    return related.defer(*(f"customer__{column}" for column in SEARCH_COLUMNS))


def grade_name(alert: ChurnAlert) -> str | None:
    standing = getattr(alert.customer, "standing", None)
    return standing and standing.get_grade_display()


ALERTS = ListSpec(
    name="alerts",
    template="tiering/alerts",
    filterset=AlertFilter,
    sorts={
        "risk": Sort(_("Value at risk"), ("value_at_risk",), falling=True),
        "chance": Sort(_("Chance of no order"), ("p_none",), falling=True),
        "silent": Sort(_("Days silent"), ("silent_days",), falling=True),
        "opened": Sort(_("Opened on"), ("opened_on",), falling=True),
        "closed": Sort(_("Closed on"), ("closed_on",), falling=True),
        "name": Sort(_("Name"), ("customer__name",)),
    },
    default="-risk",
    totals=totals,
    detailed=detailed,
    columns=[
        Column(_("Customer"), "customer.code"),
        Column(_("Name"), "customer.name"),
        Column(_("Grade"), grade_name),
        Column(_("Owner"), "customer.owner.name"),
        Column(_("State"), lambda alert: alert.get_state_display()),
        Column(_("Signal"), lambda alert: alert.raised_by),
        Column(_("Chance of no order in 90 days"), "p_none"),
        Column(_("Value at risk"), "value_at_risk"),
        Column(_("Value, 12 months"), "customer.standing.value"),
        Column(_("Days silent"), "silent_days"),
        Column(_("Holidays among them"), "silent_holidays"),
        Column(_("Usual gap, days"), "usual_gap"),
        Column(_("9 of 10 gaps under, days"), "long_gap"),
        Column(_("Silent since"), "silent_since"),
        Column(_("Opened on"), "opened_on"),
        Column(_("Figures of"), "seen_on"),
        Column(_("Closed on"), "closed_on"),
        Column(_("Outcome"), lambda alert: alert.get_outcome_display()),
        Column(_("Told on"), "told_on"),
        Column(_("Snoozed until"), "snoozed_until"),
        Column(_("Acknowledged on"), "acknowledged_on"),
        Column(_("Reason"), "reason"),
    ],
)
