"""Pure: arithmetic on working days, Monday to Friday without the holidays of the company.

Weekends that are worked in exchange for a holiday count as weekends all the same.
"""

from collections.abc import Set as AbstractSet
from datetime import date, timedelta

ONE = timedelta(days=1)
FRIDAY = 5
NO_HOLIDAYS: frozenset[date] = frozenset()


def is_working_day(day: date, holidays: AbstractSet[date] = NO_HOLIDAYS) -> bool:
    return day.isoweekday() <= FRIDAY and day not in holidays


def working_day(day: date, holidays: AbstractSet[date] = NO_HOLIDAYS) -> date:
    """The day itself, or the first working day after it."""
    while not is_working_day(day, holidays):
        day += ONE
    return day


def add_working_days(day: date, count: int, holidays: AbstractSet[date] = NO_HOLIDAYS) -> date:
    """The working day that is `count` working days after `day`; with 0 the day itself."""
    for _ in range(count):
        day = working_day(day + ONE, holidays)
    return day


def before_working_days(day: date, count: int, holidays: AbstractSet[date] = NO_HOLIDAYS) -> date:
    """The latest day after which `count` working days have passed by the end of `day`."""
    while count:
        count -= is_working_day(day, holidays)
        day -= ONE
    return day
