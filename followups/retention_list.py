"""The customers behind a retention figure, and those of a cohort."""

from typing import Any

from django.db.models import Count, F, FloatField, Max, Q, QuerySet, Sum, Window
from django.db.models.functions import Cast, NullIf
from django.utils.translation import gettext_lazy as _

from crm.exports import Column
from crm.lists import SEARCH_COLUMNS, ListSpec, Sort
from followups.customer_list import grade_name
from followups.retention_filter import CohortFilter, RowsFilter
from followups.retention_words import WORDS
from tiering.retention import Figure, Kind

OF_CUSTOMER = [
    Column(_("Code"), "code"),
    Column(_("Name"), "name"),
    Column(_("Grade"), grade_name),
    Column(_("Owner"), "owner.name"),
    Column(_("Region"), "region"),
    Column(_("Industry"), "industry"),
]
SORTS = {
    "name": Sort(_("Name"), ("name",)),
    "first": Sort(_("First order"), ("standing__first_order_on",), falling=True),
    "last": Sort(_("Last order"), ("standing__last_order_on",), falling=True),
    "revenue": Sort(_("Revenue, 12 months"), ("retention__revenue",), falling=True),
}


def behind(customers: QuerySet[Any], figure: Figure) -> QuerySet[Any]:
    """Who adds to either sum of a figure: `top` and `bottom` are what each adds."""
    return adding(customers, figure, "retention__")


def adding(rows: QuerySet[Any], figure: Figure, measures: str = "") -> QuerySet[Any]:
    added = rows.annotate(top=F(f"{measures}{figure.top}"), bottom=F(f"{measures}{figure.bottom}"))
    return added.filter(~Q(top=0) | ~Q(bottom=0))


def rows_of(figure: Figure) -> ListSpec:
    words = WORDS[figure.code]
    return ListSpec(
        name="retention",
        template="followups/retention/rows",
        filterset=RowsFilter,
        sorts={
            "name": SORTS["name"],
            "top": Sort(words.top, ("top",), falling=True),
            "bottom": Sort(words.bottom, ("bottom",), falling=True),
        },
        default="-top" if figure.of_the_largest else "-bottom",
        totals=lambda customers, asked: totals(customers, figure),
        detailed=lambda customers: detailed(customers, figure),
        columns=[
            *OF_CUSTOMER,
            Column(words.top, "top"),
            *([] if figure.of_the_largest else [Column(words.bottom, "bottom")]),
            Column(words.title, "own"),
        ],
    )


def totals(customers: QuerySet[Any], figure: Figure) -> dict[str, Any]:
    """`top` and `bottom` as the figure adds them up, and the figure itself."""
    top = Max("top") if figure.of_the_largest else Sum("top")
    found = customers.aggregate(count=Count("pk"), bottom_sum=Sum("bottom"), top_sum=top)
    sums = {figure.top: found["top_sum"] or 0, figure.bottom: found["bottom_sum"] or 0}
    return {"count": found["count"], "sums": sums, "value": figure.of(sums)}


def detailed(customers: QuerySet[Any], figure: Figure) -> QuerySet[Any]:
    shown = customers.select_related("standing", "owner").defer(*SEARCH_COLUMNS)
    return with_own(shown, figure)


def with_own(rows: QuerySet[Any], figure: Figure) -> QuerySet[Any]:
    """`own`: the figure of the row alone, or its share of all that are listed."""
    whole = Window(Sum("bottom")) if figure.of_the_largest else F("bottom")
    times = 100.0 if figure.kind == Kind.PER_100 else 1.0
    own = Cast(F("top"), FloatField()) * times / NullIf(Cast(whole, FloatField()), 0.0)
    return rows.annotate(own=own)


def of_cohort(customers: QuerySet[Any]) -> QuerySet[Any]:
    return customers.filter(retention__first_age__isnull=False)


COHORT = ListSpec(
    name="retention",
    template="followups/retention/cohort",
    filterset=CohortFilter,
    sorts=SORTS,
    default="-first",
    totals=lambda customers, asked: customers.aggregate(count=Count("pk")),
    detailed=lambda customers: customers.select_related("standing", "owner", "retention").defer(
        *SEARCH_COLUMNS
    ),
    columns=[
        *OF_CUSTOMER,
        Column(_("First order"), "standing.first_order_on"),
        Column(_("Last order"), "standing.last_order_on"),
        Column(_("Revenue, 12 months"), "retention.revenue"),
    ],
)
