"""Log lines: no secret link, no broken line."""

import io
import json
import logging

import pytest
import structlog

from barstucks_site.log_lines import OneLine, configuration, mask


@pytest.mark.parametrize(
    ("written", "masked"),
    [
        ("GET /o/3f2a.sig-na_ture/ 200", "GET /o/***/ 200"),
        ("/me/abc.def/", "/me/***/"),
        ("/me/export.json", "/me/***"),
        ("/ws/order/abc.def/", "/ws/order/***/"),
        ("POST /api/orders/3f2a.sig-na_ture/pay/ 504", "POST /api/orders/***/pay/ 504"),
        ("/api/orders/ /api/queue/", "/api/orders/ /api/queue/"),
        (f"Bearer barstucks_{'aZ0_-' * 8}xyz", "Bearer barstucks_***"),
        ("/orders/ /board/ /me/", "/orders/ /board/ /me/"),
        ("GET /manage/streams/?q=Helen%20Smith HTTP", "GET /manage/streams/?q=*** HTTP"),
        ("/?done=Thank+you+Helen&after=7", "/?done=***&after=***"),
        ("/bar/?Helen", "/bar/?***"),
        ("/bar/?Helen=1&q=", "/bar/?***&***"),
        ("Is that all? Yes=no", "Is that all? Yes=no"),
    ],
)
def test_secret_links_and_typed_values_are_masked(written: str, masked: str) -> None:
    assert mask(written) == masked


def _lines(log_format: str) -> list[str]:
    """What two log calls write in a format: one through structlog, one through `logging`."""
    written = io.StringIO()
    configured = configuration(log_format)
    formatter = configured["formatters"]["lines"]
    to_text = logging.StreamHandler(written)
    to_text.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=formatter["foreign_pre_chain"], processors=formatter["processors"]
        )
    )
    logger = logging.getLogger("barstucks.test_log_lines")
    logger.propagate = False
    logger.addHandler(to_text)
    logger.setLevel(logging.INFO)
    try:
        structlog.get_logger("barstucks.test_log_lines").info("looked", path="/o/abc.def/")
        logger.warning("no page at %s", "/o/abc.def/\r\nfake line")
    finally:
        logger.removeHandler(to_text)
    return written.getvalue().splitlines()


def test_json_lines_are_one_object_each_without_secrets() -> None:
    lines = [json.loads(line) for line in _lines("json")]

    assert [line["event"] for line in lines] == ["looked", "no page at /o/***/\r\nfake line"]
    assert lines[0]["path"] == "/o/***/"
    assert {line["level"] for line in lines} == {"info", "warning"}


def test_console_lines_are_masked_too() -> None:
    text = "\n".join(_lines("console"))

    assert "looked" in text
    assert "abc.def" not in text


def test_the_channel_layer_says_in_one_line_that_redis_is_away(
    caplog: pytest.LogCaptureFixture,
) -> None:
    logger = logging.getLogger("channels_redis.pubsub")
    logger.addFilter(OneLine())
    try:
        raise ConnectionError("refused")
    except ConnectionError:
        logger.exception("Unexpected exception in receive task")

    (record,) = caplog.records
    assert record.getMessage() == (
        "Unexpected exception in receive task: ConnectionError('refused')"
    )
    assert record.exc_info is None
    assert configuration("json")["loggers"]["channels_redis.pubsub"] == {"filters": ["one_line"]}
