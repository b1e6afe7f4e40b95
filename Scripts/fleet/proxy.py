"""A balancer as one stands before several servers: round robin, no server that does not answer, and cuts on demand."""

from __future__ import annotations

import http.client
import random
import select
import socket
import struct
import threading

_chunk = 65_536


class Proxy:
    """Listens on a port and hands each connection to the next server that is ready. A server that stops answering
    loses its connections, as with any balancer that looks after the health of what stands behind it."""

    # How often each server is asked, and how long its answer may take.
    look_seconds = 0.5
    patience_seconds = 2.0

    def __init__(self, port: int, servers: list[int]):
        self.servers = servers
        self.ready: set[int] = set()
        self.turn = 0
        self.pairs: dict[int, set[tuple[socket.socket, socket.socket]]] = {server: set() for server in servers}
        self.lock = threading.Lock()
        self.ended = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", port), backlog=256)
        threading.Thread(target=self._accept, daemon=True).start()
        for server in servers:
            threading.Thread(target=self._look, args=(server,), daemon=True).start()

    def cut(self, chance: float, choice: random.Random) -> int:
        """Breaks some of the connections, as a network does: with a reset. How many."""
        with self.lock:
            chosen = [pair for pairs in self.pairs.values() for pair in pairs if choice.random() < chance]
        for pair in chosen:
            self._break(pair)
        return len(chosen)

    def close(self) -> None:
        self.ended.set()
        self.listener.close()
        self.cut(1, random.Random(0))

    def _look(self, server: int) -> None:
        while not self.ended.wait(self.look_seconds):
            is_ready = self._answers(server)
            with self.lock:
                if is_ready:
                    self.ready.add(server)
                    continue
                self.ready.discard(server)
                left = list(self.pairs[server])
            for pair in left:
                self._break(pair)

    def _answers(self, server: int) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", server, timeout=self.patience_seconds)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _next(self) -> int | None:
        with self.lock:
            for _ in self.servers:
                self.turn += 1
                server = self.servers[self.turn % len(self.servers)]
                if server in self.ready:
                    return server
        return None

    def _serve(self, client: socket.socket) -> None:
        server = self._next()
        if server is None:
            client.close()
            return
        try:
            upstream = socket.create_connection(("127.0.0.1", server), timeout=self.patience_seconds)
        except OSError:
            client.close()
            return
        upstream.settimeout(None)
        pair = (client, upstream)
        with self.lock:
            self.pairs[server].add(pair)
        try:
            self._pass_on(pair)
        except (OSError, ValueError):
            pass
        finally:
            with self.lock:
                self.pairs[server].discard(pair)
            client.close()
            upstream.close()

    @staticmethod
    def _pass_on(pair: tuple[socket.socket, socket.socket]) -> None:
        other = {pair[0]: pair[1], pair[1]: pair[0]}
        while True:
            for readable in select.select(pair, [], [])[0]:
                data = readable.recv(_chunk)
                if not data:
                    return
                other[readable].sendall(data)

    @staticmethod
    def _break(pair: tuple[socket.socket, socket.socket]) -> None:
        for each in pair:
            try:
                each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
