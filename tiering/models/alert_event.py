"""The history of churn alerts."""

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from tiering.models.alert import ChurnAlert


class AlertEventQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(alert__in=ChurnAlert.objects.visible_to(user))

    def latest_first(self):
        return self.order_by("-id")

    def to_tell(self):
        """Without the first line of every alert, which the alert itself tells."""
        first = Q(event=AlertEvent.Event.TOLD, happened_on=F("alert__opened_on"))
        return self.exclude(first | Q(event=AlertEvent.Event.RAISED))

    def with_outcome(self):
        """`is_final`: the alert is closed since, so its outcome is that of this event."""
        later = self.model.objects.filter(alert=OuterRef("alert"), pk__gt=OuterRef("pk"))
        return self.annotate(is_final=~Exists(later))


class AlertEvent(models.Model):
    """One row for each change of an alert's state; never changed. `by` is empty for the night."""

    class Event(models.TextChoices):
        RAISED = "raised", _("Raised")
        TOLD = "told", _("Opened")
        ACKNOWLEDGED = "acknowledged", _("Acknowledged")
        SNOOZED = "snoozed", _("Snoozed")
        WOKE = "woke", _("Came back")
        ESCALATED = "escalated", _("Next level told")
        CLOSED = "closed", _("Closed")
        REOPENED = "reopened", _("Opened again")
        UNDONE = "undone", _("Undone")

    alert = models.ForeignKey(ChurnAlert, models.CASCADE, related_name="events")
    event = models.CharField(_("event"), max_length=12, choices=Event)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("by"),
    )
    happened_on = models.DateField(_("day"))
    happened_at = models.DateTimeField(_("time"), auto_now_add=True)
    from_state = models.CharField(max_length=12, choices=ChurnAlert.State, blank=True)
    to_state = models.CharField(max_length=12, choices=ChurnAlert.State)
    reason = models.TextField(_("reason"), blank=True)
    until = models.DateField(_("until"), null=True, blank=True)

    objects = AlertEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("event of an alert")
        verbose_name_plural = _("events of alerts")

    def __str__(self):
        return f"{self.alert_id} {self.event} {self.happened_on}"
