"""What each process of an open shop has imported: nothing that it does not use."""

import os
from pathlib import Path

import pytest

from tests.live_view import LiveView
from tests.shop import Shop
from tests.visitor import Visitor

pytestmark = pytest.mark.slow

RECORDING = Path(__file__).parent / "recording"
OURS = {"api", "barstucks_site", "orders", "projections", "staff", "rush", "embedded_eventstore"}

SERVING_PAGES = {
    *("daphne", "twisted.internet", "autobahn", "OpenSSL", "redis", "channels_redis"),
    *("axes", "csp.middleware", "django.contrib.admin", "django.contrib.sessions.models"),
    *("django.contrib.messages", "barstucks_site.urls", "barstucks_site.web_server.server"),
    *("servestatic", "rush", "embedded_eventstore", "pytest", "IPython"),
}
FORBIDDEN = {
    "supervisor": {
        *("django", "grpc", "google", "esdbclient", "cryptography", "structlog", "twisted"),
        *("asyncio", "ssl", "http", "email", "sqlite3", "logging", "barstucks_site.settings"),
        *(OURS - {"barstucks_site"}),
    },
    "eventstore": {"django", "structlog", "twisted", "redis", *(OURS - {"embedded_eventstore"})},
    "projector": {*SERVING_PAGES, "orders.reactions.reactor", "opentelemetry"},
    "reactor": {
        *SERVING_PAGES,
        *("projections", "staff", "channels", "django.contrib", "orders.checkout", "orders.urls"),
        "opentelemetry",
    },
    "web": {
        *("redis", "channels_redis", "rush.client", "embedded_eventstore"),
        *("barstucks_site.supervisor.child", "orders.reactions.reactor"),
        *("projections.engine.projector", "pytest", "IPython", "opentelemetry"),
    },
}
COMMANDS = {
    "-m barstucks_site.supervisor": "supervisor",
    "-m embedded_eventstore": "eventstore",
    "manage.py project": "projector",
    "manage.py react": "reactor",
    "manage.py web": "web",
}


def _imported(recorded: Path) -> dict[str, list[str]]:
    """The modules by process."""
    imported: dict[str, list[str]] = {}
    for file in recorded.glob("*.modules"):
        command, *modules = file.read_text().splitlines()
        for words, process in COMMANDS.items():
            if words in command:
                imported[process] = modules
    return imported


@pytest.mark.timeout(120)
def test_no_process_imports_what_it_does_not_use(tmp_path: Path) -> None:
    environment = {
        "PYTHONPATH": os.pathsep.join(filter(None, [str(RECORDING), os.environ.get("PYTHONPATH")])),
        "BARSTUCKS_TEST_MODULES": str(tmp_path),
    }
    with Shop(tmp_path / "var", environment) as shop:
        with Visitor(shop) as helen, Visitor(shop) as bao:
            bao.log_in("bao", shop.logins["bao"], "/bar/")
            with LiveView(bao, "barista-queue") as bar:
                bar.wait_for(helen.order(), "take")
        shop.stop()

    imported = _imported(tmp_path)
    unused = {
        process: [
            module
            for module in imported[process]
            if any(f"{module}.".startswith(f"{name}.") for name in names)
        ]
        for process, names in FORBIDDEN.items()
    }
    assert not any(unused.values()), unused
