"""A meter: how far, how fast, how long still; on a terminal only.

Owns the bar. Must not know what is counted.
"""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich.progress import Progress


class Meter:
    """A progress bar on standard error, used as a context; silent where that is no terminal.

    Parameters
    ----------
    what
        What is counted, in the plural.
    """

    def __init__(self, what: str) -> None:
        self.what = what
        self.done = 0
        self.total = 0
        self._begun = time.monotonic(), 0
        self._bar: Progress | None = None

    def __enter__(self) -> Self:
        """Show the bar."""
        if sys.stderr.isatty():
            self._bar = _bar(self.what)
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        """Remove the bar."""
        self.close()

    def show(self, done: int, total: int) -> None:
        """Show how many are done, and of how many."""
        if not self.done:
            self._begun = time.monotonic(), done
        self.done, self.total = done, total
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], completed=done, total=total, rate=self._rate())

    def _rate(self) -> str:
        since, before = self._begun
        seconds = time.monotonic() - since
        return f"{(self.done - before) / seconds:,.0f} {self.what}/s" if seconds > 0.1 else self.what

    def close(self) -> None:
        """Remove the bar, so that a message can be written."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


def _bar(what: str) -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    bar = Progress(
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(elapsed_when_finished=True),
        console=Console(stderr=True),
        transient=True,
    )
    bar.add_task(what, total=None, rate=what)
    return bar
