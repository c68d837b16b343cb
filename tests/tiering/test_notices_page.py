"""What one is told of alerts: only one's own, while one sees the customer, and what is read."""

import pytest
from django.urls import reverse

from tests.factories import (
    ChurnAlertFactory,
    CustomerFactory,
    NoticeFactory,
    StandingFactory,
    UserFactory,
)
from tiering.models import Notice
from tiering.waiting import waiting_for

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine("2025-03-11 04:00")]

URL = "/notices/"


@pytest.fixture
def notice(alice):
    return NoticeFactory(alert__customer__owner=alice)


def seen(client):
    return [
        (each.alert.customer.owner.username, each.kind) for each in client.get(URL).context["page"]
    ]


def unread(user):
    return list(Notice.objects.filter(user=user).unread())


@pytest.mark.parametrize("viewer", ["alice", "mona", "ada", "otto"])
def test_everybody_reads_what_they_were_told_themselves(viewer, notice, mona, client, request):
    NoticeFactory(alert=notice.alert, user=mona, kind="escalated")
    client.force_login(request.getfixturevalue(viewer))

    told = {"alice": [("alice", "opened")], "mona": [("alice", "escalated")]}

    assert seen(client) == told.get(viewer, [])
    assert ("Nobody has told you" in client.get(URL).text) == (viewer not in told)


def test_what_left_the_scope_is_neither_shown_nor_counted_nor_read(notice, alice, otto, client):
    customer = notice.alert.customer
    customer.owner = otto
    customer.save()
    client.force_login(alice)

    assert seen(client) == []
    assert waiting_for(alice) == (0, 0)
    client.post("/notices/read/")
    assert unread(alice) == [notice]


def test_for_a_manager_of_nobody_nothing_waits():
    assert waiting_for(UserFactory(role="manager", team=None)) == (0, 0)


def test_what_waits_is_counted_in_one_question(notice, alice, mona, django_assert_num_queries):
    NoticeFactory(alert__customer__owner=alice, read_at="2025-03-10T04:00Z")
    ChurnAlertFactory(customer=CustomerFactory(owner=alice), state="held")
    NoticeFactory(alert=notice.alert, user=mona)

    with django_assert_num_queries(1):
        assert waiting_for(alice) == (2, 1)


def test_a_notice_is_read_when_its_alert_is_opened_or_acted_on(notice, alice, mona, client):
    other = NoticeFactory(alert__customer__owner=alice)
    NoticeFactory(alert=notice.alert, user=mona)
    client.force_login(alice)

    client.get(f"/alerts/{notice.alert.pk}/")
    assert unread(alice) == [other]
    client.post("/act/alerts/", {"act": "acknowledge", "alerts": [other.alert.pk]})
    assert unread(alice) == []
    assert len(unread(mona)) == 1


def test_all_of_ones_own_are_read_at_once(notice, alice, mona, client):
    NoticeFactory(alert=notice.alert, user=mona)
    client.force_login(alice)

    page = client.get(URL).text
    answer = client.post("/notices/read/", follow=True)

    assert "1 unread notice" in page
    assert "All of them are read." in answer.text
    assert (unread(alice), len(unread(mona))) == ([], 1)
    assert client.get("/notices/read/").status_code == 405


def test_the_newest_comes_first_then_the_dearest(alice, client):
    for pence, day in ((10, 9), (10, 10), (90, 10)):
        NoticeFactory(
            alert__customer__owner=alice, alert__value_at_risk=pence, told_on=f"2025-03-{day:02}"
        )
    client.force_login(alice)

    rows = client.get(URL).context["page"]

    assert [(each.told_on.day, each.alert.value_at_risk) for each in rows] == [
        (10, 90), (10, 10), (9, 10)
    ]  # fmt: skip


def told_mona_of(alice, mona, count, **fields):
    return [
        NoticeFactory(
            alert__customer__owner=alice,
            alert__value_at_risk=100 + number,
            user=mona,
            kind="escalated",
            **fields,
        )
        for number in range(count)
    ]


def test_a_manager_is_told_of_many_at_once_in_one_line(alice, mona, otto, client):
    first, *others = told_mona_of(alice, mona, 5)
    (closed,) = told_mona_of(alice, mona, 1, alert__state="closed", alert__closed_on="2025-03-11")
    few = told_mona_of(alice, mona, 5, told_on="2025-03-07")
    client.force_login(mona)

    page = client.get(URL)
    lines = page.context["page"]
    assert [(line.of_day, line.is_many) for line in lines] == [(6, True)] + [(5, False)] * 5
    assert (lines[0].money_of_day, lines[0].open_of_day) == (610, 5)
    assert lines[0].alert == others[-1].alert
    assert "6 alerts" in page.text
    assert "5 of them are still open." in page.text
    assert waiting_for(mona).notices == 6

    own = NoticeFactory(alert__customer__owner=alice, user=mona, kind="key")
    assert waiting_for(mona).notices == 7
    listed = client.get("/notices/escalated/2025-03-10/", follow=True).context["listing"]
    assert listed.totals["count"] == 6
    assert (len(unread(mona)), waiting_for(mona).notices) == (6, 6)
    still = client.get("/alerts/?notice=escalated&told_on=2025-03-10").context["listing"]
    assert {row.pk for row in still.page} == {each.alert.pk for each in (first, *others)}
    assert closed.alert.pk not in {row.pk for row in still.page}
    assert {few[0], own} <= set(unread(mona))


def test_the_line_of_many_is_ones_own(alice, mona, otto, client):
    told_mona_of(alice, mona, 6)
    client.force_login(otto)

    assert client.get("/notices/escalated/2025-03-10/").status_code == 404
    assert client.get("/notices/nonsense/2025-03-10/").status_code == 404
    assert client.get("/notices/escalated/never/").status_code == 404
    assert len(unread(mona)) == 6


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_for_any_length(count, alice, client, django_assert_num_queries):
    for _ in range(count):
        customer = StandingFactory(customer__owner=alice).customer
        NoticeFactory(alert=ChurnAlertFactory(customer=customer))
    client.force_login(alice)

    with django_assert_num_queries(5):
        client.get(URL)


@pytest.mark.parametrize("name", ["dashboard", "overrides", "customer_grade", "alerts"])
def test_the_navigation_of_every_page_says_what_waits(name, notice, mona, client):
    NoticeFactory(alert=notice.alert, user=mona)
    client.force_login(mona)
    args = [notice.alert.customer.code] if name == "customer_grade" else []

    page = client.get(reverse(name, args=args)).text

    assert 'aria-label="1 unread notice"' in page
