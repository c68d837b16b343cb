"""Public holidays of mainland China, 2015 to 2030, as dated facts.

2015 to 2026: the yearly notices of the General Office of the State Council, joined with the
weekend beside them; 2020 with the days that the notice of January 2020 added to Spring
Festival. Later years: the regulation on public holidays as revised in November 2024 (eight
days from New Year's Eve of the lunar calendar, five days for Labour Day, seven for National
Day, and the day itself for the others), on the days of the lunar calendar and of the solar
term Qingming. Their notices may add days: the rows can be edited.
"""

from datetime import date, timedelta
from typing import NamedTuple


class Span(NamedTuple):
    """A holiday, first and last day included; `name` is a code."""

    first_on: date
    last_on: date
    name: str


NEW_YEAR = "new_year"
SPRING = "spring"
QINGMING = "qingming"
LABOUR = "labour"
DRAGON_BOAT = "dragon_boat"
VICTORY = "victory"
MID_AUTUMN = "mid_autumn"
NATIONAL = "national"

# First day of the lunar year.
LUNAR_NEW_YEAR = (
    "2015-02-19 2016-02-08 2017-01-28 2018-02-16 2019-02-05 2020-01-25 2021-02-12 2022-02-01"
    " 2023-01-22 2024-02-10 2025-01-29 2026-02-17 2027-02-06 2028-01-26 2029-02-13 2030-02-03"
)
# First day, and days where it is more than one.
DATES = {
    NEW_YEAR: "2015-01-01/3 2016-01-01/3 2016-12-31/3 2017-12-30/3 2018-12-30/3 2020-01-01"
    " 2021-01-01/3 2022-01-01/3 2022-12-31/3 2023-12-30/3 2025-01-01 2026-01-01/3 2027-01-01"
    " 2028-01-01 2029-01-01 2030-01-01",
    SPRING: "2015-02-18/7 2016-02-07/7 2017-01-27/7 2018-02-15/7 2019-02-04/7 2020-01-24/10"
    " 2021-02-11/7 2022-01-31/7 2023-01-21/7 2024-02-10/8 2025-01-28/8 2026-02-15/9"
    " 2027-02-05/8 2028-01-25/8 2029-02-12/8 2030-02-02/8",
    QINGMING: "2015-04-04/3 2016-04-02/3 2017-04-02/3 2018-04-05/3 2019-04-05/3 2020-04-04/3"
    " 2021-04-03/3 2022-04-03/3 2023-04-05 2024-04-04/3 2025-04-04/3 2026-04-04/3 2027-04-05"
    " 2028-04-04 2029-04-04 2030-04-05",
    LABOUR: "2015-05-01/3 2016-04-30/3 2017-04-29/3 2018-04-29/3 2019-05-01/4 2020-05-01/5"
    " 2021-05-01/5 2022-04-30/5 2023-04-29/5 2024-05-01/5 2025-05-01/5 2026-05-01/5"
    " 2027-05-01/5 2028-05-01/5 2029-05-01/5 2030-05-01/5",
    DRAGON_BOAT: "2015-06-20/3 2016-06-09/3 2017-05-28/3 2018-06-16/3 2019-06-07/3 2020-06-25/3"
    " 2021-06-12/3 2022-06-03/3 2023-06-22/3 2024-06-08/3 2025-05-31/3 2026-06-19/3 2027-06-09"
    " 2028-05-28 2029-06-16 2030-06-05",
    VICTORY: "2015-09-03/3",
    # In 2017, 2020, 2023, 2025 and 2028 it lies within the days of National Day.
    MID_AUTUMN: "2015-09-26/2 2016-09-15/3 2018-09-22/3 2019-09-13/3 2021-09-19/3 2022-09-10/3"
    " 2024-09-15/3 2026-09-25/3 2027-09-15 2029-09-22 2030-09-12",
    NATIONAL: "2015-10-01/7 2016-10-01/7 2017-10-01/8 2018-10-01/7 2019-10-01/7 2020-10-01/8"
    " 2021-10-01/7 2022-10-01/7 2023-09-29/8 2024-10-01/7 2025-10-01/8 2026-10-01/7"
    " 2027-10-01/7 2028-10-01/7 2029-10-01/7 2030-10-01/7",
}
# Factories and wholesalers stop for about two weeks: from the 27th of the last month on.
BEFORE_NEW_YEAR, BREAK = timedelta(days=4), timedelta(days=14)


def statutory() -> list[Span]:
    """Every public holiday, by first day."""
    spans = [_span(text, name) for name, dates in DATES.items() for text in dates.split()]
    return sorted(spans)


def of_the_trade() -> list[Span]:
    """The same with Spring Festival as the trade keeps it: two weeks, or longer by the notice."""
    breaks = {day.year: _break(day) for day in map(date.fromisoformat, LUNAR_NEW_YEAR.split())}
    return [
        _joined(span, breaks[span.first_on.year]) if span.name == SPRING else span
        for span in statutory()
    ]


def _span(text: str, name: str) -> Span:
    first, _, days = text.partition("/")
    first_on = date.fromisoformat(first)
    return Span(first_on, first_on + timedelta(days=int(days or 1) - 1), name)


def _break(new_year: date) -> Span:
    first_on = new_year - BEFORE_NEW_YEAR
    return Span(first_on, first_on + BREAK - timedelta(days=1), SPRING)


def _joined(one: Span, other: Span) -> Span:
    return Span(min(one.first_on, other.first_on), max(one.last_on, other.last_on), one.name)
