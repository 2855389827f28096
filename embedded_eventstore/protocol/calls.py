"""Handles every call: refusals become statuses, and the calls in progress are counted.

Knows which of our errors means what to a client; knows nothing of any single method.
"""

import asyncio
import functools
import logging
from collections.abc import Awaitable, Callable
from typing import Any, NoReturn, cast

import grpc
from google.protobuf.message import DecodeError

from embedded_eventstore.access import authentication
from embedded_eventstore.access.authentication import AccessDeniedError, NotAuthenticatedError
from embedded_eventstore.protocol import errors
from embedded_eventstore.storage.log_reader import StreamTombstonedError
from embedded_eventstore.storage.writer import DiskFullError, WriteExpiredError

SHORTEST_DEADLINE = 0.0015
"""Seconds. A client's timeout of 0 arrives as about a millisecond, which a fast handler would
beat; the call must fail all the same."""

Handler = Callable[[Any, errors.Context], Awaitable[Any]]

_NEVER_BEGUN = "grpc_call_start_batch"

GRPCS_LOGGER = "grpc._cython.cygrpc"

logger = logging.getLogger(__name__)


def is_worth_a_line(record: logging.LogRecord) -> bool:
    """Whether gRPC has something to say, for its logger: not that a client hung up.

    It logs a traceback when the line breaks just while it sends the status of a call. What it could
    not even begin to send is a defect, and worth a line.
    """
    error = record.exc_info[1] if record.exc_info else None
    return type(error).__name__ != "ExecuteBatchError" or _NEVER_BEGUN in str(error)


class Calls:
    """The calls in progress, each made for one of the ``accounts``."""

    def __init__(self, accounts: authentication.Authenticator) -> None:
        self._accounts = accounts
        self._open = 0
        self._closed = False
        self._none_open = asyncio.Event()
        self._none_open.set()

    def handling(
        self,
        handler: Handler,
        required_role: authentication.RequiredRole,
        read: Callable[[bytes], Any] | None,
    ) -> Handler:
        """Wrap ``handler``: check the role, turn what it raises into a status, count the call.

        ``read`` makes the request of its bytes; None where it arrives in pieces.
        """

        @functools.wraps(handler)
        async def handle(request: Any, context: errors.Context) -> Any:
            self._open += 1
            self._none_open.clear()
            try:
                self._refuse_late_comers(context)
                authorization = authentication.authorization_in(context.invocation_metadata())
                authentication.authenticate_call(self._accounts, required_role, authorization)
                return await handler(read(request) if read else request, context)
            except grpc.aio.InternalError:
                # The client hung up while a response was on its way to it, or gRPC ended the call
                # over that response. To return would have gRPC send a status after it, in vain.
                raise asyncio.CancelledError from None
            except Exception as error:  # noqa: BLE001 - a status, whatever went wrong
                await _end(context, error)
            finally:
                self._open -= 1
                if not self._open:
                    self._none_open.set()

        return handle

    async def finish(self, seconds: float) -> None:
        """Refuse new calls and wait for those in progress, at most ``seconds`` long."""
        self._closed = True
        try:
            async with asyncio.timeout(seconds):
                await self._none_open.wait()
        except TimeoutError:
            logger.warning("%d calls were still in progress when the server stopped", self._open)

    def _refuse_late_comers(self, context: errors.Context) -> None:
        if self._closed:
            raise errors.shutting_down()
        # None when the client named no deadline, whatever the type stubs say.
        remaining = cast("float | None", context.time_remaining())
        if remaining is not None and remaining <= SHORTEST_DEADLINE:
            raise errors.too_late()


async def _end(context: errors.Context, error: Exception) -> NoReturn:
    refusal = _refusal_for(error)
    await context.abort(refusal.code, refusal.details, refusal.trailers)
    raise AssertionError("abort returned")


def _refusal_for(error: Exception) -> errors.CallRefusedError:
    match error:
        case errors.CallRefusedError():
            return error
        case NotAuthenticatedError():
            return errors.unauthenticated()
        case AccessDeniedError():
            return errors.access_denied()
        case DecodeError():
            return errors.thrown_by_handler("The request is malformed.")
        case StreamTombstonedError():
            return errors.stream_deleted(str(error))
        case DiskFullError():
            return errors.disk_full()
        case WriteExpiredError():
            return errors.too_late()
        case TimeoutError():
            return errors.write_timed_out()
        case _:
            logger.error("a call failed", exc_info=error)
            return errors.thrown_by_handler("")
