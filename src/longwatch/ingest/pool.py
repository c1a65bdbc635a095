"""Reading many files at once, in order, with bounded memory.

Owns the worker processes and what happens when one dies. Must not know what reading means.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import islice
from multiprocessing.connection import wait
from multiprocessing.context import BaseContext
from multiprocessing.forkserver import ensure_running
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Self

from longwatch.contracts.kind import FileKind
from longwatch.errors import BadFile
from longwatch.ingest.reader import FileReader
from longwatch.ingest.record import Failure, FileStat, Outcome

_CHUNK_FILES = 16
"""Files handed to a worker at once: enough to make handing over cheap."""

_CHUNK_BYTES = 32 * 2**20
"""Bytes handed to a worker at once, so that a few big files do not fill the memory [byte]."""

_AHEAD = 4
"""Chunks a worker may have waiting: work enough for the time the writer takes to commit a batch."""

_SMALL = 16
"""So few files are read in this process: starting workers would take longer."""


def prepare(kinds: Iterable[FileKind], *, n_files: int, workers: int) -> None:
    """Begin to load what workers of a `ReaderPool` will need, where there is work for them, and come back at once."""
    if _is_work(n_files, workers):
        _context(kinds)
        with _bare_main():
            ensure_running()


class ReaderPool:
    """Worker processes that read files; used as a context.

    Parameters
    ----------
    reader
        What is done with each file.
    workers
        How many processes.
    """

    def __init__(self, reader: FileReader, *, workers: int) -> None:
        self._reader = reader
        self._workers = workers
        self._executor: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        """Begin; processes start with the first files."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        """End every process; what they still had to read is dropped."""
        self._stop()

    def read(self, tasks: Sequence[tuple[str, FileStat]]) -> Iterator[Outcome]:
        """Read files and give their outcomes in the same order."""
        if not _is_work(len(tasks), self._workers):
            yield from (self._reader.read(path, state) for path, state in tasks)
            return
        waiting: deque[tuple[list[tuple[str, FileStat]], Future[list[Outcome]]]] = deque()
        chunks = _chunks(tasks)
        for chunk in islice(chunks, self._workers * _AHEAD):
            waiting.append((chunk, self._submit(chunk)))
        while waiting:
            chunk, future = waiting.popleft()
            try:
                outcomes = future.result()
            except BrokenProcessPool:
                self._stop()
                outcomes = self._one_by_one(chunk)
                waiting = deque((lost, self._submit(lost)) for lost, _ in waiting)
            waiting.extend((more, self._submit(more)) for more in islice(chunks, 1))
            yield from outcomes

    def _submit(self, chunk: list[tuple[str, FileStat]]) -> Future[list[Outcome]]:
        """Hand a chunk to the workers; to new ones where one has died, whose chunk is told by its own future."""
        if self._executor is None:
            self._executor = _executor(self._workers, self._reader)
        try:
            with _bare_main():
                return self._executor.submit(_read_all, self._reader, chunk)
        except BrokenProcessPool:
            self._stop()
            return self._submit(chunk)

    def _one_by_one(self, chunk: list[tuple[str, FileStat]]) -> list[Outcome]:
        """Read files in a process of their own, so that a death is known to be one file's fault."""
        outcomes: list[Outcome] = []
        while len(outcomes) < len(chunk):
            with _executor(1, self._reader) as executor:
                outcomes += self._until_death(executor, chunk[len(outcomes) :])
        return outcomes

    def _until_death(self, executor: ProcessPoolExecutor, chunk: list[tuple[str, FileStat]]) -> Iterator[Outcome]:
        for path, state in chunk:
            try:
                with _bare_main():
                    future = executor.submit(_read_all, self._reader, [(path, state)])
                yield future.result()[0]
            except BrokenProcessPool:
                reason = (
                    f"{Path(path).name}: the process that read it died, out of memory or by a fault in a library. "
                    "Look at the file with another tool; retry it on a machine with more memory."
                )
                failure = Failure(slug=BadFile.slug, reason=reason, traceback="")
                yield Outcome(path=path, state=state, failure=failure)
                return

    def _stop(self) -> None:
        if self._executor is not None:
            self._executor.shutdown(wait=True, cancel_futures=True)
            self._executor = None


def _executor(workers: int, reader: FileReader) -> ProcessPoolExecutor:
    """Make workers that begin with all modules that read files, loaded once for all of them."""
    return ProcessPoolExecutor(workers, mp_context=_context(kind for _, kind in reader.kinds), initializer=_begin_work)


def _context(kinds: Iterable[FileKind]) -> BaseContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["longwatch.ingest.reader", *sorted({kind.read.__module__ for kind in kinds})])
    return context


def _is_work(n_files: int, workers: int) -> bool:
    """Tell whether files are so many that workers read them."""
    return workers > 1 and n_files > _SMALL


@contextmanager
def _bare_main() -> Iterator[None]:
    """Start workers without the user's script and out of reach of Ctrl-C.

    They would import `__main__` again when they start, and an interrupt before they can ignore it would print traces.
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        sys.modules["__main__"] = main


def _begin_work() -> None:
    """Leave interrupts to the writer, and end with it: a killed writer cannot stop its workers any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    writer = multiprocessing.parent_process()
    if writer is not None:
        threading.Thread(target=_end_with, args=(writer.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


def _read_all(reader: FileReader, chunk: list[tuple[str, FileStat]]) -> list[Outcome]:
    return [reader.read(path, state) for path, state in chunk]


def _chunks(tasks: Iterable[tuple[str, FileStat]]) -> Iterator[list[tuple[str, FileStat]]]:
    chunk: list[tuple[str, FileStat]] = []
    size = 0
    for path, state in tasks:
        chunk.append((path, state))
        size += state[0]
        if len(chunk) == _CHUNK_FILES or size > _CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk
