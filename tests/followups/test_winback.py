"""Plans to win lost customers back: touches on the list, what ends a plan, and taking it back."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from crm.models import Order
from followups.models import FollowUp, WinBack
from followups.services import close_with_visit, mark_done, refresh
from followups.services.winback import Touch, WinBackRefused, decline, start, start_all
from followups.services.winback_acts import change, close, take_back
from tests.factories import (
    AS_OF,
    CustomerFactory,
    LostCustomerFactory,
    OrderFactory,
    ReturnChanceFactory,
    WinBackFactory,
)

pytestmark = pytest.mark.django_db
TODAY = AS_OF + timedelta(days=1)
NOW = datetime(2025, 3, 11, 2, 0, tzinfo=UTC)
TOUCHES = [Touch(14, "on_site", "Visit"), Touch(0, "phone", "Call"), Touch(45, "phone", "Offer")]


def later(days):
    return TODAY + timedelta(days=days)


@pytest.fixture
def loss(alice):
    chance = ReturnChanceFactory(share=0.2)
    return LostCustomerFactory(customer__owner=alice, value=Decimal(900), chance=chance)


@pytest.fixture
def plan(loss, alice):
    return start(customer=loss.customer, touches=TOUCHES, by=alice, today=TODAY)


def open_touches():
    found = FollowUp.objects.open().filter(reason="winback").select_related("touch")
    return [(each.touch.what, each.due_on) for each in found]


def done(now=NOW):
    followup = FollowUp.objects.open().get(reason="winback")
    mark_done(followup=followup, by=followup.assignee, now=now)


def again(plan):
    return WinBack.objects.with_regained(today=later(400)).get(pk=plan.pk)


def events(plan):
    return list(plan.events.order_by("id").values_list("event", "to_state", "by__username"))


def test_a_plan_begins_with_its_first_touch_and_remembers_the_loss(plan, loss, alice):
    assert open_touches() == [("Call", TODAY)]
    assert FollowUp.objects.get().assignee == alice
    assert (plan.value, plan.chance, plan.silent_since) == (900, 0.2, loss.silent_since)
    assert (plan.owner, plan.ends_on) == (alice, later(180))
    assert events(plan) == [("started", "running", "alice")]


def test_touches_come_one_after_the_other_when_their_week_has_come(plan):
    assert refresh(today=later(13)) == 0
    done()
    assert refresh(today=later(6)) == 0
    assert refresh(today=later(7)) == 1
    assert refresh(today=later(7)) == 0
    assert open_touches() == [("Visit", later(14))]


def test_a_touch_that_had_to_wait_is_due_when_it_comes(plan):
    done()
    refresh(today=later(30))

    assert open_touches() == [("Visit", later(30))]


def test_a_visit_does_a_touch(plan, alice):
    followup = FollowUp.objects.open().get()

    close_with_visit(followup=followup, by=alice, now=NOW, channel="phone", summary="Spoke")

    assert plan.touches.not_done().count() == 2


def test_the_next_order_wins_it_and_an_order_undone_lets_it_run_on(plan, loss):
    back = OrderFactory(customer=loss.customer, ordered_on=later(3))
    refresh(today=later(3))
    won = again(plan)
    assert (won.state, won.returned_on, won.closed_by) == ("won", later(3), None)
    assert open_touches() == []

    Order.objects.filter(pk=back.pk).delete()
    refresh(today=later(4))

    assert again(plan).state == "running"
    assert open_touches() == [("Call", later(4))]
    assert [event[0] for event in events(plan)] == ["started", "closed", "reopened"]


@pytest.mark.parametrize("order", [{"status": "cancelled"}, {"amount": Decimal(-5)}])
def test_a_cancelled_order_or_a_return_wins_nothing(order, plan, loss):
    OrderFactory(customer=loss.customer, ordered_on=later(1), **order)
    refresh(today=later(2))

    assert again(plan).is_running


def test_an_order_from_before_the_start_takes_it_back(plan, loss):
    OrderFactory(customer=loss.customer, ordered_on=TODAY - timedelta(days=1))
    refresh(today=later(1))

    assert again(plan).state == "taken_back"
    assert open_touches() == []


def test_its_days_end_it_as_lost(plan):
    refresh(today=later(180))
    assert again(plan).is_running

    refresh(today=later(181))

    assert (again(plan).state, again(plan).closed_on) == ("lost", later(181))
    assert open_touches() == []
    assert events(plan)[-1] == ("closed", "lost", None)


def test_regained_are_net_orders_of_the_year_that_begins_with_the_return(plan, loss):
    for days, amount in ((2, 100), (366, 30), (367, 1000), (50, -20), (1, -500)):
        OrderFactory(customer=loss.customer, ordered_on=later(days), amount=Decimal(amount))
    OrderFactory(customer=loss.customer, ordered_on=later(9), status="cancelled")
    refresh(today=later(2))

    assert again(plan).regained == 110
    assert WinBack.objects.with_regained(today=later(2)).get().regained == 100


def test_won_by_a_person_waits_for_the_order(plan, loss, alice):
    close(plan=plan, outcome="won", by=alice, today=TODAY)
    assert (again(plan).returned_on, again(plan).regained) == (None, 0)

    OrderFactory(customer=loss.customer, ordered_on=later(5))
    refresh(today=later(5))

    assert (again(plan).returned_on, again(plan).regained) == (later(5), 100)
    assert again(plan).closed_by == alice


def test_closing_twice_says_who_was_first(plan, alice, mona):
    stale = WinBack.objects.get(pk=plan.pk)
    close(plan=plan, outcome="lost", reason="Shop closed", by=alice, today=TODAY)

    with pytest.raises(WinBackRefused, match=r"Alice Ai has ended this plan on .*: Lost"):
        close(plan=stale, outcome="won", by=mona, today=TODAY)
    with pytest.raises(WinBackRefused, match="Nothing was changed"):
        change(plan=stale, touches=TOUCHES, by=mona, today=TODAY)
    assert (again(plan).state, again(plan).reason) == ("lost", "Shop closed")


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"outcome": "lost"}, "Give a reason"),
        ({"outcome": "not_worth", "reason": " "}, "Give a reason"),
        ({"outcome": "taken_back", "reason": "x"}, "Choose what came of it"),
        ({"outcome": "nonsense", "reason": "x"}, "Choose what came of it"),
    ],
)
def test_what_no_outcome_is(said, why, plan, alice):
    with pytest.raises(WinBackRefused, match=why):
        close(plan=plan, by=alice, today=TODAY, **said)
    assert again(plan).is_running


@pytest.mark.parametrize(
    ("touches", "why"),
    [
        ([], "at least one touch"),
        ([Touch(0, "phone", "x")] * 9, "8 touches at most"),
        ([Touch(181, "phone", "x")], "0 to 180 days"),
        ([Touch(-1, "phone", "x")], "0 to 180 days"),
        ([Touch(1, "phone", " ")], "what is to be done"),
    ],
)
def test_odd_touches_are_refused(touches, why, loss, alice):
    with pytest.raises(WinBackRefused, match=why):
        start(customer=loss.customer, touches=touches, by=alice, today=TODAY)
    assert not WinBack.objects.exists()


def test_who_is_not_lost_or_has_a_plan_gets_none(plan, loss, mona):
    with pytest.raises(WinBackRefused, match="Alice Ai has started a plan"):
        start(customer=loss.customer, touches=TOUCHES, by=mona, today=TODAY)
    with pytest.raises(WinBackRefused, match="Alice Ai has started a plan"):
        decline(customer=loss.customer, reason="x", by=mona, today=TODAY)
    with pytest.raises(WinBackRefused, match="not among the lost"):
        start(customer=CustomerFactory(), touches=TOUCHES, by=mona, today=TODAY)
    back = LostCustomerFactory()
    OrderFactory(customer=back.customer, ordered_on=TODAY)
    with pytest.raises(WinBackRefused, match="ordered again by itself"):
        start(customer=back.customer, touches=TOUCHES, by=mona, today=TODAY)
    assert WinBack.objects.count() == 1


def test_for_many_what_is_refused_leaves_the_others_alone(plan, loss, alice):
    other = LostCustomerFactory(customer__owner=alice)

    both = [loss.customer, other.customer]
    together = start_all(customers=both, touches=TOUCHES, by=alice, today=TODAY)

    assert [each.customer for each in together.done] == [other.customer]
    assert len(together.refused) == 1


def test_changed_touches_replace_those_not_done(plan, alice):
    done()
    change(plan=plan, touches=[Touch(3, "message", "Write")], by=alice, today=TODAY)

    assert [(t.what, bool(t.done_at)) for t in plan.touches.in_order()] == [
        ("Call", True),
        ("Write", False),
    ]
    assert open_touches() == [("Write", later(3))]


def test_a_start_is_taken_back_while_nothing_is_done(plan, loss, alice):
    take_back(plan=plan, by=alice, today=TODAY)

    assert (again(plan).state, open_touches()) == ("taken_back", [])
    start(customer=loss.customer, touches=TOUCHES, by=alice, today=TODAY)
    with pytest.raises(WinBackRefused, match="nothing to take back"):
        take_back(plan=plan, by=alice, today=TODAY)


def test_a_start_is_not_taken_back_after_a_touch(plan, alice):
    done()

    with pytest.raises(WinBackRefused, match="done already"):
        take_back(plan=plan, by=alice, today=TODAY)
    assert again(plan).is_running


def test_a_close_is_taken_back_unless_there_is_a_newer_plan(plan, loss, alice):
    close(plan=plan, outcome="lost", reason="x", by=alice, today=TODAY)
    take_back(plan=plan, by=alice, today=TODAY)
    assert (again(plan).state, open_touches()) == ("running", [("Call", TODAY)])

    close(plan=plan, outcome="lost", reason="x", by=alice, today=TODAY)
    start(customer=loss.customer, touches=TOUCHES, by=alice, today=TODAY)
    with pytest.raises(WinBackRefused, match="newer plan"):
        take_back(plan=plan, by=alice, today=TODAY)


def test_not_worth_it_is_a_decision_with_a_reason_for_a_year(loss, alice):
    with pytest.raises(WinBackRefused, match="why it is not worth it"):
        decline(customer=loss.customer, reason=" ", by=alice, today=TODAY)

    plan = decline(customer=loss.customer, reason="Never paid", by=alice, today=TODAY)

    assert (plan.state, plan.reason) == ("not_worth", "Never paid")
    assert list(WinBack.objects.not_worth_it(today=later(364))) == [plan]
    assert not WinBack.objects.not_worth_it(today=later(365)).exists()
    assert not WinBack.objects.plans().exists()
    take_back(plan=plan, by=alice, today=TODAY)
    assert not WinBack.objects.not_worth_it(today=TODAY).exists()


def test_nothing_is_done_for_books_without_plans(django_assert_num_queries):
    WinBackFactory(state="lost")

    assert refresh(today=later(900)) == 0
