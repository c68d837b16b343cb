"""Where each customer stands now, how it got there, and the figures behind it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models import Customer
from crm.models.fields import MoneyField
from crm.models.order import OfCustomerQuerySet
from tiering.models.grade import Grade


class Figures(models.Model):
    """What a night computes for a customer. Money in base currency, chances from 0 to 1."""

    grade = models.CharField(_("grade"), max_length=10, choices=Grade)
    computed_grade = models.CharField(_("computed grade"), max_length=10, choices=Grade)
    eligible = models.BooleanField(_("ordered in the last 365 days"))
    value = MoneyField(_("value, 12 months"))
    p_none = models.FloatField(_("chance of no order in 180 days"), null=True)
    continuing_value = MoneyField(_("likely to continue"), null=True)
    rank = models.FloatField(_("rank"), null=True)

    class Meta:
        abstract = True


class StandingQuerySet(OfCustomerQuerySet):
    def inactive(self):
        return self.filter(eligible=False)

    def later_than_usual(self):
        return self.filter(later_than_usual=True)


class Standing(Figures):
    """One row per customer: grade now and the figures behind it."""

    customer = models.OneToOneField(
        Customer, models.CASCADE, primary_key=True, related_name="standing"
    )
    # Without an index: it changes every night, and would have every row indexed anew.
    run = models.ForeignKey(
        "tiering.NightRun", models.PROTECT, related_name="standings", db_index=False
    )
    order_days = models.PositiveIntegerField(_("order days"), default=0)
    order_days_365 = models.PositiveIntegerField(_("order days, 12 months"), default=0)
    first_order_on = models.DateField(_("first order"), null=True)
    last_order_on = models.DateField(_("last order"), null=True)
    silent_days = models.PositiveIntegerField(_("days silent"), null=True)
    usual_gap = models.FloatField(_("usual gap, days"), null=True)
    long_gap = models.FloatField(_("9 of 10 gaps under, days"), null=True)
    cadence = models.FloatField(_("share of own gaps shorter than the silence"), null=True)
    later_than_usual = models.BooleanField(_("later than usual"), default=False)
    p_none_90 = models.FloatField(_("chance of no order in 90 days"), null=True)
    value_at_risk = MoneyField(_("value at risk"), null=True)

    objects = StandingQuerySet.as_manager()

    class Meta:
        verbose_name = _("standing")
        verbose_name_plural = _("standings")
        indexes = [
            models.Index(fields=["grade", "-value"], name="standing_by_grade_and_value"),
            models.Index(fields=["-value", "customer"], name="standing_by_value"),
        ]

    def __str__(self):
        return f"{self.customer_id} {self.grade}"


class StandingSnapshot(Figures):
    """One row per night and customer, kept for 35 nights, month ends, and at every change."""

    as_of = models.DateField()
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["as_of", "customer"], name="one_snapshot_per_night")
        ]

    def __str__(self):
        return f"{self.as_of} {self.customer_id} {self.grade}"


class GradeChange(models.Model):
    """One row per change of a customer's grade; never changed, never deleted by hand."""

    class Cause(models.TextChoices):
        FIRST = "first", _("First grade")
        DATA = "data", _("Orders")
        LEFT = "left", _("No order for a year")
        BACK = "back", _("Ordered again")
        POLICY = "policy", _("New grading policy")

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="grade_changes")
    run = models.ForeignKey("tiering.NightRun", models.PROTECT, related_name="changes")
    as_of = models.DateField(_("as of"))
    # Above 0 where the night was computed again and gave another grade: history only grows.
    correction = models.PositiveSmallIntegerField(default=0, editable=False)
    from_grade = models.CharField(_("from"), max_length=10, choices=Grade, blank=True)
    to_grade = models.CharField(_("to"), max_length=10, choices=Grade)
    was_eligible = models.BooleanField(null=True)
    eligible = models.BooleanField()
    cause = models.CharField(_("cause"), max_length=10, choices=Cause)
    before = models.JSONField(_("figures before"), default=dict)
    after = models.JSONField(_("figures after"), default=dict)

    objects = OfCustomerQuerySet.as_manager()

    class Meta:
        verbose_name = _("change of grade")
        verbose_name_plural = _("changes of grade")
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "as_of", "correction"],
                name="one_grade_change_per_customer_and_night",
            )
        ]

    def __str__(self):
        return f"{self.customer_id} {self.from_grade} → {self.to_grade}"
