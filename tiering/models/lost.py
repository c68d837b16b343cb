"""Customers who have gone, and how often such customers came back on the company's own past."""

from datetime import date

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.models import Customer
from crm.models.fields import MoneySumField
from crm.models.order import OfCustomerQuerySet
from tiering.churn.returns import ENOUGH, MONTHS, ORDERS, months_in
from tiering.models.alert import ChurnAlert
from tiering.models.grade import Grade


class ReturnChance(models.Model):
    """One row for each class of days away and of order days; measured once a week."""

    away = models.PositiveSmallIntegerField()
    orders = models.PositiveSmallIntegerField()
    measured_on = models.DateField(_("measured on"))
    n = models.PositiveIntegerField(_("cases"))
    share = models.FloatField(_("chance of return in 180 days"))
    low = models.FloatField()
    high = models.FloatField()

    class Meta:
        verbose_name = _("chance of return")
        verbose_name_plural = _("chances of return")
        constraints = [
            models.UniqueConstraint(fields=["away", "orders"], name="one_chance_of_return_each")
        ]

    def __str__(self):
        return f"{self.away}/{self.orders}: {self.share:.2f} ({self.n})"

    @property
    def is_known(self) -> bool:
        return self.n >= ENOUGH

    @property
    def months(self) -> tuple[int, int | None]:
        """From so many months to less than so many; the last class is open."""
        upper = MONTHS[self.away] if self.away < len(MONTHS) else None
        return MONTHS[self.away - 1], upper

    @property
    def order_days(self) -> tuple[int, int | None]:
        """From so many order days up to so many; the last class is open."""
        upper = ORDERS[self.orders] - 1 if self.orders < len(ORDERS) else None
        return ORDERS[self.orders - 1], upper


class LostCustomerQuerySet(OfCustomerQuerySet):
    def still_away(self):
        return self.filter(returned_on=None)


class LostCustomer(models.Model):
    """One row for each silence in which a customer was given up: by a person who closed its
    alert as lost, or by a year without an order day.

    lost_on      the night that found it
    value        net of the 365 days up to the last order day, in the measure of the book
    share        the chance of return as it was said last before it ordered again, `chance` being
                 measured anew every week; empty where there are too few cases to say
    expected     value times that chance
    returned_on  the first order day after it; empty while the silence goes on
    """

    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="losses", verbose_name=_("customer")
    )
    silent_since = models.DateField(_("last order"))
    lost_on = models.DateField(_("lost on"))
    alert = models.ForeignKey(
        ChurnAlert, models.SET_NULL, null=True, related_name="+", verbose_name=_("alert")
    )
    order_days = models.PositiveIntegerField(_("order days"))
    value = MoneySumField(_("value of the last 12 months"), default=0)
    last_grade = models.CharField(_("last grade"), max_length=10, choices=Grade, blank=True)
    chance = models.ForeignKey(
        ReturnChance, models.SET_NULL, null=True, related_name="+", verbose_name=_("chance")
    )
    share = models.FloatField(_("chance of return in 180 days"), null=True)
    expected = MoneySumField(_("chance × value"), null=True)
    returned_on = models.DateField(_("ordered again on"), null=True)

    objects = LostCustomerQuerySet.as_manager()

    class Meta:
        verbose_name = _("lost customer")
        verbose_name_plural = _("lost customers")
        indexes = [
            models.Index(
                models.F("expected").desc(nulls_last=True),
                models.F("value").desc(nulls_last=True),
                "id",
                name="lost_by_expected",
                condition=Q(returned_on=None),
            ),
            models.Index(
                fields=["returned_on"], name="lost_and_back", condition=~Q(returned_on=None)
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["customer", "silent_since"], name="one_loss_a_silence"),
            models.UniqueConstraint(
                fields=["customer"], condition=Q(returned_on=None), name="lost_once_at_a_time"
            ),
        ]

    def __str__(self):
        return f"{self.customer_id} {self.silent_since}"

    @property
    def reason(self) -> str:
        """Why it went, in the words of whoever said so."""
        return self.alert.reason if self.alert else ""

    def months_away(self, today: date) -> int:
        return months_in((today - self.silent_since).days)
