"""A whole shop whose parts hang, or die at each start: what `serve` does, and what it tells."""

import os
import secrets
import signal
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.shop import PARTS, Shop

HANG_SECONDS = 5
SHOP_MODE = {
    "BARSTUCKS_MODE": "shop",
    "SECRET_KEY": "k" + secrets.token_urlsafe(50),
    "ALLOWED_HOSTS": "coffee.example.org",
    "TRUSTED_ORIGINS": "https://coffee.example.org",
    "HANG_SECONDS": "60",
}

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


def livez(shop: Shop) -> httpx.Response:
    """What the supervisor says of its children."""
    return httpx.get(f"{shop.run['supervisor_url']}livez", timeout=5, trust_env=False)


def parts(shop: Shop) -> dict[str, Any]:
    """The same, of each child."""
    return dict(livez(shop).json()["parts"])


def keep_out(shop: Shop) -> Path:
    """Ruin a file so that the log ends at each start, and kill it; the file as it was."""
    accounts = shop.var / "eventstore" / "accounts.json"
    kept = accounts.rename(accounts.with_suffix(".kept"))
    accounts.write_text("ruined")
    shop.kill("eventstore")
    return kept


def test_parts_that_hang_or_keep_dying_are_started_again_and_told_of() -> None:
    with Shop(environment={"HANG_SECONDS": str(HANG_SECONDS)}) as shop:
        shop.wait_until(
            lambda: all(part["silent_seconds"] is not None for part in parts(shop).values()), 30
        )
        well = livez(shop)
        frozen = {part: shop.pid(part) for part in PARTS}
        began = time.monotonic()
        for pid in frozen.values():
            os.kill(pid, signal.SIGSTOP)
        for part, pid in frozen.items():
            shop.wait_for_another(part, than=pid)
        took = time.monotonic() - began
        thawed = livez(shop)

        kept = keep_out(shop)
        shop.wait_until(lambda: parts(shop)["eventstore"]["starts"] > 6, 30)
        down = livez(shop)
        kept.replace(shop.var / "eventstore" / "accounts.json")
        shop.wait_until(shop.is_ready, 45)
        again = livez(shop)
        said = shop.end_of_log(1_000)

    assert well.status_code == httpx.codes.OK
    assert took < HANG_SECONDS + 15
    for part in PARTS:
        assert f"{part} gives no sign of life: it is killed." in said
        assert thawed.json()["parts"][part]["starts"] == 2
    assert down.status_code == httpx.codes.SERVICE_UNAVAILABLE
    assert down.json()["alive"] is False
    assert down.json()["parts"]["web"]["alive"] is True
    assert again.status_code == httpx.codes.OK


def test_a_real_shop_ends_with_an_exit_code_when_a_part_keeps_dying(tmp_path: Path) -> None:
    with Shop(tmp_path / "var", SHOP_MODE) as shop:
        keep_out(shop)

        code = shop.wait_for_its_end(30)

    assert code == 69
    assert "The shop had to close: eventstore ended 5 times within 60 seconds" in shop.end_of_log()
