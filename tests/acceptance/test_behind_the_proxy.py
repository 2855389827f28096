"""A real shop behind the cluster's Caddyfile: TLS, compression, websockets, whose address counts.

The file is used as it is, but for the addresses of the web processes and two free ports on this
machine. Wants a Caddy (on Debian: apt install caddy); skipped where there is none, but not in CI.
"""

import json
import os
import secrets
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from websockets.sync.client import connect
from websockets.typing import Origin

from barstucks_site.web_server.listening import free_port
from tests.shop import ROOT, Shop

pytestmark = pytest.mark.slow

NAME = "coffee.example.org"
START_SECONDS = 30
OPTIONS = """{{
	admin off
	auto_https disable_redirects
	default_bind 127.0.0.1
	local_certs
	skip_install_trust
	http_port {http}
	https_port {https}
}}
"""


class Proxy:
    """Caddy before one web process."""

    def __init__(self, folder: Path, upstream: str) -> None:
        self._folder = folder
        self.port = free_port()
        text = (ROOT / "cluster" / "Caddyfile").read_text()
        assert text.count("web1:8000 web2:8000") == 1
        options = OPTIONS.format(http=free_port(besides=self.port), https=self.port)
        file = folder / "Caddyfile"
        file.write_text(options + text.replace("web1:8000 web2:8000", upstream))
        caddy = shutil.which("caddy")
        assert caddy is not None
        self._log = (folder / "caddy.log").open("wb")
        self._process = subprocess.Popen(
            [caddy, "run", "--config", str(file), "--adapter", "caddyfile"],
            env=os.environ
            | {"SHOP_HOST": NAME, "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)},
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(15)
        self._log.close()

    @property
    def trust(self) -> ssl.SSLContext:
        """Trusts the authority that this Caddy has made for itself, and nobody else."""
        root = self._folder / "caddy" / "pki" / "authorities" / "local" / "root.crt"
        deadline = time.monotonic() + START_SECONDS
        while not root.exists():
            assert time.monotonic() < deadline, (self._folder / "caddy.log").read_text()
            time.sleep(0.1)
        return ssl.create_default_context(cafile=str(root))

    def get(self, path: str, *, source: str = "127.0.0.1", **headers: str) -> httpx.Response:
        """What a browser at `source` is answered that has found the shop by its name."""
        way = httpx.HTTPTransport(verify=self.trust, local_address=source)
        with httpx.Client(transport=way, timeout=10) as client:
            return client.get(
                f"https://127.0.0.1:{self.port}{path}",
                headers={"Host": NAME, **headers},
                extensions={"sni_hostname": NAME},
            )

    def wait_until_it_serves(self) -> None:
        """Until the web process was found to be ready."""
        deadline = time.monotonic() + START_SECONDS
        while True:
            with suppress(httpx.TransportError):
                if self.get("/").status_code == httpx.codes.OK:
                    return
            assert time.monotonic() < deadline, (self._folder / "caddy.log").read_text()
            time.sleep(0.2)


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    if shutil.which("caddy") is None and not os.environ.get("CI"):
        pytest.skip("There is no Caddy on this machine.")
    real = {
        "BARSTUCKS_MODE": "shop",
        "SECRET_KEY": secrets.token_hex(32),
        "ALLOWED_HOSTS": NAME,
        "TRUSTED_ORIGINS": f"https://{NAME}",
        "PROXY_HOPS": "1",
    }
    with Shop(environment=real) as shop:
        before = Proxy(tmp_path_factory.mktemp("caddy"), shop.url.removeprefix("http://"))
        try:
            before.wait_until_it_serves()
            yield before
        finally:
            before.stop()


@pytest.mark.parametrize("coding", ["zstd", "gzip"])
def test_pages_come_compressed_and_the_shop_knows_that_they_come_by_tls(
    proxy: Proxy, coding: str
) -> None:
    page = proxy.get("/", **{"Accept-Encoding": coding})

    assert page.status_code == httpx.codes.OK
    assert page.headers["Content-Encoding"] == coding
    assert "Strict-Transport-Security" in page.headers


def test_a_live_screen_opens_through_the_proxy(proxy: Proxy) -> None:
    with (
        socket.create_connection(("127.0.0.1", proxy.port), 5) as connection,
        connect(
            f"wss://{NAME}/ws/board/",
            sock=connection,
            ssl=proxy.trust,
            server_hostname=NAME,
            origin=Origin(f"https://{NAME}"),
            open_timeout=10,
            proxy=None,
        ) as screen,
    ):
        first = json.loads(screen.recv(timeout=10))

    assert first


def test_whoever_writes_an_address_of_their_own_is_not_believed(proxy: Proxy) -> None:
    from_here = proxy.get("/metrics")
    from_elsewhere = proxy.get("/metrics", source="127.0.0.2", **{"X-Forwarded-For": "127.0.0.1"})

    assert from_here.status_code == httpx.codes.OK
    assert from_elsewhere.status_code == httpx.codes.NOT_FOUND
