from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0001_initial"),
        ("tiering", "0001_initial"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="gradechange",
            name="one_grade_change_per_customer_and_night",
        ),
        migrations.AddField(
            model_name="gradechange",
            name="correction",
            field=models.PositiveSmallIntegerField(default=0, editable=False),
        ),
        migrations.AddConstraint(
            model_name="gradechange",
            constraint=models.UniqueConstraint(
                fields=("customer", "as_of", "correction"),
                name="one_grade_change_per_customer_and_night",
            ),
        ),
    ]
