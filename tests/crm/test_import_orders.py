"""Orders from files: lines summed, the same file twice, changes, currencies."""

from datetime import date
from decimal import Decimal

import pytest

from crm.models import Order, OrderLine, Product
from tests.crm.import_files import LINES, TWO_ORDERS, counts, rejected_lines
from tests.factories import (
    CustomerFactory,
    ExchangeRateFactory,
    OrderFactory,
)

pytestmark = pytest.mark.django_db


def test_lines_are_summed_to_orders_and_kept(run, buyer):
    batch = run(TWO_ORDERS)

    assert counts(batch) == {"rows": 3, "created": 2}
    sale, back = Order.objects.order_by("-amount", "id")
    assert (sale.amount, sale.cost, sale.base_amount) == (30, 14, 30)
    assert (back.amount, back.is_return, back.currency) == (-5, True, "CNY")
    assert list(sale.lines.order_by("position").values_list("product__sku", "quantity")) == [
        ("P1", 10),
        ("P2", 4),
    ]
    assert Product.objects.get(sku="P1").name == "Bolt"


def test_the_same_lines_again_in_another_order_change_nothing(run, buyer):
    run(TWO_ORDERS)
    header, *lines = TWO_ORDERS.splitlines(keepends=True)
    before = list(OrderLine.objects.order_by("id").values_list("id", flat=True))

    batch = run(header + "".join(reversed(lines)))

    assert counts(batch) == {"rows": 3, "unchanged": 2}
    assert list(OrderLine.objects.order_by("id").values_list("id", flat=True)) == before
    assert not batch.changes.exists()


def test_other_lines_of_the_same_amount_are_a_change(run, buyer):
    run(TWO_ORDERS)

    batch = run(LINES + "S1,C1,2025-03-01,P3,Screw,30,1,\n")

    assert counts(batch) == {"rows": 1, "updated": 1}
    assert [line.product.sku for line in Order.objects.get(number="S1").lines.all()] == ["P3"]


def test_an_order_is_taken_whole_or_not_at_all(run, buyer):
    text = TWO_ORDERS + "S1,C1,2025-03-01,P3,Washer,many,1,\n"

    batch = run(text)

    assert list(Order.objects.values_list("number", flat=True)) == ["R1"]
    reason = "Line 5 of the same order is rejected; an order is imported whole or not at all."
    assert rejected_lines(batch) == [
        ("2", reason),
        ("3", reason),
        ("5", "quantity: “many” is not a number."),
    ]


def test_two_customers_on_one_order_are_rejected(run, buyer):
    CustomerFactory(code="C2")

    batch = run(LINES + "S1,C1,2025-03-01,P1,,1,1,\nS1,C2,2025-03-01,P2,,1,1,\n")

    assert not Order.objects.exists()
    assert rejected_lines(batch)[1][1].startswith("customer “C2” is not the one of line 2")


def test_amounts_in_another_currency_are_kept_in_both(run, buyer):
    ExchangeRateFactory(currency="EUR", valid_from=date(2020, 1, 1), rate=Decimal("7.8"))
    ExchangeRateFactory(currency="EUR", valid_from=date(2025, 2, 1), rate=8)

    run(
        "number,customer,ordered_on,amount,currency\n1,C1,2025-01-31,10,EUR\n2,C1,2025-02-01,10,EUR\n"
    )

    assert list(Order.objects.order_by("number").values_list("amount", "base_amount")) == [
        (10, 78),
        (10, 80),
    ]


def test_an_empty_cell_and_a_missing_column_change_nothing(run, buyer):
    OrderFactory(
        number="1", customer=buyer, ordered_on=date(2025, 3, 1), amount=5, due_on=date(2025, 4, 1)
    )

    assert counts(run("number,customer,ordered_on,amount\n1,C1,2025-03-01,5\n")) == {
        "rows": 1,
        "unchanged": 1,
    }
    run("number,customer,ordered_on,amount,due_on\n1,C1,2025-03-01,6,\n")
    assert Order.objects.get().due_on == date(2025, 4, 1)


def test_a_new_amount_without_lines_drops_the_lines_that_no_longer_explain_it(run, buyer):
    run(TWO_ORDERS)

    run("number,customer,ordered_on,amount\nS1,C1,2025-03-01,31\n")

    assert not Order.objects.get(number="S1").lines.exists()
    assert Order.objects.get(number="R1").lines.exists()


def test_a_cancelled_order_is_known_by_its_status(run, buyer):
    run("number,customer,ordered_on,amount,status\n1,C1,2025-03-01,5,已取消\n2,C1,2025-03-01,5,\n")

    assert list(Order.objects.counted().values_list("number", flat=True)) == ["2"]
