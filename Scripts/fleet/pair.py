"""Two servers on one PostgreSQL: the pages and the commands are asked of the first, the workers speak to the second."""

from __future__ import annotations

from .deadline import Deadline
from .postgres import Postgres
from .processes import Fleet, Server, free_port


class Pair(Fleet):
    def __init__(self, name: str, deadline: Deadline):
        self.postgres = Postgres(deadline)
        try:
            super().__init__(name, deadline)
        except BaseException:
            self.postgres.stop()
            raise

    @property
    def worker_url(self) -> str:
        return f"http://127.0.0.1:{self.second_port}"

    def start_server(self) -> Server:
        self.second_port = free_port()
        options = ["--database", self.postgres.url]
        self.server = Server(self, self.port, options)
        self.programs += [self.server, Server(self, self.second_port, options)]
        return self.server

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        super().__exit__(kind, error, trace)
        self.postgres.stop()
