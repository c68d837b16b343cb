"""What an import did is put back, updates included, or it is said why not."""

import pytest

from crm.models import Contact, Customer, ImportChange, Order, OrderLine, Payment, Product, Visit
from tests.crm.import_files import TWO_ORDERS, counts, take_back
from tests.factories import (
    OrderFactory,
    OrderLineFactory,
    PaymentFactory,
    VisitFactory,
)

pytestmark = pytest.mark.django_db

CUSTOMERS = "code,name,owner,city,latitude,longitude\n"
PAYMENTS = "order,paid_on,amount\n"


def everything():
    """All that an import can touch, but for clocks."""
    customers = Customer.objects.order_by("id").values("id", "code", "name", "city", "owner_id")
    orders = Order.objects.order_by("id").values("id", "number", "amount", "base_amount", "digest")
    lines = OrderLine.objects.order_by("id").values()
    others = [m.objects.order_by("id").values() for m in (Product, Contact, Visit, Payment)]
    return [list(rows) for rows in (customers, orders, lines, *others)]


def test_undo_puts_back_what_was_before_updates_included(run, buyer, alice, otto):
    order = OrderFactory(number="S1", customer=buyer, amount=7, digest="x")
    OrderLineFactory(order=order, quantity=7, unit_price=1)
    VisitFactory(customer=buyer, by=alice, key="K1", summary="Old")
    before = everything()

    orders = run(TWO_ORDERS + "N1,C9,2025-03-01,P9,,1,1,\n", create_customers=True)
    customers = run(CUSTOMERS + "C1,New,otto,Wuxi,,\n", "customers")
    header = "customer,by,happened_at,channel,summary,key,contact\n"
    visits = run(header + "C1,alice,2025-03-01,phone,New,K1,Mr Li\n", "visits")
    paid = run(PAYMENTS + "N1,2025-03-01,1\n", "payments")
    assert everything() != before

    for batch in (paid, visits, customers, orders):
        assert take_back(batch).state == "undone"
    assert everything() == before
    assert not ImportChange.objects.exists()


def test_a_file_can_be_imported_again_after_undo(run, buyer):
    take_back(run(TWO_ORDERS))

    assert counts(run(TWO_ORDERS)) == {"rows": 3, "created": 2}


def test_undo_is_refused_while_a_later_import_builds_on_it(run, buyer):
    first = run("number,customer,ordered_on,amount\n1,C1,2025-03-01,5\n")
    second = run("number,customer,ordered_on,amount\n1,C1,2025-03-01,6\n")

    assert take_back(first).state == "committed"
    assert first.error["sentence"].endswith(f"Undo them first: {second.pk}.")
    assert Order.objects.get().amount == 6

    take_back(second)
    assert Order.objects.get().amount == 5
    assert take_back(first).state == "undone"
    assert not Order.objects.exists()


def test_undo_is_refused_for_orders_that_have_been_paid(run, buyer):
    batch = run("number,customer,ordered_on,amount\n1,C1,2025-03-01,5\n")
    PaymentFactory(order=Order.objects.get())

    assert take_back(batch).state == "committed"
    assert Order.objects.exists()


def test_undo_keeps_new_customers_who_are_in_use_by_now(run, alice):
    text = "number,customer,ordered_on,amount\n1,C8,2025-03-01,5\n2,C9,2025-03-01,5\n"
    batch = run(text, create_customers=True, owner=alice)
    VisitFactory(customer=Customer.objects.get(code="C9"))

    take_back(batch)

    assert (batch.state, batch.kept) == ("undone", 1)
    assert list(Customer.objects.values_list("code", flat=True)) == ["C9"]
    assert not Order.objects.exists()
