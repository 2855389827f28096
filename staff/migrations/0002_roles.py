"""Make the three roles, with what each may do."""

from typing import Any

from django.db import migrations

from staff.roles import PERMISSIONS, ROLES


def make_roles(apps: Any, _schema_editor: Any) -> None:
    """One group a role. The permissions are written here: Django makes them after migrating."""
    content_type, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label="staff", model="permission"
    )
    permissions = {
        codename: apps.get_model("auth", "Permission").objects.get_or_create(
            content_type=content_type, codename=codename, defaults={"name": name}
        )[0]
        for codename, name in PERMISSIONS.items()
    }
    for role, codenames in ROLES.items():
        group, _ = apps.get_model("auth", "Group").objects.get_or_create(name=role)
        group.permissions.set(permissions[codename] for codename in codenames)


class Migration(migrations.Migration):
    """The roles; taking them back leaves the groups as they are."""

    dependencies = [
        ("staff", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(make_roles, migrations.RunPython.noop)]
