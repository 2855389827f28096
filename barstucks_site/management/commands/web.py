"""`manage.py web`: one web process, pages and live screens."""

import os
import socket
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from barstucks_site import shop_directory
from barstucks_site.web_server.listening import LOOPBACK, listen, refusal

TURN_SECONDS = 1.0
"""How often the event loop shows that it turns."""


def add_address_arguments(parser: CommandParser) -> None:
    """Where to listen."""
    parser.add_argument("--host", default="127.0.0.1", help="default: this machine only")
    parser.add_argument("--port", type=int, default=settings.WEB_PORT, help="0: any free one")


def listening_socket(host: str, port: int) -> socket.socket:
    """The socket the shop listens on. Raises CommandError; a demo listens on this machine only."""
    if settings.DEMO and not settings.DEMO_OPEN_TO_ALL and host not in LOOPBACK:
        raise CommandError(
            f"A demo answers on this machine only, not on {host}: its passwords are on the "
            "screen. Set BARSTUCKS_MODE=shop for a real one, or DEMO_OPEN_TO_ALL=yes if everybody "
            "may be its manager."
        )
    try:
        return listen(host, port)
    except OSError as wrong:
        raise CommandError(refusal(host, port, wrong)) from wrong


class Command(BaseCommand):
    """Serve until SIGTERM or SIGINT; then finish what is under way, within 10 seconds."""

    help = "Runs one web process."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to listen."""
        add_address_arguments(parser)
        parser.add_argument("--fd", type=int, help="an inherited listening socket instead")
        parser.add_argument(
            "--collect", action="store_true", help="collect the static files first, if they changed"
        )

    def handle(
        self,
        *_args: Any,
        host: str,
        port: int,
        fd: int | None,
        collect: bool = False,
        **_options: Any,
    ) -> None:
        """Listen first, so that a port in use is reported before anything is loaded."""
        shop_directory.only_for_the_owner()
        listening = listening_socket(host, port) if fd is None else socket.socket(fileno=fd)
        from daphne.server import twisted_loop

        from barstucks_site.asgi import application
        from barstucks_site.collected_static import collect_if_changed
        from barstucks_site.health import monitor
        from barstucks_site.telemetry import figures
        from barstucks_site.telemetry.process import make_watchable
        from barstucks_site.web_server.server import ShopServer
        from orders.event_store import event_store, watchdog
        from orders.key_check import refuse_without_keys
        from projections.engine import damaged_file
        from projections.engine.backlog import backlog

        if collect:
            collect_if_changed()
        refuse_without_keys(event_store())
        if done := damaged_file.mend(thoroughly=False):
            self.stderr.write(done)
        host, port = listening.getsockname()[:2]
        watched = watchdog()

        def turn() -> None:
            watched.alive()
            twisted_loop.call_later(TURN_SECONDS, turn)

        def ready() -> None:
            backlog.start()
            monitor.start()
            turn()
            self.stdout.write(f"The web is open at http://{host}:{port}/ (process {os.getpid()}).")
            self.stdout.flush()

        server = ShopServer(
            application,
            listening,
            proxied=settings.PROXY_HOPS > 0,
            log_requests=settings.LOG_FORMAT == "json",
            when_ready=ready,
            when_closing=monitor.closing.set,
            observe=figures.observe_request,
        )
        figures.register(connections=lambda: server.connection_limit.count)
        make_watchable("web")
        server.run()
        monitor.stop()
