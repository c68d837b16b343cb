import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

EVERY_DAYS = {"key": 14, "secondary": 30, "general": 60, "maintain": 120}
CHANNELS = {"key": "on_site", "secondary": "on_site", "general": "phone", "maintain": "message"}


def first_service_policies(apps, schema_editor):
    ServicePolicy = apps.get_model("followups", "ServicePolicy")
    ServicePolicy.objects.bulk_create(
        ServicePolicy(grade=grade, every_days=days, channel=CHANNELS[grade])
        for grade, days in EVERY_DAYS.items()
    )


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("crm", "0001_initial"),
        ("tiering", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ServicePolicy",
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
                        unique=True,
                        verbose_name="grade",
                    ),
                ),
                (
                    "every_days",
                    models.PositiveSmallIntegerField(verbose_name="contact every (days)"),
                ),
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
                        default="on_site",
                        max_length=10,
                        verbose_name="channel",
                    ),
                ),
            ],
            options={
                "verbose_name": "service policy",
                "verbose_name_plural": "service policies",
            },
        ),
        migrations.CreateModel(
            name="FollowUp",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("gone_quiet", "Churn alert"),
                            ("cadence", "Regular contact"),
                            ("planned", "Planned"),
                            ("promise", "Promise"),
                            ("case", "Case"),
                        ],
                        max_length=10,
                        verbose_name="reason",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("done", "Done"),
                            ("dropped", "Not needed any more"),
                        ],
                        default="open",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("due_on", models.DateField(verbose_name="due on")),
                ("first_due_on", models.DateField(verbose_name="first due on")),
                ("opened_on", models.DateField(verbose_name="opened on")),
                ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="closed")),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="note")),
                (
                    "alert",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="followups",
                        to="tiering.churnalert",
                    ),
                ),
                (
                    "assignee",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="followups",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="salesperson",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="followups",
                        to="crm.case",
                    ),
                ),
                (
                    "closed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="followups",
                        to="crm.customer",
                        verbose_name="customer",
                    ),
                ),
                (
                    "promise",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="followups",
                        to="crm.promise",
                    ),
                ),
                (
                    "visit",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="closed_followups",
                        to="crm.visit",
                        verbose_name="visit",
                    ),
                ),
            ],
            options={
                "verbose_name": "follow-up",
                "verbose_name_plural": "follow-ups",
                "indexes": [
                    models.Index(
                        fields=["assignee", "state", "due_on"], name="followup_of_assignee"
                    ),
                    models.Index(fields=["customer", "state"], name="followup_of_customer"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("case", None), ("promise", None), ("state", "open")),
                        fields=("customer", "reason"),
                        name="one_open_followup_per_customer_and_reason",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "open")),
                        fields=("case",),
                        name="one_open_followup_per_case",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "open")),
                        fields=("promise",),
                        name="one_open_followup_per_promise",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at", None), ("state", "open")),
                            models.Q(
                                models.Q(("state", "open"), _negated=True),
                                ("closed_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="closed_followup_has_a_time",
                    ),
                ],
            },
        ),
        migrations.RunPython(first_service_policies, migrations.RunPython.noop),
    ]
