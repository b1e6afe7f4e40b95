"""The end of the program, its uncaught exceptions and its forks, as reporters have to know of them."""

from __future__ import annotations

import atexit
import os
import sys
from types import TracebackType
from typing import TYPE_CHECKING, Any, List, Optional, Type

from ._sink import complain

if TYPE_CHECKING:
    from ._reporter import Reporter

#: Those that have something to tell at the end.
_living: "List[Reporter]" = []
_previous_excepthook: Any = None


def keep(reporter: "Reporter") -> None:
    """Sees to a reporter from now on. A program that makes none is left as it is."""
    global _previous_excepthook
    if _previous_excepthook is None:
        _previous_excepthook = sys.excepthook
        sys.excepthook = _excepthook
        atexit.register(_close_all)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=_after_fork)
    _living.append(reporter)


def drop(reporter: "Reporter") -> None:
    """It was closed."""
    if reporter in _living:
        _living.remove(reporter)


def _close_all() -> None:
    for reporter in list(_living):
        try:
            reporter.close()
        except Exception as error:
            complain(f"could not tell everything: {error}")


def _after_fork() -> None:
    for reporter in _living:
        reporter._after_fork()


def _excepthook(kind: Type[BaseException], error: BaseException, trace: Optional[TracebackType]) -> None:
    for reporter in list(_living):
        reporter.note(error)
    _previous_excepthook(kind, error, trace)
