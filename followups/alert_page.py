"""What the page of one alert shows beside what can be done with it."""

from datetime import date, tzinfo
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet

from crm.models import Customer, Holiday, Order, Visit
from followups import queue
from followups.charts import gaps_chart, rhythm_chart
from followups.customer_page import service_part
from followups.models import FollowUp
from followups.rhythm import rhythm
from followups.rows import Row, policies, row_of, unplanned_row
from followups.timeline import Event, Key
from tiering.alert_part_words import part_rows
from tiering.alert_why import AlertWhy, Documents, why_alert
from tiering.alert_words import counts_own_gaps
from tiering.facts import in_numbers
from tiering.models import ChurnAlert, Notice

LATEST_VISITS = 4


def alert_page(alert: ChurnAlert, *, today: date, zone: tzinfo) -> dict[str, Any]:
    """Figures and charts are of the night `alert.seen_on`, duties of today; the alert has been
    found in the reader's scope, and all who see it are shown the same."""
    customer = alert.customer
    standing = getattr(customer, "standing", None)
    orders = Order.objects.filter(customer=customer).counted().order_by("ordered_on", "id")
    documents = list(orders.values_list("ordered_on", "base_amount"))
    holidays = Holiday.objects.in_force().days()
    why = why_alert(alert, documents, in_numbers(holidays))
    return (
        rhythm_part(alert, documents, holidays)
        | why_part(alert, why)
        | service_part(customer, standing, today, zone)
        | {
            "standing": standing,
            "ordered_since": ordered_since(alert, documents),
            "notices": told(alert),
            "visits": [visit_event(visit, zone) for visit in latest_visits(customer)],
            "row": row_to_do(alert, today=today),
        }
    )


def rhythm_part(
    alert: ChurnAlert, documents: Documents, holidays: frozenset[date]
) -> dict[str, Any]:
    shown = rhythm(
        documents,
        until=alert.seen_on,
        usual_gap=alert.usual_gap,
        first_order_on=next((day for day, amount in documents if amount > 0), None),
        holidays=holidays,
    )
    chart = rhythm_chart(shown, customer=alert.customer)
    return {"rhythm": shown, "chart": chart, "silence": alert.silent_days}


def why_part(alert: ChurnAlert, why: AlertWhy | None) -> dict[str, Any]:
    if why is None:
        return {"why": None}
    return {
        "why": why,
        "parts": part_rows(why),
        "gaps": gaps_chart(why, alert=alert),
        "own_gaps": counts_own_gaps(alert),
    }


def ordered_since(alert: ChurnAlert, documents: Documents) -> date | None:
    """The first order after the figures of the alert, which may still be open until the night."""
    return next((day for day, amount in documents if amount > 0 and day > alert.seen_on), None)


def told(alert: ChurnAlert) -> QuerySet[Notice]:
    return Notice.objects.filter(alert=alert).select_related("user").order_by("told_on", "id")


def latest_visits(customer: Customer) -> QuerySet[Visit]:
    visits = Visit.objects.filter(customer=customer).select_related("by", "contact")
    return visits.prefetch_related("promises").latest_first()[:LATEST_VISITS]


def visit_event(visit: Visit, zone: tzinfo) -> Event:
    return Event("visit", Key(visit.happened_at.astimezone(zone).date(), 0, 0, visit.pk), visit)


def row_to_do(alert: ChurnAlert, *, today: date) -> Row:
    """The follow-up that the alert made, else the next one of its customer, else none."""
    waiting = FollowUp.objects.filter(customer=alert.customer_id).open().for_queue()
    its_own = ExpressionWrapper(Q(alert=alert.pk), BooleanField()).desc(nulls_last=True)
    followup = waiting.order_by(its_own, "due_on", "id").first()
    if followup:
        return row_of(followup, service=policies(), today=today)
    customers = Customer.objects.filter(pk=alert.customer_id)
    return unplanned_row(queue.with_last_contact(customers).get(), service=policies(), today=today)
