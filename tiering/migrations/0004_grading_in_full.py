import crm.models.fields
import django.core.validators
import django.db.models.deletion
import tiering.models.policy
from django.conf import settings
from django.db import migrations, models


GRADES = ["key", "secondary", "general", "maintain"]
# What the night did before there was calmness: every computed grade was shown at once.
AT_ONCE = {"band": 0, "nights_up": 1, "nights_down": 1, "alert_days": 0, "new_days": 0}


def keep_what_was(apps, schema_editor):
    policies = apps.get_model("tiering", "Policy").objects
    for policy in policies.all():
        shares = [float(getattr(policy, f"{grade}_share")) for grade in GRADES[:-1]]
        settings = AT_ONCE | {
            "shares": dict(zip(GRADES, [*shares, 100 - sum(shares)], strict=True))
        }
        policies.filter(pk=policy.pk).update(**settings)
    same = {"level": models.F("grade"), "computed_level": models.F("computed_grade")}
    apps.get_model("tiering", "Standing").objects.update(**same)
    apps.get_model("tiering", "StandingSnapshot").objects.update(**same)


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0004_imports_keep_header_and_first_lines"),
        ("tiering", "0003_standings_are_rewritten_in_place"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CriterionFigures",
            fields=[
                (
                    "customer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="criteria",
                        serialize=False,
                        to="crm.customer",
                    ),
                ),
                ("as_of", models.DateField(verbose_name="as of")),
                ("figures", models.JSONField(verbose_name="figures")),
            ],
            options={
                "verbose_name": "figures of criteria",
                "verbose_name_plural": "figures of criteria",
            },
        ),
        migrations.AddField(
            model_name="gradechange",
            name="from_level",
            field=models.CharField(blank=True, max_length=12, verbose_name="from level"),
        ),
        migrations.AddField(
            model_name="gradechange",
            name="to_level",
            field=models.CharField(blank=True, max_length=12, verbose_name="to level"),
        ),
        migrations.AddField(
            model_name="nightrun",
            name="basis",
            field=models.CharField(default="value", max_length=20, verbose_name="basis"),
        ),
        migrations.AddField(
            model_name="nightrun",
            name="reasons",
            field=models.JSONField(
                blank=True, default=list, verbose_name="why the policy was adapted"
            ),
        ),
        migrations.AddField(
            model_name="nightrun",
            name="scheme",
            field=models.CharField(default="shares", max_length=10, verbose_name="scheme"),
        ),
        migrations.AddField(
            model_name="policy",
            name="alert_days",
            field=models.PositiveSmallIntegerField(
                default=60, verbose_name="days for which an open alert prevents a fall"
            ),
        ),
        migrations.AddField(
            model_name="policy",
            name="approved_by",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="approved by",
            ),
        ),
        migrations.AddField(
            model_name="policy",
            name="band",
            field=models.DecimalField(
                decimal_places=2, default=10, max_digits=5, verbose_name="rank band, per cent"
            ),
        ),
        migrations.AddField(
            model_name="policy",
            name="breakpoints",
            field=models.JSONField(blank=True, default=dict, verbose_name="breakpoints"),
        ),
        migrations.AddField(
            model_name="policy",
            name="floor",
            field=crm.models.fields.MoneyField(
                blank=True, decimal_places=2, max_digits=16, null=True, verbose_name="no key below"
            ),
        ),
        migrations.AddField(
            model_name="policy",
            name="levels",
            field=models.JSONField(
                default=tiering.models.policy.four_levels, verbose_name="levels"
            ),
        ),
        migrations.AddField(
            model_name="policy",
            name="lines",
            field=models.JSONField(blank=True, default=dict, verbose_name="line by level"),
        ),
        migrations.AddField(
            model_name="policy",
            name="new_days",
            field=models.PositiveSmallIntegerField(
                default=90, verbose_name="days for which a newcomer does not fall"
            ),
        ),
        migrations.AddField(
            model_name="policy",
            name="nights_down",
            field=models.PositiveSmallIntegerField(default=30, verbose_name="nights until a fall"),
        ),
        migrations.AddField(
            model_name="policy",
            name="nights_up",
            field=models.PositiveSmallIntegerField(default=7, verbose_name="nights until a rise"),
        ),
        migrations.AddField(
            model_name="policy",
            name="one_step",
            field=models.BooleanField(default=False, verbose_name="one level at a time"),
        ),
        migrations.AddField(
            model_name="policy",
            name="propose_only",
            field=models.BooleanField(default=False, verbose_name="changes wait for approval"),
        ),
        migrations.AddField(
            model_name="policy",
            name="proposed_at",
            field=models.DateTimeField(
                blank=True, editable=False, null=True, verbose_name="proposed"
            ),
        ),
        migrations.AddField(
            model_name="policy",
            name="published_at",
            field=models.DateTimeField(
                blank=True, editable=False, null=True, verbose_name="published"
            ),
        ),
        migrations.AddField(
            model_name="policy",
            name="scheme",
            field=models.CharField(
                choices=[
                    ("shares", "Shares of the customers"),
                    ("cumulative", "Shares of the value"),
                    ("lines", "Fixed lines"),
                ],
                default="shares",
                max_length=10,
                verbose_name="scheme",
            ),
        ),
        migrations.AddField(
            model_name="policy",
            name="shares",
            field=models.JSONField(
                blank=True,
                default=tiering.models.policy.default_shares,
                verbose_name="share of customers by level",
            ),
        ),
        migrations.AddField(
            model_name="policy",
            name="value_shares",
            field=models.JSONField(
                blank=True, default=dict, verbose_name="share of value by level"
            ),
        ),
        migrations.AddField(
            model_name="policy",
            name="weights",
            field=models.JSONField(blank=True, default=dict, verbose_name="weights"),
        ),
        migrations.AddField(
            model_name="standing",
            name="behaviour",
            field=models.CharField(
                blank=True,
                choices=[
                    ("loyal", "Loyal"),
                    ("growing", "Growing"),
                    ("sleeping", "Sleeping"),
                    ("promising", "Promising"),
                ],
                max_length=10,
                verbose_name="behaviour",
            ),
        ),
        migrations.AddField(
            model_name="standing",
            name="computed_level",
            field=models.CharField(
                default="maintain", max_length=12, verbose_name="computed level"
            ),
        ),
        migrations.AddField(
            model_name="standing",
            name="growth",
            field=models.FloatField(null=True, verbose_name="growth of revenue"),
        ),
        migrations.AddField(
            model_name="standing",
            name="level",
            field=models.CharField(default="maintain", max_length=12, verbose_name="level"),
        ),
        migrations.AddField(
            model_name="standing",
            name="line_above",
            field=models.FloatField(null=True, verbose_name="score to pass for the next level"),
        ),
        migrations.AddField(
            model_name="standing",
            name="line_below",
            field=models.FloatField(null=True, verbose_name="score to stay above"),
        ),
        migrations.AddField(
            model_name="standing",
            name="order_days_180",
            field=models.PositiveIntegerField(default=0, verbose_name="order days, 180 days"),
        ),
        migrations.AddField(
            model_name="standing",
            name="revenue",
            field=crm.models.fields.MoneyField(
                decimal_places=2, default=0, max_digits=16, verbose_name="revenue, 12 months"
            ),
        ),
        migrations.AddField(
            model_name="standing",
            name="score",
            field=models.FloatField(null=True, verbose_name="score"),
        ),
        migrations.AddField(
            model_name="standing",
            name="state",
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name="standing",
            name="state_before",
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name="standing",
            name="watch",
            field=models.SmallIntegerField(
                choices=[(0, "Stays"), (1, "Rises"), (-1, "Falls"), (-2, "Becomes inactive")],
                default=0,
                verbose_name="watch",
            ),
        ),
        migrations.AddField(
            model_name="standing",
            name="watch_level",
            field=models.CharField(blank=True, max_length=12, verbose_name="level after that"),
        ),
        migrations.AddField(
            model_name="standing",
            name="watch_on",
            field=models.DateField(null=True, verbose_name="on"),
        ),
        migrations.AddField(
            model_name="standingsnapshot",
            name="behaviour",
            field=models.CharField(
                blank=True,
                choices=[
                    ("loyal", "Loyal"),
                    ("growing", "Growing"),
                    ("sleeping", "Sleeping"),
                    ("promising", "Promising"),
                ],
                max_length=10,
                verbose_name="behaviour",
            ),
        ),
        migrations.AddField(
            model_name="standingsnapshot",
            name="computed_level",
            field=models.CharField(
                default="maintain", max_length=12, verbose_name="computed level"
            ),
        ),
        migrations.AddField(
            model_name="standingsnapshot",
            name="level",
            field=models.CharField(default="maintain", max_length=12, verbose_name="level"),
        ),
        migrations.AddField(
            model_name="standingsnapshot",
            name="score",
            field=models.FloatField(null=True, verbose_name="score"),
        ),
        migrations.AlterField(
            model_name="gradechange",
            name="cause",
            field=models.CharField(
                choices=[
                    ("first", "First grade"),
                    ("data", "Orders"),
                    ("left", "No order for a year"),
                    ("back", "Ordered again"),
                    ("newcomer", "New customer"),
                    ("policy", "New grading policy"),
                    ("override", "Set by a person"),
                    ("expiry", "End of what a person set"),
                ],
                max_length=10,
                verbose_name="cause",
            ),
        ),
        migrations.AlterField(
            model_name="policy",
            name="basis",
            field=models.CharField(
                choices=[
                    ("continuing_value", "Value likely to continue"),
                    ("value", "Value of the last 12 months"),
                    ("revenue", "Revenue of the last 12 months"),
                    ("arpu", "Average revenue a month"),
                    ("points", "Weighted points"),
                ],
                default="continuing_value",
                max_length=20,
                verbose_name="basis",
            ),
        ),
        migrations.CreateModel(
            name="Override",
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
                        verbose_name="computed grade then",
                    ),
                ),
                ("reason", models.TextField(verbose_name="reason")),
                ("starts_on", models.DateField(verbose_name="from")),
                ("until", models.DateField(verbose_name="until")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="set at")),
                (
                    "approved_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="approved at"),
                ),
                ("ended_on", models.DateField(blank=True, null=True, verbose_name="ended on")),
                (
                    "noticed_on",
                    models.DateField(blank=True, null=True, verbose_name="owner told on"),
                ),
                (
                    "approved_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="approved by",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="set by",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="overrides",
                        to="crm.customer",
                        verbose_name="customer",
                    ),
                ),
                (
                    "ended_by",
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
                "verbose_name": "override of a grade",
                "verbose_name_plural": "overrides of grades",
            },
        ),
        migrations.AddField(
            model_name="standing",
            name="override",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="tiering.override",
                verbose_name="override",
            ),
        ),
        migrations.CreateModel(
            name="Rating",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "criterion",
                    models.CharField(
                        choices=[
                            ("fit", "Match of our range and quality with the need"),
                            ("potential", "Future potential"),
                            ("identification", "Identification with our company"),
                            ("strength", "Own strength"),
                            ("influence", "Influence in the market"),
                            ("relationship", "Wish for a long relationship"),
                        ],
                        max_length=16,
                        verbose_name="criterion",
                    ),
                ),
                (
                    "points",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(5),
                        ],
                        verbose_name="rating",
                    ),
                ),
                ("rated_on", models.DateField(verbose_name="rated on")),
                ("note", models.CharField(blank=True, max_length=500, verbose_name="note")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="rated by",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="ratings",
                        to="crm.customer",
                        verbose_name="customer",
                    ),
                ),
            ],
            options={
                "verbose_name": "rating",
                "verbose_name_plural": "ratings",
            },
        ),
        migrations.CreateModel(
            name="GradeProposal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("from_level", models.CharField(max_length=12, verbose_name="from")),
                ("to_level", models.CharField(max_length=12, verbose_name="to")),
                ("proposed_on", models.DateField(verbose_name="proposed on")),
                ("deadline", models.DateField(verbose_name="decide by")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("approved", "Approved"),
                            ("declined", "Declined"),
                            ("lapsed", "Lapsed"),
                            ("withdrawn", "No longer due"),
                        ],
                        default="waiting",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("decided_on", models.DateField(blank=True, null=True, verbose_name="decided on")),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="grade_proposals",
                        to="crm.customer",
                        verbose_name="customer",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="decided by",
                    ),
                ),
            ],
            options={
                "verbose_name": "proposed change of grade",
                "verbose_name_plural": "proposed changes of grade",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "waiting")),
                        fields=("customer",),
                        name="one_waiting_proposal_per_customer",
                    )
                ],
            },
        ),
        migrations.AddIndex(
            model_name="override",
            index=models.Index(fields=["until"], name="override_by_last_day"),
        ),
        migrations.AddConstraint(
            model_name="override",
            constraint=models.CheckConstraint(
                condition=models.Q(("until__gte", models.F("starts_on"))), name="override_lasts"
            ),
        ),
        migrations.AddConstraint(
            model_name="override",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="override_has_a_reason"
            ),
        ),
        migrations.AddIndex(
            model_name="rating",
            index=models.Index(
                fields=["customer", "criterion", "-rated_on"], name="rating_latest_of_criterion"
            ),
        ),
        migrations.AddConstraint(
            model_name="rating",
            constraint=models.CheckConstraint(
                condition=models.Q(("points__range", (1, 5))), name="rating_from_1_to_5"
            ),
        ),
        migrations.RunPython(keep_what_was, migrations.RunPython.noop),
        migrations.RemoveField(
            model_name="policy",
            name="general_share",
        ),
        migrations.RemoveField(
            model_name="policy",
            name="key_share",
        ),
        migrations.RemoveField(
            model_name="policy",
            name="secondary_share",
        ),
    ]
