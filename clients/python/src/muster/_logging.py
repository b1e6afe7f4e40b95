"""Python's own logging, told by a reporter."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Optional

if TYPE_CHECKING:
    from ._reporter import Reporter

#: Between info and warning, where some programs have a level of their own.
NOTICE = 25


def level_name(level: int) -> str:
    """Which of the five levels a number of `logging` is."""
    if level >= logging.ERROR:
        return "error"
    if level >= logging.WARNING:
        return "warning"
    if level >= NOTICE:
        return "notice"
    if level >= logging.INFO:
        return "info"
    return "debug"


class Handler(logging.Handler):
    """Sends records to a reporter.

        logging.getLogger().addHandler(muster.Handler())
    """

    def __init__(self, reporter: "Optional[Reporter]" = None, level: int = logging.NOTSET):
        """reporter: else the one of the whole program."""
        super().__init__(level)
        self._reporter = reporter

    def emit(self, record: logging.LogRecord) -> None:
        from . import reporter as shared

        try:
            to = shared() if self._reporter is None else self._reporter
            to.log(level_name(record.levelno), self.format(record), record.created)
        except Exception:
            self.handleError(record)

    def flush(self) -> None:
        """Nothing is kept here, and the reporter tells what waits at the end of the program by itself."""
