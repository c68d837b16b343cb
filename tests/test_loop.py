"""The whole loop: order, silence, alert, queue, visit, order, closed."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse

from crm.models import Visit
from followups.models import FollowUp
from followups.services import refresh
from tests.factories import AS_OF, CustomerFactory, OrderFactory
from tests.tiering.books import order, restless_book
from tiering.models import ChurnAlert, GradeChange
from tiering.services import run_night

pytestmark = pytest.mark.django_db

SILENT_UNTIL = AS_OF + timedelta(days=80)
MORNING = SILENT_UNTIL + timedelta(days=1)  # Friday 30 May


def at_ten(day: date) -> datetime:
    """Ten o'clock in Shanghai."""
    return datetime.combine(day, time(2), tzinfo=UTC)


@pytest.fixture
def hengli(alice):
    """A buyer that has ordered every 20 days for a year, in a book large enough to learn from."""
    restless_book()
    customer = CustomerFactory(owner=alice, name="Hengli Fasteners")
    for days_ago in range(10, 370, 20):
        order(customer, days_ago, "5000.00")
    return customer


def night(as_of: date) -> None:
    run_night(as_of=as_of)
    refresh(today=as_of)


def queue(client) -> list[FollowUp]:
    sections = client.get(reverse("today")).context["sections"]
    return [row.followup for section in sections for row in section.rows]


def test_order_silence_alert_queue_visit_order_closed(hengli, alice, client):
    client.force_login(alice)
    night(AS_OF)
    assert hengli.standing.grade == "key"
    assert not hengli.alerts.exists()

    night(SILENT_UNTIL)
    alert = hengli.alerts.get()
    assert (alert.state, alert.silent_days) == ("open", 90)
    assert alert.p_none >= 0.60
    assert alert.value_at_risk > Decimal(5000)

    with time_machine.travel(at_ten(MORNING)):
        (row,) = queue(client)
        assert (row.reason, row.alert, row.due_on) == ("gone_quiet", alert, MORNING)
        assert "Silent <b>90</b> days" in client.get(reverse("today")).content.decode()
        log_a_visit(client, row, summary="Stock-take, orders next week")
        assert queue(client) == []

    planned = FollowUp.objects.open().get(customer=hengli)
    assert (planned.reason, planned.due_on) == ("planned", Visit.objects.get().next_on)
    assert refresh(today=MORNING) == 0

    OrderFactory(customer=hengli, ordered_on=MORNING, amount=Decimal(6000))
    night(MORNING)
    alert.refresh_from_db()
    assert (alert.state, alert.outcome, alert.closed_on) == ("closed", "ordered", MORNING)
    assert FollowUp.objects.open().get(customer=hengli) == planned
    hengli.standing.refresh_from_db()
    assert (hengli.standing.silent_days, hengli.standing.grade) == (0, "key")

    with time_machine.travel(at_ten(planned.due_on)):
        assert queue(client) == [planned]


def log_a_visit(client, followup, **said):
    """What two taps send: the form as it opens, and a note."""
    address = reverse("followup_visit", args=[followup.pk])
    form = client.get(address).context["form"]
    names = ["outcome", "minutes", "next", "key"]
    filled = {name: form[name].value() for name in names}
    assert client.post(address, filled | said).status_code == 302


def test_an_order_before_the_visit_takes_the_followup_off_the_list(hengli, alice, client):
    night(AS_OF)
    night(SILENT_UNTIL)
    OrderFactory(customer=hengli, ordered_on=MORNING, amount=Decimal(6000))
    night(MORNING)

    followup = FollowUp.objects.get(customer=hengli)
    assert (followup.state, followup.closed_by) == ("dropped", None)
    client.force_login(alice)
    with time_machine.travel(at_ten(MORNING)):
        assert queue(client) == []


def test_a_second_silence_is_a_second_alert_and_a_second_followup(hengli):
    night(AS_OF)
    night(SILENT_UNTIL)
    OrderFactory(customer=hengli, ordered_on=MORNING, amount=Decimal(6000))
    night(MORNING)
    night(MORNING + timedelta(days=120))

    assert list(hengli.alerts.order_by("id").values_list("state", flat=True)) == ["closed", "open"]
    states = FollowUp.objects.filter(customer=hengli).order_by("id").values_list("state", flat=True)
    assert list(states) == ["dropped", "open"]


def test_a_night_that_was_missed_is_made_good(hengli):
    """Neither the nights between nor the runs after them are needed."""
    night(SILENT_UNTIL)
    night(SILENT_UNTIL)

    assert ChurnAlert.objects.filter(customer=hengli).count() == 1
    assert FollowUp.objects.filter(customer=hengli).count() == 1
    assert GradeChange.objects.filter(customer=hengli).count() == 1
