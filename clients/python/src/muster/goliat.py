"""GOLIAT's window, told by a reporter.

`WebGUIBridge` takes the place of the class of the same name in GOLIAT: the same constructor, methods and attributes,
but what it is given arrives in order, once, and also after the server was away. `install` puts it there.
"""

from __future__ import annotations

import os
import re
import threading
import uuid
from typing import Any, Callable, Dict, List, Mapping, Optional

from ._http import Away, Client
from ._reporter import Reporter
from ._sink import complain

#: Our level for each of GOLIAT's kinds of lines; what is not here is `info`.
LEVELS = {
    "verbose": "debug",
    "caller": "debug",
    "success": "notice",
    "warning": "warning",
    "error": "error",
    "fatal": "error",
}

_TERMINAL_CODES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
SCREENSHOT_TIMEOUT_SECONDS = 30.0
#: The window waits this long for its bridge when it closes.
STOP_SECONDS = 3.0


class WebGUIBridge:
    """Takes the messages of GOLIAT's window and tells them.

    In a study that `muster work` started they go to the worker. Else it registers with the server as a worker of its
    own, named after GOLIAT and the machine.
    """

    def __init__(
        self,
        server_url: str,
        machine_id: str,
        throttle_hz: float = 10.0,
        *,
        environment: Optional[Mapping[str, str]] = None,
        reporter: Optional[Reporter] = None,
        token: Optional[str] = None,
    ):
        """throttle_hz is kept for those who look at it: a reporter has a pace of its own."""
        self.server_url = server_url.rstrip("/")
        self.machine_id = machine_id
        self.throttle_interval = 1.0 / throttle_hz
        self.running = False
        self.is_connected = False
        self.last_heartbeat_success = False
        self.connection_callback: Optional[Callable[[bool], None]] = None
        self.gui: Any = None
        self._environment = os.environ if environment is None else environment
        self._token = token
        self._system_info: Optional[Dict[str, Any]] = None
        self._given = reporter
        self._reporter: Optional[Reporter] = None
        self._screenshots = _Screenshots(self._address_for_screenshots)

    # What GOLIAT calls

    def start(self) -> None:
        """Begins to take messages. Called again it does nothing."""
        if self.running:
            return
        self._reporter = self._given or self._make_reporter()
        self.running = True
        if self._is_bound:
            self._note_connection(True)
        elif self.connection_callback is not None:
            self.connection_callback(self.is_connected)

    def enqueue(self, message: Dict[str, Any]) -> None:
        """Tells one message; returns at once. What comes while it is not running is dropped, as in GOLIAT."""
        if not self.running or self._reporter is None:
            return
        try:
            self._tell(message, self._reporter)
        except Exception as error:  # The window must not fail for what watches it.
            complain(f"a message of GOLIAT's window is not told: {error}")

    def stop(self) -> None:
        """Tells what waits, within a few seconds, and ends."""
        if not self.running:
            return
        self.running = False
        self._screenshots.stop(STOP_SECONDS)
        if self._reporter is not None and self._given is None:
            self._reporter.close(STOP_SECONDS)

    def set_system_info(self, system_info: Dict[str, Any]) -> None:
        """What the machine is; a reporter finds that out by itself."""
        self._system_info = system_info

    def send_heartbeat_with_system_info(self, system_info: Dict[str, Any]) -> None:
        """Heartbeats are the reporter's."""
        self._system_info = system_info

    def set_connection_callback(self, callback: Callable[[bool], None]) -> None:
        """Has `callback` called with every change of whether the server is there."""
        self.connection_callback = callback

    # How it is told

    @property
    def _is_bound(self) -> bool:
        return bool(self._environment.get("MUSTER_JOB") and self._environment.get("MUSTER_URL"))

    def _make_reporter(self) -> Reporter:
        # The window handles its own signals.
        if self._is_bound:
            return Reporter(environment=self._environment, handle_signals=False)
        return Reporter(
            server=self.server_url,
            name=f"goliat@{self.machine_id}",
            label="GOLIAT",
            token=self._token,
            environment=self._environment,
            on_cancel=lambda reason: complain(f"GOLIAT can't be stopped from afar: {reason}"),
            on_connection=self._note_connection,
            handle_signals=False,
        )

    def _note_connection(self, is_connected: bool) -> None:
        self.is_connected = is_connected
        self.last_heartbeat_success = is_connected
        if self.connection_callback is not None:
            self.connection_callback(is_connected)

    def _address_for_screenshots(self) -> Optional[str]:
        if self._is_bound:
            return self._environment["MUSTER_URL"]
        sink = getattr(self._reporter, "_sink", None)
        address = getattr(sink, "bound_url", None)
        return address if isinstance(address, str) else None

    def _tell(self, message: Dict[str, Any], to: Reporter) -> None:
        kind = message.get("type")
        if kind in ("status", "terminal_only", "print"):
            _tell_line(message, to)
        elif kind == "log_batch":
            for line in message.get("logs") or []:
                _tell_line({"type": "status", **line}, to)
        elif kind == "overall_progress":
            to.progress(_share(message))
        elif kind == "stage_progress":
            name, detail = str(message.get("name") or ""), message.get("sub_stage")
            to.progress(stage=name or None, stage_fraction=_share(message), message=str(detail) if detail else None)
        elif kind == "profiler_update":
            # Between two phases it says 0, and means that it does not know.
            seconds = message.get("eta_seconds")
            to.progress(eta=float(seconds) if isinstance(seconds, (int, float)) and seconds > 0 else None)
        elif kind == "sim_details":
            _tell_case(message.get("count"), message.get("total"), message.get("details"), to)
        elif kind == "simulation_details":
            count, total = message.get("simulation_count"), message.get("total_simulations")
            _tell_case(count, total, message.get("current_case"), to)
        elif kind == "gui_screenshots":
            self._screenshots.offer(message.get("screenshots") or {})
        elif kind in ("finished", "memory_error", "fatal_error"):
            _tell_end(str(kind), message, to)


def _tell_line(message: Dict[str, Any], to: Reporter) -> None:
    text = _TERMINAL_CODES.sub("", str(message.get("message") or ""))
    if message["type"] == "terminal_only":
        level = "debug"
    else:
        level = LEVELS.get(str(message.get("log_type") or "default"), "info")
    at = message.get("timestamp")
    to.log(level, text, float(at) if isinstance(at, (int, float)) else None)


def _tell_case(count: Any, total: Any, details: Any, to: Reporter) -> None:
    numbers = f"{count}/{total}" if count is not None and total is not None else ""
    to.progress(message=" · ".join(part for part in (numbers, str(details or "")) if part) or None)


def _tell_end(kind: str, message: Dict[str, Any], to: Reporter) -> None:
    text = str(message.get("message") or "")
    code = message.get("exit_code")
    is_bad = kind != "finished" or "error" in text.lower() or bool(code)
    if not is_bad:
        to.progress(1.0, stage="Finished", stage_fraction=1.0)
    if text:
        to.log("error" if is_bad else "notice", text)
    if is_bad:
        to.fail(text or f"exit code {code}", code if isinstance(code, int) else None)


def _share(message: Dict[str, Any]) -> Optional[float]:
    """Current of total; None for a total of zero, of which there is no share."""
    current, total = message.get("current"), message.get("total")
    if not isinstance(current, (int, float)) or not isinstance(total, (int, float)) or total <= 0:
        return None
    return float(current) / float(total)


class _Screenshots:
    """The newest picture of each tab, sent when there is time, the last ones at the end. Those that can't be sent are
    let go."""

    def __init__(self, address: Callable[[], Optional[str]]):
        self._address = address
        self._changed = threading.Condition()
        self._newest: Dict[str, bytes] = {}
        self._is_over = False
        self._thread: Optional[threading.Thread] = None

    def offer(self, pictures: Mapping[str, bytes]) -> None:
        with self._changed:
            self._newest.update(pictures)
            if self._thread is None and self._newest:
                self._thread = threading.Thread(target=self._run, name="muster-screenshots", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def stop(self, timeout: float) -> None:
        """The pictures that wait are sent, for as long as that takes no longer."""
        with self._changed:
            self._is_over = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(timeout)

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._newest and not self._is_over:
                    self._changed.wait()
                if not self._newest:
                    return
                pictures, self._newest = self._newest, {}
            address = self._address()
            if address is not None:
                try:
                    content, media_type = form(pictures)
                    Client(address).post_raw("/api/gui-screenshots", content, media_type, SCREENSHOT_TIMEOUT_SECONDS)
                except (Away, ValueError):
                    pass


def form(pictures: Mapping[str, bytes]) -> "tuple[bytes, str]":
    """The pictures as GOLIAT posts them: a part each, named by its tab. The content and its type."""
    boundary = uuid.uuid4().hex
    parts: List[bytes] = [_part(boundary, 'name="machineId"', None, b"muster")]
    for tab, picture in pictures.items():
        name = tab.replace(" ", "_").replace('"', "%22").replace("\r", "").replace("\n", "")
        parts.append(_part(boundary, f'name="{name}"; filename="{name}.jpg"', "image/jpeg", picture))
    return b"".join(parts) + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"


def _part(boundary: str, disposition: str, media_type: Optional[str], content: bytes) -> bytes:
    head = f"--{boundary}\r\nContent-Disposition: form-data; {disposition}\r\n"
    if media_type is not None:
        head += f"Content-Type: {media_type}\r\n"
    return head.encode() + b"\r\n" + content + b"\r\n"


def install() -> None:
    """Puts the bridge into GOLIAT, in this process, before its window is made. Raises ImportError without GOLIAT."""
    import importlib

    module = importlib.import_module("goliat.utils.gui_bridge")
    setattr(module, "WebGUIBridge", WebGUIBridge)
