"""Every contact with a customer, what was promised in it, and the services asked for."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models.customer import Contact, Customer
from crm.models.fields import CoordinateField
from crm.models.order import OfCustomerQuerySet


class VisitQuerySet(OfCustomerQuerySet):
    def latest_first(self):
        return self.order_by("-happened_at", "-id")

    def reached(self):
        """Those in which somebody was spoken to."""
        return self.exclude(outcome=Visit.Outcome.MISSED)


class Visit(models.Model):
    class Channel(models.TextChoices):
        ON_SITE = "on_site", _("On site")
        PHONE = "phone", _("Phone")
        MESSAGE = "message", _("Message")
        VIDEO = "video", _("Video call")
        CAME_TO_US = "came_to_us", _("They came to us")

    class Direction(models.TextChoices):
        OUTBOUND = "outbound", _("We to them")
        INBOUND = "inbound", _("They to us")

    class Outcome(models.TextChoices):
        SPOKE = "spoke", _("Spoke")
        ORDERED = "ordered", _("Order promised")
        MISSED = "missed", _("Nobody reached")
        DECLINED = "declined", _("No need now")

    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="visits", verbose_name=_("customer")
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="visits", verbose_name=_("by")
    )
    contact = models.ForeignKey(
        Contact,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="visits",
        verbose_name=_("contact"),
    )
    happened_at = models.DateTimeField(_("when"))
    channel = models.CharField(_("channel"), max_length=10, choices=Channel)
    direction = models.CharField(
        _("direction"), max_length=8, choices=Direction, default=Direction.OUTBOUND
    )
    minutes = models.PositiveSmallIntegerField(
        _("minutes"), null=True, blank=True, validators=[MaxValueValidator(24 * 60)]
    )
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome, default=Outcome.SPOKE)
    summary = models.TextField(_("note"), blank=True)
    needs = models.TextField(_("needs"), blank=True)
    competitor = models.CharField(_("competitor"), max_length=120, blank=True)
    satisfaction = models.PositiveSmallIntegerField(
        _("satisfaction"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(5)],
        help_text=_("1 (very unhappy) to 5 (very happy)"),
    )
    next_on = models.DateField(_("next on"), null=True, blank=True)
    latitude = CoordinateField(verbose_name=_("latitude"))
    longitude = CoordinateField(verbose_name=_("longitude"))
    key = models.CharField(max_length=64, null=True, blank=True, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    batch = models.ForeignKey(
        "crm.ImportBatch", models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )

    objects = VisitQuerySet.as_manager()

    class Meta:
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        indexes = [
            models.Index(fields=["customer", "happened_at"], name="visit_of_customer_by_time"),
            models.Index(fields=["by", "happened_at"], name="visit_by_author_and_time"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(satisfaction=None) | models.Q(satisfaction__range=(1, 5)),
                name="satisfaction_is_one_to_five",
            )
        ]

    def __str__(self):
        return f"{self.customer_id} {self.happened_at:%Y-%m-%d}"


class PromiseQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(visit__in=Visit.objects.visible_to(user))

    def open(self):
        return self.filter(settled_on=None)

    def of_customer(self, customer):
        return self.filter(visit__customer=customer)


class Promise(models.Model):
    """What we said we would do in a visit, until when, and whether we did."""

    visit = models.ForeignKey(
        Visit, models.CASCADE, related_name="promises", verbose_name=_("visit")
    )
    what = models.CharField(_("what"), max_length=200)
    due_on = models.DateField(_("until"))
    kept = models.BooleanField(_("kept"), null=True, blank=True)
    settled_on = models.DateField(_("settled on"), null=True, blank=True)

    objects = PromiseQuerySet.as_manager()

    class Meta:
        verbose_name = _("promise")
        verbose_name_plural = _("promises")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kept=None, settled_on=None)
                | models.Q(kept__isnull=False, settled_on__isnull=False),
                name="settled_promise_says_whether_kept",
            )
        ]

    def __str__(self):
        return self.what
