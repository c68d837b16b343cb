import django.contrib.auth.validators
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import crm.models.fields
import crm.models.search
import crm.models.user

FOLD = r"""
CREATE FUNCTION vf_fold(VARIADIC parts text[]) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (
    SELECT string_agg(
        normalize(
            regexp_replace(
                lower(normalize(part, NFKD)), '[\u0300-\u036f[:space:]().+\u2010-\u2015-]', '', 'g'
            ),
            NFC
        ),
        '|' ORDER BY position
    )
    FROM unnest(parts) WITH ORDINALITY AS folded(part, position)
);
"""
# OFFSET 0 keeps the folding from being done again for every pair.
BIGRAMS = """
CREATE FUNCTION vf_bigrams(VARIADIC parts text[]) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (
    SELECT coalesce(array_agg(DISTINCT substr(folded, place, 2)), '{}')
    FROM (SELECT vf_fold(VARIADIC parts) AS folded OFFSET 0) AS whole,
        generate_series(1, length(folded) - 1) AS place
);
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.RunSQL(FOLD, "DROP FUNCTION vf_fold"),
        migrations.RunSQL(BIGRAMS, "DROP FUNCTION vf_bigrams"),
        migrations.CreateModel(
            name="User",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                (
                    "last_login",
                    models.DateTimeField(blank=True, null=True, verbose_name="last login"),
                ),
                (
                    "username",
                    models.CharField(
                        max_length=60,
                        unique=True,
                        validators=[django.contrib.auth.validators.UnicodeUsernameValidator()],
                        verbose_name="username",
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="e-mail")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("rep", "Salesperson"),
                            ("manager", "Manager"),
                            ("admin", "Administrator"),
                        ],
                        default="rep",
                        max_length=10,
                        verbose_name="role",
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("en", "English"),
                            ("zh-hans", "简体中文"),
                            ("zh-hant", "繁體中文"),
                        ],
                        help_text="Empty: the language of the company.",
                        max_length=10,
                        verbose_name="language",
                    ),
                ),
                (
                    "time_zone",
                    models.CharField(
                        blank=True,
                        help_text="Empty: the time zone of the company.",
                        max_length=40,
                        validators=[crm.models.user.validate_time_zone],
                        verbose_name="time zone",
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="may sign in")),
                ("joined_at", models.DateTimeField(auto_now_add=True, verbose_name="joined")),
            ],
            options={
                "verbose_name": "user",
                "verbose_name_plural": "users",
            },
        ),
        migrations.CreateModel(
            name="Product",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "sku",
                    models.CharField(max_length=60, unique=True, verbose_name="article number"),
                ),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                ("category", models.CharField(blank=True, max_length=80, verbose_name="category")),
                ("unit", models.CharField(blank=True, max_length=20, verbose_name="unit")),
                (
                    "list_price",
                    crm.models.fields.MoneyField(
                        blank=True,
                        decimal_places=2,
                        max_digits=16,
                        null=True,
                        verbose_name="list price",
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="on sale")),
            ],
            options={
                "verbose_name": "product",
                "verbose_name_plural": "products",
            },
        ),
        migrations.CreateModel(
            name="Tag",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=40, unique=True, verbose_name="name")),
            ],
            options={
                "verbose_name": "tag",
                "verbose_name_plural": "tags",
            },
        ),
        migrations.CreateModel(
            name="Customer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=40, unique=True, verbose_name="code")),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                ("alias", models.CharField(blank=True, max_length=200, verbose_name="other name")),
                (
                    "kind",
                    models.CharField(blank=True, max_length=80, verbose_name="kind of business"),
                ),
                (
                    "buyer_type",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("rational", "Rational"),
                            ("impulsive", "Impulsive"),
                            ("habitual", "Habitual"),
                            ("economical", "Economical"),
                            ("imaginative", "Imaginative"),
                            ("undecided", "Undecided"),
                        ],
                        max_length=12,
                        verbose_name="buyer type",
                    ),
                ),
                ("industry", models.CharField(blank=True, max_length=80, verbose_name="industry")),
                ("region", models.CharField(blank=True, max_length=80, verbose_name="region")),
                ("city", models.CharField(blank=True, max_length=80, verbose_name="city")),
                ("district", models.CharField(blank=True, max_length=80, verbose_name="district")),
                ("address", models.CharField(blank=True, max_length=250, verbose_name="address")),
                (
                    "latitude",
                    models.DecimalField(
                        blank=True,
                        decimal_places=6,
                        max_digits=9,
                        null=True,
                        verbose_name="latitude",
                    ),
                ),
                (
                    "longitude",
                    models.DecimalField(
                        blank=True,
                        decimal_places=6,
                        max_digits=9,
                        null=True,
                        verbose_name="longitude",
                    ),
                ),
                ("phone", models.CharField(blank=True, max_length=40, verbose_name="phone")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="e-mail")),
                ("tax_id", models.CharField(blank=True, max_length=40, verbose_name="tax number")),
                (
                    "credit_days",
                    models.PositiveSmallIntegerField(default=30, verbose_name="credit days"),
                ),
                (
                    "credit_limit",
                    crm.models.fields.MoneyField(
                        blank=True,
                        decimal_places=2,
                        max_digits=16,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="credit limit",
                    ),
                ),
                ("since", models.DateField(blank=True, null=True, verbose_name="customer since")),
                ("note", models.TextField(blank=True, verbose_name="note")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="changed")),
                (
                    "folded",
                    models.GeneratedField(
                        db_persist=True,
                        expression=crm.models.search.Folded("code", "name", "alias", "phone"),
                        output_field=models.TextField(),
                    ),
                ),
                (
                    "bigrams",
                    models.GeneratedField(
                        db_persist=True,
                        expression=crm.models.search.Bigrams("code", "name", "alias", "phone"),
                        output_field=django.contrib.postgres.fields.ArrayField(
                            base_field=models.TextField(), size=None
                        ),
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty: in the pool.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="customers",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="owner",
                    ),
                ),
            ],
            options={
                "verbose_name": "customer",
                "verbose_name_plural": "customers",
            },
        ),
        migrations.CreateModel(
            name="Contact",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                (
                    "gender",
                    models.CharField(
                        blank=True,
                        choices=[("female", "Female"), ("male", "Male")],
                        max_length=6,
                        verbose_name="gender",
                    ),
                ),
                ("title", models.CharField(blank=True, max_length=80, verbose_name="title")),
                (
                    "character",
                    models.CharField(blank=True, max_length=120, verbose_name="character"),
                ),
                ("birthday", models.DateField(blank=True, null=True, verbose_name="birthday")),
                (
                    "interests",
                    models.CharField(blank=True, max_length=200, verbose_name="interests"),
                ),
                ("mobile", models.CharField(blank=True, max_length=40, verbose_name="mobile")),
                ("phone", models.CharField(blank=True, max_length=40, verbose_name="phone")),
                ("wechat", models.CharField(blank=True, max_length=60, verbose_name="WeChat")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="e-mail")),
                ("is_primary", models.BooleanField(default=False, verbose_name="first to call")),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="note")),
                (
                    "folded",
                    models.GeneratedField(
                        db_persist=True,
                        expression=crm.models.search.Folded("name", "mobile", "phone"),
                        output_field=models.TextField(),
                    ),
                ),
                (
                    "bigrams",
                    models.GeneratedField(
                        db_persist=True,
                        expression=crm.models.search.Bigrams("name", "mobile", "phone"),
                        output_field=django.contrib.postgres.fields.ArrayField(
                            base_field=models.TextField(), size=None
                        ),
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="contacts",
                        to="crm.customer",
                        verbose_name="customer",
                    ),
                ),
            ],
            options={
                "verbose_name": "contact",
                "verbose_name_plural": "contacts",
            },
        ),
        migrations.CreateModel(
            name="ExchangeRate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("valid_from", models.DateField(verbose_name="valid from")),
                (
                    "rate",
                    models.DecimalField(
                        decimal_places=8,
                        max_digits=18,
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="rate",
                    ),
                ),
            ],
            options={
                "verbose_name": "exchange rate",
                "verbose_name_plural": "exchange rates",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("currency", "valid_from"), name="one_rate_per_currency_and_day"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("rate__gt", 0)), name="rate_is_positive"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportBatch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("customers", "Customers"),
                            ("orders", "Orders"),
                            ("order_lines", "Order lines"),
                            ("visits", "Visits"),
                            ("payments", "Payments"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("uploaded", "Uploaded"),
                            ("checked", "Checked"),
                            ("running", "Running"),
                            ("committed", "Committed"),
                            ("failed", "Failed"),
                            ("undone", "Undone"),
                        ],
                        default="uploaded",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("file_name", models.CharField(max_length=200, verbose_name="file")),
                ("sha256", models.CharField(blank=True, max_length=64)),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="uploaded at")),
                ("rows", models.PositiveIntegerField(default=0, verbose_name="lines")),
                ("created", models.PositiveIntegerField(default=0, verbose_name="new")),
                ("updated", models.PositiveIntegerField(default=0, verbose_name="changed")),
                ("unchanged", models.PositiveIntegerField(default=0, verbose_name="unchanged")),
                ("rejected", models.PositiveIntegerField(default=0, verbose_name="rejected lines")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
            ],
            options={
                "verbose_name": "import",
                "verbose_name_plural": "imports",
            },
        ),
        migrations.AddField(
            model_name="customer",
            name="batch",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="crm.importbatch",
            ),
        ),
        migrations.CreateModel(
            name="ImportMapping",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("customers", "Customers"),
                            ("orders", "Orders"),
                            ("order_lines", "Order lines"),
                            ("visits", "Visits"),
                            ("payments", "Payments"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                ("columns", models.JSONField(default=dict, verbose_name="columns")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "column mapping",
                "verbose_name_plural": "column mappings",
            },
        ),
        migrations.CreateModel(
            name="Order",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=60, unique=True, verbose_name="number")),
                ("ordered_on", models.DateField(verbose_name="date")),
                (
                    "status",
                    models.CharField(
                        choices=[("confirmed", "Confirmed"), ("cancelled", "Cancelled")],
                        default="confirmed",
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                (
                    "amount",
                    crm.models.fields.MoneyField(
                        decimal_places=2,
                        help_text="Negative: a return.",
                        max_digits=16,
                        verbose_name="amount",
                    ),
                ),
                (
                    "cost",
                    crm.models.fields.MoneyField(
                        blank=True, decimal_places=2, max_digits=16, null=True, verbose_name="cost"
                    ),
                ),
                (
                    "base_amount",
                    crm.models.fields.MoneyField(
                        decimal_places=2, max_digits=16, verbose_name="amount in base currency"
                    ),
                ),
                (
                    "base_cost",
                    crm.models.fields.MoneyField(
                        blank=True,
                        decimal_places=2,
                        max_digits=16,
                        null=True,
                        verbose_name="cost in base currency",
                    ),
                ),
                ("due_on", models.DateField(blank=True, null=True, verbose_name="payment due")),
                ("digest", models.CharField(blank=True, editable=False, max_length=32)),
                (
                    "batch",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="crm.importbatch",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="orders",
                        to="crm.customer",
                        verbose_name="customer",
                    ),
                ),
                (
                    "returns",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="returned_by",
                        to="crm.order",
                        verbose_name="returns order",
                    ),
                ),
            ],
            options={
                "verbose_name": "order",
                "verbose_name_plural": "orders",
            },
        ),
        migrations.CreateModel(
            name="Case",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("reception", "Reception"),
                            ("consulting", "Consulting"),
                            ("quality", "Quality guarantee"),
                            ("installation", "Installation"),
                            ("spare_parts", "Spare parts"),
                            ("training", "Training"),
                            ("inspection", "Inspection round"),
                            ("special", "Special service"),
                            ("complaint", "Complaint"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                ("subject", models.CharField(max_length=160, verbose_name="subject")),
                ("description", models.TextField(blank=True, verbose_name="description")),
                ("opened_on", models.DateField(verbose_name="opened on")),
                ("due_on", models.DateField(verbose_name="due on")),
                ("closed_on", models.DateField(blank=True, null=True, verbose_name="closed on")),
                ("resolution", models.TextField(blank=True, verbose_name="resolution")),
                (
                    "warranty_until",
                    models.DateField(blank=True, null=True, verbose_name="under warranty until"),
                ),
                (
                    "repeat_days",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="For inspection rounds: closing one opens the next.",
                        null=True,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="repeat every (days)",
                    ),
                ),
                (
                    "assignee",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cases",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="assignee",
                    ),
                ),
                (
                    "follows",
                    models.OneToOneField(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="next_round",
                        to="crm.case",
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="crm.contact",
                        verbose_name="contact",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cases",
                        to="crm.customer",
                        verbose_name="customer",
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="cases",
                        to="crm.order",
                        verbose_name="order",
                    ),
                ),
            ],
            options={
                "verbose_name": "case",
                "verbose_name_plural": "cases",
            },
        ),
        migrations.CreateModel(
            name="OwnerChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="reason")),
                ("changed_at", models.DateTimeField(verbose_name="when")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="owner_changes",
                        to="crm.customer",
                    ),
                ),
                (
                    "from_owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "to_owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "change of owner",
                "verbose_name_plural": "changes of owner",
            },
        ),
        migrations.CreateModel(
            name="Payment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("paid_on", models.DateField(verbose_name="paid on")),
                (
                    "amount",
                    crm.models.fields.MoneyField(
                        decimal_places=2, max_digits=16, verbose_name="amount"
                    ),
                ),
                (
                    "repeat",
                    models.PositiveSmallIntegerField(
                        default=1,
                        editable=False,
                        help_text="Tells equal payments of one day apart.",
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="crm.importbatch",
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="payments",
                        to="crm.order",
                        verbose_name="order",
                    ),
                ),
            ],
            options={
                "verbose_name": "payment",
                "verbose_name_plural": "payments",
            },
        ),
        migrations.CreateModel(
            name="OrderLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveIntegerField(verbose_name="position")),
                (
                    "quantity",
                    models.DecimalField(decimal_places=3, max_digits=14, verbose_name="quantity"),
                ),
                (
                    "unit_price",
                    models.DecimalField(decimal_places=4, max_digits=14, verbose_name="unit price"),
                ),
                (
                    "unit_cost",
                    models.DecimalField(
                        blank=True,
                        decimal_places=4,
                        max_digits=14,
                        null=True,
                        verbose_name="unit cost",
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="crm.order",
                        verbose_name="order",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="crm.product",
                        verbose_name="product",
                    ),
                ),
            ],
            options={
                "verbose_name": "order line",
                "verbose_name_plural": "order lines",
            },
        ),
        migrations.AddField(
            model_name="customer",
            name="tags",
            field=models.ManyToManyField(
                blank=True, related_name="customers", to="crm.tag", verbose_name="tags"
            ),
        ),
        migrations.CreateModel(
            name="Team",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80, unique=True, verbose_name="name")),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="subteams",
                        to="crm.team",
                        verbose_name="part of",
                    ),
                ),
            ],
            options={
                "verbose_name": "team",
                "verbose_name_plural": "teams",
            },
        ),
        migrations.AddField(
            model_name="user",
            name="team",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="members",
                to="crm.team",
                verbose_name="team",
            ),
        ),
        migrations.CreateModel(
            name="Visit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("happened_at", models.DateTimeField(verbose_name="when")),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("on_site", "On site"),
                            ("phone", "Phone"),
                            ("message", "Message"),
                            ("video", "Video call"),
                            ("came_to_us", "They came to us"),
                        ],
                        max_length=10,
                        verbose_name="channel",
                    ),
                ),
                (
                    "direction",
                    models.CharField(
                        choices=[("outbound", "We to them"), ("inbound", "They to us")],
                        default="outbound",
                        max_length=8,
                        verbose_name="direction",
                    ),
                ),
                (
                    "minutes",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[django.core.validators.MaxValueValidator(1440)],
                        verbose_name="minutes",
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("spoke", "Spoke"),
                            ("ordered", "Order promised"),
                            ("missed", "Nobody reached"),
                            ("declined", "No need now"),
                        ],
                        default="spoke",
                        max_length=8,
                        verbose_name="outcome",
                    ),
                ),
                ("summary", models.TextField(blank=True, verbose_name="note")),
                ("needs", models.TextField(blank=True, verbose_name="needs")),
                (
                    "competitor",
                    models.CharField(blank=True, max_length=120, verbose_name="competitor"),
                ),
                (
                    "satisfaction",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="1 (very unhappy) to 5 (very happy)",
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(5),
                        ],
                        verbose_name="satisfaction",
                    ),
                ),
                ("next_on", models.DateField(blank=True, null=True, verbose_name="next on")),
                (
                    "latitude",
                    models.DecimalField(
                        blank=True,
                        decimal_places=6,
                        max_digits=9,
                        null=True,
                        verbose_name="latitude",
                    ),
                ),
                (
                    "longitude",
                    models.DecimalField(
                        blank=True,
                        decimal_places=6,
                        max_digits=9,
                        null=True,
                        verbose_name="longitude",
                    ),
                ),
                (
                    "key",
                    models.CharField(
                        blank=True, editable=False, max_length=64, null=True, unique=True
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "batch",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="crm.importbatch",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="visits",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="visits",
                        to="crm.contact",
                        verbose_name="contact",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="visits",
                        to="crm.customer",
                        verbose_name="customer",
                    ),
                ),
            ],
            options={
                "verbose_name": "visit",
                "verbose_name_plural": "visits",
            },
        ),
        migrations.CreateModel(
            name="Promise",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("what", models.CharField(max_length=200, verbose_name="what")),
                ("due_on", models.DateField(verbose_name="until")),
                ("kept", models.BooleanField(blank=True, null=True, verbose_name="kept")),
                ("settled_on", models.DateField(blank=True, null=True, verbose_name="settled on")),
                (
                    "visit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="promises",
                        to="crm.visit",
                        verbose_name="visit",
                    ),
                ),
            ],
            options={
                "verbose_name": "promise",
                "verbose_name_plural": "promises",
            },
        ),
        migrations.AddIndex(
            model_name="contact",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["bigrams"], name="contact_bigrams"
            ),
        ),
        migrations.AddConstraint(
            model_name="contact",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_primary", True)),
                fields=("customer",),
                name="one_primary_contact_per_customer",
            ),
        ),
        migrations.AddConstraint(
            model_name="importmapping",
            constraint=models.UniqueConstraint(
                fields=("kind", "name"), name="one_mapping_per_kind_and_name"
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(fields=["customer", "ordered_on"], name="order_of_customer_by_day"),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(fields=["ordered_on", "id"], name="order_by_day"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["customer", "closed_on"], name="case_of_customer"),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("closed_on", None), ("closed_on__gte", models.F("opened_on")), _connector="OR"
                ),
                name="case_closes_after_it_opens",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(("repeat_days", None), ("kind", "inspection"), _connector="OR"),
                name="only_inspection_rounds_repeat",
            ),
        ),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.UniqueConstraint(
                fields=("order", "paid_on", "amount", "repeat"), name="same_payment_only_once"
            ),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["bigrams"], name="customer_bigrams"
            ),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(fields=["name", "id"], name="customer_by_name"),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(fields=["region"], name="customer_by_region"),
        ),
        migrations.AddConstraint(
            model_name="customer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("latitude__isnull", True), ("longitude__isnull", True)),
                    models.Q(("latitude__range", (-90, 90)), ("longitude__range", (-180, 180))),
                    _connector="OR",
                ),
                name="customer_place_is_on_earth",
            ),
        ),
        migrations.AddIndex(
            model_name="visit",
            index=models.Index(
                fields=["customer", "happened_at"], name="visit_of_customer_by_time"
            ),
        ),
        migrations.AddIndex(
            model_name="visit",
            index=models.Index(fields=["by", "happened_at"], name="visit_by_author_and_time"),
        ),
        migrations.AddConstraint(
            model_name="visit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("satisfaction", None), ("satisfaction__range", (1, 5)), _connector="OR"
                ),
                name="satisfaction_is_one_to_five",
            ),
        ),
        migrations.AddConstraint(
            model_name="promise",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kept", None), ("settled_on", None)),
                    models.Q(("kept__isnull", False), ("settled_on__isnull", False)),
                    _connector="OR",
                ),
                name="settled_promise_says_whether_kept",
            ),
        ),
    ]
