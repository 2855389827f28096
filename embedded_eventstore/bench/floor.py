"""``python -m embedded_eventstore.bench.floor``: the same messages with nothing behind them.

What a client measures here is gRPC, its own work, and nothing else: the ceiling of any store.
"""

import asyncio
import sys
import time
from typing import Any
from uuid import uuid4

import grpc

from embedded_eventstore.bench.workloads import EVENT_BYTES
from embedded_eventstore.client_library import streams_pb2
from embedded_eventstore.storage import recorded_event
from embedded_eventstore.storage.operations import ProposedEvent


async def serve(events: int) -> None:
    """Respond to every append at once, and to every read with at most ``events`` events."""
    proposed = ProposedEvent(uuid4().bytes, "CoffeeOrdered", True, b"", bytes(EVENT_BYTES))
    prepared = recorded_event.encode(7, "order-1", 0, proposed, time.time_ns() // 100)
    appended = streams_pb2.AppendResp()
    appended.success.current_revision = appended.success.position.commit_position = 7
    in_batch = streams_pb2.BatchAppendResp()
    in_batch.success.position.commit_position = 7

    async def append(requests: Any, context: Any) -> streams_pb2.AppendResp:
        async for _ in requests:
            pass
        return appended

    async def batch_append(requests: Any, context: Any) -> None:
        async for request in requests:
            in_batch.correlation_id.CopyFrom(request.correlation_id)
            await context.write(in_batch.SerializeToString())

    async def read(request: Any, context: Any) -> None:
        for _ in range(min(events, request.options.count)):
            await context.write(prepared)

    methods: dict[str, Any] = {
        "Append": grpc.stream_unary_rpc_method_handler(
            append,
            streams_pb2.AppendReq.FromString,
            streams_pb2.AppendResp.SerializeToString,
        ),
        "BatchAppend": grpc.stream_stream_rpc_method_handler(
            batch_append, streams_pb2.BatchAppendReq.FromString
        ),
        "Read": grpc.unary_stream_rpc_method_handler(read, streams_pb2.ReadReq.FromString),
    }
    server = grpc.aio.server()
    server.add_generic_rpc_handlers(
        [grpc.method_handlers_generic_handler("event_store.client.streams.Streams", methods)]
    )
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    sys.stdout.write(f"floor listening on 127.0.0.1:{port}\n")
    sys.stdout.flush()
    await server.wait_for_termination()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
