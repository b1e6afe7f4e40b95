"""Server, worker and their folder, as processes of the real binary."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

from .api import API
from .deadline import Deadline, TestFailure

root = Path(__file__).resolve().parent.parent.parent


def check(condition: object, message: str) -> None:
    if not condition:
        raise TestFailure(message)


def binary(name: str) -> str:
    """The debug build, or the one in the folder that MUSTER_TEST_BINARIES names."""
    folder = Path(os.environ.get("MUSTER_TEST_BINARIES") or root / ".build" / "debug")
    path = folder / name
    check(path.exists(), f"{path} is not there; build it first: swift build")
    return str(path)


class Program:
    """A process with its log in a file. It leads a group of its own, so that nothing of it is left at the end."""

    def __init__(self, name: str, arguments: list[str], folder: Path, environment: dict[str, str] | None = None):
        self.name = name
        self.log_path = folder / f"{name}.log"
        clean = {key: value for key, value in os.environ.items() if not key.startswith("MUSTER_")}
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                arguments, cwd=root, env={**clean, **(environment or {})}, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=log, start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def is_running(self) -> bool:
        return self.process.poll() is None

    def log(self) -> str:
        return self.log_path.read_text(encoding="utf-8", errors="replace")

    def signal(self, number: int) -> None:
        if self.is_running:
            os.kill(self.pid, number)

    def wait(self, deadline: Deadline) -> int:
        try:
            return self.process.wait(timeout=deadline.left())
        except subprocess.TimeoutExpired as error:
            raise TestFailure(f"{self.name} did not end; its log is {self.log_path}") from error

    def kill(self, deadline: Deadline) -> None:
        """kill -9, and until it is gone."""
        self.signal(signal.SIGKILL)
        self.wait(deadline)

    def stop(self, deadline: Deadline) -> int:
        self.signal(signal.SIGTERM)
        return self.wait(deadline)


class Server(Program):
    """A server that has said that it is ready."""

    def __init__(self, fleet: Fleet, port: int, options: list[str] | None = None):
        super().__init__(
            f"server-{port}" if options else "server",
            [
                binary("muster"), "serve", "--data", str(fleet.data), "--port", str(port), "--json", "--log-level",
                "notice", *(options or []),
            ],
            fleet.folder,
        )
        self.ready: dict[str, Any] = {}
        answer = threading.Thread(target=self._read_ready, daemon=True)
        answer.start()
        answer.join(fleet.deadline.left())
        check(self.ready, f"the server did not become ready:\n{self.log()}")

    def _read_ready(self) -> None:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if line:
            self.ready = json.loads(line)

    @property
    def url(self) -> str:
        return str(self.ready["url"])


class Worker(Program):
    """A worker of this machine; several share one state folder, as they would."""

    def __init__(self, fleet: Fleet, name: str, selection: list[str], command: list[str], options: list[str]):
        super().__init__(
            name,
            [
                binary("muster"), "work", *selection, "--server", fleet.worker_url, "--name", name, "--state",
                str(fleet.folder / "workers"), *options, "--", *command,
            ],
            fleet.folder, fleet.environment,
        )
        # Nobody reads its output; a pipe that is full must not hold it up.
        assert self.process.stdout is not None
        self.process.stdout.close()


class Fleet:
    """A folder, a server on one port, and workers, all ended when the test ends. The folder stays where it failed."""

    # How long a worker gets at the end to stop what it runs.
    goodbye_seconds = 15

    def __init__(self, name: str, deadline: Deadline):
        self.deadline = deadline
        self.folder = Path(tempfile.mkdtemp(prefix=f"muster-{name}-"))
        self.data = self.folder / "data"
        self.environment: dict[str, str] = {}
        self.programs: list[Program] = []
        self.port = free_port()
        self.server = self.start_server()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def worker_url(self) -> str:
        """Where workers find their server; another than the page's where several share a database."""
        return self.url

    @property
    def api(self) -> API:
        return API(self.url, self.deadline)

    def start_server(self) -> Server:
        self.server = Server(self, self.port)
        self.programs.append(self.server)
        return self.server

    def work(self, name: str, selection: list[str], command: list[str], options: list[str] | None = None) -> Worker:
        worker = Worker(self, name, selection, command, options or [])
        self.programs.append(worker)
        return worker

    def muster(self, *arguments: str) -> str:
        """Runs a command to its end; what it wrote on standard output."""
        done = subprocess.run(
            [binary("muster"), *arguments, "--server", self.url], cwd=root, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=self.deadline.left(), check=False,
        )
        check(done.returncode == 0, f"muster {' '.join(arguments)} ended with {done.returncode}: {done.stderr}")
        return done.stdout

    def __enter__(self) -> Fleet:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        # Workers first, politely and then at once, so that they end what they run; then whatever is left.
        for number in (signal.SIGCONT, signal.SIGTERM, signal.SIGTERM):
            for program in self.programs:
                if isinstance(program, Worker):
                    program.signal(number)
        for program in reversed(self.programs):
            try:
                program.process.wait(timeout=self.goodbye_seconds if isinstance(program, Worker) else 0)
            except subprocess.TimeoutExpired:
                program.signal(signal.SIGKILL)
                program.process.wait()
        if error is None:
            shutil.rmtree(self.folder, ignore_errors=True)
        else:
            print(f"the logs and data of this test are kept in {self.folder}", file=sys.stderr)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
