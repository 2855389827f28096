"""Tables named after their screens, with the columns that a function of the order's status fills.

Old rows stay as they are shown: what replaces a column is calculated from it here. A rebuild (the
projections have new versions) then writes every row anew, beside these.
"""

from typing import Any

from django.db import migrations, models
from django.db.models import Case, Q, Value, When


def fill_progress(apps: Any, schema_editor: Any) -> None:
    """How far each order is, from the columns that said so before."""
    balances = apps.get_model("projections", "DeskBalance")
    balances.objects.using(schema_editor.connection.alias).update(
        progress=Case(
            When(Q(cancelled=True) | Q(stage="stopped"), then=Value("cancelled")),
            When(served=True, then=Value("served")),
            When(not_collected=True, then=Value("not collected")),
            When(stage="making", then=Value("making")),
            When(stage="ready", then=Value("ready")),
            default=Value("waiting"),
        ),
        can_serve=Case(
            When(stage="ready", cancelled=False, served=False, due=0, then=Value(True)),
            default=Value(False),
        ),
    )


class Migration(migrations.Migration):
    dependencies = [("projections", "0001_initial")]

    operations = [
        migrations.RenameModel("View", "ViewSequence"),
        migrations.RenameModel("Ticket", "QueueTicket"),
        migrations.RenameModel("Balance", "DeskBalance"),
        migrations.AlterModelOptions("QueueTicket", {"verbose_name": "ticket"}),
        migrations.AlterModelOptions("DeskBalance", {"verbose_name": "balance"}),
        migrations.AddField(
            "DeskBalance",
            "progress",
            models.CharField(
                default="waiting",
                help_text="How far it is, in the domain's words.",
                max_length=20,
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            "DeskBalance",
            "can_serve",
            models.BooleanField(default=False, help_text="May be handed over now."),
        ),
        migrations.RunPython(fill_progress, migrations.RunPython.noop),
        *(
            migrations.RemoveField(model, column)
            for model, columns in {
                "QueueTicket": (
                    "stage",
                    "cancelled",
                    "served",
                    "not_collected",
                    "ended_at",
                    "desk",
                ),
                "DeskBalance": (
                    "stage",
                    "barista",
                    "cancelled",
                    "served",
                    "not_collected",
                    "channel",
                    "is_written_off",
                    "promised_at",
                    "ready_at",
                    "paid_at",
                    "ended_at",
                ),
                "BoardEntry": (
                    "stage",
                    "barista",
                    "cancelled",
                    "served",
                    "not_collected",
                    "desk",
                    "promised_at",
                ),
                "TrackedOrder": ("channel", "revision"),
            }.items()
            for column in columns
        ),
        migrations.AlterField(
            "DeskBalance",
            "lines",
            models.JSONField(default=list, help_text="name, size, options, quantity, unit_price"),
        ),
        migrations.AlterField(
            "TrackedOrder",
            "facts",
            models.JSONField(default=list, help_text="Its compact facts, without names."),
        ),
        migrations.AlterField("QueueTicket", "day", models.CharField(max_length=10)),
        migrations.AlterField(
            "TrackedOrder",
            "order",
            models.CharField(help_text="The hexadecimal id of the order.", max_length=32),
        ),
        migrations.DeleteModel("SoldOrder"),
    ]
