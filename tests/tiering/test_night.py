"""A night gives every customer a grade and the figures behind it."""

from datetime import timedelta
from decimal import Decimal

import pytest

from crm.models import Order
from tests.factories import AS_OF, CustomerFactory
from tests.tiering.books import ago, book_of_values, customers, grades_of, order, restless_book
from tiering.models import (
    GradeChange,
    SignalSwitch,
    Standing,
    StandingSnapshot,
)
from tiering.services import run_night

pytestmark = pytest.mark.django_db

TOMORROW = AS_OF + timedelta(days=1)


def test_a_hundred_customers_are_cut_at_1_19_30_and_50_per_cent():
    book = book_of_values(*range(200, 100, -1))

    run = run_night(as_of=AS_OF)

    assert grades_of(*book) == (["key"] + ["secondary"] * 19 + ["general"] * 30 + ["maintain"] * 50)
    assert run.counts == {"key": 1, "secondary": 19, "general": 30, "maintain": 50}
    assert (run.customers, run.graded, run.changed) == (100, 100, 100)
    assert run.lines["secondary"] == {
        "places": 20,
        "inside": "181.00",
        "outside": "180.00",
        "typical": {"order_days": 1.0},
    }


def test_who_has_not_ordered_for_a_year_is_kept_at_maintain_and_not_ranked():
    (active,) = book_of_values(100)
    never, left = CustomerFactory(), CustomerFactory()
    order(left, 365, "9000.00")

    run = run_night(as_of=AS_OF)

    assert grades_of(active, never, left) == ["key", "maintain", "maintain"]
    assert (run.customers, run.graded) == (3, 1)
    inactive = Standing.objects.filter(eligible=False).order_by("customer_id")
    assert list(inactive.values_list("customer", "rank", "value", "order_days")) == [
        (never.pk, None, 0, 0),
        (left.pk, None, 0, 1),
    ]


def test_a_standing_shows_the_figures_behind_it():
    customer = CustomerFactory()
    for days_ago in (400, 50, 30, 20):
        order(customer, days_ago, "100.10")
    order(customer, 5, "-0.05")

    run = run_night(as_of=AS_OF)

    standing = Standing.objects.get()
    assert (standing.grade, standing.computed_grade, standing.run) == ("key", "key", run)
    assert (standing.value, standing.rank) == (Decimal("300.25"), 1.0)
    assert (standing.order_days, standing.order_days_365, standing.silent_days) == (4, 3, 20)
    assert (standing.first_order_on, standing.last_order_on) == (ago(400), ago(20))
    assert 0 < standing.cadence < 1
    assert standing.usual_gap < standing.long_gap
    assert standing.p_none is None
    assert standing.continuing_value is None


def test_chances_and_money_at_risk_stand_beside_the_value():
    book = restless_book()
    loss = book[0]
    Order.objects.filter(customer=loss, ordered_on__gt=ago(365)).delete()
    order(loss, 1, "-10.00")

    run_night(as_of=AS_OF)

    for standing in Standing.objects.exclude(customer=loss):
        left = standing.value * (1 - Decimal(str(standing.p_none)))
        at_risk = standing.value * Decimal(str(standing.p_none_90)) * 90 / 365
        assert standing.p_none <= standing.p_none_90
        assert abs(standing.continuing_value - left) <= Decimal("0.005")
        assert abs(standing.value_at_risk - at_risk) <= Decimal("0.005")
    standing = loss.standing
    assert (standing.value, standing.continuing_value, standing.value_at_risk) == (-10, 0, 0)


def test_nothing_is_at_risk_with_who_never_bought():
    restless_book()
    never = CustomerFactory()

    run_night(as_of=AS_OF)

    standing = Standing.objects.get(customer=never)
    assert (standing.p_none, standing.p_none_90) == (None, None)
    assert (standing.continuing_value, standing.value_at_risk) == (0, 0)


def test_equal_values_share_a_rank_and_a_grade():
    book = book_of_values(500, 300, 300, 100)

    run_night(as_of=AS_OF)

    ranks = dict(Standing.objects.values_list("customer_id", "rank"))
    assert [ranks[each.pk] for each in book] == [1, 2.5, 2.5, 4]
    assert len(set(grades_of(*book[1:3]))) == 1


def test_later_than_usual_is_a_badge_of_customers_who_bought_within_a_year():
    restless_book()
    late, gone, usual = customers(3, "L")
    for each, silent in ((late, 100), (gone, 400), (usual, 5)):
        for days_ago in range(silent, silent + 200, 10):
            order(each, days_ago)

    run_night(as_of=AS_OF)

    def badges():
        found = dict(Standing.objects.values_list("customer_id", "later_than_usual"))
        return [found[each.pk] for each in (late, gone, usual)]

    assert grades_of(late) != ["key"]
    assert badges() == [False, False, False]  # it is said of key customers, unless asked otherwise
    SignalSwitch.objects.filter(signal="late").update(least_grade="maintain")
    run_night(as_of=AS_OF, force=True)
    assert badges() == [True, False, False]
    assert "late" in Standing.objects.get(customer=late).signals


def test_a_quiet_day_changes_no_grade_and_is_kept():
    book_of_values(400, 300, 200, 100)
    run_night(as_of=AS_OF)

    run = run_night(as_of=TOMORROW)

    assert run.changed == 0
    assert not GradeChange.objects.filter(run=run).exists()
    assert set(Standing.objects.values_list("run", "silent_days")) == {(run.pk, 1)}
    assert StandingSnapshot.objects.filter(as_of=TOMORROW).count() == 4


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        ([100], "k"),  # one customer
        ([0], "m"),  # an amount of nought is no order
        ([-5, -7], "mm"),
        ([100, -100, 0], "kmm"),
        ([500, 110, 105, 100, 95, 90], "ksssgg"),  # one with half of everything
    ],
)
def test_odd_books_are_graded_by_the_rules_and_say_why(amounts, expected):
    book = book_of_values(*amounts)

    run = run_night(as_of=AS_OF)

    assert "".join(grade[0] for grade in grades_of(*book)) == expected
    assert "small_book" in run.reasons
    assert run.graded == sum(amount > 0 for amount in amounts)


def test_orders_of_the_future_grade_nobody_before_their_day():
    (early, late) = book_of_values(100, 50)
    order(late, -1, "9000.00")

    run_night(as_of=AS_OF)
    before = Standing.objects.get(customer=late).value
    run_night(as_of=AS_OF + timedelta(days=1))

    assert (before, Standing.objects.get(customer=late).value) == (50, 9050)
    assert Standing.objects.get(customer=early).value == 100
