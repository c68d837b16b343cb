"""Working days, and the holidays of the company."""

from datetime import date
from itertools import pairwise

import pytest
from django.urls import reverse

from crm.calendars import mainland
from crm.calendars.working_days import add_working_days
from crm.models import Holiday, HolidayCalendar
from crm.services.calendars import choose_calendar
from followups.models import FollowUp
from followups.services import refresh
from tests.factories import ChurnAlertFactory, StandingFactory

# 2024: Friday 9 February is New Year's Eve, public holidays 10 to 17 February.
THURSDAY = date(2024, 2, 8)
SPRING = frozenset(date(2024, 2, day) for day in range(10, 18))


@pytest.mark.parametrize(
    ("count", "holidays", "expected"),
    [
        (0, SPRING, THURSDAY),
        (1, SPRING, date(2024, 2, 9)),
        (2, SPRING, date(2024, 2, 19)),
        (2, frozenset(), date(2024, 2, 12)),
    ],
)
def test_a_deadline_steps_over_weekends_and_holidays(count, holidays, expected):
    assert add_working_days(THURSDAY, count, holidays) == expected


def test_every_year_has_each_public_holiday_once():
    spans = mainland.statutory()
    once = {mainland.SPRING, mainland.QINGMING, mainland.LABOUR, mainland.DRAGON_BOAT}
    years = {
        name: sorted(span.first_on.year for span in spans if span.name == name)
        for name in once | {mainland.NATIONAL}
    }

    assert all(found == list(range(2015, 2031)) for found in years.values()), years
    assert all(before.last_on < after.first_on for before, after in pairwise(spans))


def test_the_trade_stops_for_two_weeks_around_the_lunar_new_year():
    spring = {s.first_on.year: s for s in mainland.of_the_trade() if s.name == mainland.SPRING}

    assert spring[2024][:2] == (date(2024, 2, 6), date(2024, 2, 19))
    assert spring[2027][:2] == (date(2027, 2, 2), date(2027, 2, 15))
    assert len(mainland.of_the_trade()) == len(mainland.statutory())


@pytest.mark.django_db
def test_no_holiday_is_kept_until_a_calendar_is_chosen():
    Holiday.objects.create(first_on=THURSDAY, last_on=THURSDAY, name="Stocktaking")

    assert Holiday.objects.in_force().days() == frozenset()
    choose_calendar(code="own")
    assert Holiday.objects.in_force().days() == {THURSDAY}
    choose_calendar(code="none")
    assert Holiday.objects.in_force().days() == frozenset()


@pytest.mark.django_db
def test_what_was_edited_of_a_preset_stays():
    choose_calendar(code="mainland")
    assert Holiday.objects.in_force().days() >= SPRING
    Holiday.objects.filter(first_on=date(2024, 2, 10)).delete()
    choose_calendar(code="none")

    choose_calendar(code="mainland")

    assert not SPRING & Holiday.objects.in_force().days()


@pytest.mark.django_db
def test_an_administrator_chooses_the_calendar(ada, alice, client):
    address = reverse("admin:crm_holidaycalendar_add")
    client.force_login(alice)
    assert client.post(address, {"code": "trade"}).status_code == 302
    assert not HolidayCalendar.objects.exists()

    client.force_login(ada)
    client.post(address, {"code": "trade"})

    assert HolidayCalendar.objects.get().code == "trade"
    assert date(2024, 2, 6) in Holiday.objects.in_force().days()


@pytest.mark.django_db
def test_an_alert_before_a_holiday_is_due_after_it():

    choose_calendar(code="mainland")
    alert = ChurnAlertFactory()
    StandingFactory(customer=alert.customer, grade="secondary")

    refresh(today=THURSDAY)

    assert FollowUp.objects.get().due_on == date(2024, 2, 19)
