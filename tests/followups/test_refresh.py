"""What the state asks for is on the list, once, and goes when it is settled."""

from datetime import UTC, date, datetime, timedelta

import pytest

from crm.models import Case, Promise
from followups.models import FollowUp, ServicePolicy
from followups.services import mark_done, refresh
from tests.factories import (
    CaseFactory,
    ChurnAlertFactory,
    CustomerFactory,
    FollowUpFactory,
    PromiseFactory,
    StandingFactory,
    VisitFactory,
)
from tiering.models import ChurnAlert

pytestmark = pytest.mark.django_db
TODAY = date(2025, 3, 11)  # a Tuesday
VISITED_AT = datetime(2025, 3, 3, 2, 0, tzinfo=UTC)  # Monday 3 March, 10:00 in Shanghai


def only(**filters) -> FollowUp:
    return FollowUp.objects.get(**filters)


def visited_customer(grade="general", **visit):
    customer = CustomerFactory()
    StandingFactory(customer=customer, grade=grade)
    VisitFactory(customer=customer, **{"happened_at": VISITED_AT, **visit})
    return customer


@pytest.mark.parametrize(
    ("grade", "due_on"),
    [
        ("key", date(2025, 3, 12)),
        ("secondary", date(2025, 3, 13)),
        ("general", date(2025, 3, 14)),
        ("maintain", date(2025, 3, 18)),
    ],
)
def test_an_alert_becomes_a_followup_of_the_owner(grade, due_on):
    alert = ChurnAlertFactory()
    StandingFactory(customer=alert.customer, grade=grade)

    assert refresh(today=TODAY) == 1

    followup = only()
    assert (followup.reason, followup.alert, followup.assignee) == (
        "gone_quiet",
        alert,
        alert.customer.owner,
    )
    assert (followup.due_on, followup.first_due_on, followup.opened_on) == (due_on, due_on, TODAY)


def test_an_alert_of_a_pool_customer_has_no_assignee():
    ChurnAlertFactory(customer__owner=None)

    refresh(today=TODAY)

    assert only().assignee is None


def test_a_repeated_run_adds_nothing():
    ChurnAlertFactory()
    PromiseFactory(due_on=TODAY)
    CaseFactory(due_on=TODAY)
    visited_customer()

    assert refresh(today=TODAY) == 4
    assert refresh(today=TODAY) == 0
    assert refresh(today=TODAY + timedelta(days=1)) == 0


def test_an_alert_that_was_followed_up_is_asked_about_again_when_it_opens_anew_later(alice):
    alert = ChurnAlertFactory()
    refresh(today=TODAY)
    at = datetime(2025, 3, 11, 17, 0, tzinfo=UTC)  # Wednesday 12 March, 01:00 in Shanghai
    mark_done(followup=only(), by=alice, now=at)

    for woke_on, asked in ((None, 0), (date(2025, 3, 12), 0), (date(2025, 3, 13), 1)):
        ChurnAlert.objects.update(woke_on=woke_on)
        assert refresh(today=date(2025, 3, 13)) == asked
    assert alert.followups.open().count() == 1
    assert refresh(today=date(2025, 3, 13)) == 0


def test_a_closed_alert_takes_its_followup_off_the_list():
    alert = ChurnAlertFactory()
    refresh(today=TODAY)
    ChurnAlert.objects.update(state="closed", closed_on=TODAY, outcome="ordered")

    assert refresh(today=TODAY) == 0

    followup = only(alert=alert)
    assert followup.state == "dropped"
    assert followup.closed_at is not None


def test_an_alert_that_comes_back_is_asked_about_again():
    alert = ChurnAlertFactory()
    refresh(today=TODAY)
    ChurnAlert.objects.update(state="closed", closed_on=TODAY, outcome="ordered")
    refresh(today=TODAY)
    ChurnAlert.objects.update(state="open", closed_on=None, outcome="")

    assert refresh(today=TODAY) == 1
    assert alert.followups.open().count() == 1


@pytest.mark.parametrize(
    ("grade", "due_on"),
    [
        ("key", date(2025, 3, 17)),
        ("secondary", date(2025, 4, 2)),
        ("general", date(2025, 5, 2)),
        ("maintain", date(2025, 7, 1)),
    ],
)
def test_regular_contact_is_due_by_the_service_of_the_grade(grade, due_on):
    customer = visited_customer(grade)

    assert refresh(today=TODAY) == 1
    assert (only().reason, only().due_on, only().assignee) == ("cadence", due_on, customer.owner)


def test_regular_contact_on_a_weekend_waits_for_monday():
    ServicePolicy.objects.filter(grade="general").update(every_days=5)  # Saturday 8 March
    visited_customer()

    refresh(today=TODAY)

    assert only().due_on == date(2025, 3, 10)


def test_the_day_agreed_in_the_last_visit_comes_before_the_service():
    customer = visited_customer(next_on=date(2025, 3, 22))

    refresh(today=TODAY)

    assert only().due_on == date(2025, 3, 22)
    assert only().dated_by == customer.visits.get()


def test_a_visit_in_which_nobody_was_reached_does_not_count():
    customer = visited_customer("key")
    VisitFactory(customer=customer, happened_at=VISITED_AT + timedelta(days=5), outcome="missed")

    refresh(today=TODAY)

    assert only().due_on == date(2025, 3, 17)


def test_a_tick_without_a_visit_counts_as_contact(alice):
    visited_customer("key", next_on=date(2025, 3, 5))
    refresh(today=TODAY)
    mark_done(followup=only(), by=alice, now=datetime(2025, 3, 11, 2, 0, tzinfo=UTC))

    assert refresh(today=TODAY) == 1
    assert only(state="open").due_on == date(2025, 3, 25)
    assert only(state="open").dated_by is None


@pytest.mark.parametrize("reason", ["cadence", "planned"])
def test_whoever_has_a_date_needs_no_cadence(reason):
    FollowUpFactory(customer=visited_customer(), reason=reason)

    assert refresh(today=TODAY) == 0


def test_no_cadence_for_those_never_visited_inactive_or_in_the_pool():
    StandingFactory()
    StandingFactory(customer=VisitFactory().customer, eligible=False)
    pooled = visited_customer()
    type(pooled).objects.filter(pk=pooled.pk).update(owner=None)

    assert refresh(today=TODAY) == 0


@pytest.mark.parametrize(("days", "opened"), [(-400, 1), (0, 1), (7, 1), (8, 0)])
def test_a_promise_is_asked_for_a_week_ahead_and_never_forgotten(days, opened):
    PromiseFactory(due_on=TODAY + timedelta(days=days))

    assert refresh(today=TODAY) == opened


@pytest.mark.parametrize(("days", "opened"), [(-400, 1), (0, 1), (7, 1), (8, 0)])
def test_a_case_is_asked_for_a_week_ahead_and_never_forgotten(days, opened):
    due_on = TODAY + timedelta(days=days)
    CaseFactory(opened_on=due_on - timedelta(days=1), due_on=due_on)

    assert refresh(today=TODAY) == opened


def test_what_is_settled_elsewhere_leaves_the_list():
    PromiseFactory()
    CaseFactory()
    refresh(today=TODAY)
    Promise.objects.update(kept=False, settled_on=TODAY)
    Case.objects.update(closed_on=TODAY)

    refresh(today=TODAY)

    assert list(FollowUp.objects.values_list("state", flat=True)) == ["dropped", "dropped"]


def test_followups_go_with_the_customer(otto):
    followup = FollowUpFactory()
    done = FollowUpFactory(customer=followup.customer, state="done", closed_at=VISITED_AT)
    type(followup.customer).objects.update(owner=otto)

    refresh(today=TODAY)

    followup.refresh_from_db()
    done.refresh_from_db()
    assert followup.assignee == otto
    assert done.assignee != otto


def test_overdue_never_disappears():
    FollowUpFactory(due_on=TODAY - timedelta(days=700))

    refresh(today=TODAY)

    assert FollowUp.objects.overdue(today=TODAY).count() == 1


@pytest.mark.parametrize("count", [1, 3])
def test_the_run_costs_the_same_for_any_book(count, django_assert_num_queries):
    for _ in range(count):
        ChurnAlertFactory()
        visited_customer()
        PromiseFactory()
        CaseFactory()

    with django_assert_num_queries(
        21
    ):  # lock, wake, drop, owners, holidays, inserts (7), win-back (7)
        assert refresh(today=TODAY) == 4 * count
