"""Programs that a real worker runs, with a real server that comes and goes."""

from __future__ import annotations

import os
import unittest

from .live import Scene, Watch, package

PRELUDE = f"""
import os, sys, logging
sys.path.insert(0, {str(package / "src")!r})
import muster
"""


class WorkerTests(unittest.TestCase):
    def test_a_program_tells_everything_through_its_worker(self) -> None:
        with Scene("tells") as scene:
            command = scene.program("tells", PRELUDE + """
            logging.basicConfig(level=logging.DEBUG, format="%(message)s", handlers=[muster.Handler()])
            for name in muster.progress(["one", "two"]):
                for step in muster.progress(range(3), name):
                    logging.info("%s %d", name, step)
            logging.warning("done")
            muster.reporter().artifact(b"bytes", "deep/own.txt")
            muster.reporter().artifact(__file__, "program.py")
            open(os.path.join(os.environ["MUSTER_ARTIFACTS"], "result.json"), "w").write('{"a": 1.50}')
            """.replace("\n            ", "\n"))
            job = scene.submit()
            scene.work("w", ["--queue", "default"], command)
            ended = scene.until_job(job, "completed", "failed")
            self.assertEqual(ended["status"], "completed", scene.texts(job))
            self.assertEqual(ended["progress"]["fraction"], 1)
            self.assertEqual(
                scene.texts(job), ["one 0", "one 1", "one 2", "two 0", "two 1", "two 2", "done"])
            self.assertEqual([line["level"] for line in scene.lines(job)], ["info"] * 6 + ["warning"])
            stored = {each["name"]: each for each in scene.job(job)["artifacts"]}
            self.assertEqual(sorted(stored), ["deep/own.txt", "program.py", "result.json"])

    def test_a_server_that_is_killed_costs_no_word_and_doubles_none(self) -> None:
        with Scene("killed") as scene:
            pipe = scene.folder / "go"
            os.mkfifo(pipe)
            command = scene.program("killed", PRELUDE + f"""
            reporter = muster.reporter()
            with open({str(pipe)!r}) as go:
                for part in range(3):
                    for number in range(300):
                        reporter.log("info", f"{{part}} {{number}}")
                        reporter.progress((part * 300 + number + 1) / 900)
                    reporter.flush()
                    print("part", part, flush=True)
                    go.readline()
            """.replace("\n            ", "\n"))
            job = scene.submit()
            scene.work("w", ["--queue", "default"], command)
            with open(pipe, "w", encoding="utf-8") as go:
                for part in range(2):
                    watch = Watch(scene.api, f"job:{job}")
                    share = (part + 1) / 3
                    watch.until(
                        f"part {part}",
                        lambda seen: any(each["progress"].get("fraction", 0) >= share for each in seen.of_kind("job")))
                    watch.close()
                    scene.server.kill(scene.deadline)
                    go.write("on\n")
                    go.flush()
                    scene.start_server()
                go.write("on\n")
            ended = scene.until_job(job, "completed", "failed")
            self.assertEqual((ended["status"], ended["progress"]["fraction"], ended["attempt"]), ("completed", 1, 1))
            told = [text for text in scene.texts(job) if not text.startswith("part")]
            self.assertEqual(told, [f"{part} {number}" for part in range(3) for number in range(300)])

    def test_a_cancel_is_an_exception_and_its_last_words_are_told(self) -> None:
        with Scene("cancel") as scene:
            command = scene.program("cancel", PRELUDE + """
            import time
            reporter = muster.reporter()
            try:
                reporter.log("info", "up")
                while True: time.sleep(1000)
            except muster.Cancelled:
                reporter.log("warning", "tidied up")
                raise
            """.replace("\n            ", "\n"))
            job = scene.submit()
            scene.work("w", ["--queue", "default"], command)
            scene.until_job(job, "running")
            while "up" not in scene.texts(job):
                scene.deadline.check("its first word")
            scene.api.post(f"/jobs/{job}/cancel")
            ended = scene.until_job(job, "cancelled", "failed", "completed")
            self.assertEqual(ended["status"], "cancelled")
            self.assertEqual(scene.texts(job), ["up", "tidied up"])

    def test_progress_is_told_five_times_a_second_and_never_loses_the_last(self) -> None:
        with Scene("pace") as scene:
            command = scene.program("pace", PRELUDE + """
            import time
            began = time.monotonic()
            number = 0
            while time.monotonic() - began < 2:
                number += 1
                muster.reporter().progress(message=str(number))
            muster.reporter().progress(0.875, message="last")
            print(number, time.monotonic() - began, flush=True)
            """.replace("\n            ", "\n"))
            job = scene.submit()
            watch = Watch(scene.api, f"job:{job}")
            told = []

            def note(seen: Watch) -> bool:
                for each in seen.of_kind("job"):
                    message = each["progress"].get("message")
                    if message and (not told or told[-1] != message):
                        told.append(message)
                    return each["status"] == "completed"
                return False

            watch.until("the watch", lambda seen: seen.of_kind("job"))
            scene.work("w", ["--queue", "default"], command)
            watch.until("the end", note)
            watch.close()
            number, seconds = scene.texts(job)[-1].split()
            self.assertGreater(int(number), 1_000)
            # At most five a second, one for a beginning and one for an end.
            self.assertLessEqual(len(told), float(seconds) * 5 + 2)
            self.assertEqual(told[-1], "last")

    def test_without_the_pipe_it_prints_what_it_has_to_tell(self) -> None:
        with Scene("prints") as scene:
            command = scene.program("prints", PRELUDE + """
            reporter = muster.reporter()
            reporter.log("warning", "50% of \\"it\\"")
            reporter.log("info", "plain")
            reporter.artifact(b"bytes", "own.txt")
            reporter.progress(0.25, stage='the "first"', message="a b")
            """.replace("\n            ", "\n"))
            job = scene.submit()
            scene.work("w", ["--queue", "default"], ["env", "-u", "MUSTER_CHANNEL", *command])
            ended = scene.until_job(job, "completed", "failed")
            self.assertEqual(ended["status"], "completed", scene.texts(job))
            self.assertEqual((ended["progress"]["stage"], ended["progress"]["message"]), ('the "first"', "a b"))
            said = [(line["level"], line["text"]) for line in scene.lines(job)]
            self.assertEqual(said, [("warning", '50% of "it"'), ("info", "plain")])
            self.assertEqual([each["name"] for each in scene.job(job)["artifacts"]], ["own.txt"])

    def test_a_program_that_is_killed_has_told_what_it_said(self) -> None:
        with Scene("dies") as scene:
            command = scene.program("dies", PRELUDE + """
            import signal
            for number in range(500):
                muster.reporter().log("info", str(number))
            muster.reporter().flush()
            os.kill(os.getpid(), signal.SIGKILL)
            """.replace("\n            ", "\n"))
            job = scene.submit()
            scene.work("w", ["--queue", "default"], command)
            ended = scene.until_job(job, "completed", "failed")
            self.assertEqual(ended["status"], "failed")
            self.assertEqual(scene.texts(job)[:500], [str(number) for number in range(500)])


if __name__ == "__main__":
    unittest.main()
