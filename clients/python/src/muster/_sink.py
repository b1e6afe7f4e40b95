"""Where messages go."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any, Callable, List, Optional

from ._outbox import Artifact, Message

if sys.version_info >= (3, 8):
    from typing import Protocol
else:  # pragma: no cover
    Protocol = object


class Sink(Protocol):
    """Takes messages from the reporter's one thread, in order, and keeps them until they are told."""

    #: Whether a child of `fork` may go on using it.
    survives_fork: bool

    def deliver(self, messages: List[Message]) -> None:
        """Takes the messages. When this returns they are not the caller's care any more."""

    def store(self, path: Optional[Path], data: Optional[bytes], name: Optional[str]) -> Artifact:
        """Puts a file where it stays until it is stored, on the caller's thread."""

    def drain(self, deadline: float) -> bool:
        """Waits until everything is told, at most to that time of the monotonic clock. True if it is."""

    def close(self, outcome: "Outcome", deadline: float) -> None:
        """The program ends. No call comes after this one."""


class Outcome:
    """How a program ended."""

    def __init__(self, kind: str = "completed", reason: Optional[str] = None, exit_code: Optional[int] = None):
        self.kind = kind
        self.reason = reason
        self.exit_code = exit_code


class SilentSink:
    """For a program that nobody listens to: it runs as it would with somebody."""

    survives_fork = True

    def deliver(self, messages: List[Message]) -> None:
        pass

    def store(self, path: Optional[Path], data: Optional[bytes], name: Optional[str]) -> Artifact:
        return Artifact(str(path or ""), artifact_name(path, name))

    def drain(self, deadline: float) -> bool:
        return True

    def close(self, outcome: Outcome, deadline: float) -> None:
        pass


class SilentAfterFork(SilentSink):
    """For a child of a program that is a worker of its own: only its parent reports."""

    survives_fork = False
    _has_said = False

    def deliver(self, messages: List[Message]) -> None:
        if not self._has_said:
            self._has_said = True
            complain(f"process {os.getpid()} was forked from one that reports to a server itself, and is not told of")


def artifact_name(path: Optional[Path], name: Optional[str]) -> str:
    """A relative name with slashes that leads nowhere else.

    Raises ValueError for one that is absolute, climbs, or is longer than 512 bytes.
    """
    if name is None:
        if path is None:
            raise ValueError("bytes need a name")
        name = path.name
    text = name.replace("\\", "/")
    parts = text.split("/")
    if not text or text.startswith("/") or ":" in parts[0] or any(part in ("", ".", "..") for part in parts):
        raise ValueError(f"{name!r} is no relative name of a file")
    if len(text.encode("utf-8", "replace")) > 512 or any(ord(letter) < 32 for letter in text):
        raise ValueError(f"{name!r} is too long, or has control characters in it")
    return text


#: Says something of the reporter itself, where no log can take it.
Complain = Callable[[str], Any]


def complain(text: str) -> None:
    """On standard error, and never in the way of the program."""
    try:
        print(f"muster: {text}", file=sys.stderr)
    except (OSError, ValueError):
        pass
