"""What people decide on lost customers: a plan to win them back, or that it is not worth one."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from crm.models import Customer, Order, User
from followups.models import FollowUp, WinBack, WinBackEvent, WinBackTouch
from followups.services.locks import lock_customer
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


@transaction.atomic
def start(*, customer: Customer, touches: Sequence[Touch], by: User, today: date) -> WinBack:
    """Begin a plan; its touches become follow-ups one after the other, the first at once.

    It ends with the customer's next order, by a person, or after 180 days. Raises
    WinBackRefused for a customer who is not lost or has a plan, and for no or odd touches.
    """
    asked = checked(touches)
    customer = lock_customer(customer.pk)
    loss = lost_for_sure(customer, today)
    plan = plan_of(loss, ends_on=today + LENGTH, by=by, today=today)
    plan.save()
    add_touches(plan, asked)
    plan.record(Event.STARTED, to=State.RUNNING, by=by, on=today)
    open_next(plan, today=today)
    return plan


@transaction.atomic
def decline(*, customer: Customer, reason: str, by: User, today: date) -> WinBack:
    """Say that it is not worth a plan; the customer is not proposed again for a year.

    Raises WinBackRefused without a reason, for a customer who is not lost or has a plan.
    """
    reason = reason.strip()
    if not reason:
        raise WinBackRefused(_("Say why it is not worth it: it is read again in a year."))
    customer = lock_customer(customer.pk)
    plan = plan_of(lost_for_sure(customer, today), ends_on=today, by=by, today=today)
    plan.state, plan.closed_on, plan.closed_by = State.NOT_WORTH, today, by
    plan.save()
    plan.record(Event.DECLINED, to=State.NOT_WORTH, by=by, on=today, reason=reason)
    return plan


@dataclass(frozen=True)
class Together:
    """What was done for many: the plans, and why for some customers nothing was done."""

    done: list[WinBack]
    refused: list[str]


@transaction.atomic
def for_many(
    act: Callable[..., WinBack], customers: Iterable[Customer], **asked: object
) -> Together:
    """`start` or `decline` for each of them; what is refused leaves the others alone."""
    done, refused = [], []
    for customer in sorted(customers, key=lambda each: each.pk):  # two at once do not lock up
        try:
            done.append(act(customer=customer, **asked))
        except WinBackRefused as refusal:
            refused.append(str(refusal))
    return Together(done, refused)


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


def lost_for_sure(customer: Customer, today: date) -> LostCustomer:
    """The loss that the last night knows of; raises where it is none any more."""
    name = {"customer": customer.name}
    running_plan = WinBack.objects.running().filter(customer=customer).select_related("started_by")
    if plan := running_plan.first():
        shown = name | {"name": plan.started_by.name, "day": date_format(plan.started_on)}
        raise WinBackRefused(_("%(name)s has started a plan for %(customer)s on %(day)s.") % shown)
    losses = (
        LostCustomer.objects.still_away()
        .filter(customer=customer)
        .select_related("chance", "customer")
    )
    loss = losses.first()
    if loss is None:
        raise WinBackRefused(_("%(customer)s is not among the lost customers any more.") % name)
    orders = Order.objects.sales().until(today).filter(customer=customer)
    if orders.filter(ordered_on__gt=loss.silent_since).exists():
        raise WinBackRefused(_("%(customer)s has ordered again by itself.") % name)
    return loss


def plan_of(loss: LostCustomer, *, ends_on: date, by: User, today: date) -> WinBack:
    chance = loss.chance.share if loss.chance and loss.chance.is_known else None
    return WinBack(
        customer=loss.customer,
        owner_id=loss.customer.owner_id,
        silent_since=loss.silent_since,
        value=loss.value,
        chance=chance,
        started_on=today,
        started_by=by,
        ends_on=ends_on,
    )


def add_touches(plan: WinBack, touches: Iterable[Touch]) -> None:
    WinBackTouch.objects.bulk_create(
        WinBackTouch(
            plan=plan,
            due_on=plan.started_on + timedelta(days=touch.days),
            channel=touch.channel,
            what=touch.what.strip(),
        )
        for touch in touches
    )


def open_next(plan: WinBack, *, today: date) -> None:
    """The follow-up of the first touch that is not done, where its day is near; `refresh`
    does the same for the later ones."""
    touch = WinBackTouch.objects.not_done().filter(plan=plan).first()
    if touch is None or touch.due_on > today + SOON:
        return
    due_on = max(touch.due_on, today)
    FollowUp.objects.create(
        customer_id=plan.customer_id,
        assignee_id=plan.customer.owner_id,
        reason=FollowUp.Reason.WIN_BACK,
        touch=touch,
        due_on=due_on,
        first_due_on=due_on,
        opened_on=today,
    )
