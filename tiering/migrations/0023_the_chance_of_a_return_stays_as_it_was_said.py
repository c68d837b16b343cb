from django.db import migrations, models

ENOUGH = 30
KNOWN = f"""
UPDATE tiering_lostcustomer l SET share = c.share FROM tiering_returnchance c
WHERE c.id = l.chance_id AND c.n >= {ENOUGH}
"""


class Migration(migrations.Migration):
    dependencies = [("tiering", "0022_badges_may_earn_alerts")]

    operations = [
        migrations.AddField(
            "lostcustomer",
            "share",
            models.FloatField(null=True, verbose_name="chance of return in 180 days"),
        ),
        migrations.RunSQL(KNOWN, migrations.RunSQL.noop),
    ]
