"""Visit, closed follow-up and next date: all three or none; what was done can be undone."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError

from crm.models import Case, Promise, Visit
from crm.services.visits import KeyTaken, PromiseMade
from followups.models import FollowUp
from followups.services import (
    AlreadyClosed,
    CannotUndo,
    NotThatDay,
    close_with_visit,
    log_on_the_side,
    mark_done,
    plan,
    refresh,
    reopen,
    snooze,
    undo_visit,
)
from tests.factories import (
    CaseFactory,
    ChurnAlertFactory,
    CustomerFactory,
    FollowUpFactory,
    PromiseFactory,
    VisitFactory,
)

pytestmark = pytest.mark.django_db
NOW = datetime(2025, 3, 11, 2, 0, tzinfo=UTC)
TODAY = date(2025, 3, 11)
NEXT = date(2025, 4, 8)
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)


def reach(followup, by, **said):
    said = {"channel": "phone", "summary": "Wants 40 boxes", "next_on": NEXT, **said}
    return close_with_visit(followup=followup, by=by, now=NOW, **said)


def states(customer) -> list[tuple]:
    rows = FollowUp.objects.filter(customer=customer).order_by("id")
    return list(rows.values_list("reason", "state", "due_on"))


@pytest.fixture
def followup(alice):
    return FollowUpFactory(customer__owner=alice, due_on=YESTERDAY)


def test_a_visit_closes_its_followup_and_plans_the_next(followup, alice):
    visit = reach(followup, alice, promises=[PromiseMade("Price list", TOMORROW)])

    followup.refresh_from_db()
    assert (followup.state, followup.visit, followup.closed_by) == ("done", visit, alice)
    assert states(followup.customer)[1:] == [("planned", "open", NEXT)]
    assert visit.dated_followups.get().assignee == alice
    assert (visit.by, visit.summary, visit.promises.get().what) == (
        alice,
        "Wants 40 boxes",
        "Price list",
    )


def test_all_three_or_none(followup, alice):
    with pytest.raises(IntegrityError):
        reach(followup, alice, satisfaction=6)

    followup.refresh_from_db()
    assert followup.is_open
    assert not Visit.objects.exists()


def test_one_conversation_settles_all_that_a_conversation_settles(followup, alice):
    customer = followup.customer
    FollowUpFactory(customer=customer, reason="cadence", due_on=NEXT)
    FollowUpFactory(customer=customer, reason="planned", due_on=TODAY)
    FollowUpFactory(reason="cadence", due_on=TODAY)

    reach(followup, alice)

    assert states(customer) == [
        ("gone_quiet", "done", YESTERDAY),
        ("cadence", "done", NEXT),
        ("planned", "done", TODAY),
        ("planned", "open", NEXT),
    ]
    assert FollowUp.objects.open().count() == 2


def test_what_was_planned_for_later_moves_to_the_new_day(followup, alice):
    planned = FollowUpFactory(customer=followup.customer, reason="planned", due_on=TOMORROW)

    reach(followup, alice)

    planned.refresh_from_db()
    assert (planned.state, planned.due_on, planned.due_before) == ("open", NEXT, TOMORROW)


def test_promises_and_cases_stay_open_when_another_matter_is_settled(followup, alice):
    promise = PromiseFactory(visit__customer=followup.customer)
    FollowUpFactory(customer=followup.customer, reason="promise", promise=promise, due_on=TODAY)

    reach(followup, alice)

    assert ("promise", "open", TODAY) in states(followup.customer)
    assert Promise.objects.open().count() == 1


def test_a_missed_visit_closes_nothing_and_moves_the_day(followup, alice):
    visit = reach(followup, alice, outcome="missed", next_on=TOMORROW)

    followup.refresh_from_db()
    assert (followup.state, followup.due_on, followup.first_due_on) == ("open", TOMORROW, YESTERDAY)
    assert list(visit.dated_followups.all()) == [followup]
    assert FollowUp.objects.count() == 1


def test_a_missed_visit_leaves_what_is_due_later(followup, alice):
    later = FollowUpFactory(customer=followup.customer, reason="cadence", due_on=NEXT)

    reach(followup, alice, outcome="missed", next_on=TOMORROW)

    later.refresh_from_db()
    assert later.due_on == NEXT


def test_a_missed_visit_that_nothing_asked_for_plans_the_next_try(alice):
    customer = CustomerFactory(owner=alice)

    log_on_the_side(
        customer=customer, by=alice, now=NOW, channel="phone", outcome="missed", next_on=TOMORROW
    )

    assert states(customer) == [("planned", "open", TOMORROW)]


def test_a_visit_on_the_side_closes_what_was_due(followup, alice):
    visit = log_on_the_side(
        customer=followup.customer, by=alice, now=NOW, channel="phone", next_on=NEXT
    )

    followup.refresh_from_db()
    assert followup.visit == visit
    assert states(followup.customer)[1:] == [("planned", "open", NEXT)]


def test_the_same_form_sent_twice_is_one_visit(followup, alice):
    first = reach(followup, alice, key="k1")

    assert reach(followup, alice, key="k1") == first
    assert Visit.objects.count() == 1
    assert FollowUp.objects.open().count() == 1


def test_the_same_form_on_the_side_sent_twice_is_one_visit(alice):
    customer = CustomerFactory(owner=alice)
    sent = {"customer": customer, "by": alice, "now": NOW, "channel": "phone", "key": "k1"}

    assert log_on_the_side(**sent) == log_on_the_side(**sent)
    assert Visit.objects.count() == 1


def test_a_key_opens_nobody_elses_visit(followup, alice, mona):
    reach(followup, alice, key="k1")

    with pytest.raises(KeyTaken):
        reach(followup, mona, key="k1")


def test_whoever_comes_second_hears_who_was_first(followup, alice, mona):
    reach(followup, mona)

    with pytest.raises(AlreadyClosed, match="Mona Mo"):
        reach(followup, alice)
    assert Visit.objects.count() == 1


def test_a_kept_promise_is_settled_by_its_visit(alice):
    promise = PromiseFactory(visit__customer__owner=alice)
    followup = FollowUpFactory(
        customer=promise.visit.customer, reason="promise", promise=promise, due_on=TODAY
    )

    reach(followup, alice)

    promise.refresh_from_db()
    assert (promise.kept, promise.settled_on) == (True, TODAY)
    assert refresh(today=TODAY) == 0


def test_a_case_that_is_not_answered_yet_moves(alice):
    case = CaseFactory(customer__owner=alice)
    followup = FollowUpFactory(customer=case.customer, reason="case", case=case, due_on=TODAY)

    reach(followup, alice, settled=False)

    case.refresh_from_db()
    assert case.is_open
    assert states(case.customer) == [("case", "open", NEXT), ("planned", "open", NEXT)]


@pytest.mark.parametrize("until", [TODAY, TODAY + timedelta(days=180)])
def test_snooze_moves_the_day(until, followup, alice):
    snooze(followup=followup, by=alice, until=until, today=TODAY)

    followup.refresh_from_db()
    assert (followup.due_on, followup.due_before, followup.first_due_on) == (
        until,
        YESTERDAY,
        YESTERDAY,
    )


@pytest.mark.parametrize("until", [YESTERDAY, TODAY + timedelta(days=181)])
def test_snooze_into_the_past_or_for_ever_is_refused(until, followup, alice):
    with pytest.raises(NotThatDay):
        snooze(followup=followup, by=alice, until=until, today=TODAY)

    followup.refresh_from_db()
    assert followup.due_on == YESTERDAY


def test_a_closed_followup_cannot_be_snoozed(followup, alice):
    mark_done(followup=followup, by=alice, now=NOW)

    with pytest.raises(AlreadyClosed):
        snooze(followup=followup, by=alice, until=TOMORROW, today=TODAY)


def test_done_and_back(followup, alice):
    mark_done(followup=followup, by=alice, now=NOW)
    with pytest.raises(AlreadyClosed):
        mark_done(followup=followup, by=alice, now=NOW)

    reopen(followup=followup, by=alice, now=NOW + timedelta(hours=1))

    followup.refresh_from_db()
    assert (followup.state, followup.closed_at, followup.closed_by) == ("open", None, None)


def test_done_is_undone_on_the_same_day_only(followup, alice):
    mark_done(followup=followup, by=alice, now=NOW)

    with pytest.raises(CannotUndo):
        reopen(followup=followup, by=alice, now=NOW + timedelta(days=1))


def test_done_is_not_undone_over_a_newer_followup(followup, alice):
    mark_done(followup=followup, by=alice, now=NOW)
    FollowUpFactory(customer=followup.customer)

    with pytest.raises(CannotUndo):
        reopen(followup=followup, by=alice, now=NOW)


def test_done_keeps_the_promise_and_back_opens_it(alice):
    promise = PromiseFactory(visit__customer__owner=alice)
    followup = FollowUpFactory(customer=promise.visit.customer, reason="promise", promise=promise)

    mark_done(followup=followup, by=alice, now=NOW)
    promise.refresh_from_db()
    assert promise.kept
    reopen(followup=followup, by=alice, now=NOW)

    promise.refresh_from_db()
    assert (promise.kept, promise.settled_on) == (None, None)


def test_done_closes_an_inspection_and_opens_the_next_round(alice):
    case = CaseFactory(customer__owner=alice, kind="inspection", repeat_days=90)
    followup = FollowUpFactory(customer=case.customer, reason="case", case=case)

    mark_done(followup=followup, by=alice, now=NOW)
    assert case.next_round.due_on == TODAY + timedelta(days=90)
    reopen(followup=followup, by=alice, now=NOW)

    assert list(Case.objects.values_list("closed_on", flat=True)) == [None]


def test_planning_again_moves_the_day(alice):
    customer = CustomerFactory(owner=alice)

    plan(customer=customer, by=alice, due_on=TOMORROW, note="after the fair", today=TODAY)
    plan(customer=customer, by=alice, due_on=NEXT, today=TODAY)

    assert states(customer) == [("planned", "open", NEXT)]
    assert FollowUp.objects.get().note == "after the fair"


@pytest.mark.parametrize("day", [YESTERDAY, TODAY + timedelta(days=731)])
def test_planning_in_the_past_or_for_ever_is_refused(day, alice):
    with pytest.raises(NotThatDay):
        plan(customer=CustomerFactory(owner=alice), by=alice, due_on=day, today=TODAY)

    assert not FollowUp.objects.exists()


def undo(visit, by, **later):
    undo_visit(visit=visit, by=by, now=visit.created_at + timedelta(**later))


def test_undo_takes_the_visit_and_puts_everything_back(followup, alice):
    customer = followup.customer
    FollowUpFactory(customer=customer, reason="planned", due_on=TOMORROW)
    before = states(customer)

    undo(reach(followup, alice, promises=[PromiseMade("x", NEXT)]), alice, minutes=9)

    assert states(customer) == before
    assert not Visit.objects.exists()
    assert not Promise.objects.exists()


def test_undo_of_a_missed_visit_puts_the_day_back(followup, alice):
    undo(reach(followup, alice, outcome="missed"), alice, minutes=1)

    assert states(followup.customer) == [("gone_quiet", "open", YESTERDAY)]


def test_undo_after_a_refresh(followup, alice):
    """What the hourly look has opened because of the visit goes with it."""
    visit = reach(followup, alice, promises=[PromiseMade("x", TODAY)])
    refresh(today=TODAY)

    undo(visit, alice, minutes=1)

    assert states(followup.customer) == [("gone_quiet", "open", YESTERDAY)]


@pytest.mark.parametrize("later", [{"minutes": 11}, {"days": 1}])
def test_undo_comes_too_late(later, followup, alice):
    visit = reach(followup, alice)

    with pytest.raises(CannotUndo):
        undo(visit, alice, **later)
    assert Visit.objects.exists()


def test_undo_is_for_the_author(followup, alice, mona):
    visit = reach(followup, alice)

    with pytest.raises(CannotUndo):
        undo(visit, mona, minutes=1)


def test_undo_stops_when_more_was_written(followup, alice):
    visit = reach(followup, alice)
    VisitFactory(customer=followup.customer)

    with pytest.raises(CannotUndo):
        undo(visit, alice, minutes=1)


def test_undo_stops_when_the_next_date_was_moved(followup, alice):
    visit = reach(followup, alice)
    snooze(followup=visit.dated_followups.get(), by=alice, until=TOMORROW, today=TODAY)

    with pytest.raises(CannotUndo):
        undo(visit, alice, minutes=1)
    followup.refresh_from_db()
    assert followup.state == "done"


def test_a_visit_answers_the_alert_for_good(alice):
    alert = ChurnAlertFactory(customer__owner=alice)
    refresh(today=TODAY)
    reach(FollowUp.objects.get(alert=alert), alice)

    assert refresh(today=TODAY) == 0
