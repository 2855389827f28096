"""Whether there are traces, and where they go, as OpenTelemetry's usual variables say.

Knows names only, so that the settings can ask without loading OpenTelemetry.
"""

from collections.abc import Mapping
from importlib.metadata import EntryPoint, entry_points

ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")


def wanted(environment: Mapping[str, str]) -> list[str]:
    """The exporters by the names under which packages offer them. None are wanted by default.

    `otlp` is the one that sends over HTTP, unless another protocol is asked for.
    """
    if environment.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return []
    given = environment.get("OTEL_TRACES_EXPORTER", "").strip()
    if not given and any(environment.get(name) for name in ENDPOINTS):
        given = "otlp"
    names = [name.strip() for name in given.split(",") if name.strip()]
    if "none" in names:
        return []
    return [_otlp(environment) if name == "otlp" else name for name in names]


def offered(name: str) -> EntryPoint | None:
    """The exporter of that name, of whichever installed package offers it."""
    return next(iter(entry_points(group="opentelemetry_traces_exporter", name=name)), None)


def _otlp(environment: Mapping[str, str]) -> str:
    given = next(filter(None, map(environment.get, PROTOCOLS)), "http/protobuf")
    return "otlp_proto_grpc" if given == "grpc" else "otlp_proto_http"
