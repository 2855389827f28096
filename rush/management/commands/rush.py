"""`manage.py rush`: a rush hour against a running shop, with a verdict.

Only reads the command line, plays, prints. Exits 1 if an acknowledged order was not right on a
screen, or if the shop answered as it never should.
"""

import asyncio
import json
from argparse import ArgumentParser
from dataclasses import fields
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from rush.client import NoResponse
from rush.rush_hour import Options, play
from rush.staff import NobodyToWork, read_logins


def _address_of(var: Path) -> str:
    """Where `serve` says that the shop of this directory is; its usual place if nobody says."""
    try:
        return str(json.loads((var / "run.json").read_text(encoding="utf-8"))["url"])
    except (OSError, ValueError, KeyError):
        return f"http://127.0.0.1:{settings.WEB_PORT}"


class Command(BaseCommand):
    """Play customers, baristas and cashiers through the real HTTP and websocket interface."""

    help = "Plays a rush hour against the running shop and checks every screen afterwards."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What the rush shall be like."""
        parser.add_argument("--customers", type=int, default=60, help="how many come (60)")
        parser.add_argument("--minutes", type=float, default=2.0, help="in how many minutes (2)")
        parser.add_argument(
            "--url", default="", help="where the shop is (the one that `serve` runs here)"
        )
        parser.add_argument("--seed", type=int, default=1, help="of everything left to chance (1)")
        parser.add_argument(
            "--pace", type=float, default=1.0, help="seconds one step of work takes a person (1)"
        )
        parser.add_argument("--baristas", type=int, default=2, help="hands at the bar (2)")
        parser.add_argument("--cashiers", type=int, default=1, help="people at the till (1)")
        parser.add_argument(
            "--one-tap", action="store_true", help="in a shop where one tap makes a drink ready"
        )
        parser.add_argument(
            "--staff-file", type=Path, default=None, help="logins, if not the demo's own"
        )
        parser.add_argument(
            "--journal", type=Path, default=None, help="every acknowledgement, as lines of JSON"
        )
        parser.add_argument("--report", type=Path, default=None, help="the figures, as JSON")

    def handle(self, **options: Any) -> None:
        """Play, print, judge."""
        options["url"] = options["url"] or _address_of(settings.VAR)
        wanted = Options(**{field.name: options[field.name] for field in fields(Options)})
        try:
            logins = read_logins(options["staff_file"] or settings.VAR / "demo_logins.json")
            report = asyncio.run(play(wanted, logins))
        except (NobodyToWork, NoResponse) as error:
            raise CommandError(str(error)) from error
        self.stdout.write("\n".join(report.lines()))
        if options["report"] is not None:
            options["report"].write_text(json.dumps(report.as_json(), indent=2), encoding="utf-8")
        if report.problems:
            raise CommandError("The shop did not keep its word.", returncode=1)
