"""The sockets of the live screens: who is let in, what comes first, what a client may do."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator
from django.contrib.auth import SESSION_KEY, logout
from django.contrib.auth.models import AnonymousUser, Permission, User
from django.contrib.sessions.backends.db import SessionStore
from django.db import OperationalError, connections
from django.http import HttpRequest

from orders.links import order_token
from projections.engine.sequences import Committed
from projections.live import access, broadcaster, connection, consumers, push, snapshots
from projections.live.broadcaster import Broadcaster
from projections.live.routing import websocket_urlpatterns
from projections.screen import Room
from projections.tests.in_memory_log import InMemoryLog
from projections.tests.projecting import EVERY_VIEW, project, projector_of
from projections.tests.some_orders import order_hex, order_stream_number, ordered
from staff.roles import BARISTA
from staff.tokens import make_token, withdraw

pytestmark = pytest.mark.django_db(databases=["default", "read_models"], transaction=True)

application = URLRouter(websocket_urlpatterns)


@pytest.fixture(autouse=True)
async def screens(settings: Any, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Broadcaster]:
    """A broadcaster on an in-memory layer, gone after the test."""
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    running = broadcaster.broadcaster()
    yield running
    await running.stop()
    await sync_to_async(connections.close_all)()


def socket(path: str, user: Any = None, **scope: Any) -> WebsocketCommunicator:
    communicator = WebsocketCommunicator(application, path)
    vars(communicator)["scope"].update(scope | {"user": user or AnonymousUser()})
    return communicator


def permissions(*codenames: str) -> list[Permission]:
    return list(Permission.objects.filter(codename__in=codenames))


def staff(*codenames: str) -> User:
    user = User.objects.create_user("bao")
    user.user_permissions.set(permissions(*codenames))
    return User.objects.get(pk=user.pk)


async def close_code(viewer: WebsocketCommunicator) -> int:
    while True:
        message = await viewer.receive_output(3)
        if message["type"] == "websocket.close":
            return int(message["code"])


@pytest.mark.parametrize("view", ["barista-queue", "cashier-desk", "sales", "projections"])
async def test_a_stranger_sees_no_staff_screen(view: str) -> None:
    viewer = socket(f"ws/{view}/")
    await viewer.connect()
    assert await viewer.receive_output() == {"type": "websocket.close", "code": 4403}


@pytest.mark.parametrize(
    ("view", "codename", "other"),
    [
        ("barista-queue", "see_queue", "see_desk"),
        ("cashier-desk", "see_desk", "see_queue"),
        ("sales", "see_sales", "see_facts"),
        ("projections", "see_facts", "see_sales"),
    ],
)
async def test_a_member_of_the_staff_sees_the_screens_of_the_role(
    view: str, codename: str, other: str
) -> None:
    user = await sync_to_async(staff)(codename)
    viewer = socket(f"ws/{view}/", user)
    await viewer.connect()
    assert json.loads(await viewer.receive_from(3))["kind"] == "snapshot"
    await viewer.disconnect()
    await sync_to_async(user.user_permissions.set)(await sync_to_async(permissions)(other))
    refused = socket(f"ws/{view}/", await sync_to_async(User.objects.get)(pk=user.pk))
    await refused.connect()
    assert await close_code(refused) == 4403


@pytest.mark.parametrize(
    "view", ["anything", "board:x", "order", f"order:{order_hex(1)}", "directory"]
)
async def test_an_unknown_view_is_closed(view: str) -> None:
    viewer = socket(f"ws/{view}/")
    await viewer.connect()
    assert await close_code(viewer) == 4403


async def test_an_order_is_seen_by_its_link_and_by_nothing_else() -> None:
    log = InMemoryLog()
    await sync_to_async(project)(log, [log.write(order_stream_number(1), ordered(1))])
    token = order_token(UUID(int=1))
    viewer = socket(f"ws/order/{token}/")
    await viewer.connect()
    snapshot = json.loads(await viewer.receive_from(3))
    assert snapshot["view"] == f"order:{order_hex(1)}"
    assert [fragment["id"] for fragment in snapshot["fragments"]] == ["tracking"]
    await viewer.disconnect()
    for wrong in (order_hex(1), token[:-1] + ("a" if token[-1] != "a" else "b"), "x.y"):
        stranger = socket(f"ws/order/{wrong}/")
        await stranger.connect()
        assert await close_code(stranger) == 4403


async def test_a_viewer_gets_the_whole_screen_and_then_what_happens() -> None:
    log = InMemoryLog()
    changes: list[Committed] = []
    projector = await sync_to_async(projector_of)(log, push=changes.extend)
    await sync_to_async(projector.handle)(log.write(order_stream_number(1), ordered(1)))
    viewer = socket("ws/board/")
    await viewer.connect()
    snapshot = json.loads(await viewer.receive_from(3))
    assert (snapshot["kind"], snapshot["generation"], snapshot["seq"]) == ("snapshot", 1, 1)
    assert snapshot["at"]
    assert [f["slot"] for f in snapshot["fragments"] if f["slot"]] == ["making"]

    changes.clear()
    await sync_to_async(projector.handle)(log.write(order_stream_number(2), ordered(2)))
    message = await sync_to_async(push.message_of)(changes, EVERY_VIEW)
    await get_channel_layer().group_send(push.GROUP, message)  # type: ignore[union-attr]
    pushed = json.loads(await viewer.receive_from(3))
    assert (pushed["kind"], pushed["seq"]) == ("push", 2)
    assert pushed["fragments"][0]["id"] == f"entry-{order_hex(2)}"
    await viewer.disconnect()


async def test_a_client_that_asks_gets_a_fresh_snapshot() -> None:
    viewer = socket("ws/board/")
    await viewer.connect()
    await viewer.receive_from(3)
    await viewer.send_to(json.dumps({"kind": "snapshot"}))
    assert json.loads(await viewer.receive_from(3))["kind"] == "snapshot"
    await viewer.disconnect()


@pytest.mark.parametrize(
    "said", ["{}", "no json", "[]", '{"kind":"order"}', json.dumps({"kind": "snapshot" * 500})]
)
async def test_a_client_that_says_anything_else_is_closed(said: str) -> None:
    viewer = socket("ws/board/")
    await viewer.connect()
    await viewer.send_to(said)
    assert await close_code(viewer) == 1008


async def test_a_client_that_asks_all_the_time_is_closed() -> None:
    viewer = socket("ws/board/")
    await viewer.connect()
    for _ in range(consumers.MOST_MESSAGES + 1):
        await viewer.send_to('{"kind":"snapshot"}')
    assert await close_code(viewer) == 1008


async def test_a_client_that_reads_nothing_at_all_is_closed_after_a_while(
    screens: Broadcaster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broadcaster, "STALENESS_SECONDS", 0.05)
    monkeypatch.setattr(connection, "STUCK_SECONDS", 0.3)

    class SlowFrames:
        waiting = 0

        def prepare(self, text: str) -> object:
            return text

        def write(self, prepared: object) -> None:
            self.waiting += 300_000

        def waiting_bytes(self) -> int:
            return self.waiting

    slow = SlowFrames()
    viewer = socket("ws/board/", extensions={"barstucks.frames": slow})
    await viewer.connect()
    for _ in range(4):
        screens.receive({"type": "changed", "frames": {"board": "{}"}, "touched": []})
    assert await close_code(viewer) == 1013


async def test_a_permission_that_is_taken_away_ends_the_view(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(consumers, "CHECK_AGAIN_SECONDS", 0.2)

    async def no_longer(*_: object) -> bool:
        return False

    monkeypatch.setattr(access, "may_still_look", no_longer)
    viewer = socket("ws/barista-queue/", await sync_to_async(staff)("see_queue"))
    await viewer.connect()
    assert await close_code(viewer) == 4403


def logged_in(user: User) -> SessionStore:
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session.create()
    return session


def request_of(session: SessionStore) -> HttpRequest:
    request = HttpRequest()
    request.session = session
    return request


async def test_logging_out_closes_the_screens_of_that_session_and_no_others() -> None:
    user = await sync_to_async(staff)("see_queue")
    mine, another = [await sync_to_async(logged_in)(user) for _ in range(2)]
    viewer = socket("ws/barista-queue/", user, session=mine)
    elsewhere = socket("ws/barista-queue/", user, session=another)
    public = socket("ws/board/", user, session=mine)
    for opened in (viewer, elsewhere, public):
        await opened.connect()
        await opened.receive_from(3)

    await sync_to_async(logout)(request_of(mine))

    assert await viewer.receive_output(1) == {"type": "websocket.close", "code": 4403}
    assert await elsewhere.receive_nothing(0.2)
    assert await public.receive_nothing(0.2)
    await elsewhere.disconnect()
    await public.disconnect()


async def test_a_logout_that_was_not_told_closes_them_with_the_next_heartbeat(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(broadcaster, "HEARTBEAT_SECONDS", 0.2)
    user = await sync_to_async(staff)("see_queue")
    session = await sync_to_async(logged_in)(user)
    viewer = socket("ws/barista-queue/", user, session=session)
    await viewer.connect()

    await sync_to_async(session.delete)()

    async with asyncio.timeout(10):  # the consumer itself looks once a minute
        assert await close_code(viewer) == 4403


async def test_a_socket_is_renewed_after_some_hours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumers, "LONGEST_SECONDS", (0.2, 0.3))
    viewer = socket("ws/board/")
    await viewer.connect()
    assert await close_code(viewer) == 1012


async def test_a_heartbeat_carries_the_number_in_the_tables(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(broadcaster, "HEARTBEAT_SECONDS", 0.2)
    log = InMemoryLog()
    projector = await sync_to_async(projector_of)(log, push=lambda changes: None)
    viewer = socket("ws/board/")
    await viewer.connect()
    await viewer.receive_from(3)
    await sync_to_async(projector.handle)(log.write(order_stream_number(1), ordered(1)))
    for _ in range(10):
        beat = json.loads(await viewer.receive_from(3))
        if beat["seq"] == 1:
            break
    assert (beat["kind"], beat["seq"]) == ("heartbeat", 1)
    await viewer.disconnect()


async def test_what_goes_wrong_with_one_heartbeat_does_not_end_all_of_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(broadcaster, "HEARTBEAT_SECONDS", 0.05)
    monkeypatch.setattr(broadcaster, "STALENESS_SECONDS", 0.01)
    failed: list[str] = []

    def staleness_of(view: str) -> None:
        if not failed:
            failed.append(view)
            raise RuntimeError("a mistake")

    monkeypatch.setattr(broadcaster, "staleness_of", staleness_of)
    viewer = socket("ws/board/")
    await viewer.connect()

    kinds = [json.loads(await viewer.receive_from(3))["kind"] for _ in range(2)]

    assert failed == ["board"]
    assert kinds == ["snapshot", "heartbeat"]
    await viewer.disconnect()


async def test_a_summary_that_could_not_be_drawn_is_drawn_at_the_next_heartbeat(
    screens: Broadcaster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broadcaster, "HEARTBEAT_SECONDS", 0.2)
    drawn: list[str] = []
    summary = snapshots.summary

    def away_at_first(view: str) -> str:
        drawn.append(view)
        if len(drawn) == 1:
            raise OperationalError("away")
        return summary(view)

    monkeypatch.setattr(snapshots, "summary", away_at_first)
    viewer = socket("ws/barista-queue/", await sync_to_async(staff)("see_queue"))
    await viewer.connect()
    assert json.loads(await viewer.receive_from(3))["kind"] == "snapshot"
    screens.receive({"frames": {"barista-queue": '{"kind":"push"}'}, "touched": []})
    kinds = {json.loads(await viewer.receive_from(3))["kind"] for _ in range(6)}
    assert kinds == {"push", "heartbeat", "summary"}
    await viewer.disconnect()


async def test_many_who_join_at_once_are_drawn_one_screen(
    screens: Broadcaster, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []
    snapshot = snapshots.snapshot

    def counted(view: str, room: Room) -> str:
        drawn.append(view)
        return snapshot(view, room)

    monkeypatch.setattr(snapshots, "snapshot", counted)
    viewers = [socket("ws/board/") for _ in range(30)]
    await asyncio.gather(*(viewer.connect() for viewer in viewers))
    for viewer in viewers:
        assert json.loads(await viewer.receive_from(3))["kind"] == "snapshot"
    assert len(drawn) <= 5
    for viewer in viewers:
        await viewer.disconnect()
    assert screens._connections == {}


async def test_a_push_is_followed_by_the_summary_of_its_view_once_for_all_viewers(
    screens: Broadcaster, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = InMemoryLog()
    changes: list[Committed] = []
    projector = await sync_to_async(projector_of)(log, push=changes.extend)
    user = await sync_to_async(staff)("see_queue")
    viewers = [socket("ws/barista-queue/", user) for _ in range(3)]
    for viewer in viewers:
        await viewer.connect()
        await viewer.receive_from(3)
    drawn: list[str] = []
    summary = snapshots.summary

    def counted(view: str) -> str:
        drawn.append(view)
        return summary(view)

    monkeypatch.setattr(snapshots, "summary", counted)
    await sync_to_async(projector.handle)(log.write(order_stream_number(1), ordered(1)))
    screens.receive(await sync_to_async(push.message_of)(changes, EVERY_VIEW))
    for viewer in viewers:
        pushed, summed = [json.loads(await viewer.receive_from(3)) for _ in range(2)]
        assert (pushed["kind"], pushed["seq"]) == ("push", 1)
        assert (summed["kind"], summed["fragments"][0]["id"]) == ("summary", "all-day")
        assert "Espresso" in summed["fragments"][0]["html"]
        await viewer.disconnect()
    assert drawn == ["barista-queue"]


def bearing(path: str, secret: str) -> WebsocketCommunicator:
    return socket(path, headers=[(b"authorization", f"Bearer {secret}".encode())])


async def test_a_program_looks_at_what_its_token_allows() -> None:
    secret, token = await sync_to_async(make_token)("Display", [BARISTA], made_by=None)
    display = bearing("ws/barista-queue/", secret)
    assert (await display.connect())[0]
    assert json.loads(await display.receive_from(3))["kind"] == "snapshot"
    await display.disconnect()
    for path, wrong in (("ws/cashier-desk/", secret), ("ws/barista-queue/", f"{secret}x")):
        other = bearing(path, wrong)
        await other.connect()
        assert await other.receive_output() == {"type": "websocket.close", "code": 4403}
    scope = {"headers": [(b"authorization", f"Bearer {secret}".encode())]}
    assert await access.may_still_look(scope, "barista-queue")
    assert access.session_needed(scope, "barista-queue") == ""
    await sync_to_async(withdraw)(token)
    assert not await access.may_still_look(scope, "barista-queue")
