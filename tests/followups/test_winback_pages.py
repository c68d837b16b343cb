"""Win-back from the pages: decided in the list, worked on the plan, summed up, in scope."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.contrib.messages import get_messages

from followups.models import FollowUp, WinBack
from tests.factories import (
    AS_OF,
    LostCustomerFactory,
    OrderFactory,
    StandingFactory,
    WinBackFactory,
    WinBackTouchFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine("2025-03-11 04:00")]
LINES = {"days_0": "0", "channel_0": "phone", "what_0": "Call them", "days_1": "", "what_1": ""}


@pytest.fixture
def loss(alice):
    return LostCustomerFactory(customer__owner=alice, customer__code="L1")


@pytest.fixture
def plan(loss):
    return WinBackTouchFactory(plan__customer=loss.customer).plan


def begin(client, *codes, **said):
    return client.post("/winback/start/", {"customers": codes, "confirmed": "1", **LINES, **said})


def seen(client, address="/winback/", **query):
    return list(client.get(address, query).context["listing"].page)


def text(response):
    return response.content.decode()


@pytest.mark.parametrize(
    ("viewer", "does"), [("alice", True), ("mona", True), ("ada", True), ("otto", False)]
)
def test_who_sees_the_customer_decides_on_it(viewer, does, loss, client, request):
    client.force_login(request.getfixturevalue(viewer))

    assert client.get("/winback/start/?customer=L1").status_code == (200 if does else 404)
    declined = client.post("/winback/decline/", {"customers": "L1", "reason": "Never paid"})
    assert declined.status_code == (302 if does else 404)
    assert WinBack.objects.count() == int(does)
    WinBack.objects.all().delete()
    assert begin(client, "L1").status_code == (302 if does else 404)
    assert WinBack.objects.running().count() == FollowUp.objects.open().count() == int(does)


@pytest.mark.parametrize(
    ("code", "reason", "status"),
    [("\0", "Never paid", 404), ("L1", "\0", 302), ("L1", "x" * 501, 302)],
)
def test_what_cannot_be_stored_decides_nothing(code, reason, status, loss, alice, client):
    client.force_login(alice)

    sent = client.post("/winback/decline/", {"customers": code, "reason": reason})

    assert (sent.status_code, WinBack.objects.count()) == (status, 0)
    assert status == 404 or list(get_messages(sent.wsgi_request))


@pytest.mark.parametrize(("viewer", "does"), [("alice", True), ("mona", True), ("otto", False)])
def test_who_sees_the_customer_works_on_its_plan(viewer, does, plan, client, request):
    client.force_login(request.getfixturevalue(viewer))
    address = f"/winback/plans/{plan.pk}/"

    assert client.get(address).status_code == (200 if does else 404)
    sent = client.post(address, {"act": "close", "outcome": "lost", "reason": "x"})
    assert sent.status_code == (302 if does else 404)
    assert WinBack.objects.get(pk=plan.pk).is_running is not does
    assert seen(client, "/winback/plans/") == ([plan] if does else [])


def test_several_are_started_at_once_after_their_touches_are_seen(loss, alice, client):
    LostCustomerFactory(customer__owner=alice, customer__code="L2")
    client.force_login(alice)

    asked = text(client.post("/winback/start/", {"customers": ["L1", "L2"]}))
    assert "A plan for 2 customers" in asked
    assert "ask why they stopped" in asked
    assert not WinBack.objects.exists()
    done = begin(client, "L1", "L2", days_1="30", what_1="Offer", channel_1="on_site")

    assert done["Location"] == "/winback/?"
    assert [plan.touches.count() for plan in WinBack.objects.running()] == [2, 2]


def test_a_day_that_cannot_be_is_said_and_nothing_starts(loss, alice, client):
    client.force_login(alice)

    page = text(begin(client, "L1", days_0="999"))

    assert "less than or equal to 180" in page
    assert not WinBack.objects.exists()
    begin(client, "L1", what_0="")
    assert not WinBack.objects.exists()


def test_decided_customers_leave_the_list_until_they_are_asked_for(plan, loss, alice, client):
    other = LostCustomerFactory(customer__owner=alice)
    declined = WinBackFactory(customer__owner=alice, state="not_worth")
    given_up = LostCustomerFactory(customer=declined.customer)
    client.force_login(alice)

    assert seen(client) == [other]
    assert seen(client, plan="running") == [loss]
    assert seen(client, plan="declined") == [given_up]
    assert set(seen(client, plan="all")) == {other, loss, given_up}
    WinBack.objects.update(closed_on=date(2024, 3, 11), state="not_worth")
    assert set(seen(client)) == {other, loss, given_up}


def test_the_page_of_a_plan_changes_closes_and_takes_back(plan, alice, client):
    client.force_login(alice)
    address = f"/winback/plans/{plan.pk}/"

    client.post(address, {"act": "change", **LINES, "what_0": "Write a letter"})
    assert "Write a letter" in text(client.get(address))
    client.post(address, {"act": "close", "outcome": "not_worth", "reason": "Never paid"})
    page = text(client.get(address))
    assert "Never paid" in page
    assert "Close the plan" not in page
    client.post(address, {"act": "undo"})
    assert WinBack.objects.get().is_running
    assert "Choose what is to be done" in text(client.post(address, {"act": "nonsense"}))


def test_the_second_who_closes_reads_who_was_first(plan, alice, mona, client):
    address, said = f"/winback/plans/{plan.pk}/", {"act": "close", "outcome": "lost", "reason": "x"}
    client.force_login(alice)
    client.post(address, said)
    client.force_login(mona)

    assert "Alice Ai has ended this plan on" in text(client.post(address, said))


@pytest.fixture
def results(alice, otto):
    """Alice: one won with 150 regained, one lost. Otto: one won with 40. And two without plans."""
    for owner, amounts, state in (
        (alice, (100, 50), "won"),
        (alice, (), "lost"),
        (otto, (40,), "won"),
    ):
        plan = WinBackFactory(
            customer__owner=owner,
            state=state,
            started_on=AS_OF - timedelta(days=50),
            returned_on=AS_OF - timedelta(days=9) if amounts else None,
        )
        WinBackTouchFactory(plan=plan)
        LostCustomerFactory(customer=plan.customer, returned_on=plan.returned_on)
        for amount in amounts:
            day = plan.returned_on
            OrderFactory(customer=plan.customer, ordered_on=day, amount=Decimal(amount))
    LostCustomerFactory(customer__owner=alice)
    LostCustomerFactory(customer__owner=alice, returned_on=AS_OF)
    LostCustomerFactory(customer__owner=alice, returned_on=AS_OF - timedelta(days=370))


@pytest.mark.parametrize(
    ("viewer", "sums", "owners", "without"),
    [
        ("alice", (2, 1, 2, 150), None, (2, 1)),
        ("mona", (2, 1, 2, 150), [("Alice Ai", 150)], (2, 1)),
        ("ada", (3, 2, 3, 190), [("Alice Ai", 150), ("Otto Ou", 40)], (2, 1)),
        ("otto", (1, 1, 1, 40), None, (0, 0)),
    ],
)
def test_what_was_regained_by_plan_and_owner_and_who_came_without(
    viewer, sums, owners, without, results, client, request
):
    client.force_login(request.getfixturevalue(viewer))
    shown = client.get("/winback/plans/")
    totals = shown.context["listing"].totals

    assert tuple(totals[name] for name in ("count", "won", "ended", "regained_sum")) == sums
    assert shown.context["without"] == {"lost": without[0], "back": without[1]}
    if owners is not None:
        found = [(row["owner_name"], row["regained_sum"]) for row in shown.context["owners"]]
        assert found == owners
    assert ("By owner" in text(shown)) is (owners is not None)
    lines = client.get("/winback/plans/", {"export": "csv"}).getvalue().decode().splitlines()
    assert len(lines) == sums[0] + 1


@pytest.mark.parametrize("count", [1, 3])
def test_pages_cost_the_same_for_any_length(count, mona, alice, client, django_assert_num_queries):
    for _ in range(count):
        plan = WinBackFactory(customer__owner=alice)
        WinBackTouchFactory.create_batch(count, plan=plan)
        LostCustomerFactory(customer=plan.customer)
    client.force_login(mona)

    with django_assert_num_queries(12):
        client.get("/winback/plans/")
    with django_assert_num_queries(10):
        client.get("/winback/", {"plan": "all"})
    with django_assert_num_queries(10):
        client.get(f"/winback/plans/{plan.pk}/")
    lost = [LostCustomerFactory(customer__owner=alice).customer.code for _ in range(count)]
    with django_assert_num_queries(14):
        begin(client, *lost)
    assert WinBack.objects.filter(customer__code__in=lost, events__event="started").count() == count


def test_today_shows_the_touch_with_its_channel(loss, alice, client):
    StandingFactory(customer=loss.customer, eligible=False, silent_days=400)
    client.force_login(alice)
    begin(client, "L1", channel_0="on_site")

    page = text(client.get("/today/"))

    assert "Win-back: <b>Call them</b>" in page
    assert "Last order 400 days ago" in page


def test_the_page_of_the_customer_shows_a_running_plan_and_offers_one(loss, alice, client):
    client.force_login(alice)
    offered = text(client.get("/customers/L1/"))
    assert "/winback/start/?customer=L1" in offered

    begin(client, "L1")

    shown = text(client.get("/customers/L1/"))
    assert "Call them" in shown
    assert f"/winback/plans/{WinBack.objects.get().pk}/" in shown
    assert "/winback/start/" not in shown
