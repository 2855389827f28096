"""The event at the reactor's checkpoint, so that a restored older log is noticed by it too.

Empty for a checkpoint of before: then only its position can be compared, until it moves.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0003_parked_reactions")]

    operations = [
        migrations.AddField(
            model_name="reactorcheckpoint",
            name="event_id",
            field=models.UUIDField(
                help_text="The event there: a log that has another one there is another log.",
                null=True,
            ),
        ),
    ]
