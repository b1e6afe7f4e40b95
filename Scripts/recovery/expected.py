"""What an assignment writes, known to the program and to the test."""

from __future__ import annotations

import hashlib

line_count = 20
_artifact_blocks = 4_000


def artifact(index: str) -> bytes:
    """128 KB that only this index has."""
    return b"".join(hashlib.sha256(f"{index}:{block}".encode()).digest() for block in range(_artifact_blocks))


def log_line(key: str, number: int) -> str:
    return f"line {number} of {key}"
