"""Live screens: pushes lost, doubled and late, Redis that restarts, sockets after a logout."""

import shutil
import signal
import socket as sockets
import subprocess
import time

from websockets.exceptions import ConnectionClosed

from tests.faults.check import Check, Figure, Progress
from tests.faults.ordering import OrderingProgram, contents_of, new_key
from tests.faults.sabotage import patched
from tests.faults.staff import hand_over, staff
from tests.live_view import LiveView, open_socket
from tests.shop import Shop
from tests.visitor import Visitor

CONVERGED_SECONDS = 6.0
"""A heartbeat every 5 s tells the number; a second for the snapshot."""

STAYING = 40
"""Every so manieth order stays on the screens, which show a bounded number; the rest is served."""

LOGGED_OUT_SECONDS = 5.0


def lossy_pushes(shop: Shop, count: int, progress: Progress) -> Figure:
    """Of the pushes some are lost, doubled or late: three screens must show each order."""
    return _converging(shop, count, progress)


def _converging(shop: Shop, count: int, progress: Progress) -> Figure:
    slowest = 0.0
    with (
        OrderingProgram.of(shop) as program,
        staff(shop, "bao", "casey") as (bao, casey),
        LiveView(bao, "barista-queue") as bar,
        LiveView(casey, "cashier-desk") as till,
        LiveView(bao, "board") as board,
    ):
        for number in range(count):
            order = program.insist(new_key(), contents_of()).order
            began = time.monotonic()
            if number % 3 == 0:
                bao.press(f"/bar/{order}/take/")
            for view in (bar, till, board):
                if not view.comes_to_show(order):
                    return Figure(f"order {number + 1} never came to {view.name}", held=False)
            slowest = max(slowest, time.monotonic() - began)
            if number % STAYING:
                hand_over(bao, casey, order)
            progress(number + 1)
        time.sleep(CONVERGED_SECONDS)
        differing = []
        for visitor, view in ((bao, bar), (casey, till), (bao, board)):
            view.drain()
            with LiveView(visitor, view.name) as fresh:
                differing += view.state.differences(fresh.state)
        gaps = sum(view.state.gaps for view in (bar, till, board))
    text = (
        f"{gaps} gaps; an order stands on all screens after {slowest:.1f} s at most; "
        f"{len(differing)} differences to fresh screens"
    )
    return Figure(text, slowest <= CONVERGED_SECONDS and not differing)


def redis_restarts(shop: Shop, count: int, progress: Progress) -> Figure:
    """Redis is killed and started again, empty, so many times; the screens must not notice."""
    program = shutil.which("redis-server")
    if program is None:
        return Figure("there is no redis-server here", None)
    with sockets.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])

    def start() -> subprocess.Popen[bytes]:
        words = ("--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no")
        return subprocess.Popen([program, *words], stdout=subprocess.DEVNULL)

    redis = start()
    shop.environment = {**shop.environment, "CHANNELS_URL": f"redis://127.0.0.1:{port}/0"}
    shown = []
    try:
        shop.start()
        for number in range(count):
            shown.append(_converging(shop, 2, lambda _done: None))
            redis.kill()
            redis.wait()
            shown.append(_converging(shop, 2, lambda _done: None))
            redis = start()
            time.sleep(1)
            redis.send_signal(signal.SIGSTOP)
            shown.append(_converging(shop, 2, lambda _done: None))
            redis.send_signal(signal.SIGCONT)
            progress(number + 1)
    finally:
        redis.kill()
        redis.wait()
    wrong = [figure.text for figure in shown if not figure.held]
    text = wrong[0] if wrong else f"{len(shown)} times right with Redis alive, dead and frozen"
    return Figure(text, not wrong)


def logged_out(shop: Shop, count: int, progress: Progress) -> Figure:
    """Somebody logs out: the sockets of that session are closed, and get nothing more."""
    slowest, pushes = 0.0, 0
    with OrderingProgram.of(shop) as program:
        for number in range(count):
            with staff(shop, "bao") as (bao,), open_socket(bao, "barista-queue", bao.url) as socket:
                socket.recv(timeout=10)
                _log_out(bao)
                began = time.monotonic()
                program.insist(new_key(), contents_of())
                try:
                    while time.monotonic() - began < 70:
                        try:
                            text = socket.recv(timeout=1)
                        except TimeoutError:
                            continue
                        pushes += '"push"' in str(text)
                except ConnectionClosed:
                    pass
                slowest = max(slowest, time.monotonic() - began)
            progress(number + 1)
    text = f"closed after {slowest:.1f} s at most; {pushes} pushes after the logout"
    return Figure(text, slowest <= LOGGED_OUT_SECONDS and pushes == 0)


def _log_out(visitor: Visitor) -> None:
    response = visitor.post("/staff/logout/", [("csrfmiddlewaretoken", visitor.token)])
    assert response.status_code < 400, response.status_code


PUSHES = [
    Check(
        name="lossy-pushes",
        fault="T8",
        goal="every order on three screens within 6 s; 0 differences at the end",
        run=lossy_pushes,
        full=300,
        short=1,
        environment=patched(["lossy-channel-layer"]),
        needs_own_shop=True,
    ),
    Check(
        name="redis-restarts",
        fault="T14",
        goal="every order on three screens within 6 s",
        run=redis_restarts,
        full=5,
        starts_shop=False,
    ),
    Check(
        name="logged-out",
        goal="the socket is closed within 5 s and gets no push",
        run=logged_out,
        full=10,
        short=1,
    ),
]
