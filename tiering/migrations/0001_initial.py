from datetime import date
from decimal import Decimal

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import crm.models.fields

# Undoing an import of customers is the one way by which their history may go with them.
APPEND_ONLY = """
CREATE FUNCTION vf_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('vital_few.undoing', true) = 'on' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'The history of grades is never changed (% refused).', TG_OP;
END $$;
CREATE TRIGGER gradechange_append_only BEFORE UPDATE OR DELETE ON tiering_gradechange
    FOR EACH ROW EXECUTE FUNCTION vf_append_only();
"""
DROP_APPEND_ONLY = """
DROP TRIGGER gradechange_append_only ON tiering_gradechange;
DROP FUNCTION vf_append_only();
"""


def first_policy(apps, schema_editor):
    apps.get_model("tiering", "Policy").objects.create(
        version=1,
        name="1 / 19 / 30 / 50",
        valid_from=date(1900, 1, 1),
        note="The customer pyramid by value of the last 12 months.",
    )


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("crm", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ChurnFit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("as_of", models.DateField(unique=True, verbose_name="as of")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("fitted", "Fitted"),
                            ("too_little", "Too little data"),
                            ("no_answer", "Did not converge"),
                        ],
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("r", models.FloatField(blank=True, null=True)),
                ("alpha", models.FloatField(blank=True, null=True)),
                ("a", models.FloatField(blank=True, null=True)),
                ("b", models.FloatField(blank=True, null=True)),
                (
                    "log_likelihood",
                    models.FloatField(blank=True, null=True, verbose_name="log-likelihood"),
                ),
                ("customers", models.PositiveIntegerField(default=0, verbose_name="customers")),
                ("repeats", models.PositiveIntegerField(default=0, verbose_name="repeat orders")),
            ],
            options={
                "verbose_name": "churn model",
                "verbose_name_plural": "churn models",
            },
        ),
        migrations.CreateModel(
            name="Policy",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(unique=True, verbose_name="version")),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                (
                    "basis",
                    models.CharField(
                        choices=[("value", "Value of the last 12 months")],
                        default="value",
                        max_length=20,
                        verbose_name="basis",
                    ),
                ),
                (
                    "key_share",
                    models.DecimalField(
                        decimal_places=2,
                        default=1,
                        max_digits=5,
                        validators=[
                            django.core.validators.MinValueValidator(Decimal(0)),
                            django.core.validators.MaxValueValidator(Decimal(100)),
                        ],
                        verbose_name="key, per cent",
                    ),
                ),
                (
                    "secondary_share",
                    models.DecimalField(
                        decimal_places=2,
                        default=19,
                        max_digits=5,
                        validators=[
                            django.core.validators.MinValueValidator(Decimal(0)),
                            django.core.validators.MaxValueValidator(Decimal(100)),
                        ],
                        verbose_name="secondary, per cent",
                    ),
                ),
                (
                    "general_share",
                    models.DecimalField(
                        decimal_places=2,
                        default=30,
                        max_digits=5,
                        validators=[
                            django.core.validators.MinValueValidator(Decimal(0)),
                            django.core.validators.MaxValueValidator(Decimal(100)),
                        ],
                        verbose_name="general, per cent",
                    ),
                ),
                (
                    "alert_threshold",
                    models.DecimalField(
                        decimal_places=2,
                        default=Decimal("0.60"),
                        max_digits=3,
                        validators=[
                            django.core.validators.MinValueValidator(Decimal("0.05")),
                            django.core.validators.MaxValueValidator(Decimal("0.99")),
                        ],
                        verbose_name="alert at a chance of no order in 90 days of",
                    ),
                ),
                (
                    "valid_from",
                    models.DateField(
                        blank=True,
                        help_text="Empty: a draft.",
                        null=True,
                        verbose_name="valid from",
                    ),
                ),
                ("note", models.TextField(blank=True, verbose_name="note")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="author",
                    ),
                ),
            ],
            options={
                "verbose_name": "grading policy",
                "verbose_name_plural": "grading policies",
            },
        ),
        migrations.CreateModel(
            name="NightRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("as_of", models.DateField(unique=True, verbose_name="as of")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("running", "Running"),
                            ("finished", "Finished"),
                            ("failed", "Failed"),
                        ],
                        default="running",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                (
                    "value_is_profit",
                    models.BooleanField(
                        default=False,
                        help_text="Gross profit where 95 % of revenue has a cost, else revenue.",
                        verbose_name="value is gross profit",
                    ),
                ),
                ("started_at", models.DateTimeField(verbose_name="started")),
                (
                    "finished_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="finished"),
                ),
                ("customers", models.PositiveIntegerField(default=0, verbose_name="customers")),
                ("graded", models.PositiveIntegerField(default=0, verbose_name="graded")),
                ("changed", models.PositiveIntegerField(default=0, verbose_name="changed")),
                ("counts", models.JSONField(default=dict, verbose_name="by grade")),
                ("lines", models.JSONField(default=dict, verbose_name="score at each line")),
                ("alerts_open", models.PositiveIntegerField(default=0, verbose_name="alerts open")),
                (
                    "alerts_opened",
                    models.PositiveIntegerField(default=0, verbose_name="alerts opened"),
                ),
                ("error", models.TextField(blank=True, verbose_name="error")),
                (
                    "fit",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="runs",
                        to="tiering.churnfit",
                        verbose_name="churn model",
                    ),
                ),
                (
                    "policy",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="runs",
                        to="tiering.policy",
                        verbose_name="grading policy",
                    ),
                ),
            ],
            options={
                "verbose_name": "night run",
                "verbose_name_plural": "night runs",
            },
        ),
        migrations.CreateModel(
            name="Standing",
            fields=[
                (
                    "grade",
                    models.CharField(
                        choices=[
                            ("key", "Key"),
                            ("secondary", "Secondary"),
                            ("general", "General"),
                            ("maintain", "Maintain"),
                        ],
                        max_length=10,
                        verbose_name="grade",
                    ),
                ),
                (
                    "computed_grade",
                    models.CharField(
                        choices=[
                            ("key", "Key"),
                            ("secondary", "Secondary"),
                            ("general", "General"),
                            ("maintain", "Maintain"),
                        ],
                        max_length=10,
                        verbose_name="computed grade",
                    ),
                ),
                ("eligible", models.BooleanField(verbose_name="ordered in the last 365 days")),
                (
                    "value",
                    crm.models.fields.MoneyField(
                        decimal_places=2, max_digits=16, verbose_name="value, 12 months"
                    ),
                ),
                (
                    "p_none",
                    models.FloatField(null=True, verbose_name="chance of no order in 180 days"),
                ),
                (
                    "continuing_value",
                    crm.models.fields.MoneyField(
                        decimal_places=2,
                        max_digits=16,
                        null=True,
                        verbose_name="likely to continue",
                    ),
                ),
                ("rank", models.FloatField(null=True, verbose_name="rank")),
                (
                    "customer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="standing",
                        serialize=False,
                        to="crm.customer",
                    ),
                ),
                ("order_days", models.PositiveIntegerField(default=0, verbose_name="order days")),
                (
                    "order_days_365",
                    models.PositiveIntegerField(default=0, verbose_name="order days, 12 months"),
                ),
                ("first_order_on", models.DateField(null=True, verbose_name="first order")),
                ("last_order_on", models.DateField(null=True, verbose_name="last order")),
                ("silent_days", models.PositiveIntegerField(null=True, verbose_name="days silent")),
                ("usual_gap", models.FloatField(null=True, verbose_name="usual gap, days")),
                ("long_gap", models.FloatField(null=True, verbose_name="9 of 10 gaps under, days")),
                (
                    "cadence",
                    models.FloatField(
                        null=True, verbose_name="share of own gaps shorter than the silence"
                    ),
                ),
                (
                    "later_than_usual",
                    models.BooleanField(default=False, verbose_name="later than usual"),
                ),
                (
                    "p_none_90",
                    models.FloatField(null=True, verbose_name="chance of no order in 90 days"),
                ),
                (
                    "value_at_risk",
                    crm.models.fields.MoneyField(
                        decimal_places=2, max_digits=16, null=True, verbose_name="value at risk"
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="standings",
                        to="tiering.nightrun",
                    ),
                ),
            ],
            options={
                "verbose_name": "standing",
                "verbose_name_plural": "standings",
            },
        ),
        migrations.CreateModel(
            name="StandingSnapshot",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "grade",
                    models.CharField(
                        choices=[
                            ("key", "Key"),
                            ("secondary", "Secondary"),
                            ("general", "General"),
                            ("maintain", "Maintain"),
                        ],
                        max_length=10,
                        verbose_name="grade",
                    ),
                ),
                (
                    "computed_grade",
                    models.CharField(
                        choices=[
                            ("key", "Key"),
                            ("secondary", "Secondary"),
                            ("general", "General"),
                            ("maintain", "Maintain"),
                        ],
                        max_length=10,
                        verbose_name="computed grade",
                    ),
                ),
                ("eligible", models.BooleanField(verbose_name="ordered in the last 365 days")),
                (
                    "value",
                    crm.models.fields.MoneyField(
                        decimal_places=2, max_digits=16, verbose_name="value, 12 months"
                    ),
                ),
                (
                    "p_none",
                    models.FloatField(null=True, verbose_name="chance of no order in 180 days"),
                ),
                (
                    "continuing_value",
                    crm.models.fields.MoneyField(
                        decimal_places=2,
                        max_digits=16,
                        null=True,
                        verbose_name="likely to continue",
                    ),
                ),
                ("rank", models.FloatField(null=True, verbose_name="rank")),
                ("as_of", models.DateField()),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="crm.customer",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ChurnAlert",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "signal",
                    models.CharField(
                        choices=[("mbg", "Chance of no order")],
                        max_length=10,
                        verbose_name="signal",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "Open"), ("closed", "Closed")],
                        default="open",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("silent_since", models.DateField(verbose_name="silent since")),
                ("opened_on", models.DateField(verbose_name="opened on")),
                ("seen_on", models.DateField(verbose_name="figures of")),
                ("p_none", models.FloatField(verbose_name="chance of no order in 90 days")),
                (
                    "value_at_risk",
                    crm.models.fields.MoneyField(
                        decimal_places=2, max_digits=16, verbose_name="value at risk"
                    ),
                ),
                ("silent_days", models.PositiveIntegerField(verbose_name="days silent")),
                ("usual_gap", models.FloatField(null=True, verbose_name="usual gap, days")),
                ("long_gap", models.FloatField(null=True, verbose_name="9 of 10 gaps under, days")),
                ("closed_on", models.DateField(blank=True, null=True, verbose_name="closed on")),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("ordered", "Ordered again"),
                            ("withdrawn", "Orders were corrected"),
                        ],
                        max_length=10,
                        verbose_name="outcome",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="alerts",
                        to="crm.customer",
                        verbose_name="customer",
                    ),
                ),
            ],
            options={
                "verbose_name": "churn alert",
                "verbose_name_plural": "churn alerts",
                "indexes": [
                    models.Index(
                        fields=["state", "-value_at_risk"], name="alert_by_state_and_value"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "closed"), _negated=True),
                        fields=("customer",),
                        name="one_open_alert_per_customer",
                    ),
                    models.UniqueConstraint(
                        fields=("customer", "silent_since"), name="one_alert_per_silence"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_on__isnull", False), ("state", "closed")),
                            models.Q(
                                models.Q(("state", "closed"), _negated=True), ("closed_on", None)
                            ),
                            _connector="OR",
                        ),
                        name="closed_alert_has_a_day",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="GradeChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("as_of", models.DateField(verbose_name="as of")),
                (
                    "from_grade",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("key", "Key"),
                            ("secondary", "Secondary"),
                            ("general", "General"),
                            ("maintain", "Maintain"),
                        ],
                        max_length=10,
                        verbose_name="from",
                    ),
                ),
                (
                    "to_grade",
                    models.CharField(
                        choices=[
                            ("key", "Key"),
                            ("secondary", "Secondary"),
                            ("general", "General"),
                            ("maintain", "Maintain"),
                        ],
                        max_length=10,
                        verbose_name="to",
                    ),
                ),
                ("was_eligible", models.BooleanField(null=True)),
                ("eligible", models.BooleanField()),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("first", "First grade"),
                            ("data", "Orders"),
                            ("left", "No order for a year"),
                            ("back", "Ordered again"),
                            ("policy", "New grading policy"),
                        ],
                        max_length=10,
                        verbose_name="cause",
                    ),
                ),
                ("before", models.JSONField(default=dict, verbose_name="figures before")),
                ("after", models.JSONField(default=dict, verbose_name="figures after")),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="grade_changes",
                        to="crm.customer",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="changes",
                        to="tiering.nightrun",
                    ),
                ),
            ],
            options={
                "verbose_name": "change of grade",
                "verbose_name_plural": "changes of grade",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("customer", "as_of"), name="one_grade_change_per_customer_and_night"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="NightSummary",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("region", models.CharField(blank=True, max_length=80)),
                ("industry", models.CharField(blank=True, max_length=80)),
                (
                    "grade",
                    models.CharField(
                        choices=[
                            ("key", "Key"),
                            ("secondary", "Secondary"),
                            ("general", "General"),
                            ("maintain", "Maintain"),
                        ],
                        max_length=10,
                    ),
                ),
                ("customers", models.PositiveIntegerField()),
                ("eligible", models.PositiveIntegerField()),
                ("value", crm.models.fields.MoneyField(decimal_places=2, max_digits=16)),
                (
                    "owner",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="summaries",
                        to="tiering.nightrun",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["run", "owner"], name="summary_of_night_by_owner")
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="policy",
            constraint=models.UniqueConstraint(
                fields=("valid_from",), name="one_policy_begins_on_a_day"
            ),
        ),
        migrations.AddIndex(
            model_name="standing",
            index=models.Index(fields=["grade", "-value"], name="standing_by_grade_and_value"),
        ),
        migrations.AddIndex(
            model_name="standing",
            index=models.Index(fields=["-value", "customer"], name="standing_by_value"),
        ),
        migrations.AddConstraint(
            model_name="standingsnapshot",
            constraint=models.UniqueConstraint(
                fields=("as_of", "customer"), name="one_snapshot_per_night"
            ),
        ),
        migrations.RunSQL(APPEND_ONLY, DROP_APPEND_ONLY),
        migrations.RunPython(first_policy, migrations.RunPython.noop),
    ]
