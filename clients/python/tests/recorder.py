"""Stands before a server, passes everything on, and keeps what programs send to the bound address of a legacy API.

So tests see what left a program whatever the server behind makes of it.
"""

from __future__ import annotations

import socket
import threading
from dataclasses import dataclass
from typing import Dict, List, Optional


@dataclass
class Request:
    method: str
    path: str
    headers: Dict[str, str]
    body: bytes


class Recorder:
    def __init__(self, port: int):
        """port: of the server behind."""
        self._behind = port
        self.requests: List[Request] = []
        self._changed = threading.Condition()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def until(self, count: int, seconds: float) -> List[Request]:
        """The requests, as soon as there are so many."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.requests) >= count, seconds), self.requests
            return list(self.requests)

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            piece = client.recv(65_536)
            if not piece:
                client.close()
                return
            head += piece
        request = _read(head)
        if request is not None:
            self._answer(client, request, head)
            return
        try:
            server = socket.create_connection(("127.0.0.1", self._behind))
        except OSError:
            client.close()
            return
        server.sendall(head)
        threading.Thread(target=_pass, args=(server, client), daemon=True).start()
        _pass(client, server)

    def _answer(self, client: socket.socket, request: Request, head: bytes) -> None:
        body = head.split(b"\r\n\r\n", 1)[1]
        length = int(request.headers.get("content-length", "0"))
        while len(body) < length:
            body += client.recv(65_536)
        request.body = body
        client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
        client.close()
        with self._changed:
            self.requests.append(request)
            self._changed.notify_all()


def _read(head: bytes) -> Optional[Request]:
    lines = head.split(b"\r\n\r\n", 1)[0].decode("latin-1").split("\r\n")
    method, path, _ = lines[0].split(" ")
    # /s/TOKEN/api/… of a session, /s/TOKEN/j12.1/api/… of one attempt.
    parts = path.split("/")
    called = parts[4:] if len(parts) > 3 and parts[3].startswith("j") else parts[3:]
    is_legacy = parts[1] == "s" and called[:1] == ["api"] and called[1:2] != ["v1"]
    if not is_legacy:
        return None
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    return Request(method, path, headers, b"")


def _pass(source: socket.socket, target: socket.socket) -> None:
    try:
        while True:
            data = source.recv(65_536)
            if not data:
                break
            target.sendall(data)
    except OSError:
        pass
    for each in (source, target):
        try:
            each.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        each.close()
