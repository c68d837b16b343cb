"""What files do to orders, customers, visits and payments; the same file twice; undo."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from crm.models import Contact, Customer, ImportChange, Order, OrderLine, Payment, Product, Visit
from crm.models.customer import validate_code
from crm.sheets import values
from tests.crm.import_files import bring_in, counts, rejected_lines, take_back
from tests.factories import (
    ContactFactory,
    CustomerFactory,
    ExchangeRateFactory,
    OrderFactory,
    OrderLineFactory,
    PaymentFactory,
    VisitFactory,
)

pytestmark = pytest.mark.django_db

LINES = "number,customer,ordered_on,sku,product,quantity,unit_price,unit_cost\n"


@pytest.fixture
def run(tmp_path):
    """Import a text; the kinds are those of the command."""

    def run(text, *kinds, **options):
        path = tmp_path / "file.csv"
        path.write_text(text)
        return bring_in(path, *(kinds or ("orders", "order_lines")), **options)

    return run


@pytest.fixture
def buyer():
    return CustomerFactory(code="C1")


TWO_ORDERS = (
    LINES + "S1,C1,2025-03-01,P1,Bolt,10,2.50,1\n"
    "S1,C1,2025-03-01,P2,Nut,4,1.25,1\n"
    "R1,C1,2025-03-05,P1,,-2,2.50,1\n"
)


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


CUSTOMERS = "code,name,owner,city,latitude,longitude\n"


def test_customers_are_made_and_changed(run, alice, otto):
    CustomerFactory(code="C1", name="Old", city="Suzhou", phone="123", owner=otto)

    batch = run(
        CUSTOMERS + "C1,New,ALICE,,31.2,121.4\nC2,Second,,Wuxi,,\nC3,Third,alice,,,\n",
        "customers",
        owner=otto,
    )

    assert counts(batch) == {"rows": 3, "created": 2, "updated": 1}
    old = Customer.objects.get(code="C1")
    assert (old.name, old.city, old.phone, old.owner) == ("New", "Suzhou", "123", alice)
    assert [(c.from_owner, c.to_owner) for c in old.owner_changes.all()] == [(otto, alice)]
    assert Customer.objects.get(code="C2").owner == otto
    assert Customer.objects.get(code="C3").owner == alice
    assert Customer.objects.get(code="C2").credit_days == 30
    assert Customer.objects.search("second").get().code == "C2"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("C1,Li,nobody,,,", "There is no user “nobody”."),
        ("C1,Li,ada,,,", "The user “ada” cannot own customers."),
        ("C1,Li,,,31.2,", "Latitude and longitude are given only together."),
        ("C1,Li,,,95,120", "latitude: “95” is out of range."),
        ("C1,,,,,", "name is empty."),
        ("N/A,Li,,,,", "code: “N/A” cannot be a code; slashes are not allowed."),
        (f"C1,{'x' * 201},,,,", f"name is too long: “{'x' * 80}”."),
    ],
)
def test_customers_that_cannot_be_taken(line, reason, run, ada):
    batch = run(CUSTOMERS + line + "\n", "customers")

    assert rejected_lines(batch) == [("2", reason)]
    assert not Customer.objects.exists()


@given(st.text(max_size=5))
def test_files_and_forms_agree_on_what_a_code_is(text):
    if not values.ADDRESSABLE.fullmatch(text):
        with pytest.raises(ValidationError):
            validate_code(text)
    else:
        validate_code(text)


VISITS = "customer,by,happened_at,channel,summary,contact,next_on\n"


def test_visits_keep_their_author_and_come_once(run, buyer, alice, otto):
    text = VISITS + "C1,alice,2025-03-01 10:00,phone,Asked for prices,Mr Li,2025-04-01\n"

    first, second = run(text, "visits"), run(text, "visits")

    assert (counts(first), counts(second)) == (
        {"rows": 1, "created": 1},
        {"rows": 1, "unchanged": 1},
    )
    visit = Visit.objects.get()
    assert (visit.by, visit.contact.name) == (alice, "Mr Li")
    assert visit.happened_at == datetime(2025, 3, 1, 2, 0, tzinfo=UTC)
    assert visit.next_on == date(2025, 4, 1)


def test_a_visit_with_a_key_of_its_own_is_changed_by_it(run, buyer, alice):
    header = "customer,by,happened_at,channel,summary,key,minutes\n"
    ContactFactory(customer=buyer)
    run(header + "C1,alice,2025-03-01,phone,First,K1,10\n", "visits")

    batch = run(header + "C1,alice,2025-03-01,on_site,Second,K1,\n", "visits")

    assert counts(batch) == {"rows": 1, "updated": 1}
    visit = Visit.objects.get()
    assert (visit.summary, visit.channel, visit.minutes) == ("Second", "on_site", 10)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("C9,alice,2025-03-01,phone,,,", "There is no customer “C9”."),
        ("C1,nobody,2025-03-01,phone,,,", "There is no user “nobody”."),
        ("C1,alice,2125-03-01,phone,,,", "happened_at: “2125-03-01” lies in the future."),
        ("C1,alice,2025-03-01,pigeon,,,", "channel: “pigeon” is not one of the words known here."),
    ],
)
def test_visits_that_cannot_be_taken(line, reason, run, buyer, alice):
    assert rejected_lines(run(VISITS + line + "\n", "visits")) == [("2", reason)]
    assert not Visit.objects.exists()


PAYMENTS = "order,paid_on,amount\n"


def test_payments_come_once_and_equal_ones_of_a_day_are_told_apart(run, buyer):
    OrderFactory(number="S1", customer=buyer)
    text = PAYMENTS + "S1,2025-03-01,5\nS1,2025-03-01,5\nS9,2025-03-01,5\n"

    first, second = run(text, "payments"), run(text, "payments")

    assert counts(first) == {"rows": 3, "created": 2, "rejected": 1}
    assert counts(second) == {"rows": 3, "unchanged": 2, "rejected": 1}
    assert sorted(Payment.objects.values_list("repeat", flat=True)) == [1, 2]
    assert rejected_lines(first) == [("4", "There is no order “S9”.")]


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
