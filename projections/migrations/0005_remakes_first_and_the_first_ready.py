"""A ticket says whether it goes first, and when it was ready the first time."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("projections", "0004_directory_latest_first")]

    operations = [
        migrations.AlterField(
            "QueueTicket",
            "brought_back",
            models.CharField(
                blank=True, help_text="misbump, or why it is made again", max_length=10
            ),
        ),
        migrations.AddField(
            "QueueTicket",
            "goes_first",
            models.BooleanField(default=False, help_text="Made before all others."),
        ),
        migrations.AddField(
            "QueueTicket",
            "first_ready_at",
            models.DateTimeField(help_text="Before it was made again.", null=True),
        ),
        migrations.AddField(
            "QueueTicket",
            "on_time",
            models.BooleanField(help_text="Whether that was within the promise.", null=True),
        ),
        migrations.AddField(
            "QueueTicket",
            "stop_asked",
            models.BooleanField(default=False, help_text="By its customer; to be answered."),
        ),
        migrations.AddField(
            "QueueTicket",
            "hold_reason",
            models.CharField(
                blank=True, default="", help_text="While it is on hold.", max_length=200
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            "QueueTicket",
            "held_until",
            models.DateTimeField(help_text="Then it goes on by itself.", null=True),
        ),
        migrations.AddField(
            "QueueTicket",
            "rush",
            models.CharField(
                blank=True, default="", help_text="Why it goes before others.", max_length=30
            ),
            preserve_default=False,
        ),
        migrations.AlterField(
            "BoardEntry",
            "name",
            models.CharField(help_text="As much of the name as is shown.", max_length=12),
        ),
        migrations.AddIndex(
            "QueueTicket",
            models.Index(fields=["generation", "first_ready_at"], name="ticket_first_ready"),
        ),
    ]
