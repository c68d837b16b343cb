"""What the page says about a grade holds when the orders it speaks of are entered."""

from datetime import timedelta
from decimal import Decimal

import pytest

from tests.factories import AS_OF, NightRunFactory, StandingFactory
from tests.tiering.books import book_of_values, order
from tiering.models import Standing
from tiering.services.night import run_night
from tiering.why import lines_of, orders_at_line, why

pytestmark = pytest.mark.django_db

TOMORROW = AS_OF + timedelta(days=1)


@pytest.fixture
def book():
    """A hundred customers with one order each, of 1,000 to 100,000."""
    customers = book_of_values(*(1_000 * place for place in range(100, 0, -1)))
    run_night(as_of=AS_OF)
    return customers


def standing_of(customer):
    return Standing.objects.select_related("run__policy").get(customer=customer)


def test_the_night_keeps_the_lines_that_the_page_reads(book):
    lines = lines_of(standing_of(book[0]).run)

    assert {name: line.places for name, line in lines.items()} == {
        "key": 1,
        "secondary": 20,
        "general": 50,
    }
    assert (lines["secondary"].inside, lines["secondary"].outside) == (81_000, 80_000)


@pytest.mark.parametrize(("place", "reached"), [(5, "key"), (30, "secondary"), (80, "general")])
def test_an_order_of_the_distance_moves_the_grade(place, reached, book):
    explained = why(standing_of(book[place]))
    assert explained.up.to == reached

    order(book[place], -1, explained.up.money)
    run_night(as_of=TOMORROW)

    assert standing_of(book[place]).grade == reached


@pytest.mark.parametrize(("place", "left"), [(0, "secondary"), (5, "general"), (30, "maintain")])
def test_a_return_of_the_distance_lowers_the_grade(place, left, book):
    explained = why(standing_of(book[place]))
    assert explained.down.to == left

    order(book[place], -1, -explained.down.money)
    run_night(as_of=TOMORROW)

    assert standing_of(book[place]).grade == left


def test_so_many_orders_of_usual_size_are_enough(book):
    explained = why(standing_of(book[60]))
    usual = standing_of(book[60]).value

    for _ in range(explained.up.orders):
        order(book[60], -1, usual)
    run_night(as_of=TOMORROW)

    assert standing_of(book[60]).grade == explained.up.to


def test_the_place_is_that_among_those_who_order(book):
    explained = why(standing_of(book[29]))

    assert (explained.standing.rank, explained.standing.book) == (30.0, 100)
    assert explained.above == 0.29


def test_customers_at_the_line_are_the_nearest_fifteen_above_it():
    run = NightRunFactory(
        lines={"general": {"places": 50, "inside": "500.00", "outside": "400.00"}}
    )
    for number in range(15):
        StandingFactory(run=run, value=Decimal(500 + number), order_days_365=number)
    StandingFactory(run=run, value=Decimal(499), order_days_365=100)
    StandingFactory(run=run, value=Decimal(9_000), order_days_365=100)
    StandingFactory(run=run, value=Decimal(500), order_days_365=100, eligible=False)

    line = lines_of(run)["general"]

    assert orders_at_line(line) == 7.0
    assert orders_at_line(None) is None
