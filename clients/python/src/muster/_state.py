"""What a program that is its own worker keeps on disk: which machine it is on, who it is, what is not told yet."""

from __future__ import annotations

import json
import os
import platform
import shutil
import socket
import sys
import uuid
from pathlib import Path
from typing import IO, Any, Dict, List, Optional

NAMES_LIMIT = 1_000


def standard_folder() -> Path:
    """Where state is kept unless told otherwise: MUSTER_PYTHON_STATE, else the user's folder for such things."""
    named = os.environ.get("MUSTER_PYTHON_STATE")
    if named:
        return Path(named)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home()) / "muster" / "python"
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "muster" / "python"


def write_whole(path: Path, text: str) -> None:
    """In one step: whoever looks sees the old text or the new one. For our user alone."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.new")
    with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(temporary, path)


def machine_id(folder: Path) -> str:
    """The same at every start on this machine."""
    path = folder / "machine-id"
    try:
        known = path.read_text(encoding="utf-8").strip()
        if known:
            return known
    except OSError:
        pass
    made = uuid.uuid4().hex
    write_whole(path, made + "\n")
    return made


def machine(folder: Path) -> Dict[str, Any]:
    """This computer, as a registration describes it."""
    hostname = socket.gethostname() or "unknown"
    return {
        "id": machine_id(folder),
        "hostname": hostname[:255],
        "addresses": _addresses(),
        "os": f"{platform.system()} {platform.release()}"[:64] or "unknown",
        "arch": (platform.machine() or "unknown")[:64],
        "cores": os.cpu_count() or 1,
        "gpus": [],
    }


def _addresses() -> List[str]:
    """That by which the world is reached. Nothing is sent."""
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect(("192.0.2.1", 9))
            return [str(probe.getsockname()[0])]
    except OSError:
        return []


class Name:
    """A worker's name on this machine, held by a lock that ends with the process."""

    def __init__(self, name: str, file: IO[str], folder: Path):
        self.name = name
        self._file = file
        self.folder = folder

    @classmethod
    def take(cls, wanted: str, folder: Path) -> "Name":
        """The name, or with -2, -3 … the next that is free."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for number in range(1, NAMES_LIMIT):
            name = wanted if number == 1 else f"{wanted}-{number}"
            place = folder / _file_name(name)
            place.mkdir(exist_ok=True, mode=0o700)
            file = open(place / "lock", "a", encoding="utf-8")
            if _try_lock(file):
                return cls(name, file, place)
            file.close()
        raise OSError(f"all names from {wanted} to {wanted}-{NAMES_LIMIT} are taken on this machine")

    def release(self) -> None:
        self._file.close()

    def earlier(self) -> List[Path]:
        """Folders of processes that had this name. They are dead: we hold their lock."""
        return sorted(path.parent for path in self.folder.glob("*/process.json"))


def _file_name(name: str) -> str:
    plain = "".join(letter if letter.isalnum() or letter in "-_." else f"%{ord(letter):x}" for letter in name)
    return "name-" + plain[:120]


def _try_lock(file: IO[str]) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    except OSError:
        return False


class Spool:
    """What one process has to tell, in order, on disk before it is sent and until it is told.

    A line of JSON each. An entry has a number; a later line of the same number takes the place of the earlier one.
    Where the part that is told ends is not stored: the server passes over reports that it has.
    """

    def __init__(self, folder: Path, process: Dict[str, Any]):
        self.folder = folder
        #: What is known of the process itself: its key, its session, its job. Kept by `note`.
        self.process = process
        self._path = folder / "entries.jsonl"
        self.waiting: List[Dict[str, Any]] = []
        self.next_number = 1
        self.bytes = 0
        self._file: Optional[IO[bytes]] = None
        self._files = 0

    @classmethod
    def make(cls, folder: Path, process: Dict[str, Any]) -> "Spool":
        folder.mkdir(parents=True, mode=0o700)
        spool = cls(folder, process)
        spool.note()
        return spool

    @classmethod
    def read(cls, folder: Path) -> "Spool":
        """What an earlier process left. A line that was torn by its death is its last and is passed over.

        Raises OSError or ValueError where it can't be read.
        """
        process = json.loads((folder / "process.json").read_text(encoding="utf-8"))
        if not isinstance(process, dict):
            raise ValueError("process.json is no object")
        spool = cls(folder, process)
        entries: Dict[int, Dict[str, Any]] = {}
        try:
            data = spool._path.read_bytes()
        except OSError:
            data = b""
        whole = 0
        for line in data.splitlines(keepends=True):
            try:
                entry = json.loads(line)
                entries[int(entry["number"])] = entry
            except (ValueError, KeyError, TypeError):
                break
            whole += len(line)
        if whole < len(data):
            # What is appended from now on must not stand in the torn line.
            os.truncate(spool._path, whole)
        spool.bytes = whole
        spool.waiting = [entries[number] for number in sorted(entries)]
        spool.next_number = max(max(entries, default=0) + 1, int(process.get("nextNumber", 1)))
        spool._files = len(list((folder / "files").glob("*")))
        return spool

    def note(self) -> None:
        """Keeps what is known of the process, and which number comes next."""
        self.process["nextNumber"] = self.next_number
        write_whole(self.folder / "process.json", json.dumps(self.process))

    def append(self, entry: Dict[str, Any]) -> None:
        numbered = {**entry, "number": self.next_number}
        self.next_number += 1
        self.waiting.append(numbered)
        self._write(numbered)

    def replace_last(self, entry: Dict[str, Any]) -> None:
        """Puts an entry in the place of the last one, which must not be on its way."""
        numbered = {**entry, "number": self.waiting[-1]["number"]}
        self.waiting[-1] = numbered
        self._write(numbered)

    def told(self, number: int) -> None:
        """Everything up to this number is told."""
        count = 0
        while count < len(self.waiting) and self.waiting[count]["number"] <= number:
            count += 1
        del self.waiting[:count]
        if not self.waiting and self.bytes > 65_536:
            self.close()
            # The numbers go on, so that has to be kept before the entries that say so are gone.
            self.note()
            self._path.unlink()
            self.bytes = 0

    def restart(self) -> None:
        """All that waits is to be sent anew, under numbers that nobody has seen."""
        self.close()
        for entry in self.waiting:
            entry["number"] = self.next_number
            self.next_number += 1
        self.note()
        text = "".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in self.waiting)
        write_whole(self._path, text)
        self.bytes = len(text.encode())

    def new_file(self) -> Path:
        """A place for the bytes of an artifact."""
        self._files += 1
        place = self.folder / "files"
        place.mkdir(exist_ok=True, mode=0o700)
        return place / f"{self._files}"

    def remove(self) -> None:
        self.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _write(self, entry: Dict[str, Any]) -> None:
        data = json.dumps(entry, ensure_ascii=False, allow_nan=False).encode() + b"\n"
        if self._file is None:
            self._file = open(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab", buffering=0)
        self._file.write(data)
        self.bytes += len(data)

    def close(self) -> None:
        """Nothing is lost: the next that is written opens it again."""
        if self._file is not None:
            self._file.close()
            self._file = None
