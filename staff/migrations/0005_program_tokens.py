"""Tokens for programs, and managers who make them: those of a shop that is open already, too."""

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

NEW = "let_programs_in"


def let_managers_make_tokens(apps: Any, _schema_editor: Any) -> None:
    """The permission is written here: Django makes it after migrating."""
    content_type, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label="staff", model="permission"
    )
    permission, _ = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=content_type,
        codename=NEW,
        defaults={"name": "Make tokens for programs, and withdraw them"},
    )
    for group in apps.get_model("auth", "Group").objects.filter(name="manager"):
        group.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [
        ("staff", "0004_accounts_and_looks"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="permission",
            options={
                "default_permissions": (),
                "managed": False,
                "permissions": (
                    ("see_queue", "See the queue of the bar"),
                    (
                        "prepare",
                        "Take, tick, make ready, hold, rush, bring back and stop orders",
                    ),
                    ("sell_out", "Mark an item as sold out or back in stock"),
                    ("see_desk", "See the desk of the till"),
                    ("take_payment", "Take payments"),
                    ("refund", "Give money back"),
                    ("serve", "Hand orders over, or note that nobody came"),
                    ("cancel_any_order", "Cancel orders for the shop"),
                    ("order_at_counter", "Take orders at the counter"),
                    ("write_off", "Write off what will not be paid"),
                    ("choose_settings", "Choose how the shop wants things to be"),
                    ("let_programs_in", "Make tokens for programs, and withdraw them"),
                    ("see_sales", "See the figures of the day"),
                    ("see_facts", "See every fact of every stream"),
                    ("repair", "Retry or skip parked facts"),
                    ("make_accounts", "Make accounts of the staff, give roles, withdraw them"),
                ),
            },
        ),
        migrations.CreateModel(
            name="ProgramToken",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "digest",
                    models.CharField(help_text="SHA-256 of the token.", max_length=64, unique=True),
                ),
                ("made_at", models.DateTimeField(auto_now_add=True)),
                ("last_used_at", models.DateTimeField(help_text="To the hour.", null=True)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                (
                    "made_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="program_token",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.RunPython(let_managers_make_tokens, migrations.RunPython.noop),
    ]
