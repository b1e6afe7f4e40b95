#!/usr/bin/env python3
"""The real binary, killed and frozen: what was promised is kept, and nothing is done twice.

    Scripts/recovery/test.py            every case
    Scripts/recovery/test.py CASE…      only these: hangup server worker everything frozen sweeper nodes
"""

from __future__ import annotations

import http.client
import os
import random
import signal
import socket
import struct
import sys
import threading
import time
from pathlib import Path

sys.dont_write_bytecode = True
here = Path(__file__).resolve().parent
sys.path[:0] = [str(here), str(here.parent)]
from fleet import Deadline, Problem, TestFailure, check  # noqa: E402
from history import History  # noqa: E402
from nodes import SharedScene, Trouble  # noqa: E402
from scene import Scene, completed, finished  # noqa: E402


class Submitter(threading.Thread):
    """Submits job after job while servers come and go; remembers which it was promised."""

    def __init__(self, scene: Scene):
        super().__init__(daemon=True)
        self.scene = scene
        self.promised: dict[str, str] = {}
        self.ends = threading.Event()

    def run(self) -> None:
        number = 0
        while not self.ends.is_set():
            key = f"key-{number}"
            body = {"queue": "post", "payload": {"number": number}, "uniqueKey": key}
            try:
                self.promised[key] = self.scene.api.post("/jobs", body)["jobs"][0]["id"]
                number += 1
            except Problem as problem:
                check(problem.status == 503, f"a job was refused: {problem}")
            except (OSError, http.client.HTTPException):
                # Whether it was kept is not known: it is sent again under the same key.
                self.scene.deadline.wait_for_port("127.0.0.1", self.scene.port, "the server to come back")


def check_promised(history: History, submitter: Submitter) -> None:
    kept = {
        row["unique_key"]: f"j{row['id']}"
        for row in history.rows("SELECT id, unique_key FROM job WHERE unique_key IS NOT NULL")
    }
    lost = {key for key, job in submitter.promised.items() if kept.get(key) != job}
    check(not lost, f"jobs that were promised are not there: {lost}")


def killed_server(deadline: Deadline) -> None:
    """kill -9 of the server, again and again: workers go on, spool and replay, and the study completes."""
    with Scene("server", deadline) as scene:
        study = scene.study("killed", count=30, seconds=0.5)
        watch = scene.watch(f"study:{study['id']}")
        workers = [scene.worker(f"w{number}", ["--study", "killed"]) for number in (1, 2, 3)]
        submitter = Submitter(scene)
        submitter.start()
        for round_number, count in enumerate((2, 6, 10, 14, 18, 22)):
            watch.until(f"{count} completed", completed(count))
            scene.witness.until_running(2)
            scene.server.kill(deadline)
            if round_number % 2 == 1:
                # Long enough for all that runs to end, with nobody there to be told.
                running = scene.witness.running()
                for key in running:
                    scene.witness.heard("end", key)
                print(f"  down while {len(running)} assignments ended")
            scene.start_server()
        watch.until("the end of the study", finished)
        for worker in workers:
            check(worker.wait(deadline) == 0, f"{worker.name} did not end well:\n{worker.log()}")
        submitter.ends.set()
        submitter.join(deadline.left())
        check(watch.resets == 0, "a watcher had to begin anew though no change was lost")
        check(scene.api.get("/version")["epoch"] == watch.epoch, "the sequence has another epoch")
        scene.check_results(study)
        jobs = scene.assignments(study)
        history = scene.history()
        for job in jobs:
            check(history.attempts_of(job["id"]) == ["completed"], f"{job['index']} was tried again")
            history.check_lines(job["id"], f"{job['index']}/1")
        starts = scene.witness.count("start")
        check(starts == {f"{index}/1": 1 for index in range(30)}, f"the programs themselves say {starts}")
        check_promised(history, submitter)
        print(f"  6 kills; {len(jobs)} assignments and {len(submitter.promised)} submitted jobs, each once")


def killed_worker(deadline: Deadline) -> None:
    """kill -9 of a worker: its program does not survive the next worker of its name, and its work goes on elsewhere."""
    with Scene("worker", deadline) as scene:
        study = scene.study("moved", count=1)
        first = scene.worker("first", ["--study", "moved"], holds=True)
        held = scene.witness.heard("holding", "0/1")
        other = scene.worker("other", ["--study", "moved"], holds=True)
        scene.watch("fleet").until(
            "the other worker", lambda watch: [s["status"] for s in watch.of_kind("session")] == ["running"] * 2)
        first.kill(deadline)
        began = time.monotonic()
        scene.worker("first", ["--queue", "nothing"])
        scene.witness.until_dead(held, "the program of the worker that was killed")
        again = scene.witness.heard("holding", "0/2")
        print(f"  {time.monotonic() - began:.1f} s from the new start to attempt 2 elsewhere")
        scene.witness.release(again)
        watch = scene.watch(f"study:{study['id']}")
        watch.until("the end of the study", finished)
        check(other.wait(deadline) == 0, f"the other worker did not end well:\n{other.log()}")
        job = scene.assignments(study)[0]
        check((job["index"], job["attempt"], job["holderName"]) == (0, 2, "other"), f"it ended as {job}")
        scene.check_results(study)
        history = scene.history()
        check(history.attempts_of(job["id"]) == ["lost", "completed"], f"{history.attempts_of(job['id'])}")
        history.check_lines(job["id"], "0/2")


def killed_everything(deadline: Deadline) -> None:
    """Server and workers at one blow, as in a power cut: what was reported stays, what ran is tried again."""
    with Scene("everything", deadline) as scene:
        study = scene.study("cut", count=12, seconds=0.4)
        names = ["w1", "w2", "w3"]
        workers = [scene.worker(name, ["--study", "cut"]) for name in names]
        watch = scene.watch(f"study:{study['id']}")
        for count in (2, 6):
            watch.until(f"{count} completed", completed(count))
            for program in (scene.server, *workers):
                program.signal(signal.SIGKILL)
            for program in (scene.server, *workers):
                program.wait(deadline)
            scene.start_server()
            workers = [scene.worker(name, ["--study", "cut"]) for name in names]
        watch.until("the end of the study", finished)
        for worker in workers:
            check(worker.wait(deadline) == 0, f"{worker.name} did not end well:\n{worker.log()}")
        scene.check_results(study)
        jobs = scene.assignments(study)
        history = scene.history()
        for job in jobs:
            attempts = history.attempts_of(job["id"])
            check(set(attempts[:-1]) <= {"lost"} and attempts[-1] == "completed", f"{job['index']}: {attempts}")
            history.check_lines(job["id"], f"{job['index']}/{job['attempt']}")
        tries = sum(len(history.attempts_of(job["id"])) for job in jobs)
        print(f"  2 cuts; {len(jobs)} assignments completed in {tries} attempts")


def frozen_worker(deadline: Deadline) -> None:
    """SIGSTOP past the lease of a queue's job: it goes on elsewhere, and who wakes stops at once and spoils nothing."""
    with Scene("frozen", deadline) as scene:
        frozen = scene.worker("frozen", ["--queue", "cold"], holds=True)
        job = scene.api.post("/jobs", {"queue": "cold", "payload": {"seconds": 0}})["jobs"][0]["id"]
        held = scene.witness.heard("holding", "job/1")
        other = scene.worker("other", ["--queue", "cold"], holds=True)
        frozen.signal(signal.SIGSTOP)
        print("  one worker is frozen; its lease ends after a minute")
        again = scene.witness.heard("holding", "job/2")
        frozen.signal(signal.SIGCONT)
        scene.witness.until_dead(held, "the program of the worker that woke")
        scene.witness.release(again)
        scene.watch(f"job:{job}").until(
            "the end of the job", lambda watch: any(each["status"] == "completed" for each in watch.of_kind("job")))
        scene.watch("fleet").until(
            "the frozen worker to be heard again", lambda watch: any(
                session["workerName"] == "frozen" and session["status"] == "running"
                for session in watch.of_kind("session")))
        for worker in (frozen, other):
            check(worker.stop(deadline) == 0, f"{worker.name} did not end well:\n{worker.log()}")
        history = scene.history()
        check(history.attempts_of(job) == ["lost", "completed"], f"{history.attempts_of(job)}")
        history.check_lines(job, "job/2")
        check(scene.witness.count("end") == {"job/2": 1}, f"ended: {scene.witness.count('end')}")


def hung_up(deadline: Deadline) -> None:
    """Workers that hang up in the middle of what they ask: nothing is handed to them, and the server stays up."""
    with Scene("hangup", deadline) as scene:
        session = scene.api.post("/sessions", {
            "machine": {"id": "m1", "hostname": "h", "addresses": [], "os": "linux", "arch": "x86_64"},
            "workerName": "leaver", "pid": 1, "version": "1", "processKey": "k1", "queues": ["q"], "slots": 1,
        })
        body = b'{"count": 1, "held": [], "waitMilliseconds": 30000}'
        head = (
            f"POST /api/v1/sessions/{session['session']}/claims HTTP/1.1\r\nHost: localhost\r\n"
            f"Authorization: Bearer {session['token']}\r\nContent-Length: {len(body)}\r\n\r\n").encode()
        whole = head + body
        waiting = scene.watch_gauge("muster_waiting_claims")
        for resets in (False, True):
            for cut in (len(whole), len(whole) - 7, len(head), len(head) - 9):
                caller = socket.create_connection(("127.0.0.1", scene.port), timeout=deadline.left())
                caller.sendall(whole[:cut])
                if cut == len(whole):
                    waiting(1)
                if resets:
                    # Closing with nothing to linger for sends a reset instead of an end.
                    caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                caller.close()
                waiting(0)
        job = scene.api.post("/jobs", {"queue": "q", "payload": {}})["jobs"][0]["id"]
        status = scene.api.get(f"/jobs/{job}")["job"]["status"]
        check(status == "pending", f"a job was handed to a worker that had hung up: it is {status}")
        scene.history()


def lost_sweeper(deadline: Deadline) -> None:
    """The server that looks after leases is killed, and the next one is frozen: each time another takes over."""
    with SharedScene("sweeper", deadline) as scene:
        killed = scene.sweeper()
        scene.nodes[killed].kill(deadline)
        after_kill = scene.until_other_sweeps(killed)
        scene.nodes[killed] = scene.start_node(scene.ports[killed])
        frozen = scene.sweeper()
        check(frozen != killed, "a server that has just come took what another had")
        scene.nodes[frozen].signal(signal.SIGSTOP)
        after_freeze = scene.until_other_sweeps(frozen)
        scene.nodes[frozen].signal(signal.SIGCONT)
        # Once it is heard of again it has had its turn, and nobody may have lost the duty to it.
        scene.until_heard(frozen)
        check(scene.sweeper() != frozen, "a server that woke took back what another had by then")
        scene.history()
        print(f"  another after {after_kill:.1f} s of a kill -9, and after {after_freeze:.1f} s of a SIGSTOP")


def troubled_nodes(deadline: Deadline) -> None:
    """Three servers on one PostgreSQL, killed, frozen and cut off for two minutes: each assignment is done once."""
    seed = int(os.environ.get("MUSTER_SEED") or random.randrange(1_000_000))
    print(f"  seed {seed}", flush=True)
    with SharedScene("nodes", deadline) as scene:
        count = 80
        study = scene.study("troubled", count=count, seconds=4)
        watch = scene.watch(f"study:{study['id']}")
        workers = [scene.worker(f"w{number}", ["--study", "troubled"]) for number in (1, 2, 3)]
        submitter = Submitter(scene)
        submitter.start()
        trouble = Trouble(scene, seconds=120, seed=seed)
        trouble.start()
        watch.until("the end of the study", finished)
        done = trouble.finish()
        for worker in workers:
            check(worker.wait(deadline) == 0, f"{worker.name} did not end well:\n{worker.log()}")
        submitter.ends.set()
        submitter.join(deadline.left())
        scene.check_results(study)
        jobs = scene.assignments(study)
        check([job["index"] for job in jobs] == list(range(count)), "the indices are not whole")
        sweeping = scene.postgres.rows("SELECT holder FROM duty")
        check(len(sweeping) == 1, f"these look after leases: {sweeping}")
        history = scene.history()
        for job in jobs:
            check(history.attempts_of(job["id"]) == ["completed"], f"{job['index']} was tried again")
            history.check_lines(job["id"], f"{job['index']}/1")
        starts = scene.witness.count("start")
        check(starts == {f"{index}/1": 1 for index in range(count)}, f"the programs themselves say {starts}")
        check_promised(history, submitter)
        print(f"  {done}; {len(jobs)} assignments and {len(submitter.promised)} submitted jobs, each once")


cases = {
    "hangup": hung_up, "server": killed_server, "worker": killed_worker, "everything": killed_everything,
    "frozen": frozen_worker, "sweeper": lost_sweeper, "nodes": troubled_nodes,
}


def main() -> int:
    names = sys.argv[1:] or list(cases)
    unknown = [name for name in names if name not in cases]
    if unknown:
        print(f"there is no case {unknown[0]}; there are: {' '.join(cases)}", file=sys.stderr)
        return 2
    failed = False
    for name in names:
        case = cases[name]
        print(f"{name}: {case.__doc__}", flush=True)
        began = time.monotonic()
        try:
            case(Deadline(seconds=900))
            print(f"  passed in {time.monotonic() - began:.0f} s", flush=True)
        except (TestFailure, Problem, OSError, http.client.HTTPException) as failure:
            print(f"  FAILED: {failure}", file=sys.stderr, flush=True)
            failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
