"""Log lines: text on the console or JSON, with what is secret masked: links of orders, tokens of
programs, and what people typed into the query of an address.

Configures structlog and the standard logging module as one; knows nothing of requests.
"""

import logging
import re
from collections.abc import MutableMapping
from typing import Any

import structlog
from structlog.typing import Processor

_LINK = re.compile(r"(/(?:o|me|api/orders)/|/ws/order/)[^/\s\"'?]+")
_TOKEN = re.compile(r"(barstucks_)[0-9A-Za-z_-]{40,}")  # as `staff.tokens` makes them
_QUERY = re.compile(r"(/[^\s?\"']*\?)([^\s\"'#]+)")
_NAMED = re.compile(r"([a-z_]{1,20}=).+", re.DOTALL)


def mask(text: str) -> str:
    """The text without the secret part of order and customer links, tokens, and query values."""
    text = _TOKEN.sub(r"\1***", _LINK.sub(r"\1***", text))
    return _QUERY.sub(_masked_query, text)


def _masked_query(found: re.Match[str]) -> str:
    """The names of the parameters may stay."""
    return found[1] + "&".join(
        _NAMED.sub(r"\1***", part) if _NAMED.fullmatch(part) else "***"
        for part in found[2].split("&")
    )


def _mask_links(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> Any:
    return {name: mask(value) if isinstance(value, str) else value for name, value in line.items()}


def _shared() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(allow=["status_code", "event_type"]),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]


class OneLine(logging.Filter):
    """Says in one line what went wrong, without the traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Take the traceback from the line; every line passes."""
        if record.exc_info and record.exc_info[1] is not None:
            record.msg = f"{record.getMessage()}: {record.exc_info[1]!r}"
            record.args = None
            record.exc_info = record.exc_text = None
        return True


def configuration(log_format: str) -> dict[str, Any]:
    """The value of Django's LOGGING; also configures structlog. `log_format`: console or json."""
    structlog.configure(
        processors=[
            *_shared(),
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    renderer: Processor = (
        structlog.processors.JSONRenderer()
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0)
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "lines": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": _shared(),
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.format_exc_info,
                    _mask_links,
                    renderer,
                ],
            }
        },
        "filters": {"one_line": {"()": OneLine}},
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "lines"},
        },
        "root": {"handlers": ["stderr"], "level": "INFO"},
        "loggers": {
            "django": {"handlers": [], "propagate": True, "level": "INFO"},
            "django.server": {"handlers": [], "propagate": True, "level": "INFO"},
            # A bad request is the client's mistake, not an event of the shop.
            "django.request": {"level": "ERROR"},
            "django.security": {"level": "CRITICAL"},
            "django.security.csrf": {"level": "WARNING"},
            "daphne": {"level": "WARNING"},
            "axes": {"level": "WARNING"},
            "httpx": {"level": "WARNING"},
            # It repeats a traceback every second while Redis is away.
            "channels_redis": {"filters": ["one_line"]},
            "channels_redis.core": {"filters": ["one_line"]},
            "channels_redis.pubsub": {"filters": ["one_line"]},
        },
    }
