"""A program that is its own worker, with a server that answers as no good one would."""

from __future__ import annotations

import json
import tempfile
import threading
import time
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional, Tuple

from muster._http import Client
from muster._outbox import Line, Lines, Progress
from muster._session import SessionSink
from muster._sink import Outcome
from muster._state import Name, Spool

Answer = Tuple[int, Any]


def problem(status: int, code: str, **more: Any) -> Answer:
    return status, {"type": f"urn:muster:problem:{code}", "title": "", "status": status, "detail": code, **more}


class Stub:
    """Answers like a server, unless `odd` says otherwise. It keeps the reports that it took."""

    def __init__(self) -> None:
        self.reports: List[Dict[str, Any]] = []
        self.calls: List[str] = []
        self.registrations: List[Dict[str, Any]] = []
        self.odd: Callable[[str, Dict[str, Any]], Optional[Answer]] = lambda path, body: None
        self.lock = threading.Condition()
        self.put = threading.Event()
        stub = self

        class Handler(BaseHTTPRequestHandler):
            def do_PUT(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                stub.put.wait()
                self.send_response(204)
                self.end_headers()

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                with stub.lock:
                    status, answer = stub.answer(self.path, body)
                content = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *arguments: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, path: str, body: Dict[str, Any]) -> Answer:
        what = path.split("/")[-1]
        self.calls.append(what)
        self.lock.notify_all()
        odd = self.odd(what, body)
        if odd is not None:
            return odd
        if what == "sessions":
            self.registrations.append(body)
            return 201, {"session": "s1", "token": f"t{len(self.registrations)}", "heartbeatMilliseconds": 20}
        if what == "jobs":
            return 201, {"jobs": [{"id": "j1", "new": True}]}
        if what == "claims":
            return 200, {"jobs": [{"job": "j1", "attempt": self.calls.count("claims")}]}
        if what == "reports":
            self.reports += body["reports"]
            return 200, {"acknowledged": body["reports"][-1]["number"], "lost": []}
        if what == "artifacts":
            return 201, {"id": "a1", "uploadUrl": "/api/v1/uploads/a1"}
        return 200, {"lost": [], "cancel": [], "drain": False, "leaseMilliseconds": 60_000}

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    @property
    def texts(self) -> List[str]:
        return [line["text"] for report in self.reports for line in report.get("lines", [])]


class SessionTests(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.stub = Stub()
        self.addCleanup(self.stub.close)
        self.cancelled: List[str] = []
        self.said: List[str] = []
        self.sink: Optional[SessionSink] = None

    def tearDown(self) -> None:
        if self.sink is not None:
            self.end()

    def begin(self) -> SessionSink:
        self.sink = SessionSink(
            self.stub.url, "script", "a run", None, self.folder, self.cancelled.append, say=self.said.append)
        return self.sink

    def end(self, kind: str = "completed") -> None:
        assert self.sink is not None
        self.sink.close(Outcome(kind), time.monotonic() + 20)
        self.sink = None

    def say(self, *texts: str) -> None:
        assert self.sink is not None
        for text in texts:
            self.sink.deliver([Lines([Line("info", text, 1.5)])])

    def drain(self) -> None:
        assert self.sink is not None
        self.assertTrue(self.sink.drain(time.monotonic() + 20))

    def test_what_leaves_is_numbered_and_in_order(self) -> None:
        self.begin()
        self.say("a", "b")
        self.end()
        self.assertEqual([report["type"] for report in self.stub.reports], ["started", "log", "log", "completed"])
        numbers = [report["number"] for report in self.stub.reports]
        self.assertEqual(numbers, sorted(set(numbers)))
        self.assertEqual({(report["job"], report["attempt"]) for report in self.stub.reports}, {("j1", 1)})
        line = {"at": "1970-01-01T00:00:01.500Z", "level": "info", "text": "a"}
        self.assertEqual(self.stub.reports[1]["lines"], [line])
        self.assertEqual(self.said, [])

    def test_a_busy_server_is_asked_again(self) -> None:
        refusals = [problem(503, "busy"), (502, "<html>Bad gateway</html>"), (404, "<html>the proxy's own</html>")]
        self.stub.odd = lambda what, body: refusals.pop() if what == "reports" and refusals else None
        self.begin()
        self.say("a")
        self.drain()
        self.assertEqual((refusals, self.stub.texts), ([], ["a"]))

    def test_one_report_that_the_server_wont_have_holds_up_no_other(self) -> None:
        def refuse(what: str, body: Dict[str, Any]) -> Optional[Answer]:
            lines = [line for report in body.get("reports", []) for line in report.get("lines", [])]
            return problem(422, "invalid") if any(line["text"] == "bad" for line in lines) else None

        self.stub.odd = refuse
        self.begin()
        self.say("a", "bad", "b")
        self.end()
        self.assertEqual(self.stub.texts, ["a", "b"])
        self.assertEqual(self.stub.reports[-1]["type"], "completed")

    def test_a_token_that_is_worth_nothing_any_more_is_renewed(self) -> None:
        refusals = [problem(401, "token-unknown")]
        self.stub.odd = lambda what, body: refusals.pop() if what == "reports" and refusals else None
        self.begin()
        self.say("a")
        self.drain()
        self.assertEqual(self.stub.texts, ["a"])
        keys = {each["processKey"] for each in self.stub.registrations}
        self.assertEqual((len(self.stub.registrations), len(keys)), (2, 1))

    def test_an_attempt_that_was_lost_goes_on_as_the_next_without_losing_a_word(self) -> None:
        self.begin()
        self.say("a")
        self.drain()
        refusals = [problem(409, "lease-lost", lost=[{"job": "j1", "attempt": 1}], acknowledged=99)]
        self.stub.odd = lambda what, body: refusals.pop() if what == "reports" and refusals else None
        self.say("b", "c")
        self.end()
        self.assertEqual(self.stub.texts, ["a", "b", "c"])
        self.assertEqual(self.stub.reports[-1]["attempt"], 2)
        numbers = [report["number"] for report in self.stub.reports]
        self.assertEqual(numbers, sorted(set(numbers)))

    def test_an_upload_of_an_hour_costs_no_lease(self) -> None:
        sink = self.begin()
        sink.deliver([sink.store(None, b"large", "large.bin")])
        with self.stub.lock:
            seen = self.stub.lock.wait_for(lambda: "artifacts" in self.stub.calls, 20)
            before = self.stub.calls.count("heartbeat")
            seen &= self.stub.lock.wait_for(lambda: self.stub.calls.count("heartbeat") > before + 2, 20)
        self.assertTrue(seen)
        self.stub.put.set()
        self.end()
        self.assertEqual(self.stub.reports[-1]["type"], "completed")
        self.assertEqual(list(self.folder.glob("*/*/files/*")), [])

    def test_a_beat_that_hears_of_a_loss_has_it_claimed_again(self) -> None:
        lost = [(200, {"lost": [{"job": "j1", "attempt": 1}], "cancel": []})]
        self.stub.odd = lambda what, body: lost.pop() if what == "heartbeat" and body["held"] and lost else None
        self.begin()
        with self.stub.lock:
            self.assertTrue(self.stub.lock.wait_for(lambda: self.stub.calls.count("claims") == 2, 20))
        self.say("a")
        self.end()
        self.assertEqual(self.stub.reports[-1]["attempt"], 2)

    def test_a_cancel_comes_with_a_beat(self) -> None:
        wish = [(200, {"lost": [], "cancel": [{"job": "j1", "attempt": 1}]})]
        self.stub.odd = lambda what, body: wish.pop() if what == "heartbeat" and body["held"] and wish else None
        self.begin()
        with self.stub.lock:
            self.assertTrue(self.stub.lock.wait_for(lambda: not wish, 20))
        self.end("cancelled")
        self.assertEqual(self.cancelled, ["somebody cancelled it"])
        self.assertEqual(self.stub.reports[-1]["type"], "cancelled")

    def test_without_the_right_to_submit_the_log_is_told_and_progress_is_not(self) -> None:
        self.stub.odd = lambda what, body: problem(403, "forbidden") if what == "jobs" else None
        self.begin()
        self.say("a")
        assert self.sink is not None
        self.sink.deliver([Progress(fraction=0.5)])
        self.end()
        self.assertEqual([report["type"] for report in self.stub.reports], ["log"])
        self.assertNotIn("job", self.stub.reports[0])

    def test_a_server_that_refuses_it_is_told_nothing_more_and_that_is_said(self) -> None:
        self.stub.odd = lambda what, body: problem(403, "forbidden") if what == "sessions" else None
        self.begin()
        assert self.sink is not None
        self.assertFalse(self.sink.is_connected)
        self.end()
        self.assertEqual(self.said, [f"nothing more is told to {self.stub.url}: forbidden"])
        self.assertEqual(self.stub.reports, [])

    def test_a_job_that_somebody_ended_is_a_cancel(self) -> None:
        self.stub.odd = lambda what, body: (200, {"jobs": []}) if what == "claims" else None
        self.begin()
        self.end()
        self.assertEqual(self.cancelled, ["its job was ended by somebody"])

    def test_while_the_server_is_away_only_the_newest_progress_waits(self) -> None:
        away = threading.Event()
        away.set()
        self.stub.odd = lambda what, body: problem(503, "away") if away.is_set() else None
        sink = self.begin()
        for number in range(1_000):
            sink.deliver([Progress(fraction=number / 1_000)])
        away.clear()
        self.drain()
        told = [report["fraction"] for report in self.stub.reports if report["type"] == "progress"]
        self.assertEqual(told, [0.999])

    def test_what_a_worker_keeps_of_an_address_is_checked(self) -> None:
        for bad in ("", "ftp://x", "http://"):
            with self.assertRaises(ValueError):
                Client(bad)
        self.assertEqual(Client("lab:7117/s/x/").url, "http://lab:7117/s/x")


class SpoolTests(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name) / "key"
        self.spool = Spool.make(self.folder, {"key": "k"})
        self.addCleanup(self.spool.close)

    def numbers(self, spool: Spool) -> List[Tuple[int, Any]]:
        return [(entry["number"], entry.get("a")) for entry in spool.waiting]

    def test_what_was_written_is_read_again_after_a_death(self) -> None:
        for number in range(3):
            self.spool.append({"a": number})
        self.spool.replace_last({"a": "newer"})
        with open(self.folder / "entries.jsonl", "ab") as file:
            file.write(b'{"number": 4, "a"')
        again = Spool.read(self.folder)
        self.assertEqual(self.numbers(again), [(1, 0), (2, 1), (3, "newer")])
        again.append({"a": "more"})
        again.close()
        self.assertEqual(self.numbers(Spool.read(self.folder))[-1], (4, "more"))

    def test_numbers_go_on_when_all_is_told_and_the_file_is_emptied(self) -> None:
        for _ in range(100):
            self.spool.append({"a": "x" * 1_000})
        self.spool.told(100)
        self.assertFalse((self.folder / "entries.jsonl").exists())
        self.assertEqual(Spool.read(self.folder).next_number, 101)

    def test_what_is_to_be_sent_anew_has_numbers_that_nobody_saw(self) -> None:
        for number in range(4):
            self.spool.append({"a": number})
        self.spool.told(1)
        self.spool.restart()
        expected = [(5, 1), (6, 2), (7, 3)]
        self.assertEqual(self.numbers(self.spool), expected)
        self.assertEqual(self.numbers(Spool.read(self.folder)), expected)

    def test_a_name_is_held_by_one(self) -> None:
        place = self.folder.parent / "names"
        first = Name.take("a/b", place)
        second = Name.take("a/b", place)
        self.assertEqual((first.name, second.name), ("a/b", "a/b-2"))
        first.release()
        third = Name.take("a/b", place)
        self.assertEqual(third.name, "a/b")
        second.release()
        third.release()


if __name__ == "__main__":
    unittest.main()
