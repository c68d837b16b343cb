"""A night looks for the signals of the whole book, keeps the figures, and measures them weekly."""

from datetime import UTC, date, datetime, timedelta
from itertools import takewhile

import pytest
from django.db import connection

from crm.models import Holiday, Order, OrderLine, OwnerChange
from crm.services.calendars import choose_calendar
from tests.factories import (
    AS_OF,
    CaseFactory,
    OrderLineFactory,
    PaymentFactory,
    ProductFactory,
    UserFactory,
    VisitFactory,
)
from tests.tiering.books import ago, customers, order, restless_book
from tiering.models import GradeChange, NightRun, Policy, SignalQuality, SignalSwitch, Standing
from tiering.services import looking_back, run_night
from tiering.services.looking_back import Replay

pytestmark = pytest.mark.django_db


def moment(days_ago):
    return datetime.combine(ago(days_ago), datetime.min.time(), UTC) + timedelta(hours=4)


def shown_then(day):
    until, policy = AS_OF + timedelta(days=30), Policy.objects.get().rules()
    return Replay([day], until=until).shown(day, policy)


def signals_after_a_night(customer, *, as_of=AS_OF):
    run_night(as_of=as_of, force=True)
    return Standing.objects.get(customer=customer).signals


@pytest.fixture
def buyer():
    """Buys every 60 days for two years, the last time ten days ago."""
    customer = customers(1, owner=UserFactory())[0]
    for days in range(10, 700, 60):
        order(customer, days)
    return customer


def test_who_is_as_always_shows_nothing(buyer):
    assert signals_after_a_night(buyer) is None


def test_spending_is_compared_with_the_same_days_a_year_ago(buyer):
    order(buyer, 365 + 5, "900.00")
    order(buyer, 365 + 90, "5000.00")  # the day before those days

    found = signals_after_a_night(buyer)

    assert found == {"spending": [200, 1100]}


def test_categories_and_a_lost_item_come_from_the_lines(buyer):
    tea, *others = (ProductFactory(name=name, category=name) for name in ("tea", "cups", "pots"))
    for each in Order.objects.filter(customer=buyer):
        old = each.ordered_on <= ago(180)
        for product in [tea, *others] if old else [others[0]]:
            OrderLineFactory(order=each, product=product)

    found = signals_after_a_night(buyer)

    assert found == {"categories": [1, 3], "item": ["tea", str(ago(190))]}


@pytest.fixture
def lost_tea(buyer):
    """The buyer took tea with every order until 190 days ago, and something else since."""
    tea, cups = ProductFactory(name="tea"), ProductFactory(name="cups")
    for each in Order.objects.filter(customer=buyer):
        OrderLineFactory(order=each, product=tea if each.ordered_on <= ago(180) else cups)
    return tea


def tomorrow(days=1):
    return AS_OF + timedelta(days=days)


def test_between_two_weeks_lines_are_read_of_new_orders_only(buyer, lost_tea):
    first = signals_after_a_night(buyer)
    OrderLine.objects.filter(product=lost_tea).delete()  # which nobody reports

    assert first == {"item": ["tea", str(ago(190))]}
    assert signals_after_a_night(buyer, as_of=tomorrow()) == first
    assert signals_after_a_night(buyer, as_of=tomorrow(6)) == first
    assert signals_after_a_night(buyer, as_of=tomorrow(7)) is None


def test_who_buys_the_item_again_has_not_lost_it(buyer, lost_tea):
    signals_after_a_night(buyer)
    order(buyer, -1)
    OrderLineFactory(order=Order.objects.latest("id"), product=lost_tea)

    assert signals_after_a_night(buyer, as_of=tomorrow()) is None


def test_a_switch_takes_effect_with_the_next_night(buyer, lost_tea):
    first = signals_after_a_night(buyer)
    switch = SignalSwitch.objects.filter(signal="item")

    switch.update(use="off")
    assert signals_after_a_night(buyer, as_of=tomorrow()) is None
    switch.update(use="badge")
    assert signals_after_a_night(buyer, as_of=tomorrow(2)) == first


def test_a_book_is_read_in_parts(monkeypatch, buyer, lost_tea):
    monkeypatch.setattr("tiering.services.trading.ROWS_AT_ONCE", 1)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE crm_orderline")

    assert signals_after_a_night(buyer) == {"item": ["tea", str(ago(190))]}


def test_payments_that_come_later_than_before(buyer):
    for each in Order.objects.filter(customer=buyer, ordered_on__lt=ago(20)):
        recent = each.ordered_on > ago(200)
        each.due_on = each.ordered_on + timedelta(days=20)
        each.save()
        PaymentFactory(order=each, paid_on=each.due_on + timedelta(days=20 if recent else 1))

    assert signals_after_a_night(buyer) == {"payments": [20, 1]}


def test_contact_is_measured_by_the_service_of_the_grade(buyer):
    VisitFactory(customer=buyer, happened_at=moment(50))
    VisitFactory(customer=buyer, happened_at=moment(3), outcome="missed")
    first = signals_after_a_night(buyer)
    grade = Standing.objects.get().grade

    assert grade == "key"
    assert first == {"contact": [str(ago(50)), 14]}


def test_complaints_satisfaction_and_owners(buyer):
    CaseFactory(customer=buyer, opened_on=ago(9), closed_on=ago(3), due_on=ago(3))
    CaseFactory(customer=buyer, kind="consulting", opened_on=ago(9), due_on=ago(3))
    VisitFactory(customer=buyer, happened_at=moment(5), satisfaction=2)
    OwnerChange.objects.create(
        customer=buyer, from_owner=UserFactory(), to_owner=buyer.owner, changed_at=moment(89)
    )

    found = signals_after_a_night(buyer)
    CaseFactory(customer=buyer, opened_on=ago(9), due_on=ago(3))
    VisitFactory(customer=buyer, happened_at=moment(1), satisfaction=5)

    assert found == {"complaint": [None, 2], "owner": [str(ago(89))]}
    again = signals_after_a_night(buyer)
    assert again == {"complaint": [str(ago(9)), 5], "owner": [str(ago(89))]}


def test_a_signal_that_is_switched_off_is_not_looked_for(buyer):
    order(buyer, 365 + 5, "900.00")
    signals_after_a_night(buyer)
    SignalSwitch.objects.filter(signal="spending").update(use="off")

    assert signals_after_a_night(buyer) is None


def test_what_comes_after_a_day_is_unknown_to_it(buyer):
    order(buyer, 365 + 5, "900.00")
    run_night(as_of=AS_OF)
    before = shown_then(AS_OF)
    order(buyer, -1, "9999.00")
    CaseFactory(customer=buyer, opened_on=AS_OF + timedelta(days=1), due_on=date(2026, 1, 1))
    VisitFactory(customer=buyer, happened_at=moment(-1), satisfaction=1)

    assert shown_then(AS_OF).equals(before)
    assert before.loc[buyer.pk, "spending"]
    assert GradeChange.objects.count() == 1


def test_signals_are_measured_once_a_week_on_months_that_are_over(monkeypatch):
    monkeypatch.setattr(looking_back, "MONTHS_LOOKED", 12)
    SignalSwitch.objects.filter(signal="late").update(least_grade="secondary")
    restless_book()
    run = run_night(as_of=AS_OF)
    late = SignalQuality.objects.get(signal="late")

    months = [shown_then(AS_OF - timedelta(days=90 + 30 * n)) for n in range(12)]
    shown = list(takewhile(lambda month: len(month) >= 100, months))
    dear = [each["late"] & each["grade"].isin(["key", "secondary"]) for each in shown]
    assert late.n == sum(int(each.sum()) for each in dear)
    assert late.n < sum(int(each["late"].sum()) for each in shown)
    assert late.base_n == sum(len(each) for each in shown) > late.n > 0
    assert late.base_right / late.base_n < late.right / late.n <= 1
    assert run.signal_quality["late"] == [late.n, late.right]
    assert run.signal_quality["base"] == [late.base_n, late.base_right]

    following = run_night(as_of=AS_OF + timedelta(days=6))
    assert following.signal_quality == run.signal_quality
    run_night(as_of=AS_OF + timedelta(days=7))
    assert SignalQuality.objects.values("as_of").distinct().count() == 2


def test_a_small_book_is_not_measured(buyer):
    run_night(as_of=AS_OF)

    assert NightRun.objects.get().signal_quality == {}
    assert not SignalQuality.objects.exists()


def test_a_holiday_is_no_silence():
    """Clockwork buyers of every 20 days, silent for 40, of which 21 were a holiday."""
    for each in customers(5, owner=UserFactory()):
        for days in range(40, 400, 20):
            order(each, days)
    run_night(as_of=AS_OF)
    assert Standing.objects.filter(later_than_usual=True).count() == 5

    Holiday.objects.create(first_on=ago(30), last_on=ago(10), name="Break")
    choose_calendar(code="own")
    run_night(as_of=AS_OF, force=True)

    standing = Standing.objects.first()
    assert (standing.later_than_usual, standing.silent_days, standing.signals) == (False, 40, None)
