"""Settings: everything has a working default, and a bad one fails with a sentence."""

import os
import re
import secrets
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.checks import Tags, run_checks
from django.core.management.base import CommandError
from django.test import override_settings

from barstucks_site import checks, shop_directory
from barstucks_site.admission.request_kinds import Kind
from barstucks_site.environment import BadSetting, Environment
from barstucks_site.management.commands.serve import address, greeting
from barstucks_site.management.commands.web import listening_socket
from barstucks_site.refusals import PROBLEMS, draw
from barstucks_site.web_server.threaded_handler import Refusal

ROOT = Path(__file__).resolve().parent.parent.parent
GOOD_SHOP = {
    "BARSTUCKS_MODE": "shop",
    "SECRET_KEY": "k" + secrets.token_urlsafe(50),
    "ALLOWED_HOSTS": "coffee.example.org",
    "TRUSTED_ORIGINS": "https://coffee.example.org",
    "EVENTSTORE_URI": "esdb://log.example.org:2113",
}


def manage(var: Path, variables: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    """`manage.py …` with nothing in the environment but these."""
    bare = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env={**bare, "BARSTUCKS_VAR": str(var), **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_limit_that_cannot_be_read_is_refused_with_a_sentence() -> None:
    with pytest.raises(BadSetting, match="LIMIT_ORDERS is '60 a minute', but must read like"):
        Environment({"LIMIT_ORDERS": "60 a minute"}).limit("LIMIT_ORDERS", "off")
    assert Environment({}).limit("LIMIT_ORDERS", "off") is None


def test_every_limit_is_documented_with_its_default() -> None:
    documented = (ROOT / "docs" / "operations.md").read_text()
    written = re.findall(
        r'limit\("(\w+)", "([^"]+)"\)', (ROOT / "barstucks_site/settings.py").read_text()
    )
    assert len(written) == len(Kind)
    for name, default in written:
        assert f"| `{name}` | `{default}` |" in documented


def test_a_fresh_machine_needs_no_setting_at_all(tmp_path: Path) -> None:
    done = manage(tmp_path / "var", {}, "check")

    assert done.returncode == 0, done.stderr
    assert (tmp_path / "var" / "secret_key").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "var").stat().st_mode & 0o777 == 0o700


def test_a_real_shop_passes_every_deployment_check(tmp_path: Path) -> None:
    done = manage(tmp_path, GOOD_SHOP, "check", "--deploy", "--fail-level", "WARNING")

    assert done.returncode == 0, done.stderr


def test_a_shop_that_is_the_logs_administrator_is_warned(tmp_path: Path) -> None:
    as_admin = {**GOOD_SHOP, "EVENTSTORE_URI": "esdb://admin:secret@log.example.org:2113"}

    done = manage(tmp_path, as_admin, "check", "--deploy", "--fail-level", "WARNING")

    assert done.returncode == 1
    assert "EVENTSTORE_URI logs in as 'admin'" in done.stderr


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"MOST_OPEN_ORDERS": "many"}, "MOST_OPEN_ORDERS is 'many', but must be a whole number"),
        ({"BARSTUCKS_MODE": "shop"}, "SECRET_KEY is not set"),
        (
            {**GOOD_SHOP, "TRUSTED_ORIGINS": "https://a.example.org,http://coffee.example.org"},
            "TRUSTED_ORIGINS contains 'http://coffee.example.org'",
        ),
        ({**GOOD_SHOP, "ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS must name hosts"),
        ({**GOOD_SHOP, "SECRET_KEY": "django-insecure-" + "x" * 50}, "SECRET_KEY can be guessed"),
    ],
)
def test_a_bad_setting_ends_the_command_with_a_sentence_and_no_traceback(
    tmp_path: Path, variables: dict[str, str], sentence: str
) -> None:
    done = manage(tmp_path, variables, "check")

    assert done.returncode == 78
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_a_demo_never_opens_the_directory_of_a_real_shop_nor_the_reverse(tmp_path: Path) -> None:
    shop_directory.claim(tmp_path / "real", "shop")
    shop_directory.claim(tmp_path / "toy", "demo")

    with pytest.raises(BadSetting, match="belongs to a shop in shop mode, and this is demo"):
        shop_directory.claim(tmp_path / "real", "demo")
    with pytest.raises(BadSetting, match="belongs to a shop in demo mode, and this is shop"):
        shop_directory.claim(tmp_path / "toy", "shop")


def test_a_demo_listens_on_this_machine_only(tmp_path: Path) -> None:
    for command in ("serve", "web"):
        done = manage(tmp_path, {}, command, "--host", "0.0.0.0", "--port", "0")  # noqa: S104

        assert done.returncode == 1
        assert "A demo answers on this machine only" in done.stderr


@pytest.mark.parametrize(
    ("variables", "is_refused"),
    [
        ({"ALLOWED_HOSTS": "coffee.local"}, True),
        ({"ALLOWED_HOSTS": "coffee.local", "DEMO_OPEN_TO_ALL": "yes"}, False),
        ({"DEMO_OPEN_TO_ALL": "yes"}, False),
        ({"BARSTUCKS_MODE": "shop", "DEMO_OPEN_TO_ALL": "yes"}, True),
    ],
)
def test_a_demo_has_other_names_only_when_it_is_told_that_it_is_open_to_all(
    variables: dict[str, str], is_refused: bool, tmp_path: Path
) -> None:
    done = manage(tmp_path, variables, "check")

    assert (done.returncode != 0) is is_refused, done.stderr


def test_a_demo_that_is_open_to_all_listens_where_it_is_told_and_answers_to_any_name() -> None:
    open_to_all = {"DEMO": True, "DEMO_OPEN_TO_ALL": True, "ALLOWED_HOSTS": ["*"]}
    with override_settings(**open_to_all), listening_socket("127.0.0.2", 0) as listening:
        host = listening.getsockname()[0]
        drawn = draw(PROBLEMS[Refusal.BUSY], json=False, language="en")

    with override_settings(DEMO=True), pytest.raises(CommandError, match="this machine only"):
        listening_socket("127.0.0.2", 0)
    assert host == "127.0.0.2"
    assert drawn.status == 503


def test_a_demo_that_is_open_to_all_says_at_the_start_what_that_means(tmp_path: Path) -> None:
    (tmp_path / "demo_logins.json").write_text("{}")
    url = address("0.0.0.0", 8000)  # noqa: S104 - nobody listens
    with override_settings(DEMO=True, VAR=tmp_path):
        usual = greeting(url, None)
        with override_settings(DEMO_OPEN_TO_ALL=True):
            open_to_all = greeting(url, None)

    assert "this machine only" in usual
    assert "this machine only" not in open_to_all
    assert "the logins below stand on the login page for whoever reaches this" in open_to_all
    assert "http://127.0.0.1:8000/board/" in open_to_all


def test_the_secret_key_of_a_demo_is_made_once(tmp_path: Path) -> None:
    first = shop_directory.secret_key(tmp_path, "", demo=True)

    assert shop_directory.secret_key(tmp_path, "", demo=True) == first
    assert not checks.can_be_guessed(first)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MOST_OPEN_ORDERS", "-1"),
        ("MOST_OPEN_ORDERS", "4.5"),
        ("WEB_PORT", "65536"),
        ("BARSTUCKS_MODE", "production"),
        ("TIME_ZONE", "Mars/Olympus"),
        ("CURRENCY", "euro"),
        ("DATABASE_URL", "mysql://here/there"),
        ("CHANNELS_URL", "carrier-pigeon://"),
        ("TRUSTED_ORIGINS", "coffee.example.org"),
        ("SECRET_KEY_FILE", "/nowhere/at/all"),
    ],
)
def test_each_kind_of_bad_value_names_its_variable(name: str, value: str) -> None:
    environment = Environment({name: value})

    with pytest.raises(BadSetting) as refused:
        _read_everything(environment)

    assert str(refused.value).startswith(name)


def _read_everything(environment: Environment) -> None:
    environment.whole_number("MOST_OPEN_ORDERS", 300, low=0, high=100_000)
    environment.whole_number("WEB_PORT", 8000, low=0, high=65535)
    environment.choice("BARSTUCKS_MODE", "demo", ("demo", "shop"))
    environment.time_zone("TIME_ZONE", "Europe/Berlin")
    environment.currency("CURRENCY", "EUR")
    environment.database("DATABASE_URL", "sqlite:////tmp/x")
    environment.address("CHANNELS_URL", "local://", ("local", "redis"))
    environment.origins("TRUSTED_ORIGINS")
    environment.text("SECRET_KEY", "")


def test_any_value_may_stand_in_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("from a file\n")

    assert Environment({"SECRET_KEY_FILE": str(secret)}).text("SECRET_KEY", "") == "from a file"


def _check(**changes: object) -> None:
    good: dict[str, object] = {
        "DEMO": False,
        "ALLOWED_HOSTS": ["coffee.example.org"],
        "TRUSTED_ORIGINS": ["https://coffee.example.org"],
        "EVENTSTORE_URI": "esdb://log.example.org:2113",
        "PAYMENT_GATEWAY": "none",
    }
    with override_settings(**{**good, **changes}):
        checks.enforce()


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"ALLOWED_HOSTS": []}, "ALLOWED_HOSTS"),
        ({"ALLOWED_HOSTS": ["*.example.org"]}, "ALLOWED_HOSTS"),
        ({"TRUSTED_ORIGINS": []}, "TRUSTED_ORIGINS"),
        ({"PAYMENT_GATEWAY": "demo"}, "PAYMENT_GATEWAY"),
        ({"EVENTSTORE_URI": "esdb://log.example.org:2113?Tls=false"}, "EVENTSTORE_URI"),
        ({"DEMO": True}, "ALLOWED_HOSTS"),
        ({"TRACE_EXPORTERS": ["carrier-pigeon"]}, "asks for 'carrier-pigeon', which no installed"),
        ({"METRICS_TOKEN": "a-short-one"}, "METRICS_TOKEN can be guessed"),
        ({"METRICS_PORT": 9100, "METRICS_HOST": "0.0.0.0"}, "METRICS_HOST"),  # noqa: S104
    ],
)
def test_a_shop_refuses_what_would_be_open_to_strangers(
    changes: dict[str, object], name: str
) -> None:
    _check()

    with pytest.raises(BadSetting, match=name):
        _check(**changes)


def test_the_figures_may_be_read_over_the_network_with_a_token() -> None:
    _check(METRICS_PORT=9100, METRICS_HOST="0.0.0.0", METRICS_TOKEN=secrets.token_hex(32))  # noqa: S104


def test_the_rules_are_system_checks() -> None:
    with override_settings(DEMO=False, ALLOWED_HOSTS=["*"], TRUSTED_ORIGINS=[], SECRET_KEY="x"):
        found = {message.id for message in run_checks(tags=[Tags.security])}

    assert {"barstucks.E001", "barstucks.E004", "barstucks.E005", "barstucks.E006"} <= found


@pytest.mark.parametrize("scheme", ["esdb", "kurrentdb", "kurrentdb+discover"])
def test_the_log_may_be_named_as_kurrentdb_names_it(scheme: str, tmp_path: Path) -> None:
    done = manage(tmp_path / "var", {"EVENTSTORE_URI": f"{scheme}://log.example.org:2113"}, "check")

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "uri", ["esdb://127.0.0.1:2113?tls=false", "esdb://a:b@localhost:1,127.0.0.1:2?Tls=False"]
)
def test_a_log_without_encryption_may_only_be_on_this_machine(uri: str) -> None:
    _check(EVENTSTORE_URI=uri)


def test_the_databases_are_kept_as_decided(tmp_path: Path) -> None:
    code = (
        "from django.db import connections\n"
        "for name in ('default', 'read_models'):\n"
        "    cursor = connections[name].cursor()\n"
        "    print(name, *(cursor.execute(f'PRAGMA {p}').fetchone()[0]\n"
        "          for p in ('journal_mode', 'synchronous', 'mmap_size', 'foreign_keys')))\n"
    )

    done = manage(tmp_path, {}, "shell", "--no-imports", "-c", code)

    assert done.stdout.splitlines() == ["default delete 2 0 1", "read_models wal 1 0 1"]


def test_databases_are_for_their_owner_only_wherever_they_are(tmp_path: Path) -> None:
    old, new = tmp_path / "old.sqlite3", tmp_path / "new.sqlite3"
    for file in (old, tmp_path / "old.sqlite3-wal"):
        file.touch()
        file.chmod(0o644)
    databases = {"DATABASE_URL": f"sqlite:///{old}", "READ_MODELS_URL": f"sqlite:///{new}"}

    before = os.umask(0o022)
    try:
        done = manage(tmp_path / "var", databases, "check")
    finally:
        os.umask(before)

    assert done.returncode == 0, done.stderr
    modes = {file.name: oct(file.stat().st_mode & 0o777) for file in tmp_path.glob("*.sqlite3*")}
    assert modes == dict.fromkeys(("old.sqlite3", "old.sqlite3-wal", "new.sqlite3"), "0o600")


def test_a_file_of_somebody_else_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop_directory.claim(tmp_path / "var", "demo")
    (tmp_path / "var" / "default.sqlite3").touch()
    (tmp_path / "var" / "default.sqlite3").chmod(0o644)

    def not_ours(path: Path, _mode: int) -> None:
        raise PermissionError(1, "Operation not permitted", str(path))

    monkeypatch.setattr(Path, "chmod", not_ours)

    with pytest.raises(BadSetting, match=r"cannot be used: .*default\.sqlite3"):
        shop_directory.claim(tmp_path / "var", "demo")


def test_what_is_not_the_shops_is_left_alone(tmp_path: Path) -> None:
    letters = tmp_path / "var" / "letters"
    letters.mkdir(parents=True)
    (letters / "to_my_aunt.txt").touch()
    (letters / "to_my_aunt.txt").chmod(0o644)

    shop_directory.claim(tmp_path / "var", "demo")

    assert (letters / "to_my_aunt.txt").stat().st_mode & 0o777 == 0o644
