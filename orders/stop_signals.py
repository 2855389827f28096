"""How a process that stays is told to stop: SIGTERM by its supervisor, SIGINT by Ctrl-C."""

import signal
import threading
from collections.abc import Callable


def on_stop_signals(stop: Callable[[], object]) -> None:
    """Have this done at either signal, from now on; to be called in the main thread.

    In a thread: the handler may interrupt code that holds the lock of the very event that `stop`
    sets, and would wait for it forever.
    """

    def handle(*_: object) -> None:
        threading.Thread(target=stop).start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, handle)
