from datetime import date

import pytest

from crm.calendars.working_days import add_working_days, working_day
from followups.cadence import alert_due_on, contact_due_on

THURSDAY, FRIDAY, SATURDAY = date(2025, 3, 13), date(2025, 3, 14), date(2025, 3, 15)
MONDAY = date(2025, 3, 17)


@pytest.mark.parametrize(
    ("day", "expected"),
    [(FRIDAY, FRIDAY), (SATURDAY, MONDAY), (date(2025, 3, 16), MONDAY), (MONDAY, MONDAY)],
)
def test_a_weekend_waits_for_monday(day, expected):
    assert working_day(day) == expected


@pytest.mark.parametrize(
    ("count", "expected"),
    [(0, FRIDAY), (1, MONDAY), (5, date(2025, 3, 21)), (6, date(2025, 3, 24))],
)
def test_working_days_leave_weekends_out(count, expected):
    assert add_working_days(FRIDAY, count) == expected


@pytest.mark.parametrize(
    ("grade", "expected"),
    [
        ("key", FRIDAY),
        ("secondary", MONDAY),
        ("general", date(2025, 3, 18)),
        ("maintain", date(2025, 3, 20)),
    ],
)
def test_the_better_the_grade_the_sooner_an_alert_is_followed_up(grade, expected):
    assert alert_due_on(grade, today=THURSDAY) == expected


def test_a_regular_contact_falls_on_a_working_day():
    assert contact_due_on(date(2025, 3, 1), every_days=14) == MONDAY
