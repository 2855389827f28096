"""Pictures of a busy shop, taken while a small rush fills its screens."""

import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Room
from tests.shop import ROOT, Shop

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(180)]
FULL = 7


def test_the_screens_of_a_busy_shop(room: Room, shop: Shop, pictures: Path) -> None:
    rush = subprocess.Popen(
        [
            *(sys.executable, "manage.py", "rush", "--url", shop.url, "--seed", "11"),
            *("--customers", "18", "--minutes", "0.25", "--pace", "4"),
        ],
        cwd=ROOT,
        env=shop.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        screens = {
            "busy-bar": room.staff("bao", "/bar/"),
            "busy-till": room.staff("casey", "/till/"),
            "busy-board": room.screen(),
            "busy-sales": room.staff("ada", "/manage/"),
        }
        screens["busy-board"].goto("/board/")
        expect(screens["busy-bar"].locator(".ticket").nth(FULL)).to_be_attached(timeout=60_000)
        expect(screens["busy-board"].locator("[data-slot=ready] .entry").first).to_be_attached(
            timeout=60_000
        )
        for name, screen in screens.items():
            screen.screenshot(path=pictures / f"{name}.png")
    finally:
        rush.kill()
        rush.wait()
    assert all((pictures / f"{name}.png").stat().st_size > 10_000 for name in screens)
