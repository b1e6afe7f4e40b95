"""Reads the database of a server that has stopped, and checks its history against the laws."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from expected import line_count, log_line
from fleet import check
from fleet.postgres import Postgres

steps = {
    ("pending", "claimed"), ("claimed", "running"), ("claimed", "pending"), ("running", "pending"),
    ("claimed", "completed"), ("running", "completed"), ("claimed", "failed"), ("running", "failed"),
    ("pending", "cancelled"), ("claimed", "cancelled"), ("running", "cancelled"), ("failed", "pending"),
    ("cancelled", "pending"),
}

# What is under way of a job is in its row.
every_attempt = """
    SELECT job_id, number, claimed_at, ended_at, outcome FROM ended_attempt
    UNION ALL SELECT id, attempt, claimed_at, NULL, NULL FROM job WHERE status IN ('claimed', 'running')
"""


class History:
    def __init__(self, data: Path):
        self.data = data
        self.database = sqlite3.connect(f"file:{data / 'muster.sqlite'}?mode=ro", uri=True)
        self.database.row_factory = sqlite3.Row

    def rows(self, sql: str, *values: object) -> list[Any]:
        return self.database.execute(sql, values).fetchall()

    def check_whole(self) -> None:
        """What must hold of any database at rest."""
        self._check_engine()
        self._check_counters()
        attempts = self._by_job("job_id", f"{every_attempt} ORDER BY job_id, number")
        taken = self._by_job(
            "entity_id",
            "SELECT entity_id, from_status, to_status, seq FROM transition WHERE kind = 'job' ORDER BY entity_id, seq")
        for job in self.rows("SELECT id, status, attempt FROM job"):
            self._check_attempts(job["id"], job["status"], job["attempt"], attempts.get(job["id"], []))
            self._check_transitions(job["id"], job["status"], taken.get(job["id"], []))
        self._check_files()

    def _by_job(self, column: str, sql: str) -> dict[int, list[Any]]:
        found: dict[int, list[Any]] = {}
        for row in self.rows(sql):
            found.setdefault(row[column], []).append(row)
        return found

    def _check_engine(self) -> None:
        check(self.rows("PRAGMA integrity_check")[0][0] == "ok", "the database is damaged")
        check(not self.rows("PRAGMA foreign_key_check"), "a row refers to one that is not there")

    def _check_counters(self) -> None:
        kept = {
            (row["queue_id"], row["status"]): row["count"]
            for row in self.rows("SELECT queue_id, status, count FROM job_count WHERE count > 0")
        }
        counted = {
            (row["queue_id"], row["status"]): row["n"]
            for row in self.rows("SELECT queue_id, status, count(*) AS n FROM job GROUP BY 1, 2")
        }
        check(kept == counted, f"the counters say {kept}, the rows {counted}")

    def _check_attempts(self, job: int, status: str, count: int, attempts: list[Any]) -> None:
        numbers = [row["number"] for row in attempts]
        check(numbers == list(range(1, count + 1)), f"j{job} was tried {count} times; these are kept: {numbers}")
        for earlier, later in zip(attempts, attempts[1:]):
            check(
                earlier["ended_at"] is not None and earlier["ended_at"] <= later["claimed_at"],
                f"j{job}: attempts {earlier['number']} and {later['number']} were open at one time")
        outcomes = [row["outcome"] for row in attempts]
        check(outcomes.count("completed") == (status == "completed"), f"j{job} is {status} with {outcomes}")
        check("completed" not in outcomes[:-1], f"j{job}: something was tried after it was completed: {outcomes}")

    def _check_transitions(self, job: int, status: str, taken: list[Any]) -> None:
        at = "pending"
        for row in taken:
            step = (row["from_status"], row["to_status"])
            if row["from_status"] is None:
                check(row["to_status"] == "pending", f"j{job} began as {row['to_status']}")
                continue
            check(step in steps and row["from_status"] == at, f"j{job} went {step} when it was {at}")
            at = row["to_status"]
        check(at == status, f"j{job} is {status}, its history ends with {at}")

    def _check_files(self) -> None:
        stored = {
            row["id"]: row["byte_count"] for row in self.rows("SELECT id, byte_count FROM artifact WHERE is_stored = 1")
        }
        sizes = {
            int(path.name[1:]): path.stat().st_size
            for path in (self.data / "artifacts").rglob("a*") if path.is_file() and path.name[1:].isdigit()
        }
        missing = [artifact for artifact, size in stored.items() if sizes.get(artifact) != size]
        check(not missing, f"files are missing or cut short: {missing}")

    def attempts_of(self, job: str) -> list[str]:
        rows = self.rows(
            f"SELECT outcome FROM ({every_attempt}) AS attempt WHERE job_id = ? ORDER BY number", int(job[1:]))
        return [row["outcome"] for row in rows]

    def check_lines(self, job: str, key: str) -> None:
        """Every line that the program wrote is there once, in order."""
        said = [log_line(key, number) for number in range(line_count)]
        rows = self.rows(
            "SELECT text FROM log_line WHERE job_id = ? AND text LIKE 'line %' ORDER BY number", int(job[1:]))
        stored = [row["text"] for row in rows if row["text"].endswith(f" of {key}")]
        check(stored == said, f"{job}: of {len(said)} lines these are stored: {stored}")


class PostgresHistory(History):
    """The same of a database that several servers shared."""

    def __init__(self, data: Path, postgres: Postgres):
        self.data = data
        self.postgres = postgres

    def rows(self, sql: str, *values: object) -> list[Any]:
        for value in values:
            text = str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"
            sql = sql.replace("?", text, 1)
        return self.postgres.rows(sql)

    def _check_engine(self) -> None:
        """Every index has what its table has: read once by way of the rows, once by way of the index."""
        self.postgres.rows("SELECT 1")
        keys = {"job": "id", "ended_attempt": "job_id", "transition": "entity_id", "session": "id"}
        for table, column in keys.items():
            both = [
                self.postgres.rows(f"SELECT count({column}) AS n FROM {table}", before=f"SET enable_{way} = off;")
                for way in ("seqscan", "indexonlyscan")
            ]
            check(both[0] == both[1], f"an index of {table} is not whole: {both}")
