"""What the owner of an account thinks of it: criteria that nothing can compute."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models import Customer
from crm.models.order import OfCustomerQuerySet

WORST, BEST = 1, 5


class RatingQuerySet(OfCustomerQuerySet):
    def latest(self, *, day):
        """Of each customer and criterion the last one given by that day."""
        known = self.filter(rated_on__lte=day)
        return known.order_by("customer_id", "criterion", "-rated_on", "-id").distinct(
            "customer_id", "criterion"
        )


class Rating(models.Model):
    """1 to 5 for one criterion; a later one counts instead, and none is changed."""

    class Criterion(models.TextChoices):
        FIT = "fit", _("Match of our range and quality with the need")
        POTENTIAL = "potential", _("Future potential")
        IDENTIFICATION = "identification", _("Identification with our company")
        STRENGTH = "strength", _("Own strength")
        INFLUENCE = "influence", _("Influence in the market")
        RELATIONSHIP = "relationship", _("Wish for a long relationship")

    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="ratings", verbose_name=_("customer")
    )
    criterion = models.CharField(_("criterion"), max_length=16, choices=Criterion)
    points = models.PositiveSmallIntegerField(
        _("rating"), validators=[MinValueValidator(WORST), MaxValueValidator(BEST)]
    )
    rated_on = models.DateField(_("rated on"))
    note = models.CharField(_("note"), max_length=500, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("rated by")
    )

    objects = RatingQuerySet.as_manager()

    class Meta:
        verbose_name = _("rating")
        verbose_name_plural = _("ratings")
        indexes = [
            models.Index(
                fields=["customer", "criterion", "-rated_on"], name="rating_latest_of_criterion"
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(points__range=(WORST, BEST)), name="rating_from_1_to_5"
            )
        ]

    def __str__(self):
        return f"{self.customer_id} {self.criterion} {self.points}"


class CriterionFigures(models.Model):
    """Raw figures of all criteria of a customer, as of one night, while a policy weighs them."""

    customer = models.OneToOneField(
        Customer, models.CASCADE, primary_key=True, related_name="criteria"
    )
    as_of = models.DateField(_("as of"))
    figures = models.JSONField(_("figures"))

    class Meta:
        verbose_name = _("figures of criteria")
        verbose_name_plural = _("figures of criteria")

    def __str__(self):
        return f"{self.as_of} {self.customer_id}"
