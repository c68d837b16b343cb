"""Moving, ticking off and planning follow-ups, without a visit."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from crm.models import Customer, User, Visit
from crm.services.cases import close_case, reopen_case
from crm.services.visits import settle_promise, unsettle_promise
from followups.cadence import LONGEST_PLAN, LONGEST_SNOOZE
from followups.models import FollowUp
from followups.services.errors import CannotUndo, NotThatDay
from followups.services.locks import check_open, lock, lock_customer


@transaction.atomic
def snooze(*, followup: FollowUp, by: User, until: date, today: date) -> FollowUp:
    """Move the day to `until`: today at the earliest, 180 days on at the latest.

    Raises NotThatDay or AlreadyClosed; `first_due_on` keeps saying when it was due at first.
    """
    if until < today:
        raise NotThatDay(gettext("That day is in the past. Choose today or a later day."))
    if until > today + LONGEST_SNOOZE:
        raise NotThatDay(gettext("That is more than 180 days away. Choose an earlier day."))
    followup = lock(followup)
    check_open(followup)
    move(followup, until)
    return followup


def move(followup: FollowUp, to: date, **agreed: Visit | str | None) -> None:
    """Change the day of an open follow-up and remember where it stood."""
    changed = {"due_before": followup.due_on, "due_on": to, **agreed}
    for name, value in changed.items():
        setattr(followup, name, value)
    followup.save(update_fields=list(changed))


@transaction.atomic
def move_back(*, followup: FollowUp, by: User) -> FollowUp:
    """Put the day back to where it stood before it was last moved. Raises CannotUndo."""
    followup = lock(followup)
    check_open(followup)
    if followup.due_before is None:
        raise CannotUndo(gettext("The day of this follow-up has not been moved."))
    followup.due_on, followup.due_before = followup.due_before, None
    followup.save(update_fields=["due_on", "due_before"])
    return followup


@transaction.atomic
def mark_done(*, followup: FollowUp, by: User, now: datetime) -> FollowUp:
    """Tick off without a visit. A promise counts as kept, a case as closed.

    Raises AlreadyClosed.
    """
    followup = lock(followup)
    check_open(followup)
    settle(followup, on=timezone.localdate(now))
    followup.state, followup.closed_by, followup.closed_at = FollowUp.State.DONE, by, now
    followup.save(update_fields=["state", "closed_by", "closed_at"])
    return followup


def settle(followup: FollowUp, *, on: date) -> None:
    """What a promise or a case follow-up stands for is done with it."""
    if followup.promise:
        settle_promise(promise=followup.promise, kept=True, on=on)
    if followup.case:
        close_case(case=followup.case, on=on)


def unsettle(followup: FollowUp) -> None:
    if followup.promise:
        unsettle_promise(promise=followup.promise)
    if followup.case:
        reopen_case(case=followup.case)


@transaction.atomic
def reopen(*, followup: FollowUp, by: User, now: datetime) -> FollowUp:
    """Take `mark_done` back, on the day it was done. Raises CannotUndo."""
    followup = lock(followup)
    if followup.state != FollowUp.State.DONE or followup.visit_id:
        raise CannotUndo(gettext("This follow-up was not ticked off, so that cannot be undone."))
    if timezone.localdate(followup.closed_at) != timezone.localdate(now):
        raise CannotUndo(gettext("Ticking off can be undone only on the same day."))
    check_no_twin(followup)
    unsettle(followup)
    put_back(followup)
    return followup


def check_no_twin(followup: FollowUp) -> None:
    twins = FollowUp.objects.open().filter(customer=followup.customer_id, reason=followup.reason)
    if twins.filter(case=followup.case_id, promise=followup.promise_id).exists():
        raise CannotUndo(
            gettext("Meanwhile a new follow-up of the same kind was opened for this customer.")
        )


def put_back(followup: FollowUp) -> None:
    followup.state = FollowUp.State.OPEN
    followup.closed_by = followup.closed_at = followup.visit = None
    followup.save(update_fields=["state", "closed_by", "closed_at", "visit"])


@transaction.atomic
def plan(*, customer: Customer, by: User, due_on: date, today: date, note: str = "") -> FollowUp:
    """Agree on a day for the next contact; a day planned before moves to the new one.

    Raises NotThatDay for a day in the past or more than two years ahead.
    """
    if due_on < today:
        raise NotThatDay(gettext("That day is in the past. Choose today or a later day."))
    if due_on > today + LONGEST_PLAN:
        raise NotThatDay(gettext("That is more than two years away. Choose an earlier day."))
    customer = lock_customer(customer.pk)
    return set_next(customer, due_on, today=today, note=note)


def set_next(
    customer: Customer, due_on: date, *, today: date, note: str = "", visit: Visit | None = None
) -> FollowUp:
    """The one planned follow-up of a customer, made or moved; `visit` is where it was agreed."""
    planned = (
        FollowUp.objects.open()
        .filter(customer=customer, reason=FollowUp.Reason.PLANNED)
        .select_for_update(of=("self",))
        .first()
    )
    if planned:
        move(planned, due_on, dated_by=visit, note=note or planned.note)
        return planned
    return FollowUp.objects.create(
        customer=customer,
        assignee_id=customer.owner_id,
        reason=FollowUp.Reason.PLANNED,
        due_on=due_on,
        first_due_on=due_on,
        opened_on=today,
        dated_by=visit,
        note=note,
    )
