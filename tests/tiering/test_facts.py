"""Orders become one row per customer, as of a day."""

import pytest

from crm.models import Order
from tests.factories import AS_OF, CustomerFactory
from tests.tiering.books import ago, order
from tiering.facts import read_facts

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer():
    return CustomerFactory()


def value(customer):
    return read_facts(as_of=AS_OF).book.loc[customer.pk, "value_cents"]


def order_days(customer):
    return read_facts(as_of=AS_OF).rhythm.loc[customer.pk, "order_days"]


def test_there_is_one_row_for_every_customer_whether_it_ordered_or_not():
    quiet, busy = CustomerFactory(), CustomerFactory()
    order(busy, 3)
    order(busy, 1)

    facts = read_facts(as_of=AS_OF)

    assert facts.book.index.tolist() == [quiet.pk, busy.pk]
    counted = ["value_cents", "revenue_cents", "order_days_365", "order_days_180"]
    assert facts.book.loc[quiet.pk, counted].tolist() == [0, 0, 0, 0]
    assert facts.book["age"].isna().tolist() == [True, False]
    assert facts.rhythm.index.tolist() == [busy.pk]


def test_a_book_without_customers_has_no_rows():
    facts = read_facts(as_of=AS_OF)

    assert (len(facts.book), len(facts.rhythm), facts.value_is_profit) == (0, 0, False)


@pytest.mark.parametrize(("days_ago", "cents"), [(-1, 0), (0, 100_00), (364, 100_00), (365, 0)])
def test_the_window_begins_a_year_ago_and_ends_with_the_day(customer, days_ago, cents):
    order(customer, days_ago)

    assert value(customer) == cents
    assert read_facts(as_of=AS_OF).book.loc[customer.pk, "order_days_365"] == (cents > 0)


def test_an_order_before_the_window_is_an_order_day_still(customer):
    order(customer, 2000)
    order(customer, 1)

    rhythm = read_facts(as_of=AS_OF).rhythm.loc[customer.pk]

    assert (rhythm["order_days"], rhythm["order_days_365"], rhythm["age"]) == (2, 1, 2000)


def test_a_day_before_1970_is_a_day(customer):
    order(customer, 25_000)
    order(customer, 1)

    assert read_facts(as_of=AS_OF).rhythm.loc[customer.pk, "age"] == 25_000


def test_later_and_cancelled_documents_count_for_nothing(customer):
    order(customer, 2)
    order(customer, -1, "900.00")
    order(customer, 1, "900.00", status=Order.Status.CANCELLED)

    assert (value(customer), order_days(customer)) == (100_00, 1)


def test_a_return_counts_on_its_own_date(customer):
    order(customer, 370, "500.00")
    order(customer, 10, "-80.00")

    assert value(customer) == -80_00


@pytest.mark.parametrize(("days_ago", "cents"), [(-1, 0), (0, -80_00), (364, -80_00), (365, 0)])
def test_the_window_is_the_same_for_returns(customer, days_ago, cents):
    order(customer, days_ago, "-80.00")

    assert value(customer) == cents


def test_a_return_or_a_zero_amount_is_no_order_day(customer):
    order(customer, 30)
    order(customer, 20, "-10.00")
    order(customer, 10, "0.00")

    assert order_days(customer) == 1


def test_several_orders_on_one_day_are_one_order_day(customer):
    order(customer, 5, "10.01")
    order(customer, 5, "20.02")

    assert (value(customer), order_days(customer)) == (30_03, 1)


def test_value_is_in_base_currency(customer):
    order(customer, 1, "100.00", base_amount="783.46")

    assert value(customer) == 783_46


def test_cents_add_up_exactly(customer):
    Order.objects.bulk_create(
        Order(
            number=f"C{n}",
            customer=customer,
            ordered_on=ago(n % 300),
            currency="CNY",
            amount="0.10",
            base_amount="0.10" if n else "9999999999.99",
        )
        for n in range(1001)
    )

    assert value(customer) == 9999999999_99 + 1000 * 10


@pytest.mark.parametrize(("costless", "is_profit"), [("5.00", True), ("5.01", False)])
def test_value_is_profit_when_95_per_cent_of_revenue_has_a_cost(customer, costless, is_profit):
    order(customer, 1, "95.00", base_cost="60.00")
    order(CustomerFactory(), 1, costless)

    facts = read_facts(as_of=AS_OF)

    assert facts.value_is_profit is is_profit
    assert facts.book["value_cents"].tolist() == ([35_00, 5_00] if is_profit else [95_00, 5_01])


def test_a_return_takes_its_profit_back_and_no_more(customer):
    order(customer, 9, "100.00", base_cost="60.00")
    order(customer, 1, "-50.00", base_cost="-30.00")

    assert value(customer) == 20_00


@pytest.mark.parametrize(("days_ago", "amount"), [(400, "900.00"), (1, "-900.00"), (-1, "900.00")])
def test_only_sales_of_the_window_say_whether_costs_are_known(customer, days_ago, amount):
    order(customer, 1, "100.00", base_cost="60.00")
    order(customer, days_ago, amount)

    assert read_facts(as_of=AS_OF).value_is_profit


def test_costs_of_nought_are_known(customer):
    order(customer, 1, "100.00", base_cost="0.00")

    assert read_facts(as_of=AS_OF).value_is_profit


@pytest.mark.parametrize("number", [1, 30])
def test_a_book_is_read_in_one_pass_whatever_its_size(number, django_assert_num_queries):
    for customer in CustomerFactory.create_batch(number):
        order(customer, 1)

    with django_assert_num_queries(3):  # the documents, the customers, the holidays
        assert len(read_facts(as_of=AS_OF).book) == number
