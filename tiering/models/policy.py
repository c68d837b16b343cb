"""How grades are computed; a published policy never changes."""

from decimal import Decimal

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

SHARE = [MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(100))]


class PolicyQuerySet(models.QuerySet):
    def published(self):
        return self.exclude(valid_from=None)

    def in_force(self, *, day):
        """The policy that rules on a day: of those valid by then, the latest."""
        return (
            self.published().filter(valid_from__lte=day).order_by("-valid_from", "-version").first()
        )


class Policy(models.Model):
    class Basis(models.TextChoices):
        VALUE = "value", _("Value of the last 12 months")

    version = models.PositiveIntegerField(_("version"), unique=True)
    name = models.CharField(_("name"), max_length=80)
    basis = models.CharField(_("basis"), max_length=20, choices=Basis, default=Basis.VALUE)
    key_share = models.DecimalField(
        _("key, per cent"), max_digits=5, decimal_places=2, default=1, validators=SHARE
    )
    secondary_share = models.DecimalField(
        _("secondary, per cent"), max_digits=5, decimal_places=2, default=19, validators=SHARE
    )
    general_share = models.DecimalField(
        _("general, per cent"), max_digits=5, decimal_places=2, default=30, validators=SHARE
    )
    alert_threshold = models.DecimalField(
        _("alert at a chance of no order in 90 days of"),
        max_digits=3,
        decimal_places=2,
        default=Decimal("0.60"),
        validators=[MinValueValidator(Decimal("0.05")), MaxValueValidator(Decimal("0.99"))],
    )
    valid_from = models.DateField(
        _("valid from"), null=True, blank=True, help_text=_("Empty: a draft.")
    )
    note = models.TextField(_("note"), blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("author"),
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = PolicyQuerySet.as_manager()

    class Meta:
        verbose_name = _("grading policy")
        verbose_name_plural = _("grading policies")
        constraints = [
            models.UniqueConstraint(fields=["valid_from"], name="one_policy_begins_on_a_day")
        ]

    def __str__(self):
        return f"{self.version} {self.name}"

    @property
    def is_published(self) -> bool:
        return self.valid_from is not None

    @property
    def maintain_share(self) -> Decimal:
        return 100 - self.key_share - self.secondary_share - self.general_share

    def clean(self):
        if self.key_share + self.secondary_share + self.general_share > 100:
            raise ValidationError(_("The shares of the grades add up to more than 100 per cent."))
