"""What people do with a win-back plan: other touches, what came of it, and take that back."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from crm.models import User
from crm.templatetags.format import day
from followups.models import FollowUp, WinBack, WinBackEvent, WinBackTouch
from followups.services.locks import lock_customer
from followups.services.winback import Touch, WinBackRefused, add_touches, checked, open_next

State, Event = WinBack.State, WinBackEvent.Event


@transaction.atomic
def change(*, plan: WinBack, touches: Sequence[Touch], by: User, today: date) -> WinBack:
    """Other touches for those that are not done yet; days count from the start of the plan.

    Raises WinBackRefused for a plan that does not run any more, and for odd touches.
    """
    asked = checked(touches)
    plan = running(plan)
    left = WinBackTouch.objects.not_done().filter(plan=plan)
    drop_followups(plan)
    WinBackTouch.objects.filter(pk__in=[touch.pk for touch in left]).delete()
    add_touches([plan], asked)
    plan.record(Event.CHANGED, to=State.RUNNING, by=by, on=today)
    open_next(plan, today=today)
    return plan


@transaction.atomic
def close(*, plan: WinBack, outcome: str, reason: str = "", by: User, today: date) -> WinBack:
    """End it as won, lost or not worth it; its open follow-up is not needed any more.

    Raises WinBackRefused for another outcome, for lost and not worth it without a reason, and
    for a plan that is closed already (who closed it first is said).
    """
    reason = reason.strip()
    if outcome not in WinBack.BY_PERSON:
        raise WinBackRefused(_("Choose what came of it."))
    if outcome != State.WON and not reason:
        raise WinBackRefused(_("Give a reason: it is read again when the customer is proposed."))
    plan = running(plan)
    plan.closed_on, plan.closed_by = today, by
    plan.record(Event.CLOSED, to=outcome, by=by, on=today, reason=reason)
    drop_followups(plan)
    return plan


@transaction.atomic
def take_back(*, plan: WinBack, by: User, today: date) -> WinBack:
    """Undo the start of a plan of which nothing has been done yet, or what ended it by hand.

    Raises WinBackRefused where the night or somebody's work came after it.
    """
    plan = locked(plan)
    last = last_act(plan)
    if last is None:
        raise WinBackRefused(_("There is nothing to take back: more has happened since."))
    if last.event == Event.CLOSED:
        return reopen(plan, by=by, today=today)
    if FollowUp.objects.filter(touch__plan=plan, state=FollowUp.State.DONE).exists():
        raise WinBackRefused(_("A touch has been done already: close the plan instead."))
    plan.closed_on, plan.closed_by = today, by
    plan.record(Event.UNDONE, to=State.TAKEN_BACK, by=by, on=today)
    drop_followups(plan)
    return plan


def reopen(plan: WinBack, *, by: User, today: date) -> WinBack:
    others = WinBack.objects.running().filter(customer=plan.customer_id)
    if others.exists():
        raise WinBackRefused(_("The customer has a newer plan; this one stays closed."))
    plan.closed_on = plan.closed_by = plan.returned_on = None
    plan.record(Event.UNDONE, to=State.RUNNING, by=by, on=today)
    open_next(plan, today=today)
    return plan


def last_act(plan: WinBack) -> WinBackEvent | None:
    """What `take_back` would undo."""
    last = plan.events.order_by("-id").exclude(event=Event.CHANGED).first()
    is_act = last and last.by_id and last.event in (Event.STARTED, Event.DECLINED, Event.CLOSED)
    return last if is_act else None


def drop_followups(plan: WinBack) -> None:
    open_ones = FollowUp.objects.open().filter(touch__plan=plan)
    open_ones.update(state=FollowUp.State.DROPPED, closed_at=Now())


def locked(plan: WinBack) -> WinBack:
    """As it is now; until the transaction ends nobody else acts on its customer."""
    lock_customer(plan.customer_id)
    return WinBack.objects.select_for_update(no_key=True, of=("self",)).get(pk=plan.pk)


def running(plan: WinBack) -> WinBack:
    plan = locked(plan)
    if plan.is_running:
        return plan
    shown = {"day": day(plan.closed_on), "outcome": plan.get_state_display()}
    if plan.closed_by is None:
        raise WinBackRefused(_("The night of %(day)s has ended this plan: %(outcome)s.") % shown)
    message = _("%(name)s has ended this plan on %(day)s: %(outcome)s. Nothing was changed.")
    raise WinBackRefused(message % (shown | {"name": plan.closed_by.name}))
