"""One timeline over ten tables: order, groups, and pages that neither lose nor repeat."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from crm.models import OwnerChange
from followups.models import WinBackEvent
from followups.timeline import parse_cursor, timeline
from tests.factories import (
    AS_OF,
    CaseFactory,
    ChurnAlertFactory,
    CustomerFactory,
    FollowUpFactory,
    NightRunFactory,
    OrderFactory,
    OverrideFactory,
    PaymentFactory,
    PromiseFactory,
    UserFactory,
    VisitFactory,
    WinBackTouchFactory,
)
from tiering.models import AlertEvent, GradeChange
from tiering.services.alert_acts import acknowledge, close, snooze, undo

pytestmark = pytest.mark.django_db

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = datetime(2025, 3, 10, 4, 0, tzinfo=UTC)


@pytest.fixture
def customer(alice):
    return CustomerFactory(owner=alice, code="C-1", name="昆山恒力紧固件有限公司")


def grade_change(customer, **fields):
    fields = {
        "from_grade": "general",
        "to_grade": "key",
        "eligible": True,
        "cause": "data",
    } | fields
    run = NightRunFactory(as_of=fields.setdefault("as_of", AS_OF))
    return GradeChange.objects.create(customer=customer, run=run, **fields)


def owner_change(customer, changed_at=NOON, **fields):
    return OwnerChange.objects.create(customer=customer, changed_at=changed_at, **fields)


def one_of_everything(customer, day=AS_OF):
    """Every kind of event on one day; two from whatever was closed or ended on it."""
    noon = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
    order = OrderFactory(customer=customer, ordered_on=day)
    PaymentFactory(order=order, paid_on=day)
    visit = VisitFactory(customer=customer, happened_at=noon)
    PromiseFactory(visit=visit, kept=True, settled_on=day)
    CaseFactory(customer=customer, opened_on=day, due_on=day, closed_on=day)
    alert = ChurnAlertFactory(customer=customer, silent_since=day, opened_on=day)
    close(alert=alert, outcome="saved", by=customer.owner, today=day)
    grade_change(customer, as_of=day)
    owner_change(customer, noon)
    by = UserFactory()
    OverrideFactory(customer=customer, created_at=noon, ended_on=day, by=by, ended_by=by)
    touch = WinBackTouchFactory(plan__customer=customer, plan__state="lost")
    WinBackEvent.objects.create(
        plan=touch.plan, event="closed", happened_on=day, to_state="lost", by=by, reason="Moved"
    )
    FollowUpFactory(customer=customer, touch=touch, reason="winback", state="done", closed_at=noon)


def shown(customer, show="all", before="", size=20, zone=SHANGHAI):
    return timeline(customer, show=show, before=before, zone=zone, size=size)


def all_pages(customer, size, show="all"):
    keys, before = [], ""
    for _ in range(100):
        page = shown(customer, show, before, size)
        keys += [event.key for event in page.events]
        before = page.older
        if not before:
            break
    return keys


def test_everything_that_happened_is_in_it_once(customer):
    one_of_everything(customer)

    assert sorted(event.kind for event in shown(customer).events) == sorted(
        [
            *["alert_event", "alert_opened", "case_closed", "case_opened", "grade_change"],
            *["order", "owner_change", "payment", "promise_settled", "visit"],
            *["override", "override_ended", "winback_event", "winback_touch"],
        ]
    )


def test_what_was_done_to_win_it_back_is_told(customer, alice, client):
    touch = WinBackTouchFactory(plan__customer=customer, what="Show the new line")
    for event, state in (("started", "running"), ("changed", "running"), ("closed", "won")):
        WinBackEvent.objects.create(
            plan=touch.plan, event=event, happened_on=AS_OF, to_state=state, by=alice
        )
    for number in range(2):  # snoozed and asked again: one touch
        done = datetime(2025, 3, 11 + number, 4, tzinfo=UTC)
        FollowUpFactory(
            customer=customer, touch=touch, reason="winback", state="done", closed_at=done
        )
    WinBackTouchFactory(plan=touch.plan, what="Not yet")

    events = shown(customer, "visits").events
    assert [(event.kind, event.on.day) for event in events] == [
        ("winback_touch", 12), *[("winback_event", 10)] * 3,
    ]  # fmt: skip
    client.force_login(alice)
    text = client.get(reverse("customer_timeline", args=["C-1"])).text
    for said in ("Show the new line", "plan started", "touches changed", "closed: Won back"):
        assert said in text
    assert "Not yet" not in text


def test_the_life_of_an_alert_is_told(customer, alice, client):
    alert = ChurnAlertFactory(customer=customer, state="held")
    for event, day in (("raised", 0), ("told", 0), ("told", 3), ("escalated", 4)):
        on = AS_OF + timedelta(days=day)
        alert.events.create(event=event, to_state="open", happened_on=on)
    on = {"by": alice, "today": AS_OF + timedelta(days=5)}
    acknowledge(alert=alert, **on)
    close(alert=alert, outcome="false_alarm", **on)
    undo(alert=alert, **on)
    snooze(alert=alert, until=date(2025, 4, 1), reason="Stock-take", **on)
    close(alert=alert, outcome="lost", reason="Went elsewhere", **on)
    client.force_login(alice)

    page = client.get(reverse("customer_timeline", args=["C-1"])).text
    told = [event.row for event in shown(customer).events if event.kind == "alert_event"]

    assert told == list(AlertEvent.objects.filter(alert=alert).to_tell().latest_first())
    said = ["closed: Lost", "snoozed until 1 Apr", "Taken back; the alert is now: Acknowledged"]
    said += ["Alert closed</b>", "Alert acknowledged", "next level told", "standing next in line"]
    places = [page.index(each) for each in said]
    assert places == sorted(places)
    assert "Stock-take" in page
    assert "Next in line" in page


def test_the_newest_comes_first_whatever_its_table(customer):
    old = OrderFactory(customer=customer, ordered_on=date(2025, 1, 5))
    visit = VisitFactory(customer=customer, happened_at=datetime(2025, 3, 1, 2, tzinfo=UTC))
    case = CaseFactory(customer=customer, opened_on=date(2025, 2, 1))
    change = grade_change(customer, as_of=date(2025, 2, 20))

    assert [event.row for event in shown(customer).events] == [visit, change, case, old]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 19])
def test_pages_neither_lose_nor_repeat_events(customer, size):
    for day in (AS_OF, AS_OF - timedelta(days=1), AS_OF - timedelta(days=40)):
        one_of_everything(customer, day)
    VisitFactory.create_batch(3, customer=customer, happened_at=NOON)

    keys = all_pages(customer, size)

    assert len(keys) == 45
    assert keys == sorted(set(keys), reverse=True)


def test_visits_of_one_day_stand_by_their_time_over_pages(customer):
    late = VisitFactory(customer=customer, happened_at=NOON + timedelta(hours=3))
    early = VisitFactory(customer=customer, happened_at=NOON)

    first = shown(customer, size=1)
    second = shown(customer, before=first.older, size=1)

    assert [first.events[0].row, second.events[0].row] == [late, early]


def test_what_is_written_meanwhile_shifts_no_page(customer):
    orders = [OrderFactory(customer=customer, ordered_on=AS_OF - timedelta(days=n)) for n in (1, 2)]
    first = shown(customer, size=1)
    OrderFactory(customer=customer, ordered_on=AS_OF)

    assert [event.row for event in shown(customer, before=first.older).events] == orders[1:]


def test_the_day_of_a_visit_is_that_of_the_readers_zone(customer):
    VisitFactory(customer=customer, happened_at=datetime(2025, 3, 10, 20, tzinfo=UTC))

    assert shown(customer).events[0].on == date(2025, 3, 11)
    assert shown(customer, zone=UTC).events[0].on == date(2025, 3, 10)


@pytest.mark.parametrize(
    ("show", "kinds"),
    [
        ("orders", {"order", "payment"}),
        (
            "visits",
            {"visit", "promise_settled", "case_opened", "case_closed"}
            | {"winback_event", "winback_touch"},
        ),
        (
            "grade",
            {"grade_change", "owner_change", "alert_opened", "alert_event"}
            | {"override", "override_ended"},
        ),
    ],
)
def test_a_group_shows_its_own_kinds_on_every_page(customer, show, kinds):
    one_of_everything(customer)
    one_of_everything(customer, AS_OF - timedelta(days=3))

    assert {event.kind for event in shown(customer, show).events} == kinds
    assert len(all_pages(customer, 3, show)) == len(kinds) * 2


def test_other_customers_and_open_promises_are_not_in_it(customer):
    one_of_everything(CustomerFactory(owner=customer.owner))
    PromiseFactory(visit=VisitFactory(customer=customer))

    assert [event.kind for event in shown(customer).events] == ["visit"]


@pytest.mark.parametrize(
    "text", ["", "x", "20259999-3-0-1", "20250310-3-0", "20250310-3-0-9" * 9, "²0250310-3-0-1"]
)
def test_an_unreadable_cursor_is_the_first_page(text):
    assert parse_cursor(text) is None


def test_a_cursor_reads_back_as_it_was_written(customer):
    VisitFactory.create_batch(2, customer=customer, happened_at=datetime(1969, 5, 1, tzinfo=UTC))
    page = shown(customer, size=1)

    assert parse_cursor(page.older) == page.events[0].key
    assert len(shown(customer, before=page.older).events) == 1


@pytest.mark.parametrize(
    ("before", "after", "went"),
    [("general", "key", "up"), ("key", "maintain", "down"), ("", "key", ""), ("key", "key", "")],
)
def test_a_change_of_grade_says_where_it_led(customer, before, after, went):
    grade_change(customer, from_grade=before, to_grade=after)

    assert shown(customer).events[0].row.went == went


@pytest.mark.parametrize(
    ("viewer", "status"), [("alice", 200), ("mona", 200), ("ada", 200), ("otto", 404)]
)
def test_only_those_who_see_the_customer_see_its_timeline(
    viewer, status, customer, client, request
):
    OrderFactory(customer=customer, number="SO-1")
    client.force_login(request.getfixturevalue(viewer))

    response = client.get(reverse("customer_timeline", args=["C-1"]))

    assert response.status_code == status
    assert ("SO-1" in response.text) == (status == 200)


def test_older_events_come_without_the_head_of_the_card(customer, alice, client):
    OrderFactory.create_batch(17, customer=customer)
    client.force_login(alice)
    address = reverse("customer_timeline", args=["C-1"])

    first = client.get(address)
    older = client.get(address, {"older": first.context["timeline"].older})

    assert "Timeline" in first.text
    assert "Timeline" not in older.text
    assert len(older.context["timeline"].events) == 5
    assert "Show older" not in older.text


@pytest.mark.parametrize("count", [1, 3])
def test_a_page_of_the_timeline_costs_the_same_for_any_length(
    count, customer, alice, client, django_assert_num_queries
):
    for number in range(count):
        one_of_everything(customer, AS_OF - timedelta(days=number))
    client.force_login(alice)

    # user, customer, keys, the twelve kinds of the page and the promises of the visits
    with django_assert_num_queries(16):
        client.get(reverse("customer_timeline", args=["C-1"]))
