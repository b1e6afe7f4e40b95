"""Tell Muster what a program does: progress, log, results; and hear when it is to end.

    import muster

    for step in muster.progress(steps, "solve"):
        ...
    muster.reporter().artifact("field.png")
    logging.getLogger().addHandler(muster.Handler())
"""

from __future__ import annotations

import threading
from typing import Iterable, Optional, TypeVar, overload

from ._errors import Cancelled, ReporterError
from ._logging import Handler
from ._progress import Bar
from ._reporter import Reporter

__all__ = ["Bar", "Cancelled", "Handler", "Reporter", "ReporterError", "progress", "reporter", "__version__"]
__version__ = "0.1.0"

Item = TypeVar("Item")

_shared: Optional[Reporter] = None
_lock = threading.Lock()


def reporter() -> Reporter:
    """The reporter of the whole program, made from its environment when it is first asked for."""
    global _shared
    with _lock:
        if _shared is None:
            _shared = Reporter()
        return _shared


@overload
def progress(
    items: Iterable[Item], description: Optional[str] = ..., total: Optional[int] = ..., *,
    reporter: Optional[Reporter] = ...,
) -> "Bar[Item]": ...


@overload
def progress(
    items: None = ..., description: Optional[str] = ..., total: Optional[int] = ..., *,
    reporter: Optional[Reporter] = ...,
) -> "Bar[None]": ...


def progress(
    items: Optional[Iterable[Item]] = None,
    description: Optional[str] = None,
    total: Optional[int] = None,
    *,
    reporter: Optional[Reporter] = None,
) -> "Bar[Item] | Bar[None]":
    """Goes through items and tells how far it is; without items, steps are counted with `update`. See `Bar`.

    reporter: else the one of the whole program.
    """
    to = globals()["reporter"]() if reporter is None else reporter
    return Bar(to, items, description, total)
