"""How the bar makes things; those of the first menu get the recipes of its day."""

import json
from pathlib import Path
from typing import Any

from django.db import migrations, models

RECIPES = Path(__file__).parents[1] / "menu" / "first_recipes.json"


def write_recipes(apps: Any, _schema_editor: Any) -> None:
    """Write each recipe where the shop has an item of that name and no recipe."""
    items = apps.get_model("orders", "MenuItem").objects
    for slug, recipe in json.loads(RECIPES.read_text(encoding="utf-8")).items():
        items.filter(slug=slug, recipe="").update(recipe=recipe)


class Migration(migrations.Migration):
    """The recipes; taking it back takes them away."""

    dependencies = [("orders", "0007_sold_out_is_a_fact")]
    operations = [
        migrations.AddField(
            "MenuItem",
            "recipe",
            models.TextField(
                blank=True,
                max_length=1000,
                help_text="For the bar: shots, ml, steps. Plain text, a line for each step.",
            ),
        ),
        migrations.RunPython(write_recipes, migrations.RunPython.noop),
    ]
