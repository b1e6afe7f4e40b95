"""One process's session with a server: registering, a job of its own, reports, artifacts, and the end of it."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import Any, Dict, List, Optional

from ._http import Client, Refused
from ._state import Spool, machine

#: Reports in one request, and their bytes: half of what servers take by default.
BATCH_LIMIT = 1_000
BATCH_LIMIT_BYTES = 1_048_576

#: Reports that end an attempt.
ENDS = ("completed", "failed", "cancelled")


class Ended(Exception):
    """The server knows this session no more: it was deleted, or its data are others. Nothing can be told."""


class Lost(Exception):
    """Our attempt is over, by no wish of anybody's: what was sent is applied to nothing and has to be sent anew."""


class Link:
    """Sends what a spool holds; raises Away, Refused, Ended or Lost. One thread sends, another may beat: an upload of
    an hour must cost no lease.

    The program gets a job of its own, on a queue that only its own name serves, so that its progress is shown as any
    job's. Where it may not submit jobs (a token of the role worker) it is a worker without one: its lines are told, its
    progress is not.
    """

    def __init__(self, spool: Spool, state_folder: Path, token: Optional[str], is_successor: bool):
        self.spool = spool
        self.process = spool.process
        self._state_folder = state_folder
        self._is_successor = is_successor
        self._client = Client(self.process["server"], token)
        self._bound: Optional[Client] = None
        self.heartbeat_seconds = 10.0
        self.has_job = True
        self._ref: Optional[Dict[str, Any]] = None
        self._is_single = False
        #: A beat heard that our attempt is over; the sending thread sees to it.
        self._was_lost = False
        if self.process.get("token"):
            self._bound = Client(self.process["server"], self.process["token"])
            self._ref = self.process.get("ref")
            self.has_job = bool(self.process.get("hasJob", True))

    @property
    def is_connected(self) -> bool:
        return self._bound is not None and not self._was_lost and (self._ref is not None or not self.has_job)

    @property
    def bound_url(self) -> Optional[str]:
        """The address with the session's right in it."""
        token = self.process.get("token")
        return f"{self._client.url}/s/{token}" if token else None

    def connect(self) -> None:
        """Registers and gets a job, as far as that is not done. Asked again after a failure, it goes on."""
        if self._bound is None:
            self._register()
        if self._was_lost:
            self._lose()
        if self._ref is None and self.has_job:
            self._claim()

    def renew(self) -> None:
        """The token is worth nothing any more: registers the same process again, for a new one. Where the session was
        deleted it is a new session, which holds nothing yet."""
        session = self.process["session"]
        self._bound = None
        self._register()
        if self.process["session"] != session:
            self._lose()

    def _register(self) -> None:
        answer = self._client.post(
            "/sessions",
            {
                "machine": machine(self._state_folder),
                "workerName": self.process["workerName"],
                "pid": self.process["pid"],
                "version": self.process["version"],
                "processKey": self.process["key"],
                "predecessorEnded": self._is_successor,
                "queues": [self.process["queue"]],
                "studies": [],
                "slots": 1,
                "capabilities": {"process": self.process["key"]},
                "connectors": [{"name": "python", "kind": "python", "status": "active"}],
            },
        )
        self.process["session"] = str(answer["session"])
        self.process["token"] = str(answer["token"])
        self.heartbeat_seconds = float(answer.get("heartbeatMilliseconds", 10_000)) / 1_000
        self._bound = Client(self.process["server"], self.process["token"])
        self.spool.note()

    def _claim(self) -> None:
        if "job" not in self.process:
            try:
                answer = self._client.post("/jobs", self._job())
            except Refused as refusal:
                if refusal.status not in (401, 403):
                    raise
                self.has_job = False
                self.process["hasJob"] = False
                self.spool.note()
                return
            self.process["job"] = str(answer["jobs"][0]["id"])
            self.spool.note()
        claimed = self._post("/claims", {"count": 1}).get("jobs", [])
        if not claimed:
            raise Ended("its job was ended by somebody")
        self._ref = {"job": claimed[0]["job"], "attempt": claimed[0]["attempt"]}
        self.process["ref"] = self._ref
        self.spool.note()

    def _job(self) -> Dict[str, Any]:
        return {
            "queue": self.process["queue"],
            "payload": {"program": self.process["label"]},
            "label": self.process["label"],
            # So that this process gets it and no other of its name, before or after.
            "requires": {"process": self.process["key"]},
            "uniqueKey": self.process["key"],
            # A lease that was lost on the way is taken again: the program still runs.
            "maximumAttempts": 1_000,
        }

    def send(self) -> int:
        """Sends the next of what waits. The number up to which all is told."""
        entries = self.spool.waiting[:BATCH_LIMIT]
        if "artifact" in entries[0]:
            return self._upload(entries[0])
        reports: List[Dict[str, Any]] = []
        size = 0
        last = 0
        for entry in entries:
            if "artifact" in entry:
                break
            report = self._report(entry)
            size += len(str(report))
            if reports and size > BATCH_LIMIT_BYTES:
                break
            last = int(entry["number"])
            if report is not None:
                reports.append(report)
        if not reports:
            return last
        if len(reports) > 1 and self._is_single:
            reports, last = reports[:1], int(reports[0]["number"])
        try:
            self._post("/reports", {"reports": reports})
            self._is_single = False
        except Refused as refusal:
            self._raise_what_ends_it(refusal)
            if len(reports) > 1:
                # One at a time, so that one that the server won't have does not hold up those behind it.
                self._is_single = True
                return 0
            self._is_single = False
        return last

    def _report(self, entry: Dict[str, Any]) -> Optional[Dict[str, Any]]:
        if entry["type"] == "log":
            return {**entry, **(self._ref or {})}
        return {**entry, **self._ref} if self._ref else None

    def _upload(self, entry: Dict[str, Any]) -> int:
        number = int(entry["number"])
        path = self.spool.folder / "files" / entry["artifact"]
        if self._ref is not None and path.is_file():
            try:
                ticket = self._bound_client.post("/artifacts", {**self._ref, "name": entry["name"]})
                self._bound_client.put(str(ticket["uploadUrl"]), path)
            except Refused as refusal:
                self._raise_what_ends_it(refusal)
        path.unlink(missing_ok=True)
        return number

    def _raise_what_ends_it(self, refusal: Refused) -> None:
        """A refusal that is about the attempt or the session; any other is about what was sent."""
        if refusal.code == "lease-lost":
            self._lose()
            raise Lost from refusal
        if refusal.status in (401, 404, 410):
            raise refusal

    def _lose(self) -> None:
        """The program goes on, as the next attempt."""
        self._ref = None
        self._was_lost = False
        self.process.pop("ref", None)
        self.spool.note()

    def beat(self, status: str, state: Dict[str, Any]) -> bool:
        """Says that we are there. True where a person wants the program ended."""
        ref = self._ref
        held = [{**ref, "running": True, **state}] if ref is not None and status != "stopped" else []
        body = {
            "status": status,
            "connectors": [{"name": "python", "kind": "python", "status": "active"}],
            "held": held,
        }
        answer = self._post("/heartbeat", body)
        if ref is not None and ref is self._ref and ref in answer.get("lost", []):
            self._was_lost = True
        return bool(answer.get("cancel"))

    @property
    def _bound_client(self) -> Client:
        if self._bound is None:
            raise Ended("there is no session")
        return self._bound

    def _post(self, path: str, body: Dict[str, Any]) -> Dict[str, Any]:
        return self._bound_client.post(f"/sessions/{self.process['session']}{path}", body)


def new_process(server: str, worker_name: str, label: str, key: str) -> Dict[str, Any]:
    """What is kept of this process from its start on."""
    return {
        "server": server,
        "workerName": worker_name[:255],
        "queue": f"python-{worker_name}"[:128],
        "label": label[:256],
        "key": key,
        "pid": os.getpid(),
        "version": f"python {platform.python_version()}",
    }
