"""What an alert is made of: parts that make the chance of its night, whatever came later."""

from datetime import timedelta

import pytest

from crm.models import Customer, Holiday, HolidayCalendar, Order
from tests.factories import AS_OF
from tests.tiering.books import order, steady_book
from tiering.alert_part_words import WORDS, part_rows
from tiering.alert_why import why_alert
from tiering.alert_words import sentence
from tiering.churn.explained import ByRegression, ByRepeats
from tiering.churn.features import FEATURES
from tiering.facts import holidays_kept
from tiering.models import ChurnAlert, NightRun
from tiering.services import run_night

pytestmark = pytest.mark.django_db

PLAIN = {"silent_days": 50, "seen_on": AS_OF, "p_none": 0.5, "customer": Customer()}
KINDS = {"logistic": ByRegression, "mbg": ByRepeats}


@pytest.fixture(scope="module")
def night(rows_of_module):
    steady_book()
    HolidayCalendar.objects.update_or_create(defaults={"code": "own"})
    holiday = AS_OF - timedelta(days=40)
    Holiday.objects.create(first_on=holiday, last_on=holiday + timedelta(days=6), name="Fair")
    return run_night(as_of=AS_OF)


@pytest.fixture(params=KINDS)
def alert(request, night):
    """The least sure one of either signal."""
    return ChurnAlert.objects.filter(signal=request.param).order_by("p_none", "id").first()


def why_of(alert):
    orders = Order.objects.filter(customer=alert.customer_id).counted()
    documents = orders.order_by("ordered_on", "id").values_list("ordered_on", "base_amount")
    return why_alert(alert, list(documents), holidays_kept())


@pytest.mark.parametrize("signal", KINDS)
def test_the_parts_of_every_alert_make_the_chance_it_tells(signal, night):
    alerts = ChurnAlert.objects.filter(signal=signal).order_by("id")[:40]
    assert len(alerts) >= 20

    for alert in alerts:
        found = why_of(alert)
        assert isinstance(found.parts, KINDS[signal])
        assert found.parts.chance == pytest.approx(alert.p_none, abs=1.5e-6)
        assert found.agrees
        assert len(found.gaps) == alert.order_days - 1


def test_the_silence_is_told_in_the_days_of_the_gaps_it_is_compared_with(night):
    alerts = ChurnAlert.objects.order_by("id")
    over_it = alerts.filter(silent_days__gt=40).first()
    since = alerts.filter(silent_days__lte=33).first()

    assert over_it.silent_holidays == 7
    assert since is None or since.silent_holidays == 0
    for alert in alerts:
        assert alert.silence == why_of(alert).silence
    said = f"Silent {over_it.silent_days} days, {over_it.silent_days - 7} without holidays; "
    assert sentence(over_it, None).startswith(said)
    assert "without holidays" not in sentence(ChurnAlert(long_gap=9, **PLAIN), None)


def test_the_parts_in_figures(night):
    regression = why_of(ChurnAlert.objects.filter(signal="logistic").first()).parts
    repeats = why_of(ChurnAlert.objects.filter(signal="mbg").first()).parts

    sizes = [abs(part.adds) for part in regression.parts]
    assert sorted(sizes, reverse=True) == sizes
    assert {part.name for part in regression.parts} == set(FEATURES) == set(WORDS)
    assert 0 < repeats.left < 1
    no_order = 1 - (1 - repeats.left) * repeats.orders_if_not
    assert repeats.chance == pytest.approx(no_order, abs=1e-6)


def test_later_nights_and_orders_leave_a_closed_alert_as_it_was(alert):
    before = why_of(alert)
    order(alert.customer, -3)

    run_night(as_of=AS_OF + timedelta(days=7))

    alert.refresh_from_db()
    assert (alert.state, alert.seen_on) == ("closed", AS_OF)
    found = why_of(alert)
    assert found.agrees
    assert found.parts == before.parts
    assert NightRun.objects.get(as_of=AS_OF).fit != NightRun.objects.latest_finished().fit


def test_an_order_that_was_removed_since_is_noticed(alert):
    Order.objects.get(customer=alert.customer, ordered_on=alert.silent_since).delete()

    found = why_of(alert)

    assert not found.agrees
    assert found.parts.chance != alert.p_none


def test_a_night_that_kept_nothing_explains_nothing(alert):
    NightRun.objects.update(usual=None, fit=None)

    found = why_of(alert)

    assert (found.parts, found.agrees, part_rows(found)) == (None, True, {})


def test_without_any_order_left_there_is_nothing_to_explain(alert):
    Order.objects.filter(customer=alert.customer).delete()

    assert why_of(alert) is None
