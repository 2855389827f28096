"""Where things are made: not at the bar what there is to eat, and what is cold."""

from typing import Any

from django.db import migrations, models

STATION_OF_CATEGORY = {"to-eat": "food", "iced": "cold"}


def assign_stations(apps: Any, _schema_editor: Any) -> None:
    """Give the items of those categories their station."""
    items = apps.get_model("orders", "MenuItem").objects
    for category, station in STATION_OF_CATEGORY.items():
        items.filter(category__slug=category).update(station=station)


class Migration(migrations.Migration):
    """A station for each item; taking it back takes it away."""

    dependencies = [("orders", "0008_recipe")]
    operations = [
        migrations.AddField(
            "MenuItem",
            "station",
            models.CharField(
                choices=[("bar", "Bar"), ("cold", "Cold"), ("food", "Food")],
                default="bar",
                max_length=10,
                help_text="Where it is made.",
            ),
        ),
        migrations.RunPython(assign_stations, migrations.RunPython.noop),
    ]
