"""docker-compose.yml and what it brings along, as far as they can be tried without Docker.

The file holds no secret, everything that it names exists, the shop understands every setting in
it, and the commands of its containers do what they should with programs that stand in for theirs.
"""

import ipaddress
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from barstucks_site.tests.compose_file import FILE, NODES, OPERATIONS, ROOT, SERVICES, TEXT
from orders.event_store.log_address import LogAddress

OURS = [name for name, service in SERVICES.items() if service.get("image") == "barstucks"]
INTERPOLATION = re.compile(r"(?<!\$)\$\{(?P<name>\w+):-(?P<default>[^}]*)\}")
MAY_BE_GIVEN = {"SHOP_HOST", "TIME_ZONE", "CURRENCY", "SERVING_DESK_NAME"}


def _filled_in(value: str) -> str:
    return INTERPOLATION.sub(lambda found: found["default"], value).replace("$$", "$")


def _mounted(service: dict[str, Any]) -> Iterator[str]:
    return (volume.partition(":")[0] for volume in service.get("volumes", ()))


def _reads(module: str) -> set[str]:
    return set(re.findall(r'"([A-Z][A-Z_]+)"', (ROOT / "barstucks_site" / module).read_text()))


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of secrets as `bin/secrets` makes it."""
    folder = tmp_path_factory.mktemp("cluster") / "secrets"
    subprocess.run([ROOT / "bin" / "secrets", folder], check=True, capture_output=True)
    return folder


def test_the_file_has_the_parts_of_a_shop_that_outgrew_one_machine() -> None:
    assert {*NODES, "accounts", "read-models", "valkey", "proxy"} <= set(SERVICES)
    assert {"migrations", "log-account", "web1", "web2", "projector", "reactor"} <= set(OURS)
    assert SERVICES["projector"]["deploy"] == {"replicas": 2}


@pytest.mark.parametrize("kind", ["secrets", "configs", "volumes", "networks"])
def test_everything_that_is_named_is_described_and_the_reverse(kind: str) -> None:
    named: set[str] = set()
    for service in SERVICES.values():
        match kind:
            case "volumes":
                named |= set(_mounted(service))
            case "networks":
                named |= set(service.get("networks", ()))
            case _:
                used = service.get(kind, ())
                named |= {each["source"] if isinstance(each, dict) else each for each in used}

    assert named == set(FILE[kind])


def test_every_setting_of_our_processes_is_one_that_the_shop_reads() -> None:
    read = _reads("settings.py")

    for name in OURS:
        settings = {each.removesuffix("_FILE") for each in SERVICES[name]["environment"]}
        assert settings <= read, name


def test_only_what_is_no_secret_may_be_given_and_all_of_it_has_a_default() -> None:
    assert {found["name"] for found in INTERPOLATION.finditer(TEXT)} == MAY_BE_GIVEN
    without = re.sub(r"\$\$", "", INTERPOLATION.sub("", TEXT))
    assert "$" not in re.sub(r"#.*", "", without).replace("$(cat", "(cat")


def test_every_secret_is_a_file_that_the_command_makes_for_its_owner(secrets: Path) -> None:
    for name, where in FILE["secrets"].items():
        assert where == {"file": f"./secrets/{name}"}
        assert (secrets / name).stat().st_mode & 0o777 == 0o444  # containers have other users
        assert len((secrets / name).read_text().strip()) >= 64
    assert secrets.stat().st_mode & 0o777 == 0o700
    assert "secrets" in (ROOT / ".dockerignore").read_text().splitlines()
    assert "secrets/" in (ROOT / ".gitignore").read_text().splitlines()


def test_a_secret_that_is_there_is_kept_and_what_follows_from_it_is_made_again(
    tmp_path: Path,
) -> None:
    def made() -> dict[str, str]:
        subprocess.run([ROOT / "bin" / "secrets", tmp_path], check=True, capture_output=True)
        return {file.name: file.read_text() for file in tmp_path.iterdir()}

    before = made()
    (tmp_path / "postgres_password").unlink()
    (tmp_path / "postgres_password").write_text("another\n")
    after = made()

    changed = {name for name in before if after[name] != before[name]}
    assert changed == {"postgres_password", "database_url", "read_models_url"}
    assert after["database_url"] == "postgres://barstucks:another@accounts:5432/barstucks\n"


def test_every_secret_of_a_setting_is_given_to_its_container() -> None:
    for name, service in SERVICES.items():
        given = {f"/run/secrets/{secret}" for secret in service.get("secrets", ())}
        written = str(
            [service.get(key) for key in ("environment", "command", "entrypoint", "healthcheck")]
        )
        for config in service.get("configs", ()):
            written += (ROOT / FILE["configs"][config["source"]]["file"]).read_text()
        assert set(re.findall(r"/run/secrets/\w+", written)) == given, name


def test_no_process_that_serves_the_shop_has_the_administrators_password() -> None:
    holders = {
        name
        for name, service in SERVICES.items()
        if "eventstore_admin_password" in service.get("secrets", ())
    }

    assert holders == {*NODES, "log-account"}


def test_every_process_that_serves_the_shop_has_the_same_settings() -> None:
    for name in set(OURS) - {"log-account"}:
        assert SERVICES[name]["environment"] == SERVICES["web1"]["environment"]
        assert SERVICES[name]["secrets"] == SERVICES["web1"]["secrets"]


@pytest.mark.parametrize("name", ["web1", "log-account"])
def test_the_shop_starts_with_these_settings_and_passes_its_deployment_checks(
    name: str, secrets: Path, tmp_path: Path
) -> None:
    environment = {
        variable: _filled_in(str(value)).replace("/run/secrets", str(secrets))
        for variable, value in SERVICES[name]["environment"].items()
    }

    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "BARSTUCKS_VAR": str(tmp_path), **environment},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr


def test_every_command_of_ours_exists() -> None:
    commands = {path.stem for path in ROOT.glob("*/management/commands/*.py")} | {"migrate"}

    for name in OURS:
        called = re.findall(r"manage\.py[ ',\"]+(\w+)", " ".join(SERVICES[name]["command"]))
        assert called, name
        assert set(called) <= commands


def test_whoever_is_waited_for_exists_and_can_say_that_it_is_well() -> None:
    for service in SERVICES.values():
        for name, how in service.get("depends_on", {}).items():
            if how["condition"] == "service_healthy":
                assert "healthcheck" in SERVICES[name]
            else:
                assert how["condition"] == "service_completed_successfully"
                assert SERVICES[name].get("restart", "no") == "no"


def test_only_the_proxy_is_open_to_the_street() -> None:
    ports = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    to_the_street = {
        name
        for name, published in ports.items()
        if not all(port.startswith("127.0.0.1:") for port in published)
    }

    assert to_the_street == {"proxy"}


def test_every_image_is_pinned_and_those_for_one_architecture_say_so() -> None:
    for name, service in SERVICES.items():
        image, _, tag = service["image"].partition(":")
        if name in OURS:
            assert service["build"] == {"context": ".", "target": "shop"}
            continue
        assert re.match(r"v?\d+\.\d+", tag), f"{name}: {service['image']}"
        if image.endswith(("/kurrentdb", "/es-gencert-cli")):
            assert service["platform"] == "linux/amd64"
    assert "AMD64 only" in TEXT
    assert "AMD64 only" in OPERATIONS


def test_the_log_is_the_long_term_release_without_what_the_shop_does_not_read() -> None:
    for name in (*NODES, "eventstore"):
        service = SERVICES[name]
        assert service["image"].startswith("docker.kurrent.io/kurrent-lts/kurrentdb:26.0.")
        assert service["environment"]["KURRENTDB_SECONDARY_INDEXING__ENABLED"] == "false"
        assert service["environment"]["KURRENTDB_RUN_PROJECTIONS"] == "None"


def test_static_addresses_lie_outside_of_what_docker_gives_to_others(secrets: Path) -> None:
    (network,) = FILE["networks"]["shop"]["ipam"]["config"]
    subnet = ipaddress.ip_network(network["subnet"])
    given_out = ipaddress.ip_network(network["ip_range"])
    static = [SERVICES[node]["networks"]["shop"]["ipv4_address"] for node in NODES]

    assert given_out.subnet_of(subnet)  # type: ignore[arg-type]
    for address in map(ipaddress.ip_address, static):
        assert address in subnet
        assert address not in given_out
    uri = LogAddress.read((secrets / "eventstore_uri").read_text().strip())
    assert list(uri.hosts) == [f"{address}:2113" for address in static]
    assert uri.username == "barstucks"
    for node, address in zip(NODES, static, strict=True):
        environment = SERVICES[node]["environment"]
        assert environment["KURRENTDB_REPLICATION_IP"] == address
        assert environment["KURRENTDB_NODE_HOST_ADVERTISE_AS"] == address
        seeds = {f"{other}:2113" for other in static if other != address}
        assert set(environment["KURRENTDB_GOSSIP_SEED"].split(",")) == seeds


def _run(command: list[str], stand_ins: dict[str, str], secrets: Path, tmp_path: Path) -> str:
    """Carry out the shell command of a container, with other programs in the place of its own."""
    script = _filled_in(command[-1]).replace("/tmp/", f"{tmp_path}/")  # noqa: S108 - a container's
    script = script.replace("/run/secrets", str(secrets))
    for program, stand_in in stand_ins.items():
        script = script.replace(program, stand_in)
    done = subprocess.run(
        [*command[:-1], script],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_a_node_is_given_its_passwords_out_of_the_files(secrets: Path, tmp_path: Path) -> None:
    said = _run(
        SERVICES["node1"]["entrypoint"], {"/opt/kurrentdb/KurrentDB": "env"}, secrets, tmp_path
    )

    for user in ("admin", "ops"):
        password = (secrets / f"eventstore_{user}_password").read_text().strip()
        assert f"KURRENTDB_DEFAULT_{user.upper()}_PASSWORD={password}\n" in said


def test_valkey_is_given_its_password_in_a_file_and_not_as_an_argument(
    secrets: Path, tmp_path: Path
) -> None:
    password = (secrets / "valkey_password").read_text().strip()

    said = _run(SERVICES["valkey"]["command"], {"valkey-server": "echo"}, secrets, tmp_path)

    assert (tmp_path / "valkey.conf").read_text() == f"requirepass {password}\n"
    assert (tmp_path / "valkey.conf").stat().st_mode & 0o077 == 0
    assert password not in said
    assert "--save  --appendonly no" in said


def test_the_proxy_compresses_and_asks_each_web_process_whether_it_is_ready() -> None:
    proxy = (ROOT / FILE["configs"]["caddyfile"]["file"]).read_text()
    upstreams = re.search(r"reverse_proxy (.+) \{", proxy)

    assert "encode zstd gzip" in proxy
    assert "health_uri /readyz" in proxy
    assert upstreams is not None
    assert upstreams[1].split() == [f"{name}:8000" for name in OURS if name.startswith("web")]
    assert SERVICES["proxy"]["environment"]["SHOP_HOST"] == "${SHOP_HOST:-localhost}"


def test_an_eventstore_beside_the_shop_is_there_when_it_is_named_and_reached_as_written() -> None:
    node = SERVICES["eventstore"]

    assert node["profiles"] == ["eventstore"]
    assert "depends_on" not in node
    assert node["environment"]["KURRENTDB_INSECURE"] == "true"
    assert node["ports"] == ["127.0.0.1:2113:2113"]
    for text in (TEXT, OPERATIONS):
        assert "docker compose up --detach --wait eventstore" in text
        assert "EVENTSTORE_URI='esdb://127.0.0.1:2113?Tls=false' bin/open" in text


def test_every_service_that_the_manual_names_exists() -> None:
    named = re.findall(r"docker compose (?:exec|run --rm|up --detach --wait) (\S+)", OPERATIONS)

    assert named
    assert set(named) <= set(SERVICES)


def test_older_volumes_are_given_to_who_the_nodes_are_now() -> None:
    (nodes, user, folder) = re.findall(
        r"for node in ((?:\w+ ?)+); do\n.*--entrypoint chown \$node -R (\S+) (\S+)\n", OPERATIONS
    )[0]

    assert tuple(nodes.split()) == NODES
    assert f"owner=${{NODE_USER:-{user}}}" in (ROOT / "cluster" / "certificates.sh").read_text()
    for name in NODES:
        assert folder in {volume.split(":")[1] for volume in SERVICES[name]["volumes"]}
