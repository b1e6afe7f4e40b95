"""What waits to be told, and when it is due. Pure: time is an argument, nothing is sent from here."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Dict, List, Optional, Union

#: Between two messages of one kind: five a second.
GAP_SECONDS = 0.2

#: What the server takes at most, in bytes of UTF-8.
STAGE_LIMIT_BYTES = 128
MESSAGE_LIMIT_BYTES = 512

#: A longer line is told in pieces. Written as JSON, with all it takes, a piece stays below 4,096 bytes: so much a pipe
#: takes at once, whole.
LINE_LIMIT_BYTES = 3_500

#: Lines that wait here at most, where they are not taken away for long; beyond it the oldest go, and that is said.
WAITING_LINES_LIMIT = 20_000

LEVELS = ("debug", "info", "notice", "warning", "error")


@dataclass(frozen=True)
class Progress:
    """How far a program is. What is None was not said."""

    fraction: Optional[float] = None
    stage: Optional[str] = None
    stage_fraction: Optional[float] = None
    eta_seconds: Optional[float] = None
    message: Optional[str] = None

    def merged(self, newer: "Progress") -> "Progress":
        """What was known with what is newly said; a new stage forgets the old one's share."""
        is_new_stage = newer.stage is not None and newer.stage != self.stage
        return Progress(
            fraction=self.fraction if newer.fraction is None else newer.fraction,
            stage=self.stage if newer.stage is None else newer.stage,
            stage_fraction=newer.stage_fraction
            if newer.stage_fraction is not None or is_new_stage
            else self.stage_fraction,
            eta_seconds=self.eta_seconds if newer.eta_seconds is None else newer.eta_seconds,
            message=self.message if newer.message is None else newer.message,
        )

    def fields(self) -> Dict[str, Any]:
        """As the wire has it, without what was not said."""
        fields = {
            "fraction": self.fraction,
            "stage": self.stage,
            "stageFraction": self.stage_fraction,
            "etaSeconds": self.eta_seconds,
            "message": self.message,
        }
        return {name: value for name, value in fields.items() if value is not None}


@dataclass(frozen=True)
class Line:
    """One line of the log. The time is the program's own, in seconds since 1970."""

    level: str
    text: str
    at: float


@dataclass(frozen=True)
class Artifact:
    """A file that is to be stored: where it lies now, and its name among the results."""

    path: str
    name: str


@dataclass(frozen=True)
class Lines:
    """Lines that are told in one message."""

    lines: List[Line]


Message = Union[Progress, Lines, Artifact]


def share(value: Optional[float]) -> Optional[float]:
    """Held between 0 and 1; None for what is no number."""
    if value is None or value != value:
        return None
    return min(1.0, max(0.0, float(value)))


def cut(text: str, limit: int) -> str:
    """The longest beginning of at most so many bytes that ends with a whole character."""
    data = text.encode("utf-8", "replace")
    if len(data) <= limit:
        return data.decode("utf-8")
    return data[:limit].decode("utf-8", "ignore")


def pieces(text: str) -> List[str]:
    """The lines of a text, long ones in pieces. An empty text is one empty line."""
    found: List[str] = []
    for line in text.splitlines() or [""]:
        line = line.encode("utf-8", "replace").decode("utf-8")
        while len(json.dumps(line, ensure_ascii=False).encode()) > LINE_LIMIT_BYTES:
            head = cut(line, LINE_LIMIT_BYTES)
            while len(json.dumps(head, ensure_ascii=False).encode()) > LINE_LIMIT_BYTES:
                head = head[: len(head) // 2]
            found.append(head)
            line = line[len(head) :]
        found.append(line)
    return found


@dataclass
class _Pace:
    """When one kind of message may go next: at once after a pause, else after the gap."""

    last: Optional[float] = None

    def due(self, now: float) -> float:
        if self.last is None or now < self.last:
            return now
        return self.last + GAP_SECONDS


@dataclass
class Outbox:
    """Gathers what is said and gives it out at most five times a second for each kind.

    Of progress only the newest state is kept, and it is always given out in the end. Lines are all kept and go
    together. Artifacts go with the lines, since their order among them is read by people.
    """

    _waiting: List[Union[Line, Artifact]] = field(default_factory=list)
    _progress: Optional[Progress] = None
    _told: Progress = field(default_factory=Progress)
    _progress_pace: _Pace = field(default_factory=_Pace)
    _lines_pace: _Pace = field(default_factory=_Pace)
    dropped_lines: int = 0

    @property
    def is_empty(self) -> bool:
        return self._progress is None and not self._waiting

    @property
    def state(self) -> Progress:
        """All that was said of progress so far, told or not."""
        return self._told if self._progress is None else self._told.merged(self._progress)

    def progress(self, said: Progress) -> None:
        self._progress = said if self._progress is None else self._progress.merged(said)

    def line(self, level: str, text: str, at: float) -> None:
        for piece in pieces(text):
            self._waiting.append(Line(level, piece, at))
        if len(self._waiting) > WAITING_LINES_LIMIT:
            # A tenth at once, so that each further line costs nothing for a while.
            excess = len(self._waiting) - WAITING_LINES_LIMIT * 9 // 10
            kept: List[Union[Line, Artifact]] = []
            for each in self._waiting:
                if excess > 0 and isinstance(each, Line):
                    excess -= 1
                    self.dropped_lines += 1
                else:
                    kept.append(each)
            self._waiting = kept

    def artifact(self, artifact: Artifact) -> None:
        self._waiting.append(artifact)

    def due(self, now: float) -> Optional[float]:
        """When there is something to take; None where nothing waits."""
        times = []
        if self._progress is not None:
            times.append(self._progress_pace.due(now))
        if self._waiting:
            times.append(self._lines_pace.due(now))
        return min(times) if times else None

    def take(self, now: float, everything: bool = False) -> List[Message]:
        """What is due, in order; with `everything`, all that waits."""
        messages: List[Message] = []
        if self._waiting and (everything or self._lines_pace.due(now) <= now):
            messages += self._grouped(now)
            self._waiting = []
            self._lines_pace.last = now
        if self._progress is not None and (everything or self._progress_pace.due(now) <= now):
            self._told = self._told.merged(self._progress)
            messages.append(self._progress)
            self._progress = None
            self._progress_pace.last = now
        return messages

    def _grouped(self, now: float) -> List[Message]:
        messages: List[Message] = []
        lines: List[Line] = []
        if self.dropped_lines:
            said = f"{self.dropped_lines} lines were dropped here: more was said than could be told"
            at = self._waiting[0].at if isinstance(self._waiting[0], Line) else now
            lines.append(Line("warning", said, at))
            self.dropped_lines = 0
        for each in self._waiting:
            if isinstance(each, Line):
                lines.append(each)
                continue
            if lines:
                messages.append(Lines(lines))
                lines = []
            messages.append(each)
        if lines:
            messages.append(Lines(lines))
        return messages
