"""The HTTP API as a test uses it, with nothing but Python's own library."""

from __future__ import annotations

import http.client
import json
import socket
import urllib.parse
from collections.abc import Iterator
from typing import Any

from .deadline import Deadline, TestFailure


class Problem(Exception):
    """An answer that is no success."""

    def __init__(self, status: int, body: dict[str, Any]):
        super().__init__(f"{status} {body.get('code')}: {body.get('detail')}")
        self.status = status
        self.body = body


class API:
    """One server, asked over a connection of its own each time, so that a restart of the server is no matter."""

    def __init__(self, url: str, deadline: Deadline):
        self.url = url
        parts = urllib.parse.urlsplit(url)
        self.host, self.port = parts.hostname or "127.0.0.1", parts.port or 80
        self.deadline = deadline

    def send(self, method: str, path: str, body: Any = None) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(self.host, self.port, timeout=self.deadline.left())
        try:
            data = None if body is None else json.dumps(body).encode()
            connection.request(method, path, data, {"Content-Type": "application/json"} if data else {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def call(self, method: str, path: str, body: Any = None) -> Any:
        status, data = self.send(method, "/api/v1" + path, body)
        if status >= 300:
            try:
                problem = json.loads(data)
            except ValueError:
                problem = {"detail": data.decode(errors="replace")}
            raise Problem(status, problem)
        return json.loads(data) if data else None

    def get(self, path: str) -> Any:
        return self.call("GET", path)

    def post(self, path: str, body: Any = None) -> Any:
        return self.call("POST", path, {} if body is None else body)

    def pages(self, path: str) -> Iterator[dict[str, Any]]:
        """Every item of a list, page by page."""
        cursor = None
        while True:
            more = f"&cursor={urllib.parse.quote(cursor)}" if cursor else ""
            answer = self.get(f"{path}{'&' if '?' in path else '?'}limit=500{more}")
            yield from answer["items"]
            cursor = answer.get("next")
            if cursor is None:
                return


class Watch:
    """What changes in a scope, folded into what there is: `items` by kind and id, the newest of each."""

    def __init__(self, api: API, scope: str):
        self.api = api
        self.scope = scope
        self.items: dict[tuple[str, str], dict[str, Any]] = {}
        self.resets = 0
        self.epoch = ""
        self.position: str | None = None
        self.connection: http.client.HTTPConnection | None = None
        self.stream: http.client.HTTPResponse | None = None

    def until(self, what: str, condition: Any) -> Any:
        """Reads changes until the condition says something true of this watch; over restarts of the server."""
        while True:
            found = condition(self)
            if found:
                return found
            try:
                if self.stream is None:
                    self._open()
                    continue
                self._read()
            except (OSError, http.client.HTTPException) as error:
                self.close()
                if isinstance(error, socket.timeout):
                    raise TestFailure(f"waited too long for {what}") from error
                self.api.deadline.wait_for_port(self.api.host, self.api.port, what)

    def of_kind(self, kind: str) -> list[dict[str, Any]]:
        return [value for (each, _), value in self.items.items() if each == kind]

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
        self.connection = self.stream = None

    def _open(self) -> None:
        if self.position is None:
            snapshot = self.api.get(f"/snapshot?scope={self.scope}")
            self.items = {(item["kind"], item["id"]): item["value"] for item in snapshot["items"]}
            self.epoch = snapshot["epoch"]
            self.position = f"{snapshot['epoch']}-{snapshot['seq']}"
        connection = http.client.HTTPConnection(self.api.host, self.api.port, timeout=self.api.deadline.left())
        connection.request("GET", f"/api/v1/watch?scope={self.scope}", headers={"Last-Event-ID": self.position})
        stream = connection.getresponse()
        if stream.status != 200:
            raise TestFailure(f"the watch was answered {stream.status}: {stream.read()!r}")
        self.connection, self.stream = connection, stream

    def _read(self) -> None:
        """One event: a `put`, a `delete` or a `reset`; others change nothing here."""
        event, data, identity = "", [], None
        while True:
            assert self.stream is not None
            line = self.stream.readline()
            if not line:
                raise http.client.HTTPException("the stream ended")
            line = line.rstrip(b"\n")
            if not line:
                break
            name, _, value = line.partition(b": ")
            if name == b"event":
                event = value.decode()
            elif name == b"data":
                data.append(value)
            elif name == b"id":
                identity = value.decode()
        if event == "reset":
            self.resets += 1
            self.position = None
            self.close()
            return
        if event in ("put", "delete"):
            change = json.loads(b"\n".join(data))
            key = (change["kind"], change["id"])
            if event == "delete":
                self.items.pop(key, None)
            elif change["seq"] >= self.items.get(key, {}).get("seq", -1):
                self.items[key] = change["value"]
        if identity:
            self.position = identity
