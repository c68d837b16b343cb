"""An alert opens on a silence, follows it, and closes when the customer orders."""

from datetime import timedelta
from decimal import Decimal

import pytest

from crm.models import Customer, Order
from tests.factories import AS_OF
from tests.policies import rewrite_policies
from tests.tiering.books import ago, customers, order, restless_book
from tiering.models import ChurnAlert, Notice, Policy, Standing
from tiering.services import run_night, run_nights_until

pytestmark = pytest.mark.django_db


@pytest.fixture
def quiet():
    """A customer of a book with a churn model: ordered every two weeks, then fell silent."""
    restless_book()
    (customer,) = customers(1, "Q")
    for days_ago in range(120, 400, 14):
        order(customer, days_ago)
    return customer


def night(days_on: int = 0, **options):
    return run_night(as_of=AS_OF + timedelta(days=days_on), **options)


def alerts(customer: Customer):
    return list(ChurnAlert.objects.filter(customer=customer).order_by("silent_since"))


def the_alert(customer: Customer) -> ChurnAlert:
    return ChurnAlert.objects.get(customer=customer)


def test_an_alert_opens_with_the_figures_of_its_silence(quiet):
    run = night()

    alert, standing = the_alert(quiet), Standing.objects.get(customer=quiet)
    assert (alert.state, alert.signal, alert.outcome) == ("open", "mbg", "")
    assert (alert.opened_on, alert.seen_on, alert.silent_since) == (AS_OF, AS_OF, ago(120))
    assert (alert.silent_days, alert.usual_gap, alert.long_gap) == (120, 14, 15)
    assert alert.p_none == standing.p_none_90 >= 0.6
    assert alert.value_at_risk == standing.value_at_risk
    assert standing.value == 1800
    expected = Decimal(1800) * Decimal(str(alert.p_none)) * 90 / 365
    assert abs(alert.value_at_risk - expected) <= Decimal("0.005")
    assert run.alerts_open == run.alerts_opened == ChurnAlert.objects.open().count() > 1


def test_of_nights_that_are_made_good_the_last_one_tells(quiet, alice, mona):
    night()
    quiet.owner = alice
    quiet.save()

    run_nights_until(as_of=AS_OF + timedelta(days=4))

    told = Notice.objects.filter(alert__customer=quiet)
    assert list(told.values_list("user__username", "told_on")) == [
        ("alice", AS_OF + timedelta(days=4))
    ]
    assert the_alert(quiet).escalated_on is None


def test_alerts_are_of_everybody_at_the_threshold_and_nobody_else(quiet):
    night()

    alerted = set(ChurnAlert.objects.values_list("customer", flat=True))
    known = Standing.objects.filter(eligible=True, order_days__gte=2, first_order_on__lte=ago(90))
    assert alerted == set(known.filter(p_none_90__gte=0.6).values_list("customer", flat=True))
    assert known.filter(p_none_90__lt=0.6).exists()
    assert Standing.objects.filter(eligible=False, p_none_90__gte=0.6).exists()


def test_the_policy_sets_the_threshold(quiet):
    night()
    chance = the_alert(quiet).p_none
    Policy.objects.create(
        version=2, name="Bold", alert_threshold="0.99", valid_from=AS_OF + timedelta(days=1)
    )
    late = customers(1, "N")[0]
    for days_ago in range(120, 400, 14):
        order(late, days_ago)

    night(1)

    assert chance < 0.99
    assert alerts(late) == []
    assert the_alert(quiet).state == "open"  # a silence goes on whatever the policy


@pytest.mark.parametrize("days", [[200], [80, 70, 60]], ids=["one order", "known 80 days"])
def test_newcomers_get_no_alert(quiet, days):
    new = customers(1, "N")[0]
    for days_ago in days:
        order(new, days_ago)
    rewrite_policies(alert_threshold="0.05")

    night()

    assert new.standing.p_none_90 >= 0.05
    assert alerts(new) == []


def test_below_the_minimum_of_data_there_is_no_alert():
    (customer,) = customers(1)
    for days_ago in range(120, 400, 14):
        order(customer, days_ago)

    run = night()

    assert (run.fit.state, run.alerts_open) == ("too_little", 0)


def test_an_open_alert_is_updated_in_place(quiet):
    night()
    opened = the_alert(quiet)

    run = night(5)

    alert = the_alert(quiet)
    assert (alert.pk, alert.opened_on) == (opened.pk, AS_OF)
    assert (alert.silent_days, alert.seen_on) == (125, AS_OF + timedelta(days=5))
    assert alert.p_none > opened.p_none
    assert run.alerts_opened < run.alerts_open


def test_a_night_run_again_opens_nothing(quiet):
    night()
    before = list(ChurnAlert.objects.order_by("id").values())

    run = night(force=True)

    assert list(ChurnAlert.objects.order_by("id").values()) == before
    assert run.alerts_opened == len(before)


def test_an_order_closes_the_alert(quiet):
    night()
    order(quiet, -3)

    night(2)
    assert the_alert(quiet).state == "open"  # the order is dated a day later

    run = night(3)
    alert = the_alert(quiet)
    assert (alert.state, alert.outcome) == ("closed", "ordered")
    assert alert.closed_on == AS_OF + timedelta(days=3)
    assert run.alerts_open == ChurnAlert.objects.open().count()


def test_only_a_new_silence_opens_another_alert(quiet):
    night()
    order(quiet, -1)
    for days_on in (1, 2, 30):
        night(days_on)
    assert len(alerts(quiet)) == 1

    night(150)

    first, second = alerts(quiet)
    assert (first.state, second.state) == ("closed", "open")
    assert (second.silent_since, second.opened_on) == (
        AS_OF + timedelta(days=1),
        AS_OF + timedelta(days=150),
    )


def test_an_order_long_ago_brought_in_late_leads_from_one_silence_to_the_next(quiet):
    night()
    order(quiet, 110)

    night(1)

    first, second = alerts(quiet)
    assert (first.outcome, first.closed_on) == ("ordered", AS_OF + timedelta(days=1))
    assert (second.state, second.silent_since) == ("open", ago(110))


def test_an_alert_on_orders_that_were_taken_back_is_withdrawn(quiet):
    night()
    Order.objects.filter(customer=quiet, ordered_on=ago(120)).delete()

    night(1)

    first, second = alerts(quiet)
    assert (first.silent_since, first.state) == (ago(134), "open")
    assert (second.silent_since, second.state, second.outcome) == (
        ago(120),
        "closed",
        "withdrawn",
    )
    order(quiet, 120)
    night(2)
    first, second = alerts(quiet)
    assert (first.outcome, second.state, second.outcome) == ("ordered", "open", "")
    assert second.woke_on == AS_OF + timedelta(days=2)


def test_without_any_order_left_the_alert_is_withdrawn(quiet):
    night()
    Order.objects.filter(customer=quiet).delete()

    night(1)

    assert the_alert(quiet).outcome == "withdrawn"


def test_a_return_is_no_order(quiet):
    night()
    order(quiet, -1, "-10.00")

    night(1)

    assert the_alert(quiet).state == "open"


def test_an_alert_opens_again_when_the_order_that_closed_it_was_cancelled(quiet, alice, mona):
    quiet.owner = alice
    quiet.save()
    night()
    mistake = order(quiet, -1)
    night(1)
    assert the_alert(quiet).state == "closed"
    Order.objects.filter(pk=mistake.pk).update(status=Order.Status.CANCELLED)

    run = night(2)

    alert = the_alert(quiet)
    assert (alert.state, alert.outcome, alert.closed_on) == ("open", "", None)
    assert (alert.opened_on, alert.silent_days) == (AS_OF, 122)
    assert run.alerts_opened >= 1
    # Whoever had the news of its order has two working days anew.
    assert (alert.woke_on, alert.escalated_on) == (AS_OF + timedelta(days=2), None)


def test_who_leaves_the_eligible_keeps_the_alert(quiet):
    night()

    night(300)

    alert = the_alert(quiet)
    assert not Standing.objects.get(customer=quiet).eligible
    assert (alert.state, alert.silent_days, alert.value_at_risk) == ("open", 420, 0)


def test_without_a_model_open_alerts_stay_as_they_were(quiet):
    night()
    before = the_alert(quiet)
    Order.objects.exclude(customer=quiet).delete()

    run = night(7)

    after = the_alert(quiet)
    assert run.fit.state == "too_little"
    assert (after.state, after.p_none, after.seen_on) == ("open", before.p_none, AS_OF)
