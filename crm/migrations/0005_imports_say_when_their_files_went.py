from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0004_imports_keep_header_and_first_lines"),
    ]

    operations = [
        migrations.AddField(
            model_name="importbatch",
            name="files_removed_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="files removed"),
        ),
    ]
