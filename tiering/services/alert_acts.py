"""What a person does with an alert: acknowledge, snooze, close, take that back."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from crm.models import User
from crm.templatetags.format import day
from tiering.models import AlertEvent, ChurnAlert
from tiering.services.guard import NightRefused, hold_off_nights

LONGEST_SNOOZE = timedelta(days=365)
State, Event, Outcome = ChurnAlert.State, AlertEvent.Event, ChurnAlert.Outcome
BY_PERSON = (Event.ACKNOWLEDGED, Event.SNOOZED, Event.CLOSED)


class AlertRefused(Exception):
    """This cannot be done to this alert; nothing was changed, and the message may be shown."""


@transaction.atomic
def acknowledge(*, alert: ChurnAlert, by: User, today: date) -> ChurnAlert:
    """Say that somebody looks after it; one that is next in line or asleep is open with that.

    Raises AlertRefused for one that is closed or acknowledged, and while grades are computed.
    """
    alert = _unclosed(alert)
    if alert.state == State.ACKNOWLEDGED:
        raise AlertRefused(_acknowledged_before(alert))
    if alert.acknowledged_on is None:
        alert.acknowledged_on, alert.acknowledged_by = today, by
    alert.told_on = alert.told_on or today
    alert.record(Event.ACKNOWLEDGED, to=State.ACKNOWLEDGED, by=by, on=today)
    return alert


@transaction.atomic
def snooze(*, alert: ChurnAlert, until: date, reason: str, by: User, today: date) -> ChurnAlert:
    """Let it sleep; on that day it is open again, unless the customer has ordered.

    Raises AlertRefused for a day that is not in the future or more than a year away, without
    a reason, for a closed alert, and while grades are computed.
    """
    reason = reason.strip()
    if until <= today:
        raise AlertRefused(_("That day is not in the future. Choose tomorrow or a later day."))
    if until > today + LONGEST_SNOOZE:
        raise AlertRefused(_("An alert can sleep for 365 days at most. Choose an earlier day."))
    if not reason:
        raise AlertRefused(_("Give a reason: it is read again when the alert comes back."))
    alert = _unclosed(alert)
    alert.told_on = alert.told_on or today
    alert.record(Event.SNOOZED, to=State.SNOOZED, by=by, on=today, reason=reason, until=until)
    return alert


@transaction.atomic
def close(
    *, alert: ChurnAlert, outcome: str, reason: str = "", by: User, today: date
) -> ChurnAlert:
    """Close it with what came of it; it is not raised again before the customer has ordered
    and fallen silent anew.

    Raises AlertRefused for an outcome that is not a person's to say, for a loss without a
    reason, for a closed alert (who closed it first is said), and while grades are computed.
    """
    reason = reason.strip()
    if outcome not in ChurnAlert.BY_PERSON:
        raise AlertRefused(_("Choose what came of it."))
    if outcome == Outcome.LOST and not reason:
        raise AlertRefused(_("Say why the customer is lost: it is read again for win-back."))
    alert = _unclosed(alert)
    alert.closed_on, alert.closed_by, alert.outcome = today, by, outcome
    alert.record(Event.CLOSED, to=State.CLOSED, by=by, on=today, reason=reason)
    return alert


@transaction.atomic
def undo(*, alert: ChurnAlert, by: User, today: date) -> ChurnAlert:
    """Take back what a person did last; it stays in the history, and so does this.

    Raises AlertRefused where the night has acted since, or nobody did anything.
    """
    alert = _locked(alert)
    last = last_act(alert)
    if last is None:
        raise AlertRefused(_("There is nothing to take back: the alert has changed since."))
    _take_back(alert, last)
    slept = alert.events.filter(event=Event.SNOOZED).exclude(pk=last.pk).latest_first().first()
    is_asleep = last.from_state == State.SNOOZED and slept
    until, reason = (slept.until, slept.reason) if is_asleep else (None, "")
    alert.record(Event.UNDONE, to=last.from_state, by=by, on=today, reason=reason, until=until)
    return alert


def last_act(alert: ChurnAlert) -> AlertEvent | None:
    """What `undo` would take back."""
    last = alert.events.select_related("by").latest_first().first()
    is_act = last and last.by_id and last.event in BY_PERSON and last.to_state == alert.state
    return last if is_act else None


def _take_back(alert: ChurnAlert, last: AlertEvent) -> None:
    if last.event == Event.CLOSED:
        others = ChurnAlert.objects.filter(customer=alert.customer_id).exclude(pk=alert.pk)
        if others.unclosed().exists():
            raise AlertRefused(_("The customer has a newer alert; this one stays closed."))
        alert.closed_on, alert.closed_by, alert.outcome = None, None, ""
    was_first = (alert.acknowledged_by_id, alert.acknowledged_on) == (last.by_id, last.happened_on)
    if last.event == Event.ACKNOWLEDGED and was_first:
        alert.acknowledged_on = alert.acknowledged_by = None
    if last.from_state == State.HELD:
        alert.told_on = None


@dataclass(frozen=True)
class Together:
    """What was done to many: the alerts, and why to some of them nothing was done."""

    done: list[ChurnAlert]
    refused: list[str]


@transaction.atomic
def in_bulk(
    act: Callable[..., ChurnAlert], alerts: Iterable[ChurnAlert], **asked: object
) -> Together:
    """One of the acts above on each of these alerts; what is refused leaves the others alone."""
    done, refused = [], []
    for alert in sorted(alerts, key=lambda each: each.pk):  # so that two at once do not lock up
        try:
            done.append(act(alert=alert, **asked))
        except AlertRefused as refusal:
            refused.append(str(refusal))
    return Together(done, refused)


def _locked(alert: ChurnAlert) -> ChurnAlert:
    """As it is now; until the transaction ends nobody else acts on it, nor does a night."""
    try:
        hold_off_nights()
    except NightRefused as error:
        raise AlertRefused(str(error)) from error
    # No joins: whoever waits here would read the joined rows as they were before the wait.
    return ChurnAlert.objects.select_for_update(no_key=True).get(pk=alert.pk)


def _unclosed(alert: ChurnAlert) -> ChurnAlert:
    alert = _locked(alert)
    if alert.is_closed:
        raise AlertRefused(_closed_before(alert))
    return alert


def _closed_before(alert: ChurnAlert) -> str:
    shown = {"day": day(alert.closed_on), "outcome": alert.get_outcome_display()}
    if alert.closed_by is None:
        return _("The night of %(day)s has closed this alert: %(outcome)s.") % shown
    message = _("%(name)s has closed this alert on %(day)s: %(outcome)s. Nothing was changed.")
    return message % (shown | {"name": alert.closed_by.name})


def _acknowledged_before(alert: ChurnAlert) -> str:
    if alert.acknowledged_by is None or alert.acknowledged_on is None:
        return _("This alert is acknowledged already.")
    message = _("%(name)s has acknowledged this alert on %(day)s.")
    return message % {
        "name": alert.acknowledged_by.name,
        "day": day(alert.acknowledged_on),
    }
