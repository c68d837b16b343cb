"""The figures of a manager's dashboard. Each is of the customers given, and adds up to them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Count, F, Min, Sum

from crm.models.customer import CustomerQuerySet
from followups.models import FollowUp
from tiering.models import ChurnAlert, Grade, Standing

CURVE_POINTS = 160

CURVE = """
WITH ranked AS (
    SELECT row_number() OVER places AS place,
        sum(value) OVER places AS running,
        sum(value) OVER () AS total,
        count(*) OVER () AS customers,
        value
    FROM ({values}) AS book
    WINDOW places AS (ORDER BY value DESC, customer_id)
)
SELECT place, running / total, running >= total * 0.8 AND running - value < total * 0.8
FROM ranked
WHERE place IN (1, customers)
    OR place %% greatest(customers / {points}, 1) = 0
    OR (running >= total * 0.8 AND running - value < total * 0.8)
ORDER BY place
"""


@dataclass
class GradeLine:
    """One grade: customers and value, and its share of both."""

    grade: str
    customers: int = 0
    value: Decimal = Decimal(0)
    customers_share: float = 0.0
    value_share: float = 0.0
    customers_from: float = 0.0
    value_from: float = 0.0


@dataclass
class SellerLine:
    """One salesperson (None: the pool): alerts by grade, and what is overdue."""

    pk: int | None
    name: str
    at_risk: Decimal = Decimal(0)
    alerts: int = 0
    by_grade: dict[str, Decimal] = field(default_factory=dict)
    overdue: int = 0
    oldest: date | None = None


@dataclass
class Curve:
    """Share of value by number of customers, and how many make the first 80 per cent."""

    points: list[tuple[int, float]]
    vital: int | None


@dataclass
class Cell:
    region: str
    industry: str
    customers: int
    value: Decimal
    heat: int = 0


def by_grade(customers: CustomerQuerySet) -> list[GradeLine]:
    """A line for each grade, best first; shares add up to 1 where there is anything."""
    rows = Standing.objects.filter(customer__in=customers).values("grade")
    found = {row["grade"]: row for row in rows.annotate(n=Count("pk"), money=Sum("value"))}
    lines = [
        GradeLine(g, found[g]["n"], found[g]["money"]) if g in found else GradeLine(g)
        for g in Grade.values
    ]
    share_out(lines)
    return lines


def share_out(lines: list[GradeLine]) -> None:
    """Fill in shares and where each begins; a negative value has no share."""
    all_customers = sum(line.customers for line in lines) or 1
    all_value = sum(max(line.value, Decimal(0)) for line in lines) or Decimal(1)
    customers_from = value_from = 0.0
    for line in lines:
        line.customers_share = line.customers / all_customers
        line.value_share = float(max(line.value, Decimal(0)) / all_value)
        line.customers_from, line.value_from = customers_from, value_from
        customers_from += line.customers_share
        value_from += line.value_share


def by_seller(customers: CustomerQuerySet, *, today: date) -> list[SellerLine]:
    """A line for each salesperson with an open alert or an overdue follow-up, dearest first."""
    lines: dict[int | None, SellerLine] = {}
    for row in alerts_by_owner_and_grade(customers):
        line = lines.setdefault(row["owner"], SellerLine(row["owner"], row["name"] or ""))
        line.at_risk += row["money"]
        line.alerts += row["n"]
        line.by_grade[row["grade"]] = row["money"]
    for row in overdue_by_assignee(customers, today=today):
        line = lines.setdefault(row["assignee"], SellerLine(row["assignee"], row["name"] or ""))
        line.overdue, line.oldest = row["n"], row["oldest"]
    return sorted(lines.values(), key=lambda line: (-line.at_risk, -line.overdue, line.name))


def alerts_by_owner_and_grade(customers: CustomerQuerySet) -> Iterable[dict]:
    alerts = ChurnAlert.objects.open().filter(customer__in=customers)
    return alerts.values(
        owner=F("customer__owner"),
        name=F("customer__owner__name"),
        grade=F("customer__standing__grade"),
    ).annotate(n=Count("pk"), money=Sum("value_at_risk"))


def overdue_by_assignee(customers: CustomerQuerySet, *, today: date) -> Iterable[dict]:
    late = FollowUp.objects.overdue(today=today).filter(customer__in=customers)
    return late.values("assignee", name=F("assignee__name")).annotate(
        n=Count("pk"), oldest=Min("due_on")
    )


def vital_few(customers: CustomerQuerySet) -> Curve:
    """How many customers make how much of the value; only those with a positive value."""
    book = Standing.objects.filter(customer__in=customers, value__gt=0)
    try:
        values, params = book.values("customer_id", "value").query.sql_with_params()
    except EmptyResultSet:  # a manager without a team
        return Curve([], None)
    with connection.cursor() as cursor:
        cursor.execute(CURVE.format(values=values, points=CURVE_POINTS), params)
        rows = cursor.fetchall()
    vital = next((place for place, _, crosses in rows if crosses), None)
    return Curve([(place, round(float(share), 4)) for place, share, _ in rows], vital)


def structure(customers: CustomerQuerySet, *, most: int = 7) -> dict:
    """Value by region and industry: the largest of each, the rest of them as one."""
    rows = Standing.objects.filter(customer__in=customers).values(
        region=F("customer__region"), industry=F("customer__industry")
    )
    cells = [
        Cell(row["region"], row["industry"], row["n"], row["money"])
        for row in rows.annotate(n=Count("pk"), money=Sum("value"))
    ]
    return table_of(cells, most=most)


def table_of(cells: list[Cell], *, most: int) -> dict:
    regions = largest([(c.region, c.value) for c in cells], most)
    industries = largest([(c.industry, c.value) for c in cells], most - 1)
    top = max((c.value for c in cells), default=Decimal(0))
    found = {(c.region, c.industry): c for c in cells}
    for cell in cells:
        cell.heat = heat(cell.value, top)
    return {
        "industries": industries,
        "rows": [(region, [found.get((region, i)) for i in industries]) for region in regions],
        "shown": sum(
            (c.value for c in cells if c.region in regions and c.industry in industries),
            Decimal(0),
        ),
        "total": sum((c.value for c in cells), Decimal(0)),
    }


def largest(named: list[tuple[str, Decimal]], most: int) -> list[str]:
    totals: dict[str, Decimal] = {}
    for name, value in named:
        totals[name] = totals.get(name, Decimal(0)) + value
    return sorted((n for n in totals if n), key=lambda n: (-totals[n], n))[:most]


def heat(value: Decimal, top: Decimal) -> int:
    """From 1 to 5 by the root of the share of the strongest cell; 0 for nothing."""
    return max(1, round(5 * float(value / top) ** 0.5)) if top > 0 and value > 0 else 0
