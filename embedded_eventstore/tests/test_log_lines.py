"""What the server writes about itself: nothing of clients that hang up."""

import importlib
import logging

import pytest

from embedded_eventstore.protocol.calls import GRPCS_LOGGER, is_worth_a_line

cygrpc = importlib.import_module(GRPCS_LOGGER)


def written(caplog: pytest.LogCaptureFixture, error: Exception) -> list[str]:
    logger = logging.getLogger(GRPCS_LOGGER)
    logger.addFilter(is_worth_a_line)
    try:
        logger.error("raised in core", exc_info=error)
    finally:
        logger.removeFilter(is_worth_a_line)
    return [record.message for record in caplog.records]


def test_a_client_that_hangs_up_is_not_worth_a_line(caplog: pytest.LogCaptureFixture) -> None:
    assert written(caplog, cygrpc.ExecuteBatchError("Failed", ())) == []


def test_any_other_failure_of_grpc_is(caplog: pytest.LogCaptureFixture) -> None:
    assert written(caplog, cygrpc.InternalError("broken")) == ["raised in core"]
