"""Progress through something that is iterated."""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import TYPE_CHECKING, Any, Callable, Generic, Iterable, Iterator, List, Optional, Type, TypeVar

if TYPE_CHECKING:
    from ._reporter import Reporter

Item = TypeVar("Item")

#: An estimate from less is no estimate.
ETA_AFTER_SECONDS = 1.0


class Bars(threading.local):
    """The bars that are open in a thread, the outermost first."""

    def __init__(self) -> None:
        self.stack: "List[Bar[Any]]" = []


class Bar(Generic[Item]):
    """Progress through items, or through a number of steps that are counted by `update`.

        for name in muster.progress(names, "meshes"):
            for cell in muster.progress(cells_of(name), name):
                ...

        with muster.progress(total=1_000, description="solve") as bar:
            bar.update(10)

    The outermost one of a reporter is the whole job: its share, and an estimate of what is left. One within it is the
    stage, by its description, and moves the whole along by its part of one step. Further in they are told in the
    message. Where the total is unknown the count is told in place of a share. Bars belong to the thread that opens
    them; one thread's should be the whole job.
    """

    def __init__(
        self,
        reporter: "Reporter",
        items: Optional[Iterable[Item]] = None,
        description: Optional[str] = None,
        total: Optional[int] = None,
        clock: Callable[[], float] = time.monotonic,
    ):
        self._reporter = reporter
        self._items = items
        self.description = description
        if total is None and items is not None:
            length = getattr(items, "__len__", None)
            total = length() if callable(length) else None
        self.total = total
        self.done = 0
        self._clock = clock
        self._began = clock()
        self._is_open = False

    def __len__(self) -> int:
        if self.total is None:
            raise TypeError("the total is not known")
        return self.total

    def __iter__(self) -> Iterator[Item]:
        if self._items is None:
            raise TypeError("there are no items to go through; count steps with update")
        with self:
            for item in self._items:
                yield item
                self.update()

    def __enter__(self) -> "Bar[Item]":
        if not self._is_open:
            self._is_open = True
            self._began = self._clock()
            self._stack.append(self)
            self._tell()
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.close()

    def update(self, count: int = 1) -> None:
        """So many more are done."""
        if not self._is_open:
            self.__enter__()
        self.done += count
        self._tell()

    def close(self) -> None:
        """It is over; what it encloses, too."""
        if self._is_open:
            self._is_open = False
            if self in self._stack:
                del self._stack[self._stack.index(self) :]

    @property
    def _stack(self) -> List[Any]:
        return self._reporter._bars.stack

    @property
    def share(self) -> Optional[float]:
        """How much is done, 0 to 1, with what the one within it has done; None where the total is unknown."""
        if self.total is None:
            return None
        if self.total <= 0:
            return 1.0
        done = float(self.done)
        place = self._stack.index(self) + 1 if self in self._stack else len(self._stack)
        inner = self._stack[place].share if place < len(self._stack) else None
        if inner is not None and self.done < self.total:
            done += inner
        return min(1.0, done / self.total)

    def _tell(self) -> None:
        stack = self._stack
        if not stack or self not in stack:
            return
        outer = stack[0]
        fraction = outer.share
        stage = stack[1] if len(stack) > 1 else outer
        described = stage.description is not None
        self._reporter.progress(
            fraction,
            stage=stage.description,
            stage_fraction=stage.share if described and stage is not outer else None,
            eta=outer._eta(fraction),
            message=self._message(stack),
        )

    def _message(self, stack: List[Any]) -> Optional[str]:
        """What no number tells: a count without a total, and what is further in."""
        said = [bar._counted() for bar in stack if bar.total is None]
        said += [bar._counted() for bar in stack[2:] if bar.total is not None]
        return " · ".join(said) or None

    def _counted(self) -> str:
        count = f"{self.done}" if self.total is None else f"{self.done}/{self.total}"
        return f"{self.description} {count}" if self.description else count

    def _eta(self, share: Optional[float]) -> Optional[float]:
        spent = self._clock() - self._began
        if not share or spent < ETA_AFTER_SECONDS:
            return None
        return spent * (1.0 - share) / share
