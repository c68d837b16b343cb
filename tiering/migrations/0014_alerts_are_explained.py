from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tiering", "0013_customers_who_are_lost")]

    operations = [
        migrations.AddField(
            model_name="churnalert",
            name="order_days",
            field=models.PositiveIntegerField(null=True, verbose_name="order days"),
        ),
        migrations.AddField(
            model_name="nightrun",
            name="usual",
            field=models.JSONField(editable=False, null=True),
        ),
    ]
