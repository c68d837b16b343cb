"""Complaints and requests for service, with a day by which they are answered."""

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from crm.models.customer import Contact, Customer
from crm.models.order import OfCustomerQuerySet, Order


class CaseQuerySet(OfCustomerQuerySet):
    def open(self):
        return self.filter(closed_on=None)

    def late(self, *, today):
        return self.open().filter(due_on__lt=today)

    def complaints(self):
        return self.filter(kind=Case.Kind.COMPLAINT)


class Case(models.Model):
    class Kind(models.TextChoices):
        RECEPTION = "reception", _("Reception")
        CONSULTING = "consulting", _("Consulting")
        QUALITY = "quality", _("Quality guarantee")
        INSTALLATION = "installation", _("Installation")
        SPARE_PARTS = "spare_parts", _("Spare parts")
        TRAINING = "training", _("Training")
        INSPECTION = "inspection", _("Inspection round")
        SPECIAL = "special", _("Special service")
        COMPLAINT = "complaint", _("Complaint")

    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="cases", verbose_name=_("customer")
    )
    contact = models.ForeignKey(
        Contact, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("contact")
    )
    order = models.ForeignKey(
        Order, models.SET_NULL, null=True, blank=True, related_name="cases", verbose_name=_("order")
    )
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="cases",
        verbose_name=_("assignee"),
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    subject = models.CharField(_("subject"), max_length=160)
    description = models.TextField(_("description"), blank=True)
    opened_on = models.DateField(_("opened on"))
    due_on = models.DateField(_("due on"))
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    resolution = models.TextField(_("resolution"), blank=True)
    warranty_until = models.DateField(_("under warranty until"), null=True, blank=True)
    repeat_days = models.PositiveSmallIntegerField(
        _("repeat every (days)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("For inspection rounds: closing one opens the next."),
    )
    follows = models.OneToOneField(
        "self", models.SET_NULL, null=True, blank=True, related_name="next_round", editable=False
    )

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        indexes = [models.Index(fields=["customer", "closed_on"], name="case_of_customer")]
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_on=None) | Q(closed_on__gte=F("opened_on")),
                name="case_closes_after_it_opens",
            ),
            models.CheckConstraint(
                condition=Q(repeat_days=None) | Q(kind="inspection"),
                name="only_inspection_rounds_repeat",
            ),
        ]

    def __str__(self):
        return self.subject

    @property
    def number(self) -> str:
        return f"C-{self.pk}"

    @property
    def is_open(self) -> bool:
        return self.closed_on is None
