"""A visit, the follow-ups it closes and the next date: all three or none."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Unpack

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext

from crm.models import Customer, User, Visit
from crm.services.visits import PromiseMade, Said, log_visit, visit_with_key
from followups.models import FollowUp
from followups.services.dates import check_no_twin, move, put_back, set_next, settle, unsettle
from followups.services.errors import CannotUndo
from followups.services.locks import check_open, lock, lock_customer

UNDO_WITHIN = timedelta(minutes=10)


@transaction.atomic
def close_with_visit(
    *,
    followup: FollowUp,
    by: User,
    now: datetime,
    happened_at: datetime | None = None,
    key: str | None = None,
    settled: bool = True,
    promises: Iterable[PromiseMade] = (),
    **said: Unpack[Said],
) -> Visit:
    """Log the visit, close what it settles, plan the next contact (`next_on`).

    Somebody reached: this follow-up and all that a conversation settles are closed. Nobody
    reached: they move to `next_on`. `settled=False` leaves this promise or case open and moves
    it. The same key again gives back the first visit. Raises AlreadyClosed.
    """
    followup = lock(followup)
    if visit := visit_with_key(key, customer=followup.customer, by=by):
        return visit
    check_open(followup)
    visit = log_visit(
        customer=followup.customer,
        by=by,
        happened_at=happened_at or now,
        key=key,
        promises=promises,
        **said,
    )
    apply(visit, now=now, clicked=followup, settled=settled)
    return visit


@transaction.atomic
def log_on_the_side(
    *,
    customer: Customer,
    by: User,
    now: datetime,
    happened_at: datetime | None = None,
    key: str | None = None,
    promises: Iterable[PromiseMade] = (),
    **said: Unpack[Said],
) -> Visit:
    """Log a visit that no follow-up asked for; it closes and plans as every visit does."""
    customer = lock_customer(customer.pk)
    visit = visit_with_key(key, customer=customer, by=by)
    if visit:
        return visit
    visit = log_visit(
        customer=customer,
        by=by,
        happened_at=happened_at or now,
        key=key,
        promises=promises,
        **said,
    )
    apply(visit, now=now)
    return visit


def apply(
    visit: Visit, *, now: datetime, clicked: FollowUp | None = None, settled: bool = True
) -> None:
    """What a visit does to the follow-ups of its customer."""
    today = timezone.localdate(now)
    reached = visit.outcome != Visit.Outcome.MISSED
    touched = met_by(visit.customer, clicked, today=today, reached=reached)
    stays = clicked if clicked and not settled and clicked.reason in NEEDS_MORE else None
    for followup in touched:
        if reached and followup != stays:
            close(followup, visit, now=now)
        elif visit.next_on:
            move(followup, visit.next_on, dated_by=visit)
    if visit.next_on and (reached or not touched):
        set_next(visit.customer, visit.next_on, today=today, visit=visit)


NEEDS_MORE = (FollowUp.Reason.PROMISE, FollowUp.Reason.CASE)
SOON_ANSWERED = (
    FollowUp.Reason.GONE_QUIET,
    FollowUp.Reason.CADENCE,
    FollowUp.Reason.SECOND_ORDER,
)


def met_by(
    customer: Customer, clicked: FollowUp | None, *, today: date, reached: bool
) -> list[FollowUp]:
    """The open follow-ups that a contact speaks to, this one first.

    Somebody who was reached need not be called again for the same alert or cadence, even one
    that is due tomorrow. What was planned for a later day stays planned.
    """
    asks = Q(due_on__lte=today)
    if reached:
        asks |= Q(reason__in=SOON_ANSWERED)
    others = FollowUp.objects.open().of_contact().filter(asks, customer=customer)
    rows = others.select_for_update(of=("self",)).order_by("id")
    if clicked is None:
        return list(rows)
    return [clicked, *(row for row in rows if row != clicked)]


def close(followup: FollowUp, visit: Visit, *, now: datetime) -> None:
    settle(followup, on=timezone.localdate(now))
    followup.state, followup.visit = FollowUp.State.DONE, visit
    followup.closed_by, followup.closed_at = visit.by, now
    followup.save(update_fields=["state", "visit", "closed_by", "closed_at"])


@transaction.atomic
def undo_visit(*, visit: Visit, by: User, now: datetime) -> None:
    """Take a visit back: it goes, and its follow-ups stand as they stood.

    Only its author, within ten minutes, and while nothing has been built on it.
    Raises CannotUndo.
    """
    lock_customer(visit.customer_id)
    check_fresh(visit, by=by, now=now)
    for followup in visit.dated_followups.select_for_update(of=("self",)).order_by("id"):
        undate(followup, visit)
    for followup in visit.closed_followups.select_related("promise", "case").order_by("id"):
        check_no_twin(followup)
        unsettle(followup)
        put_back(followup)
    visit.delete()


def check_fresh(visit: Visit, *, by: User, now: datetime) -> None:
    if visit.by_id != by.pk:
        raise CannotUndo(gettext("Only the author of a visit can undo it."))
    if now - visit.created_at > UNDO_WITHIN:
        raise CannotUndo(gettext("A visit can be undone for ten minutes."))
    later = Visit.objects.filter(customer=visit.customer_id, created_at__gt=visit.created_at)
    if later.exists() or visit.promises.exclude(settled_on=None).exists():
        raise CannotUndo(gettext("More has been written down for this customer since."))


def undate(followup: FollowUp, visit: Visit) -> None:
    """Back to the day it stood on before the visit, or away if the visit has made it."""
    if not followup.is_open or followup.due_on != visit.next_on:
        raise CannotUndo(gettext("The next date of this customer has been changed since."))
    if followup.due_before is None:
        followup.delete()
    else:
        followup.due_on, followup.due_before, followup.dated_by = followup.due_before, None, None
        followup.save(update_fields=["due_on", "due_before", "dated_by"])
