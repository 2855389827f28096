"""What the projector says of itself: its pulse, and the event at each checkpoint."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("projections", "0002_rows_are_functions_of_the_order")]

    operations = [
        migrations.CreateModel(
            name="ProjectorPulse",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "position",
                    models.BigIntegerField(
                        help_text="Everything up to here is handled; -1 for nothing."
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="checkpoint",
            name="event_id",
            field=models.UUIDField(
                help_text="The id of that event: a log that has another one there is another log.",
                null=True,
            ),
        ),
    ]
