"""GOLIAT's programs, as far as the browser test needs them: what a claim and a window of theirs send."""

from __future__ import annotations

import json
import struct
import urllib.request
import zlib


class Lab:
    """One machine that claims an assignment from one address and speaks from another."""

    hostname = "UG-GNS0S34"
    claims_from, speaks_from = "157.193.240.188", "157.193.240.190"

    def __init__(self, url: str):
        self.url = url
        configuration = {"phantoms": ["duke"], "frequencies_mhz": [700]}
        split = {"splitConfig": configuration, "status": "PENDING"}
        study = self._post("/api/super-studies", {
            "name": "near_field", "description": "", "baseConfig": configuration, "assignments": [split, split]})
        listed = self._ask("GET", f"/api/super-studies/{study['id']}/assignments")
        self.worker = self._post(
            f"/api/assignments/{listed[0]['id']}/claim", {"machineId": self.claims_from})["workerId"]
        self.study = f"/super-studies/{study['id']}"

    def begin(self) -> None:
        self._post("/api/heartbeat", {
            "machineId": self.speaks_from, "hostname": self.hostname, "gpuName": "RTX A4000", "cpuCores": 12,
            "totalRamGB": 15.7})
        self.say(type="overall_progress", current=37.7, total=100)
        self.say(type="stage_progress", name="Run", current=15.4, total=100)
        self.say(type="sim_details", count=6, total=108, details="duke, 700MHz, x_pos, theta")

    def lines(self, sequence: int, *lines: tuple[str, str]) -> None:
        """A batch, perhaps one that was overtaken on its way."""
        self.say(type="log_batch", sequence=sequence, logs=[
            {"type": "status", "message": text, "log_type": kind, "timestamp": 1767225600 + sequence + place / 100}
            for place, (kind, text) in enumerate(lines)])

    def pictures(self, *tabs: str) -> None:
        boundary = "0f1e2d3c4b5a6978"
        parts = [('name="machineId"', self.speaks_from.encode())]
        parts += [(f'name="{tab}"; filename="{tab}.jpg"', png(shade)) for shade, tab in enumerate(tabs)]
        body = b"".join(
            f"--{boundary}\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + data + b"\r\n"
            for head, data in parts)
        self._send("POST", "/api/gui-screenshots", body + f"--{boundary}--\r\n".encode(),
                   f"multipart/form-data; boundary={boundary}")

    def say(self, **message: object) -> None:
        self._post("/api/gui-update", {"machineId": self.speaks_from, "message": message, "timestamp": 1767225600.0})

    def _post(self, path: str, body: object) -> dict[str, str]:
        return self._send("POST", path, json.dumps(body).encode(), "application/json")

    def _ask(self, method: str, path: str) -> list[dict[str, str]]:
        return self._send(method, path, None, "")

    def _send(self, method: str, path: str, body: bytes | None, kind: str):  # type: ignore[no-untyped-def]
        headers = {"Content-Type": kind} if kind else {}
        request = urllib.request.Request(self.url + path, data=body, method=method, headers=headers)
        with urllib.request.urlopen(request, timeout=30) as reply:
            return json.loads(reply.read())


def png(shade: int) -> bytes:
    """A small picture of one colour."""
    rows = b"".join(b"\0" + bytes([40 + 30 * shade, 90, 160]) * 80 for _ in range(90))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 80, 90, 8, 2, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
