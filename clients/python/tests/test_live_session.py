"""Programs that are workers of their own, with a real server that comes and goes."""

from __future__ import annotations

import signal
import unittest

from .live import Scene, Watch

PRELUDE = """
import os, sys, muster
reporter = muster.Reporter(server=os.environ["SERVER"], name="script", label="a run")
def wait():
    print("here", flush=True)
    sys.stdin.readline()
"""


def program(text: str) -> str:
    return PRELUDE + text.replace("\n            ", "\n")


class SessionTests(unittest.TestCase):
    def test_a_run_is_a_job_of_its_own(self) -> None:
        with Scene("run") as scene:
            script = scene.script(program("""
            with reporter:
                for name in reporter.track(["a", "b"], "meshes"):
                    reporter.log("notice", name)
                reporter.artifact(b"bytes", "deep/own.txt")
                reporter.log("info", "after")
            """))
            self.assertEqual(script.end(), (0, ""))
            job = scene.job(scene.session_job())
            self.assertEqual((job["status"], job["label"], job["attempt"]), ("completed", "a run", 1))
            self.assertEqual((job["progress"]["fraction"], job["progress"]["stage"]), (1, "meshes"))
            self.assertEqual(scene.texts(job["id"]), ["a", "b", "after"])
            self.assertEqual([each["name"] for each in job["artifacts"]], ["deep/own.txt"])
            session = next(scene.api.pages("/sessions?ended=true"))
            self.assertEqual((session["workerName"], session["status"]), ("script", "stopped"))
            self.assertEqual(list((scene.folder / "python").glob("*/*/process.json")), [])

    def test_a_server_that_is_killed_costs_no_word_and_doubles_none(self) -> None:
        with Scene("session-killed") as scene:
            script = scene.script(program("""
            with reporter:
                for part in range(3):
                    for number in range(300):
                        reporter.log("info", f"{part} {number}")
                        reporter.progress((part * 300 + number + 1) / 900)
                    wait()
            """))
            script.heard("here")
            scene.server.kill(scene.deadline)
            script.tell("while it is away")
            script.heard("here")
            scene.start_server()
            scene.server.kill(scene.deadline)
            scene.start_server()
            script.tell("on")
            script.heard("here")
            script.tell("on")
            self.assertEqual(script.end()[0], 0)
            job = scene.job(scene.session_job())
            self.assertEqual((job["status"], job["progress"]["fraction"]), ("completed", 1))
            self.assertEqual(
                scene.texts(job["id"]), [f"{part} {number}" for part in range(3) for number in range(300)])

    def test_a_server_that_comes_later_is_told_from_the_beginning(self) -> None:
        with Scene("later") as scene:
            scene.server.kill(scene.deadline)
            script = scene.script(program("""
            with reporter:
                reporter.log("info", "before")
                reporter.artifact(b"early", "early.txt")
                wait()
                reporter.log("info", "after")
                reporter.flush(60)
            """))
            script.heard("here")
            scene.start_server()
            script.tell("on")
            self.assertEqual(script.end(), (0, ""))
            job = scene.job(scene.session_job())
            self.assertEqual(scene.texts(job["id"]), ["before", "after"])
            self.assertEqual([each["name"] for each in job["artifacts"]], ["early.txt"])

    def test_what_a_dead_program_could_not_tell_is_told_by_the_next_of_its_name(self) -> None:
        with Scene("dead") as scene:
            first = scene.script(program("""
            reporter.log("info", "told")
            reporter.flush(60)
            wait()
            for number in range(500):
                reporter.log("info", str(number))
            reporter.flush(0.5)
            wait()
            """))
            first.heard("here")
            job = scene.session_job()
            scene.server.kill(scene.deadline)
            first.tell("while it is away")
            first.heard("here")
            first.process.send_signal(signal.SIGKILL)
            first.end()
            scene.start_server()
            second = scene.script(program("""
            with reporter:
                reporter.log("info", "the second")
                reporter.flush(60)
            """))
            self.assertEqual(second.end(), (0, ""))
            ended = scene.job(job)
            self.assertEqual((ended["status"], ended["attempt"]), ("failed", 1))
            self.assertEqual(scene.texts(job), ["told"] + [str(number) for number in range(500)])
            sessions = list(scene.api.pages("/sessions?ended=true"))
            self.assertEqual([each["workerName"] for each in sessions], ["script", "script"])
            self.assertEqual({each["status"] for each in sessions}, {"stopped"})
            self.assertEqual(list((scene.folder / "python").glob("*/*/process.json")), [])

    def test_an_end_without_a_server_is_told_later(self) -> None:
        with Scene("end-away") as scene:
            first = scene.script(program("""
            with reporter:
                reporter.flush(60)
                wait()
                reporter.log("info", "last words")
                reporter.close(0.2)
            """))
            first.heard("here")
            job = scene.session_job()
            scene.server.kill(scene.deadline)
            first.tell("on")
            code, errors = first.end()
            self.assertEqual(code, 0)
            self.assertIn("is told by the next program of this name", errors)
            scene.start_server()
            second = scene.script(program("reporter.close(60)"))
            self.assertEqual(second.end(), (0, ""))
            self.assertEqual(scene.job(job)["status"], "completed")
            self.assertEqual(scene.texts(job), ["last words"])

    def test_a_cancel_is_an_exception_in_the_main_thread(self) -> None:
        with Scene("session-cancel") as scene:
            script = scene.script(program("""
            import time
            with reporter:
                try:
                    reporter.log("info", "up")
                    reporter.flush(60)
                    print("here", flush=True)
                    while True: time.sleep(1000)
                finally:
                    reporter.log("warning", "tidied up")
            """))
            script.heard("here")
            job = scene.session_job()
            scene.api.post(f"/jobs/{job}/cancel")
            self.assertEqual(script.end(), (143, ""))
            self.assertEqual(scene.job(job)["status"], "cancelled")
            self.assertEqual(scene.texts(job), ["up", "tidied up"])

    def test_a_sigterm_is_one_too(self) -> None:
        with Scene("session-term") as scene:
            script = scene.script(program("""
            import time
            print("here", flush=True)
            while True: time.sleep(1000)
            """))
            script.heard("here")
            script.process.send_signal(signal.SIGTERM)
            self.assertEqual(script.end(), (143, ""))
            # Nobody asked the server for it, so to the server it is no cancel.
            self.assertEqual(scene.job(scene.session_job())["status"], "failed")

    def test_an_exception_is_the_reason_of_a_failure(self) -> None:
        with Scene("session-fails") as scene:
            script = scene.script(program("""
            raise ValueError("no such mesh")
            """))
            self.assertEqual(script.end()[0], 1)
            job = scene.job(scene.session_job())
            self.assertEqual(job["status"], "failed")
            self.assertIn("ValueError: no such mesh", scene.texts(job["id"])[-1])

    def test_two_at_once_are_two_workers(self) -> None:
        with Scene("two") as scene:
            scripts = [scene.script(program("reporter.flush(60); wait(); reporter.close(60)")) for _ in range(2)]
            for script in scripts:
                script.heard("here")
            names = sorted(each["workerName"] for each in scene.api.pages("/sessions"))
            self.assertEqual(names, ["script", "script-2"])
            for script in scripts:
                script.tell("on")
                self.assertEqual(script.end(), (0, ""))

    def test_a_forked_child_is_silent_and_says_so(self) -> None:
        with Scene("session-fork") as scene:
            script = scene.script(program("""
            with reporter:
                if os.fork() == 0:
                    reporter.log("info", "of the child")
                    reporter.flush()
                    sys.exit(0)
                os.wait()
                reporter.log("info", "of the parent")
            """))
            code, errors = script.end()
            self.assertEqual(code, 0)
            self.assertIn("is not told of", errors)
            job = scene.job(scene.session_job())
            self.assertEqual((job["status"], scene.texts(job["id"])), ("completed", ["of the parent"]))

    def test_a_program_whose_session_was_deleted_is_told_and_stays_gone(self) -> None:
        with Scene("session-deleted") as scene:
            script = scene.script(program("""
            import time
            with reporter:
                reporter.log("info", "before")
                reporter.flush(60)
                print("here", flush=True)
                while True:
                    reporter.log("info", "on")
                    time.sleep(0.05)
            """))
            script.heard("here")
            session = next(scene.api.pages("/sessions"))["id"]
            scene.api.call("DELETE", f"/sessions/{session}?force=true")
            code, errors = script.end()
            self.assertEqual(code, 143)
            self.assertIn("deleted the session", errors)
            self.assertEqual(list(scene.api.pages("/sessions")), [])


if __name__ == "__main__":
    unittest.main()
