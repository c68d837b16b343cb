from django.db import migrations

# The defaults of a new policy, as they stand on the day of this migration.
DEFAULT = {
    "basis": "continuing_value",
    "band": 10,
    "nights_up": 7,
    "nights_down": 30,
    "alert_days": 60,
    "new_days": 90,
    "note": "The customer pyramid by value likely to continue, with calm grades.",
}


def begin_with_the_default(apps, schema_editor):
    """Where no night has graded yet. A book that has grades keeps the policy that gave them."""
    if not apps.get_model("tiering", "NightRun").objects.exists():
        apps.get_model("tiering", "Policy").objects.filter(version=1).update(**DEFAULT)


class Migration(migrations.Migration):
    dependencies = [("tiering", "0017_alerts_have_fewer_indexes")]

    operations = [migrations.RunPython(begin_with_the_default, migrations.RunPython.noop)]
