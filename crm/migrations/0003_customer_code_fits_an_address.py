import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0002_imports_run_in_the_background"),
    ]

    operations = [
        migrations.AlterField(
            model_name="customer",
            name="code",
            field=models.CharField(
                max_length=40,
                unique=True,
                validators=[
                    django.core.validators.RegexValidator(
                        "\\A(?!\\.{1,2}\\Z)[^/\\\\\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029]+\\Z",
                        "A code cannot contain slashes or control characters.",
                        code="bad_code",
                    )
                ],
                verbose_name="code",
            ),
        ),
    ]
