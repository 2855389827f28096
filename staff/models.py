"""What a permission hangs on, the accounts of the demonstration, and the tokens of programs."""

from django.conf import settings
from django.db import models

from staff.roles import PERMISSIONS


class Permission(models.Model):
    """No table: the place in Django's permission system where the shop's permissions hang."""

    class Meta:
        managed = False
        default_permissions = ()
        permissions = tuple(PERMISSIONS.items())


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
