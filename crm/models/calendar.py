"""The holidays of the company: none until a calendar is chosen."""

from datetime import date, timedelta

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class CalendarCode(models.TextChoices):
    NONE = "none", _("No holidays")
    MAINLAND = "mainland", _("Mainland China, public holidays")
    TRADE = "trade", _("Mainland China, two weeks for Spring Festival")
    OWN = "own", _("Holidays of our own")


class HolidayCalendar(models.Model):
    """One row: which calendar the company keeps. Without a row it keeps none."""

    only = models.BooleanField(primary_key=True, default=True, editable=False)
    code = models.CharField(
        _("holiday calendar"),
        max_length=10,
        choices=CalendarCode,
        default=CalendarCode.NONE,
        help_text=_("Days of a holiday do not count as silence, and no deadline falls on them."),
    )

    class Meta:
        verbose_name = _("holiday calendar")
        verbose_name_plural = _("holiday calendar")
        constraints = [
            models.CheckConstraint(condition=Q(only=True), name="one_holiday_calendar"),
        ]

    def __str__(self):
        return self.get_code_display()


class HolidayQuerySet(models.QuerySet):
    def in_force(self):
        """Those of the calendar that the company keeps."""
        return self.filter(calendar__in=HolidayCalendar.objects.values("code"))

    def days(self) -> frozenset[date]:
        """Every single day of them."""
        spans = self.values_list("first_on", "last_on")
        return frozenset(
            first_on + timedelta(days=number)
            for first_on, last_on in spans
            for number in range((last_on - first_on).days + 1)
        )


class Holiday(models.Model):
    """A holiday of a calendar, first and last day included."""

    calendar = models.CharField(
        _("holiday calendar"),
        max_length=10,
        choices=[choice for choice in CalendarCode.choices if choice[0] != CalendarCode.NONE],
        default=CalendarCode.OWN,
    )
    first_on = models.DateField(_("first day"))
    last_on = models.DateField(_("last day"))
    name = models.CharField(_("name"), max_length=80)

    objects = HolidayQuerySet.as_manager()

    class Meta:
        verbose_name = _("holiday")
        verbose_name_plural = _("holidays")
        constraints = [
            models.CheckConstraint(
                condition=Q(last_on__gte=F("first_on"), last_on__lte=F("first_on") + timedelta(60)),
                name="holiday_ends_within_two_months",
            ),
        ]

    def __str__(self):
        return f"{self.name} {self.first_on}"
