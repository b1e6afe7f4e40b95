#!/usr/bin/env python3
"""The program that the workers of the recovery test run: a little work that tells a witness, outside of all that is
tested, when it starts and when it ends.

    assignment.py CONFIGURATION OUTPUT INDEX ATTEMPT [--hold]

With --hold it goes on until the witness has it end, so that a test decides what happens while it runs.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from expected import artifact, line_count, log_line  # noqa: E402


def tell(word: str, key: str) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as witness:
        witness.connect(os.environ["WITNESS"])
        witness.send(f"{word} {key} {os.getpid()}".encode())


def hold(key: str) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(f"{os.environ['WITNESS']}.{os.getpid()}")
        tell("holding", key)
        ear.recv(16)


def main() -> None:
    configuration, output, index, attempt = sys.argv[1:5]
    seconds = json.loads(Path(configuration).read_text(encoding="utf-8")).get("seconds", 0)
    key = f"{index or 'job'}/{attempt}"
    tell("start", key)
    if "--hold" in sys.argv:
        hold(key)
    for number in range(line_count):
        print(log_line(key, number), flush=True)
        print(f"::progress {(number + 1) / line_count} stage=work::", flush=True)
        # The work itself: the test does not wait for it by the clock.
        time.sleep(seconds / line_count)
    (Path(output) / "result.bin").write_bytes(artifact(index))
    tell("end", key)


if __name__ == "__main__":
    main()
