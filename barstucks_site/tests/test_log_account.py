"""`manage.py log_account`: what it says, and what it does not begin."""

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import override_settings

from barstucks_site.management.commands import log_account
from orders.event_store.log_address import LogAddress

SHOP = "esdb://barstucks:own@10.0.0.1:2113?TlsCaFile=/authority/ca.crt"


def test_it_makes_the_user_of_the_address_and_then_gives_it_its_rights(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    done: list[tuple[str, str, str]] = []

    def make_account(address: LogAddress, password: str) -> str:
        done.append(("user", address.username, password))
        return "barstucks is a user of the log now."

    def give_rights(address: LogAddress, password: str) -> list[str]:
        done.append(("rights", address.username, password))
        return ["$settings says now who may do what."]

    monkeypatch.setattr(log_account, "make_account", make_account)
    monkeypatch.setattr(log_account, "give_rights", give_rights)
    with override_settings(EVENTSTORE_URI=SHOP, EVENTSTORE_ADMIN_PASSWORD="the administrator's"):
        call_command("log_account")

    assert done == [
        ("user", "barstucks", "the administrator's"),
        ("rights", "barstucks", "the administrator's"),
    ]
    assert capsys.readouterr().out.splitlines() == [
        "barstucks is a user of the log now.",
        "$settings says now who may do what.",
    ]


@pytest.mark.parametrize(
    ("uri", "password", "sentence"),
    [
        (SHOP, "", "EVENTSTORE_ADMIN_PASSWORD is not set"),
        ("esdb://10.0.0.1:2113?Tls=false", "a", "names no user and password"),
        (SHOP, "a", "The log's authority cannot be read"),
    ],
)
def test_what_is_missing_is_said_in_a_sentence(uri: str, password: str, sentence: str) -> None:
    settings = override_settings(EVENTSTORE_URI=uri, EVENTSTORE_ADMIN_PASSWORD=password)
    with settings, pytest.raises(CommandError, match=sentence):
        call_command("log_account")
