"""Spans for OpenTelemetry: `orders.tracing` on its SDK, and a span for each request.

Loaded only where traces are wanted: its packages are in `requirements-otel.txt`. A span says where
time went, and nothing about people: names of streams, commands and routes, no path (it may be a
link to an order), no text of an error.
"""

import atexit
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from django.http import HttpRequest, HttpResponseBase
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Link, Span, SpanContext, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from barstucks_site.telemetry.trace_exporters import offered
from orders import tracing
from orders.domain.refused import Refused
from orders.event_store import WrongRevision

FLUSH_SECONDS = 2.0
"""What a process that ends waits for its last spans to be sent."""

KINDS = {
    "internal": SpanKind.INTERNAL,
    "server": SpanKind.SERVER,
    "consumer": SpanKind.CONSUMER,
}
ORDINARY = (Refused, WrongRevision)
"""What belongs to a day's work: such a span has not failed."""

_w3c = TraceContextTextMapPropagator()


class OpenTelemetryTracer:
    """Notes spans with an SDK's provider."""

    def __init__(self, provider: TracerProvider) -> None:
        self._tracer = provider.get_tracer("barstucks")

    @contextmanager
    def span(
        self,
        name: str,
        attributes: dict[str, str | int],
        *,
        kind: tracing.Kind = "internal",
        follows: Sequence[str] = (),
    ) -> Iterator[None]:
        """As `orders.tracing.Tracer`.

        What follows spans of one trace goes on with it; a batch that follows several begins a trace
        of its own, with a link to each.
        """
        followed = [context for context in map(_context_of, follows) if context.is_valid]
        parent: Context | None = None
        links: list[Link] = []
        if len({context.trace_id for context in followed}) == 1:
            parent = trace.set_span_in_context(trace.NonRecordingSpan(followed[-1]))
        elif followed:
            parent, links = Context(), [Link(context) for context in followed]
        with self._tracer.start_as_current_span(
            name,
            parent,
            KINDS[kind],
            {f"barstucks.{key}": value for key, value in attributes.items()},
            links,
            record_exception=False,
            set_status_on_exception=False,
        ) as current:
            try:
                yield
            except Exception as error:
                _note_failure(current, error)
                raise

    def traceparent(self) -> str:
        """As `orders.tracing.Tracer`."""
        carrier: dict[str, str] = {}
        _w3c.inject(carrier)
        return carrier.get("traceparent", "")


def _context_of(traceparent: str) -> SpanContext:
    context = _w3c.extract({"traceparent": traceparent}, Context())
    return trace.get_current_span(context).get_span_context()


def _note_failure(current: Span, error: Exception) -> None:
    # Its type only: the text may hold what a customer typed.
    current.set_attribute("error.type", getattr(error, "code", type(error).__name__))
    if not isinstance(error, ORDINARY):
        current.set_status(Status(StatusCode.ERROR))


class RequestSpans:
    """Middleware: a span for each request, named after its route.

    It goes on with the trace of a proxy in front, if that sends `traceparent`, unless
    OTEL_PROPAGATORS leaves that out.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response
        self._goes_on = "tracecontext" in os.environ.get("OTEL_PROPAGATORS", "tracecontext")

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        tracer = tracing.installed()
        if tracer is None:
            return self._get_response(request)
        given = request.headers.get("traceparent", "") if self._goes_on else ""
        method = request.method or ""
        with tracer.span(method, {}, kind="server", follows=[given] if given else []):
            response = self._get_response(request)
            _describe(trace.get_current_span(), method, request, response)
        return response


def _describe(current: Span, method: str, request: HttpRequest, response: HttpResponseBase) -> None:
    current.set_attribute("http.request.method", method)
    current.set_attribute("http.response.status_code", response.status_code)
    current.set_attribute("barstucks.correlation_id", getattr(request, "correlation_id", ""))
    if request.resolver_match is not None:
        route = f"/{request.resolver_match.route}"
        current.set_attribute("http.route", route)
        current.update_name(f"{method} {route}")
    if response.status_code >= 500:
        current.set_status(Status(StatusCode.ERROR))


def switch_on(process: str, exporters: Sequence[str]) -> TracerProvider:
    """Note spans from now on, and send them to these exporters. To be called once by a process.

    That there are such exporters is checked with the settings.
    """
    provider = TracerProvider(resource=_resource(process), shutdown_on_exit=False)
    for name in exporters:
        exporter = offered(name)
        assert exporter is not None
        provider.add_span_processor(BatchSpanProcessor(exporter.load()()))
    trace.set_tracer_provider(provider)
    tracing.install(OpenTelemetryTracer(provider))
    _shut_down_at_the_end(provider)
    return provider


def _resource(process: str) -> Resource:
    named = os.environ.get("OTEL_SERVICE_NAME") or "service.name=" in os.environ.get(
        "OTEL_RESOURCE_ATTRIBUTES", ""
    )
    attributes = {"barstucks.process": process}
    return Resource.create(
        attributes if named else {**attributes, "service.name": f"barstucks-{process}"}
    )


def _shut_down_at_the_end(provider: TracerProvider) -> None:
    """Send what is left when the process ends; a collector that is away must not hold that up."""
    ending = threading.Event()

    def wait_and_shut_down() -> None:
        ending.wait()
        provider.shutdown()

    # Started now: at the end of a process Python starts no thread any more.
    thread = threading.Thread(target=wait_and_shut_down, name="last-spans", daemon=True)
    thread.start()

    def end() -> None:
        ending.set()
        thread.join(FLUSH_SECONDS)

    atexit.register(end)
