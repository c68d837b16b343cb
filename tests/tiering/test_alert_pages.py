"""Acting on alerts from the pages: in the row, on a page of its own, on many, within one's scope."""

from datetime import date

import pytest

from tests.factories import ChurnAlertFactory, StandingFactory
from tiering.models import ChurnAlert

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine("2025-03-11 04:00")]


@pytest.fixture
def alert(alice):
    return ChurnAlertFactory(customer__owner=alice)


def post(client, alert, **said):
    return client.post(f"/alerts/{alert.pk}/", said)


def state(alert):
    return ChurnAlert.objects.get(pk=alert.pk).state


@pytest.mark.parametrize(
    ("viewer", "does"), [("alice", True), ("mona", True), ("ada", True), ("otto", False)]
)
def test_who_sees_the_customer_acts_on_its_alert(viewer, does, alert, client, request):
    client.force_login(request.getfixturevalue(viewer))

    assert client.get(f"/alerts/{alert.pk}/").status_code == (200 if does else 404)
    assert post(client, alert, act="acknowledge").status_code == (302 if does else 404)
    many = client.post("/act/alerts/", {"act": "close", "outcome": "saved", "alerts": alert.pk})
    assert many.status_code == (302 if does else 404)
    assert state(alert) == ("closed" if does else "open")


def test_snoozed_closed_and_taken_back_with_what_was_said(alert, alice, client):
    client.force_login(alice)

    post(client, alert, act="snooze", until="2025-03-20", reason="Stock-take")
    assert state(alert) == "snoozed"
    post(client, alert, act="close", outcome="lost", reason="Went elsewhere")
    assert state(alert) == "closed"
    page = client.get(f"/alerts/{alert.pk}/").content.decode()
    assert "Stock-take" in page
    assert "Went elsewhere" in page
    post(client, alert, act="undo")
    assert state(alert) == "snoozed"


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"act": "snooze", "until": "2025-03-10", "reason": "x"}, "not in the future"),
        ({"act": "snooze", "reason": "x"}, "Choose a day"),
        ({"act": "snooze", "reason": "x", "until": "soon"}, "Enter a valid date.</p>"),
        ({"act": "close", "outcome": "lost"}, "why the customer is lost"),
        ({"act": "undo"}, "nothing to take back"),
    ],
)
def test_what_cannot_be_is_said_and_changes_nothing(said, why, alert, alice, client):
    client.force_login(alice)

    page = post(client, alert, **said).content.decode()

    assert why in page
    assert state(alert) == "open"


def test_the_second_who_closes_reads_who_was_first(alert, alice, mona, client):
    client.force_login(alice)
    post(client, alert, act="close", outcome="saved")
    client.force_login(mona)

    page = post(client, alert, act="close", outcome="lost", reason="x").content.decode()

    assert "Alice Ai has closed this alert on 11 Mar: Saved." in page
    assert ChurnAlert.objects.get(pk=alert.pk).outcome == "saved"


def test_in_the_row_the_answer_is_a_row(alert, alice, client):
    client.force_login(alice)
    htmx = {"HX-Request": "true"}

    opened = client.get(f"/alerts/{alert.pk}/", headers=htmx).content.decode()
    done = client.post(f"/alerts/{alert.pk}/", {"act": "acknowledge"}, headers=htmx)

    assert opened.startswith("<tr")
    assert f'id="alert-{alert.pk}"' in done.content.decode()
    assert "Take back" in done.content.decode()


def test_tabs_count_what_stands_behind_them(alice, client):
    for name in ("open", "acknowledged", "held", "held"):
        ChurnAlertFactory(customer__owner=alice, state=name, value_at_risk=10)
    ChurnAlertFactory(
        customer__owner=alice, state="snoozed", snoozed_until=date(2025, 3, 20), value_at_risk=10
    )
    # Silent for a year meanwhile: lost, and no longer in line.
    gone = ChurnAlertFactory(customer__owner=alice, state="held", value_at_risk=0)
    StandingFactory(customer=gone.customer, eligible=False)
    client.force_login(alice)

    page = client.get("/alerts/")
    tabs = {tab.code: (tab.count, tab.money) for tab in page.context["tabs"]}

    assert tabs == {"open": (2, 20), "held": (2, 20), "snoozed": (1, 10), "closed": (0, None)}
    for code, (count, _) in tabs.items():
        assert client.get("/alerts/", {"state": code}).context["listing"].totals["count"] == count
    assert client.get("/alerts/", {"state": "all"}).context["listing"].totals["count"] == 6


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"state": "held"}, "Nothing stands next in line."),
        ({"state": "snoozed"}, "No alert sleeps."),
        ({"state": "snoozed", "grade": "key"}, "No alert is like that."),
        ({}, "No alert is open."),
    ],
)
def test_an_empty_tab_says_what_it_would_hold(asked, said, alice, client):
    client.force_login(alice)

    assert said in client.get("/alerts/", asked).text


def test_on_many_what_cannot_be_leaves_the_others_alone(alert, alice, client):
    other = ChurnAlertFactory(customer__owner=alice, state="acknowledged")
    client.force_login(alice)

    sent = {"act": "acknowledge", "alerts": [alert.pk, other.pk]}
    client.post("/act/alerts/", sent)

    assert (state(alert), state(other)) == ("acknowledged", "acknowledged")
    assert (alert.events.count(), other.events.count()) == (1, 0)
