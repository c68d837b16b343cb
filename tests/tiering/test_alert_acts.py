"""What people do with alerts: acknowledged, snoozed, closed, taken back; and what the night does."""

from datetime import timedelta

import pytest
from django.db import InternalError, transaction

from crm.models import Order
from tests.factories import AS_OF, ChurnAlertFactory, OrderFactory, VisitFactory
from tests.tiering.books import customers, order, restless_book
from tiering.models import ChurnAlert
from tiering.services import run_night
from tiering.services.alert_acts import AlertRefused, acknowledge, close, in_bulk, snooze, undo
from tiering.services.alerts import wake
from tiering.services.judging import judge_alerts

pytestmark = pytest.mark.django_db

TODAY = AS_OF + timedelta(days=1)
FRIDAY = AS_OF + timedelta(days=4)
HORIZON = timedelta(days=90)


@pytest.fixture
def alert(alice):
    return ChurnAlertFactory(customer__owner=alice)


@pytest.fixture
def quiet_book():
    restless_book()
    (customer,) = customers(1, "Q")
    for days_ago in range(120, 400, 14):
        order(customer, days_ago)
    return customer


def events(alert):
    return list(alert.events.order_by("id").values_list("event", "from_state", "to_state"))


def asleep(alert, by, until=FRIDAY):
    return snooze(alert=alert, until=until, reason="Stock-take", by=by, today=TODAY)


def test_acknowledged_once_by_whom_and_when(alert, alice, mona):
    acknowledge(alert=alert, by=alice, today=TODAY)

    with pytest.raises(AlertRefused, match="Alice Ai has acknowledged this alert on"):
        acknowledge(alert=alert, by=mona, today=TODAY)
    alert.refresh_from_db()
    assert (alert.state, alert.acknowledged_by, alert.acknowledged_on) == (
        "acknowledged", alice, TODAY
    )  # fmt: skip
    assert events(alert) == [("acknowledged", "open", "acknowledged")]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"until": AS_OF}, "not in the future"),
        ({"until": TODAY}, "not in the future"),
        ({"until": TODAY + timedelta(days=366)}, "365 days at most"),
        ({"reason": "  "}, "Give a reason"),
    ],
)
def test_a_snooze_that_cannot_be_changes_nothing(alert, alice, said, why):
    asked = {"until": FRIDAY, "reason": "Stock-take", "by": alice, "today": TODAY}

    with pytest.raises(AlertRefused, match=why):
        snooze(alert=alert, **asked | said)

    alert.refresh_from_db()
    assert (alert.state, events(alert)) == ("open", [])


def test_a_sleeping_alert_wakes_on_its_day_and_not_before(alert, alice):
    asleep(alert, alice)
    assert wake(on=FRIDAY - timedelta(days=1)) == 0

    assert (wake(on=FRIDAY), wake(on=FRIDAY)) == (1, 0)

    alert.refresh_from_db()
    assert (alert.state, alert.snoozed_until, alert.woke_on) == ("open", None, FRIDAY)
    assert events(alert)[-1] == ("woke", "snoozed", "open")


def test_closed_with_an_outcome_once(alert, alice, mona):
    close(alert=alert, outcome="lost", reason="Went to a competitor", by=alice, today=TODAY)

    with pytest.raises(AlertRefused, match=r"Alice Ai has closed this alert on .*: Lost. Nothing"):
        close(alert=alert, outcome="saved", by=mona, today=TODAY)
    for act in (acknowledge, lambda **asked: asleep(asked["alert"], mona)):
        with pytest.raises(AlertRefused, match="has closed"):
            act(alert=alert, by=mona, today=TODAY)
    alert.refresh_from_db()
    assert (alert.outcome, alert.reason, alert.closed_by) == ("lost", "Went to a competitor", alice)
    assert len(events(alert)) == 1


@pytest.mark.parametrize(
    ("outcome", "why"),
    [("lost", "why the customer is lost"), ("ordered", "Choose"), ("", "Choose"), ("x", "Choose")],
)
def test_an_outcome_that_is_no_persons_to_say_is_refused(alert, alice, outcome, why):
    with pytest.raises(AlertRefused, match=why):
        close(alert=alert, outcome=outcome, by=alice, today=TODAY)

    alert.refresh_from_db()
    assert alert.state == "open"


def test_the_last_act_can_be_taken_back_once(alert, alice, mona):
    asleep(alert, alice)
    close(alert=alert, outcome="saved", by=alice, today=TODAY)

    undo(alert=alert, by=mona, today=TODAY)

    alert.refresh_from_db()
    assert (alert.state, alert.snoozed_until, alert.reason) == ("snoozed", FRIDAY, "Stock-take")
    assert (alert.outcome, alert.closed_on, alert.closed_by) == ("", None, None)
    with pytest.raises(AlertRefused, match="nothing to take back"):
        undo(alert=alert, by=mona, today=TODAY)


def test_one_in_line_that_is_acknowledged_stands_in_line_again_when_taken_back(alice):
    alert = ChurnAlertFactory(customer__owner=alice, state="held")

    acknowledge(alert=alert, by=alice, today=TODAY)
    alert.refresh_from_db()
    assert (alert.state, alert.told_on) == ("acknowledged", TODAY)

    undo(alert=alert, by=alice, today=TODAY)
    alert.refresh_from_db()
    assert (alert.state, alert.told_on, alert.acknowledged_on) == ("held", None, None)


def test_a_closed_alert_stays_closed_where_a_newer_one_is_there(alert, alice):
    close(alert=alert, outcome="false_alarm", by=alice, today=TODAY)
    ChurnAlertFactory(customer=alert.customer, silent_since=AS_OF)

    with pytest.raises(AlertRefused, match="newer alert"):
        undo(alert=alert, by=alice, today=TODAY)


def test_of_many_those_that_cannot_be_are_told_and_the_others_done(alert, alice):
    done_before = ChurnAlertFactory(customer__owner=alice)
    close(alert=done_before, outcome="saved", by=alice, today=TODAY)

    found = in_bulk(acknowledge, [alert, done_before], by=alice, today=TODAY)

    assert found.done == [alert]
    assert [each[:8] for each in found.refused] == ["Alice Ai"]


def test_history_is_never_changed(alert, alice):
    acknowledge(alert=alert, by=alice, today=TODAY)

    for change in (
        lambda: alert.events.update(reason="x"),
        lambda: alert.events.all().delete(),
    ):
        with pytest.raises(InternalError, match="never changed"), transaction.atomic():
            change()


@pytest.mark.parametrize("outcome", ["saved", "false_alarm", "seasonal"])
def test_what_a_person_closed_is_raised_again_only_after_a_new_order(outcome, alice, quiet_book):
    customer = quiet_book
    run_night(as_of=AS_OF)
    (alert,) = customer.alerts.all()
    close(alert=alert, outcome=outcome, by=alice, today=TODAY)

    run_night(as_of=TODAY)
    alert.refresh_from_db()
    assert (alert.state, alert.outcome) == ("closed", outcome)

    order(customer, -2)
    run_night(as_of=AS_OF + timedelta(days=2))
    run_night(as_of=AS_OF + timedelta(days=150))
    alert.refresh_from_db()
    assert (alert.outcome, customer.alerts.count()) == (outcome, 2)


def judged(alert, on=AS_OF + HORIZON):
    judge_alerts(as_of=on)
    alert.refresh_from_db()
    return alert.judged_on, alert.was_right, alert.acted


@pytest.mark.parametrize(
    ("days_on", "fields", "right"),
    [
        (0, {}, True),  # it was known when the alert was raised
        (1, {}, False),
        (90, {}, False),
        (91, {}, True),
        (5, {"status": "cancelled"}, True),
        (5, {"base_amount": -1, "amount": -1}, True),
        (5, {"base_amount": 0, "amount": 0}, True),
    ],
)
def test_an_alert_was_right_where_no_order_followed_in_90_days(days_on, fields, right, alert):
    OrderFactory(customer=alert.customer, ordered_on=AS_OF + timedelta(days=days_on), **fields)

    assert judged(alert, AS_OF + HORIZON - timedelta(days=1)) == (None, None, None)
    assert judged(alert) == (AS_OF + HORIZON, right, False)
    assert judge_alerts(as_of=AS_OF + HORIZON) == 0


def test_a_night_computed_again_judges_again_and_a_later_one_does_not(alert):
    assert judged(alert)[1] is True
    OrderFactory(customer=alert.customer, ordered_on=AS_OF + timedelta(days=5))
    assert judged(alert) == (AS_OF + HORIZON, False, False)
    Order.objects.all().delete()

    assert judged(alert, AS_OF + HORIZON + timedelta(days=1)) == (AS_OF + HORIZON, False, False)


@pytest.mark.parametrize(
    ("at", "did"),
    [
        ("2025-03-10T15:59:00Z", False),  # in Shanghai still the day that raised it
        ("2025-03-10T16:00:00Z", True),
        ("2025-06-08T15:59:00Z", True),
        ("2025-06-08T16:00:00Z", False),  # the 91st day, known where a night comes late
    ],
)
def test_visits_of_its_90_days_are_acts(at, did, alert):
    VisitFactory(customer=alert.customer, happened_at=at)

    assert judged(alert, AS_OF + HORIZON + timedelta(days=7))[2] is did


@pytest.mark.parametrize(("days_on", "did"), [(90, True), (91, False)])
def test_closed_within_its_90_days_is_an_act(days_on, did, alert, alice):
    close(alert=alert, outcome="saved", by=alice, today=AS_OF + timedelta(days=days_on))

    assert judged(alert, AS_OF + HORIZON + timedelta(days=7))[2] is did


def test_those_in_line_are_judged_and_those_withdrawn_are_not(alice):
    held = ChurnAlertFactory(state="held")
    wrong = ChurnAlertFactory(state="closed", closed_on=TODAY, outcome="withdrawn")

    assert judged(held) == (AS_OF + HORIZON, True, False)
    assert judged(wrong) == (None, None, None)


def test_acted_on_is_what_a_person_did_in_its_90_days(alice):
    late, visited, missed, acknowledged, closed, by_night = [
        ChurnAlertFactory(customer__owner=alice) for _ in range(6)
    ]
    at = "2025-04-01T03:00:00Z"
    VisitFactory(customer=visited.customer, happened_at=at)
    VisitFactory(customer=missed.customer, happened_at=at, outcome="missed")
    acknowledge(alert=acknowledged, by=alice, today=AS_OF + HORIZON)
    acknowledge(alert=late, by=alice, today=AS_OF + HORIZON + timedelta(days=1))
    close(alert=closed, outcome="saved", by=alice, today=TODAY)
    ChurnAlert.objects.filter(pk=by_night.pk).update(
        state="closed", closed_on=TODAY, outcome="ordered"
    )

    acted = {alert: judged(alert)[2] for alert in
             (late, visited, missed, acknowledged, closed, by_night)}  # fmt: skip

    assert [each for each, did in acted.items() if did] == [visited, acknowledged, closed]
