"""The gRPC service Monitoring, spoken by hand."""

from pathlib import Path

import grpc

from embedded_eventstore.protocol import wire
from embedded_eventstore.tests.server_process import ServerProcess

REFRESH = wire.number(1, 1) + wire.number(4, 100)


def test_statistics_come_again_and_again_and_end_with_the_server(tmp_path: Path) -> None:
    with (
        ServerProcess(tmp_path / "log") as server,
        grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel,
    ):
        ask = channel.unary_stream(
            "/event_store.client.monitoring.Monitoring/Stats",
            request_serializer=None,
            response_deserializer=None,
        )
        responses = iter(ask(REFRESH, timeout=20))
        first, second = next(responses), next(responses)
        next(iter(ask(wire.number(4, 3_600_000), timeout=20)))
        assert server.stop() == 0

    for response in (first, second):
        assert b"es-log-lastPosition" in response
        assert b"proc-mem" in response


def test_numbers_are_read_back() -> None:
    assert wire.numbers(REFRESH + wire.number(2, 2**40)) == {1: 1, 4: 100, 2: 2**40}
    assert wire.numbers(b"") == {}
