"""`manage.py serve`: the whole shop on this machine, until Ctrl-C."""

import io
import json
import os
import socket
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from barstucks_site import shop_directory
from barstucks_site.mode_rules import LOOPBACK
from barstucks_site.supervisor import process_list, shop_lock
from barstucks_site.supervisor.child import Child
from barstucks_site.supervisor.supervisor import DidNotStart, Supervisor
from barstucks_site.web_server.listening import NoFreePort, free_port, listen, refusal
from embedded_eventstore.access.accounts import FILE_NAME, UnusableAccountsError
from embedded_eventstore.access.connection_string import connection_string


class Command(BaseCommand):
    """Takes the shop's lock and port, prepares the databases, then supervises four processes."""

    help = "Opens the shop: log, web, projector and reactor. Stop it with Ctrl-C."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to listen."""
        parser.add_argument("--host", default="127.0.0.1", help="default: this machine only")
        parser.add_argument("--port", type=int, default=settings.WEB_PORT, help="0: any free one")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Open, watch, close. Raises CommandError with a sentence when it cannot open."""
        host = options["host"]
        if settings.DEMO and host not in LOOPBACK:
            raise CommandError(
                f"A demo answers on this machine only, not on {host}: its passwords are on the "
                "screen. Set BARSTUCKS_MODE=shop for a real one."
            )
        try:
            locks = shop_lock.take(settings.VAR)
            listening = listen(host, options["port"])
        except shop_lock.AlreadyOpen as already:
            raise CommandError(str(already)) from already
        except OSError as wrong:
            raise CommandError(refusal(host, options["port"], wrong)) from wrong
        with listening:
            self._prepare()
            self._run(listening, [locks.family])

    def _prepare(self) -> None:
        for database in connections:
            call_command("migrate", database=database, interactive=False, verbosity=0)
        if settings.DEMO:
            call_command("demo_accounts", verbosity=0, stdout=io.StringIO())
        connections.close_all()

    def _run(self, listening: socket.socket, family: list[int]) -> None:
        host, port = listening.getsockname()[:2]
        url = f"http://{f'[{host}]' if ':' in host else host}:{port}/"
        supervisor, uri = self._supervisor(listening, url, family)
        self._supervised, self._urls = supervisor, {"url": url, "eventstore_uri": uri}
        supervisor.take_signals()
        try:
            supervisor.start()
            if not supervisor.stopping:
                self._say_open(url)
            supervisor.watch()
        except DidNotStart as silent:
            raise CommandError(f"The shop could not open: {silent}") from silent
        finally:
            self._say("The shop is closing.")
            listening.close()  # only the web holds it now, and lets go when it stops
            supervisor.stop()
            (settings.VAR / shop_directory.RUN_FILE).unlink(missing_ok=True)
            self._say("The shop is closed.")

    def _supervisor(
        self, listening: socket.socket, url: str, family: list[int]
    ) -> tuple[Supervisor, str]:
        uri, log_port = settings.EVENTSTORE_URI, 0
        self._log_page: int | None = None
        if settings.EVENTSTORE_IS_OURS:
            try:
                log_port = free_port()
                self._log_page = free_port() if settings.DEMO else None
                uri = connection_string(settings.VAR / "eventstore", log_port)
            except (NoFreePort, UnusableAccountsError) as wrong:
                raise CommandError(str(wrong)) from wrong
        environment = process_list.environment_of_children(
            os.environ, var=settings.VAR, eventstore_uri=uri
        )
        root = settings.BASE_DIR
        log = [
            Child(
                process_list.eventstore(
                    root,
                    settings.VAR / "eventstore",
                    (log_port, self._log_page),
                    environment,
                    family,
                )
            )
        ]
        web = [Child(process_list.web(root, url, listening.fileno(), environment, family))]
        workers = [
            Child(process_list.worker(name, command, root, environment, family))
            for name, command in (("projector", "project"), ("reactor", "react"))
        ]
        order = [*([log] if settings.EVENTSTORE_IS_OURS else []), workers, web]
        return Supervisor(order, say=self._say, changed=self._write_run_file), uri

    def _write_run_file(self) -> None:
        pids = {child.plan.name: child.pid for child in self._supervised.children if child.pid}
        if pids:
            running = {**self._urls, "supervisor": os.getpid(), "pids": pids}
            shop_directory.write_run_file(settings.VAR, running)

    def _say_open(self, url: str) -> None:
        lines = [f"Barstucks is open: {url}"]
        if settings.DEMO:
            lines[0] += "  (a demo: nobody makes coffee, no money moves, this machine only)"
            lines += [f"  {name:<8}{url}{path}" for name, path in SCREENS]
            if self._log_page:
                accounts = settings.VAR / "eventstore" / FILE_NAME
                lines.append(f"  log     https://127.0.0.1:{self._log_page}/  (logins: {accounts})")
            logins = json.loads((settings.VAR / "demo_logins.json").read_text())
            lines += [
                f"  log in as {name} / {login['password']}  ({login['role']})"
                for name, login in logins.items()
            ]
        lines.append("Ctrl-C closes it.")
        self._say("\n".join(lines))

    def _say(self, sentence: str) -> None:
        self.stdout.write(sentence)
        self.stdout.flush()


SCREENS = (
    ("order", ""),
    ("board", "board/"),
    ("bar", "bar/"),
    ("till", "till/"),
    ("manage", "manage/"),
)
