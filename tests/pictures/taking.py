"""One picture after another: first of the empty shop, then of the day that is staged in it."""

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from django.conf import settings
from playwright.sync_api import Error, expect

from tests.pictures import happenings, scenes
from tests.pictures.camera import Camera, camera, is_live
from tests.pictures.demo_day import DemoDay, stage
from tests.pictures.gallery import write_gallery
from tests.pictures.scenes import BAR, PHONE, Scene
from tests.shop import Shop

SHOWN_MS = 60_000

Wanted = Callable[[str], bool]


def take_all(shop: Shop, into: Path, is_wanted: Wanted, *, small: bool) -> list[str]:
    """Take every picture that is wanted; the names of those that could not be taken.

    One that fails does not keep the others from being taken.
    """
    failed: list[str] = []
    # Playwright has an event loop in this thread; nothing of Django runs in it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with camera(shop, into, small=small) as held:
        failed += _of_scenes(held, scenes.before_opening(), is_wanted)
        day = stage()
        _wait_until_shown(held, day)
        failed += _of_scenes(held, _of_the_day(day), is_wanted)
        failed += _of_happenings(held, shop, day, is_wanted)
    if not small:
        write_gallery(into)
    return failed


def _of_the_day(day: DemoDay) -> Iterator[Scene]:
    yield from scenes.of_the_bar(day)
    yield from scenes.of_the_till(day)
    yield from scenes.of_the_board(day)
    yield from scenes.of_the_manager(day)
    yield from scenes.of_the_phone(day)
    yield from scenes.of_a_customer()
    others = [code for code, _ in settings.LANGUAGES if code in {"de", "ar"}]
    yield from scenes.of_languages(tuple(others) if settings.USE_I18N else ())


def _of_scenes(held: Camera, planned: Iterable[Scene], is_wanted: Wanted) -> list[str]:
    failed = []
    for scene in planned:
        if is_wanted(scene.name):
            try:
                _take(held, scene)
            except (Error, AssertionError) as error:
                print(f"{scene.name}: {str(error).splitlines()[0]}")
                failed.append(scene.name)
    return failed


def _take(held: Camera, scene: Scene) -> None:
    page = held.page(scene.seat)
    response = page.goto(scene.path)
    assert response is not None
    assert response.status == scene.status, f"{scene.path} answered {response.status}"
    is_live(page)
    if scene.act:
        scene.act(page)
    held.take(page, scene.name, whole=scene.whole)


def _of_happenings(held: Camera, shop: Shop, day: DemoDay, is_wanted: Wanted) -> list[str]:
    planned: dict[str, Callable[[], None]] = {
        "bar-refused": lambda: happenings.refused_and_undone(held, day),
        "board-call": lambda: happenings.a_call(held, day),
        "bar-stale": lambda: happenings.a_broken_connection(held, shop),
    }
    failed = []
    for name, happen in planned.items():
        if is_wanted(name):
            try:
                happen()
            except (Error, AssertionError) as error:
                print(f"{name}: {str(error).splitlines()[0]}")
                failed.append(name)
    return failed


def _wait_until_shown(held: Camera, day: DemoDay) -> None:
    page = held.page(BAR)
    page.goto(f"/bar/?after={day.position}")
    is_live(page)
    last = day.orders["Kim"].id.hex
    expect(page.locator(f"#ticket-{last}")).to_be_attached(timeout=SHOWN_MS)
    held.page(PHONE).goto(day.orders["Kim"].path)
