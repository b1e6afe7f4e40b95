"""Hears from the programs themselves when they start and end: a second account of what was run, and how often."""

from __future__ import annotations

import os
import select
import socket
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fleet import Deadline, TestFailure


@dataclass(frozen=True)
class Event:
    """What a program said: `start`, `holding` or `end`; `key` is its index and attempt, `3/1`."""

    word: str
    key: str
    pid: int


class Witness:
    def __init__(self, folder: Path, deadline: Deadline):
        self.path = str(folder / "witness")
        self.events: list[Event] = []
        self._deadline = deadline
        self._news = threading.Condition()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(self.path)
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                word, key, pid = self._socket.recv(1_024).decode().split()
            except OSError:
                return
            with self._news:
                self.events.append(Event(word, key, int(pid)))
                self._news.notify_all()

    def until(self, what: str, condition: Any) -> Any:
        """Waits for news until the condition says something true of all events."""
        with self._news:
            while True:
                found = condition(list(self.events))
                if found:
                    return found
                if not self._news.wait(timeout=self._deadline.left()):
                    raise TestFailure(f"waited too long for {what}; heard: {self.events[-10:]}")

    def heard(self, word: str, key: str) -> Event:
        return self.until(
            f"'{word}' of {key}", lambda all: next((e for e in all if (e.word, e.key) == (word, key)), None))

    def running(self) -> set[str]:
        with self._news:
            return self._running(self.events)

    def until_running(self, count: int) -> None:
        self.until(f"{count} programs side by side", lambda all: len(self._running(all)) >= count)

    @staticmethod
    def _running(events: list[Event]) -> set[str]:
        ended = {event.key for event in events if event.word == "end"}
        return {event.key for event in events if event.word == "start"} - ended

    def count(self, word: str) -> dict[str, int]:
        with self._news:
            counts: dict[str, int] = {}
            for event in self.events:
                if event.word == word:
                    counts[event.key] = counts.get(event.key, 0) + 1
            return counts

    def release(self, event: Event) -> None:
        """Has a held program go on to its end."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as voice:
            voice.sendto(b"go", f"{self.path}.{event.pid}")

    def until_dead(self, event: Event, what: str) -> None:
        """Until the process is gone, by a handle on it that becomes readable at its end."""
        try:
            handle = os.pidfd_open(event.pid)
        except ProcessLookupError:
            return
        try:
            if not select.select([handle], [], [], self._deadline.left())[0]:
                raise TestFailure(f"{what} is still there: process {event.pid}")
        finally:
            os.close(handle)

    def close(self) -> None:
        self._socket.close()
