"""Passwords, with one rule more than Django's: demo accounts work in demo mode only.

Used for every request, so a session of a demo account ends with the mode, too.
"""

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser, User

from staff.models import DemoAccount


class StaffBackend(ModelBackend):
    """Django's password login for the shop's staff."""

    def user_can_authenticate(self, user: User | AnonymousUser | None) -> bool:
        """Whether the account is active and of use in this mode."""
        if not isinstance(user, User) or not super().user_can_authenticate(user):
            return False
        return settings.DEMO or not DemoAccount.objects.filter(user=user).exists()
