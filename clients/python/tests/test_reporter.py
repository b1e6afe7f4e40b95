"""The reporter with a sink of our own: threads, bars, the end of the program."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
import unittest
from pathlib import Path
from typing import Any, Dict, List, Optional

import muster
from muster._agent import AgentSink, frames, words
from muster._outbox import Artifact, Line, Lines, Message, Progress
from muster._sink import Outcome, artifact_name

source = Path(__file__).resolve().parent.parent / "src"


class Recorder:
    """A sink that keeps what it is given, and can be held."""

    survives_fork = True

    def __init__(self) -> None:
        self.messages: List[Message] = []
        self.outcome: Optional[Outcome] = None
        self.gate = threading.Event()
        self.gate.set()

    def deliver(self, messages: List[Message]) -> None:
        self.gate.wait()
        self.messages += messages

    def store(self, path: Optional[Path], data: Optional[bytes], name: Optional[str]) -> Artifact:
        return Artifact(str(path), artifact_name(path, name))

    def drain(self, deadline: float) -> bool:
        return True

    def close(self, outcome: Outcome, deadline: float) -> None:
        self.outcome = outcome

    @property
    def lines(self) -> List[Line]:
        return [line for message in self.messages if isinstance(message, Lines) for line in message.lines]

    @property
    def progress(self) -> List[Progress]:
        return [message for message in self.messages if isinstance(message, Progress)]


class ReporterTests(unittest.TestCase):
    def setUp(self) -> None:
        self.sink = Recorder()
        self.reporter = muster.Reporter(sink=self.sink, handle_signals=False)
        self.addCleanup(self.reporter.close)

    def test_every_thread_may_say_something_and_all_of_it_is_told(self) -> None:
        def speak(number: int) -> None:
            for count in range(200):
                self.reporter.log("info", f"{number} {count}")

        threads = [threading.Thread(target=speak, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertTrue(self.reporter.flush())
        for number in range(8):
            said = [line.text for line in self.sink.lines if line.text.startswith(f"{number} ")]
            self.assertEqual(said, [f"{number} {count}" for count in range(200)])

    def test_a_call_does_not_wait_for_a_sink_that_is_stuck(self) -> None:
        self.sink.gate.clear()
        for count in range(100):
            self.reporter.progress(count / 100)
            self.reporter.log("info", str(count))
        self.assertFalse(self.reporter.flush(timeout=0.01))
        self.sink.gate.set()
        self.assertTrue(self.reporter.flush())
        self.assertEqual(self.sink.progress[-1].fraction, 0.99)
        self.assertEqual([line.text for line in self.sink.lines], [str(count) for count in range(100)])

    def test_the_last_value_is_told_at_the_end(self) -> None:
        for count in range(1, 1_001):
            self.reporter.progress(count / 1_000)
        self.reporter.close()
        self.assertEqual(self.sink.progress[-1].fraction, 1.0)
        assert self.sink.outcome is not None
        self.assertEqual(self.sink.outcome.kind, "completed")

    def test_nonsense_is_no_progress(self) -> None:
        self.reporter.progress(float("nan"), eta=-1)
        self.reporter.progress(7, stage_fraction=-2, eta=float("inf"))
        self.reporter.flush()
        self.assertEqual(self.sink.progress, [Progress(fraction=1.0, stage_fraction=0.0)])
        with self.assertRaises(ValueError):
            self.reporter.log("loud", "a")

    def test_a_sink_that_fails_is_no_harm_to_the_program(self) -> None:
        def broken(messages: List[Message]) -> None:
            raise RuntimeError("broken")

        self.sink.deliver = broken  # type: ignore[method-assign]
        with contextlib.redirect_stderr(io.StringIO()) as said:
            self.reporter.log("info", "a")
            self.assertTrue(self.reporter.flush())
        self.assertEqual(said.getvalue(), "muster: 1 messages are lost: broken\n")

    def test_an_exception_is_told_as_the_reason(self) -> None:
        with self.assertRaises(ZeroDivisionError):
            with self.reporter:
                1 / 0
        assert self.sink.outcome is not None
        self.assertEqual((self.sink.outcome.kind, self.sink.outcome.exit_code), ("failed", 1))
        self.assertIn("division by zero", self.sink.outcome.reason or "")
        self.assertIn("Traceback (most recent call last):", [line.text for line in self.sink.lines])

    def test_an_exit_with_a_code_is_a_failure_and_one_without_is_none(self) -> None:
        for code, kind in ((0, "completed"), (None, "completed"), (3, "failed"), ("words", "failed")):
            sink = Recorder()
            with self.assertRaises(SystemExit), muster.Reporter(sink=sink, handle_signals=False):
                sys.exit(code)
            assert sink.outcome is not None
            self.assertEqual(sink.outcome.kind, kind)

    def test_a_cancel_is_heard_once(self) -> None:
        heard: List[str] = []
        sink = Recorder()
        reporter = muster.Reporter(sink=sink, handle_signals=False, on_cancel=heard.append)
        reporter.check()
        reporter.cancel("somebody")
        reporter.cancel("another")
        self.assertEqual(heard, ["somebody"])
        self.assertTrue(reporter.cancelled)
        with self.assertRaises(muster.Cancelled):
            reporter.check()
        reporter.close()
        assert sink.outcome is not None
        self.assertEqual((sink.outcome.kind, sink.outcome.reason), ("cancelled", "somebody"))

    def test_cancelled_passes_through_except_exception(self) -> None:
        with self.assertRaises(muster.Cancelled) as caught:
            try:
                self.reporter.cancel("somebody")
            except Exception:
                self.fail("it was caught")
        self.assertEqual(caught.exception.code, 143)

    def test_logging_comes_with_its_levels(self) -> None:
        logger = logging.Logger("test")
        logger.addHandler(muster.Handler(self.reporter))
        for level in (5, 10, 20, 25, 30, 40, 50):
            logger.log(level, "at %d", level)
        try:
            raise KeyError("x")
        except KeyError:
            logger.exception("it failed")
        self.reporter.flush()
        levels = [line.level for line in self.sink.lines[:7]]
        self.assertEqual(levels, ["debug", "debug", "info", "notice", "warning", "error", "error"])
        self.assertEqual(self.sink.lines[-1].text, "KeyError: 'x'")


class BarTests(unittest.TestCase):
    def setUp(self) -> None:
        self.now = 0.0
        self.told: List[Dict[str, Any]] = []
        self.reporter = muster.Reporter(sink=Recorder(), handle_signals=False)
        self.addCleanup(self.reporter.close)
        self.reporter.progress = self.note  # type: ignore[method-assign, assignment]

    def note(self, fraction: Optional[float] = None, **fields: Any) -> None:
        said = {name: value for name, value in {"fraction": fraction, **fields}.items() if value is not None}
        self.told.append(said)

    def bar(self, *arguments: Any, **named: Any) -> "muster.Bar[Any]":
        return muster.Bar(self.reporter, *arguments, clock=lambda: self.now, **named)

    def test_the_outermost_is_the_whole(self) -> None:
        seen = []
        for item in self.bar("abcd", "letters"):
            seen.append(item)
            self.now += 10
        self.assertEqual(seen, list("abcd"))
        self.assertEqual([said["fraction"] for said in self.told], [0.0, 0.25, 0.5, 0.75, 1.0])
        self.assertEqual([said.get("eta") for said in self.told], [None, 30.0, 20.0, 10.0, 0.0])
        self.assertEqual({said["stage"] for said in self.told}, {"letters"})

    def test_one_within_it_is_the_stage_and_moves_the_whole(self) -> None:
        for name in self.bar(["x", "y"]):
            for _ in self.bar(range(2), name):
                pass
        whole = [said["fraction"] for said in self.told]
        self.assertEqual(whole, [0.0, 0.0, 0.25, 0.5, 0.5, 0.5, 0.75, 1.0, 1.0])
        stages = [(said.get("stage"), said.get("stage_fraction")) for said in self.told]
        self.assertEqual(stages[1:4], [("x", 0.0), ("x", 0.5), ("x", 1.0)])
        self.assertEqual(stages[5:8], [("y", 0.0), ("y", 0.5), ("y", 1.0)])

    def test_without_a_total_the_count_is_told(self) -> None:
        for _ in self.bar((each for each in "ab"), "words"):
            pass
        self.assertEqual([said["message"] for said in self.told], ["words 0", "words 1", "words 2"])
        self.assertNotIn("fraction", self.told[-1])

    def test_steps_are_counted_by_hand(self) -> None:
        with self.bar(total=8) as bar:
            bar.update(2)
            bar.update(6)
        self.assertEqual([said["fraction"] for said in self.told], [0.0, 0.25, 1.0])
        with self.assertRaises(TypeError):
            list(bar)

    def test_one_that_is_left_early_encloses_nothing_any_more(self) -> None:
        for _ in self.bar("ab"):
            for _ in self.bar(range(10), "inner"):
                break
            self.assertLessEqual(len(self.reporter._bars.stack), 2)
        self.assertEqual(self.reporter._bars.stack, [])
        self.assertEqual(self.told[-1]["fraction"], 1.0)

    def test_nothing_to_do_is_done(self) -> None:
        list(self.bar([]))
        self.assertEqual([said["fraction"] for said in self.told], [1.0])


class WireTests(unittest.TestCase):
    def test_frames(self) -> None:
        self.assertEqual(frames(Progress()), [])
        self.assertEqual(
            frames(Progress(0.5, "é" * 100, None, 1.0, "m")),
            [{"type": "progress", "fraction": 0.5, "stage": "é" * 64, "etaSeconds": 1.0, "message": "m"}],
        )

    def test_words_for_where_there_is_no_pipe(self) -> None:
        self.assertEqual(
            words(Progress(0.5, 'a "b"\\', 0.25, 2.0, "x\ny")),
            ['::progress 0.500000 stage="a \\"b\\"\\\\" stage-fraction=0.250000 eta=2.000 message="x y"::'],
        )
        lines = Lines([Line("warning", "50%\nand", 0.0), Line("info", "plain", 0.0)])
        self.assertEqual(words(lines), ["::warning::50%25%0Aand", "plain"])
        self.assertEqual(words(Artifact("/a b", "b")), ["::artifact /a b::"])

    def test_names_of_artifacts_lead_nowhere_else(self) -> None:
        self.assertEqual(artifact_name(Path("/a/b.png"), None), "b.png")
        self.assertEqual(artifact_name(None, "a\\b.png"), "a/b.png")
        for name in ("", "/a", "../a", "a/../b", "a//b", "C:/x", "a\nb", "x" * 600, None):
            with self.assertRaises(ValueError):
                artifact_name(None, name)

    def test_files_are_copied_into_the_attempts_own_folder(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            artifacts = Path(folder, "artifacts")
            artifacts.mkdir()
            sink = AgentSink({"MUSTER_ARTIFACTS": str(artifacts)})
            Path(folder, "outside").write_text("one")
            stored = sink.store(Path(folder, "outside"), None, "deep/in.txt")
            self.assertEqual(Path(stored.path).read_text(), "one")
            sink.store(None, b"two", "deep/in.txt")
            self.assertEqual(Path(stored.path).read_bytes(), b"two")
            self.assertEqual(sink.store(Path(stored.path), None, "deep/in.txt"), stored)
            with self.assertRaises(FileNotFoundError):
                sink.store(Path(folder, "nothing"), None, None)
            self.assertEqual(sorted(os.listdir(folder)), ["artifacts", "outside"])


class ProgramTests(unittest.TestCase):
    """Whole programs, with a pipe in the place of the worker."""

    def run_program(self, text: str, *, kill: bool = False) -> "tuple[int, List[str], str]":
        with tempfile.TemporaryDirectory() as folder:
            pipe = os.path.join(folder, "channel")
            os.mkfifo(pipe)
            reader = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)
            environment = {
                **os.environ, "PYTHONPATH": str(source), "MUSTER_JOB": "j1", "MUSTER_URL": "http://127.0.0.1:1",
                "MUSTER_CHANNEL": pipe, "MUSTER_ARTIFACTS": folder,
                # From 3.12 on Python warns of any fork of a process with threads.
                "PYTHONWARNINGS": "ignore::DeprecationWarning",
            }
            program = subprocess.Popen(
                [sys.executable, "-c", textwrap.dedent(text)], env=environment, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE, text=True,
            )
            if kill:
                assert program.stdout is not None
                program.stdout.readline()
                program.send_signal(signal.SIGTERM)
            _, errors = program.communicate(timeout=60)
            os.set_blocking(reader, False)
            try:
                heard = os.read(reader, 1_048_576).decode()
            except BlockingIOError:
                heard = ""
            os.close(reader)
            return program.returncode, heard.splitlines(), errors

    def test_the_end_of_a_program_tells_all(self) -> None:
        code, heard, _ = self.run_program("""
            import muster
            for n in range(1000): muster.reporter().progress(n / 1000); muster.reporter().log("info", f"{n}")
        """)
        self.assertEqual(code, 0)
        logged = [line for line in heard if '"log"' in line]
        self.assertEqual(len(logged), 1_000)
        self.assertIn('{"type": "progress", "fraction": 0.999}', heard)

    def test_a_signal_is_an_exception_in_the_main_thread(self) -> None:
        code, heard, errors = self.run_program("""
            import muster, sys, time
            reporter = muster.Reporter()
            try:
                print("up", flush=True)
                while True: time.sleep(1000)
            except muster.Cancelled:
                reporter.log("warning", "tidied up")
                raise
        """, kill=True)
        self.assertEqual(code, 143)
        self.assertEqual(errors, "")
        self.assertEqual(heard, ['{"type": "log", "level": "warning", "text": "tidied up"}'])

    def test_a_callback_in_its_place(self) -> None:
        code, heard, _ = self.run_program("""
            import muster, threading, signal
            ends = threading.Event()
            reporter = muster.Reporter(on_cancel=lambda reason: ends.set())
            print("up", flush=True)
            ends.wait()
            reporter.log("info", f"{reporter.cancelled}")
            raise SystemExit(5)
        """, kill=True)
        self.assertEqual(code, 5)
        self.assertEqual(heard, ['{"type": "log", "level": "info", "text": "True"}'])

    def test_a_program_that_handles_the_signal_keeps_its_own_way(self) -> None:
        code, heard, _ = self.run_program("""
            import muster, signal, sys, time
            signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))
            reporter = muster.Reporter()
            print("up", flush=True)
            while True: time.sleep(1000)
        """, kill=True)
        self.assertEqual(code, 7)

    def test_an_exception_keeps_its_traceback_and_exit_code(self) -> None:
        code, heard, errors = self.run_program("""
            import muster
            muster.reporter().progress(0.5)
            raise ValueError("no")
        """)
        self.assertEqual(code, 1)
        self.assertIn("ValueError: no", errors)
        self.assertEqual(heard, ['{"type": "progress", "fraction": 0.5}'])

    def test_children_of_a_fork_go_on_reporting(self) -> None:
        code, heard, errors = self.run_program("""
            import muster, os
            reporter = muster.reporter()
            reporter.log("info", "parent before")
            reporter.flush()
            for number in range(4):
                if os.fork() == 0:
                    for count in range(100): reporter.log("info", f"child {number} {count}")
                    raise SystemExit(0)
            for _ in range(4): os.wait()
            reporter.log("info", "parent after")
        """)
        self.assertEqual((code, errors), (0, ""))
        self.assertEqual(len(heard), 402)
        self.assertEqual(len(set(heard)), 402)

    def test_nobody_listening_is_no_failure(self) -> None:
        program = subprocess.run(
            [sys.executable, "-c", "import muster\nfor n in muster.progress(range(3)): print(n)\n"
             "muster.reporter().log('info', 'x')\nmuster.reporter().artifact(b'x', 'y')"],
            env={**os.environ, "PYTHONPATH": str(source)}, capture_output=True, text=True, timeout=60, check=False,
        )
        self.assertEqual((program.returncode, program.stdout, program.stderr), (0, "0\n1\n2\n", ""))


if __name__ == "__main__":
    unittest.main()
