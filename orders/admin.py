"""Editing the menu in the admin. Keys and checkpoints are not shown: nobody edits those by hand."""

from django.contrib import admin

from orders.menu.models import Category, MenuItem, Option, OptionGroup, Size


class SizeInline(admin.TabularInline):  # type: ignore[type-arg]
    """The sizes on the page of their item."""

    model = Size
    extra = 0


class OptionInline(admin.TabularInline):  # type: ignore[type-arg]
    """The options on the page of their group."""

    model = Option
    extra = 0


@admin.register(Category)
class CategoryAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """The headings of the menu."""

    list_display = ("name", "position")
    list_editable = ("position",)
    prepopulated_fields = {"slug": ("name",)}  # noqa: RUF012 (the admin's own way)


@admin.register(MenuItem)
class MenuItemAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """What there is to drink and to eat."""

    list_display = ("name", "category", "bar_name", "station", "price", "position")
    list_editable = ("station", "position")
    list_filter = ("category", "station")
    search_fields = ("name", "bar_name")
    filter_horizontal = ("option_groups",)
    prepopulated_fields = {"slug": ("name",)}  # noqa: RUF012 (the admin's own way)
    inlines = (SizeInline,)


@admin.register(OptionGroup)
class OptionGroupAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """The groups of options, each with its options."""

    list_display = ("name", "kind", "position")
    inlines = (OptionInline,)
