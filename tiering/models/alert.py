"""Churn alerts: one for each silence, until the customer orders again."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.models import Customer
from crm.models.fields import MoneyField
from crm.models.order import OfCustomerQuerySet


class ChurnAlertQuerySet(OfCustomerQuerySet):
    def open(self):
        return self.exclude(state=ChurnAlert.State.CLOSED)

    def open_on(self, day):
        """Those that were open at the end of a past night."""
        return self.filter(Q(closed_on=None) | Q(closed_on__gt=day), opened_on__lte=day)


class ChurnAlert(models.Model):
    class State(models.TextChoices):
        OPEN = "open", _("Open")
        CLOSED = "closed", _("Closed")

    class Signal(models.TextChoices):
        MBG = "mbg", _("Chance of no order")

    class Outcome(models.TextChoices):
        ORDERED = "ordered", _("Ordered again")
        WITHDRAWN = "withdrawn", _("Orders were corrected")

    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="alerts", verbose_name=_("customer")
    )
    signal = models.CharField(_("signal"), max_length=10, choices=Signal)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    silent_since = models.DateField(_("silent since"))
    opened_on = models.DateField(_("opened on"))
    seen_on = models.DateField(_("figures of"))
    p_none = models.FloatField(_("chance of no order in 90 days"))
    value_at_risk = MoneyField(_("value at risk"))
    silent_days = models.PositiveIntegerField(_("days silent"))
    usual_gap = models.FloatField(_("usual gap, days"), null=True)
    long_gap = models.FloatField(_("9 of 10 gaps under, days"), null=True)
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome, blank=True)

    objects = ChurnAlertQuerySet.as_manager()

    class Meta:
        verbose_name = _("churn alert")
        verbose_name_plural = _("churn alerts")
        indexes = [
            models.Index(fields=["state", "-value_at_risk"], name="alert_by_state_and_value")
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
        ]

    def __str__(self):
        return f"{self.customer_id} {self.opened_on}"
