"""How right alerts would have been on the company's own past, measured with each weekly fit."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class AlertQuality(models.Model):
    """One row for each fit that could be measured; the lists hold the rows of the dataclasses of
    `churn.shown_list`, `churn.threshold` and `churn.earned` as JSON. Without weeks the book was too small to say anything."""

    fit = models.OneToOneField(
        "tiering.ChurnFit",
        models.CASCADE,
        related_name="alert_quality",
        verbose_name=_("churn model"),
    )
    first_on = models.DateField(_("first week"), null=True)
    last_on = models.DateField(_("last week"), null=True)
    weeks = models.PositiveIntegerField(_("weeks"), default=0)
    customers = models.PositiveIntegerField(_("customers looked at"), default=0)
    budget = models.PositiveIntegerField(_("new alerts a week"), null=True)
    lists = models.JSONField(_("lists"), default=list)
    tried = models.JSONField(_("thresholds tried"), default=list)
    badges = models.JSONField(_("badges"), default=list)
    compared = models.JSONField(_("signals compared"), default=dict)
    calibration = models.JSONField(_("calibration"), default=list)

    class Meta:
        verbose_name = _("quality of alerts")
        verbose_name_plural = _("qualities of alerts")

    def __str__(self):
        return f"{self.fit_id} {self.last_on}"
