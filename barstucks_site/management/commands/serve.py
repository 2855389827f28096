"""`manage.py serve`: the whole shop on this machine, until Ctrl-C."""

import io
import json
import os
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from barstucks_site import shop_directory
from barstucks_site.management.commands.web import add_address_arguments, listening_socket
from barstucks_site.supervisor import shop_lock
from barstucks_site.supervisor.child import Child
from barstucks_site.supervisor.live_port import LivePort
from barstucks_site.supervisor.process_list import EmbeddedLog, shop_processes
from barstucks_site.supervisor.supervisor import DidNotStart, GaveUp, Supervisor
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


class Command(BaseCommand):
    """Takes the shop's lock and port, prepares the databases, then supervises its processes."""

    help = "Opens the shop: log, web, projector and reactor. Stop it with Ctrl-C."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to listen."""
        add_address_arguments(parser)

    def handle(self, *_args: Any, host: str, port: int, **_options: Any) -> None:
        """Start, supervise, stop. Raises CommandError with a sentence when it cannot open."""
        shop_directory.only_for_the_owner()
        try:
            lock = shop_lock.take(settings.VAR)
        except shop_lock.AlreadyOpen as already:
            raise CommandError(str(already)) from already
        with (
            listening_socket(host, port) as listening,
            listening_socket("127.0.0.1", settings.SUPERVISOR_PORT) as live_listening,
        ):
            self._prepare()
            host, port = listening.getsockname()[:2]
            url = f"http://{f'[{host}]' if ':' in host else host}:{port}/"
            log = self._embedded_log() if settings.EVENTSTORE_IS_OURS else None
            uri = log.uri if log else settings.EVENTSTORE_URI
            processes = shop_processes(
                root=settings.BASE_DIR,
                var=settings.VAR,
                eventstore_uri=uri,
                log=log,
                url=url,
                listening=listening.fileno(),
                inherited=[lock],
            )
            children = [
                [Child(spec, hang_seconds=settings.HANG_SECONDS) for spec in group]
                for group in processes
            ]

            def write_run_file() -> None:
                pids = {c.spec.name: c.pid for c in supervisor.children if c.pid}
                if pids:
                    running = {
                        "url": url,
                        "eventstore_uri": uri,
                        "supervisor": os.getpid(),
                        "supervisor_url": live.url,
                        "pids": pids,
                    }
                    shop_directory.write_run_file(settings.VAR, running)

            live = LivePort(live_listening, lambda: _state_of_children(supervisor))
            supervisor = Supervisor(
                children,
                report=self._say,
                changed=write_run_file,
                wait=live.serve,
                never_gives_up=settings.CRASH_LOOP == "retry",
            )
            supervisor.install_signal_handlers()
            try:
                supervisor.start()
                if not supervisor.stopping:
                    self._say_open(url, log)
                supervisor.watch()
            except DidNotStart as failure:
                raise CommandError(
                    f"The shop could not open: {failure}", returncode=failure.exit_code
                ) from failure
            except GaveUp as failure:
                raise CommandError(
                    f"The shop had to close: {failure}", returncode=failure.exit_code
                ) from failure
            finally:
                self._say("The shop is closing.")
                listening.close()  # only the web holds it now, and lets go when it stops
                supervisor.stop()
                (settings.VAR / shop_directory.RUN_FILE).unlink(missing_ok=True)
                self._say("The shop is closed.")

    def _prepare(self) -> None:
        if done := damaged_file.mend(thoroughly=False):
            self._say(done)
        for database in connections:
            call_command("migrate", database=database, interactive=False, verbosity=0)
        if settings.DEMO:
            call_command("demo_accounts", verbosity=0, stdout=io.StringIO())
        connections.close_all()

    def _embedded_log(self) -> EmbeddedLog:
        directory = settings.VAR / "eventstore"
        try:
            port = free_port()
            return EmbeddedLog(
                directory=directory,
                port=port,
                web_page_port=free_port(besides=port) if settings.DEMO else None,
                uri=connection_string(directory, port),
            )
        except (NoFreePort, UnusableAccountsError) as wrong:
            raise CommandError(str(wrong)) from wrong

    def _say_open(self, url: str, log: EmbeddedLog | None) -> None:
        lines = [f"Barstucks is open: {url}"]
        if settings.DEMO:
            lines[0] += "  (a demo: nobody makes coffee, no money moves, this machine only)"
            lines += [f"  {name:<8}{url}{path}" for name, path in SCREENS]
            if log is not None:
                page = f"https://127.0.0.1:{log.web_page_port}/"
                lines.append(f"  log     {page}  (logins: {log.directory / FILE_NAME})")
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


def _state_of_children(supervisor: Supervisor) -> dict[str, dict[str, Any]]:
    """The state of each child, as /livez of the supervisor's port says it."""
    return {
        child.spec.name: {
            "alive": child.is_alive,
            "pid": child.pid,
            "silent_seconds": None if (s := child.silent_seconds) is None else round(s, 1),
            "starts": child.starts,
        }
        for child in supervisor.children
    }
