"""Customers, visits and payments from files."""

from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from crm.models import Customer, Payment, Visit
from crm.models.customer import validate_code
from crm.sheets import values
from tests.crm.import_files import counts, rejected_lines
from tests.factories import (
    ContactFactory,
    CustomerFactory,
    OrderFactory,
)

pytestmark = pytest.mark.django_db

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
        (
            "C1,alice,2025-03-01,pigeon,,,",
            (
                "channel: “pigeon” is not one of the words known here: on_site, phone, message, video,"
                " came_to_us."
            ),
        ),
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
