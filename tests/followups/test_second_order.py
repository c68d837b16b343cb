"""A newcomer whose second order is due is on the list until it comes."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse

from crm.models import Holiday
from crm.services.calendars import choose_calendar
from followups.models import FollowUp
from followups.services import mark_done, refresh
from tests.factories import AS_OF, CustomerFactory, OrderFactory, StandingFactory

pytestmark = pytest.mark.django_db
TODAY = AS_OF + timedelta(days=1)
NOW = datetime(2025, 3, 11, 2, 0, tzinfo=UTC)


def newcomer(days, **fields):
    """Ordered once, `days` before today; half of the newcomers wait 20 days, 9 in 10 under 50."""
    customer = fields.pop("customer", None) or CustomerFactory()
    one = {"order_days": 1, "usual_gap": 20.0, "long_gap": 50.0}
    ordered = TODAY - timedelta(days=days)
    StandingFactory(customer=customer, **one | {"last_order_on": ordered} | fields)
    OrderFactory(customer=customer, ordered_on=ordered)
    return customer


@pytest.mark.parametrize(
    ("days", "fields", "opened"),
    [
        (20, {}, 0),
        (21, {}, 1),
        (49, {}, 1),
        (50, {}, 0),
        (21, {"order_days": 2}, 0),
        (400, {"usual_gap": 300.0, "long_gap": 500.0}, 0),
        (21, {"usual_gap": None, "long_gap": None}, 0),
    ],
)
def test_the_second_order_is_due_between_the_usual_and_a_long_first_gap(days, fields, opened):
    customer = newcomer(days, **fields)

    assert refresh(today=TODAY) == opened
    assert [each.customer for each in FollowUp.objects.filter(reason="second")] == [
        customer
    ] * opened


def test_it_stays_until_they_order_even_between_two_nights():
    customer = newcomer(30)
    refresh(today=TODAY)
    late = TODAY + timedelta(days=30)
    assert refresh(today=late) == 0
    assert FollowUp.objects.get().is_open

    OrderFactory(customer=customer, ordered_on=late)
    refresh(today=late)

    assert FollowUp.objects.get().state == "dropped"
    assert refresh(today=late) == 0


def test_a_cancelled_order_or_a_return_is_no_second_order():
    customer = newcomer(30)
    OrderFactory(customer=customer, ordered_on=TODAY, status="cancelled")
    OrderFactory(customer=customer, ordered_on=TODAY, amount="-5.00")

    assert refresh(today=TODAY) == 1
    refresh(today=TODAY)

    assert FollowUp.objects.get().is_open


def test_what_was_done_is_not_asked_again():
    newcomer(30)
    refresh(today=TODAY)
    followup = FollowUp.objects.get()
    mark_done(followup=followup, by=followup.assignee, now=NOW)

    assert refresh(today=TODAY) == 0


def test_the_row_says_why(alice, client):
    newcomer(30, customer=CustomerFactory(owner=alice))
    refresh(today=TODAY)
    FollowUp.objects.update(due_on=date(2025, 1, 1))
    client.force_login(alice)

    page = client.get(reverse("today")).content.decode()

    assert "Of those who ordered again half did so within 20 days, 9 of 10 in under 50." in page


def test_holidays_put_the_second_order_off():
    newcomer(21)
    Holiday.objects.create(first_on=TODAY - timedelta(days=5), last_on=TODAY, name="Break")
    choose_calendar(code="own")

    assert refresh(today=TODAY) == 0
    assert refresh(today=TODAY + timedelta(days=5)) == 0
    assert refresh(today=TODAY + timedelta(days=6)) == 1
