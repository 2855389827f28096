"""Put a believable menu on the wall of a new shop."""

import json
from pathlib import Path
from typing import Any

from django.db import migrations

SEED = Path(__file__).parents[1] / "menu" / "seed.json"
"""The menu of a shop on its first day; prices in cents. Afterwards it is edited in the admin."""


def write_menu(apps: Any, _schema_editor: Any) -> None:
    """Write the seed, unless the shop has a menu already."""
    category_model = apps.get_model("orders", "Category")
    if category_model.objects.exists():
        return
    seed = json.loads(SEED.read_text(encoding="utf-8"))
    groups = {}
    for position, group in enumerate(seed["groups"]):
        options = group.pop("options")
        row = apps.get_model("orders", "OptionGroup").objects.create(**group, position=position)
        for option_position, option in enumerate(options):
            row.options.create(**option, position=option_position)
        groups[row.slug] = row
    for position, category in enumerate(seed["categories"]):
        items = category.pop("items")
        row = category_model.objects.create(**category, position=position)
        for item_position, item in enumerate(items):
            _write_item(apps, groups, item, category=row, position=item_position)
    apps.get_model("orders", "MenuVersion").objects.get_or_create(pk=1, defaults={"number": 1})


def _write_item(apps: Any, groups: dict[str, Any], item: dict[str, Any], **more: Any) -> None:
    item_groups, sizes = item.pop("groups", []), item.pop("sizes", [])
    row = apps.get_model("orders", "MenuItem").objects.create(**item, **more)
    row.option_groups.set(groups[slug] for slug in item_groups)
    for position, size in enumerate(sizes):
        row.sizes.create(**size, name=size["slug"], position=position)


class Migration(migrations.Migration):
    """The first menu; taking it back leaves the menu as it is."""

    dependencies = [("orders", "0001_initial")]
    operations = [migrations.RunPython(write_menu, migrations.RunPython.noop)]
