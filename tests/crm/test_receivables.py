from datetime import timedelta
from decimal import Decimal

import pytest

from crm.receivables import receivables
from tests.factories import AS_OF, CustomerFactory, OrderFactory, PaymentFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer():
    return CustomerFactory()


def order(customer, *, days_ago, amount="100", due_in=30, **fields):
    on = AS_OF - timedelta(days=days_ago)
    due_on = on + timedelta(days=due_in) if due_in is not None else None
    return OrderFactory(
        customer=customer, ordered_on=on, due_on=due_on, amount=Decimal(amount), **fields
    )


def paid(of, amount, *, after):
    return PaymentFactory(
        order=of, amount=Decimal(amount), paid_on=of.ordered_on + timedelta(days=after)
    )


def test_partial_payments_leave_the_rest_and_late_is_part_of_it(customer):
    late = order(customer, days_ago=50, amount="186")
    paid(late, "86", after=20)
    order(customer, days_ago=10, amount="400")
    paid(order(customer, days_ago=90), "100", after=40)

    known = receivables(customer, today=AS_OF)

    assert (known.owed, known.late, known.late_days) == (Decimal(500), Decimal(100), 20)
    assert known.usual_days == 30


def test_a_due_day_of_today_is_not_late(customer):
    order(customer, days_ago=30)

    assert receivables(customer, today=AS_OF).late == 0
    assert receivables(customer, today=AS_OF + timedelta(days=1)).late_days == 1


def test_cancelled_orders_and_those_of_others_are_not_owed(customer):
    order(customer, days_ago=50, status="cancelled")
    order(CustomerFactory(), days_ago=50)

    assert not receivables(customer, today=AS_OF).recorded


def test_what_is_paid_in_part_is_owed_without_a_due_day_but_never_late(customer):
    paid(order(customer, days_ago=50, amount="100", due_in=None), "30", after=10)

    known = receivables(customer, today=AS_OF)

    assert (known.owed, known.late, known.late_days) == (Decimal(70), 0, None)


def test_without_due_day_and_payment_nothing_is_said_to_be_owed(customer):
    order(customer, days_ago=50, due_in=None)

    known = receivables(customer, today=AS_OF)

    assert (known.recorded, known.owed, known.usual_days) == (False, 0, None)


def test_a_return_lowers_what_is_owed_and_never_leaves_more_late_than_owed(customer):
    sold = order(customer, days_ago=60, amount="100")
    order(customer, days_ago=5, amount="-70", due_in=None, returns=sold)

    known = receivables(customer, today=AS_OF)

    assert (known.owed, known.late) == (Decimal(30), Decimal(30))


def test_foreign_currency_is_owed_at_the_rate_of_the_document(customer):
    sold = order(customer, days_ago=60, amount="100", currency="EUR", base_amount=Decimal(780))
    paid(sold, "50", after=3)

    assert receivables(customer, today=AS_OF).owed == Decimal(390)


@pytest.mark.parametrize("count", [1, 3])
def test_the_answer_costs_two_queries(count, customer, django_assert_num_queries):
    for _ in range(count):
        paid(order(customer, days_ago=9), "10", after=1)

    with django_assert_num_queries(2):
        receivables(customer, today=AS_OF)
