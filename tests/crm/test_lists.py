"""The lists of orders, visits and cases: scope, filters, totals, pages and files agree."""

import csv
import io
import logging
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.urls import reverse
from python_calamine import CalamineWorkbook

from crm.lists import PAGE_SIZE, Sort, Sorting
from crm.models import Case, Order, Visit
from crm.permissions import PERMISSIONS
from tests.factories import (
    CaseFactory,
    CustomerFactory,
    ExchangeRateFactory,
    OrderFactory,
    OrderLineFactory,
    PaymentFactory,
    UserFactory,
    VisitFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine("2025-03-11 04:00")]

LISTS = {"orders": OrderFactory, "visits": VisitFactory, "cases": CaseFactory}
KEYS = {"orders": "number", "visits": "pk", "cases": "pk"}
EXPORT_KEYS = {"orders": "Number", "visits": "Note", "cases": "Subject"}


def listing(client, name, **query):
    return client.get(reverse(name), query).context["listing"]


def exported(client, name, **query):
    response = client.get(reverse(name), {**query, "export": "csv"})
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def seen(client, name, **query):
    return list(listing(client, name, **query).page)


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize(
    ("viewer", "sees"), [("alice", True), ("mona", True), ("ada", True), ("otto", False)]
)
def test_rows_totals_and_file_are_in_scope(name, viewer, sees, alice, client, request):
    row = LISTS[name](customer__owner=alice)
    client.force_login(request.getfixturevalue(viewer))

    assert seen(client, name) == ([row] if sees else [])
    assert listing(client, name).totals["count"] == int(sees)
    assert len(exported(client, name)) == int(sees)


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(("name", "queries"), [("orders", 5), ("visits", 6), ("cases", 6)])
def test_a_list_costs_the_same_for_any_length(
    name, queries, count, alice, client, django_assert_num_queries
):
    for _ in range(count):
        LISTS[name](customer__owner=alice)
    client.force_login(alice)

    with django_assert_num_queries(queries):
        client.get(reverse(name))


@pytest.mark.parametrize("name", LISTS)
def test_a_file_holds_the_rows_of_the_list_on_all_pages(name, alice, client):
    for n in range(PAGE_SIZE + 3):
        extra = {"orders": {}, "visits": {"summary": f"n{n}"}, "cases": {"subject": f"s{n}"}}
        LISTS[name](customer__owner=alice, **extra[name])
    client.force_login(alice)

    pages = [*seen(client, name), *seen(client, name, page=2)]
    rows = exported(client, name)

    shown = {"orders": "number", "visits": "summary", "cases": "subject"}[name]
    assert [row[EXPORT_KEYS[name]] for row in rows] == [getattr(row, shown) for row in pages]
    assert len(rows) == PAGE_SIZE + 3


@pytest.mark.parametrize("name", LISTS)
def test_the_number_of_queries_of_a_file_does_not_grow(
    name, alice, client, django_assert_max_num_queries
):
    for _ in range(5):
        LISTS[name](customer__owner=alice)
    client.force_login(alice)

    with django_assert_max_num_queries(8):
        assert len(exported(client, name)) == 5


def test_a_workbook_has_the_same_rows_and_amounts_are_numbers(alice, client):
    OrderFactory(customer__owner=alice, number="=1+1", amount=Decimal("-12.50"))
    client.force_login(alice)

    response = client.get(reverse("orders"), {"export": "xlsx"})

    book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(response.streaming_content)))
    heading, row = book.get_sheet_by_index(0).to_python()
    cells = dict(zip(heading, row, strict=True))
    assert (cells["Number"], cells["Amount"], cells["Date"]) == ("'=1+1", -12.5, date(2025, 3, 10))
    assert response["Content-Disposition"] == 'attachment; filename="orders-2025-03-11.xlsx"'


def test_an_export_is_logged_with_its_length_and_without_names(alice, client, caplog):
    OrderFactory(customer__owner=alice, customer__name="Secret Ltd")
    client.force_login(alice)

    with caplog.at_level(logging.INFO, logger="crm.exports"):
        exported(client, "orders")

    assert caplog.messages == [f"User {alice.pk} exported 1 rows of orders as csv"]


def test_whoever_may_not_export_is_refused(alice, client, monkeypatch):
    OrderFactory(customer__owner=alice)
    client.force_login(alice)
    monkeypatch.setitem(PERMISSIONS, "rep", set())

    assert client.get(reverse("orders"), {"export": "csv"}).status_code == 403


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize(
    "query",
    [
        {"owner": "999999"},
        {"customer": "nobody"},
        {"from": "yesterday"},
        {"owner": "x", "q": "a"},
    ],
)
def test_a_filter_for_what_does_not_exist_finds_nothing_and_says_so(name, query, alice, client):
    LISTS[name](customer__owner=alice)
    client.force_login(alice)

    response = client.get(reverse(name), query)

    assert list(response.context["listing"].page) == []
    assert "Nothing is listed" in response.content.decode()
    assert exported(client, name, **query) == []


@pytest.mark.parametrize("name", LISTS)
def test_a_foreign_customer_in_the_filter_is_as_good_as_none(name, alice, otto, client):
    LISTS[name](customer__owner=otto, customer__code="THEIRS")
    client.force_login(alice)

    response = client.get(reverse(name), {"customer": "THEIRS"})

    assert list(response.context["listing"].page) == []
    assert "Nothing is listed" in response.content.decode()


@pytest.mark.parametrize("name", LISTS)
def test_rows_of_one_customer_and_one_period(name, alice, client):
    day = {"orders": "ordered_on", "visits": "happened_at", "cases": "opened_on"}[name]
    days = [date(2025, 1, 31), date(2025, 2, 1), date(2025, 2, 28), date(2025, 3, 1)]
    if name == "visits":  # ten o'clock at night in UTC is the next morning in Shanghai
        days = [datetime(d.year, d.month, d.day, 2, tzinfo=UTC) for d in days]
    customer = CustomerFactory(owner=alice, code="C1")
    extra = {"due_on": date(2025, 4, 1)} if name == "cases" else {}
    rows = [LISTS[name](customer=customer, **{day: each}, **extra) for each in days]
    LISTS[name](customer__owner=alice)
    client.force_login(alice)

    found = seen(client, name, customer="C1", **{"from": "2025-02-01", "to": "2025-02-28"})

    assert found == [rows[2], rows[1]]


def test_a_visit_counts_on_the_day_of_its_reader(alice, client):
    late = VisitFactory(customer__owner=alice, happened_at=datetime(2025, 2, 28, 22, tzinfo=UTC))
    client.force_login(alice)

    assert seen(client, "visits", to="2025-02-28") == []
    assert seen(client, "visits", **{"from": "2025-03-01"}) == [late]


@pytest.mark.parametrize("name", LISTS)
def test_managers_filter_by_owner_and_team(name, alice, mona, east, client):
    bo = UserFactory(team=east)
    hers, his = LISTS[name](customer__owner=alice), LISTS[name](customer__owner=bo)
    client.force_login(mona)

    assert seen(client, name, owner=alice.pk) == [hers]
    assert {row.pk for row in seen(client, name, team=east.pk)} == {hers.pk, his.pk}


@pytest.mark.parametrize("name", LISTS)
def test_rows_are_found_by_their_customer(name, alice, client):
    row = LISTS[name](customer__owner=alice, customer__name="昆山恒力紧固件")
    LISTS[name](customer__owner=alice)
    client.force_login(alice)

    assert seen(client, name, q="恒力") == [row]


def test_an_order_is_found_by_how_its_number_begins(alice, client):
    order = OrderFactory(customer__owner=alice, number="KS-77")
    OrderFactory(customer__owner=alice, number="KT-77")
    client.force_login(alice)

    assert seen(client, "orders", q="ks-7") == [order]


def test_totals_of_orders_are_of_the_filtered_rows_and_without_cancelled_ones(alice, client):
    customer = CustomerFactory(owner=alice)
    for amount, status in [("100", ""), ("50.50", ""), ("-20", ""), ("999", "cancelled")]:
        OrderFactory(
            customer=customer,
            amount=Decimal(amount),
            status=status or Order.Status.CONFIRMED,
        )
    OrderFactory(customer=customer, amount=Decimal(7), ordered_on=date(2024, 1, 1))
    client.force_login(alice)

    totals = listing(client, "orders", **{"from": "2025-01-01"}).totals

    assert totals == {
        "count": 4,
        "sales": Decimal("150.50"),
        "returned": Decimal(-20),
        "net": Decimal("130.50"),
        "cost": None,
    }


@pytest.fixture
def owed(alice):
    """One order for each state of payment."""
    customer = CustomerFactory(owner=alice)

    def order(number, due_on, paid=0, **fields):
        made = OrderFactory(customer=customer, number=number, due_on=due_on, **fields)
        if paid:
            PaymentFactory(order=made, amount=paid)
        return made

    order("late", date(2025, 3, 10), paid=40)
    order("due today", date(2025, 3, 11))
    order("paid", date(2025, 2, 1), paid=100)
    order("part without a day", None, paid=30)
    order("unknown", None)
    order("cancelled", date(2025, 2, 1), status=Order.Status.CANCELLED)
    order("back", date(2025, 2, 1), amount=Decimal(-10))


@pytest.mark.parametrize(
    ("state", "numbers", "sum_owed"),
    [
        ("late", {"late"}, 60),
        ("open", {"late", "due today", "part without a day"}, 230),
        ("paid", {"paid"}, None),
    ],
)
def test_orders_by_what_is_owed(state, numbers, sum_owed, owed, alice, client):
    client.force_login(alice)

    found = listing(client, "orders", owed=state)

    assert {order.number for order in found.page} == numbers
    assert found.totals.get("owed") == sum_owed


def test_what_is_owed_in_another_currency_is_added_up_in_the_base_currency(alice, client):
    ExchangeRateFactory()
    order = OrderFactory(
        customer__owner=alice, currency="EUR", amount=100, base_amount=780, due_on=date(2025, 1, 1)
    )
    PaymentFactory(order=order, amount=50)
    client.force_login(alice)

    assert listing(client, "orders", owed="late").totals["owed"] == 390


def test_returns_and_cancelled_orders_say_so_in_words(alice, client):
    OrderFactory(customer__owner=alice, amount=Decimal(-5))
    OrderFactory(customer__owner=alice, status=Order.Status.CANCELLED)
    client.force_login(alice)

    page = client.get(reverse("orders")).content.decode()

    assert ">Return</span>" in page
    assert ">Cancelled</span> <s" in page


def test_visits_by_author_channel_and_outcome(alice, mona, client):
    VisitFactory(customer__owner=alice)
    visit = VisitFactory(
        customer__owner=alice,
        by=mona,
        channel=Visit.Channel.ON_SITE,
        outcome=Visit.Outcome.MISSED,
        minutes=30,
    )
    client.force_login(mona)

    for query in [{"by": mona.pk}, {"channel": "on_site"}, {"outcome": "missed"}]:
        assert seen(client, "visits", **query) == [visit]
    totals = listing(client, "visits").totals
    assert totals == {"count": 2, "reached": 1, "customers": 2, "minutes": 30}


def test_cases_by_state_and_kind(alice, client):
    def case(kind, **days):
        return CaseFactory(customer__owner=alice, kind=kind, opened_on=date(2025, 3, 1), **days)

    late = case(Case.Kind.COMPLAINT, due_on=date(2025, 3, 10))
    due = case(Case.Kind.TRAINING, due_on=date(2025, 3, 11))
    done = case(Case.Kind.TRAINING, due_on=date(2025, 3, 5), closed_on=date(2025, 3, 9))
    client.force_login(alice)

    assert seen(client, "cases", state="late") == [late]
    assert set(seen(client, "cases", state="open")) == {late, due}
    assert seen(client, "cases", state="closed") == [done]
    assert seen(client, "cases", kind="complaint") == [late]
    assert listing(client, "cases").totals["open"] == 2


def test_the_reader_chooses_the_order_among_those_on_offer(alice, client):
    small = OrderFactory(customer__owner=alice, amount=1)
    large = OrderFactory(customer__owner=alice, amount=9)
    client.force_login(alice)

    assert seen(client, "orders", sort="amount") == [small, large]
    assert seen(client, "orders", sort="-amount") == [large, small]
    assert seen(client, "orders", sort="customer__owner__password") == [small, large]


def test_rows_that_are_equal_stay_in_order_and_missing_figures_come_last(alice):
    customer = CustomerFactory(owner=alice)
    rows = [OrderFactory(customer=customer, due_on=day) for day in (None, date(2025, 1, 1), None)]
    sorts = {"due": Sort("Due", ("due_on",))}

    for asked in ("due", "-due"):
        found = Sorting(sorts, asked, "due").apply(Order.objects.all())
        assert list(found) == [rows[1], rows[0], rows[2]]


def test_chips_take_one_filter_off_and_keep_the_rest(alice, client):
    OrderFactory(customer__owner=alice)
    client.force_login(alice)

    chips = listing(
        client, "orders", q="SO", status="confirmed", sort="number", page=1
    ).filter.chips

    assert [(str(chip.label), chip.value) for chip in chips] == [
        ("Search", "SO"),
        ("Status", "Confirmed"),
    ]
    assert chips[0].without == "?status=confirmed&sort=number"


def test_htmx_gets_the_changing_part_only_and_caches_know(alice, client):
    OrderFactory(customer__owner=alice)
    client.force_login(alice)

    part = client.get(reverse("orders"), headers={"HX-Request": "true"})
    whole = client.get(
        reverse("orders"),
        headers={"HX-Request": "true", "HX-History-Restore-Request": "true"},
    )

    assert "<html" not in part.content.decode()
    assert "SO" in part.content.decode()
    assert "<html" in whole.content.decode()
    assert "HX-Request" in part["Vary"]


@pytest.mark.parametrize("name", LISTS)
def test_an_empty_list_says_what_to_do(name, alice, client):
    client.force_login(alice)

    assert "void" in client.get(reverse(name)).content.decode()
    assert "show all that you may see" in client.get(reverse(name), {"q": "x"}).content.decode()


@pytest.mark.parametrize(
    ("viewer", "status"), [("alice", 200), ("mona", 200), ("ada", 200), ("otto", 404)]
)
def test_an_order_is_seen_by_those_who_see_its_customer(viewer, status, alice, client, request):
    OrderFactory(customer__owner=alice, number="2025/03-7")
    client.force_login(request.getfixturevalue(viewer))

    assert client.get(reverse("order", args=["2025/03-7"])).status_code == status


def test_an_order_shows_its_lines_payments_returns_and_cases(alice, client):
    order = OrderFactory(customer__owner=alice, amount=100, due_on=date(2025, 3, 1))
    OrderLineFactory(order=order, product__name="Flange nut", quantity=Decimal("2.5"))
    PaymentFactory(order=order, amount=Decimal("30.25"))
    OrderFactory(customer=order.customer, returns=order, amount=Decimal(-5), number="R-1")
    CaseFactory(customer=order.customer, order=order)
    client.force_login(alice)

    page = client.get(reverse("order", args=[order.number])).content.decode()

    for said in ("Flange nut", "2.5", "¥30.25", "R-1", "−¥5", "¥69.75", "10 d late", "Complaint"):
        assert said in page


@pytest.mark.parametrize("count", [1, 3])
def test_an_order_costs_the_same_for_any_number_of_lines(
    count, alice, client, django_assert_num_queries
):
    order = OrderFactory(customer__owner=alice)
    OrderLineFactory.create_batch(count, order=order)
    PaymentFactory.create_batch(count, order=order, paid_on=date(2025, 3, 1)) if count == 1 else [
        PaymentFactory(order=order, amount=n + 1) for n in range(count)
    ]
    client.force_login(alice)

    with django_assert_num_queries(8):
        client.get(reverse("order", args=[order.number]))
