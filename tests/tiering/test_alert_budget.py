"""The budget of the week: the dearest are told, the others stand next in line until there is room."""

from datetime import UTC, datetime, timedelta

import pytest

from crm.models import Customer
from tests.factories import AS_OF, CaseFactory, OverrideFactory
from tests.policies import rewrite_policies
from tests.tiering.books import order, restless_book
from tests.tiering.checksums import left_behind
from tiering.alert_words import sentence
from tiering.models import AlertQuality, ChurnAlert, SignalSwitch, Standing
from tiering.services import run_night

pytestmark = pytest.mark.django_db

MONDAY = AS_OF
NEXT_MONDAY = MONDAY + timedelta(days=7)


def night(days_on: int = 0, **options):
    return run_night(as_of=MONDAY + timedelta(days=days_on), **options)


def budget(number: int | None) -> None:
    rewrite_policies(alert_budget=number)


@pytest.fixture
def seller(alice):
    """Has all customers of a book in which more than ten fell silent."""
    restless_book()
    Customer.objects.update(owner=alice)
    return alice


def told(owner, since=MONDAY):
    return ChurnAlert.objects.filter(customer__owner=owner, told_on__gte=since)


def in_line() -> list[ChurnAlert]:
    """Key customers first, then the dearest."""
    found = ChurnAlert.objects.order_by("-value_at_risk", "id").select_related("customer__standing")
    return sorted(found, key=lambda alert: alert.customer.standing.grade != "key")


def test_five_a_week_are_told_the_dearest_first_and_nothing_is_lost(seller):
    run = night()

    line = in_line()
    assert len(line) > 10
    assert set(told(seller)) == set(line[:5])
    assert set(ChurnAlert.objects.held()) == set(line[5:])
    assert (run.alerts_open, run.alerts_opened, run.alerts_held) == (5, 5, len(line) - 5)


def test_the_week_is_that_of_the_calendar_and_a_closed_alert_keeps_its_place(seller):
    night()
    order(told(seller).first().customer, -1)

    sunday = night(6)
    assert (told(seller).count(), sunday.alerts_open) == (5, 4)

    monday = night(7)
    assert monday.alerts_opened == told(seller, NEXT_MONDAY).count() == 5
    late = told(seller, NEXT_MONDAY).filter(opened_on=MONDAY).first()
    events = late.events.order_by("id").values_list("event", "from_state", "to_state")
    assert list(events) == [("raised", "", "held"), ("told", "held", "open")]


@pytest.mark.parametrize(("number", "told_of"), [(0, 0), (3, 3), (None, None)])
def test_the_policy_sets_the_budget(seller, number, told_of):
    budget(number)

    run = night()

    everybody = ChurnAlert.objects.count()
    assert run.alerts_open == (everybody if told_of is None else told_of)
    assert run.alerts_open + run.alerts_held == everybody > 10


def test_key_customers_are_told_whatever_the_budget_and_take_its_places(seller):
    budget(0)
    night()
    chosen = list(ChurnAlert.objects.held().order_by("value_at_risk", "id")[:2])
    for alert in chosen:
        OverrideFactory(
            customer=alert.customer, starts_on=MONDAY, approved_at=datetime(2025, 3, 10, tzinfo=UTC)
        )
    budget(1)

    night(1)

    assert set(chosen) <= set(told(seller))
    assert {alert.customer.standing.grade for alert in told(seller)} == {"key"}


def test_each_salesperson_has_a_budget_and_the_pool_has_none(seller, otto):
    his, nobodys = (
        Customer.objects.filter(code__lt="R00040"),
        Customer.objects.filter(code__gt="R00070"),
    )
    his.update(owner=otto)
    nobodys.update(owner=None)

    night()

    assert (told(seller).count(), told(otto).count()) == (5, 5)
    pool = ChurnAlert.objects.filter(customer__owner=None)
    assert pool.open().count() == pool.count() > 5


def test_a_night_run_again_changes_nothing(seller):
    night()
    before = left_behind()

    night(force=True)

    after = left_behind()
    for table in ("tiering_churnalert", "tiering_alertevent", "tiering_notice"):
        assert after[table] == before[table] != ""


def test_who_is_no_longer_at_the_threshold_is_not_let_through(seller):
    night()
    rewrite_policies(alert_threshold="0.99", alert_budget=None)

    night(1)

    assert ChurnAlert.objects.held().filter(p_none__lt=0.99).exists()
    assert not told(seller, MONDAY + timedelta(days=1)).filter(p_none__lt=0.99).exists()


def test_one_that_is_next_in_line_closes_with_the_next_order(seller):
    night()
    alert = ChurnAlert.objects.held().first()
    order(alert.customer, -1)

    night(1)

    alert.refresh_from_db()
    assert (alert.state, alert.outcome, alert.told_on) == ("closed", "ordered", None)
    assert alert.events.latest("id").event == "closed"


def complaints_earn_alerts(threshold):
    """As a measurement would keep it, of a list that was replayed with them."""
    row = {"signal": "complaint", "n": 40, "right": 31, "why": "", "threshold": threshold}
    lists = [("all", 80, 52), ("signal:complaint", 38, 30)]
    shown = [
        {"list": "shown", "threshold": threshold, "part": part, "n": n, "right": right}
        for part, n, right in lists
    ]
    AlertQuality.objects.update(badges=[row | {"signal": "owner", "why": "few"}, row], lists=shown)


def faithful():
    """Whom an alert could concern, and who was far from one: the dearest two, and one who is new."""
    found = Standing.objects.filter(p_none_90__lt=0.3, grade="secondary").order_by("-value_at_risk")
    return [each.customer for each in found[:2]]


def test_a_badge_that_has_earned_it_raises_alerts_in_the_same_line(seller):
    threshold = night().alert_quality["threshold"]
    complaints_earn_alerts(threshold)
    first, second = faithful()
    for each in (first, second):
        CaseFactory(customer=each, kind="complaint", opened_on=MONDAY, due_on=NEXT_MONDAY)
    rewrite_policies(alert_budget=6)  # there is room for one

    run = night(1)

    assert run.alert_quality["raising"] == ["complaint"]
    dear, cheap = ChurnAlert.objects.exclude(badge="").order_by("-value_at_risk")
    line = [each for each in in_line() if each.opened_on == MONDAY and each.is_held]
    assert (dear.badge, dear.signal, dear.customer, dear.raised_by) == (
        "complaint",
        "mbg",
        first,
        "Complaint or low satisfaction",
    )
    assert dear.p_opened < threshold
    is_told = dear.value_at_risk > line[0].value_at_risk
    assert (dear.is_held, cheap.is_held) == (not is_told, True)
    said = sentence(dear, run)
    assert "Raised by “Complaint or low satisfaction”. A complaint has been open since" in said
    assert said.endswith("Alerts like this were right 79 % of the time (38 cases).")

    SignalSwitch.objects.filter(signal="complaint").update(use="badge")
    rewrite_policies(alert_budget=None)
    third = Standing.objects.filter(p_none_90__lt=0.3, customer__alerts=None).first().customer
    CaseFactory(customer=third, kind="complaint", opened_on=MONDAY, due_on=NEXT_MONDAY)
    run = night(2)

    assert run.alert_quality["raising"] == []
    assert not third.alerts.exists()
    cheap.refresh_from_db()
    assert cheap.is_held  # those in line stay, and are not told while the badge is no alert

    rewrite_policies(alert_precision=None, alert_threshold="0.01")
    night(3)

    cheap.refresh_from_db()
    # As in the replay: who reaches the threshold is told of for the chance.
    assert (cheap.state, cheap.badge) == ("open", "")
    if is_told:
        dear.refresh_from_db()
        assert dear.badge == "complaint"
