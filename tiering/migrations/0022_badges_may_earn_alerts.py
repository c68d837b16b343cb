from django.db import migrations, models

GRADES = [
    ("key", "Key"),
    ("secondary", "Secondary"),
    ("general", "General"),
    ("maintain", "Maintain"),
]


def carry_over(apps, schema_editor):
    """What was off stays off; silences that are long by their own habit are said of key customers."""
    switches = apps.get_model("tiering", "SignalSwitch").objects
    switches.filter(is_on=False).update(use="off")
    switches.filter(signal="late").update(least_grade="key")


class Migration(migrations.Migration):
    dependencies = [("tiering", "0021_nights_write_less")]

    operations = [
        migrations.AddField(
            "signalswitch",
            "use",
            models.CharField(
                choices=[
                    ("off", "Off"),
                    ("badge", "Badge only"),
                    ("alert", "May raise alerts, once it is right often enough"),
                ],
                default="alert",
                max_length=5,
                verbose_name="use",
            ),
        ),
        migrations.AddField(
            "signalswitch",
            "least_grade",
            models.CharField(
                choices=GRADES,
                default="maintain",
                help_text="Customers of this grade and of better ones show it.",
                max_length=10,
                verbose_name="from which grade on",
            ),
        ),
        migrations.RunPython(carry_over, migrations.RunPython.noop),
        migrations.RemoveField("signalswitch", "is_on"),
        migrations.AddField(
            "alertquality", "badges", models.JSONField(default=list, verbose_name="badges")
        ),
        migrations.AddField(
            "churnalert",
            "badge",
            models.CharField(
                blank=True,
                choices=[
                    ("complaint", "Complaint or low satisfaction"),
                    ("contact", "Contact overdue"),
                    ("spending", "Spending down"),
                    ("item", "Key item lost"),
                    ("categories", "Fewer categories"),
                    ("payments", "Pays later"),
                    ("owner", "Owner changed"),
                    ("late", "Later than usual"),
                ],
                default="",
                max_length=12,
                verbose_name="raised by",
            ),
            preserve_default=False,
        ),
    ]
