"""Real servers and workers for tests: started as anybody would, waited for by what they say, ended by their own ids.

Nothing here sleeps: a wait is a read of a pipe, of an event stream or of a socket, with one deadline for the whole
test, after which the test says what it was waiting for.
"""

from __future__ import annotations

from .api import API, Problem, Watch
from .deadline import Deadline, TestFailure
from .processes import Fleet, Program, Server, Worker, check

__all__ = [
    "API", "Deadline", "Fleet", "Problem", "Program", "Server", "TestFailure", "Watch", "Worker", "check",
]
