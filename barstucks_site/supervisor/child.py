"""A child process of the supervisor: started, checked, started again, stopped.

One that ended or hangs is started again, after pauses that grow. Knows processes and signals;
nothing of Django or of what the child does.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from barstucks_site.supervisor.sign_of_life import HANG_SECONDS, PIPE, SignOfLife

FIRST_PAUSE = 0.2  # seconds before the first restart; doubled after each short life
LONGEST_PAUSE = 30.0
SHORT_LIFE = 10.0  # seconds; who lived longer has worked, and is started again soon
HEALTHY_AFTER = 60.0  # seconds of life after which a crash loop is over
CRASH_LOOP = 5  # exits within …
CRASH_WINDOW = 60.0  # … seconds: a new start alone does not help
EX_CONFIG = 78  # sysexits.h: a configuration error; nor does any number of starts

PR_SET_PDEATHSIG = 1  # linux/prctl.h
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True, kw_only=True)
class ProcessSpec:
    """What to run. `ready` says whether the process with that id does its work."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    directory: Path
    ready: Callable[[int], bool]
    inherited: Sequence[int] = ()  # file descriptors
    runs_sources: bool = True  # so that it has to start again when a source file has changed


@dataclass
class Child:
    """A process of one specification, and its successors. Times are of the monotonic clock."""

    spec: ProcessSpec
    clock: Callable[[], float] = time.monotonic
    hang_seconds: float = HANG_SECONDS
    process: subprocess.Popen[bytes] | None = None
    crash_loop: str = ""  # the sentence, if it keeps ending; it is still started again
    refused: str = ""  # the sentence, if its configuration is wrong: it is not
    starts: int = 0
    _sign_of_life: SignOfLife | None = None
    _started: float = 0.0
    _next_start: float = 0.0
    _pause: float = FIRST_PAUSE
    _exits: list[float] = field(default_factory=list)

    @property
    def pid(self) -> int | None:
        """The id of the living process."""
        return None if self.process is None else self.process.pid

    def start(self) -> None:
        """Start the process in a group of its own: Ctrl-C in a terminal is for the supervisor.

        Raises OSError when the system has no room for one more.
        """
        self._started = self.clock()
        self._forget_process()
        sign_of_life = SignOfLife(self._started, self.hang_seconds)
        try:
            self.process = subprocess.Popen(
                self.spec.command,
                cwd=self.spec.directory,
                env={**self.spec.environment, PIPE: str(sign_of_life.writing)},
                pass_fds=(*self.spec.inherited, sign_of_life.writing),
                process_group=0,
                preexec_fn=_end_with(os.getpid()),
            )
        except OSError:
            sign_of_life.close()
            raise
        finally:
            sign_of_life.started()
        self._sign_of_life = sign_of_life
        self.starts += 1

    def start_again(self) -> None:
        """Start, when it was stopped on purpose: what it ran before does not count any more."""
        self._exits.clear()
        self._pause = FIRST_PAUSE
        self.crash_loop = ""
        self.start()

    def is_ready(self) -> bool:
        """Whether it lives and does its work."""
        return self.process is not None and self.spec.ready(self.process.pid)

    @property
    def is_alive(self) -> bool:
        """Whether there is a process; one that hangs is alive until it is killed.

        One that kept ending is alive again with its first sign of life.
        """
        lives = self.process is not None and self.process.poll() is None
        return lives and (not self.crash_loop or self.silent_seconds is not None)

    @property
    def silent_seconds(self) -> float | None:
        """Since when it gave no sign of life; None before the first one."""
        watched = self._sign_of_life
        return watched.silent_seconds if watched is not None and watched.was_given else None

    def check(self) -> str:
        """Notice an end or a hang; start again in time. A sentence if something happened."""
        if self.refused:
            return ""
        now = self.clock()
        if self.process is None:
            if now < self._next_start:
                return ""
            try:
                self.start()
            except OSError as error:  # as soon after whatever ended it: out of memory
                self._next_start = now + self._pause
                self._pause = min(LONGEST_PAUSE, 2 * self._pause)
                return f"{self.spec.name} cannot be started now ({error})."
            return f"{self.spec.name} is started again (process {self.pid})."
        code = self.process.poll()
        if code is not None:
            return self._ended(code, now)
        watched = self._sign_of_life
        if watched is None or not watched.is_missing(now):
            return ""
        watched.forgive()  # the kill may take a moment
        os.killpg(self.process.pid, signal.SIGKILL)
        return f"{self.spec.name} gives no sign of life: it is killed."

    def _ended(self, code: int, now: float) -> str:
        name = self.spec.name
        self._forget_process()
        if code == EX_CONFIG:
            self.refused = f"{name} refuses to work (exit code {code}); its own words are above."
            return self.refused
        life = now - self._started
        if life > HEALTHY_AFTER:
            self.crash_loop = ""
        pause = FIRST_PAUSE if life > SHORT_LIFE else self._pause
        self._pause = min(LONGEST_PAUSE, 2 * pause)
        self._next_start = now + pause
        self._exits = [at for at in self._exits if now - at < CRASH_WINDOW] + [now]
        if len(self._exits) >= CRASH_LOOP:
            self.crash_loop = (
                f"{name} ended {CRASH_LOOP} times within {CRASH_WINDOW:.0f} seconds, "
                f"last {how_it_ended(code)}. Its own words are above."
            )
        return f"{name} ended {how_it_ended(code)}; starting again in {pause:.1f} s."

    def _forget_process(self) -> None:
        self.process = None
        if self._sign_of_life is not None:
            self._sign_of_life.close()
            self._sign_of_life = None

    def terminate(self) -> None:
        """Send SIGTERM, if it lives; it may take its time."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)

    def wait(self, seconds: float) -> bool:
        """Wait for the end, then kill the whole group. Whether it ended by itself."""
        if self.process is None:
            return True
        try:
            self.process.wait(max(0.0, seconds))
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            return False
        finally:
            self._forget_process()
        return True


def how_it_ended(code: int) -> str:
    """An exit code in words."""
    if code < 0:
        return f"by signal {signal.Signals(-code).name}"
    return "by itself" if code == 0 else f"with exit code {code}"


def handles_sigterm(pid: int) -> bool:
    """Whether a process has a handler for SIGTERM: our commands install it when they begin to work.

    Looks into Linux's /proc; elsewhere any living process counts.
    """
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return sys.platform != "linux"
    caught = next((line for line in status.splitlines() if line.startswith("SigCgt:")), "SigCgt: 0")
    return bool(int(caught.split()[1], 16) >> (signal.SIGTERM - 1) & 1)


def _end_with(parent: int) -> Callable[[], None] | None:
    """Runs in the child: the system sends it SIGTERM when its parent dies, even by kill -9."""
    if _libc is None:
        return None
    prctl = _libc.prctl

    def tie() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died meanwhile
            os._exit(1)

    return tie
