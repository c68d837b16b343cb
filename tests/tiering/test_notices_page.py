"""What one is told of alerts: only one's own, while one sees the customer, and what is read."""

import pytest

from tests.factories import ChurnAlertFactory, CustomerFactory, NoticeFactory, StandingFactory
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


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_for_any_length(count, alice, client, django_assert_num_queries):
    for _ in range(count):
        customer = StandingFactory(customer__owner=alice).customer
        NoticeFactory(alert=ChurnAlertFactory(customer=customer))
    client.force_login(alice)

    with django_assert_num_queries(5):
        client.get(URL)
