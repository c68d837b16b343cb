"""The list of customers as it stood on a past night: one book of two nights for all tests."""

from copy import deepcopy
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine

from crm.models import Customer
from crm.services.ownership import assign
from tests.conftest import make_people
from tests.factories import AS_OF, ChurnAlertFactory, CustomerFactory
from tests.followups.past_lists import URL, exported, shown, then
from tests.tiering.books import customers, order
from tiering.models import StandingSnapshot
from tiering.services import run_night

NOW = "2025-04-20 04:00"
NEXT = AS_OF + timedelta(days=1)
pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW)]


@pytest.fixture(scope="module")
def people_of_module(rows_of_module):
    return make_people("alice", "mona", "otto", "ada")


@pytest.fixture(scope="module")
def book_of_module(people_of_module):
    """Two customers who change places in the second night."""
    with time_machine.travel(NOW):
        rich, poor = customers(2, owner=people_of_module["alice"], region="East", industry="Metal")
        order(rich, 0, "5000.00")
        order(poor, 0, "100.00")
        run_night(as_of=AS_OF)
        order(poor, -1, "200000.00")
        run_night(as_of=NEXT)
    return rich, poor


@pytest.fixture
def book(book_of_module):
    return deepcopy(book_of_module)


def test_a_past_day_shows_the_grades_and_figures_of_its_night(book, alice, client):
    rich, poor = book
    client.force_login(alice)

    rows = then(client)

    assert shown(rows) == {rich.code: ("key", 5000), poor.code: ("maintain", 100)}
    assert rows.totals == {
        "count": 2,
        "kept": 2,
        "value": 5100,
        "continuing": rows.totals["continuing"],
    }
    assert [each.then_since for each in rows.page] == [AS_OF, AS_OF]


def test_the_latest_night_and_later_days_show_the_present_list(book, alice, client):
    client.force_login(alice)
    for day in ("", NEXT.isoformat(), "2025-03-15"):
        page = client.get(URL, {"as_of": day})
        assert not page.context["book"].is_past
        assert {each.standing.grade for each in page.context["listing"].page} == {"key", "maintain"}
    assert "No night of 15 Mar has finished" in page.content.decode()


def test_a_day_without_a_night_shows_the_one_before_and_says_so(book, alice, client):
    run_night(as_of=AS_OF + timedelta(days=5))
    client.force_login(alice)

    page = client.get(URL, {"as_of": "2025-03-13"})

    assert page.context["book"].night.as_of == NEXT
    assert page.context["book"].after == AS_OF + timedelta(days=5)
    assert "No night of 13 Mar has finished" in page.content.decode()


@pytest.mark.parametrize(
    ("day", "status", "words"),
    [
        ("2025-03-09", 200, "No night had finished by 9 Mar"),
        ("2025-04-21", 400, "21 Apr has not come yet"),
        ("9999-12-31", 400, "has not come yet"),
        ("yesterday", 400, "This is not a date"),
        ("2025-02-30", 400, "This is not a date"),
        ("20250310", 400, "This is not a date"),
        ("２０２５-03-10", 400, "This is not a date"),
    ],
)
@pytest.mark.parametrize("url", [URL, "/dashboard/", "/customers/K00000/grades/"])
def test_a_day_that_has_no_book_says_why(url, day, status, words, book, ada, client):
    client.force_login(ada)

    for query in ({}, {"export": "csv"}):
        page = client.get(url, {"as_of": day, **query})
        assert page.status_code == status
        assert words in page.content.decode()


API = "/api/v1/standings/"


@pytest.mark.parametrize(("viewer", "seen"), [("alice", 2), ("mona", 2), ("otto", 0), ("ada", 2)])
def test_programs_read_a_past_night_as_the_list_shows_it(viewer, seen, book, client, request):
    client.force_login(request.getfixturevalue(viewer))

    told = client.get(API, {"as_of": AS_OF.isoformat()}).json()
    latest = client.get(API, {"as_of": NEXT.isoformat()}).json()

    expected = {
        code: (grade, f"{value:.2f}") for code, (grade, value) in shown(then(client)).items()
    }
    assert {row["customer"]: (row["grade"], row["value"]) for row in told["results"]} == expected
    assert told["count"] == len(expected) == seen
    assert {row["as_of"] for row in told["results"]} <= {AS_OF.isoformat()}
    assert {row["as_of"] for row in latest["results"]} <= {NEXT.isoformat()}
    key = client.get(API, {"as_of": AS_OF.isoformat(), "grade": "key"}).json()
    assert key["count"] == (1 if seen else 0)


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"as_of": "soon"}, "as_of"),
        ({"as_of": "2030-01-01"}, "as_of"),
        ({"as_of": "2024-01-01"}, "as_of"),
        ({"as_of": AS_OF.isoformat(), "watch": "up"}, "watch"),
        ({"as_of": AS_OF.isoformat(), "grade": "gold"}, "grade"),
    ],
)
def test_programs_are_told_what_a_past_night_cannot_say(asked, field, book, alice, client):
    client.force_login(alice)

    answer = client.get(API, asked)

    assert (answer.status_code, list(answer.json())) == (400, [field])


@pytest.mark.parametrize(("viewer", "sees"), [("alice", 2), ("mona", 2), ("ada", 2), ("otto", 0)])
def test_rows_totals_and_file_of_the_past_are_in_the_scope_of_today(
    viewer, sees, book, client, request
):
    client.force_login(request.getfixturevalue(viewer))

    rows = then(client)

    assert len(rows.page) == rows.totals["count"] == sees
    assert len(exported(client, as_of=AS_OF.isoformat())) == sees


def test_whoever_got_a_customer_since_sees_its_past_and_whoever_gave_it_away_does_not(
    book, alice, otto, mona, ada, client
):
    rich, poor = book
    assign(customers=Customer.objects.filter(pk=rich.pk), to_owner=otto, by=ada)

    client.force_login(otto)
    (row,) = then(client).page
    assert (row.code, row.then_owner_name) == (rich.code, "Alice Ai")
    for person in (alice, mona):
        client.force_login(person)
        assert list(shown(then(client))) == [poor.code]
    client.force_login(ada)
    assert then(client, owner=alice.pk).totals["count"] == 2
    assert then(client, owner=otto.pk).totals["count"] == 0
    assert then(client, team=alice.team.pk).totals["count"] == 2


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"grade": "key"}, {"K00000"}),
        ({"grade": "maintain"}, {"K00001"}),
        ({"grade": "inactive"}, set()),
        ({"grade": "none"}, set()),
        ({"eligible": "1"}, {"K00000", "K00001"}),
        ({"behaviour": "promising"}, {"K00000", "K00001"}),
        ({"behaviour": "sleeping"}, set()),
        ({"region": "East", "grade": "key"}, {"K00000"}),
        ({"q": "K00001"}, {"K00001"}),
        ({"alert": "open"}, {"K00001"}),
        ({"sort": "value"}, {"K00000", "K00001"}),
        ({"sort": "-silent"}, {"K00000", "K00001"}),
    ],
)
def test_filters_ask_what_was(query, found, book, alice, client):
    ChurnAlertFactory(customer=book[1], state="closed", closed_on=NEXT)
    ChurnAlertFactory(customer=book[0], opened_on=NEXT)
    client.force_login(alice)

    assert {each.code for each in then(client, **query).page} == found
    assert {row["Code"] for row in exported(client, as_of="2025-03-10", **query)} == found


@pytest.mark.parametrize("sort", ["value", "-value", "name", "grade", "-grade", "since"])
def test_the_order_is_that_of_the_past(sort, book, alice, client):
    client.force_login(alice)

    found = [each.code for each in then(client, sort=sort).page]

    first = {"-value": 0, "value": 1, "grade": 0, "-grade": 1, "name": 0, "since": 0}[sort]
    assert found[0] == book[first].code


def test_the_file_carries_its_day_in_its_name_and_in_each_row(book, alice, client):
    client.force_login(alice)

    response = client.get(URL, {"as_of": "2025-03-10", "export": "csv"})

    assert b"2025-03-10" in b"".join(response.streaming_content)
    assert 'filename="customers-2025-03-10.csv"' in response["Content-Disposition"]
    rows = exported(client, as_of="2025-03-10")
    assert {row["As of"] for row in rows} == {"2025-03-10"}
    assert {row["Value, 12 months"] for row in rows} == {"5000.00", "100.00"}


def test_nothing_can_be_done_in_the_past_and_every_way_on_keeps_the_day(book, mona, client):
    client.force_login(mona)

    past = client.get(URL, {"as_of": "2025-03-10", "grade": "key", "eligible": "1"})
    page = past.content.decode()

    assert 'id="assign"' not in page
    assert "/customers/new/" not in page
    assert '<input type="hidden" name="as_of" value="2025-03-10"' in page
    assert 'href="/customers/?as_of=2025-03-10"' in page  # all filters off, still that day
    assert "grade=key" in page.split('rel="next"')[1].split(">")[0]
    assert "The book as it stood on Monday 10 March 2025" in page
    assert 'id="assign"' in client.get(URL).content.decode()


def test_who_came_later_is_not_in_the_book(book, alice, client):
    CustomerFactory(owner=alice, code="LATE")
    run_night(as_of=AS_OF + timedelta(days=2))
    client.force_login(alice)

    assert "LATE" not in shown(then(client))


def test_figures_that_are_no_longer_kept_are_said_to_be(book, alice, client):
    StandingSnapshot.objects.filter(as_of=AS_OF, customer=book[1]).delete()
    client.force_login(alice)

    page = client.get(URL, {"as_of": "2025-03-10"})
    text = page.content.decode()

    totals = page.context["listing"].totals
    assert (totals["count"], totals["kept"], totals["value"]) == (2, 1, Decimal(5000))
    assert "those of 1 customer of 2 are still kept" in text
    assert "not kept" in text
