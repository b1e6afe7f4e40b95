"""What this package raises."""

from __future__ import annotations


class Cancelled(SystemExit):
    """The program was asked to end: by a person, or because its work is somebody else's by now.

    It is raised in the main thread, wherever that is. `except Exception` does not catch it, clean-up in `finally` runs,
    and a program that does not catch it ends quietly with the exit code 143, as after SIGTERM.
    """

    def __init__(self, reason: str = "cancelled"):
        super().__init__(143)
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


class ReporterError(Exception):
    """The reporter can't do what was asked of it; the message says what and why."""
