"""System checks of the settings: what a demo and a real shop each refuse.

Django runs them with its own. `SiteConfig.ready` enforces them besides: some commands run no
checks, the others have `--skip-checks`, and an ASGI server runs none, but a shop that is open to
strangers must not start in any way.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004 - its name

from barstucks_site.environment import BadSetting
from barstucks_site.telemetry import metrics_token, trace_exporters
from barstucks_site.web_server.listening import LOOPBACK

SHORTEST_SECRET_KEY = 50  # Django's own check (security.W009): 50 characters, 5 different ones
FEWEST_DIFFERENT = 5
KNOWN_BAD_KEYS = ("django-insecure-", "changeme", "change-me", "secret")


def enforce() -> None:
    """Raise `BadSetting` with the sentences of all failed checks."""
    failed = [*check_secret_key(), *check_metrics(), *check_traces(), *check_mode()]
    if failed:
        raise BadSetting("\n".join(message.msg for message in failed))


@register(Tags.security)
def check_secret_key(**_options: Any) -> list[CheckMessage]:
    """The secret key cannot be guessed."""
    if not can_be_guessed(settings.SECRET_KEY):
        return []
    sentence = (
        f"SECRET_KEY can be guessed: it needs {SHORTEST_SECRET_KEY} random characters, "
        "and must not come from an example."
    )
    return [Error(sentence, id="barstucks.E001")]


@register(Tags.security)
def check_metrics(**_options: Any) -> list[CheckMessage]:
    """Nobody on the network reads the figures without a token, and nobody guesses that."""
    return list(_refused_of_metrics())


def _refused_of_metrics() -> Iterator[Error]:
    token = settings.METRICS_TOKEN
    if token and len(token) < metrics_token.SHORTEST:
        yield Error(
            f"METRICS_TOKEN can be guessed: it needs {metrics_token.SHORTEST} random characters.",
            id="barstucks.E009",
        )
    if settings.METRICS_PORT and settings.METRICS_HOST not in LOOPBACK and not token:
        yield Error(
            f"METRICS_HOST is {settings.METRICS_HOST!r}, where others can ask for the figures: "
            "set METRICS_TOKEN, too.",
            id="barstucks.E010",
        )


@register()
def check_traces(**_options: Any) -> list[CheckMessage]:
    """Whoever asks for traces has the packages that make them."""
    return [
        Error(
            f"OTEL_TRACES_EXPORTER asks for {name!r}, which no installed package offers: "
            "pip install --require-hashes -r requirements-otel.txt",
            id="barstucks.E011",
        )
        for name in settings.TRACE_EXPORTERS
        if trace_exporters.offered(name) is None
    ]


@register(Tags.security)
def check_mode(**_options: Any) -> list[CheckMessage]:
    """Nothing is open to strangers that the mode, demo or shop, keeps closed."""
    return list(_refused_in_a_demo() if settings.DEMO else _refused_in_a_shop())


@register(Tags.security, deploy=True)
def check_log_account(**_options: Any) -> list[CheckMessage]:
    """The shop is no administrator of the log: whoever gets hold of it could take facts away."""
    user = urlsplit(settings.EVENTSTORE_URI).netloc.rpartition("@")[0].partition(":")[0]
    if user != "admin":
        return []
    sentence = (
        "EVENTSTORE_URI logs in as 'admin', who may delete facts and change rights: name a user of "
        "the shop's own, and make it with `manage.py log_account`."
    )
    return [Warning(sentence, id="barstucks.W001")]


def _refused_in_a_demo() -> Iterator[Error]:
    for host in () if settings.DEMO_OPEN_TO_ALL else settings.ALLOWED_HOSTS:
        if host not in LOOPBACK:
            yield Error(
                f"ALLOWED_HOSTS contains {host!r}, but a demo answers on this machine only; "
                "set BARSTUCKS_MODE=shop for a real one, or DEMO_OPEN_TO_ALL=yes if everybody may "
                "be its manager.",
                id="barstucks.E002",
            )


def _refused_in_a_shop() -> Iterator[Error]:
    hosts, log = settings.ALLOWED_HOSTS, settings.EVENTSTORE_URI
    if not hosts:
        yield Error(
            "ALLOWED_HOSTS is not set: name the hosts of the shop, like coffee.example.org.",
            id="barstucks.E003",
        )
    if any(host.startswith("*") for host in hosts):
        yield Error(
            "ALLOWED_HOSTS must name hosts: '*' would let every site in.", id="barstucks.E004"
        )
    if not settings.TRUSTED_ORIGINS:
        yield Error(
            "TRUSTED_ORIGINS is not set: name where the pages come from, like "
            "https://coffee.example.org; live screens are opened from there only.",
            id="barstucks.E005",
        )
    for origin in settings.TRUSTED_ORIGINS:
        if not origin.startswith("https://"):
            yield Error(
                f"TRUSTED_ORIGINS contains {origin!r}: everybody on the way could write into its "
                "pages. A real shop trusts https:// only.",
                id="barstucks.E008",
            )
    if settings.PAYMENT_GATEWAY == "demo":
        yield Error(
            "PAYMENT_GATEWAY is 'demo', which approves invented cards: a real shop must not use "
            "it.",
            id="barstucks.E006",
        )
    if not _is_encrypted(log) and not _is_on_loopback(log):
        yield Error(
            "EVENTSTORE_URI has Tls=false for another machine: everybody on the way could read "
            "and write the shop's facts. Use TLS and a password.",
            id="barstucks.E007",
        )


def can_be_guessed(key: str) -> bool:
    """Whether a secret key is short, uniform or known."""
    return (
        len(key) < SHORTEST_SECRET_KEY
        or len(set(key)) < FEWEST_DIFFERENT
        or key.lower().startswith(KNOWN_BAD_KEYS)
    )


def _is_encrypted(eventstore_uri: str) -> bool:
    """Whether an Eventstore address asks for TLS, which is the default of such addresses."""
    query = parse_qs(urlsplit(eventstore_uri).query.lower())
    return query.get("tls", ["true"])[-1] != "false"


def _is_on_loopback(eventstore_uri: str) -> bool:
    """Whether every host of an Eventstore address is this machine."""
    hosts = urlsplit(eventstore_uri).netloc.rpartition("@")[2].split(",")
    return all(urlsplit(f"//{host}").hostname in LOOPBACK for host in hosts)
