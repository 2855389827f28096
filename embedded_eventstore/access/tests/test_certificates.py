"""Certificates: accepted by strict clients, private, and renewed by themselves."""

import asyncio
import datetime
import shutil
import ssl
import stat
import subprocess
from pathlib import Path

import grpc
import pytest
from cryptography import x509

from embedded_eventstore.access import certificates, issuing
from embedded_eventstore.access.certificates import Certificates

DAY = datetime.timedelta(days=1)


class Calendar:
    """A clock that is turned by hand."""

    def __init__(self) -> None:
        self.now = datetime.datetime.now(datetime.UTC)

    def __call__(self) -> datetime.datetime:
        return self.now


def server_certificate(directory: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate((directory / certificates.SERVER_FILE).read_bytes())


def handshake(made: Certificates, name: str) -> None:
    """Between a server and a client in memory; raises ssl.SSLError when the client refuses."""
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(made.server_file)
    strict = ssl.create_default_context(cafile=str(made.authority_file))
    strict.verify_flags |= ssl.VERIFY_X509_STRICT
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = serving.wrap_bio(to_server, to_client, server_side=True)
    client = strict.wrap_bio(to_client, to_server, server_hostname=name)
    done: set[ssl.SSLObject] = set()
    while len(done) < 2:
        for side in {client, server} - done:
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
            done.add(side)


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "::1", "shop.example"])
def test_a_strict_client_accepts_every_name_it_is_for(tmp_path: Path, name: str) -> None:
    handshake(Certificates(tmp_path, "shop.example"), name)


def test_a_client_refuses_other_names_and_other_authorities(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    one, two = (Certificates(tmp_path / name, "127.0.0.1") for name in ("one", "two"))

    with pytest.raises(ssl.SSLCertVerificationError, match="not valid for"):
        handshake(one, "shop.example")
    shutil.copy(two.authority_file, one.authority_file)
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(one, "localhost")


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_openssl_accepts_it_strictly(tmp_path: Path) -> None:
    Certificates(tmp_path, "10.1.2.3")
    checked = subprocess.run(
        [
            *("openssl", "verify", "-x509_strict", "-purpose", "sslserver"),
            *("-verify_ip", "10.1.2.3", "-CAfile", "ca.crt", "server.pem"),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.stdout == "server.pem: OK\n", checked.stderr


def test_all_files_are_for_their_owner_only(tmp_path: Path) -> None:
    Certificates(tmp_path, "127.0.0.1")
    found = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert found == {"ca.crt": 0o600, "ca.key": 0o600, "server.pem": 0o600}


def test_the_next_start_changes_nothing(tmp_path: Path) -> None:
    Certificates(tmp_path, "127.0.0.1")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    Certificates(tmp_path, "127.0.0.1")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_another_host_gets_another_certificate_of_the_same_authority(tmp_path: Path) -> None:
    Certificates(tmp_path, "127.0.0.1")
    authority = (tmp_path / "ca.crt").read_bytes()
    moved = Certificates(tmp_path, "192.168.1.5")

    handshake(moved, "192.168.1.5")
    assert (tmp_path / "ca.crt").read_bytes() == authority
    assert "0.0.0.0" not in certificates.names_for("0.0.0.0")  # noqa: S104


def test_it_is_renewed_before_it_expires_also_while_running(tmp_path: Path) -> None:
    calendar = Calendar()
    made = Certificates(tmp_path, "127.0.0.1", calendar)
    first = server_certificate(tmp_path)

    calendar.now += issuing.SERVER_LIFE - certificates.RENEW_BEFORE - DAY
    made.renew_when_due()
    assert server_certificate(tmp_path) == first
    calendar.now += 2 * DAY
    made.renew_when_due()
    renewed = server_certificate(tmp_path)
    made.renew_when_due()

    assert server_certificate(tmp_path) == renewed
    assert renewed.not_valid_after_utc > first.not_valid_after_utc + 300 * DAY
    calendar.now += issuing.SERVER_LIFE
    Certificates(tmp_path, "127.0.0.1", calendar)
    assert server_certificate(tmp_path).not_valid_after_utc > calendar.now + 300 * DAY


def test_an_authority_that_ends_is_replaced(tmp_path: Path) -> None:
    calendar = Calendar()
    made = Certificates(tmp_path, "127.0.0.1", calendar)
    before = (tmp_path / "ca.crt").read_bytes()
    calendar.now += issuing.AUTHORITY_LIFE - issuing.SERVER_LIFE + DAY
    made.renew_when_due()

    assert (tmp_path / "ca.crt").read_bytes() != before
    server_certificate(tmp_path).verify_directly_issued_by(
        x509.load_pem_x509_certificate((tmp_path / "ca.crt").read_bytes())
    )


@pytest.mark.parametrize("name", ["ca.crt", "ca.key", "server.pem"])
@pytest.mark.parametrize("damage", ["gone", "garbage", "another"])
def test_damaged_files_are_replaced(tmp_path: Path, name: str, damage: str) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "other").mkdir()
    Certificates(tmp_path / "one", "127.0.0.1")
    Certificates(tmp_path / "other", "127.0.0.1")
    path = tmp_path / "one" / name
    match damage:
        case "gone":
            path.unlink()
        case "garbage":
            path.write_bytes(b"garbage")
        case _:
            shutil.copy(tmp_path / "other" / name, path)

    handshake(Certificates(tmp_path / "one", "127.0.0.1"), "127.0.0.1")
    handshake(Certificates(tmp_path / "one", "10.1.2.3"), "10.1.2.3")


async def test_a_running_server_shows_the_renewed_certificate(tmp_path: Path) -> None:
    calendar = Calendar()
    today = calendar.now
    calendar.now = today - issuing.SERVER_LIFE + 20 * DAY
    made = Certificates(tmp_path, "127.0.0.1", calendar)
    server = grpc.aio.server()
    port = server.add_secure_port("127.0.0.1:0", made.for_grpc())
    await server.start()

    async def days_left() -> int:
        context = ssl.create_default_context(cafile=str(made.authority_file))
        context.set_alpn_protocols(["h2"])
        _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
        raw = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        writer.close()
        return (x509.load_der_x509_certificate(raw).not_valid_after_utc - today).days

    assert await days_left() < 30
    calendar.now = today
    assert await days_left() > 300
    assert await days_left() > 300
    await server.stop(0)
