"""GOLIAT's own requests, from a study under a real worker to the pages of a real server: one worker with everything."""

from __future__ import annotations

import json
import os
import sys
import unittest

from .live import Scene

STUDY = """#!{python} -u
import os
import requests
base = "https://monitor.goliat.waves-ugent.be"
clock = [1000.0]
def post(path, **named):
    answer = requests.post(base + path, timeout=10, **named)
    assert answer.status_code == 200, (path, answer.status_code, answer.text)
def update(**message):
    clock[0] += 1
    post("/api/gui-update", json={{"machineId": "1.2.3.4", "message": message, "timestamp": clock[0]}})
post("/api/heartbeat", json={{"machineId": "1.2.3.4", "hostname": "elsewhere", "gpuName": "N/A", "cpuCores": 1,
    "totalRamGB": 1.5}})
for number in range(20):
    update(type="log_batch", sequence=number, logs=[
        {{"type": "status", "message": f"  line {{number}}", "log_type": "warning", "timestamp": 1000.0 + number}}])
    update(type="overall_progress", current=number + 1, total=40)
update(type="stage_progress", name="Run", current=15.4, total=100)
post("/api/gui-screenshots", data={{"machineId": "1.2.3.4"}}, files=[
    ("Timings", ("Timings.jpg", bytes([255, 216, 255, 224]) + bytes(100) + bytes([255, 217]), "image/jpeg"))])
post("/api/assignments/" + os.environ["GOLIAT_ASSIGNMENT_ID"] + "/results", data={{"relativePath": "far_field/a"}},
    files=[("files", ("config.json", b"{{}}"))])
"""


class LegacyTests(unittest.TestCase):
    def test_a_study_reports_into_the_session_of_its_worker(self) -> None:
        with Scene("legacy") as scene:
            program = scene.folder / "bin" / "goliat"
            program.parent.mkdir()
            program.write_text(STUDY.format(python=sys.executable))
            program.chmod(0o755)
            scene.environment["PATH"] = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
            path = scene.folder / "study.json"
            path.write_text('{"phantoms": ["duke"], "frequencies_mhz": [700]}')
            study = json.loads(scene.muster(
                "study", "create", str(path), "--preset", "goliat", "--split-by", "frequency", "--json"))["id"]
            worker = scene.work("w", ["--study", "study", "--preset", "goliat"], [])
            self.assertEqual(worker.wait(scene.deadline), 0, worker.log())
            job = scene.api.get(f"/studies/{study}/assignments")["items"][0]
            self.assertEqual((job["status"], job["attempt"], job["progress"]["stage"]), ("completed", 1, "Run"))
            self.assertEqual(scene.texts(job["id"]), [f"  line {number}" for number in range(20)])
            self.assertEqual({line["level"] for line in scene.lines(job["id"])}, {"warning"})
            stored = [each["name"] for each in scene.job(job["id"])["artifacts"]]
            self.assertEqual(stored, ["far_field/a/config.json"])
            sessions = list(scene.api.pages("/sessions?ended=true"))
            self.assertEqual([(each["workerName"], each["id"]) for each in sessions], [("w", job["holder"])])


if __name__ == "__main__":
    unittest.main()
