"""The module that the worker puts on the path of GOLIAT's Python, with a `requests` of our own and the real one."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import textwrap
import unittest
from pathlib import Path
from typing import Dict, Optional

root = Path(__file__).resolve().parent.parent.parent.parent
module = root / "Sources" / "Connectors" / "Python"

#: In the shape of the real one: a package whose function goes through a session of another module.
FAKE = {
    "requests/__init__.py": "from .api import get, post\nfrom .sessions import Session\n",
    "requests/api.py": (
        "from . import sessions\n"
        "def request(method, url, **named):\n    return sessions.Session().request(method=method, url=url, **named)\n"
        "def get(url, **named): return request('get', url, **named)\n"
        "def post(url, **named): return request('post', url, **named)\n"
    ),
    "requests/sessions.py": (
        "class Session:\n    def request(self, method, url, timeout=None):\n"
        "        '''Sends.'''\n        print(method, url, timeout)\n"
    ),
}


class SitecustomizeTests(unittest.TestCase):
    def run_program(
        self, text: str, files: Optional[Dict[str, str]] = None, url: Optional[str] = "http://here:1/s/secret"
    ) -> str:
        with tempfile.TemporaryDirectory() as folder:
            for name, content in {**FAKE, **(files or {})}.items():
                path = Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(content)
            environment = {key: value for key, value in os.environ.items() if not key.startswith("MUSTER_")}
            environment["PYTHONPATH"] = os.pathsep.join([str(module), folder])
            environment["PYTHONDONTWRITEBYTECODE"] = "1"
            if url is not None:
                environment["MUSTER_URL"] = url
            done = subprocess.run(
                [sys.executable, "-c", textwrap.dedent(text)], env=environment, capture_output=True, text=True,
                timeout=60, check=False,
            )
            self.assertEqual(done.stderr, "")
            return done.stdout

    def test_the_built_in_addresses_are_bound_and_no_other(self) -> None:
        said = self.run_program("""
            import requests
            requests.post("https://monitor.goliat.waves-ugent.be/api/gui-update", timeout=3.0)
            requests.get("https://goliat.waves-ugent.be/api/super-studies?name=a+b%2F", timeout=10)
            requests.Session().request("GET", "http://MONITOR.goliat.waves-ugent.be:443/api/heartbeat")
            requests.get("https://api.ipify.org")
            requests.get("https://evil.example/?https://monitor.goliat.waves-ugent.be/")
            requests.get("https://monitor.goliat.waves-ugent.be.evil.example/api")
            requests.get(None)
        """)
        self.assertEqual(said.splitlines(), [
            "post http://here:1/s/secret/api/gui-update 3.0",
            "get http://here:1/s/secret/api/super-studies?name=a+b%2F 10",
            "GET http://here:1/s/secret/api/heartbeat None",
            "get https://api.ipify.org None",
            "get https://evil.example/?https://monitor.goliat.waves-ugent.be/ None",
            "get https://monitor.goliat.waves-ugent.be.evil.example/api None",
            "get None None",
        ])

    def test_children_are_bound_too(self) -> None:
        said = self.run_program("""
            import multiprocessing, subprocess, sys
            import requests
            subprocess.run([sys.executable, "-c",
                "import requests; requests.get('https://monitor.goliat.waves-ugent.be/api/a')"], check=True)
        """)
        self.assertEqual(said, "get http://here:1/s/secret/api/a None\n")

    def test_outside_a_worker_nothing_is_changed(self) -> None:
        said = self.run_program(
            "import requests; requests.get('https://monitor.goliat.waves-ugent.be/api/a')", url=None)
        self.assertEqual(said, "get https://monitor.goliat.waves-ugent.be/api/a None\n")

    def test_a_program_without_requests_pays_nothing(self) -> None:
        question = "import sys; print('requests' in sys.modules, 'urllib.parse' in sys.modules)"
        # An installation may bring modules of its own accord; ours brings no more.
        alone = subprocess.run([sys.executable, "-c", question], stdout=subprocess.PIPE, check=True, text=True)
        self.assertEqual(self.run_program(question), alone.stdout)

    def test_another_sitecustomize_runs_as_if_this_one_were_not_there(self) -> None:
        other = "import os, sys\nprint('other', __name__, os.path.basename(__file__))\nvalue = 5\n"
        said = self.run_program("""
            import sitecustomize, requests
            print(sitecustomize.value)
            requests.get("https://monitor.goliat.waves-ugent.be/api/a")
        """, {"sitecustomize.py": other})
        self.assertEqual(said, "other sitecustomize sitecustomize.py\n5\nget http://here:1/s/secret/api/a None\n")

    def test_the_real_requests_is_bound(self) -> None:
        said = subprocess.run(
            [sys.executable, "-c", textwrap.dedent("""
                import requests, requests.adapters
                def send(self, request, **named):
                    print(request.method, request.url, named["timeout"])
                    raise requests.ConnectionError()
                requests.adapters.HTTPAdapter.send = send
                base, old = "https://monitor.goliat.waves-ugent.be", "https://goliat.waves-ugent.be"
                for call in (lambda: requests.post(base + "/api/x", json={}, timeout=3),
                             lambda: requests.Session().get(old + "/api/y", params={"a": "b c"})):
                    try: call()
                    except requests.ConnectionError: pass
            """)],
            env={**os.environ, "PYTHONPATH": str(module), "MUSTER_URL": "http://127.0.0.1:9/s/t"},
            capture_output=True, text=True, timeout=60, check=False,
        )
        self.assertEqual(said.stderr, "")
        self.assertEqual(
            said.stdout, "POST http://127.0.0.1:9/s/t/api/x 3\nGET http://127.0.0.1:9/s/t/api/y?a=b+c None\n")


if __name__ == "__main__":
    unittest.main()
