"""Managers make accounts, and it is kept who looked at personal fields; in an open shop, too."""

from typing import Any

import django.contrib.auth.models
from django.db import migrations, models

NEW = "make_accounts"


def let_managers_make_accounts(apps: Any, _schema_editor: Any) -> None:
    """The permission is written here: Django makes it after migrating."""
    content_type, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label="staff", model="permission"
    )
    permission, _ = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=content_type,
        codename=NEW,
        defaults={"name": "Make accounts of the staff, give roles, withdraw them"},
    )
    for group in apps.get_model("auth", "Group").objects.filter(name="manager"):
        group.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [
        ("staff", "0003_choose_settings"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
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
                    ("see_sales", "See the figures of the day"),
                    ("see_facts", "See every fact of every stream"),
                    ("repair", "Retry or skip parked facts"),
                    ("make_accounts", "Make accounts of the staff, give roles, withdraw them"),
                ),
            },
        ),
        migrations.CreateModel(
            name="Account",
            fields=[],
            options={
                "verbose_name": "account",
                "proxy": True,
                "default_permissions": (),
                "indexes": [],
                "constraints": [],
            },
            bases=("auth.user",),
            managers=[("objects", django.contrib.auth.models.UserManager())],
        ),
        migrations.CreateModel(
            name="AuditedLook",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(db_index=True)),
                ("actor", models.CharField(help_text="Who: staff-<id>.", max_length=64)),
                ("page", models.CharField(help_text="The page, in its own words.", max_length=60)),
                (
                    "streams",
                    models.TextField(
                        blank=True, help_text="Whose fields: the streams, one a line."
                    ),
                ),
            ],
            options={
                "verbose_name": "look at personal fields",
                "verbose_name_plural": "looks at personal fields",
                "ordering": ["-pk"],
            },
        ),
        migrations.RunPython(let_managers_make_accounts, migrations.RunPython.noop),
    ]
