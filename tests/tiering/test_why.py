"""What the page says about a grade holds when the orders it speaks of are entered."""

from datetime import timedelta

import pytest

from tests.factories import AS_OF
from tests.tiering.books import book_of_values, new_policy, order, restless_book
from tiering.explain import Since
from tiering.models import Standing
from tiering.services.night import run_night
from tiering.why import book_of_run, why

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_once")]

TOMORROW = AS_OF + timedelta(days=1)


@pytest.fixture
def book():
    """A hundred customers with one order each, of 1,000 to 100,000, graded at once."""
    new_policy(valid_from=AS_OF)
    customers = book_of_values(*(1_000 * place for place in range(100, 0, -1)))
    run_night(as_of=AS_OF)
    return customers


def standing_of(customer):
    return Standing.objects.select_related("run__policy", "run__fit").get(customer=customer)


def test_the_night_keeps_the_lines_that_the_page_reads(book):
    lines = book_of_run(standing_of(book[0]).run).lines

    assert {name: line.places for name, line in lines.items()} == {
        "key": 1,
        "secondary": 20,
        "general": 50,
    }
    assert (lines["secondary"].inside, lines["secondary"].outside) == (8_100_000, 8_000_000)
    assert lines["secondary"].typical.order_days == 1


@pytest.mark.parametrize(("place", "reached"), [(5, "key"), (30, "secondary"), (80, "general")])
def test_an_order_of_the_distance_moves_the_grade(place, reached, book):
    explained = why(standing_of(book[place]))
    assert explained.up.to == reached

    order(book[place], -1, explained.up.amount)
    run_night(as_of=TOMORROW)

    assert standing_of(book[place]).grade == reached


@pytest.mark.parametrize(("place", "left"), [(0, "secondary"), (5, "general"), (30, "maintain")])
def test_a_return_of_the_distance_lowers_the_grade(place, left, book):
    explained = why(standing_of(book[place]))
    assert explained.down.to == left

    order(book[place], -1, -explained.down.amount)
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

    assert (explained.customer.rank, explained.book.eligible) == (30.0, 100)
    assert explained.above == 0.29


def test_on_continuing_value_an_order_of_the_distance_moves_the_grade_of_that_night():
    new_policy(valid_from=AS_OF, basis="continuing_value")
    customers = restless_book()
    run_night(as_of=AS_OF)
    found = {customer: why(standing_of(customer)) for customer in customers[:40]}
    assert {each.book.basis for each in found.values()} == {"continuing_value"}

    customer, asked = next(
        (customer, each)
        for customer, each in found.items()
        if each.up and each.customer.silent_days
    )
    order(customer, 0, asked.up.amount)
    run_night(as_of=AS_OF, force=True)

    assert standing_of(customer).computed_level == asked.up.to


def test_what_is_entered_for_a_day_that_is_over_is_the_reason_until_the_next_night(book):
    order(book[5], 30, 400)
    order(book[5], -1, 700)  # of the day after: no later entry
    explained = why(standing_of(book[5]))
    assert (explained.since, why(standing_of(book[6])).since) == (Since(1, is_all=True), None)
    assert sum(part.amount for part in explained.parts) == explained.score

    run_night(as_of=TOMORROW)

    assert why(standing_of(book[5])).since is None


def test_the_parts_of_every_customer_add_up_to_its_score():
    customers = restless_book()
    run_night(as_of=AS_OF)

    for customer in customers[::10]:
        explained = why(standing_of(customer))
        assert sum(part.amount for part in explained.parts) == explained.score
        assert {part.name for part in explained.parts} <= {"sales"}
