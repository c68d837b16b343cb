"""Files that came in, how their columns were read, and what they changed."""

from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm.permissions import Permission


class ImportKind(models.TextChoices):
    CUSTOMERS = "customers", _("Customers")
    ORDERS = "orders", _("Orders")
    ORDER_LINES = "order_lines", _("Order lines")
    VISITS = "visits", _("Visits")
    PAYMENTS = "payments", _("Payments")


class ImportMapping(models.Model):
    """Which column of a foreign file means what, kept under a name."""

    name = models.CharField(_("name"), max_length=80)
    kind = models.CharField(_("kind"), max_length=12, choices=ImportKind)
    columns = models.JSONField(_("columns"), default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("column mapping")
        verbose_name_plural = _("column mappings")
        constraints = [
            models.UniqueConstraint(fields=["kind", "name"], name="one_mapping_per_kind_and_name")
        ]

    def __str__(self):
        return self.name


class ImportBatchQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Files are seen by those who may import them."""
        return self if user.may(Permission.IMPORT_FILES) else self.none()

    def latest_first(self):
        return self.order_by("-created_at", "-id")

    def at_work(self):
        return self.filter(state__in=ImportBatch.AT_WORK)

    def with_files(self):
        return self.exclude(file="", rejects="")

    def untouched_since(self, instant):
        """Nothing has been done with the file since then: no upload, no work on it."""
        touched_at = Coalesce("finished_at", "alive_at", "created_at")
        return self.alias(touched_at=touched_at).filter(touched_at__lt=instant)


def under_a_name_of_its_own(batch, name):
    """Names of uploaded files are kept in the row; on disk they could be anything."""
    return f"imports/{uuid4().hex}{''.join(Path(name).suffixes[-2:])[:12]}"


class ImportBatch(models.Model):
    """One file, from upload to commit or undo."""

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("Uploaded")
        CHECKING = "checking", _("Being checked")
        CHECKED = "checked", _("Checked")
        RUNNING = "running", _("Being imported")
        COMMITTED = "committed", _("Imported")
        FAILED = "failed", _("Failed")
        UNDOING = "undoing", _("Being undone")
        UNDONE = "undone", _("Undone")

    AT_WORK = [State.CHECKING, State.RUNNING, State.UNDOING]

    kind = models.CharField(_("kind"), max_length=12, choices=ImportKind)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.UPLOADED)
    file_name = models.CharField(_("file name"), max_length=200)
    file = models.FileField(_("file"), upload_to=under_a_name_of_its_own, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    mapping = models.JSONField(_("columns"), default=dict, blank=True)
    create_customers = models.BooleanField(_("create unknown customers"), default=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("owner of new customers"),
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by")
    )
    created_at = models.DateTimeField(_("uploaded at"), auto_now_add=True)
    started_at = models.DateTimeField(_("work began"), null=True, blank=True)
    alive_at = models.DateTimeField(_("last sign of life"), null=True, blank=True)
    finished_at = models.DateTimeField(_("work ended"), null=True, blank=True)
    percent = models.PositiveSmallIntegerField(_("progress, per cent"), default=0)
    rows = models.PositiveIntegerField(_("lines"), default=0)
    created = models.PositiveIntegerField(_("new"), default=0)
    updated = models.PositiveIntegerField(_("changed"), default=0)
    unchanged = models.PositiveIntegerField(_("unchanged"), default=0)
    rejected = models.PositiveIntegerField(_("rejected lines"), default=0)
    customers_created = models.PositiveIntegerField(_("new customers"), default=0)
    dated_ahead = models.PositiveIntegerField(
        _("orders dated ahead"),
        default=0,
        help_text=_("Dated after the day of the import: they count from their day on."),
    )
    kept = models.PositiveIntegerField(
        _("kept at undo"), default=0, help_text=_("New customers that were in use by then.")
    )
    header = models.JSONField(default=list, blank=True, editable=False)
    first_lines = models.JSONField(default=list, blank=True, editable=False)
    reasons = models.JSONField(default=list, blank=True, editable=False)
    examples = models.JSONField(default=list, blank=True, editable=False)
    error = models.JSONField(default=dict, blank=True, editable=False)
    rejects = models.FileField(
        _("rejected lines"), upload_to=under_a_name_of_its_own, blank=True, editable=False
    )

    files_removed_at = models.DateTimeField(_("files removed"), null=True, blank=True)

    objects = ImportBatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        indexes = [models.Index(fields=["-created_at", "-id"], name="import_latest_first")]

    def __str__(self):
        return f"{self.file_name} ({self.pk})"

    def get_absolute_url(self):
        return reverse("import", args=[self.pk])

    @property
    def is_at_work(self) -> bool:
        return self.state in self.AT_WORK

    @property
    def is_of_orders(self) -> bool:
        return self.kind in (ImportKind.ORDERS, ImportKind.ORDER_LINES)

    @property
    def documents(self) -> int:
        return self.created + self.updated + self.unchanged


class ImportChange(models.Model):
    """One row per record that an import made (`before` is null) or changed: what undo puts back."""

    class Model(models.TextChoices):
        CUSTOMER = "customer", _("Customer")
        CONTACT = "contact", _("Contact")
        PRODUCT = "product", _("Product")
        ORDER = "order", _("Order")
        VISIT = "visit", _("Visit")
        PAYMENT = "payment", _("Payment")

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="changes")
    model = models.CharField(max_length=8, choices=Model)
    object_id = models.BigIntegerField()
    before = models.JSONField(null=True)

    class Meta:
        verbose_name = _("change by an import")
        verbose_name_plural = _("changes by imports")
        constraints = [
            models.UniqueConstraint(
                fields=["model", "object_id", "batch"], name="one_change_per_record_and_import"
            )
        ]

    def __str__(self):
        return f"{self.batch_id}: {self.model} {self.object_id}"
