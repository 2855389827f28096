"""What a permission hangs on, accounts, tokens of programs, and who looked at personal fields."""

from typing import ClassVar

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models

from staff.roles import PERMISSIONS


class Permission(models.Model):
    """No table: the place in Django's permission system where the shop's permissions hang."""

    class Meta:
        managed = False
        default_permissions = ()
        permissions = tuple(PERMISSIONS.items())


class Account(User):
    """Django's user, under the name that the shop has for it. No table of its own."""

    class Meta:
        proxy = True
        default_permissions = ()
        verbose_name = "account"


class DemoAccount(models.Model):
    """An account whose password anybody on this machine can read: of no use outside demo mode."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="demo_account"
    )

    def __str__(self) -> str:
        return str(self.user)


class ProgramToken(models.Model):
    """A token with which a program is let in (`tokens.py`). Its account has the roles."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="program_token"
    )
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the token.")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    made_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, help_text="To the hour.")
    withdrawn_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.user)


class AuditedLook(models.Model):
    """Somebody of the staff read names or wishes of customers. Written by `looks.py` alone.

    Not in the log of facts: what stands there can never be taken out again, and who looked at what
    is kept for a year. Says which rows, and nothing that stands in them.
    """

    at = models.DateTimeField(db_index=True)
    actor = models.CharField(max_length=64, help_text="Who: staff-<id>.")
    page = models.CharField(max_length=60, help_text="The page, in its own words.")
    streams = models.TextField(blank=True, help_text="Whose fields: the streams, one a line.")

    class Meta:
        ordering: ClassVar = ["-pk"]
        verbose_name = "look at personal fields"
        verbose_name_plural = "looks at personal fields"

    def __str__(self) -> str:
        return f"{self.actor}: {self.page}"
