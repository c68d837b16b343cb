"""Contacts with customers and the promises made in them."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple, TypedDict, Unpack

from django.db import transaction
from django.utils.translation import gettext

from crm.models import Contact, Customer, Promise, User, Visit


class KeyTaken(Exception):
    """The key belongs to another visit; the message may be shown."""


class PromiseMade(NamedTuple):
    what: str
    due_on: date


class Said(TypedDict, total=False):
    """What a visit form asks for; everything but channel and outcome may be left out."""

    channel: str
    outcome: str
    direction: str
    minutes: int | None
    summary: str
    needs: str
    competitor: str
    satisfaction: int | None
    next_on: date | None
    contact: Contact | None


@transaction.atomic
def log_visit(
    *,
    customer: Customer,
    by: User,
    happened_at: datetime,
    promises: Iterable[PromiseMade] = (),
    key: str | None = None,
    **said: Unpack[Said],
) -> Visit:
    """Write down one contact with the promises made in it.

    `key` is the sender's own name for this visit: the same key again writes nothing and gives
    back the first visit. Raises KeyTaken when the key is that of somebody else's visit.
    """
    visit = visit_with_key(key, customer=customer, by=by)
    if visit:
        return visit
    visit = Visit.objects.create(
        customer=customer, by=by, happened_at=happened_at, key=key or None, **said
    )
    Promise.objects.bulk_create(Promise(visit=visit, **made._asdict()) for made in promises)
    return visit


def visit_with_key(key: str | None, *, customer: Customer, by: User) -> Visit | None:
    """The visit that this author has already sent under this key."""
    visit = Visit.objects.filter(key=key).first() if key else None
    if visit and (visit.by_id, visit.customer_id) != (by.pk, customer.pk):
        raise KeyTaken(gettext("This form has already been used. Open it again."))
    return visit


def settle_promise(*, promise: Promise, kept: bool, on: date) -> None:
    """Say whether a promise was kept; one that is settled already stays as it is."""
    Promise.objects.filter(pk=promise.pk).open().update(kept=kept, settled_on=on)


def unsettle_promise(*, promise: Promise) -> None:
    """Take back that a promise was settled."""
    Promise.objects.filter(pk=promise.pk).update(kept=None, settled_on=None)
