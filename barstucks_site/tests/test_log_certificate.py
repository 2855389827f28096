"""When the log's certificate ends: seen over TLS, and said in time."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from prometheus_client import REGISTRY

from barstucks_site.log_certificate import LOOK_EVERY, LogCertificates, end_of_certificate
from orders.event_store.log_address import LogAddress
from tests.eventstore_fixture import running_eventstore

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
CLUSTER = "esdb://barstucks:x@10.0.0.1:2113,10.0.0.2:2113?TlsCaFile=/authority/ca.crt"


class Nodes:
    """Nodes whose certificates end as we say; one may be away."""

    def __init__(self, **ends_in_days: float) -> None:
        self.ends = {f"10.0.0.{name[1:]}:2113": days for name, days in ends_in_days.items()}
        self.asked: list[str] = []

    def __call__(self, _address: LogAddress, host: str) -> datetime | None:
        self.asked.append(host)
        if host not in self.ends:
            raise OSError
        return NOW + timedelta(days=self.ends[host])


def test_the_node_that_ends_first_is_named_four_weeks_before() -> None:
    certificates = LogCertificates(CLUSTER, look=Nodes(n1=300, n2=27.5), clock=lambda: 0)

    before = certificates.ending(NOW)
    certificates.look()
    certificates.look()

    assert before == ""
    assert certificates.ending(NOW) == "log certificate: 10.0.0.2:2113 ends in 27 days\n"
    assert certificates.ending(NOW - timedelta(days=1)) == ""
    assert "ends in 0 days" in certificates.ending(NOW + timedelta(days=400))


def test_every_node_is_asked_at_once_and_then_one_now_and_then() -> None:
    now = [0.0]
    nodes = Nodes(n1=300)
    certificates = LogCertificates(CLUSTER, look=nodes, clock=lambda: now[0])

    for _ in range(5):
        certificates.look()
    at_first = list(nodes.asked)
    now[0] += LOOK_EVERY
    certificates.look()
    certificates.look()

    assert at_first == ["10.0.0.1:2113", "10.0.0.2:2113"]
    assert nodes.asked[2:] == ["10.0.0.1:2113"]


def test_a_node_that_is_away_keeps_what_it_showed() -> None:
    now = [0.0]
    nodes = Nodes(n1=20)
    certificates = LogCertificates(CLUSTER, look=nodes, clock=lambda: now[0])
    certificates.look()
    nodes.ends.clear()
    now[0] += LOOK_EVERY
    certificates.look()

    assert "10.0.0.1:2113 ends in 20 days" in certificates.ending(NOW)
    figure = REGISTRY.get_sample_value(
        "barstucks_log_certificate_end_seconds", {"node": "10.0.0.1:2113"}
    )
    assert figure == (NOW + timedelta(days=20)).timestamp()


def test_the_end_is_read_from_what_the_log_shows() -> None:
    with running_eventstore(closed=True) as server:
        address = LogAddress.read(server.uri)
        ends = end_of_certificate(address, address.hosts[0])
        folder = Path(server.uri.rpartition("TlsCaFile=")[2]).parent
        pem = (folder / "server.pem").read_bytes()
        with pytest.raises(OSError, match="certificate verify failed"):
            end_of_certificate(LogAddress.read("esdb://a:b@127.0.0.1"), address.hosts[0])

    assert ends == x509.load_pem_x509_certificate(pem).not_valid_after_utc
    assert (
        end_of_certificate(LogAddress.read("esdb://127.0.0.1:1?Tls=false"), "127.0.0.1:1") is None
    )
