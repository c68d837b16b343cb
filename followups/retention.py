"""The retention figures of some customers: in all, by grade, team and more, over time, by cohort.

The figures of today are those of the customers given and add up to the lists behind them; the
months before are read from the sums of the nights alone.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, F, Max, Q, QuerySet, Sum
from django.db.models.expressions import Combinable

from crm.listfilters import NO_TEAM, NOT_GIVEN
from crm.models import Team
from tiering.models import Grade, NightRun
from tiering.retention import FIGURES, MEASURES, Cohort, cohorts_of
from tiering.retention.cohorts import SHOWN

Sums = dict[str, Any]

MOST_LINES = 40
YEAR = timedelta(days=366)
LARGEST = "largest"  # of a set it is the greatest, not the sum
PATHS = {
    "grade": "standing__grade",
    "team": "owner__team",
    "owner": "owner",
    "region": "region",
    "industry": "industry",
}
NOBODYS: dict[str, dict[str, Any]] = {"team": {"team": NO_TEAM}, "owner": {"pool": 1}}
OF_MANAGERS = {"team", "owner"}
NAMES = {"team": "owner__team__name", "owner": "owner__name"}


@dataclass
class Line:
    """The sums of a part of the book; the name is empty where none is given."""

    name: str
    asks: dict[str, Any]
    sums: Sums

    @property
    def figures(self) -> list[tuple[Any, float | None]]:
        return [(figure, figure.of(self.sums)) for figure in FIGURES]


@dataclass
class Point:
    """The figures at the end of a month, or of the latest night."""

    on: date
    figures: dict[str, float | None] = field(default_factory=dict)


def measured(prefix: str = "") -> dict[str, Any]:
    """Annotations that add the measures of customers or of sums up, as `of_…`."""
    return {f"of_{name}": (Max if name == LARGEST else Sum)(f"{prefix}{name}") for name in MEASURES}


def sums_of(row: Mapping[str, Any]) -> Sums:
    return {name: row[f"of_{name}"] or 0 for name in MEASURES}


def added(parts: Iterable[Sums]) -> Sums:
    """The sums of all parts together."""
    total: Sums = dict.fromkeys(MEASURES, 0)
    for part in parts:
        for name in MEASURES:
            both = (total[name], part[name])
            total[name] = max(both) if name == LARGEST else sum(both)
    return total


def parts_of(customers: QuerySet[Any], by: str) -> list[dict[str, Any]]:
    """One row for each grade, team, … with `key`, `called` and the sums. One query."""
    return _parted(customers.filter(retention__isnull=False), by, PATHS[by], "retention__")


def kept_parts_of(sums: QuerySet[Any], by: str) -> list[dict[str, Any]]:
    """The same of the sums of a night. One query."""
    return _parted(sums, by, "grade" if by == "grade" else PATHS[by])


def _parted(rows: QuerySet[Any], by: str, path: str, prefix: str = "") -> list[dict[str, Any]]:
    keys = {"key": F(path), "called": F(NAMES.get(by, path))}
    return list(rows.order_by().values(**keys).annotate(**measured(prefix)))


def lines_of(parts: list[dict[str, Any]], by: str, teams: QuerySet[Team]) -> list[Line]:
    """Lines in the order of grades, or those with most order days first.

    A team's line is that of the list it opens: with its sub-teams; `teams`: those that have one.
    """
    if by == "team":
        return _ordered(_of_teams(parts, teams), by)
    return _ordered([_line(part, by) for part in parts], by)


def _line(part: dict[str, Any], by: str) -> Line:
    name = Grade(part["key"]).label if by == "grade" else part["called"]
    return Line(str(name or ""), asks_for(by, part["key"]), sums_of(part))


def asks_for(by: str, key: Any) -> dict[str, Any]:
    """As the lists are asked for a part of the book, or for what has no team, region, …"""
    return {by: key} if key else NOBODYS.get(by, {by: NOT_GIVEN})


def _of_teams(parts: list[dict[str, Any]], teams: QuerySet[Team]) -> list[Line]:
    parents: dict[int | None, int | None] = {}
    names: dict[int | None, str] = {}
    for pk, parent, name in teams.values_list("pk", "parent_id", "name"):
        parents[pk], names[pk] = parent, name
    within: dict[int | None, list[Sums]] = {}
    for part in parts:
        for team in _upwards(part["key"], parents):
            within.setdefault(team, []).append(sums_of(part))
    return [
        Line(names.get(team, ""), asks_for("team", team), added(sums))
        for team, sums in within.items()
    ]


def _upwards(team: int | None, parents: Mapping[int | None, int | None]) -> list[int | None]:
    found: list[int | None] = [team]
    while (above := parents.get(found[-1])) in parents and above not in found:
        found.append(above)
    return found


def _ordered(lines: list[Line], by: str) -> list[Line]:
    if by == "grade":
        places = {code: place for place, code in enumerate(Grade.values)}
        return sorted(lines, key=lambda line: places[line.asks["grade"]])
    return sorted(lines, key=lambda line: (-line.sums["order_days"], line.name))


def trend(sums: QuerySet[Any], night: NightRun) -> list[Point]:
    """Month ends of the year before a night, and that night; of the sums given. One query."""
    rows = sums.filter(run__as_of__gt=night.as_of - YEAR, run__as_of__lte=night.as_of)
    by_night = rows.values(on=F("run__as_of")).annotate(**measured()).order_by("on")
    return [
        Point(row["on"], {figure.code: figure.of(sums_of(row)) for figure in FIGURES})
        for row in by_night
    ]


def later(quarters: int) -> Combinable:
    """1 for a customer who ordered so many quarters after the first order, else 0."""
    shift: Any = F("retention__first_age") - quarters
    return F("retention__quarters").bitrightshift(shift).bitand(1)


def cohorts(customers: QuerySet[Any], night: NightRun) -> list[Cohort]:
    """Customers by the quarter of their first order, of the latest SHOWN quarters. One query."""
    rows = customers.filter(retention__first_age__lt=SHOWN).order_by()
    kept = {
        f"kept_{k}": Sum(later(k), filter=Q(retention__first_age__gte=k), default=0)
        for k in range(SHOWN)
    }
    by_age = rows.values(first_age=F("retention__first_age"))
    return cohorts_of(by_age.annotate(customers=Count("pk"), **kept), as_of=night.as_of)
