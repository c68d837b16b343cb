"""Who is told of an alert, and when the next level is; two people who act at the same moment."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction

from tests.factories import AS_OF, ChurnAlertFactory, StandingFactory, TeamFactory, UserFactory
from tiering.models import ChurnAlert, Notice
from tiering.services.alert_acts import AlertRefused, acknowledge, close, snooze
from tiering.services.notices import escalate, tell

MONDAY = AS_OF
FRIDAY = MONDAY + timedelta(days=4)


def after(days, first=MONDAY):
    return first + timedelta(days=days)


def told():
    return {(each.user.username, each.kind) for each in Notice.objects.select_related("user")}


@pytest.fixture
def director(east, db):
    east.parent = TeamFactory(name="Company")
    east.save()
    return UserFactory(username="dora", role="manager", team=east.parent)


@pytest.fixture
def alert(alice):
    return ChurnAlertFactory(customer__owner=alice)


@pytest.mark.django_db
def test_the_owner_is_told_and_of_key_customers_the_manager(alert, alice, mona, director, otto):
    assert (tell(on=MONDAY), tell(on=MONDAY)) == (1, 0)
    assert told() == {("alice", "opened")}

    key = StandingFactory(customer__owner=alice, grade="key").customer
    ChurnAlertFactory(customer=key)
    ChurnAlertFactory(customer__owner=None)
    assert tell(on=MONDAY) == 2
    assert told() == {("alice", "opened"), ("alice", "key"), ("mona", "key")}


@pytest.mark.django_db
@pytest.mark.parametrize(("told_on", "days"), [(MONDAY, 2), (FRIDAY, 4)])
def test_after_two_working_days_the_next_level_is_told_once(
    told_on, days, alice, mona, director, ada
):
    alert = ChurnAlertFactory(customer__owner=alice, opened_on=told_on)
    tell(on=told_on)

    assert escalate(on=after(days - 1, told_on)) == 0
    assert (escalate(on=after(days, told_on)), escalate(on=after(days + 9, told_on))) == (1, 0)

    assert told() == {("alice", "opened"), ("mona", "escalated")}
    assert list(alert.events.values_list("event", "happened_on")) == [
        ("escalated", after(days, told_on))
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("handed_over", [False, True])
def test_nobody_is_reported_for_what_they_could_not_have_seen(handed_over, alice, mona, east):
    """An alert of before there were notices, and one that came with a handover."""
    alert = ChurnAlertFactory(customer__owner=alice, opened_on=after(-40))
    owner = alice
    if handed_over:
        tell(on=after(-40))
        owner = UserFactory(username="new", role="rep", team=east)
        alert.customer.owner = owner
        alert.customer.save()

    assert (escalate(on=MONDAY), tell(on=MONDAY), escalate(on=MONDAY)) == (0, 1, 0)
    assert escalate(on=after(1)) == 0
    assert (owner.username, "opened") in told()
    assert (escalate(on=after(2)), escalate(on=after(3))) == (1, 0)
    assert ("mona", "escalated") in told()


@pytest.mark.django_db
def test_the_next_level_is_above_those_who_know(alice, mona, director, ada):
    key = StandingFactory(customer__owner=alice, grade="key").customer
    ChurnAlertFactory(customer=key)
    ChurnAlertFactory(customer__owner=director)
    tell(on=MONDAY)

    escalate(on=after(2))

    assert ("dora", "escalated") in told()
    assert ("ada", "escalated") in told()
    assert ("mona", "escalated") not in told()


@pytest.mark.django_db
def test_only_those_at_work_who_lead_the_owner_are_told(alice, mona, east, director, ada):
    people = [("co", "manager", True), ("left", "manager", False), ("beside", "rep", True)]
    for name, role, is_active in people:
        UserFactory(username=name, role=role, team=east, is_active=is_active)
    UserFactory(username="gone", role="admin", is_active=False)
    for owner in (alice, mona, director):
        ChurnAlertFactory(customer__owner=owner)
    ChurnAlertFactory(customer__owner=alice, state="acknowledged")
    assert tell(on=MONDAY) == 3

    escalate(on=after(2))

    found = Notice.objects.filter(kind="escalated")
    assert set(found.values_list("alert__customer__owner__username", "user__username")) == {
        ("alice", "mona"), ("alice", "co"), ("mona", "dora"), ("dora", "ada")
    }  # fmt: skip


@pytest.mark.django_db
def test_who_let_an_alert_sleep_has_two_working_days_from_when_it_wakes(alert, mona):
    tell(on=after(-40))
    ChurnAlert.objects.update(woke_on=MONDAY)

    assert (escalate(on=after(1)), escalate(on=after(2))) == (0, 1)


@pytest.mark.django_db
def test_what_somebody_looks_after_is_not_taken_higher(alice, mona):
    first, second, third, left = [ChurnAlertFactory(customer__owner=alice) for _ in range(4)]
    tell(on=MONDAY)
    acknowledge(alert=first, by=alice, today=after(1))
    snooze(alert=second, until=after(30), reason="Stock-take", by=alice, today=after(1))
    close(alert=third, outcome="saved", by=alice, today=after(1))

    assert escalate(on=after(9)) == 1
    assert Notice.objects.get(kind="escalated").alert == left


def wait_until_two_wait():
    waiting = """SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'"""
    with connection.cursor() as cursor:
        for _attempt in range(3000):
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(waiting)
            if cursor.fetchone()[0] == 2:
                return
            time.sleep(0.01)
    raise AssertionError("They did not wait for each other.")


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_of_two_who_close_at_once_the_second_is_told_and_nothing_changes(alert, alice, mona):
    def run(by, outcome):
        try:
            return close(alert=alert, outcome=outcome, reason="x", by=by, today=MONDAY)
        except AlertRefused as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        with transaction.atomic():  # so that neither is done before the other has begun
            ChurnAlert.objects.select_for_update().get(pk=alert.pk)
            both = pool.map(run, (alice, mona), ("saved", "lost"))
            wait_until_two_wait()
        answers = list(both)

    (refusal,) = [each for each in answers if isinstance(each, AlertRefused)]
    (winner,) = [each for each in answers if not isinstance(each, AlertRefused)]
    alert.refresh_from_db()
    assert winner.closed_by.name in str(refusal)
    assert (alert.outcome, alert.closed_by, alert.events.count()) == (
        winner.outcome, winner.closed_by, 1
    )  # fmt: skip
