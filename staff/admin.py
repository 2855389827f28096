"""The staff's accounts, and who looked at personal fields, in the inspector.

Who may make accounts makes those of the staff: name, password, roles. Accounts with any other right
(the owner's, above all) only an owner sees: else a new password would be a way to their rights.
"""

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import QuerySet
from django.forms import CheckboxSelectMultiple
from django.http import HttpRequest

from staff.models import Account, AuditedLook, DemoAccount
from staff.names import forget_names, name_of
from staff.permissions import may
from staff.roles import ROLES

RIGHTS_OF_AN_OWNER = ("is_superuser", "user_permissions")

admin.site.unregister(User)


@admin.register(Account)
class AccountAdmin(UserAdmin):  # type: ignore[type-arg]
    """Accounts: made, given roles, withdrawn, given a new password. Deleted by an owner only.

    A withdrawn account stays, because facts say `staff-<id>`, and people want to read a name.
    """

    add_form_template = "admin/change_form.html"
    list_display = ("username", "first_name", "roles", "is_active", "last_login")
    list_filter = ("is_active", "groups")
    search_fields = ("username", "first_name")
    ordering = ("username",)
    show_facets = admin.ShowFacets.NEVER
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("username", "password", "first_name")}),
        ("What they do here", {"fields": ("groups", "is_active")}),
        ("Rights of an owner", {"fields": RIGHTS_OF_AN_OWNER}),
    )
    add_fieldsets = (
        (
            None,
            {"fields": ("username", "first_name", "groups", "password1", "password2")},
        ),
    )

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """The list, called by what is on it."""
        return super().changelist_view(request, {"title": "Accounts", **(extra_context or {})})

    @admin.display(description="Roles")
    def roles(self, user: Account) -> str:
        """What it is, in a row."""
        groups = sorted(group.name for group in user.groups.all())
        return ", ".join(["owner", *groups] if user.is_superuser else groups) or "none"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Account]:
        """For those who are no owners: the accounts that have the shop's roles and nothing more."""
        users = super().get_queryset(request).prefetch_related("groups")
        if is_owner(request):
            return users
        others = Group.objects.exclude(name__in=ROLES)
        people = users.filter(program_token=None)  # a program has its token and no password
        return people.filter(is_superuser=False, user_permissions=None).exclude(groups__in=others)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Without what only an owner gives."""
        fieldsets = super().get_fieldsets(request, obj)
        return fieldsets if is_owner(request) or obj is None else fieldsets[:2]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Nobody but an owner withdraws themselves by a slip, or takes their own role away."""
        if obj is not None and obj.pk == request.user.pk and not is_owner(request):
            return ("groups", "is_active")
        return super().get_readonly_fields(request, obj)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The roles as boxes to tick."""
        if db_field.name != "groups":
            return super().formfield_for_manytomany(db_field, request, **kwargs)
        groups = Group.objects.order_by("name")
        kwargs["queryset"] = groups if is_owner(request) else groups.filter(name__in=ROLES)
        kwargs["widget"] = CheckboxSelectMultiple
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        if field is not None:
            field.label, field.help_text = "Roles", "What they may do follows from these."
        return field

    def save_model(self, request: HttpRequest, obj: Account, form: Any, change: bool) -> None:
        """A new name is read everywhere at once."""
        super().save_model(request, obj, form, change)
        forget_names()

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whether accounts are listed at all."""
        return may_make_accounts(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether accounts may be looked at."""
        return may_make_accounts(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether accounts may be made."""
        return may_make_accounts(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether this account may be changed, its password included."""
        return may_make_accounts(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """An owner may."""
        return is_owner(request)


@admin.register(DemoAccount)
class DemoAccountAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """The demo accounts, to be looked at and removed."""

    list_display = ("user",)


@admin.register(AuditedLook)
class AuditedLookAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Who read names and wishes of customers: for the owner, and for nobody to change."""

    list_display = ("at", "who", "page", "how_many")
    list_display_links = ("at",)
    list_filter = ("page",)
    search_fields = ("actor", "streams")
    search_help_text = "The id of an order or a customer, or staff-<id>"
    date_hierarchy = "at"
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    ordering: ClassVar = ["-pk"]
    fields = ("at", "who", "page", "streams")
    readonly_fields = ("who",)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """The list, called by what is on it."""
        title = {"title": "Looks at personal fields"}
        return super().changelist_view(request, {**title, **(extra_context or {})})

    @admin.display(description="Who", ordering="actor")
    def who(self, look: AuditedLook) -> str:
        """The name of who looked."""
        return f"{name_of(look.actor)} ({look.actor})"

    @admin.display(description="Streams")
    def how_many(self, look: AuditedLook) -> int:
        """How many streams were on the page."""
        return len(look.streams.split())

    def has_module_permission(self, request: HttpRequest) -> bool:
        """An owner's."""
        return is_owner(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """An owner's."""
        return is_owner(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody adds."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes; what is a year old goes by itself."""
        return False


def is_owner(request: HttpRequest) -> bool:
    """Whether whoever asks may do everything."""
    return bool(request.user.is_active and request.user.is_superuser)


def may_make_accounts(request: HttpRequest) -> bool:
    """Whether whoever asks makes the accounts of the staff."""
    return may(request.user, "make_accounts")
