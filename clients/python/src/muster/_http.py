"""The few requests that a worker sends, over one connection each, with Python's own library."""

from __future__ import annotations

import http.client
import json
import ssl
import urllib.parse
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Dict, Optional, Union

PREFIX = "/api/v1"
TIMEOUT_SECONDS = 15.0
UPLOAD_TIMEOUT_SECONDS = 3_600.0


class Away(Exception):
    """The server could not be reached, or is too busy: it may be asked again."""

    def __init__(self, reason: str, wait_seconds: float = 0.0):
        super().__init__(reason)
        self.wait_seconds = wait_seconds


@dataclass
class Refused(Exception):
    """The server's own answer that it will not."""

    status: int
    code: str
    detail: str
    body: Dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.detail or f"status {self.status}"

    @property
    def is_ours(self) -> bool:
        """Muster's own problem document, and not the page of some proxy."""
        return self.code != ""


Body = Union[None, Dict[str, Any], Path]


class Client:
    """One server. Environment variables for proxies are not looked at: a server stands in the lab's own network."""

    def __init__(self, url: str, token: Optional[str] = None):
        parts = urllib.parse.urlsplit(url if "://" in url else f"http://{url}")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{url!r} is no address of a server, such as http://127.0.0.1:7117")
        self._is_secure = parts.scheme == "https"
        self._host = parts.hostname
        self._port = parts.port
        self._base = parts.path.rstrip("/")
        self.url = f"{parts.scheme}://{parts.netloc}{self._base}"
        self.token = token

    def post(self, path: str, body: Dict[str, Any], timeout: float = TIMEOUT_SECONDS) -> Dict[str, Any]:
        answer = self.send("POST", PREFIX + path, body, timeout)
        try:
            value = json.loads(answer) if answer else {}
        except ValueError as error:
            raise Away(f"what answered is no Muster server: {error}") from error
        return value if isinstance(value, dict) else {}

    def put(self, address: str, file: Path) -> None:
        """Sends a file to where a ticket points: a path here, or a whole address of another store."""
        if address.startswith("/"):
            self.send("PUT", address, file, UPLOAD_TIMEOUT_SECONDS)
            return
        parts = urllib.parse.urlsplit(address)
        other = Client(f"{parts.scheme}://{parts.netloc}")
        other.send("PUT", urllib.parse.urlunsplit(("", "", parts.path, parts.query, "")), file, UPLOAD_TIMEOUT_SECONDS)

    def send(self, method: str, path: str, body: Body, timeout: float) -> bytes:
        """Raises Away or Refused, and OSError for a file that can't be read."""
        headers = {"Accept": "application/json", "User-Agent": "muster-python"}
        if self.token and path.startswith(PREFIX):
            headers["Authorization"] = f"Bearer {self.token}"
        file: Optional[IO[bytes]] = None
        data: Union[None, bytes, IO[bytes]] = None
        if isinstance(body, Path):
            headers["Content-Length"] = str(body.stat().st_size)
            headers["Content-Type"] = "application/octet-stream"
            file = open(body, "rb")
            data = file
        elif body is not None:
            data = json.dumps(body, ensure_ascii=False, allow_nan=False).encode()
            headers["Content-Type"] = "application/json"
        connection = self._connection(timeout)
        try:
            connection.request(method, self._base + path, data, headers)
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise Away(f"{self.url} can't be reached: {error or type(error).__name__}") from error
        finally:
            connection.close()
            if file is not None:
                file.close()
        return self._checked(answer, content)

    def post_raw(self, path: str, content: bytes, media_type: str, timeout: float) -> int:
        """Sends bytes as they are; the status of the answer. Raises Away."""
        connection = self._connection(timeout)
        try:
            connection.request("POST", self._base + path, content, {"Content-Type": media_type})
            answer = connection.getresponse()
            answer.read()
            return answer.status
        except (OSError, http.client.HTTPException) as error:
            raise Away(f"{self.url} can't be reached: {error or type(error).__name__}") from error
        finally:
            connection.close()

    def _connection(self, timeout: float) -> http.client.HTTPConnection:
        if self._is_secure:
            context = ssl.create_default_context()
            return http.client.HTTPSConnection(self._host, self._port, timeout=timeout, context=context)
        return http.client.HTTPConnection(self._host, self._port, timeout=timeout)

    def _checked(self, answer: http.client.HTTPResponse, content: bytes) -> bytes:
        if 200 <= answer.status < 300:
            return content
        try:
            problem = json.loads(content)
        except ValueError:
            problem = {}
        if not isinstance(problem, dict):
            problem = {}
        prefix = "urn:muster:problem:"
        kind = str(problem.get("type", ""))
        code = kind[len(prefix) :] if kind.startswith(prefix) else ""
        detail = str(problem.get("detail") or content[:200].decode("utf-8", "replace"))
        if answer.status in (408, 429) or answer.status >= 500:
            try:
                wait = float(answer.headers.get("Retry-After", "0"))
            except ValueError:
                wait = 0.0
            raise Away(f"{self.url} answers {answer.status}: {detail}", max(0.0, min(60.0, wait)))
        raise Refused(answer.status, code, detail, problem)
