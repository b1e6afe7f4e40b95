"""A PostgreSQL of a test's own."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from .deadline import Deadline, TestFailure
from .processes import check, free_port, root


class Postgres:
    """Runs by Scripts/postgres, which stops it when this process ends, however it ends."""

    def __init__(self, deadline: Deadline, connections: int = 200):
        self.folder = Path(tempfile.mkdtemp(prefix="muster-postgres-"))
        self.port = free_port()
        self.keeper = subprocess.Popen(
            [str(root / "Scripts" / "postgres"), str(self.folder), str(self.port), str(connections)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True,
        )
        self.deadline = deadline
        check(self._answer() == "ready", "PostgreSQL did not start; its words stand above")

    @property
    def url(self) -> str:
        return f"postgresql:///postgres?host={self.folder}&port={self.port}&user=muster"

    def crash(self) -> None:
        """As kill -9 of the whole server would, and until it serves again."""
        for word in ("crash", "start"):
            assert self.keeper.stdin is not None
            self.keeper.stdin.write(f"{word}\n")
            self.keeper.stdin.flush()
            check(self._answer() == "done", f"PostgreSQL did not {word}")

    def rows(self, sql: str, before: str = "") -> list[dict[str, Any]]:
        """The rows of a query, read by psql."""
        done = subprocess.run(
            ["psql", "--no-psqlrc", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1", self.url],
            input=f"SET search_path TO muster; {before} SELECT COALESCE(json_agg(found), '[]') FROM ({sql}) AS found;",
            capture_output=True, text=True, timeout=self.deadline.left(), check=False,
            env={**os.environ, "PGOPTIONS": ""},
        )
        if done.returncode != 0:
            raise TestFailure(f"{sql}: {done.stderr}")
        rows: list[dict[str, Any]] = json.loads(done.stdout[done.stdout.rindex("SET\n") + 4:])
        return rows

    def stop(self) -> None:
        assert self.keeper.stdin is not None
        self.keeper.stdin.close()
        self.keeper.wait(timeout=60)

    def _answer(self) -> str:
        assert self.keeper.stdout is not None
        return self.keeper.stdout.readline().strip()
