"""The reporter: what a program says of itself, from any thread, told in order and not too often."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Callable, Iterable, Iterator, List, Mapping, Optional, Type, TypeVar, Union

from ._agent import AgentSink
from ._errors import Cancelled
from ._living import drop, keep
from ._outbox import LEVELS, Artifact, Message, Outbox, Progress, share
from ._progress import Bar, Bars
from ._sink import Outcome, SilentAfterFork, SilentSink, Sink, complain

Item = TypeVar("Item")
OnCancel = Callable[[str], None]

#: How long the end of a program is held up by what is not told yet.
CLOSE_SECONDS = 5.0


class Reporter:
    """Tells how far a program is, what it logs and what it made.

        with muster.Reporter() as reporter:
            for step in reporter.track(steps, "solve"):
                ...

    Started by `muster work`, it tells the worker. Anywhere else, with a `server`, it registers as a worker of its own.
    Without either it says nothing to anybody, and the program runs as it would.

    Calls return at once, from any thread, and never raise for want of a server. Of each kind at most five messages a
    second leave; of progress the newest state is always told in the end. At the end of the program, also by SIGTERM or
    an exception, what waits is told first, within a few seconds.

    **Cancel.** When the program is asked to end, `on_cancel` is called with the reason, on a thread of the reporter's
    or in a signal handler; without it `Cancelled` is raised in the main thread. `cancelled` says so ever after.

    **Fork.** Under a worker a child of `os.fork` or `multiprocessing` may go on reporting. A program that is a worker
    of its own has one process that reports: in its children a reporter is silent, and says so once.
    """

    def __init__(
        self,
        *,
        server: Optional[str] = None,
        name: Optional[str] = None,
        label: Optional[str] = None,
        token: Optional[str] = None,
        spool: Union[None, str, "os.PathLike[str]"] = None,
        on_cancel: Optional[OnCancel] = None,
        on_connection: Optional[Callable[[bool], None]] = None,
        environment: Optional[Mapping[str, str]] = None,
        handle_signals: bool = True,
        sink: Optional[Sink] = None,
        clock: Callable[[], float] = time.monotonic,
    ):
        """
        server: address of a server to register with, such as http://127.0.0.1:7117. Without it the environment
            decides: a worker's program tells its worker, any other is silent.
        name: the worker's name then; else the name of the program and of the host. A second one gets `-2`.
        label: what people see of the run; else the command line.
        token: for the server, where it asks for one; else MUSTER_TOKEN. To show progress it takes the role operator.
        spool: folder for what is not told yet; else the user's folder for state.
        handle_signals: SIGTERM is a cancel. Only in the main thread, and only where nobody else handles it.
        """
        environment = os.environ if environment is None else environment
        self._clock = clock
        self._on_cancel = on_cancel
        self._main = threading.main_thread()
        self._pid = os.getpid()
        self._changed = threading.Condition(threading.RLock())
        self._outbox = Outbox()
        self._thread: Optional[threading.Thread] = None
        self._is_busy = False
        self._is_closed = False
        self._wants_everything = 0
        self._reason: Optional[str] = None
        self._is_pending_cancel = False
        self._bars = Bars()
        self._outcome = Outcome()
        self._previous_handler: Any = None
        if sink is not None:
            self._sink: Sink = sink
        elif server is None and environment.get("MUSTER_JOB") and environment.get("MUSTER_URL"):
            self._sink = AgentSink(environment)
        elif server is not None:
            from ._session import open_session

            token = token or environment.get("MUSTER_TOKEN")
            self._sink = open_session(server, name, label, token, spool, self.cancel, on_connection)
        else:
            self._sink = SilentSink()
        if not isinstance(self._sink, SilentSink):
            keep(self)
            if handle_signals:
                self._handle_signals()

    # What it tells

    def progress(
        self,
        fraction: Optional[float] = None,
        *,
        stage: Optional[str] = None,
        stage_fraction: Optional[float] = None,
        eta: Optional[float] = None,
        message: Optional[str] = None,
    ) -> None:
        """How far the program is. Shares are held between 0 and 1; what is None stays as it was.

        eta: the program's own estimate of what is left, in seconds.
        """
        seconds = None if eta is None or not 0 <= eta <= 1e10 else float(eta)
        said = Progress(share(fraction), stage, share(stage_fraction), seconds, message)
        if said != Progress():
            with self._changed:
                self._outbox.progress(said)
                self._wake()

    def log(self, level: str, text: str, at: Optional[float] = None) -> None:
        """A line of the log; a text of several lines is several. level: debug, info, notice, warning or error."""
        if level not in LEVELS:
            raise ValueError(f"{level!r} is no level; there are {', '.join(LEVELS)}")
        with self._changed:
            self._outbox.line(level, text, time.time() if at is None else at)
            self._wake()

    def artifact(self, source: Union[str, "os.PathLike[str]", bytes], name: Optional[str] = None) -> None:
        """Stores a file, or bytes under a name, among the results of this attempt.

        The file is copied before this returns, so it may be changed or removed afterwards. Raises OSError where it
        can't be read or copied, ValueError for a name that is none.
        """
        if isinstance(source, bytes):
            artifact = self._sink.store(None, source, name)
        else:
            artifact = self._sink.store(Path(source), None, name)
        self._add(artifact)

    def track(
        self, items: Iterable[Item], description: Optional[str] = None, total: Optional[int] = None
    ) -> Iterator[Item]:
        """The items, one after the other, with the progress through them; see `muster.progress`."""
        return iter(Bar(self, items, description, total))

    # Cancel

    @property
    def cancelled(self) -> bool:
        """Whether the program was asked to end."""
        return self._reason is not None

    def check(self) -> None:
        """Raises Cancelled where the program was asked to end: for threads other than the main one."""
        if self._reason is not None:
            raise Cancelled(self._reason)

    def cancel(self, reason: str) -> None:
        """Asks the program to end, as the server does. Only the first time counts."""
        with self._changed:
            if self._reason is not None or self._is_closed:
                return
            self._reason = reason
        if self._on_cancel is not None:
            self._on_cancel(reason)
        elif threading.current_thread() is self._main:
            raise Cancelled(reason)
        else:
            self._interrupt_main()

    def _interrupt_main(self) -> None:
        """Another thread can't raise anything in the main one, but a signal can."""
        if self._previous_handler is None:
            complain(f"asked to end: {self._reason}; the program has to look itself (Reporter.cancelled)")
            return
        self._is_pending_cancel = True
        if hasattr(signal, "pthread_kill") and self._main.ident is not None:
            signal.pthread_kill(self._main.ident, signal.SIGTERM)
        else:
            signal.raise_signal(signal.SIGTERM)

    def _handle_signals(self) -> None:
        if threading.current_thread() is not self._main:
            return
        current = signal.getsignal(signal.SIGTERM)
        if current is None or current is signal.SIG_IGN:
            return
        self._previous_handler = current
        signal.signal(signal.SIGTERM, self._on_signal)

    def _on_signal(self, number: int, frame: Optional[FrameType]) -> None:
        if os.getpid() != self._pid:
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
            return
        if self._is_pending_cancel:
            self._is_pending_cancel = False
            raise Cancelled(self._reason or "cancelled")
        is_first = self._reason is None
        if self._reason is None:
            self._reason = "asked to end"
        if is_first and self._on_cancel is not None:
            self._on_cancel(self._reason)
        if callable(self._previous_handler):
            # The program handles the signal itself.
            self._previous_handler(number, frame)
        elif is_first and self._on_cancel is None:
            raise Cancelled(self._reason)

    # The end

    def flush(self, timeout: float = CLOSE_SECONDS) -> bool:
        """Waits until all that was said is told. False where the time was too short."""
        deadline = self._clock() + timeout
        return self._empty(deadline) and self._sink.drain(deadline)

    def fail(self, reason: str, exit_code: Optional[int] = None) -> None:
        """The program did not do what it should: said at its end. A worker goes by the exit code instead."""
        self._outcome = Outcome("failed", reason, exit_code)

    def close(self, timeout: float = CLOSE_SECONDS) -> None:
        """Tells what waits and how it ended. Nothing more is told after this; called again it does nothing."""
        with self._changed:
            if self._is_closed:
                return
        if os.getpid() != self._pid and not self._sink.survives_fork:
            self._is_closed = True
            return
        deadline = self._clock() + timeout
        if isinstance(self._sink, AgentSink):
            self._sink.limit(deadline)
        self._empty(deadline)
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
        if self._reason is not None and self._outcome.kind == "completed":
            self._outcome = Outcome("cancelled", self._reason)
        self._sink.close(self._outcome, deadline)
        drop(self)
        if self._previous_handler is not None and threading.current_thread() is self._main:
            if signal.getsignal(signal.SIGTERM) == self._on_signal:
                signal.signal(signal.SIGTERM, self._previous_handler)

    def __enter__(self) -> "Reporter":
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        if error is not None:
            self.note(error)
        self.close()

    def note(self, error: BaseException) -> None:
        """The program ends by this exception: told with its traceback, as the reason of its failure."""
        import traceback

        if isinstance(error, Cancelled):
            return
        if isinstance(error, SystemExit):
            code = error.code if isinstance(error.code, int) else (0 if error.code is None else 1)
            if code != 0:
                self.fail(f"exit code {code}", code)
            return
        if isinstance(error, KeyboardInterrupt):
            self.fail("interrupted by a person", 130)
            return
        self.fail(f"{type(error).__name__}: {error}", 1)
        # A worker reads the traceback from standard error.
        if not isinstance(self._sink, AgentSink):
            self.log("error", "".join(traceback.format_exception(type(error), error, error.__traceback__)).rstrip())

    # The thread

    def _add(self, artifact: Artifact) -> None:
        with self._changed:
            self._outbox.artifact(artifact)
            self._wake()

    def _wake(self) -> None:
        """Called with the lock."""
        if self._is_closed:
            return
        if self._thread is None or not self._thread.is_alive():
            thread = threading.Thread(target=self._run, name="muster-reporter", daemon=True)
            try:
                thread.start()
                self._thread = thread
            except RuntimeError:
                # The interpreter is on its way out: what waits is given away when the reporter is closed.
                return
        self._changed.notify_all()

    def _empty(self, deadline: float) -> bool:
        """Has the thread give all it has to the sink, and waits for that. True if it did."""
        with self._changed:
            if self._outbox.is_empty and not self._is_busy:
                return True
            self._wants_everything += 1
            self._wake()
            try:
                while not self._outbox.is_empty or self._is_busy:
                    left = deadline - self._clock()
                    if left <= 0:
                        return False
                    if self._thread is None or not self._thread.is_alive():
                        self._deliver(self._outbox.take(self._clock(), everything=True))
                        return True
                    self._changed.wait(left)
                return True
            finally:
                self._wants_everything -= 1

    def _deliver(self, messages: List[Message]) -> None:
        try:
            self._sink.deliver(messages)
        except Exception as error:  # A program must not fail for what watches it.
            complain(f"{len(messages)} messages are lost: {error}")

    def _run(self) -> None:
        while True:
            with self._changed:
                while True:
                    now = self._clock()
                    messages = self._outbox.take(now, everything=self._wants_everything > 0)
                    if messages:
                        break
                    if self._is_closed:
                        return
                    due = self._outbox.due(now)
                    self._changed.wait(None if due is None else max(0.0, due - now))
                self._is_busy = True
            self._deliver(messages)
            with self._changed:
                self._is_busy = False
                self._changed.notify_all()

    def _after_fork(self) -> None:
        """In the child: locks of its own, no thread yet, and nothing of what the parent is about to tell."""
        self._changed = threading.Condition(threading.RLock())
        self._outbox = Outbox()
        self._thread = None
        self._is_busy = False
        self._wants_everything = 0
        self._main = threading.main_thread()
        if isinstance(self._sink, AgentSink):
            self._sink.after_fork()
            self._pid = os.getpid()
        elif not self._sink.survives_fork:
            self._sink = SilentAfterFork()
