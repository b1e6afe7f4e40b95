"""What the recovery tests share: a fleet with a witness, studies for it, and the check at the end."""

from __future__ import annotations

import hashlib
import json
import select
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from expected import artifact
from fleet import Deadline, Fleet, Watch, Worker, check
from history import History
from witness import Witness

program = Path(__file__).resolve().parent / "assignment.py"


class Scene(Fleet):
    def __init__(self, name: str, deadline: Deadline):
        super().__init__(name, deadline)
        self.witness = Witness(self.folder, deadline)
        self.environment = {"WITNESS": self.witness.path}

    def study(self, name: str, count: int, seconds: float = 0) -> dict[str, Any]:
        """A study of so many assignments, each of about so many seconds of work."""
        path = self.folder / f"{name}.json"
        path.write_text(json.dumps({"seconds": seconds, "items": list(range(count))}), encoding="utf-8")
        study: dict[str, Any] = json.loads(
            self.muster("study", "create", str(path), "--name", name, "--split-by", "items", "--json"))
        check(study["counts"]["total"] == count, f"the study has {study['counts']} assignments, not {count}")
        return study

    def worker(self, name: str, selection: list[str], holds: bool = False, options: list[str] | None = None) -> Worker:
        command = [sys.executable, str(program), "{config}", "{output}", "{index}", "{attempt}"]
        return self.work(name, selection, command + (["--hold"] if holds else []), options)

    def watch(self, scope: str) -> Watch:
        return Watch(self.api, scope)

    def assignments(self, study: dict[str, Any]) -> list[dict[str, Any]]:
        return list(self.api.pages(f"/studies/{study['id']}/assignments"))

    def watch_gauge(self, name: str) -> Callable[[int], None]:
        """A wait for a figure of the server's own to be so. It is no event, so it is asked for until it is."""

        def until(value: int) -> None:
            while True:
                self.deadline.check(f"{name} to be {value}")
                _, text = self.api.send("GET", "/metrics")
                if f"{name} {value}\n".encode() in text:
                    return
                select.select([], [], [], 0.02)

        return until

    def check_results(self, study: dict[str, Any]) -> None:
        """Each assignment has its one result, and its bytes are those that the program wrote."""
        for job in self.assignments(study):
            check(job["status"] == "completed", f"assignment {job['index']} is {job['status']}: {job.get('reason')}")
            stored = [
                item for item in self.api.pages(f"/artifacts?job={job['id']}") if item["attempt"] == job["attempt"]
            ]
            check([item["name"] for item in stored] == ["result.bin"], f"{job['id']} has the results {stored}")
            address = self.api.get(f"/artifacts/{stored[0]['id']}")["downloadUrl"]
            status, data = self.api.send("GET", address)
            check(status == 200, f"{address} was answered {status}")
            digest = hashlib.sha256(artifact(str(job["index"]))).hexdigest()
            check(hashlib.sha256(data).hexdigest() == digest, f"the result of {job['index']} is not what it was")
            check(stored[0]["sha256"] == digest, f"the SHA-256 kept of {job['index']} is not that of its bytes")

    def history(self) -> History:
        """Stops the server, which must end well, and opens what it leaves."""
        code = self.server.stop(self.deadline)
        check(code == 0, f"the server ended with {code}:\n{self.server.log()}")
        history = History(self.data)
        history.check_whole()
        return history


def finished(watch: Watch) -> bool:
    return any(study["counts"]["completed"] == study["counts"]["total"] for study in watch.of_kind("study"))


def completed(count: int) -> Any:
    return lambda watch: any(study["counts"]["completed"] >= count for study in watch.of_kind("study"))
