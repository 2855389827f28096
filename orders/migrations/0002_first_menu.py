"""Put a believable menu on the wall of a new shop."""

from typing import Any

from django.db import migrations

from orders.menu.seed import CATEGORIES, SeedItem
from orders.menu.seed_options import GROUPS


def write_menu(apps: Any, _schema_editor: Any) -> None:
    """Write the seed, unless the shop has a menu already."""
    category_model = apps.get_model("orders", "Category")
    if category_model.objects.exists():
        return
    groups = _write_groups(apps)
    for position, (slug, name, items) in enumerate(CATEGORIES):
        category = category_model.objects.create(slug=slug, name=name, position=position)
        for item_position, item in enumerate(items):
            _write_item(apps, groups, category, item_position, item)
    apps.get_model("orders", "MenuVersion").objects.get_or_create(pk=1, defaults={"number": 1})


def _write_groups(apps: Any) -> dict[str, Any]:
    written = {}
    for position, group in enumerate(GROUPS):
        row = apps.get_model("orders", "OptionGroup").objects.create(
            slug=group.slug, name=group.name, kind=group.kind, position=position
        )
        for option_position, option in enumerate(group.options):
            row.options.create(
                slug=option.slug,
                name=option.name,
                bar_words=option.bar_words,
                price=option.price,
                allergens=option.allergens,
                most=option.most,
                is_default=option.is_default,
                position=option_position,
            )
        written[group.slug] = row
    return written


def _write_item(
    apps: Any, groups: dict[str, Any], category: Any, position: int, item: SeedItem
) -> None:
    row = apps.get_model("orders", "MenuItem").objects.create(
        slug=item.slug,
        name=item.name,
        bar_name=item.bar_name,
        category=category,
        description=item.description,
        allergens=item.allergens,
        price=item.price,
        position=position,
    )
    row.option_groups.set(groups[slug] for slug in item.groups)
    by_price = sorted(item.sizes, key=lambda size: size[1])
    for size_position, (slug, price) in enumerate(by_price):
        row.sizes.create(
            slug=slug,
            name=slug,
            price=price,
            is_default=slug == item.sizes[0][0],
            position=size_position,
        )


class Migration(migrations.Migration):
    """The first menu; taking it back leaves the menu as it is."""

    dependencies = [("orders", "0001_initial")]
    operations = [migrations.RunPython(write_menu, migrations.RunPython.noop)]
