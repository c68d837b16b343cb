"""Changes of grade: the list of them, and the history of one customer; one book for all tests."""

import csv
import io
from copy import deepcopy
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine

from crm.models import Customer
from tests.conftest import grade_at_once, make_people
from tests.factories import AS_OF, CustomerFactory, GradeChangeFactory
from tests.tiering.books import customers, order
from tiering.services import run_night

NOW = "2025-04-20 04:00"
pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW)]

URL = "/changes/"
NEXT = AS_OF + timedelta(days=1)


def listing(client, **query):
    return client.get(URL, query).context["listing"]


def history(client, code="K00000", **query):
    return client.get(f"/customers/{code}/grades/", query)


@pytest.fixture(scope="module")
def people_of_module(rows_of_module):
    return make_people("alice", "mona", "otto", "ada")


@pytest.fixture(scope="module")
def book_of_module(people_of_module):
    """Two customers who change places in the second night."""
    grade_at_once()
    with time_machine.travel(NOW):
        rich, poor = customers(2, owner=people_of_module["alice"])
        order(rich, 0, "5000.00")
        order(poor, 0, "100.00")
        run_night(as_of=AS_OF)
        order(poor, -1, "200000.00")
        run_night(as_of=NEXT)
    return rich, poor


@pytest.fixture
def book(book_of_module):
    return deepcopy(book_of_module)


@pytest.mark.parametrize(("viewer", "sees"), [("alice", 4), ("mona", 4), ("ada", 4), ("otto", 0)])
def test_changes_totals_and_file_are_in_scope(viewer, sees, book, client, request):
    client.force_login(request.getfixturevalue(viewer))

    rows = listing(client)
    response = client.get(URL, {"export": "csv"})
    text = b"".join(response.streaming_content).decode("utf-8-sig")

    assert len(rows.page) == rows.totals["count"] == sees
    assert len(list(csv.DictReader(io.StringIO(text)))) == sees


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({}, 4),
        ({"from": "2025-03-11"}, 2),
        ({"from": "2025-03-10", "to": "2025-03-10"}, 2),
        ({"way": "up"}, 1),
        ({"way": "down"}, 1),
        ({"way": "same"}, 2),
        ({"from_grade": "first"}, 2),
        ({"from_grade": "key"}, 1),
        ({"to_grade": "key"}, 2),
        ({"cause": "data"}, 2),
        ({"cause": "first"}, 2),
        ({"cause": "policy"}, 0),
        ({"q": "K00001"}, 2),
        ({"customer": "K00000"}, 2),
        ({"way": "sideways"}, 0),
        ({"from": "yesterday"}, 0),
    ],
)
def test_filters(query, count, book, alice, client):
    client.force_login(alice)

    assert listing(client, **query).totals["count"] == count


def test_totals_add_up_what_changed(book, alice, client):
    client.force_login(alice)

    assert "value" not in listing(client, **{"from": "2025-03-11"}).totals
    assert listing(client, **{"from": "2025-03-11", "to": "2025-03-11"}).totals == {
        "count": 2,
        "customers": 2,
        "rises": 1,
        "falls": 1,
        "value": Decimal("205100.00"),
    }


@pytest.mark.parametrize(
    ("sort", "night", "codes"),
    [
        ("", NEXT, {"K00000", "K00001"}),  # of one night in any order
        ("day", AS_OF, {"K00000", "K00001"}),
        ("-value", NEXT, {"K00001"}),
        ("name", None, {"K00000"}),
    ],
)
def test_order(sort, night, codes, book, alice, client):
    client.force_login(alice)

    row = listing(client, sort=sort).page[0]

    assert row.customer.code in codes
    assert night in (row.as_of, None)


def test_a_manager_asks_for_an_owner_and_a_rep_is_no_choice_for_others(
    book, alice, otto, mona, client
):
    GradeChangeFactory(customer__owner=otto)
    client.force_login(mona)

    assert listing(client, owner=alice.pk).totals["count"] == 4
    assert listing(client, owner=otto.pk).totals["count"] == 0


@pytest.mark.parametrize("viewer", ["alice", "mona", "ada"])
def test_the_history_of_a_customer_shows_both_breakdowns(viewer, book, client, request):
    client.force_login(request.getfixturevalue(viewer))

    page = history(client, book[1].code)
    text = page.content.decode()

    (change, lines), (first, first_lines) = page.context["changes"]
    assert (change.from_grade, change.to_grade, change.cause) == ("maintain", "key", "data")
    shown = {line.label: (line.before, line.after, line.difference) for line in lines}
    assert shown["Value, 12 months"] == ("¥100", "¥200,100", "+¥200,000")
    assert shown["Place in the book"] == ("2", "1", "−1")
    assert shown["Order days, 12 months"] == ("1", "2", "+1")
    assert shown["Grading policy"] == ("1", "1", "")
    assert shown["Night"] == ("10 Mar", "11 Mar", "")
    assert first_lines[0].before == "–"
    assert first.cause == "first"
    for words in ("Its own orders or those of others moved it", "¥200,100", "policy 1"):
        assert words in text


def test_an_outsider_finds_no_history(book, otto, client):
    client.force_login(otto)

    assert history(client, as_of="2025-03-10").status_code == 404


def test_the_grade_of_a_day_stands_above_its_history(book, alice, client):
    client.force_login(alice)

    page = history(client, as_of="2025-03-10")

    then = page.context["then"]
    assert (then.then_grade, then.then_value, then.then_since) == ("key", Decimal(5000), AS_OF)
    assert "Grade on 10 Mar" in page.content.decode()
    assert history(client).context["then"].then_grade == "maintain"


def test_a_customer_who_came_later_had_no_grade(book, alice, client):
    CustomerFactory(owner=alice, code="LATE")
    run_night(as_of=AS_OF + timedelta(days=2))
    client.force_login(alice)

    page = history(client, "LATE", as_of="2025-03-10")

    assert page.context["then"] is None
    assert "This customer had no grade yet" in page.content.decode()


def test_the_customer_page_shows_the_last_changes(book, alice, client):
    client.force_login(alice)

    page = client.get(Customer.objects.get(code="K00001").get_absolute_url())

    assert [change.to_grade for change in page.context["grade_changes"]] == ["key", "maintain"]
    assert "/customers/K00001/grades/" in page.content.decode()
