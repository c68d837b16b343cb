"""A grade that a person set, with a reason and an end; the night goes on computing underneath."""

from datetime import date, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Abs
from django.utils.translation import gettext_lazy as _

from crm.models import Customer
from crm.models.fields import MoneySumField
from crm.models.order import OfCustomerQuerySet
from tiering.hindsight import DAYS
from tiering.models.grade import Grade, place_of

NOTICE = timedelta(days=14)
FAR_APART = 2


class OverrideQuerySet(OfCustomerQuerySet):
    def in_force(self, *, day):
        """Approved, begun, not over on that day."""
        return self.filter(
            Q(ended_on=None) | Q(ended_on__gt=day),
            approved_at__isnull=False,
            starts_on__lte=day,
            until__gte=day,
        )

    def shown(self):
        """Those that give their customer the grade which every page shows."""
        return self.filter(customer__standing__override=F("pk"))

    def waiting(self):
        return self.filter(approved_at=None, ended_on=None)

    def declined(self):
        return self.filter(approved_at=None, ended_on__isnull=False)

    def over(self):
        """Approved once, and shown no more."""
        shown = Q(customer__standing__override=F("pk"))
        return self.filter(approved_at__isnull=False).exclude(shown)

    def ending_soon(self, *, today):
        return self.shown().filter(until__lte=today + NOTICE)

    def with_distance(self):
        """`apart`: how many grades lie between this one and the computed one."""
        computed = place_of("customer__standing__computed_grade")
        return self.annotate(apart=Abs(place_of("grade") - computed))

    def far_apart(self):
        return self.with_distance().filter(apart__gte=FAR_APART)

    def judged(self):
        return self.exclude(verdict="")


class Override(models.Model):
    """`until` is the last day on which it holds; `ended_on` the first on which it no longer does.

    Not approved and not ended: it waits. Not approved and ended: it was declined.
    """

    class Verdict(models.TextChoices):
        """Whose grade was nearer to what the customer deserved; see `tiering.hindsight`."""

        PERSON = "person", _("The person was right")
        RULE = "rule", _("The rule was right")
        EQUAL = "equal", _("Equal")

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
    # What hindsight says, 180 days after the first day.
    revenue_after = MoneySumField(_("revenue of the 180 days after"), null=True, blank=True)
    deserved_grade = models.CharField(
        _("grade it deserved"), max_length=10, choices=Grade, blank=True
    )
    verdict = models.CharField(_("who was right"), max_length=6, choices=Verdict, blank=True)

    objects = OverrideQuerySet.as_manager()

    class Meta:
        verbose_name = _("override of a grade")
        verbose_name_plural = _("overrides of grades")
        indexes = [models.Index(fields=["until"], name="override_by_last_day")]
        constraints = [
            models.CheckConstraint(condition=Q(until__gte=F("starts_on")), name="override_lasts"),
            models.CheckConstraint(condition=~Q(reason=""), name="override_has_a_reason"),
            models.UniqueConstraint(
                fields=["customer"],
                condition=Q(approved_at=None, ended_on=None),
                name="one_waiting_override_per_customer",
            ),
        ]

    def __str__(self):
        return f"{self.customer_id} {self.grade} {self.starts_on}"

    @property
    def is_waiting(self) -> bool:
        return self.approved_at is None and self.ended_on is None

    @property
    def is_shown(self) -> bool:
        standing = getattr(self.customer, "standing", None)
        return bool(standing and standing.override_id == self.pk)

    @property
    def judged_from(self) -> date:
        """The first of the 180 days that judge it."""
        return self.starts_on + timedelta(days=1)

    @property
    def judged_to(self) -> date:
        return self.starts_on + timedelta(days=DAYS)

    @property
    def was_declined(self) -> bool:
        return self.approved_at is None and self.ended_on is not None
