"""Editing the menu in the admin. Keys and checkpoints are not shown: nobody edits those by hand."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from orders.menu.models import Category, MenuItem, Option, OptionGroup, Size


def say_what_each_is(form: forms.BaseForm, row: Any) -> None:
    """For the fields in a row of a table, which have no label beside them."""
    whose = f" of {row}" if row.pk else ""
    for field in form.fields.values():
        field.widget.attrs.setdefault("aria-label", f"{field.label}{whose}")


class RowForm(forms.ModelForm):  # type: ignore[type-arg]
    """A row of a list that can be changed in the list."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        say_what_each_is(self, self.instance)


class RowFormSet(forms.BaseInlineFormSet):  # type: ignore[type-arg]
    """Rows on the page of what they belong to."""

    def add_fields(self, form: Any, index: Any) -> None:
        """With the field by which a row is deleted."""
        super().add_fields(form, index)
        say_what_each_is(form, form.instance)


class RowInline(admin.TabularInline):  # type: ignore[type-arg]
    """Rows on the page of what they belong to."""

    formset = RowFormSet
    extra = 0


class SizeInline(RowInline):
    """The sizes on the page of their item."""

    model = Size


class OptionInline(RowInline):
    """The options on the page of their group."""

    model = Option


class MenuAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """What is common to the pages of the menu."""

    show_facets = admin.ShowFacets.NEVER

    def get_changelist_form(self, request: HttpRequest, **kwargs: Any) -> Any:
        """The form of a row of the list."""
        return super().get_changelist_form(request, **{"form": RowForm, **kwargs})


@admin.register(Category)
class CategoryAdmin(MenuAdmin):
    """The headings of the menu."""

    list_display = ("name", "position")
    list_editable = ("position",)
    prepopulated_fields = {"slug": ("name",)}  # noqa: RUF012 (the admin's own way)


@admin.register(MenuItem)
class MenuItemAdmin(MenuAdmin):
    """What there is to drink and to eat."""

    list_display = ("name", "category", "bar_name", "station", "price", "position")
    list_editable = ("station", "position")
    list_filter = ("category", "station")
    search_fields = ("name", "bar_name")
    prepopulated_fields = {"slug": ("name",)}  # noqa: RUF012 (the admin's own way)
    inlines = (SizeInline,)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The groups of options as boxes to tick."""
        named = {"widget": forms.CheckboxSelectMultiple, **kwargs}
        return super().formfield_for_manytomany(db_field, request, **named)


@admin.register(OptionGroup)
class OptionGroupAdmin(MenuAdmin):
    """The groups of options, each with its options."""

    list_display = ("name", "kind", "position")
    inlines = (OptionInline,)
