"""Held orders go on by themselves: a row says when."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0005_checked_keys")]

    operations = [
        migrations.CreateModel(
            "Timer",
            [
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("event_id", models.UUIDField(unique=True)),
                ("stream", models.CharField(max_length=100)),
                ("due", models.DateTimeField(db_index=True)),
            ],
            options={"ordering": ["due"]},
        ),
    ]
