"""Which drawing an item of the menu has, where its owner chose one."""

from django.db import migrations, models

import orders.menu.drawings


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0009_stations"),
    ]

    operations = [
        migrations.AddField(
            model_name="menuitem",
            name="drawing",
            field=models.CharField(
                blank=True,
                choices=orders.menu.drawings.drawing_choices,
                help_text="Empty: the item's own, or that of its category.",
                max_length=40,
            ),
        ),
    ]
