"""Customers and value by grade over twelve months, from the sums of the nights alone."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db.models import F, Sum
from django.urls import reverse

from crm.models import Team, User
from crm.templatetags.format import day, money_short
from followups.past_board import of_scope
from tiering.models import Grade, NightRun, OwnerSummary

YEAR = timedelta(days=366)
HALF_A_YEAR = timedelta(days=183)


@dataclass
class Point:
    """The book of one night: customers and value by grade, best first."""

    on: date
    customers: dict[str, int] = field(default_factory=lambda: dict.fromkeys(Grade.values, 0))
    value: dict[str, Decimal] = field(
        default_factory=lambda: dict.fromkeys(Grade.values, Decimal(0))
    )

    @property
    def customers_total(self) -> int:
        return sum(self.customers.values())

    @property
    def value_total(self) -> Decimal:
        return sum(self.value.values(), Decimal(0))


def trend(night: NightRun, *, user: User, team: Team | None) -> list[Point]:
    """The last night of each month of the year before a night, of each week where the
    history is shorter than half a year; that night is the last point. Two queries."""
    until = night.as_of
    nights = NightRun.objects.finished().filter(as_of__gt=until - YEAR, as_of__lte=until)
    chosen = ends_of_spans(nights.order_by("as_of").values_list("pk", "as_of"))
    points = {pk: Point(on) for pk, on in chosen}
    sums = of_scope(OwnerSummary.objects.filter(run__in=points), user, team)
    by_grade = sums.values("run", "grade").order_by()
    for row in by_grade.annotate(n=Sum(F("customers")), money=Sum(F("value"))):
        points[row["run"]].customers[row["grade"]] = row["n"]
        points[row["run"]].value[row["grade"]] = row["money"]
    return list(points.values())


def ends_of_spans(nights: Iterable[tuple[int, date]]) -> list[tuple[int, date]]:
    """Of nights in order the last one of each month, or of each week of a short history."""
    known = list(nights)
    if not known:
        return []
    is_long = known[-1][1] - known[0][1] > HALF_A_YEAR
    spans = {(_month(on) if is_long else on.isocalendar()[:2]): (pk, on) for pk, on in known}
    return list(spans.values())


def _month(on: date) -> tuple[int, int]:
    return on.year, on.month


def trend_chart(points: list[Point], *, team: Team | None) -> dict[str, Any]:
    """For the browser: figures as floats, each point with the address of its book."""
    return {
        "grades": [{"code": code, "label": label} for code, label in Grade.choices],
        "points": [
            {
                "label": day(point.on),
                "href": address_of(point.on, team),
                "customers": list(point.customers.values()),
                "value": [float(value) for value in point.value.values()],
                "money": [money_short(value) for value in point.value.values()],
            }
            for point in points
        ],
    }


def address_of(on: date, team: Team | None) -> str:
    """The dashboard of that night."""
    asked = {"team": team.pk} if team else {}
    return f"{reverse('dashboard')}?{urlencode({**asked, 'as_of': on.isoformat()})}"
