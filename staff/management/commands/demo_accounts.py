"""`manage.py demo_accounts`: Bao, Casey and Ada, with random passwords in one private file."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from staff.demo_accounts import NotADemo, logins_file, make_demo_accounts


class Command(BaseCommand):
    """Makes the demo accounts; running it again changes nothing."""

    help = "Make the demo accounts (demo mode only)."

    def handle(self, *args: Any, **options: Any) -> None:
        """Make them and say where the passwords are. Raises CommandError outside demo mode."""
        try:
            logins = make_demo_accounts()
        except NotADemo as error:
            raise CommandError(error.sentence) from error
        names = ", ".join(f"{login.username} ({login.role})" for login in logins)
        self.stdout.write(f"Demo accounts: {names}. Passwords: {logins_file()}")
