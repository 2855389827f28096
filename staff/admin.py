"""Which accounts are for the demonstration only, shown in the admin; Django brings the rest."""

from django.contrib import admin

from staff.models import DemoAccount


@admin.register(DemoAccount)
class DemoAccountAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """The demo accounts, to be looked at and removed."""

    list_display = ("user",)
