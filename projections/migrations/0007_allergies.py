"""What a customer must not have, on ticket and order's page; and how long the first time took."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("projections", "0006_shop_news")]

    operations = [
        *(
            migrations.AddField(
                model,
                "allergies",
                models.TextField(
                    blank=True, default="", help_text="What the customer must not have."
                ),
                preserve_default=False,
            )
            for model in ("QueueTicket", "TrackedOrder")
        ),
        migrations.AddField(
            "QueueTicket",
            "first_seconds",
            models.FloatField(help_text="To then, without holds.", null=True),
        ),
    ]
