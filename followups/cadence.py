"""Which day something is due: pure arithmetic on working days."""

from collections.abc import Set as AbstractSet
from datetime import date, timedelta

from crm.calendars.working_days import NO_HOLIDAYS, add_working_days, working_day
from tiering.models.grade import Grade

ALERT_WORKING_DAYS = {Grade.KEY: 1, Grade.SECONDARY: 2, Grade.GENERAL: 3, Grade.MAINTAIN: 5}
LONGEST_SNOOZE = timedelta(days=180)
LONGEST_PLAN = timedelta(days=730)


def alert_due_on(grade: str, *, today: date, holidays: AbstractSet[date] = NO_HOLIDAYS) -> date:
    """By when a customer of this grade is to be asked why it has gone quiet."""
    days = ALERT_WORKING_DAYS.get(Grade(grade), ALERT_WORKING_DAYS[Grade.MAINTAIN])
    return add_working_days(today, days, holidays)


def contact_due_on(last_on: date, *, every_days: int) -> date:
    """When the next regular contact is due after one on `last_on`."""
    return working_day(last_on + timedelta(days=every_days))


def quick_days(today: date) -> dict[str, date]:
    """The days that can be picked with one tap, by their code."""
    return {
        "3d": working_day(today + timedelta(days=3)),
        "1w": working_day(today + timedelta(days=7)),
        "1m": working_day(today + timedelta(days=30)),
    }
