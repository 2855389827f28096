"""The bar that moves while a rush runs: plain ANSI, and nothing at all where nobody watches."""

import sys
import time
from typing import TextIO

WIDTH = 30


class Progress:
    """One line on a terminal, rewritten in place."""

    def __init__(self, wanted: int, out: TextIO = sys.stderr) -> None:
        self._wanted = wanted
        self._out = out
        self._begun = time.monotonic()
        self._shown = out.isatty()

    def show(self, came: int, placed: int, served: int, words: str) -> None:
        """How far the rush is."""
        if not self._shown:
            return
        filled = WIDTH * came // max(1, self._wanted)
        bar = "█" * filled + "·" * (WIDTH - filled)
        passed = time.monotonic() - self._begun
        line = f"{bar} {came}/{self._wanted} customers  {placed} placed  {served} served"
        self._out.write(f"\r\x1b[K{line}  {passed:.0f} s  {words}")
        self._out.flush()

    def clear(self) -> None:
        """Leave the terminal as it was."""
        if self._shown:
            self._out.write("\r\x1b[K")
            self._out.flush()
