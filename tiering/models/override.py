"""A grade that a person set, with a reason and an end; the night goes on computing underneath."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from crm.models import Customer
from crm.models.order import OfCustomerQuerySet
from tiering.models.grade import Grade


class OverrideQuerySet(OfCustomerQuerySet):
    def in_force(self, *, day):
        """Approved, begun, not over on that day."""
        return self.filter(
            Q(ended_on=None) | Q(ended_on__gt=day),
            approved_at__isnull=False,
            starts_on__lte=day,
            until__gte=day,
        )

    def waiting(self):
        return self.filter(approved_at=None, ended_on=None)

    def expired(self, *, day):
        return self.filter(approved_at__isnull=False, ended_on=None, until__lt=day)


class Override(models.Model):
    """`until` is the last day on which it holds; `ended_on` the first on which it no longer does."""

    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="overrides", verbose_name=_("customer")
    )
    grade = models.CharField(_("grade"), max_length=10, choices=Grade)
    computed_grade = models.CharField(_("computed grade then"), max_length=10, choices=Grade)
    reason = models.TextField(_("reason"))
    starts_on = models.DateField(_("from"))
    until = models.DateField(_("until"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("set by")
    )
    created_at = models.DateTimeField(_("set at"), auto_now_add=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("approved by"),
    )
    approved_at = models.DateTimeField(_("approved at"), null=True, blank=True)
    ended_on = models.DateField(_("ended on"), null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    noticed_on = models.DateField(_("owner told on"), null=True, blank=True)

    objects = OverrideQuerySet.as_manager()

    class Meta:
        verbose_name = _("override of a grade")
        verbose_name_plural = _("overrides of grades")
        indexes = [models.Index(fields=["until"], name="override_by_last_day")]
        constraints = [
            models.CheckConstraint(condition=Q(until__gte=F("starts_on")), name="override_lasts"),
            models.CheckConstraint(condition=~Q(reason=""), name="override_has_a_reason"),
        ]

    def __str__(self):
        return f"{self.customer_id} {self.grade} {self.starts_on}"
