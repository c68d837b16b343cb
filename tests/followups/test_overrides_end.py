"""Whoever looks after a customer, and whoever set its grade, hear of its end in time."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from followups.models import FollowUp
from followups.services import mark_done, refresh
from tests.factories import (
    CustomerFactory,
    FollowUpFactory,
    OverrideFactory,
    StandingFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine("2025-03-11 04:00")]

TODAY = date(2025, 3, 11)
NOTICE = timedelta(days=14)


def ends(days: int, **fields):
    return OverrideFactory(until=TODAY + timedelta(days=days), **fields)


def notices() -> list[tuple]:
    rows = FollowUp.objects.open().order_by("reason", "id")
    return [(row.reason, row.assignee, row.due_on) for row in rows]


@pytest.mark.parametrize(("days", "told"), [(15, 0), (14, 2), (1, 2), (0, 2), (-1, 0)])
def test_two_weeks_before_the_last_day_owner_and_author_are_told(days, told, alice, mona):
    ends(days, customer__owner=alice, by=mona)

    assert refresh(today=TODAY) == told


def test_they_have_a_week_to_decide(alice, mona):
    override = ends(14, customer__owner=alice, by=mona)

    refresh(today=TODAY)

    week = TODAY + timedelta(days=7)
    assert notices() == [("override", alice, week), ("set_grade", mona, week)]
    followup = FollowUp.objects.first()
    assert (followup.override, followup.subject) == (override, "They open three new plants")


def test_a_short_one_is_decided_on_at_once(alice, mona):
    ends(3, customer__owner=alice, by=mona)

    refresh(today=TODAY)

    assert {due_on for _, _, due_on in notices()} == {TODAY}


def test_an_owner_who_set_it_is_told_once(mona):
    ends(5, customer__owner=mona, by=mona)

    assert refresh(today=TODAY) == 1
    assert notices() == [("override", mona, TODAY)]


def test_in_the_pool_nobody_owns_the_notice_and_the_author_is_told(mona):
    ends(5, customer__owner=None, by=mona)

    refresh(today=TODAY)

    assert [who for _, who, _ in notices()] == [None, mona]


def test_an_author_who_has_left_is_not_told(alice):
    ends(5, customer__owner=alice, by=UserFactory(is_active=False))

    assert refresh(today=TODAY) == 1


@pytest.mark.parametrize(
    "fields", [{"approved_at": None}, {"ended_on": TODAY}, {"approved_at": None, "ended_on": TODAY}]
)
def test_what_is_not_in_force_is_not_told(fields):
    ends(5, **fields)

    assert refresh(today=TODAY) == 0


def test_a_repeated_run_adds_nothing_and_a_missed_one_heals(alice, mona):
    ends(14, customer__owner=alice, by=mona)

    assert refresh(today=TODAY + timedelta(days=4)) == 2
    assert refresh(today=TODAY + timedelta(days=4)) == 0
    assert refresh(today=TODAY + timedelta(days=5)) == 0


def test_what_was_ticked_off_does_not_come_back(alice, mona):
    ends(5, customer__owner=alice, by=mona)
    refresh(today=TODAY)
    mark_done(followup=FollowUp.objects.get(reason="override"), by=alice, now=timezone.now())

    assert refresh(today=TODAY) == 0
    assert [reason for reason, _, _ in notices()] == ["set_grade"]


def test_notices_go_when_it_ended_or_its_last_day_is_over(alice, mona):
    early = ends(5, customer__owner=alice, by=mona)
    ends(5, customer__owner=alice, by=mona)
    refresh(today=TODAY)
    assert len(notices()) == 4

    early.ended_on = TODAY
    early.save()
    refresh(today=TODAY)
    assert len(notices()) == 2

    refresh(today=TODAY + timedelta(days=5))
    assert len(notices()) == 2
    refresh(today=TODAY + timedelta(days=6))
    assert notices() == []


def test_the_next_one_of_the_same_customer_is_told_again(alice, mona):
    customer = CustomerFactory(owner=alice)
    former = ends(5, customer=customer, by=mona)
    refresh(today=TODAY)
    former.ended_on = TODAY
    former.save()
    ends(6, customer=customer, by=mona)

    assert refresh(today=TODAY) == 2
    assert {row.override.until for row in FollowUp.objects.open()} == {TODAY + timedelta(days=6)}


def test_the_owners_notice_follows_the_customer_and_the_authors_stays(alice, mona):
    override = ends(5, customer__owner=alice, by=mona)
    refresh(today=TODAY)
    new = UserFactory(team=alice.team)
    override.customer.owner = new
    override.customer.save()

    refresh(today=TODAY)

    assert [who for _, who, _ in notices()] == [new, mona]


@pytest.mark.parametrize("viewer", ["alice", "mona"])
def test_today_says_what_ends_and_what_is_computed(viewer, alice, mona, client, request):
    standing = StandingFactory(customer__owner=alice, grade="key", computed_grade="general")
    ends(5, customer=standing.customer, by=mona)
    refresh(today=TODAY)
    client.force_login(request.getfixturevalue(viewer))

    page = client.get("/today/").content.decode()

    assert "<b>Key</b>, set by Mona Mo, ends on" in page
    assert "computed: General" in page
    listed = client.get("/follow-ups/").content.decode()
    assert "They open three new plants" in listed


@pytest.mark.parametrize("count", [1, 3])
def test_lists_cost_the_same_for_any_number(count, alice, client, django_assert_num_queries):
    for _ in range(count):
        standing = StandingFactory(customer__owner=alice)
        override = ends(0, customer=standing.customer, by=alice)
        FollowUpFactory(
            customer=standing.customer, reason="override", override=override, due_on=TODAY
        )
    client.force_login(alice)

    with django_assert_num_queries(9):
        client.get("/follow-ups/")
