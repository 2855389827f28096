"""What each process that stays does at its start, so that it can be watched."""

import structlog
from django.conf import settings

from barstucks_site.telemetry.metrics_port import MetricsPort

PORTS = {"web": 0, "projector": 1, "reactor": 2}
"""Behind METRICS_PORT: so that all processes of one machine share one setting."""

log = structlog.get_logger(__name__)


def make_watchable(process: str) -> None:
    """Open the port for its figures and note spans, as far as wanted. To be called once."""
    if settings.METRICS_PORT:
        _open_port(process)
    if settings.TRACE_EXPORTERS:
        from barstucks_site.telemetry import spans

        spans.switch_on(process, settings.TRACE_EXPORTERS)


def _open_port(process: str) -> None:
    """Listen. A port that is taken closes no shop: the scraper sees that it is missing."""
    host, port = settings.METRICS_HOST, settings.METRICS_PORT + PORTS[process]
    try:
        MetricsPort(host, port, settings.METRICS_TOKEN).start()
    except OSError as wrong:
        log.warning("metrics.no_port", process=process, host=host, port=port, because=str(wrong))
