"""Three servers on one PostgreSQL behind a balancer, with everything going wrong for two minutes."""

from __future__ import annotations

import random
import signal
import threading
import time
from collections.abc import Callable

from fleet import Deadline, Server, TestFailure, check
from fleet.postgres import Postgres
from fleet.processes import free_port
from fleet.proxy import Proxy
from history import PostgresHistory
from scene import Scene


class SharedScene(Scene):
    """Its `port` is the balancer's; the servers have ports of their own behind it."""

    node_count = 3
    # Seconds are promised. A server that is gone or frozen loses the duty after five; the rest is for slow machines.
    handover_seconds = 30

    def __init__(self, name: str, deadline: Deadline):
        self.postgres = Postgres(deadline)
        self.ports = [free_port() for _ in range(self.node_count)]
        self.nodes: list[Server] = []
        super().__init__(name, deadline)

    def start_server(self) -> Server:
        """All of them at once, on a database that has nothing yet."""
        started: dict[int, Server] = {}
        threads = [
            threading.Thread(target=lambda port=port: started.update({port: self.start_node(port)}), daemon=True)
            for port in self.ports
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(self.deadline.left())
        check(len(started) == len(self.ports), "not every server became ready")
        self.nodes = [started[port] for port in self.ports]
        self.proxy = Proxy(self.port, self.ports)
        for port in self.ports:
            while port not in self.proxy.ready:
                self.deadline.check("the balancer to find every server")
                self.proxy.ended.wait(0.05)
        return self.nodes[0]

    def start_node(self, port: int) -> Server:
        node = Server(self, port, ["--database", self.postgres.url])
        self.programs.append(node)
        return node

    def sweeper(self) -> int:
        """Which of the servers looks after leases."""
        while True:
            rows = self.postgres.rows("SELECT node.pid FROM duty JOIN node ON node.id = duty.holder")
            check(len(rows) <= 1, f"these look after leases: {rows}")
            for position, node in enumerate(self.nodes):
                if rows and node.pid == rows[0]["pid"]:
                    return position
            self.deadline.check("a server that looks after leases")
            self.proxy.ended.wait(0.05)

    def until_heard(self, position: int) -> None:
        """Until that server has said to the database that it is there, once more than before."""

        def heard() -> int:
            pid = self.nodes[position].pid
            return max(row["heard_at"] for row in self.postgres.rows(f"SELECT heard_at FROM node WHERE pid = {pid}"))

        before = heard()
        while heard() <= before:
            self.deadline.check("a server that woke to be heard")
            self.proxy.ended.wait(0.05)

    def until_other_sweeps(self, than: int) -> float:
        """How many seconds it takes until another server looks after leases, by the database's own rows."""
        began = time.monotonic()
        while self.sweeper() == than:
            check(
                time.monotonic() - began < self.handover_seconds,
                f"nobody else looks after leases after {self.handover_seconds} s")
            self.proxy.ended.wait(0.05)
        return time.monotonic() - began

    def history(self) -> PostgresHistory:
        for node in self.nodes:
            code = node.stop(self.deadline)
            check(code == 0, f"a server ended with {code}:\n{node.log()}")
        history = PostgresHistory(self.data, self.postgres)
        history.check_whole()
        return history

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        super().__exit__(kind, error, trace)
        self.proxy.close()
        self.postgres.stop()


class Trouble(threading.Thread):
    """Kills, freezes and cuts at random, by one seed that is printed, until its time is over."""

    def __init__(self, scene: SharedScene, seconds: float, seed: int):
        super().__init__(daemon=True)
        self.scene = scene
        self.seconds = seconds
        self.choice = random.Random(seed)
        self.counts: dict[str, int] = {}
        self.failure: Exception | None = None

    def run(self) -> None:
        end = time.monotonic() + self.seconds
        try:
            # One freeze is longer than any lease of a queue's job, while the others have their troubles.
            frozen = self.scene.nodes[0]
            self._freeze(frozen)
            thaw = time.monotonic() + 65
            while time.monotonic() < end:
                self._pause(1, 4)
                if frozen is not None and time.monotonic() > thaw:
                    frozen.signal(signal.SIGCONT)
                    frozen = None
                self._act(0 if frozen is None else 1)
            if frozen is not None:
                frozen.signal(signal.SIGCONT)
        except Exception as failure:  # noqa: BLE001 - told by whoever waits for this thread
            self.failure = failure

    def _act(self, first: int) -> None:
        acts: list[Callable[[int], None]] = [self._kill, self._kill, self._freeze_shortly, self._cut, self._cut]
        if self.choice.random() < 0.1:
            acts = [lambda _: self._crash_database()]
        self.choice.choice(acts)(self.choice.randrange(first, len(self.scene.nodes)))

    def _kill(self, position: int) -> None:
        self._count("kill -9")
        self.scene.nodes[position].kill(self.scene.deadline)
        self._pause(0, 3)
        self.scene.nodes[position] = self.scene.start_node(self.scene.ports[position])

    def _freeze(self, node: Server) -> None:
        self._count("SIGSTOP")
        node.signal(signal.SIGSTOP)

    def _freeze_shortly(self, position: int) -> None:
        node = self.scene.nodes[position]
        self._freeze(node)
        self._pause(2, 9)
        node.signal(signal.SIGCONT)

    def _cut(self, _: int) -> None:
        self._count("connections cut", self.scene.proxy.cut(0.5, self.choice))

    def _crash_database(self) -> None:
        self._count("crash of PostgreSQL")
        self.scene.postgres.crash()

    def _count(self, what: str, by: int = 1) -> None:
        self.counts[what] = self.counts.get(what, 0) + by

    def _pause(self, least: float, most: float) -> None:
        """The rhythm of the trouble, which decides nothing."""
        self.scene.proxy.ended.wait(self.choice.uniform(least, most))

    def finish(self) -> str:
        self.join(self.scene.deadline.left())
        if self.is_alive():
            raise TestFailure("the trouble did not end")
        if self.failure is not None:
            raise self.failure
        return ", ".join(f"{count} × {what}" for what, count in sorted(self.counts.items()))
