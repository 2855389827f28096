"""``python -m embedded_eventstore``: arguments, start, and an orderly end."""

import argparse
import asyncio
import logging
import os
import signal
import sys
from pathlib import Path

from embedded_eventstore import watchdog
from embedded_eventstore.access import server_security
from embedded_eventstore.access.certificates import is_name
from embedded_eventstore.node import Node
from embedded_eventstore.protocol import calls
from embedded_eventstore.protocol.server import PortTakenError
from embedded_eventstore.storage.schema import UnusableStoreError
from embedded_eventstore.streams.proposed_events import DEFAULT_LIMITS, Limits
from embedded_eventstore.upkeep import commands

EXIT_USAGE = 64
EXIT_UNAVAILABLE = 69


def main(arguments: list[str] | None = None) -> int:
    """Run the server until SIGTERM or SIGINT; the exit code (64, 69: of sysexits.h).

    Or carry out a command of the log's upkeep, if the arguments begin with one.
    """
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments and arguments[0] in commands.NAMES:
        return commands.main(arguments)
    options = _parser().parse_args(arguments)
    refusal = server_security.refusal(options.host, insecure=options.insecure)
    if refusal:
        return _refuse(refusal, EXIT_USAGE)
    if options.insecure:
        sys.stderr.write(f"embedded eventstore: {server_security.WHAT_INSECURE_GIVES_UP}\n")
    # Files of the log are for its owner only, the ones SQLite makes included.
    os.umask(0o077)
    logging.basicConfig(format="embedded eventstore: %(levelname)s %(name)s: %(message)s")
    logging.getLogger(calls.GRPCS_LOGGER).addFilter(calls.is_worth_a_line)
    try:
        limits = Limits(options.max_append_size, options.max_append_event_size)
        asyncio.run(_serve(options, limits))
    except (UnusableStoreError, PortTakenError) as error:
        return _refuse(str(error), EXIT_UNAVAILABLE)
    return 0


async def _serve(options: argparse.Namespace, limits: Limits) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    node = Node(
        options.data,
        options.host,
        options.port,
        limits,
        insecure=options.insecure,
        system_projections=options.start_standard_projections,
        http_port=options.http_port,
        advertised=options.advertise,
    )
    port = await node.start()
    watchdog.watch(loop)
    sys.stdout.write(f"embedded eventstore listening on {options.host}:{port}\n")
    if node.web_address:
        sys.stdout.write(f"embedded eventstore: web page on {node.web_address}\n")
    if node.security.hints:
        sys.stdout.write(f"embedded eventstore: {node.security.hints}\n")
    sys.stdout.flush()
    await stopping.wait()
    await node.stop()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="embedded-eventstore",
        description="A single-node Eventstore. Runs until SIGTERM or SIGINT.",
        epilog=f"Upkeep, each with a --help of its own: {', '.join(sorted(commands.NAMES))}.",
    )
    parser.add_argument("--data", type=Path, required=True, help="directory of the log")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=2113, help="0 picks a free one")
    parser.add_argument(
        "--http-port", type=int, help="port of the web page; none without it, 0 picks a free one"
    )
    for option, limit, of_what in (
        ("--max-append-size", DEFAULT_LIMITS.append, "of one append"),
        ("--max-append-event-size", DEFAULT_LIMITS.event, "of one event"),
    ):
        parser.add_argument(option, type=int, default=limit, help=f"bytes {of_what} ({limit})")
    parser.add_argument(
        "--start-standard-projections",
        action="store_true",
        help="link events by category ($ce-…), by type ($et-…) and streams ($streams)",
    )
    parser.add_argument(
        "--advertise",
        action="append",
        default=[],
        type=_name,
        metavar="NAME",
        help="a further name or address by which clients reach this server, for its certificate;"
        " may be repeated, and the first is the one it tells them",
    )
    parser.add_argument(
        "--insecure", action="store_true", help="no TLS, no passwords; loopback only"
    )
    return parser


def _name(text: str) -> str:
    if not is_name(text):
        raise argparse.ArgumentTypeError(f"{text!r} is neither a host name nor an address")
    return text


def _refuse(sentence: str, code: int) -> int:
    sys.stderr.write(f"embedded eventstore: {sentence}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
