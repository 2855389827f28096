"""`manage.py api_token NAME --role ROLE`: a token for a program, printed once."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from staff.roles import ROLES
from staff.tokens import LONGEST_NAME, make_token, name_in


class Command(BaseCommand):
    """Makes a token, like the manager's page Programs."""

    help = "Make a token with which a program uses the API; it is printed, and only its hash kept."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What the program is called, and what it may do."""
        parser.add_argument("name", help="what the program is called")
        parser.add_argument(
            "--role", action="append", choices=list(ROLES), required=True, help="may be repeated"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Make it and print nothing else. Raises CommandError for a name that is none."""
        name = name_in(options["name"])
        if not name:
            raise CommandError(f"A name has 1 to {LONGEST_NAME} characters that can be read.")
        secret, _ = make_token(name, options["role"], made_by=None)
        self.stdout.write(secret)
