"""Later, done, back and planned: from the row, for those who see the customer."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from followups.models import FollowUp
from tests.factories import CustomerFactory, FollowUpFactory, StandingFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2025, 3, 11, 2, 0, tzinfo=UTC)
TODAY = date(2025, 3, 11)
HTMX = {"HTTP_HX_REQUEST": "true", "HTTP_HX_CURRENT_URL": "http://testserver/today/"}
PEOPLE = [("alice", 200), ("mona", 200), ("ada", 200), ("otto", 404)]


@pytest.fixture(autouse=True)
def tuesday():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def followup(alice):
    return FollowUpFactory(customer__owner=alice, due_on=TODAY - timedelta(days=1))


def post(client, name, followup, data=None, **extra):
    return client.post(reverse(name, args=[followup.pk]), data or {}, **{**HTMX, **extra})


@pytest.mark.parametrize(("person", "status"), PEOPLE)
@pytest.mark.parametrize(
    ("name", "data"), [("followup_snooze", {"day": "2025-03-14"}), ("followup_done", {})]
)
def test_who_may_act(name, data, person, status, followup, client, request):
    before = FollowUp.objects.values().get()
    client.force_login(request.getfixturevalue(person))

    assert post(client, name, followup, data).status_code == status
    assert (FollowUp.objects.values().get() == before) == (status == 404)


@pytest.mark.parametrize(("person", "status"), PEOPLE)
@pytest.mark.parametrize("name", ["followup_snooze", "followup_row"])
def test_who_may_open(name, person, status, followup, client, request):
    client.force_login(request.getfixturevalue(person))

    for extra in ({}, HTMX):
        url = reverse(name, args=[followup.pk])
        assert client.get(url, **extra).status_code == status


@pytest.mark.parametrize("field", ["day", "pick"])
def test_later_moves_the_row_to_its_new_heading(field, followup, alice, client):
    client.force_login(alice)

    response = post(client, "followup_snooze", followup, {field: "2025-03-14"})

    followup.refresh_from_db()
    assert followup.due_on == date(2025, 3, 14)
    assert "Now on <b>Fri 14 Mar</b>." in response.content.decode()
    assert [(code, row.followup) for code, row in response.context["added"]] == [("week", followup)]


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"day": "2025-03-10"}, "That day is in the past."),
        ({"pick": "2025-09-08"}, "more than 180 days away"),
        ({"pick": "soon"}, "Enter a valid date."),
        ({}, "Choose a day."),
    ],
)
def test_a_day_that_cannot_be_says_why(sent, said, followup, alice, client):
    client.force_login(alice)

    response = post(client, "followup_snooze", followup, sent | {"x": "1"})

    followup.refresh_from_db()
    assert said in response.content.decode()
    assert followup.due_on == TODAY - timedelta(days=1)


def test_done_and_back(followup, alice, client):
    client.force_login(alice)

    assert post(client, "followup_done", followup).context["counts"].done == 1
    response = post(client, "followup_back", followup)

    followup.refresh_from_db()
    assert followup.is_open
    assert response.context["counts"].overdue == 1


def test_later_and_back(followup, alice, client):
    client.force_login(alice)

    post(client, "followup_snooze", followup, {"day": "2025-03-14"})
    post(client, "followup_back", followup)

    followup.refresh_from_db()
    assert followup.due_on == TODAY - timedelta(days=1)


def test_back_of_nothing_says_so(followup, alice, client):
    client.force_login(alice)

    response = post(client, "followup_back", followup)

    assert "The day of this follow-up has not been moved." in response.content.decode()


def test_done_twice_shows_that_it_is_closed(followup, alice, mona, client):
    client.force_login(mona)
    post(client, "followup_done", followup)
    client.force_login(alice)

    page = post(client, "followup_done", followup).content.decode()

    followup.refresh_from_db()
    assert "Somebody has already closed this follow-up." in page
    assert followup.closed_by == mona


def test_without_javascript_it_comes_back_to_the_list(followup, alice, client):
    client.force_login(alice)

    response = client.post(reverse("followup_done", args=[followup.pk]), follow=True)

    assert response.redirect_chain == [(reverse("today"), 302)]
    assert f"{followup.customer.name}: done." in response.content.decode()


@pytest.mark.parametrize(("person", "status"), PEOPLE)
def test_planning(person, status, alice, client, request):
    customer = CustomerFactory(owner=alice)
    StandingFactory(customer=customer)
    client.force_login(request.getfixturevalue(person))
    url = f"{reverse('followup_new')}?customer={customer.code}"

    assert client.get(url, **HTMX).status_code == status
    sent = {"day": "2025-03-14", "note": "after the fair"}
    assert client.post(url, sent, **HTMX).status_code == status

    planned = list(FollowUp.objects.values_list("reason", "due_on", "note", "assignee"))
    expected = [("planned", date(2025, 3, 14), "after the fair", alice.pk)]
    assert planned == (expected if status == 200 else [])
    row = reverse("customer_row", args=[customer.code])
    assert client.get(row, **HTMX).status_code == status


def test_away_from_the_list_only_the_row_comes_back(followup, alice, client):
    client.force_login(alice)

    response = post(
        client, "followup_done", followup, HTTP_HX_CURRENT_URL="http://testserver/follow-ups/"
    )

    assert "hx-swap-oob" not in response.content.decode()
