"""For a program that no worker started: it registers with a server as a worker of its own."""

from __future__ import annotations

import os
import shutil
import socket
import sys
import threading
import time
import uuid
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional, Union

from ._agent import frames
from ._errors import ReporterError
from ._http import Away, Refused
from ._link import ENDS, Ended, Link, Lost, new_process
from ._outbox import Artifact, Lines, Message, Progress
from ._sink import Complain, Outcome, artifact_name, complain
from ._state import Name, Spool, standard_folder

#: Past this much on disk the lightest words are dropped, and that is said.
SPOOL_LIMIT_BYTES = 64 * 1_048_576
#: A cancel comes with the answer to a heartbeat, so one goes at least this often.
BEAT_SECONDS = 2.0
BACKOFF_FIRST_SECONDS = 0.25
BACKOFF_LIMIT_SECONDS = 10.0
LINES_LIMIT = 1_000

Changed = Callable[[bool], None]


class SessionSink:
    """Writes what is said to disk and sends it from there, in order, whenever the server is there."""

    survives_fork = False

    def __init__(
        self,
        server: str,
        name: str,
        label: str,
        token: Optional[str],
        folder: Path,
        cancelled: Callable[[str], None],
        connected: Optional[Changed] = None,
        say: Complain = complain,
    ):
        self._cancelled = cancelled
        self._connected = connected
        self._say = say
        self._token = token
        self._folder = folder
        self._name = Name.take(name, folder)
        self._earlier = self._name.earlier()
        key = uuid.uuid4().hex
        process = new_process(server, self._name.name, label, key)
        spool = Spool.make(self._name.folder / key, process)
        #: Guards the spool and what follows; `_news` is told of changes.
        self._news = threading.Condition()
        self._spool = spool
        self._link = Link(spool, folder, token, is_successor=bool(self._earlier))
        self._state = Progress()
        self._in_flight = 0
        self._dropped = 0
        self._is_over = False
        #: The server will not be told; why was said.
        self._is_given_up = False
        self._is_closing = False
        self._is_connected = False
        spool.append({"type": "started"})
        self._sender = threading.Thread(target=self._send_loop, name="muster-sender", daemon=True)
        self._beater = threading.Thread(target=self._beat_loop, name="muster-heartbeat", daemon=True)
        self._sender.start()
        self._beater.start()

    @property
    def is_connected(self) -> bool:
        return self._is_connected

    @property
    def bound_url(self) -> Optional[str]:
        return self._link.bound_url

    @property
    def worker_name(self) -> str:
        return self._name.name

    # What the program says

    def deliver(self, messages: List[Message]) -> None:
        with self._news:
            for message in messages:
                self._keep(message)
            self._news.notify_all()

    def _keep(self, message: Message) -> None:
        if isinstance(message, Progress):
            self._keep_progress(message)
        elif isinstance(message, Artifact):
            self._spool.append({"type": "artifact", "artifact": Path(message.path).name, "name": message.name})
        else:
            self._keep_lines(message)

    def _keep_progress(self, message: Progress) -> None:
        self._state = self._state.merged(message)
        entry = frames(self._state)[0]
        waiting = self._spool.waiting
        is_free = len(waiting) > self._in_flight
        if is_free and waiting and waiting[-1]["type"] == "progress":
            self._spool.replace_last(entry)
        elif self._spool.bytes < SPOOL_LIMIT_BYTES // 2:
            self._spool.append(entry)

    def _keep_lines(self, message: Lines) -> None:
        """Debug lines go first where room runs out, then the others; ends and artifacts never."""
        room = SPOOL_LIMIT_BYTES - self._spool.bytes
        is_low = room < SPOOL_LIMIT_BYTES // 4
        lines = [line for line in message.lines if room > 0 and not (is_low and line.level == "debug")]
        self._dropped += len(message.lines) - len(lines)
        told = [{"at": _time(line.at), "level": line.level, "text": line.text} for line in lines]
        if self._dropped and not is_low:
            text = f"{self._dropped} lines were dropped here: the spool was full while the server was away"
            told.insert(0, {"at": _time(time.time()), "level": "warning", "text": text})
            self._dropped = 0
        for start in range(0, len(told), LINES_LIMIT):
            self._spool.append({"type": "log", "lines": told[start : start + LINES_LIMIT]})

    def store(self, path: Optional[Path], data: Optional[bytes], name: Optional[str]) -> Artifact:
        name = artifact_name(path, name)
        with self._news:
            place = self._spool.new_file()
        if path is None:
            place.write_bytes(data or b"")
        else:
            shutil.copyfile(path, place)
        return Artifact(str(place), name)

    # The end

    def drain(self, deadline: float) -> bool:
        with self._news:
            while self._spool.waiting and not self._is_over:
                left = deadline - time.monotonic()
                if left <= 0:
                    return False
                self._news.wait(left)
            return not self._spool.waiting

    def close(self, outcome: Outcome, deadline: float) -> None:
        entry: Dict[str, Any] = {"type": outcome.kind if outcome.kind in ENDS else "failed"}
        if outcome.reason is not None:
            entry["reason"] = outcome.reason[:2_000]
        if outcome.exit_code is not None:
            entry["exitCode"] = outcome.exit_code
        with self._news:
            self._spool.append(entry)
            self._is_closing = True
            self._news.notify_all()
        is_told = self.drain(deadline)
        with self._news:
            self._is_over = True
            self._news.notify_all()
        self._sender.join(max(0.0, deadline - time.monotonic()) + 1.0)
        self._beater.join(0.1)
        if self._is_given_up:
            self._spool.remove()
        elif is_told:
            self._goodbye()
            self._spool.remove()
        else:
            self._spool.close()
            self._say(
                f"the server {self._link.process['server']} was away at the end; what there is to tell lies in "
                f"{self._spool.folder} and is told by the next program of this name"
            )
        self._name.release()

    def _goodbye(self) -> None:
        try:
            self._link.beat("stopped", {})
        except (Away, Refused, Ended):
            # It is found to be gone all the same, a little later.
            pass

    # The sending thread

    def _send_loop(self) -> None:
        pause = BACKOFF_FIRST_SECONDS
        while True:
            with self._news:
                while not self._spool.waiting and not self._is_over and self._link.is_connected:
                    self._news.wait()
                if self._is_over:
                    return
            try:
                self._step()
                pause = BACKOFF_FIRST_SECONDS
                self._note_connected(True)
            except Away as error:
                self._note_connected(False)
                self._pause(max(pause, error.wait_seconds))
                pause = min(BACKOFF_LIMIT_SECONDS, pause * 2)
            except Refused as refusal:
                if not self._recover(refusal):
                    if refusal.code == "session-deleted":
                        self._cancelled("somebody deleted its session")
                    return self._give_up(str(refusal))
                self._pause(pause)
                pause = min(BACKOFF_LIMIT_SECONDS, pause * 2)
            except Lost:
                with self._news:
                    self._spool.restart()
            except Ended as ended:
                self._cancelled(str(ended))
                return self._give_up(str(ended))

    def _step(self) -> None:
        while self._earlier:
            self._deliver_earlier(self._earlier[0])
            self._earlier.pop(0)
        if not self._link.is_connected:
            self._link.connect()
        with self._news:
            if not self._spool.waiting:
                return
            self._in_flight = len(self._spool.waiting)
        try:
            told = self._link.send()
        finally:
            with self._news:
                self._in_flight = 0
        with self._news:
            self._spool.told(told)
            self._news.notify_all()

    def _deliver_earlier(self, folder: Path) -> None:
        """What a process of this name could not tell: to its own session, with its own right, before ours begins."""
        try:
            spool = Spool.read(folder)
            link = Link(spool, self._folder, self._token, is_successor=False)
        except (OSError, ValueError, KeyError) as error:
            self._say(f"{folder} can't be read and is set aside: {error}")
            (folder / "process.json").replace(folder / "unreadable.json")
            return
        if not any(entry["type"] in ENDS for entry in spool.waiting):
            spool.append({"type": "failed", "reason": "the program ended without saying how"})
        try:
            while spool.waiting:
                try:
                    if not link.is_connected:
                        link.connect()
                    spool.told(link.send())
                except Lost:
                    spool.restart()
            link.beat("stopped", {})
        except (Refused, Ended) as error:
            self._say(f"what an earlier program had to tell is not told: {error}")
        spool.remove()

    def _recover(self, refusal: Refused) -> bool:
        """True where it makes sense to try again."""
        if refusal.status == 401 and self._link.process.get("session") is not None:
            try:
                self._link.renew()
                return True
            except (Away, Ended):
                return True
            except Refused:
                return False
        # A proxy's page is no word of the server's.
        return not refusal.is_ours

    def _give_up(self, reason: str) -> None:
        self._note_connected(False)
        self._say(f"nothing more is told to {self._link.process['server']}: {reason}")
        with self._news:
            self._is_over = True
            self._is_given_up = True
            self._spool.waiting.clear()
            self._news.notify_all()

    def _pause(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        with self._news:
            was_closing = self._is_closing
            while not self._is_over and self._is_closing == was_closing:
                left = end - time.monotonic()
                if left <= 0:
                    return
                self._news.wait(left)

    def _note_connected(self, is_connected: bool) -> None:
        if is_connected == self._is_connected:
            return
        self._is_connected = is_connected
        if self._connected is not None:
            self._connected(is_connected)

    # The heartbeat's thread

    def _beat_loop(self) -> None:
        while True:
            with self._news:
                self._news.wait_for(lambda: self._is_over, min(BEAT_SECONDS, self._link.heartbeat_seconds))
                if self._is_over:
                    return
                is_closing = self._is_closing
                fields = self._state.fields()
            if not self._link.is_connected:
                continue
            # A beat has no room for the rest.
            state = {name: value for name, value in fields.items() if name not in ("etaSeconds", "message")}
            try:
                wants_end = self._link.beat("stopping" if is_closing else "running", state)
                if wants_end and not is_closing:
                    self._cancelled("somebody cancelled it")
            except (Away, Refused, Ended):
                # The sending thread finds out what is wrong, and does something about it.
                pass
            if not self._link.is_connected:
                with self._news:
                    self._news.notify_all()


def _time(seconds: float) -> str:
    whole = time.gmtime(seconds)
    return time.strftime("%Y-%m-%dT%H:%M:%S", whole) + f".{int(seconds * 1_000) % 1_000:03d}Z"


def open_session(
    server: str,
    name: Optional[str],
    label: Optional[str],
    token: Optional[str],
    spool: Union[None, str, "os.PathLike[str]"],
    cancelled: Callable[[str], None],
    connected: Optional[Changed],
) -> SessionSink:
    """A sink for this program, named after it where it has no name. Raises ReporterError."""
    program = Path(sys.argv[0]).stem if sys.argv and sys.argv[0] not in ("", "-c", "-") else "python"
    named = name or f"{program}@{socket.gethostname() or 'unknown'}"
    folder = standard_folder() if spool is None else Path(spool)
    try:
        return SessionSink(server, named, label or " ".join(sys.argv) or program, token, folder, cancelled, connected)
    except (OSError, ValueError) as error:
        raise ReporterError(f"can't report to {server}: {error}") from error
