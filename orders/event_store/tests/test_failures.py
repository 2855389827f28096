"""What a failure of the log's client means."""

from orders.event_store.client_library import DeadlineExceeded, ServiceUnavailable
from orders.event_store.failures import failed_append
from orders.event_store.stored_event import OutcomeUnknown, StoreUnavailable


def _raised_from_itself(error: Exception) -> Exception:
    error.__cause__ = error
    return error


def test_an_error_that_is_raised_from_itself_is_looked_at_once() -> None:
    refused = _raised_from_itself(ServiceUnavailable("failed to connect to all addresses"))
    late = _raised_from_itself(DeadlineExceeded())

    assert isinstance(failed_append(refused), StoreUnavailable)
    assert isinstance(failed_append(late), OutcomeUnknown)


def test_a_try_that_may_have_reached_the_log_leaves_the_outcome_open() -> None:
    second = ServiceUnavailable("failed to connect to all addresses")
    second.__context__ = DeadlineExceeded()

    assert isinstance(failed_append(second), OutcomeUnknown)
