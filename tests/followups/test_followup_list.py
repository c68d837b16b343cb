"""The list of follow-ups: same rows on the page, in the totals and in the file."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse

from tests.factories import CustomerFactory, FollowUpFactory, StandingFactory, UserFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2025, 3, 11, 2, 0, tzinfo=UTC)
TODAY = NOW.date()


@pytest.fixture(autouse=True)
def tuesday():
    with time_machine.travel(NOW, tick=False):
        yield


def followup(owner, *, days=0, grade="general", **fields):
    customer = CustomerFactory(owner=owner)
    StandingFactory(customer=customer, grade=grade, value_at_risk=Decimal(100))
    return FollowUpFactory(customer=customer, due_on=TODAY + timedelta(days=days), **fields)


def listing(client, **asked):
    return client.get(reverse("followups"), asked).context["listing"]


@pytest.mark.parametrize(
    ("viewer", "seen"), [("alice", True), ("mona", True), ("ada", True), ("otto", False)]
)
def test_the_list_shows_what_the_viewer_may_see(viewer, seen, alice, client, request):
    row = followup(alice)
    client.force_login(request.getfixturevalue(viewer))

    shown = listing(client)

    assert list(shown.page) == ([row] if seen else [])
    assert shown.totals["count"] == seen


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, ["late", "today", "week", "later"]),
        ({"when": "overdue"}, ["late"]),
        ({"when": "today"}, ["today"]),
        ({"when": "week"}, ["week"]),
        ({"when": "later"}, ["later"]),
        ({"state": "done"}, ["done"]),
        ({"state": "all"}, ["done", "late", "today", "week", "later"]),
        ({"reason": "cadence"}, ["week"]),
        ({"grade": "key"}, ["later"]),
        ({"mine": "1", "when": "overdue"}, ["late"]),
        ({"sort": "-due"}, ["later", "week", "today", "late"]),
        ({"when": "someday"}, []),
    ],
)
def test_filters(asked, expected, alice, client):
    rows = {
        "late": followup(alice, days=-1),
        "today": followup(alice),
        "week": followup(alice, days=7, reason="cadence"),
        "later": followup(alice, days=8, grade="key"),
        "done": followup(alice, days=-2, state="done", closed_at=NOW),
    }
    client.force_login(alice)

    assert list(listing(client, **asked).page) == [rows[name] for name in expected]


def test_the_figures_of_the_dashboard_open_their_rows(alice, mona, east, client):
    late = followup(alice, days=-1)
    followup(mona, days=-1)
    pooled = followup(None, days=-1)
    left = followup(UserFactory(team=east, is_active=False), days=-1)
    client.force_login(mona)

    assert list(listing(client, when="overdue", assignee=alice.pk).page) == [late]
    assert list(listing(client, when="overdue", assignee="none").page) == [pooled]
    assert set(listing(client, mine="1").page) >= {pooled, left}
    assert late not in listing(client, mine="1").page


def test_totals_count_the_money_of_a_customer_once(alice, client):
    row = followup(alice)
    FollowUpFactory(customer=row.customer, reason="planned", due_on=TODAY)
    client.force_login(alice)

    totals = listing(client).totals

    assert (totals["count"], totals["customers"], totals["at_risk"]) == (2, 1, 100)


def test_the_file_holds_the_rows_of_the_page(alice, otto, client):
    row = followup(alice, note="=1+1")
    followup(otto)
    client.force_login(alice)

    response = client.get(reverse("followups"), {"export": "csv"})

    lines = b"".join(response.streaming_content).decode("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert row.customer.code in lines[1]
    assert "'=1+1" in lines[1]


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_any_length(count, alice, client, django_assert_num_queries):
    for _ in range(count):
        followup(alice)
    client.force_login(alice)
    client.get(reverse("followups"))

    with django_assert_num_queries(7):
        client.get(reverse("followups"))
