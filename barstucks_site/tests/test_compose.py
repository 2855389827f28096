"""docker-compose.yml: no secret has a default, and the shop understands every setting in it."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent.parent
TEXT = (ROOT / "docker-compose.yml").read_text()
OURS = ("migrations", "web1", "web2", "projector", "reactor")
INTERPOLATION = re.compile(r"\$\{(?P<name>\w+)(?::(?P<kind>[?-])(?P<rest>[^}]*))?\}")
GIVEN = {
    "SHOP_HOST": "coffee.example.org",
    "SECRET_KEY": "0123456789abcdef" * 4,
    "POSTGRES_PASSWORD": "a1" * 32,
    "REDIS_PASSWORD": "b2" * 32,
    "EVENTSTORE_ADMIN_PASSWORD": "c3" * 32,
    "EVENTSTORE_OPS_PASSWORD": "d4" * 32,
}
MAY_DEFAULT = {"TIME_ZONE", "CURRENCY", "SERVING_DESK_NAME"}


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    services: dict[str, Any] = yaml.safe_load(TEXT)["services"]
    return services


def _filled_in(value: str) -> str:
    return INTERPOLATION.sub(lambda m: GIVEN.get(m["name"], m["rest"]), value).replace("$$", "$")


def test_the_file_has_the_parts_of_a_shop_that_outgrew_one_machine(
    services: dict[str, Any],
) -> None:
    assert {*OURS, "node1", "node2", "node3", "accounts", "read-models", "redis"} <= set(services)
    assert services["projector"]["deploy"] == {"replicas": 2}


def test_no_secret_has_a_default_and_every_missing_one_is_asked_for_in_a_sentence() -> None:
    asked = {m["name"]: m for m in INTERPOLATION.finditer(TEXT)}

    assert set(asked) == set(GIVEN) | MAY_DEFAULT
    for name, match in asked.items():
        if name in MAY_DEFAULT:
            assert match["kind"] == "-"
        else:
            assert match["kind"] == "?"
            assert match["rest"].startswith(f"Set {name}")
            assert match["rest"].endswith(".")


def test_every_setting_of_our_processes_is_one_that_the_shop_reads(
    services: dict[str, Any],
) -> None:
    read = set(re.findall(r'"([A-Z][A-Z_]+)"', (ROOT / "barstucks_site/settings.py").read_text()))

    for name in OURS:
        assert set(services[name]["environment"]) <= read


def test_the_shop_starts_with_these_settings_and_passes_its_deployment_checks(
    services: dict[str, Any], tmp_path: Path
) -> None:
    environment = {n: _filled_in(v) for n, v in services["web1"]["environment"].items()}

    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "BARSTUCKS_VAR": str(tmp_path), **environment},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr


def test_whoever_is_waited_for_exists_and_can_say_that_it_is_well(
    services: dict[str, Any],
) -> None:
    for service in services.values():
        for name, how in service.get("depends_on", {}).items():
            if how["condition"] == "service_healthy":
                assert "healthcheck" in services[name]
            else:
                assert services[name].get("restart", "no") == "no"


def test_only_the_proxy_is_open_to_the_street(services: dict[str, Any]) -> None:
    assert [name for name, service in services.items() if "ports" in service] == ["proxy"]


def test_every_folder_in_the_image_exists() -> None:
    copied = re.findall(r"^COPY ([\w./]+) ", (ROOT / "Dockerfile").read_text(), re.MULTILINE)

    assert copied
    assert [name for name in copied if not (ROOT / name).exists()] == []
