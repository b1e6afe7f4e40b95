"""The real server and worker for tests of this package, from the repository that it is part of."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import threading
from pathlib import Path
from typing import Any, Dict, List, Optional

package = Path(__file__).resolve().parent.parent
root = package.parent.parent
sys.path.insert(0, str(root / "Scripts"))
from fleet import Deadline, Fleet, Watch, check  # noqa: E402

__all__ = ["Deadline", "Scene", "Script", "Watch", "check", "package", "root"]

SECONDS = float(os.environ.get("MUSTER_TEST_SECONDS", "90"))


class Script:
    """A program under test: what it prints is read line by line, and what it waits for is written to it."""

    def __init__(self, scene: "Scene", text: str, environment: Optional[Dict[str, str]] = None):
        self.scene = scene
        self.process = subprocess.Popen(
            [sys.executable, "-u", "-c", textwrap.dedent(text)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, env=scene.script_environment(environment),
        )
        scene.scripts.append(self)

    def heard(self, wanted: str) -> None:
        """Reads on to the line."""
        assert self.process.stdout is not None
        timer = threading.Timer(self.scene.deadline.left(), self.process.kill)
        timer.start()
        for line in self.process.stdout:
            if line.strip() == wanted:
                timer.cancel()
                return
        timer.cancel()
        assert self.process.stderr is not None
        raise AssertionError(f"it ended before it said {wanted}: {self.process.stderr.read()}")

    def tell(self, word: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()

    def end(self) -> "tuple[int, str]":
        """Its exit code and what it wrote on standard error."""
        _, errors = self.process.communicate(timeout=self.scene.deadline.left())
        return self.process.returncode, errors


class Scene(Fleet):
    """A fleet with programs in Python."""

    def __init__(self, name: str, seconds: float = SECONDS):
        super().__init__(f"python-{name}", Deadline(seconds))
        self.scripts: List[Script] = []

    def script_environment(self, more: Optional[Dict[str, str]] = None) -> Dict[str, str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("MUSTER_")}
        ours = {
            "PYTHONPATH": str(package / "src"), "MUSTER_PYTHON_STATE": str(self.folder / "python"), "SERVER": self.url,
        }
        return {**clean, **ours, **(more or {})}

    def script(self, text: str, environment: Optional[Dict[str, str]] = None) -> Script:
        return Script(self, text, environment)

    def program(self, name: str, text: str) -> List[str]:
        """Writes a program into the folder; the command that runs it."""
        path = self.folder / f"{name}.py"
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        return [sys.executable, str(path)]

    def submit(self, payload: Optional[Dict[str, Any]] = None) -> str:
        body = {"queue": "default", "payload": payload or {}, "maximumAttempts": 3}
        return str(self.api.post("/jobs", body)["jobs"][0]["id"])

    def job(self, job: str) -> Dict[str, Any]:
        """The job, with its artifacts."""
        found: Dict[str, Any] = self.api.get(f"/jobs/{job}")
        return {**found["job"], "artifacts": found["artifacts"]}

    def until_job(self, job: str, *status: str) -> Dict[str, Any]:
        watch = Watch(self.api, f"job:{job}")
        found = watch.until(
            f"job {job} to be {' or '.join(status)}",
            lambda seen: next((each for each in seen.of_kind("job") if each["status"] in status), None),
        )
        watch.close()
        return dict(found)

    def lines(self, job: str) -> List[Dict[str, Any]]:
        """All that is logged of a job, page by page."""
        found: List[Dict[str, Any]] = []
        after = 0
        while True:
            page = self.api.get(f"/jobs/{job}/logs?after={after}&limit=500")
            lines = page.get("lines") or page.get("items") or []
            if not lines:
                return found
            found += lines
            after = lines[-1]["number"]

    def texts(self, job: str) -> List[str]:
        return [line["text"] for line in self.lines(job)]

    def session_job(self) -> str:
        """The one job that is there, made by a program that is its own worker."""
        watch = Watch(self.api, "fleet")
        watch.until("a session", lambda seen: seen.of_kind("session"))
        watch.close()
        jobs = list(self.api.pages("/jobs"))
        while not jobs:
            self.deadline.check("a job")
            jobs = list(self.api.pages("/jobs"))
        return str(jobs[0]["id"])

    def artifact(self, url: str) -> bytes:
        return self.api.send("GET", url)[1]

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        for script in self.scripts:
            if script.process.poll() is None:
                script.process.kill()
                script.process.wait()
            for pipe in (script.process.stdin, script.process.stdout, script.process.stderr):
                if pipe is not None:
                    pipe.close()
        super().__exit__(kind, error, trace)
        for program in self.programs:
            if program.process.stdout is not None:
                program.process.stdout.close()
