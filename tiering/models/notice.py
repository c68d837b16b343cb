"""What somebody is told of an alert, once; read when they have seen it."""

from django.conf import settings
from django.db import models
from django.db.models import Count, F, Q, Sum, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext_lazy as _

from tiering.models.alert import ChurnAlert

# As many of one kind and day are told one by one; more are told as one.
FEW = 5


class NoticeQuerySet(models.QuerySet):
    def visible_to(self, user):
        """One's own, of alerts whose customers one still sees."""
        return self.filter(user=user, alert__in=ChurnAlert.objects.visible_to(user))

    def unread(self):
        return self.filter(read_at=None)

    def lines(self):
        """One row for each thing told: a notice, or for more than FEW of one kind and day the
        dearest of them, with `of_day` (how many), `unread_of_day`, `open_of_day` and
        `money_of_day` of them all."""
        same = [F("told_on"), F("kind")]

        def of_day(sum, **options):
            return Window(sum, partition_by=same, **options)

        is_open = Q(alert__state__in=ChurnAlert.ASKING)
        rows = self.annotate(
            of_day=of_day(Count("pk")),
            unread_of_day=of_day(Count("pk", filter=Q(read_at=None))),
            open_of_day=of_day(Count("pk", filter=is_open)),
            money_of_day=of_day(Sum("alert__value_at_risk")),
            place=of_day(RowNumber(), order_by=[F("alert__value_at_risk").desc(), F("pk").desc()]),
        )
        return rows.filter(Q(of_day__lte=FEW) | Q(place=1))

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

    @property
    def is_many(self) -> bool:
        """Of rows from `lines`: whether it stands for others, too."""
        return self.of_day > FEW

    @property
    def is_unread(self) -> bool:
        return self.unread_of_day > 0 if self.is_many else self.read_at is None
