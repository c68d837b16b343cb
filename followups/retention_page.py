"""What the page of retention figures shows, in words and figures."""

from datetime import date
from typing import Any, NamedTuple

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.listfilters import teams_seen
from crm.permissions import Permission
from crm.templatetags.format import day
from followups.retention import (
    MOST_LINES,
    OF_MANAGERS,
    Line,
    Point,
    added,
    cohorts,
    kept_parts_of,
    lines_of,
    parts_of,
    sums_of,
    trend,
)
from followups.retention_kept import Shown
from followups.retention_words import WORDS, Words, difference_of, made_of, worded
from tiering.retention import FIGURES, Cohort, Figure

BY = {
    "grade": gettext_lazy("Grade"),
    "team": gettext_lazy("Team"),
    "owner": gettext_lazy("Owner"),
    "region": gettext_lazy("Region"),
    "industry": gettext_lazy("Industry"),
}


class Tile(NamedTuple):
    """A figure: its words, its value, what it is made of, and the change over the trend."""

    code: str
    words: Words
    value: str
    made_of: str
    change: str
    is_good: bool | None


def choices_of(user: Any) -> dict[str, Any]:
    """By what the figures may be parted: salespeople see one book, their own."""
    seen = user.may(Permission.SEE_TEAM)
    return {code: word for code, word in BY.items() if seen or code not in OF_MANAGERS}


def page_of(filter: Any, shown: Shown, *, by: str) -> dict[str, Any]:
    """Everything below the filter, in a number of queries that never grows.

    Of a past night the parts are made of the sums kept; its cohorts are not kept.
    """
    parts = parts_shown(filter, shown, by)
    lines = lines_of(parts, by, teams_seen(filter.request))
    points = trend(filter.summaries, shown.latest)
    sums = added(sums_of(part) for part in parts)
    before = [point for point in points if point.on <= shown.night.as_of]
    found = [] if shown.is_past else cohorts(filter.qs, shown.latest)
    return {
        "tiles": [tile_of(figure, sums, before) for figure in FIGURES],
        "measured": bool(parts),
        "lines": [row_of(line, filter.data) for line in lines[:MOST_LINES]],
        "lines_more": len(lines[MOST_LINES:]),
        "heads": [(figure.code, WORDS[figure.code].title) for figure in FIGURES],
        "trend": [trend_row(point, filter.data, shown) for point in points],
        "trend_chart": chart_of(points, filter.data, shown),
        "cohorts": [cohort_row(cohort) for cohort in found],
    }


def parts_shown(filter: Any, shown: Shown, by: str) -> list[dict[str, Any]]:
    if shown.is_past:
        return kept_parts_of(filter.summaries.filter(run=shown.night), by)
    return parts_of(filter.qs, by)


def tile_of(figure: Figure, sums: dict[str, Any], points: list[Point]) -> Tile:
    value = figure.of(sums)
    change, is_good = change_of(figure, value, points)
    says = made_of(figure, sums) if value is not None else ""
    return Tile(figure.code, WORDS[figure.code], worded(figure, value), says, change, is_good)


def change_of(figure: Figure, value: float | None, points: list[Point]) -> tuple[str, bool | None]:
    """Against the first month end shown, in percentage points or as it is; and whether that
    is good, None where nothing changed."""
    first = points[0].figures[figure.code] if len(points) > 1 else None
    if value is None or first is None:
        return "", None
    difference = value - first
    by = difference_of(figure, difference)
    if by == difference_of(figure, 0):  # as far as it is shown
        return _("unchanged since %(day)s") % {"day": day(points[0].on)}, None
    sign = "−" if difference < 0 else "+"
    said = {"sign": sign, "by": by, "day": day(points[0].on)}
    better = (difference < 0) if figure.less_is_better else (difference > 0)
    return _("%(sign)s%(by)s since %(day)s") % said, better


class Row(NamedTuple):
    """`asks` ends the address of the rows behind a cell."""

    line: Line
    asks: str
    cells: list[tuple[str, str]]


def row_of(line: Line, asked: QueryDict) -> Row:
    cells = [(figure.code, worded(figure, value)) for figure, value in line.figures]
    return Row(line, address(asked, by=None, **line.asks), cells)


def address(asked: QueryDict, **changed: Any) -> str:
    """What is asked for, but for what is said otherwise."""
    query = asked.copy()
    for name, value in changed.items():
        query.pop(name, None)
        if value is not None:
            query[name] = str(value)
    return f"?{query.urlencode()}"


class TrendRow(NamedTuple):
    """`asks` ends the address of the page of that night."""

    on: date
    asks: str
    is_shown: bool
    cells: list[str]


def trend_row(point: Point, asked: QueryDict, shown: Shown) -> TrendRow:
    cells = [worded(figure, point.figures[figure.code]) for figure in FIGURES]
    return TrendRow(point.on, night_of(point, asked, shown), point.on == shown.night.as_of, cells)


def night_of(point: Point, asked: QueryDict, shown: Shown) -> str:
    on = None if point.on == shown.latest.as_of else point.on.isoformat()
    return address(asked, as_of=on)


def chart_of(points: list[Point], asked: QueryDict, shown: Shown) -> dict[str, Any]:
    """For the browser: labels and addresses, and for each figure its values and how they are
    written."""
    return {
        "labels": [day(point.on) for point in points],
        "hrefs": [night_of(point, asked, shown) for point in points],
        "figures": {
            figure.code: {
                "values": [point.figures[figure.code] for point in points],
                "said": [worded(figure, point.figures[figure.code]) for point in points],
            }
            for figure in FIGURES
        },
    }


class CohortCell(NamedTuple):
    after: int
    customers: int
    share: float
    heat: int


def cohort_row(cohort: Cohort) -> dict[str, Any]:
    """Heat from 1 to 5 by share, 0 for nobody; the running quarter is the last cell."""
    cells = [
        CohortCell(after, kept, share, max(1, round(5 * share)) if kept else 0)
        for after, (kept, share) in enumerate(zip(cohort.kept, cohort.shares, strict=True))
    ]
    return {"cohort": cohort, "name": quarter_name(cohort.starts_on), "cells": cells}


def quarter_name(starts_on: date) -> str:
    said = {"year": starts_on.year, "quarter": (starts_on.month + 2) // 3}
    return _("%(year)s Q%(quarter)s") % said
