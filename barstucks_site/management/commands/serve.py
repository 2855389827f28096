"""`manage.py serve`: the whole shop on this machine, until Ctrl-C."""

import io
import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from barstucks_site import shop_directory
from barstucks_site.collected_static import collect_if_changed
from barstucks_site.management.commands.web import add_address_arguments, listening_socket
from barstucks_site.supervisor import shop_lock
from barstucks_site.supervisor.plan import EmbeddedLog, Plan
from barstucks_site.web_server.listening import NoFreePort, free_port
from embedded_eventstore.access.accounts import FILE_NAME, UnusableAccountsError
from embedded_eventstore.access.connection_string import connection_string
from projections.engine import damaged_file

SCREENS = (
    ("order", ""),
    ("board", "board/"),
    ("bar", "bar/"),
    ("till", "till/"),
    ("manage", "manage/"),
)
OPEN_TO_ALL = (
    "  DEMO_OPEN_TO_ALL=yes: the logins below stand on the login page for whoever reaches this",
    "  port, by any name: they can cancel orders, take money and read every fact as manager, and",
    "  what they type is readable on the way. Put no real name into it, nothing you would miss.",
)


class Command(BaseCommand):
    """Takes the shop's locks and ports, prepares the databases, then becomes the supervisor."""

    help = "Opens the shop: log, web, projector and reactor. Stop it with Ctrl-C."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to listen."""
        add_address_arguments(parser)
        parser.add_argument(
            "--reload",
            action="store_true",
            help="for developing: start again what runs a source file that has changed",
        )

    def handle(
        self, *_args: Any, host: str, port: int, reload: bool = False, **_options: Any
    ) -> None:
        """Prepare, then go on without Django. Raises CommandError if it cannot open."""
        shop_directory.only_for_the_owner()
        try:
            locks = shop_lock.take(settings.VAR)
        except shop_lock.AlreadyOpen as already:
            raise CommandError(str(already)) from already
        with (
            listening_socket(host, port) as listening,
            listening_socket("127.0.0.1", settings.SUPERVISOR_PORT) as live_listening,
        ):
            self._prepare()
            url = address(*listening.getsockname()[:2])
            log, uri = (
                _embedded_log() if settings.EVENTSTORE_IS_OURS else (None, settings.EVENTSTORE_URI)
            )
            Plan(
                root=str(settings.BASE_DIR),
                var=str(settings.VAR),
                eventstore_uri=uri,
                log=log,
                url=url,
                listening=listening.fileno(),
                live_listening=live_listening.fileno(),
                lock=locks.supervisor,
                family_lock=locks.family,
                hang_seconds=settings.HANG_SECONDS,
                never_gives_up=reload or settings.CRASH_LOOP == "retry",
                reload=reload,
                greeting=greeting(url, log),
                failure=self.stderr.style_func("CommandError: {}"),
            ).become_supervisor()

    def _prepare(self) -> None:
        if done := damaged_file.mend(thoroughly=False):
            self.stdout.write(done)
        for database in connections:
            call_command("migrate", database=database, interactive=False, verbosity=0)
        if settings.DEMO:
            call_command("demo_accounts", verbosity=0, stdout=io.StringIO())
        connections.close_all()
        collect_if_changed()


def _embedded_log() -> tuple[EmbeddedLog, str]:
    """The log that the shop brings along, and its address with the password."""
    directory = settings.VAR / "eventstore"
    try:
        port = free_port()
        # The page listens on this machine, and a demo that is open to all is seen from others.
        has_page = settings.DEMO and not settings.DEMO_OPEN_TO_ALL
        page = free_port(besides=port) if has_page else None
        log = EmbeddedLog(directory=str(directory), port=port, web_page_port=page)
        return log, connection_string(directory, port)
    except (NoFreePort, UnusableAccountsError) as wrong:
        raise CommandError(str(wrong)) from wrong


def address(host: str, port: int) -> str:
    """Where to open what listens there: "every address" can be written down, and not be called."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - the reverse
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"


def greeting(url: str, log: EmbeddedLog | None) -> str:
    """What is said when the shop is open: where to look, and a demo's logins."""
    lines = [f"Barstucks is open: {url}"]
    if settings.DEMO:
        who = "open to all" if settings.DEMO_OPEN_TO_ALL else "this machine only"
        lines[0] += f"  (a demo: nobody makes coffee, no money moves, {who})"
        if settings.DEMO_OPEN_TO_ALL:
            lines += OPEN_TO_ALL
        lines += [f"  {name:<8}{url}{path}" for name, path in SCREENS]
        if log is not None and log.web_page_port:
            page = f"https://127.0.0.1:{log.web_page_port}/"
            lines.append(f"  log     {page}  (logins: {Path(log.directory) / FILE_NAME})")
        logins = json.loads((settings.VAR / "demo_logins.json").read_text())
        lines += [
            f"  log in as {name} / {login['password']}  ({login['role']})"
            for name, login in logins.items()
        ]
    return "\n".join([*lines, "Ctrl-C closes it."])
