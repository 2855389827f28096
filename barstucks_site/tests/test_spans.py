"""One click is one trace, from the request to the screens; without a tracer nothing is noted."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from typing import Any
from uuid import uuid4

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ParentBased
from opentelemetry.trace import SpanKind, StatusCode, TraceFlags

from barstucks_site.telemetry.spans import OpenTelemetryTracer, RequestSpans
from barstucks_site.telemetry.trace_exporters import wanted
from orders import tracing
from orders.checkout import order_numbers
from orders.command_handler import handle
from orders.domain import preparation
from orders.domain.refused import AlreadyTaken
from orders.domain.streams import order_stream
from orders.event_store import StoredEvent, event_store
from orders.reactions.tests.reactor_at_work import ShopAtWork
from orders.tests.crew import Crew, an_order
from orders.tests.log_in_memory import LogInMemory
from orders.tests.shop_cast import envelope, latte_order
from projections.engine.checkpoints import active_cursors
from projections.engine.projector import Projector, Push
from projections.folded_order import ORDERS
from projections.live import push
from projections.live.broadcaster import Broadcaster
from projections.live.push import Pusher
from projections.screens import PROJECTIONS

DATABASES = ["default", "read_models"]
STREAM = "order-" + "0a" * 16
FROM_A_PROXY = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


class Notes:
    """The spans that were noted, in the order in which they ended."""

    def __init__(self) -> None:
        self.exporter = InMemorySpanExporter()
        self.provider = TracerProvider()
        self.provider.add_span_processor(SimpleSpanProcessor(self.exporter))

    @property
    def spans(self) -> list[ReadableSpan]:
        return list(self.exporter.get_finished_spans())

    def named(self, name: str) -> ReadableSpan:
        (found,) = [span for span in self.spans if span.name == name]
        return found

    def parents(self) -> dict[str, str | None]:
        """The name of each span's parent, by its name; None for one that is not among them."""
        names = {span.context.span_id: span.name for span in self.spans if span.context}
        return {
            span.name: names.get(span.parent.span_id) if span.parent else None
            for span in self.spans
        }


@pytest.fixture
def notes() -> Iterator[Notes]:
    notes = Notes()
    tracing.install(OpenTelemetryTracer(notes.provider))
    yield notes
    tracing.install(None)


@pytest.fixture
def open_shop(eventstore_uri: str, settings: Any) -> Iterator[None]:
    settings.EVENTSTORE_URI = eventstore_uri
    event_store.cache_clear()
    order_numbers._numbers.cache_clear()
    yield
    event_store.cache_clear()


class Layer:
    """A channel layer that keeps what is sent, to web processes where somebody sees the bar."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self._watched = ["barista-queue"]

    async def new_channel(self, _prefix: str) -> str:
        return "projector"

    async def group_add(self, _group: str, _channel: str) -> None:
        pass

    async def receive(self, _channel: str) -> dict[str, Any]:
        if self._watched:
            views, self._watched = self._watched, []
            return {"views": views}
        await asyncio.Event().wait()
        raise AssertionError

    async def group_send(self, _group: str, message: dict[str, Any]) -> None:
        self.sent.append(message)


def trace_of(span: ReadableSpan) -> int:
    assert span.context is not None
    return int(span.context.trace_id)


def metadata(event: StoredEvent) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(event.metadata)
    return read


def project(events: Sequence[StoredEvent], push: Push | None) -> None:
    projector = Projector(event_store(), ORDERS, lambda: active_cursors(PROJECTIONS), push=push)
    projector.load_cursors()
    projector.handle(events)


def shown(events: Sequence[StoredEvent], monkeypatch: pytest.MonkeyPatch) -> None:
    """Project these events, push what that changed, and write it to the sockets of a web."""
    layer = Layer()
    monkeypatch.setattr(push, "get_channel_layer", lambda: layer)
    pusher = Pusher()
    asyncio.run_coroutine_threadsafe(asyncio.sleep(0.02), pusher._loop).result(5)
    project(events, pusher)
    pusher.close()
    (message,) = [message for message in layer.sent if message["frames"]]
    Broadcaster().receive(message)


@pytest.mark.django_db(databases=DATABASES, transaction=True)
@pytest.mark.usefixtures("open_shop")
def test_a_click_is_one_trace_from_the_request_to_the_screens(
    notes: Notes, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MIDDLEWARE = ["barstucks_site.telemetry.spans.RequestSpans", *settings.MIDDLEWARE]
    tracing.install(None)
    order = an_order()
    bao = Crew("Bao", "barista")
    tracing.install(OpenTelemetryTracer(notes.provider))

    response = bao.press(f"/bar/{order.hex}/take/")
    assert response.status_code == 200
    shown(event_store().read_stream(order_stream(order)), monkeypatch)

    request = notes.named("POST /bar/<str:order>/<slug:action>/")
    ours = [span for span in notes.spans if trace_of(span) == trace_of(request)]
    assert {span.name for span in ours} == {
        request.name,
        *("StartPreparation", "read", "append", "project", "push", "show"),
    }
    parents = notes.parents()
    assert parents["StartPreparation"] == request.name
    assert parents["append"] == parents["read"] == "StartPreparation"
    assert parents["project"] == "append"
    assert parents["push"] == "project"
    assert parents["show"] == "push"
    assert request.kind is SpanKind.SERVER
    assert notes.named("project").kind is SpanKind.CONSUMER
    assert request.attributes is not None
    assert request.attributes["http.response.status_code"] == 200
    assert request.attributes["barstucks.correlation_id"] == response["X-Request-ID"]


@pytest.fixture
def log() -> LogInMemory:
    return LogInMemory()


@pytest.mark.django_db(databases=DATABASES)
def test_what_several_clicks_led_to_is_linked_to_each(notes: Notes, log: LogInMemory) -> None:
    for stream in (STREAM, "order-" + "0b" * 16):
        handle(stream, latte_order(), store=log)
    clicks = {trace_of(span) for span in notes.spans}

    with tracing.span_behind("project", log.events):
        pass

    project = notes.named("project")
    assert {link.context.trace_id for link in project.links} == clicks
    assert len(clicks) == 2
    assert project.parent is None
    assert trace_of(project) not in clicks


@pytest.mark.django_db(databases=DATABASES)
def test_a_reaction_goes_on_with_the_trace_of_what_it_reacts_to(notes: Notes) -> None:
    shop = ShopAtWork()
    shop.order()
    shop.pay()
    paying = trace_of(notes.named("StartCardPayment"))
    shop.react()

    reaction = notes.named("react to PaymentStarted")
    assert trace_of(reaction) == paying
    assert notes.parents()["react to PaymentStarted"] == "append"
    last = shop.log.events[-1]
    assert last.type_name == "OrderPaid"
    assert f"{paying:032x}" in metadata(last)["traceparent"]


@pytest.mark.django_db(databases=DATABASES)
def test_without_a_tracer_nothing_is_noted_or_stored(log: LogInMemory) -> None:
    handle(STREAM, latte_order(), store=log)

    assert "traceparent" not in metadata(log.events[0])
    assert tracing.traceparent() == ""
    for nothing in (
        tracing.span("append", events=1),
        tracing.span_behind("project", log.events),
        tracing.span_following("show", [FROM_A_PROXY]),
    ):
        assert isinstance(nothing, nullcontext)


@pytest.mark.django_db(databases=DATABASES)
def test_building_rows_anew_belongs_to_no_click(notes: Notes, open_shop: None) -> None:
    order = an_order()
    events = event_store().read_stream(order_stream(order))
    notes.exporter.clear()

    project(events, push=None)

    assert notes.spans == []


@pytest.mark.django_db(databases=DATABASES)
def test_facts_from_before_there_were_traces_lead_to_no_span(
    notes: Notes, log: LogInMemory
) -> None:
    tracing.install(None)
    handle(STREAM, latte_order(), store=log)
    tracing.install(OpenTelemetryTracer(notes.provider))

    with tracing.span_behind("project", log.events):
        pass

    assert notes.spans == []


NESTED = b'{"other":' + b"[" * 50_000


@pytest.mark.parametrize(
    "carried",
    [b"", b"{", b"[]", b'{"traceparent":1}', b"\xff", pytest.param(NESTED, id="nested too deep")],
)
def test_metadata_of_another_program_is_no_reason_to_fail(
    notes: Notes, log: LogInMemory, carried: bytes
) -> None:
    event = StoredEvent(
        event_id=uuid4(),
        type_name="SomethingElse",
        data=b"",
        metadata=carried,
        stream="order-1",
        revision=0,
        position=1,
        recorded_at=envelope()["at"],
    )
    with tracing.span_behind("project", [event]):
        pass

    assert notes.spans == []


@pytest.mark.django_db(databases=DATABASES)
def test_whoever_decides_what_is_noted_decides_for_the_whole_trace(
    notes: Notes, log: LogInMemory
) -> None:
    none_of_them = TracerProvider(sampler=ParentBased(ALWAYS_OFF))
    tracing.install(OpenTelemetryTracer(none_of_them))
    handle(STREAM, latte_order(), store=log)
    tracing.install(OpenTelemetryTracer(notes.provider))

    with tracing.span_behind("project", log.events):
        pass

    flags = metadata(log.events[0])["traceparent"].rpartition("-")[2]
    assert int(flags, 16) & TraceFlags.SAMPLED == 0
    assert notes.spans == []


@pytest.mark.django_db(databases=DATABASES)
def test_a_refusal_is_no_failure(notes: Notes, log: LogInMemory) -> None:
    handle(STREAM, latte_order(), store=log)
    for barista in ("staff-1", "staff-2"):
        command = preparation.StartPreparation(**envelope(actor=barista), barista=barista)
        with nullcontext() if barista == "staff-1" else pytest.raises(AlreadyTaken):
            handle(STREAM, command, store=log)

    refused = notes.spans[-1]
    assert refused.attributes is not None
    assert refused.attributes["error.type"] == "already_taken"
    assert refused.status.status_code is StatusCode.UNSET


def test_a_failure_is_named_and_what_it_says_is_kept_out(notes: Notes) -> None:
    with pytest.raises(RuntimeError), tracing.span("append"):
        raise RuntimeError("Key (name)=(Helen) already exists.")

    failed = notes.named("append")
    assert failed.status.status_code is StatusCode.ERROR
    assert "Helen" not in failed.to_json()
    assert failed.attributes is not None
    assert failed.attributes["error.type"] == "RuntimeError"


def answering(status: int = 200) -> RequestSpans:
    def get_response(_request: HttpRequest) -> HttpResponse:
        return HttpResponse(status=status)

    return RequestSpans(get_response)


def test_a_request_goes_on_with_the_trace_of_a_proxy(notes: Notes) -> None:
    answering()(RequestFactory().get("/", headers={"traceparent": FROM_A_PROXY}))
    answering()(RequestFactory().get("/", headers={"traceparent": "nonsense"}))

    continued, alone = notes.spans
    assert f"{trace_of(continued):032x}" in FROM_A_PROXY
    assert continued.parent is not None
    assert alone.parent is None


def test_whoever_trusts_no_header_has_each_request_begin_a_trace(
    notes: Notes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_PROPAGATORS", "none")
    answering()(RequestFactory().get("/", headers={"traceparent": FROM_A_PROXY}))

    (alone,) = notes.spans
    assert alone.parent is None


def test_a_request_that_failed_says_so_and_no_span_has_its_path(notes: Notes) -> None:
    answering(status=503)(RequestFactory().get("/orders/a-secret-link/?name=Helen"))

    (span,) = notes.spans
    assert span.status.status_code is StatusCode.ERROR
    assert "secret" not in span.to_json()
    assert "Helen" not in span.to_json()


@pytest.mark.parametrize(
    ("environment", "exporters"),
    [
        ({}, []),
        ({"OTEL_SERVICE_NAME": "coffee"}, []),
        ({"OTEL_TRACES_EXPORTER": "none"}, []),
        ({"OTEL_TRACES_EXPORTER": "console"}, ["console"]),
        ({"OTEL_TRACES_EXPORTER": "otlp, console"}, ["otlp_proto_http", "console"]),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}, ["otlp_proto_http"]),
        (
            {
                "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4317",
                "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc",
            },
            ["otlp_proto_grpc"],
        ),
        (
            {
                "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318",
                "OTEL_TRACES_EXPORTER": "none",
            },
            [],
        ),
        ({"OTEL_TRACES_EXPORTER": "console", "OTEL_SDK_DISABLED": "true"}, []),
    ],
)
def test_the_usual_variables_say_where_traces_go(
    environment: dict[str, str], exporters: list[str]
) -> None:
    assert wanted(environment) == exporters
