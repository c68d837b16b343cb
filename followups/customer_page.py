"""What the page of one customer shows, in a number of queries that never grows."""

from datetime import date, timedelta, tzinfo
from typing import Any
from urllib.parse import quote

from django.db.models import Prefetch, Q, QuerySet

from crm.birthdays import next_birthday
from crm.models import (
    Case,
    Contact,
    Customer,
    Holiday,
    Order,
    OwnerChange,
    Promise,
    Tag,
    User,
    Visit,
)
from crm.receivables import receivables
from followups.explanation import explanation
from followups.models import FollowUp, ServicePolicy
from followups.rhythm import Rhythm, first_month, rhythm
from followups.timeline import GROUPS, timeline
from followups.winback_card import winback_part, with_winback
from tiering.churn.fit import MINIMUM_CUSTOMERS, MINIMUM_REPEATS
from tiering.models import ChurnAlert, ChurnFit, GradeChange, Override, Standing
from tiering.services.ratings import opinions
from tiering.why import why

LATEST_ORDERS = 8
LATEST_CHANGES = 4
BIRTHDAY_SOON = timedelta(days=14)
YEAR = timedelta(days=365)


def customers_of(user: User) -> QuerySet[Customer]:
    """The customers this user may open, with all of the row that the page shows."""
    tags = Prefetch("tags", Tag.objects.order_by("name"))
    related = with_winback(Customer.objects.visible_to(user)).select_related(
        "owner__team", "standing__run__policy", "standing__run__fit"
    )
    return related.prefetch_related(tags, "standing__override__by")


def customer_page(
    customer: Customer, *, today: date, zone: tzinfo, show: str, before: str
) -> dict[str, Any]:
    """Everything of a customer from `customers_of`, as the templates want it.

    Judgements speak of the night's day, duties and debts of today.
    """
    standing = getattr(customer, "standing", None)
    as_of = standing.run.as_of if standing else today
    page = {
        "customer": customer,
        "standing": standing,
        "as_of": as_of,
        "alert": ChurnAlert.objects.filter(customer=customer).unclosed().first(),
        "no_chance": reason_for_no_chance(standing),
        "geo": geo_address(customer),
        "owner_since": owner_since(customer),
        "next_followup": next_followup(customer),
        "receivables": receivables(customer, today=today),
    }
    return (
        page
        | grade_part(customer, standing)
        | orders_part(customer, standing, as_of, today)
        | people_part(customer, today)
        | ratings_part(customer, today)
        | service_part(customer, standing, today, zone)
        | timeline_part(customer, zone=zone, show=show, before=before)
    )


def name_of_level(standing: Standing) -> str:
    """Empty where the grade says it all, and where a person set the grade."""
    name = standing.run.policy.name_of_level(standing.level)
    is_said = name == standing.get_grade_display() or standing.override
    return "" if is_said else name


def grade_part(customer: Customer, standing: Standing | None) -> dict[str, Any]:
    part: dict[str, Any] = {"waiting_override": waiting_override(customer)}
    part |= history_part(customer)
    if standing is None:
        return part
    part["level_name"] = name_of_level(standing)
    return part | (explanation(why(standing), standing) if standing.run.lines else {})


def history_part(customer: Customer) -> dict[str, Any]:
    """The latest changes of the grade; the page of them all shows what lies behind each."""
    changes = GradeChange.objects.filter(customer=customer).worded()
    return {"grade_changes": changes.latest_first()[:LATEST_CHANGES]}


def timeline_part(customer: Customer, *, zone: tzinfo, show: str, before: str) -> dict[str, Any]:
    shown = show if show in GROUPS else GROUPS[0]
    events = timeline(customer, show=shown, before=before, zone=zone)
    return {"timeline": events, "show": shown, "before": before}


def reason_for_no_chance(standing: Standing | None) -> dict[str, Any] | None:
    """Why there is no figure for the next order: a code, and what the sentence needs."""
    if standing is None:
        return {"code": "no_night"}
    if standing.p_none_90 is not None:
        return None
    if not standing.order_days:
        return {"code": "no_order"}
    fit = standing.run.fit
    if fit and fit.state == ChurnFit.State.NO_ANSWER:
        return {"code": "no_answer"}
    enough = {"customers": MINIMUM_CUSTOMERS, "repeats": MINIMUM_REPEATS}
    return {"code": "too_little", "enough": enough, "fit": fit}


def geo_address(customer: Customer) -> str:
    """Opens the map that the reader's own device has; no third party learns of it."""
    if customer.latitude is None:
        return ""
    place = f"{customer.latitude:f},{customer.longitude:f}"
    return f"geo:{place}?q={place}({quote(customer.name)})"


def waiting_override(customer: Customer) -> Override | None:
    return customer.overrides.waiting().select_related("by").first()


def owner_since(customer: Customer) -> OwnerChange | None:
    """The change that brought the customer to its owner."""
    changes = OwnerChange.objects.filter(customer=customer, to_owner=customer.owner_id)
    return changes.order_by("-changed_at", "-id").first()


def next_followup(customer: Customer) -> FollowUp | None:
    return FollowUp.objects.filter(customer=customer).open().order_by("due_on", "id").first()


def orders_part(
    customer: Customer, standing: Standing | None, as_of: date, today: date
) -> dict[str, Any]:
    orders = Order.objects.filter(customer=customer)
    latest = list(orders.latest_first()[:LATEST_ORDERS])
    # An order that came in after the night ends the silence at once; one of a later day not yet.
    days = (order.ordered_on for order in latest if not order.is_cancelled)
    until = max([as_of, *(day for day in days if day <= today)])
    documents = orders.counted().filter(ordered_on__gte=first_month(until), ordered_on__lte=until)
    shown = rhythm(
        documents.values_list("ordered_on", "base_amount"),
        until=until,
        usual_gap=standing.usual_gap if standing else None,
        first_order_on=standing.first_order_on if standing else None,
        holidays=Holiday.objects.in_force().days(),
    )
    part = {"orders": latest, "rhythm": shown, "silence": silence(standing, shown)}
    return part | winback_part(customer)


def silence(standing: Standing | None, shown: Rhythm) -> int | None:
    """Days since the last order, also where that lies before the chart."""
    if shown.silent_days is not None or standing is None:
        return shown.silent_days
    return standing.silent_days


def ratings_part(customer: Customer, today: date) -> dict[str, Any]:
    found = opinions(customer, today=today)
    return {"opinions": found, "rated": any(each.rating for each in found)}


def people_part(customer: Customer, today: date) -> dict[str, Any]:
    contacts = list(Contact.objects.filter(customer=customer).order_by("-is_primary", "name", "id"))
    first = next((contact for contact in contacts if contact.number), None)
    number = first.number if first else customer.phone
    return {
        "contacts": contacts,
        "people": [(contact, birthday_soon(contact, today)) for contact in contacts],
        "call": number,
        "call_name": first.name if first else "",
    }


def birthday_soon(contact: Contact, today: date) -> date | None:
    coming = next_birthday(contact.birthday, today=today) if contact.birthday else None
    return coming if coming and coming - today <= BIRTHDAY_SOON else None


def service_part(
    customer: Customer, standing: Standing | None, today: date, zone: tzinfo
) -> dict[str, Any]:
    """Cases, promises, and how the contact that the grade promises is kept."""
    cases = list(Case.objects.filter(customer=customer).order_by("due_on", "id"))
    recent = Q(settled_on=None) | Q(settled_on__gt=today - YEAR)
    promises = list(Promise.objects.of_customer(customer).filter(recent).order_by("due_on", "id"))
    kept = [promise.kept for promise in promises if promise.settled_on]
    last = Visit.objects.filter(customer=customer).reached().latest_first().first()
    grade = standing.grade if standing else ""
    return {
        "cases": [case for case in cases if case.is_open],
        "cases_of_all": len(cases),
        "promises": [promise for promise in promises if not promise.settled_on],
        "promises_kept": {"kept": kept.count(True), "settled": len(kept)},
        "service": ServicePolicy.objects.filter(grade=grade).first(),
        "last_contact": last,
        "last_contact_days": (today - last.happened_at.astimezone(zone).date()).days
        if last
        else None,
    }
