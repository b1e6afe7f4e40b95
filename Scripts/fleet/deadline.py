"""One deadline for a whole test, so that it never hangs and no single wait needs a number of its own."""

from __future__ import annotations

import select
import socket
import time


class TestFailure(Exception):
    """Something is not as it must be; the message says what."""


class Deadline:
    def __init__(self, seconds: float):
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds that are left, for the timeout of a read."""
        return max(0.001, self._end - time.monotonic())

    def check(self, what: str) -> None:
        if time.monotonic() >= self._end:
            raise TestFailure(f"waited too long for {what}")

    def wait_for_port(self, host: str, port: int, what: str) -> None:
        """Until somebody listens. A refused connection is the one thing that gives no signal of its end, so it is
        asked for again, twenty times a second."""
        while True:
            self.check(what)
            try:
                socket.create_connection((host, port), timeout=self.left()).close()
                return
            except OSError:
                select.select([], [], [], 0.05)
