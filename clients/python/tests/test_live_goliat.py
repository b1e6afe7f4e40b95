"""GOLIAT's studies under a real worker: splitting, command, index lists, exit code 42, and where its window reports."""

from __future__ import annotations

import json
import os
import sys
import unittest
from pathlib import Path
from typing import Any, Dict, List

from .live import Scene, package
from .recorder import Recorder

#: What a study of GOLIAT does on the wire, with the real `requests` and the addresses that are built into it.
GOLIAT = """#!{python} -u
import json, os, sys
import requests
config = json.load(open(sys.argv[2]))
state = os.path.join({folder!r}, "tried-" + os.environ["MUSTER_INDEX"])
is_first = not os.path.exists(state)
open(state, "a").write("x")
with open(os.path.join({folder!r}, "ran.jsonl"), "a") as file:
    file.write(json.dumps({{
        "arguments": sys.argv[1:2] + sys.argv[3:], "index": os.environ["MUSTER_INDEX"], "config": config,
        "url": os.environ["GOLIAT_MONITORING_URL"], "assignment": os.environ["GOLIAT_ASSIGNMENT_ID"],
    }}) + "\\n")
base = "https://monitor.goliat.waves-ugent.be"
def post(path, **named):
    assert requests.post(base + path, **named).status_code == 200
post("/api/heartbeat", json={{"machineId": "1.2.3.4", "hostname": "lab"}}, timeout=10)
post("/api/gui-update", json={{"machineId": "1.2.3.4", "message": {{"type": "overall_progress", "current": 1,
    "total": 2}}, "timestamp": 1.5}}, timeout=3)
post("/api/assignments/" + os.environ["GOLIAT_ASSIGNMENT_ID"] + "/results", data={{"relativePath": "far_field/a"}},
    files=[("files", ("config.json", b"{{}}"))], timeout=30)
if config["frequencies_mhz"] == [835] and is_first:
    sys.exit(42)
"""

CONFIGURATION = """{"extends": "base", "study_type": "far_field", "phantoms": ["duke"],
    "frequencies_mhz": [700, 835, 900.50, 5800]}"""


class PresetTests(unittest.TestCase):
    def ran(self, scene: Scene) -> List[Dict[str, Any]]:
        return [json.loads(line) for line in (scene.folder / "ran.jsonl").read_text().splitlines()]

    def install(self, scene: Scene) -> None:
        """A `goliat` where the worker finds it."""
        program = scene.folder / "bin" / "goliat"
        program.parent.mkdir()
        program.write_text(GOLIAT.format(python=sys.executable, folder=str(scene.folder)))
        program.chmod(0o755)
        scene.environment["PATH"] = f"{program.parent}{os.pathsep}{os.environ['PATH']}"

    def create(self, scene: Scene) -> str:
        path = scene.folder / "study.json"
        path.write_text(CONFIGURATION)
        made = json.loads(scene.muster(
            "study", "create", str(path), "--preset", "goliat", "--split-by", "frequency", "--json"))
        return str(made["id"])

    def test_a_study_is_run_as_goliat_does_and_reports_into_the_workers_session(self) -> None:
        with Scene("preset") as scene:
            self.install(scene)
            study = self.create(scene)
            recorder = Recorder(scene.port)
            self.addCleanup(recorder.close)
            worker = scene.work(
                "w", ["2,0-1,,1", "study", "--preset", "goliat"], [], ["--server", recorder.url])
            self.assertEqual(worker.wait(scene.deadline), 0, worker.log())
            jobs = scene.api.get(f"/studies/{study}/assignments")["items"]
            self.assertEqual([job["status"] for job in jobs], ["completed", "completed", "completed", "pending"])
            self.assertEqual([job["attempt"] for job in jobs[:3]], [1, 2, 1])
            self.assertEqual([job["label"] for job in jobs], ["700", "835", "900.5", "5800"])
            ran = self.ran(scene)
            self.assertEqual([each["index"] for each in ran], ["0", "1", "1", "2"])
            self.assertEqual(
                [each["config"]["frequencies_mhz"] for each in ran], [[700], [835], [835], [900.5]])
            self.assertEqual(ran[0]["arguments"], ["study", "--auto-close", "--title", "[Worker 0] study"])
            self.assertEqual([each["assignment"] for each in ran], [jobs[int(each["index"])]["id"] for each in ran])
            self.assertEqual({each["config"]["extends"] for each in ran}, {"base"})
            # Every request came to the address that is bound to the worker's session.
            # and, of each try, to the attempt that it is.
            session = ran[0]["url"].rpartition("/")[0]
            self.assertTrue(session.startswith(f"{recorder.url}/s/"), session)
            attempts = [f"{each['assignment']}.{number}" for each, number in zip(ran, [1, 1, 2, 1])]
            self.assertEqual([each["url"] for each in ran], [f"{session}/{attempt}" for attempt in attempts])
            prefix = ran[0]["url"][len(recorder.url):]
            requests = recorder.until(12, scene.deadline.left())
            self.assertEqual([each.path for each in requests[:3]], [
                f"{prefix}/api/heartbeat", f"{prefix}/api/gui-update",
                f"{prefix}/api/assignments/{ran[0]['assignment']}/results",
            ])
            bound = session[len(recorder.url):]
            self.assertEqual({each.path.startswith(f"{bound}/j") for each in requests}, {True})
            self.assertEqual(json.loads(requests[1].body)["message"]["total"], 2)
            self.assertIn(b"far_field/a", requests[2].body)

    def test_the_module_lies_in_the_state_folder_and_nowhere_else(self) -> None:
        with Scene("preset-files") as scene:
            self.install(scene)
            self.create(scene)
            recorder = Recorder(scene.port)
            self.addCleanup(recorder.close)
            before = sorted(str(path) for path in (scene.folder / "bin").rglob("*"))
            worker = scene.work("w", ["0", "study", "--preset", "goliat"], [], ["--server", recorder.url])
            self.assertEqual(worker.wait(scene.deadline), 0, worker.log())
            self.assertEqual(sorted(str(path) for path in (scene.folder / "bin").rglob("*")), before)
            module = scene.folder / "workers" / "python" / "sitecustomize.py"
            ours = package.parent.parent / "Sources" / "Connectors" / "Python" / "sitecustomize.py"
            self.assertEqual(module.read_bytes(), ours.read_bytes())
            self.assertEqual(module.stat().st_mode & 0o077, 0)

    def test_an_own_command_takes_the_place_of_goliats(self) -> None:
        with Scene("preset-own") as scene:
            self.install(scene)
            self.create(scene)
            recorder = Recorder(scene.port)
            self.addCleanup(recorder.close)
            worker = scene.work(
                "w", ["3", "study", "--preset", "goliat"], ["goliat", "study", "{config}"], ["--server", recorder.url])
            self.assertEqual(worker.wait(scene.deadline), 0, worker.log())
            self.assertEqual(self.ran(scene)[0]["arguments"], ["study"])


class BridgeTests(unittest.TestCase):
    MESSAGES = """
    bridge.enqueue({"type": "status", "message": "before", "log_type": "info"})
    bridge.start()
    bridge.start()
    bridge.enqueue({"type": "status", "message": "    - Done in 0.11s", "log_type": "success", "timestamp": 1.5})
    bridge.enqueue({"type": "status", "message": "plain"})
    bridge.enqueue({"type": "terminal_only", "message": "\\x1b[34mdetail [Class.method]\\x1b[0m"})
    bridge.enqueue({"type": "print", "message": "printed", "stream": "stdout"})
    bridge.enqueue({"type": "overall_progress", "current": 1, "total": 2})
    bridge.enqueue({"type": "stage_progress", "name": "Run", "current": 15.4, "total": 100})
    bridge.enqueue({"type": "profiler_update", "eta_seconds": 120.0})
    bridge.enqueue({"type": "profiler_update", "eta_seconds": 0.0})
    bridge.enqueue({"type": "sim_details", "count": 6, "total": 108, "details": "duke, 700MHz"})
    bridge.enqueue({"type": "gui_screenshots", "screenshots": {"Disk I/O": b"\\xff\\xd8picture"}})
    bridge.enqueue({"type": "overall_progress", "current": 0, "total": 0})
    bridge.enqueue({"type": "something new", "x": object()})
    bridge.enqueue({"type": "log_batch", "logs": [{"message": "oops", "log_type": "fatal"}]})
    """

    def test_in_a_workers_study_it_tells_the_worker(self) -> None:
        with Scene("bridge") as scene:
            recorder = Recorder(scene.port)
            self.addCleanup(recorder.close)
            command = scene.program("study", f"""
import sys
sys.path.insert(0, {str(package / "src")!r})
from muster.goliat import WebGUIBridge
heard = []
bridge = WebGUIBridge("https://monitor.goliat.waves-ugent.be", "1.2.3.4")
bridge.set_system_info({{"gpuName": "N/A"}})
bridge.set_connection_callback(heard.append)
{self.MESSAGES.replace(chr(10) + "    ", chr(10))}
assert (bridge.is_connected, heard) == (True, [True])
bridge.enqueue({{"type": "finished", "message": "Study finished successfully"}})
bridge.stop()
bridge.enqueue({{"type": "status", "message": "after"}})
""")
            job = scene.submit()
            scene.work("w", ["--queue", "default"], command, ["--server", recorder.url])
            ended = scene.until_job(job, "completed", "failed")
            self.assertEqual(ended["status"], "completed", scene.texts(job))
            self.assertEqual(ended["progress"]["fraction"], 1)
            self.assertEqual(ended["progress"]["stage"], "Finished")
            self.assertEqual(ended["progress"]["message"], "6/108 · duke, 700MHz")
            said = [(line["level"], line["text"]) for line in scene.lines(job)]
            self.assertEqual(said, [
                ("notice", "    - Done in 0.11s"), ("info", "plain"), ("debug", "detail [Class.method]"),
                ("info", "printed"), ("error", "oops"), ("notice", "Study finished successfully"),
            ])
            picture = recorder.until(1, scene.deadline.left())[0]
            self.assertTrue(picture.path.endswith("/api/gui-screenshots"))
            self.assertIn(b'name="Disk_I/O"; filename="Disk_I/O.jpg"', picture.body)
            self.assertIn(b"\xff\xd8picture", picture.body)

    def test_elsewhere_it_is_a_worker_of_its_own(self) -> None:
        with Scene("bridge-own") as scene:
            script = scene.script(f"""
import os
from muster.goliat import WebGUIBridge
bridge = WebGUIBridge(os.environ["SERVER"], "1.2.3.4")
{self.MESSAGES.replace(chr(10) + "    ", chr(10))}
bridge.enqueue({{"type": "finished", "message": "Study finished with errors"}})
bridge.stop()
""")
            self.assertEqual(script.end(), (0, ""))
            job = scene.job(scene.session_job())
            self.assertEqual((job["status"], job["label"]), ("failed", "GOLIAT"))
            self.assertEqual(scene.texts(job["id"])[-2:], ["oops", "Study finished with errors"])
            session = next(scene.api.pages("/sessions?ended=true"))
            self.assertEqual(session["workerName"], "goliat@1.2.3.4")

    def test_it_takes_the_place_of_goliats(self) -> None:
        with Scene("bridge-install") as scene:
            place = Path(scene.folder, "goliat", "utils")
            place.mkdir(parents=True)
            (place / "gui_bridge.py").write_text("class WebGUIBridge: pass\n")
            script = scene.script("""
import muster.goliat, goliat.utils.gui_bridge as theirs
muster.goliat.install()
assert theirs.WebGUIBridge is muster.goliat.WebGUIBridge
""", {"PYTHONPATH": os.pathsep.join([str(package / "src"), str(scene.folder)])})
            self.assertEqual(script.end(), (0, ""))


if __name__ == "__main__":
    unittest.main()
