"""What a demo and a real shop each refuse, and which channel layer an address means.

Pure: takes values, raises sentences. Reads no environment.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from barstucks_site.environment import BadSetting

LOOPBACK = ("localhost", "127.0.0.1", "::1", "[::1]")


def check(
    *,
    demo: bool,
    allowed_hosts: Sequence[str],
    trusted_origins: Sequence[str],
    eventstore_uri: str,
    payment_gateway: str,
) -> None:
    """Raise `BadSetting` for a combination that would be open to the street."""
    if demo:
        for host in allowed_hosts:
            if host not in LOOPBACK:
                raise BadSetting(
                    f"ALLOWED_HOSTS contains {host!r}, but a demo answers on this machine only; "
                    "set BARSTUCKS_MODE=shop for a real one."
                )
        return
    if not allowed_hosts:
        raise BadSetting(
            "ALLOWED_HOSTS is not set: name the hosts of the shop, like coffee.example.org."
        )
    if any(host.startswith("*") for host in allowed_hosts):
        raise BadSetting("ALLOWED_HOSTS must name hosts: '*' would let every site in.")
    if not trusted_origins:
        raise BadSetting(
            "TRUSTED_ORIGINS is not set: name where the pages come from, like "
            "https://coffee.example.org; live screens are opened from there only."
        )
    if payment_gateway == "demo":
        raise BadSetting(
            "PAYMENT_GATEWAY is 'demo', which approves invented cards: a real shop must not use it."
        )
    if not encrypted(eventstore_uri) and not on_loopback(eventstore_uri):
        raise BadSetting(
            "EVENTSTORE_URI has Tls=false for another machine: everybody on the way could read "
            "and write the shop's facts. Use TLS and a password."
        )


def encrypted(eventstore_uri: str) -> bool:
    """Whether an Eventstore address asks for TLS, which is the default of such addresses."""
    options = {
        name.lower(): values for name, values in parse_qs(urlsplit(eventstore_uri).query).items()
    }
    return options.get("tls", ["true"])[-1].lower() != "false"


def on_loopback(eventstore_uri: str) -> bool:
    """Whether every host of an Eventstore address is this machine."""
    hosts = urlsplit(eventstore_uri).netloc.rpartition("@")[2].split(",")
    return all(urlsplit(f"//{host}").hostname in LOOPBACK for host in hosts)


def channel_layer(url: str, push_directory: Path) -> dict[str, Any]:
    """Django's setting for the channel layer at an address."""
    match urlsplit(url).scheme:
        case "local":
            return {
                "BACKEND": "projections.live.local_channel_layer.LocalChannelLayer",
                "CONFIG": {"directory": str(push_directory)},
            }
        case "inmemory":
            return {"BACKEND": "channels.layers.InMemoryChannelLayer"}
        case _:
            return {
                "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
                "CONFIG": {"hosts": [{"address": url}]},
            }
