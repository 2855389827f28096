"""Refuses unknown clients before their request is read, so that they cannot fill the memory.

Only a first look: the role a method requires is checked when the call begins (calls.py).
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Container
from typing import Any, TypeAlias

import grpc

from embedded_eventstore.access.authentication import Authenticator, authorization_in
from embedded_eventstore.protocol import errors

_Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"


class AuthInterceptor(grpc.aio.ServerInterceptor):  # type: ignore[type-arg]
    """Lets through the accounts of ``accounts``, and everybody to the methods ``for_anybody``."""

    def __init__(self, accounts: Authenticator, for_anybody: Container[str]) -> None:
        self._accounts = accounts
        self._for_anybody = for_anybody

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[_Handler]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> _Handler:
        if handler_call_details.method not in self._for_anybody:
            authorization = authorization_in(handler_call_details.invocation_metadata)
            if self._accounts.authenticate(authorization) is None:
                return _REFUSAL
        return await continuation(handler_call_details)


async def _refuse(requests: AsyncIterator[Any], context: errors.Context) -> None:
    refusal = errors.unauthenticated()
    await context.abort(refusal.code, refusal.details)


# Of this shape because it responds before any message has come in.
_REFUSAL = grpc.stream_stream_rpc_method_handler(_refuse)
