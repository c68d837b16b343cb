"""The dashboard of a past night, from its sums alone: no customer and no order is read.

The sums know the owner of that night. Who sees them is asked today.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import F, QuerySet, Sum

from crm.models import Team, User
from followups.dashboard import Cell, GradeLine, share_out, table_of
from followups.matrix import matrix_of_sums
from tiering.models import Grade, NightRun, NightSummary, OwnerSummary
from tiering.past import keeps_every_figure

MOST_LINES = 30


@dataclass
class Line:
    """A salesperson (no key: the pool) or a team, with those below it where there are any;
    customers by grade, best first."""

    pk: int | None
    name: str
    customers: int = 0
    value: Decimal = Decimal(0)
    grades: dict[str, int] = field(default_factory=lambda: dict.fromkeys(Grade.values, 0))
    has_below: bool = False

    def add(self, grade: str, customers: int, value: Decimal) -> None:
        self.customers += customers
        self.value += value
        self.grades[grade] += customers


def past_board(night: NightRun, *, user: User, team: Team | None) -> dict[str, Any]:
    """What the page shows of a night, in a number of queries that never grows."""
    sums = of_scope(OwnerSummary.objects.filter(run=night), user, team)
    rows = list(by_owner_and_grade(sums))
    grades = grade_lines(rows)
    owners = lines(rows, "owner", "name")
    return {
        "grades": grades,
        "customers_total": sum(line.customers for line in grades),
        "value_total": sum((line.value for line in grades), Decimal(0)),
        "owners": owners[:MOST_LINES],
        "owners_more": len(owners[MOST_LINES:]),
        "teams": team_lines([row for row in rows if row["team"]]),
        "matrix": matrix_of_sums(sums),
        "opens_behaviour": keeps_every_figure(night),
        "structure": structure(of_scope(NightSummary.objects.filter(run=night), user, team)),
    }


def of_scope(sums: QuerySet[Any], user: User, team: Team | None) -> QuerySet[Any]:
    seen = sums.visible_to(user)  # type: ignore[attr-defined]
    return seen if team is None else seen.of_team(team)


def by_owner_and_grade(sums: QuerySet[Any]) -> Iterable[dict[str, Any]]:
    people = {
        "name": F("owner__name"),
        "team": F("owner__team"),
        "team_name": F("owner__team__name"),
    }
    rows = sums.values("owner", "grade", **people).order_by()
    return rows.annotate(n=Sum(F("customers")), money=Sum(F("value")))


def grade_lines(rows: list[dict[str, Any]]) -> list[GradeLine]:
    """A line for each grade, best first; shares add up to 1 where there is anything."""
    found = {grade: GradeLine(grade) for grade in Grade.values}
    for row in rows:
        found[row["grade"]].customers += row["n"]
        found[row["grade"]].value += row["money"]
    share_out(list(found.values()))
    return list(found.values())


def lines(rows: list[dict[str, Any]], key: str, name: str) -> list[Line]:
    """A line for each owner or team, dearest first."""
    found: dict[int | None, Line] = {}
    for row in rows:
        line = found.setdefault(row[key], Line(row[key], row[name] or ""))
        line.add(row["grade"], row["n"], row["money"])
    return sorted(found.values(), key=lambda line: (-line.value, line.name))


def team_lines(rows: list[dict[str, Any]]) -> list[Line]:
    """A line for each team that has anything, with the teams below it as its page has them;
    dearest first."""
    found = {line.pk: line for line in lines(rows, "team", "team_name")}
    parents = dict(Team.objects.values_list("pk", "parent")) if len(found) > 1 else {}
    for row in rows:
        above = parents.get(row["team"])
        while above is not None:
            if above in found:
                found[above].add(row["grade"], row["n"], row["money"])
                found[above].has_below = True
            above = parents[above]
    return sorted(found.values(), key=lambda line: (-line.value, line.name))


def structure(sums: QuerySet[Any], *, most: int = 7) -> dict[str, Any]:
    """Value by region and industry, as the dashboard of today shows it."""
    rows = sums.values("region", "industry").order_by()
    cells = [
        Cell(row["region"], row["industry"], row["n"], row["money"])
        for row in rows.annotate(n=Sum(F("customers")), money=Sum(F("value")))
    ]
    return table_of(cells, most=most)
