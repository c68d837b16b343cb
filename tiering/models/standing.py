"""Where each customer stands now, and the figures behind it."""

from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models import Customer
from crm.models.fields import MoneySumField
from crm.models.order import OfCustomerQuerySet
from tiering.behaviour import NEW
from tiering.models.grade import Behaviour, Grade


class Figures(models.Model):
    """What a night computes for a customer. Money in base currency, chances from 0 to 1."""

    grade = models.CharField(_("grade"), max_length=10, choices=Grade)
    computed_grade = models.CharField(_("computed grade"), max_length=10, choices=Grade)
    # Codes of levels of the policy: the one that follows calmly, and that of the night.
    level = models.CharField(_("level"), max_length=12, default=Grade.MAINTAIN)
    computed_level = models.CharField(_("computed level"), max_length=12, default=Grade.MAINTAIN)
    behaviour = models.CharField(_("behaviour"), max_length=10, choices=Behaviour, blank=True)
    score = models.FloatField(_("score"), null=True)
    eligible = models.BooleanField(_("ordered in the last 365 days"))
    value = MoneySumField(_("value, 12 months"))
    p_none = models.FloatField(_("chance of no order in 180 days"), null=True)
    continuing_value = MoneySumField(_("likely to continue"), null=True)
    rank = models.FloatField(_("rank"), null=True)

    class Meta:
        abstract = True

    @property
    def measured(self) -> Decimal:
        """The score in money or points; it is reckoned in hundredths."""
        return Decimal(int(self.score or 0)) / 100


class StandingQuerySet(OfCustomerQuerySet):
    def inactive(self):
        return self.filter(eligible=False)

    def later_than_usual(self):
        return self.filter(later_than_usual=True)


class Standing(Figures):
    """One row per customer: grade now and the figures behind it."""

    class Watch(models.IntegerChoices):
        NONE = 0, _("Stays")
        UP = 1, _("Rises")
        DOWN = -1, _("Falls")
        LEAVES = -2, _("Becomes inactive")

    customer = models.OneToOneField(
        Customer, models.CASCADE, primary_key=True, related_name="standing"
    )
    # Without an index: it changes every night, and would have every row indexed anew. Without
    # a constraint: it would be checked for every row, and only nights write it (ADR 10).
    run = models.ForeignKey(
        "tiering.NightRun",
        models.PROTECT,
        related_name="standings",
        db_index=False,
        db_constraint=False,
    )
    override = models.ForeignKey(
        "tiering.Override",
        models.SET_NULL,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("override"),
    )
    revenue = MoneySumField(_("revenue, 12 months"), default=0)
    line_above = models.FloatField(_("score to pass for the next level"), null=True)
    line_below = models.FloatField(_("score to stay above"), null=True)
    watch = models.SmallIntegerField(_("watch"), choices=Watch, default=Watch.NONE)
    watch_level = models.CharField(_("level after that"), max_length=12, blank=True)
    watch_on = models.DateField(_("on"), null=True)
    # What this night leaves to the next, and what it was left; see services.calmness.
    state = models.BinaryField(null=True, editable=False)
    state_before = models.BinaryField(null=True, editable=False)
    order_days = models.PositiveIntegerField(_("order days"), default=0)
    order_days_180 = models.PositiveIntegerField(_("order days, 180 days"), default=0)
    growth = models.FloatField(_("growth of revenue"), null=True)
    order_days_365 = models.PositiveIntegerField(_("order days, 12 months"), default=0)
    first_order_on = models.DateField(_("first order"), null=True)
    last_order_on = models.DateField(_("last order"), null=True)
    silent_days = models.PositiveIntegerField(_("days silent"), null=True)
    usual_gap = models.FloatField(_("usual gap, days"), null=True)
    long_gap = models.FloatField(_("9 of 10 gaps under, days"), null=True)
    cadence = models.FloatField(_("share of own gaps shorter than the silence"), null=True)
    later_than_usual = models.BooleanField(_("later than usual"), default=False)
    p_none_90 = models.FloatField(_("chance of no order in 90 days"), null=True)
    # What that chance comes from: mbg or logistic, empty where there is none.
    signal = models.CharField(_("signal"), max_length=10, blank=True)
    value_at_risk = MoneySumField(_("value at risk"), null=True)
    # The figures behind each signal that it shows, by code; see tiering.signals.
    signals = models.JSONField(_("signals"), null=True, editable=False)

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

    @property
    def rise(self) -> float | None:
        """Growth of revenue in 180 days, .3 for 30 per cent more; None where it begins at 0."""
        if self.growth is None or self.growth >= 1:
            return None
        return 2 * self.growth / (1 - self.growth)

    @property
    def is_new(self) -> bool:
        """Whether behaviour takes it as new: see `tiering.behaviour`."""
        first = self.first_order_on
        return first is None or (self.run.as_of - first).days < NEW

    @property
    def grade_underneath(self) -> str:
        """The grade without what a person set: that of the level which follows calmly."""
        return self.run.policy.grade_of_level(self.level)


class StandingSnapshot(Figures):
    """One row per night and customer, kept for 35 nights, month ends, and at every change."""

    pk = models.CompositePrimaryKey("as_of", "customer_id")
    as_of = models.DateField()
    # Checked row by row, a key would take an eighth of the night. Whoever has a snapshot has a
    # change of grade too, whose key is checked and which is never deleted.
    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="snapshots", db_constraint=False
    )

    def __str__(self):
        return f"{self.as_of} {self.customer_id} {self.grade}"
