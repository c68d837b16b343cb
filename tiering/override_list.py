"""The lists of grades that people have set: what is in force, and who was right."""

from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from crm.exports import Column
from crm.lists import SEARCH_COLUMNS, ListSpec, Sort
from tiering.filters import HindsightFilter, OverrideFilter
from tiering.models import Override, Standing
from tiering.models.override import FAR_APART


def totals(overrides: QuerySet, asked: dict[str, Any]) -> dict[str, Any]:
    """`far`: two grades or more from the computed one; value in base currency, of each
    customer once, however many grades were set for it."""
    sums = overrides.with_distance().aggregate(
        count=Count("pk"), far=Count("pk", filter=Q(apart__gte=FAR_APART))
    )
    behind = Standing.objects.filter(customer__in=overrides.order_by().values("customer"))
    return {**sums, **behind.aggregate(value=Sum("value"))}


def verdicts(overrides: QuerySet, asked: dict[str, Any]) -> dict[str, Any]:
    counts = {code: Count("pk", filter=Q(verdict=code)) for code in Override.Verdict.values}
    return overrides.aggregate(count=Count("pk"), **counts)


def detailed(overrides: QuerySet) -> QuerySet:
    related = overrides.with_distance().select_related(
        "customer__standing", "customer__owner", "by", "approved_by", "ended_by"
    )
    return related.defer(*(f"customer__{column}" for column in SEARCH_COLUMNS))


def standing_of(override: Override) -> Standing | None:
    return getattr(override.customer, "standing", None)


def computed_now(override: Override) -> str | None:
    standing = standing_of(override)
    return standing and standing.get_computed_grade_display()


def state_name(override: Override) -> str:
    if override.is_waiting:
        return _("Waiting for approval")
    if override.was_declined:
        return _("Declined")
    return _("In force") if override.is_shown else _("Over")


SHARED = [
    Column(_("Customer"), "customer.code"),
    Column(_("Name"), "customer.name"),
    Column(_("Owner"), "customer.owner.name"),
    Column(_("Set grade"), lambda override: override.get_grade_display()),
    Column(_("Computed grade then"), lambda override: override.get_computed_grade_display()),
    Column(_("Reason"), "reason"),
    Column(_("Set by"), "by.name"),
    Column(_("From"), "starts_on"),
    Column(_("Until"), "until"),
    Column(_("Ended on"), "ended_on"),
]
SORTS = {
    "name": Sort(_("Name"), ("customer__name",)),
    "by": Sort(_("Set by"), ("by__name",)),
    "from": Sort(_("From"), ("starts_on",), falling=True),
}

OVERRIDES = ListSpec(
    name="overrides",
    template="tiering/overrides",
    filterset=OverrideFilter,
    sorts=SORTS
    | {
        "until": Sort(_("Until"), ("until",)),
        "apart": Sort(_("Grades apart"), ("apart", "customer__standing__value"), falling=True),
        "value": Sort(_("Value, 12 months"), ("customer__standing__value",), falling=True),
    },
    default="until",
    totals=totals,
    detailed=detailed,
    columns=[
        *SHARED,
        Column(_("Ended by"), "ended_by.name"),
        Column(_("Approved by"), "approved_by.name"),
        Column(_("State"), state_name),
        Column(_("Computed grade now"), computed_now),
        Column(_("Grades apart"), "apart"),
        Column(_("Value, 12 months"), "customer.standing.value"),
    ],
)

HINDSIGHT = ListSpec(
    name="hindsight",
    template="tiering/hindsight",
    filterset=HindsightFilter,
    sorts=SORTS
    | {"revenue": Sort(_("Revenue of the 180 days after"), ("revenue_after",), falling=True)},
    default="-from",
    totals=verdicts,
    detailed=detailed,
    columns=[
        *SHARED,
        Column(_("Revenue of the 180 days after"), "revenue_after"),
        Column(_("Grade it deserved"), lambda override: override.get_deserved_grade_display()),
        Column(_("Who was right"), lambda override: override.get_verdict_display()),
    ],
)
