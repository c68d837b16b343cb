"""What was bought, sent back and paid, in its currency and in the base currency."""

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from crm.models.customer import Customer
from crm.models.fields import MoneyField


class Product(models.Model):
    sku = models.CharField(_("article number"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=200)
    category = models.CharField(_("category"), max_length=80, blank=True)
    unit = models.CharField(_("unit"), max_length=20, blank=True)
    list_price = MoneyField(_("list price"), null=True, blank=True)
    is_active = models.BooleanField(_("on sale"), default=True)

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")

    def __str__(self):
        return f"{self.sku} {self.name}"


class ExchangeRate(models.Model):
    """From this day on, one unit of the currency is worth `rate` units of the base currency."""

    currency = models.CharField(_("currency"), max_length=3)
    valid_from = models.DateField(_("valid from"))
    rate = models.DecimalField(
        _("rate"), max_digits=18, decimal_places=8, validators=[MinValueValidator(0)]
    )

    class Meta:
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")
        constraints = [
            models.UniqueConstraint(
                fields=["currency", "valid_from"], name="one_rate_per_currency_and_day"
            ),
            models.CheckConstraint(condition=Q(rate__gt=0), name="rate_is_positive"),
        ]

    def __str__(self):
        return f"{self.currency} {self.valid_from}: {self.rate.normalize():f}"


class OfCustomerQuerySet(models.QuerySet):
    """Rows that belong to a customer and are seen by whoever sees the customer."""

    def visible_to(self, user):
        if user.role == user.Role.ADMIN:
            return self
        return self.filter(customer__in=Customer.objects.visible_to(user))


class OrderQuerySet(OfCustomerQuerySet):
    def counted(self):
        """Everything but cancelled documents."""
        return self.exclude(status=Order.Status.CANCELLED)

    def sales(self):
        return self.counted().filter(base_amount__gt=0)

    def returns(self):
        return self.counted().filter(base_amount__lt=0)

    def until(self, day):
        return self.filter(ordered_on__lte=day)

    def with_paid(self):
        """`paid`: what came in; `owed`: what is still to come, in the order's currency."""
        # A subquery, not a join: a page of orders then asks for the payments of that page only.
        payments = Payment.objects.filter(order=OuterRef("pk")).order_by().values("order")
        sums = payments.annotate(sum=Sum("amount")).values("sum")
        paid = Coalesce(Subquery(sums), 0, output_field=MoneyField())
        return self.annotate(paid=paid).annotate(owed=F("amount") - F("paid"))

    def payable(self):
        """Sales with a due day or a payment; of others nothing is known to be owed."""
        has_payments = Exists(Payment.objects.filter(order=OuterRef("pk")))
        return self.sales().filter(Q(due_on__isnull=False) | has_payments)

    def unpaid(self):
        return self.payable().with_paid().filter(owed__gt=0)

    def paid_in_full(self):
        return self.payable().with_paid().filter(owed__lte=0)

    def late(self, *, today):
        """Unpaid although the day of payment is past."""
        return self.filter(due_on__lt=today).unpaid()

    def latest_first(self):
        return self.order_by("-ordered_on", "-id")


class Order(models.Model):
    """One document: a sale (positive) or a return (negative), dated and numbered."""

    class Status(models.TextChoices):
        CONFIRMED = "confirmed", _("Confirmed")
        CANCELLED = "cancelled", _("Cancelled")

    number = models.CharField(_("number"), max_length=60, unique=True)
    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="orders", verbose_name=_("customer")
    )
    ordered_on = models.DateField(_("date"))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.CONFIRMED)
    currency = models.CharField(_("currency"), max_length=3)
    amount = MoneyField(_("amount"), help_text=_("Negative: a return."))
    cost = MoneyField(_("cost"), null=True, blank=True)
    base_amount = MoneyField(_("amount in base currency"))
    base_cost = MoneyField(_("cost in base currency"), null=True, blank=True)
    due_on = models.DateField(_("payment due"), null=True, blank=True)
    returns = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="returned_by",
        verbose_name=_("returns order"),
    )
    digest = models.CharField(max_length=32, blank=True, editable=False)
    batch = models.ForeignKey(
        "crm.ImportBatch", models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )

    objects = OrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        indexes = [
            models.Index(fields=["customer", "ordered_on"], name="order_of_customer_by_day"),
            models.Index(fields=["ordered_on", "id"], name="order_by_day"),
        ]

    def __str__(self):
        return self.number

    @property
    def is_return(self) -> bool:
        return self.amount < 0

    @property
    def is_cancelled(self) -> bool:
        return self.status == self.Status.CANCELLED

    @property
    def is_payable(self) -> bool:
        """Whether it is known to be owed or paid; of rows `with_paid`."""
        known = self.due_on is not None or self.paid != 0
        return known and self.amount > 0 and not self.is_cancelled


class OrderLineQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(order__in=Order.objects.visible_to(user))


class OrderLine(models.Model):
    order = models.ForeignKey(Order, models.CASCADE, related_name="lines", verbose_name=_("order"))
    product = models.ForeignKey(
        Product, models.PROTECT, related_name="lines", verbose_name=_("product")
    )
    position = models.PositiveIntegerField(_("position"))
    quantity = models.DecimalField(_("quantity"), max_digits=14, decimal_places=3)
    unit_price = models.DecimalField(_("unit price"), max_digits=14, decimal_places=4)
    unit_cost = models.DecimalField(
        _("unit cost"), max_digits=14, decimal_places=4, null=True, blank=True
    )
    list_price = models.DecimalField(
        _("list price"),
        max_digits=14,
        decimal_places=4,
        null=True,
        blank=True,
        help_text=_("Of that day, for one unit; a lower unit price is a discount."),
    )

    objects = OrderLineQuerySet.as_manager()

    class Meta:
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")
        indexes = [
            # Where no list price is known, nothing is read to find that out.
            models.Index(
                fields=["order"],
                condition=Q(list_price__isnull=False),
                name="line_with_list_price",
            )
        ]

    def __str__(self):
        return f"{self.order_id}/{self.position}"

    @property
    def amount(self):
        return self.quantity * self.unit_price


class PaymentQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(order__in=Order.objects.visible_to(user))


class Payment(models.Model):
    """Money that came in for one order, in the order's currency."""

    order = models.ForeignKey(
        Order, models.PROTECT, related_name="payments", verbose_name=_("order")
    )
    paid_on = models.DateField(_("paid on"))
    amount = MoneyField(_("amount"))
    repeat = models.PositiveSmallIntegerField(
        default=1,
        editable=False,
        help_text=_("Tells equal payments of one day apart."),
    )
    batch = models.ForeignKey(
        "crm.ImportBatch", models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )

    objects = PaymentQuerySet.as_manager()

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        constraints = [
            models.UniqueConstraint(
                fields=["order", "paid_on", "amount", "repeat"], name="same_payment_only_once"
            )
        ]

    def __str__(self):
        return f"{self.order_id}: {self.amount} ({self.paid_on})"
