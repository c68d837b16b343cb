"""What people decide on lost customers: a plan to win them back, or that it is not worth one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from crm.models import Customer, Order, User
from crm.templatetags.format import day
from followups.models import FollowUp, WinBack, WinBackEvent, WinBackTouch
from followups.services.locks import lock_customers
from tiering.churn.returns import HORIZON
from tiering.models import LostCustomer

LENGTH = timedelta(days=HORIZON)
SOON = timedelta(days=7)
MOST_TOUCHES = 8
State, Event = WinBack.State, WinBackEvent.Event


class WinBackRefused(Exception):
    """This cannot be done; nothing was changed, and the message may be shown."""


class Touch(NamedTuple):
    """So many days after the start, by a channel of `Visit`, what is to be done."""

    days: int
    channel: str
    what: str


@dataclass(frozen=True)
class Together:
    """What was done for many: the plans, and why for some customers nothing was done."""

    done: list[WinBack]
    refused: list[str]

    def alone(self) -> WinBack:
        """The only plan. Raises WinBackRefused where it was refused."""
        if self.refused:
            raise WinBackRefused(self.refused[0])
        return self.done[0]


def start(*, customer: Customer, touches: Sequence[Touch], by: User, today: date) -> WinBack:
    """`start_all` for one; raises WinBackRefused also where the customer is refused."""
    return start_all(customers=[customer], touches=touches, by=by, today=today).alone()


@transaction.atomic
def start_all(
    *, customers: Iterable[Customer], touches: Sequence[Touch], by: User, today: date
) -> Together:
    """Begin plans; the touches become follow-ups one after the other, the first at once.

    A plan ends with the customer's next order, by a person, or after 180 days. Who is not lost
    or has a plan is refused and leaves the others alone. Raises WinBackRefused for no or odd
    touches.
    """
    asked = checked(touches)
    losses, refused = losses_of(lock_customers(customers), today)
    plans = [plan_of(loss, ends_on=today + LENGTH, by=by, today=today) for loss in losses]
    save_all(plans, Event.STARTED)
    add_touches(plans, asked)
    open_next(*plans, today=today)
    return Together(plans, refused)


def decline(*, customer: Customer, reason: str, by: User, today: date) -> WinBack:
    """`decline_all` for one; raises WinBackRefused also where the customer is refused."""
    return decline_all(customers=[customer], reason=reason, by=by, today=today).alone()


@transaction.atomic
def decline_all(*, customers: Iterable[Customer], reason: str, by: User, today: date) -> Together:
    """Say that they are not worth a plan; they are not proposed again for a year.

    Who is not lost or has a plan is refused. Raises WinBackRefused without a reason.
    """
    reason = reason.strip()
    if not reason:
        raise WinBackRefused(_("Say why it is not worth it: it is read again in a year."))
    losses, refused = losses_of(lock_customers(customers), today)
    plans = [plan_of(loss, ends_on=today, by=by, today=today) for loss in losses]
    for plan in plans:
        plan.state, plan.closed_on, plan.closed_by = State.NOT_WORTH, today, by
        plan.reason = reason
    save_all(plans, Event.DECLINED)
    return Together(plans, refused)


def checked(touches: Sequence[Touch]) -> list[Touch]:
    """By day. Raises WinBackRefused."""
    if not touches:
        raise WinBackRefused(_("A plan needs at least one touch."))
    if len(touches) > MOST_TOUCHES:
        raise WinBackRefused(_("A plan has %(most)s touches at most.") % {"most": MOST_TOUCHES})
    if not all(0 <= touch.days <= HORIZON for touch in touches):
        raise WinBackRefused(
            _("A touch lies 0 to %(days)s days after the start.") % {"days": HORIZON}
        )
    if not all(touch.what.strip() for touch in touches):
        raise WinBackRefused(_("Say for each touch what is to be done."))
    return sorted(touches, key=lambda touch: touch.days)


def losses_of(customers: list[Customer], today: date) -> tuple[list[LostCustomer], list[str]]:
    """The losses that the last night knows of; and why not, where there is none any more."""
    running = WinBack.objects.running().filter(customer__in=customers)
    plans = {plan.customer_id: plan for plan in running.select_related("started_by")}
    orders = Order.objects.sales().until(today).filter(customer=OuterRef("customer"))
    is_back = Exists(orders.filter(ordered_on__gt=OuterRef("silent_since")))
    away = LostCustomer.objects.still_away().filter(customer__in=customers)
    rows = away.select_related("customer").annotate(is_back=is_back).order_by("-id")
    known = {loss.customer_id: loss for loss in rows}
    losses, refused = [], []
    for customer in customers:
        loss = known.get(customer.pk)
        why = why_not(customer, plans.get(customer.pk), loss)
        if why or loss is None:
            refused.append(why)
        else:
            losses.append(loss)
    return losses, refused


def why_not(customer: Customer, plan: WinBack | None, loss: Any) -> str:
    """Why nothing can be decided on the customer; empty where it can. A loss has `is_back`."""
    name = {"customer": customer.name}
    if plan:
        shown = name | {"name": plan.started_by.name, "day": day(plan.started_on)}
        return _("%(name)s has started a plan for %(customer)s on %(day)s.") % shown
    if loss is None:
        return _("%(customer)s is not among the lost customers any more.") % name
    return _("%(customer)s has ordered again by itself.") % name if loss.is_back else ""


def plan_of(loss: LostCustomer, *, ends_on: date, by: User, today: date) -> WinBack:
    return WinBack(
        customer=loss.customer,
        owner_id=loss.customer.owner_id,
        silent_since=loss.silent_since,
        value=loss.value,
        chance=loss.share,
        started_on=today,
        started_by=by,
        ends_on=ends_on,
    )


def save_all(plans: list[WinBack], event: WinBackEvent.Event) -> None:
    """New plans, each with the first row of its history."""
    WinBack.objects.bulk_create(plans)
    WinBackEvent.objects.bulk_create(
        WinBackEvent(
            plan=plan,
            event=event,
            by=plan.started_by,
            happened_on=plan.started_on,
            from_state=plan.state,
            to_state=plan.state,
            reason=plan.reason,
        )
        for plan in plans
    )


def add_touches(plans: Iterable[WinBack], touches: Sequence[Touch]) -> None:
    WinBackTouch.objects.bulk_create(
        WinBackTouch(
            plan=plan,
            due_on=plan.started_on + timedelta(days=touch.days),
            channel=touch.channel,
            what=touch.what.strip(),
        )
        for plan in plans
        for touch in touches
    )


def open_next(*plans: WinBack, today: date) -> None:
    """The follow-up of the first touch of each that is not done, where its day is near;
    `refresh` does the same for the later ones."""
    touches: dict[int, WinBackTouch] = {}
    for touch in WinBackTouch.objects.not_done().filter(plan__in=plans):
        touches.setdefault(touch.plan_id, touch)
    FollowUp.objects.bulk_create(
        first_followup(plan, touches[plan.pk], today)
        for plan in plans
        if plan.pk in touches and touches[plan.pk].due_on <= today + SOON
    )


def first_followup(plan: WinBack, touch: WinBackTouch, today: date) -> FollowUp:
    due_on = max(touch.due_on, today)
    return FollowUp(
        customer_id=plan.customer_id,
        assignee_id=plan.customer.owner_id,
        reason=FollowUp.Reason.WIN_BACK,
        touch=touch,
        due_on=due_on,
        first_due_on=due_on,
        opened_on=today,
    )
