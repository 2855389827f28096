"""An open shop sends its traces where the usual variables say, each process under its name."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from barstucks_site.telemetry.spans import FLUSH_SECONDS
from tests.live_view import LiveView
from tests.shop import Shop
from tests.visitor import Visitor

ROOT = Path(__file__).resolve().parent.parent.parent

Noted = dict[bytes, set[tuple[str, str]]]
"""Of each trace, which process noted which span."""


class Collector(ThreadingHTTPServer):
    """Takes in spans as OTLP over HTTP."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Taking)
        self.noted: Noted = defaultdict(set)
        self.lock = threading.Lock()

    @property
    def environment(self) -> dict[str, str]:
        """What the shop has to be told."""
        return {
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{self.server_port}",
            "OTEL_BSP_SCHEDULE_DELAY": "200",
        }

    def traces(self) -> list[set[tuple[str, str]]]:
        """What came until now."""
        with self.lock:
            return [set(spans) for spans in self.noted.values()]


class _Taking(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            (service,) = (
                each.value.string_value
                for each in resource.resource.attributes
                if each.key == "service.name"
            )
            with self.server.lock:
                for scope in resource.scope_spans:
                    for span in scope.spans:
                        self.server.noted[span.trace_id].add((service, span.name))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


@pytest.fixture
def collector() -> Iterator[Collector]:
    collector = Collector()
    serving = threading.Thread(target=collector.serve_forever, kwargs={"poll_interval": 0.05})
    serving.start()
    yield collector
    collector.shutdown()
    serving.join()
    collector.server_close()


@pytest.mark.slow
def test_one_trace_goes_through_all_processes_of_a_shop(
    tmp_path: Path, collector: Collector
) -> None:
    click = {
        ("barstucks-web", "POST /bar/<str:order>/<slug:action>/"),
        ("barstucks-web", "StartPreparation"),
        ("barstucks-web", "append"),
        ("barstucks-projector", "project"),
        ("barstucks-projector", "push"),
        ("barstucks-web", "show"),
    }
    card = {
        ("barstucks-web", "StartCardPayment"),
        ("barstucks-reactor", "react to PaymentStarted"),
        ("barstucks-reactor", "append"),
        ("barstucks-projector", "project"),
    }
    with (
        Shop(tmp_path / "var", collector.environment) as shop,
        Visitor(shop) as helen,
        Visitor(shop) as bao,
    ):
        bao.log_in("bao", shop.logins["bao"], "/bar/")
        with LiveView(bao, "barista-queue") as bar:
            placed = helen.order(card="demo-approve")
            bar.wait_for(placed, "take")
            bao.press(f"/bar/{placed.order}/take/")
            shop.wait_until(
                lambda: all(
                    any(way <= trace for trace in collector.traces()) for way in (click, card)
                ),
                15,
            )


def test_a_collector_that_does_not_respond_holds_no_process_up_at_its_end() -> None:
    program = (
        "import time\n"
        "from barstucks_site.telemetry.spans import switch_on\n"
        "from orders import tracing\n"
        "switch_on('reactor', ['otlp_proto_http'])\n"
        "with tracing.span('append'): pass\n"
        "print(time.monotonic(), flush=True)\n"
    )
    with socket.create_server(("127.0.0.1", 0)) as silent:
        endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}"
        done = subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env={**os.environ, "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint},
            capture_output=True,
            timeout=60,
            check=False,
        )
        ended = time.monotonic()

    assert done.returncode == 0, done.stderr.decode()
    assert ended - float(done.stdout) < FLUSH_SECONDS + 3
