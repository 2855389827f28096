"""What a permission hangs on, and which accounts exist only for the demonstration."""

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
