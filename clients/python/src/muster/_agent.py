"""The way to the worker that started this program: a named pipe, or lines on standard output."""

from __future__ import annotations

import errno
import json
import os
import select
import shutil
import tempfile
import threading
import time
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional

from ._outbox import MESSAGE_LIMIT_BYTES, STAGE_LIMIT_BYTES, Artifact, Lines, Message, Progress, cut
from ._sink import Outcome, artifact_name, complain

#: A pipe takes so much at once, whole, whoever else writes (`PIPE_BUF` of Linux).
PIPE_LIMIT_BYTES = 4_096


def frames(message: Message) -> List[Dict[str, Any]]:
    """A message as the worker reads it, an object a line."""
    if isinstance(message, Lines):
        return [{"type": "log", "level": line.level, "text": line.text} for line in message.lines]
    if isinstance(message, Artifact):
        return [{"type": "artifact", "path": message.path}]
    fields = message.fields()
    if message.stage is not None:
        fields["stage"] = cut(message.stage, STAGE_LIMIT_BYTES)
    if message.message is not None:
        fields["message"] = cut(message.message, MESSAGE_LIMIT_BYTES)
    return [{"type": "progress", **fields}] if fields else []


def words(message: Message) -> List[str]:
    """The same as commands among what a program prints, for where there is no pipe."""
    if isinstance(message, Lines):
        return [
            line.text if line.level == "info" else f"::{line.level}::{_escaped(line.text)}" for line in message.lines
        ]
    if isinstance(message, Artifact):
        return [f"::artifact {message.path}::"]
    return _progress_words(message)


def _progress_words(message: Progress) -> List[str]:
    said = []
    if message.fraction is not None:
        said.append(f"{message.fraction:.6f}")
    if message.stage is not None:
        said.append(f"stage={_quoted(cut(message.stage, STAGE_LIMIT_BYTES))}")
    if message.stage_fraction is not None:
        said.append(f"stage-fraction={message.stage_fraction:.6f}")
    if message.eta_seconds is not None:
        said.append(f"eta={message.eta_seconds:.3f}")
    if message.message is not None:
        said.append(f"message={_quoted(cut(message.message, MESSAGE_LIMIT_BYTES))}")
    return [f"::progress {' '.join(said)}::"] if said else []


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _quoted(text: str) -> str:
    plain = " ".join(text.split())
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'


class AgentSink:
    """Tells the worker. What it has taken is the worker's, which keeps it through restarts of the server."""

    survives_fork = True

    def __init__(self, environment: Mapping[str, str]):
        self._channel = environment.get("MUSTER_CHANNEL") or None
        self._artifacts = environment.get("MUSTER_ARTIFACTS") or None
        self._descriptor: Optional[int] = None
        self._lock = threading.Lock()
        self._is_closing_at: Optional[float] = None
        self._is_gone = False

    def after_fork(self) -> None:
        """In the child: its own lock. The pipe is the same; each writes whole lines."""
        self._lock = threading.Lock()

    def deliver(self, messages: List[Message]) -> None:
        with self._lock:
            for message in messages:
                if self._channel is None:
                    for word in words(message):
                        self._print(word)
                else:
                    for frame in frames(message):
                        self._write(json.dumps(frame, ensure_ascii=False, allow_nan=False).encode() + b"\n")

    def store(self, path: Optional[Path], data: Optional[bytes], name: Optional[str]) -> Artifact:
        name = artifact_name(path, name)
        if self._artifacts is None:
            if path is None:
                raise ValueError("there is no folder for artifacts: MUSTER_ARTIFACTS is not set")
            return Artifact(str(path.resolve()), name)
        target = Path(self._artifacts, *name.split("/"))
        if path is not None and _is_same(path, target):
            return Artifact(str(target), name)
        if path is not None and not path.is_file():
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
        target.parent.mkdir(parents=True, exist_ok=True)
        # Beside the folder and then into it in one step: what lies in there may be taken at any moment.
        handle, temporary = tempfile.mkstemp(prefix=".artifact-", dir=os.path.dirname(self._artifacts))
        try:
            with os.fdopen(handle, "wb") as file:
                if path is None:
                    file.write(data or b"")
                else:
                    with open(path, "rb") as source:
                        shutil.copyfileobj(source, file)
            os.replace(temporary, target)
        except BaseException:
            os.unlink(temporary)
            raise
        return Artifact(str(target), name)

    def drain(self, deadline: float) -> bool:
        return True

    def close(self, outcome: Outcome, deadline: float) -> None:
        with self._lock:
            if self._descriptor is not None:
                os.close(self._descriptor)
                self._descriptor = None

    def limit(self, deadline: float) -> None:
        """From now on no write waits beyond this time of the monotonic clock."""
        self._is_closing_at = deadline

    def _write(self, data: bytes) -> None:
        if self._is_gone or len(data) > PIPE_LIMIT_BYTES:
            return
        try:
            if self._descriptor is None:
                flags = os.O_WRONLY | os.O_NONBLOCK | getattr(os, "O_CLOEXEC", 0)
                self._descriptor = os.open(self._channel or "", flags)
            while not self._try(self._descriptor, data):
                # It is full: the worker is busy or stopped. This thread waits, the program does not.
                if self._is_closing_at is not None and time.monotonic() >= self._is_closing_at:
                    return
                _wait_until_writable(self._descriptor)
        except OSError as error:
            # Nobody reads any more. A program whose worker is gone is about to be ended, and has nobody to tell.
            self._is_gone = True
            complain(f"the worker does not listen any more: {error}")

    @staticmethod
    def _try(descriptor: int, data: bytes) -> bool:
        try:
            return os.write(descriptor, data) == len(data)
        except BlockingIOError:
            return False

    @staticmethod
    def _print(word: str) -> None:
        data = memoryview((word + "\n").encode("utf-8", "replace"))
        try:
            while data:
                data = data[os.write(1, data) :]
        except OSError:
            pass


def _wait_until_writable(descriptor: int) -> None:
    """A second at most, since the program may want to end meanwhile."""
    poll = select.poll()
    poll.register(descriptor, select.POLLOUT)
    poll.poll(1_000)


def _is_same(path: Path, other: Path) -> bool:
    try:
        return path.samefile(other)
    except OSError:
        return False
