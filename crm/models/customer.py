"""The companies that buy, the people there, and who has looked after them."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import RegexValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm.models.fields import ZERO_OR_MORE, CoordinateField, MoneyField
from crm.models.search import Bigrams, Folded, SearchQuerySet, words_in
from crm.models.user import User

# A code is part of an address: /customers/<code>/.
validate_code = RegexValidator(
    r"\A(?!\.{1,2}\Z)[^/\\\x00-\x1f\x7f-\x9f\u2028\u2029]+\Z",
    _("A code cannot contain slashes or control characters."),
    code="bad_code",
)


class Tag(models.Model):
    name = models.CharField(_("name"), max_length=40, unique=True)

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")

    def __str__(self):
        return self.name


class CustomerQuerySet(SearchQuerySet):
    def visible_to(self, user):
        """The customers this user may read: own; a manager's team and the pool; all."""
        if user.role == user.Role.ADMIN:
            return self
        if user.role == user.Role.MANAGER:
            # No team: nothing, the pool included. Never `owner__team=user.team`, which for a
            # manager without a team would match every customer of an owner without a team.
            if not user.team_with_subteams:
                return self.none()
            # A subquery of people, not a join: the planner then knows how many rows to expect.
            team = User.objects.filter(team__in=user.team_with_subteams)
            mine = models.Q(owner__in=team) | models.Q(owner=user)
            return self.filter(mine | models.Q(owner=None))
        return self.filter(owner=user)

    def search(self, text):
        """Customers in whose code, names or phone, or in whose contacts, each word is found."""
        found = [
            # A union, not two subqueries joined by OR: that would read the whole table.
            Customer.objects.holding(word)
            .values("pk")
            .union(Contact.objects.holding(word).values("customer"))
            for word in words_in(text)
        ]
        return self.filter(pk__in=found[0].intersection(*found[1:])) if found else self.none()

    def in_pool(self):
        return self.filter(owner=None)


class Customer(models.Model):
    class BuyerType(models.TextChoices):
        RATIONAL = "rational", _("Rational")
        IMPULSIVE = "impulsive", _("Impulsive")
        HABITUAL = "habitual", _("Habitual")
        ECONOMICAL = "economical", _("Economical")
        IMAGINATIVE = "imaginative", _("Imaginative")
        UNDECIDED = "undecided", _("Undecided")

    code = models.CharField(_("code"), max_length=40, unique=True, validators=[validate_code])
    name = models.CharField(_("name"), max_length=200)
    alias = models.CharField(_("other name"), max_length=200, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="customers",
        verbose_name=_("owner"),
        help_text=_("Empty: in the pool."),
    )
    kind = models.CharField(_("kind of business"), max_length=80, blank=True)
    buyer_type = models.CharField(_("buyer type"), max_length=12, choices=BuyerType, blank=True)
    industry = models.CharField(_("industry"), max_length=80, blank=True)
    region = models.CharField(_("region"), max_length=80, blank=True)
    city = models.CharField(_("city"), max_length=80, blank=True)
    district = models.CharField(_("district"), max_length=80, blank=True)
    address = models.CharField(_("address"), max_length=250, blank=True)
    latitude = CoordinateField(verbose_name=_("latitude"))
    longitude = CoordinateField(verbose_name=_("longitude"))
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    tax_id = models.CharField(_("tax number"), max_length=40, blank=True)
    credit_days = models.PositiveSmallIntegerField(_("credit days"), default=30)
    credit_limit = MoneyField(_("credit limit"), null=True, blank=True, validators=ZERO_OR_MORE)
    yearly_need = MoneyField(
        _("yearly need"),
        null=True,
        blank=True,
        validators=ZERO_OR_MORE,
        help_text=_("What they buy in a year of what we sell, from anybody; in base currency."),
    )
    since = models.DateField(_("customer since"), null=True, blank=True)
    tags = models.ManyToManyField(Tag, blank=True, related_name="customers", verbose_name=_("tags"))
    note = models.TextField(_("note"), blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)
    batch = models.ForeignKey(
        "crm.ImportBatch", models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    folded = models.GeneratedField(
        expression=Folded("code", "name", "alias", "phone"),
        output_field=models.TextField(),
        db_persist=True,
    )
    bigrams = models.GeneratedField(
        expression=Bigrams("code", "name", "alias", "phone"),
        output_field=ArrayField(models.TextField()),
        db_persist=True,
    )

    objects = CustomerQuerySet.as_manager()

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        indexes = [
            GinIndex(fields=["bigrams"], name="customer_bigrams"),
            models.Index(fields=["name", "id"], name="customer_by_name"),
            models.Index(fields=["region"], name="customer_by_region"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(latitude__isnull=True, longitude__isnull=True)
                | models.Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
                name="customer_place_is_on_earth",
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("customer", args=[self.code])

    @property
    def place(self) -> str:
        """The shortest word for where it is."""
        return self.district or self.city or self.region


class ContactQuerySet(SearchQuerySet):
    def visible_to(self, user):
        return self.filter(customer__in=Customer.objects.visible_to(user))


class Contact(models.Model):
    class Gender(models.TextChoices):
        FEMALE = "female", _("Female")
        MALE = "male", _("Male")

    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="contacts", verbose_name=_("customer")
    )
    name = models.CharField(_("name"), max_length=80)
    gender = models.CharField(_("gender"), max_length=6, choices=Gender, blank=True)
    title = models.CharField(_("title"), max_length=80, blank=True)
    character = models.CharField(_("character"), max_length=120, blank=True)
    birthday = models.DateField(_("birthday"), null=True, blank=True)
    interests = models.CharField(_("interests"), max_length=200, blank=True)
    mobile = models.CharField(_("mobile"), max_length=40, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    wechat = models.CharField(_("WeChat"), max_length=60, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    is_primary = models.BooleanField(_("first to call"), default=False)
    note = models.CharField(_("note"), max_length=200, blank=True)
    folded = models.GeneratedField(
        expression=Folded("name", "mobile", "phone"),
        output_field=models.TextField(),
        db_persist=True,
    )
    bigrams = models.GeneratedField(
        expression=Bigrams("name", "mobile", "phone"),
        output_field=ArrayField(models.TextField()),
        db_persist=True,
    )

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        indexes = [GinIndex(fields=["bigrams"], name="contact_bigrams")]
        constraints = [
            models.UniqueConstraint(
                fields=["customer"],
                condition=models.Q(is_primary=True),
                name="one_primary_contact_per_customer",
            )
        ]

    def __str__(self):
        return self.name

    @property
    def number(self) -> str:
        """The number to call first."""
        return self.mobile or self.phone


class OwnerChangeQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(customer__in=Customer.objects.visible_to(user))


class OwnerChange(models.Model):
    """One row for each time a customer went from one salesperson to another."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="owner_changes")
    from_owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    to_owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    changed_at = models.DateTimeField(_("when"))

    objects = OwnerChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("change of owner")
        verbose_name_plural = _("changes of owner")

    def __str__(self):
        return f"{self.customer_id}: {self.from_owner_id} → {self.to_owner_id}"
