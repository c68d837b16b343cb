"""The list of lost customers: dearest chance first, in scope, the same rows in the file."""

import csv
import io
from datetime import date, timedelta
from decimal import Decimal

import pytest

from tests.factories import (
    AS_OF,
    ChurnAlertFactory,
    ContactFactory,
    CustomerFactory,
    LostCustomerFactory,
    ReturnChanceFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine("2025-03-11 04:00")]
URL = "/winback/"


def listing(client, **query):
    return client.get(URL, query).context["listing"]


def seen(client, **query):
    return list(listing(client, **query).page)


def exported(client, **query):
    text = client.get(URL, {**query, "export": "csv"}).getvalue().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize(
    ("viewer", "sees"), [("alice", True), ("mona", True), ("ada", True), ("otto", False)]
)
def test_rows_totals_and_file_are_in_scope(viewer, sees, alice, client, request):
    row = LostCustomerFactory(customer__owner=alice, value=70, expected=7)
    client.force_login(request.getfixturevalue(viewer))

    assert seen(client) == ([row] if sees else [])
    money = (Decimal(70), Decimal(7)) if sees else (None, None)
    totals = listing(client).totals
    assert (totals["count"], totals["value"], totals["expected"]) == (int(sees), *money)
    assert len(exported(client)) == int(sees)


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_any_length(count, alice, client, django_assert_num_queries):
    for _ in range(count):
        ContactFactory(customer=LostCustomerFactory(customer__owner=alice).customer, phone="1")
    client.force_login(alice)

    with django_assert_num_queries(6):
        client.get(URL)


def test_by_chance_times_value_and_what_cannot_be_said_last(alice, client):
    unknown = LostCustomerFactory(customer__owner=alice, value=900, expected=None)
    dear = LostCustomerFactory(customer__owner=alice, value=500, expected=5)
    likely = LostCustomerFactory(customer__owner=alice, value=100, expected=50)
    back = LostCustomerFactory(customer__owner=alice, expected=99, returned_on=AS_OF)
    client.force_login(alice)

    assert seen(client) == [likely, dear, unknown]
    assert seen(client, sort="-value") == [unknown, dear, likely]
    assert seen(client, known="1") == [likely, dear]
    assert back not in seen(client, sort="name")


def test_filters(alice, client):
    customer = CustomerFactory(owner=alice, region="North", name="Hollow Oak")
    told = LostCustomerFactory(
        customer=customer,
        alert=ChurnAlertFactory(customer=customer, reason="Moved away"),
        silent_since=date(2024, 12, 1),
        last_grade="key",
    )
    year = LostCustomerFactory(customer__owner=alice, silent_since=AS_OF - timedelta(days=600))
    client.force_login(alice)

    assert seen(client, cause="told") == seen(client, grade="key") == [told]
    assert (
        seen(client, q="hollow") == seen(client, region="North") == seen(client, away="2") == [told]
    )
    assert seen(client, cause="year") == seen(client, away="6") == [year]
    assert seen(client, away="5") == seen(client, away="99") == []


def test_a_row_says_how_long_why_and_how_likely(alice, client):
    customer = CustomerFactory(owner=alice, phone="021 5555")
    chance = ReturnChanceFactory(away=6, orders=3, n=143, share=0.12, low=0.08, high=0.17)
    LostCustomerFactory(
        customer=customer,
        alert=ChurnAlertFactory(customer=customer, reason="Bought by a rival"),
        silent_since=date(2023, 7, 1),
        chance=chance,
        expected=Decimal("12.00"),
        order_days=5,
    )
    client.force_login(alice)

    page = client.get(URL).content.decode()

    for said in (
        "20 months",
        "Lost: Bought by a rival",
        "8 %–17 %",
        "tel:0215555",
        "Of 143 cases away 18–23 months after 4–9 order days, 12 % ordered within 180 days",
    ):
        assert said in page
    (line,) = exported(client)
    assert (line["Months away"], line["Chance of return in 180 days"]) == ("20", "0.12")
    assert line["Why lost"] == "Bought by a rival"


def test_too_few_cases_are_not_told_as_a_chance(alice, client):
    chance = ReturnChanceFactory(n=29, share=0.44)
    LostCustomerFactory(customer__owner=alice, chance=chance)
    client.force_login(alice)

    page = client.get(URL).content.decode()

    assert "too few to say" in page
    assert "44 %" not in page
    assert exported(client)[0]["Chance of return in 180 days"] == ""
