"""Which signals are looked for, and how often each was right on the company's own past."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from tiering.models.grade import Grade


class Signal(models.TextChoices):
    COMPLAINT = "complaint", _("Complaint or low satisfaction")
    CONTACT = "contact", _("Contact overdue")
    SPENDING = "spending", _("Spending down")
    ITEM = "item", _("Key item lost")
    CATEGORIES = "categories", _("Fewer categories")
    PAYMENTS = "payments", _("Pays later")
    OWNER = "owner", _("Owner changed")
    LATE = "late", _("Later than usual")


class SignalSwitchQuerySet(models.QuerySet):
    def that_may_alert(self):
        return self.filter(use=SignalSwitch.Use.ALERT)


class SignalSwitch(models.Model):
    """One row for each signal; a change takes effect with the next night, in what is measured
    with the next measurement."""

    class Use(models.TextChoices):
        OFF = "off", _("Off")
        BADGE = "badge", _("Badge only")
        ALERT = "alert", _("May raise alerts, once it is right often enough")

    signal = models.CharField(_("signal"), max_length=12, choices=Signal, primary_key=True)
    use = models.CharField(_("use"), max_length=5, choices=Use, default=Use.ALERT)
    least_grade = models.CharField(
        _("from which grade on"),
        max_length=10,
        choices=Grade,
        default=Grade.MAINTAIN,
        help_text=_("Customers of this grade and of better ones show it."),
    )

    objects = SignalSwitchQuerySet.as_manager()

    class Meta:
        verbose_name = _("signal")
        verbose_name_plural = _("signals")

    def __str__(self):
        return self.get_signal_display()

    @property
    def grades(self) -> list[str]:
        """Whose customers show it, unless it is off."""
        return Grade.values[: Grade.values.index(self.least_grade) + 1]


class SignalQuality(models.Model):
    """One row per signal and week: of `n` customers who showed it `right` did not order in the
    90 days that followed; `base_right` of all `base_n` customers did not either."""

    as_of = models.DateField(_("as of"))
    signal = models.CharField(_("signal"), max_length=12, choices=Signal)
    n = models.PositiveIntegerField(_("seen"))
    right = models.PositiveIntegerField(_("of these without an order in 90 days"))
    base_n = models.PositiveIntegerField(_("customers looked at"))
    base_right = models.PositiveIntegerField(_("of all without an order in 90 days"))

    class Meta:
        verbose_name = _("quality of a signal")
        verbose_name_plural = _("quality of signals")
        constraints = [
            models.UniqueConstraint(
                fields=["as_of", "signal"], name="one_quality_per_signal_and_day"
            )
        ]

    def __str__(self):
        return f"{self.as_of} {self.signal} {self.right}/{self.n}"
