"""The budget of the week: the dearest are told, the others stand next in line until there is room."""

from datetime import UTC, datetime, timedelta

import pytest

from crm.models import Customer
from tests.factories import AS_OF, OverrideFactory
from tests.tiering.books import order, restless_book
from tests.tiering.checksums import left_behind
from tiering.models import ChurnAlert, Policy
from tiering.services import run_night

pytestmark = pytest.mark.django_db

MONDAY = AS_OF
NEXT_MONDAY = MONDAY + timedelta(days=7)


def night(days_on: int = 0, **options):
    return run_night(as_of=MONDAY + timedelta(days=days_on), **options)


def budget(number: int | None) -> None:
    Policy.objects.update(alert_budget=number)


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
    Policy.objects.update(alert_threshold="0.99", alert_budget=None)

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
