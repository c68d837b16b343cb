"""What somebody is told of an alert, once; read when they have seen it."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tiering.models.alert import ChurnAlert


class NoticeQuerySet(models.QuerySet):
    def visible_to(self, user):
        """One's own, of alerts whose customers one still sees."""
        return self.filter(user=user, alert__in=ChurnAlert.objects.visible_to(user))

    def unread(self):
        return self.filter(read_at=None)

    def latest_first(self):
        return self.order_by("-told_on", "-alert__value_at_risk", "-id")


class Notice(models.Model):
    class Kind(models.TextChoices):
        OPENED = "opened", _("New alert")
        KEY = "key", _("Alert of a key customer")
        ESCALATED = "escalated", _("Not acknowledged for two working days")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notices")
    alert = models.ForeignKey(ChurnAlert, models.CASCADE, related_name="notices")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    told_on = models.DateField(_("day"))
    read_at = models.DateTimeField(_("read"), null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        indexes = [models.Index(fields=["user", "-told_on"], name="notice_of_user")]
        constraints = [
            models.UniqueConstraint(fields=["alert", "user"], name="one_notice_per_alert_and_user")
        ]

    def __str__(self):
        return f"{self.user_id} {self.alert_id} {self.kind}"
