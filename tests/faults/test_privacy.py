"""What a shop leaves on disk and on open screens: nothing for others or of the forgotten."""

import os
import re
import sqlite3
import stat
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

from tests.live_view import LiveView, open_socket
from tests.shop import Shop
from tests.visitor import Visitor, placed_order

NAME = "Zzpiiname Zaphod"
NOTE = "Zzpiinote call 0049 30 5550199"
NUMBER = "5550199"
FORGET_SECONDS = 60
CLOSE_SECONDS = 5

pytestmark = [pytest.mark.timeout(180), pytest.mark.slow]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A shop in a directory that is open to everybody, under a umask that keeps nothing private."""
    var = tmp_path_factory.mktemp("shop") / "var"
    var.mkdir()
    var.chmod(0o755)
    before = os.umask(0o022)
    try:
        (var / "read_models.sqlite3").touch()
        (var / "eventstore").mkdir()
        (var / "eventstore" / "ca.crt.old").write_text("left behind")
        with Shop(var, {"LOG_FORMAT": "json"}) as running:
            yield running
    finally:
        os.umask(before)


def files_of(shop: Shop) -> list[Path]:
    """Every file and folder of the shop."""
    return [shop.var, *shop.var.rglob("*")]


def files_with(shop: Shop, *words: str) -> dict[str, list[str]]:
    """In the bytes of which files each of these words stands."""
    found: dict[str, list[str]] = {word: [] for word in words}
    for file in shop.var.rglob("*"):
        if file.is_file():
            content = file.read_bytes().lower()
            for word in words:
                if word.lower().encode() in content:
                    found[word].append(file.name)
    return found


def test_every_file_is_for_its_owner_only(shop: Shop, helen: Visitor, bao: Visitor) -> None:
    helen.order("Helen")
    with LiveView(bao, "barista-queue"):  # the socket of the channel layer is a file, too
        modes = {
            str(path.relative_to(shop.var)): stat.S_IMODE(path.lstat().st_mode)
            for path in files_of(shop)
        }

    assert {name: oct(mode) for name, mode in modes.items() if mode & 0o077} == {}
    assert {"default.sqlite3", "read_models.sqlite3-wal", "eventstore/events.db"} <= modes.keys()
    assert any(name.startswith("push/") for name in modes)


def test_of_a_forgotten_customer_no_byte_is_left_while_the_shop_runs_on(
    shop: Shop, helen: Visitor, bao: Visitor
) -> None:
    form = helen.order_form()
    response = helen.submit(form, {"name": NAME, "note": NOTE, "pay": "counter"})
    assert response.status_code == 303, response.text[:800]
    with LiveView(bao, "barista-queue") as screen:
        screen.wait_for_text(placed_order(response), "Zzpiiname")
    registered = helen.submit(helen.open("/register/").form(ending="/register/"), {"name": NAME})
    assert registered.status_code == 303, registered.text[:800]
    shop.wait_until(lambda: bool(files_with(shop, "Zzpiiname")["Zzpiiname"]), 15)
    before = files_with(shop, "Zzpiiname", "Zzpiinote")

    asked_at = time.monotonic()
    forgotten = helen.submit(helen.open("/me/").form(ending="/me/forget/"), {"sure": "yes"})
    assert forgotten.status_code in {302, 303}, forgotten.text[:800]
    words = ("Zzpiiname", "Zaphod", "Zzpiinote", NUMBER)
    shop.wait_until(lambda: not any(files_with(shop, *words).values()), FORGET_SECONDS)
    took = time.monotonic() - asked_at

    assert before["Zzpiiname"]
    assert took < FORGET_SECONDS
    assert shop.is_ready()


def test_what_is_typed_into_an_address_is_not_logged(shop: Shop, ada: Visitor) -> None:
    ada.open("/manage/streams/?q=Zzlogname")
    ada.client.get("/?done=Zzlogdone&Zzlogbare")
    Visitor(shop).client.get("/staff/login/?next=/bar/%3Fq%3DZzlognext")
    shop.wait_until(lambda: "/staff/login/?next=***" in shop.end_of_log(500), 10)

    assert re.findall("(?i)zzlog", shop.end_of_log(10_000)) == []


def test_a_failed_login_leaves_no_name(shop: Shop, helen: Visitor) -> None:
    form = helen.open("/staff/login/").form(ending="/staff/login/")
    helen.submit(form, {"username": "Zzloginname", "password": "Zzpassword"})
    with closing(sqlite3.connect(shop.var / "default.sqlite3")) as accounts:
        (count,) = accounts.execute("SELECT count(*) FROM axes_accessattempt").fetchone()

    assert count >= 1
    assert files_with(shop, "Zzloginname", "Zzpassword") == {"Zzloginname": [], "Zzpassword": []}


def test_a_socket_closes_with_the_logout_and_gets_nothing_after_it(shop: Shop) -> None:
    with Visitor(shop) as barista, Visitor(shop) as customer:
        bar = barista.log_in("bao", shop.logins["bao"], "/bar/")
        with open_socket(barista, "barista-queue", barista.url) as socket:
            socket.recv(timeout=10)
            left_at = time.monotonic()
            barista.submit(bar.form(ending="/staff/logout/"))
            after = customer.order("Helen")
            received: list[str] = []
            with pytest.raises(ConnectionClosed) as closed:
                received.extend(str(socket.recv(timeout=30)) for _ in range(1_000))

    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4403
    assert time.monotonic() - left_at < CLOSE_SECONDS
    assert [message for message in received if after.order in message] == []
