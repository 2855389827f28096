"""Whose each line of an order is, and how it should be: on the ticket and on the order's page."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("projections", "0008_amended_orders")]

    operations = [
        migrations.AddField(
            model,
            "cups",
            models.TextField(blank=True, default="", help_text="Whose each line is (`cups.py`)."),
            preserve_default=False,
        )
        for model in ("QueueTicket", "TrackedOrder")
    ]
