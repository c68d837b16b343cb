import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Every night rewrites every standing: with room on its page, no index is touched."""

    dependencies = [("tiering", "0002_grade_changes_can_be_corrected")]

    operations = [
        migrations.AlterField(
            model_name="standing",
            name="run",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="standings",
                to="tiering.nightrun",
            ),
        ),
        migrations.RunSQL(
            "ALTER TABLE tiering_standing SET (fillfactor = 50)",
            "ALTER TABLE tiering_standing RESET (fillfactor)",
        ),
    ]
