"""Churn alerts: one for each silence, until the customer orders again or a person closes it."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.models import Customer
from crm.models.fields import MoneySumField
from crm.models.order import OfCustomerQuerySet
from tiering.models.signal import Signal as Badge

# What an alert says is judged so many days after it was raised.
HORIZON = timedelta(days=90)


OUT_OF_LINE = Q(state="held", customer__standing__eligible=False)


class ChurnAlertQuerySet(OfCustomerQuerySet):
    def unclosed(self):
        return self.exclude(state=ChurnAlert.State.CLOSED)

    def open(self):
        """Those that somebody has been told of and that ask for something now."""
        return self.filter(state__in=ChurnAlert.ASKING)

    def held(self):
        """Next in line: the budget of the week holds them back. Whoever has been silent for a year
        is lost, and no night lets it through any more."""
        return self.filter(state=ChurnAlert.State.HELD).exclude(OUT_OF_LINE)

    def snoozed(self):
        return self.filter(state=ChurnAlert.State.SNOOZED)

    def open_on(self, day):
        """Those of which somebody had been told by a past night, and that were not closed."""
        return self.filter(Q(closed_on=None) | Q(closed_on__gt=day), told_on__lte=day)


class ChurnAlert(models.Model):
    """`opened_on`: the night that raised it; `told_on`: when it became somebody's to act on,
    empty as long as the budget of the week holds it back."""

    class State(models.TextChoices):
        HELD = "held", _("Next in line")
        OPEN = "open", _("Open")
        ACKNOWLEDGED = "acknowledged", _("Acknowledged")
        SNOOZED = "snoozed", _("Snoozed")
        CLOSED = "closed", _("Closed")

    class Signal(models.TextChoices):
        MBG = "mbg", _("Chance of no order")
        LOGISTIC = "logistic", _("Learned from our own past")

    class Outcome(models.TextChoices):
        ORDERED = "ordered", _("Ordered again")
        WITHDRAWN = "withdrawn", _("Orders were corrected")
        SAVED = "saved", _("Saved")
        LOST = "lost", _("Lost")
        FALSE_ALARM = "false_alarm", _("False alarm")
        SEASONAL = "seasonal", _("Seasonal")

    ASKING = (State.OPEN, State.ACKNOWLEDGED)
    # What a person may say; the others are the night's.
    BY_PERSON = (Outcome.SAVED, Outcome.LOST, Outcome.FALSE_ALARM, Outcome.SEASONAL)

    # Figures change every night, and every index is then written too: by customer the unique
    # constraint finds alerts, and nobody asks by the others.
    customer = models.ForeignKey(
        Customer,
        models.PROTECT,
        related_name="alerts",
        verbose_name=_("customer"),
        db_index=False,
    )
    signal = models.CharField(_("signal"), max_length=10, choices=Signal)
    # Which badge raised it, below the threshold; empty where its chance did.
    badge = models.CharField(_("raised by"), max_length=12, choices=Badge, blank=True)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.OPEN)
    silent_since = models.DateField(_("silent since"))
    opened_on = models.DateField(_("opened on"))
    told_on = models.DateField(_("told on"), null=True, blank=True)
    seen_on = models.DateField(_("figures of"))
    p_none = models.FloatField(_("chance of no order in 90 days"))
    # As it was when the alert was raised; the other figures follow the silence.
    p_opened = models.FloatField(_("chance when it was raised"), null=True, editable=False)
    value_at_risk = MoneySumField(_("value at risk"))
    silent_days = models.PositiveIntegerField(_("days silent"))
    # Gaps leave them out, and so does whatever compares the silence with a gap.
    silent_holidays = models.PositiveIntegerField(_("holidays among them"), default=0)
    usual_gap = models.FloatField(_("usual gap, days"), null=True)
    long_gap = models.FloatField(_("9 of 10 gaps under, days"), null=True)
    # Whether both come from its own gaps or lean on the book: see churn.cadence.
    order_days = models.PositiveIntegerField(_("order days"), null=True)
    acknowledged_on = models.DateField(_("acknowledged on"), null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("acknowledged by"),
        db_index=False,
    )
    snoozed_until = models.DateField(_("snoozed until"), null=True, blank=True)
    woke_on = models.DateField(_("came back on"), null=True, blank=True)
    escalated_on = models.DateField(_("next level told on"), null=True, blank=True)
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("closed by"),
        db_index=False,
    )
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome, blank=True)
    # Why it sleeps or was closed, in the words of whoever did it.
    reason = models.TextField(_("reason"), blank=True)
    # What became of it, 90 days after it was raised.
    judged_on = models.DateField(_("judged on"), null=True, blank=True, editable=False)
    was_right = models.BooleanField(_("no order followed"), null=True, editable=False)
    acted = models.BooleanField(_("somebody acted on it"), null=True, editable=False)

    objects = ChurnAlertQuerySet.as_manager()

    class Meta:
        verbose_name = _("churn alert")
        verbose_name_plural = _("churn alerts")
        indexes = [
            # Not by value: what each night rewrites stands in no index.
            models.Index(fields=["state"], name="alert_by_state"),
            models.Index(fields=["told_on"], name="alert_by_day_told"),
            models.Index(
                fields=["opened_on"], name="alert_not_yet_judged", condition=Q(judged_on=None)
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["customer"],
                condition=~Q(state="closed"),
                name="one_open_alert_per_customer",
            ),
            models.UniqueConstraint(
                fields=["customer", "silent_since"], name="one_alert_per_silence"
            ),
            models.CheckConstraint(
                condition=Q(state="closed", closed_on__isnull=False)
                | (~Q(state="closed") & Q(closed_on=None)),
                name="closed_alert_has_a_day",
            ),
            models.CheckConstraint(
                condition=Q(state="snoozed", snoozed_until__isnull=False)
                | (~Q(state="snoozed") & Q(snoozed_until=None)),
                name="snoozed_alert_has_a_day",
            ),
            models.CheckConstraint(
                condition=Q(state="closed")
                | Q(state="held", told_on=None)
                | (~Q(state="held") & Q(told_on__isnull=False)),
                name="held_alert_is_not_told",
            ),
        ]

    def __str__(self):
        return f"{self.customer_id} {self.opened_on}"

    @property
    def silence(self) -> int:
        """Days silent, counted as gaps are: without holidays."""
        return self.silent_days - self.silent_holidays

    @property
    def raised_by(self) -> str:
        """The name of the signal that raised it: a badge, or the one that its chance comes from."""
        return self.get_badge_display() or self.get_signal_display()

    @property
    def is_held(self) -> bool:
        return self.state == self.State.HELD

    @property
    def is_closed(self) -> bool:
        return self.state == self.State.CLOSED

    def record(self, event, *, to, by, on, reason="", until=None):
        """Go to another state and append that to the history."""
        self.events.create(
            event=event,
            by=by,
            happened_on=on,
            from_state=self.state,
            to_state=to,
            reason=reason,
            until=until,
        )
        self.state, self.snoozed_until, self.reason = to, until, reason
        self.save()
