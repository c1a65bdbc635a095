"""The catalogue: commits, runs, reading and writing.

Owns the order of events: one writer at a time, numbered commits, readers pinned to one. Must not know what is stored.
"""

from __future__ import annotations

import getpass
import json
import os
import socket
import sys
import time
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version as installed_version

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError

from longwatch.catalog import tables as t
from longwatch.catalog.engine import hold_lock, is_lock, newest_number, open_engine, take_lock, unavailable
from longwatch.catalog.schema import create_schema, schema_state
from longwatch.catalog.snapshot import Aside, Change, Snapshot
from longwatch.domain.epoch import Scalar
from longwatch.domain.run import Run
from longwatch.domain.times import from_us, to_us
from longwatch.errors import BadQuery, Busy, NotFound, Refused

_RETRY_S = 0.02
"""Pause between two attempts to take the writer's lock [s]."""

_SAY_AFTER_S = 1.0
"""A writer that waits longer than this says so [s]."""


_NEWEST = select(t.commit_counter.c.n).where(t.commit_counter.c.id == 1)


def now_us() -> int:
    """Give the present instant [microseconds of TAI]."""
    return to_us(datetime.now(UTC))


def say_nothing(_message: str) -> None:
    """Swallow what a waiting writer says."""


class Catalog:
    """The SQL catalogue behind one URL.

    Parameters
    ----------
    url
        SQLAlchemy URL of an SQLite file, a PostgreSQL or a MariaDB database.
    writable
        False: only read, also from a folder one may not write to.
    lock_timeout_s
        How long a writer waits for another one [s].
    say
        Called with one sentence when a writer has to wait.
    """

    def __init__(
        self,
        url: str,
        *,
        writable: bool = True,
        lock_timeout_s: float = 600.0,
        say: Callable[[str], None] = say_nothing,
    ) -> None:
        self._url = url
        self._writable = writable
        self._lock_timeout_s = lock_timeout_s
        self.say = say
        self._engine = open_engine(url, writable=writable)
        weakref.finalize(self, self._engine.dispose)  # a catalogue nobody closed leaves no connection open

    @property
    def url(self) -> str:
        """The database's URL without its password."""
        return make_url(self._url).render_as_string(hide_password=True)

    @property
    def database(self) -> str:
        """The database's URL as it was given, password and all: for the programs that back it up."""
        return self._url

    @property
    def writable(self) -> bool:
        """Whether changes are allowed."""
        return self._writable

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    # --- schema ---

    def create(self) -> None:
        """Create the tables, or bring an older schema up to date; needs a writable catalogue."""
        self._must_write()
        with self._translated():
            create_schema(self._engine)

    def schema(self) -> tuple[str, str]:
        """Give the schema's revision in the database (empty: none) and the one this version writes."""
        with self._translated():
            return schema_state(self._engine)

    # --- reading ---

    @contextmanager
    def read(self, commit: int | None = None) -> Iterator[Snapshot]:
        """Open a snapshot.

        Parameters
        ----------
        commit
            The commit to speak for; None: the newest.

        Yields
        ------
        Snapshot
            Valid inside the `with` block.
        """
        with self._translated(), self._engine.connect() as connection:
            pinned = newest_commit(connection) if commit is None else commit
            yield Snapshot(connection, pinned)

    def head(self) -> int:
        """Give the number of the newest commit."""
        with self._translated():
            return newest_number(self._engine)

    def check_commit(self, commit: int) -> None:
        """Raise `NotFound` if a commit was not made yet, or its state was pruned."""
        with self.read() as snapshot:
            earliest = earliest_commit(snapshot.connection)
        if not earliest <= commit <= snapshot.commit:
            pruned = "; what was before is pruned" if 0 < commit < earliest else ""
            raise NotFound(
                f"No state of the archive at commit {commit}: it has {earliest} to {snapshot.commit}{pruned}."
            )

    def commit_at(self, instant_us: int) -> int:
        """Turn a moment into the newest commit made at or before it.

        Parameters
        ----------
        instant_us
            The moment [microseconds of TAI].

        Returns
        -------
        int
            A commit number.

        Raises
        ------
        NotFound
            Raised if the archive did not exist yet, or that state was pruned.
        """
        commits = t.commits
        with self.read() as snapshot:
            query = select(func.max(commits.c.n)).where(commits.c.t_us <= instant_us)
            number = snapshot.connection.execute(query).scalar()
            earliest = earliest_commit(snapshot.connection)
            if number is not None and number >= earliest:
                return int(number)
            kept = select(func.min(commits.c.t_us)).where(commits.c.n >= earliest)
            first = snapshot.connection.execute(kept).scalar()
        asked = from_us(instant_us).isot
        what = "the earliest that was not pruned" if earliest else "its first commit"
        begun = "it has no commit yet" if first is None else f"{what} is of {from_us(first).isot} UTC"
        raise NotFound(f"No state of the archive at {asked} UTC: {begun}. Ask for a later `as_of`, or leave it out.")

    # --- writing ---

    @contextmanager
    def change(self, run: Run) -> Iterator[Change]:
        """Open the one write transaction; it commits when the block ends without an error.

        Parameters
        ----------
        run
            The run it belongs to.

        Yields
        ------
        Change
            With the new commit's number.

        Raises
        ------
        Busy
            Raised if another writer did not finish in time.
        Refused
            Raised if the catalogue is open for reading only.
        """
        with self._writing(run) as change:
            yield change

    @contextmanager
    def aside(self, *, patient: bool = False) -> Iterator[Aside]:
        """Open a transaction for what is derived; it commits when the block ends without an error.

        Parameters
        ----------
        patient
            True: wait for another writer as `change` does; False: give up at once.

        Yields
        ------
        Aside
            Valid inside the `with` block.

        Raises
        ------
        Busy
            Raised if another writer is at work.
        Refused
            Raised if the catalogue is open for reading only.
        """
        self._must_write()
        patience_s = self._lock_timeout_s if patient else 0.0
        with self._translated(), self._engine.connect().execution_options(writer=True) as connection:
            yield Aside(connection, self._lock(connection, hold_lock, patience_s))
            connection.commit()

    @contextmanager
    def run(self, action: str, parameters: Mapping[str, Scalar] | None = None) -> Iterator[Run]:
        """Begin a run; it is marked done, interrupted or failed when the block ends.

        Parameters
        ----------
        action
            What is done: `ingest`, `retract`, `monitor` ...
        parameters
            What it was asked to do.

        Yields
        ------
        Run
            With the number the catalogue gave it.
        """
        run = self._begin(Run(action=action, parameters=dict(parameters or {})))
        state = "failed"
        try:
            yield run
            state = "done"
        except KeyboardInterrupt:
            state = "interrupted"
            raise
        finally:
            error = None if state == "done" else sys.exception()
            self._finish(run, state, reason="" if error is None else str(error))

    def _begin(self, run: Run) -> Run:
        with self._writing(run) as change:
            (number,) = change.new_ids(t.runs, 1)
            row: dict[str, object] = {
                "id": number,
                "action": run.action,
                "who": who(),
                "host": socket.gethostname(),
                "pid": os.getpid(),
                "state": "running",
                "code_version": installed_version("longwatch"),
                "started_us": now_us(),
                "parameters": json.dumps(dict(run.parameters)),
            }
            change.add_plain(t.runs, [row])
        return Run(action=run.action, parameters=run.parameters, id=number)

    def _finish(self, run: Run, state: str, *, reason: str = "") -> None:
        ended: dict[str, object] = {"state": state, "stopped_us": now_us()}
        if reason:
            ended["outcome"] = json.dumps({"reason": reason})
        with self._writing(run) as change:
            change.connection.execute(update(t.runs).where(t.runs.c.id == run.id).values(ended))

    @contextmanager
    def _writing(self, run: Run) -> Iterator[Change]:
        self._must_write()
        with self._translated(), self._engine.connect().execution_options(writer=True) as connection:
            number = self._lock(connection, take_lock, self._lock_timeout_s)
            yield Change(connection, number, run)
            # last, so that no moment before it became visible is turned into this commit
            commit: dict[str, object] = {"n": number, "t_us": now_us(), "run_id": run.id}
            connection.execute(insert(t.commits), [commit])
            connection.commit()

    def _lock(self, connection: Connection, take: Callable[[Connection], int], patience_s: float) -> int:
        begun, said = time.monotonic(), False
        while True:
            try:
                return take(connection)
            except SQLAlchemyError as error:
                connection.rollback()
                if not is_lock(error):
                    raise
                waited = time.monotonic() - begun
                if waited >= patience_s:
                    raise Busy(
                        f"Another writer has held {self.url} for {waited:.0f} s{self._holder()}. Nothing of this "
                        "change was stored. Run again when it is done, or raise `lock_timeout_s`."
                    ) from error
            if waited > _SAY_AFTER_S and not said:
                self.say(f"Waiting for another writer{self._holder()}.")
                said = True
            time.sleep(_RETRY_S)

    def _holder(self) -> str:
        runs = t.runs
        query = select(runs.c.id, runs.c.action, runs.c.who, runs.c.host, runs.c.pid)
        with self.read() as snapshot:
            row = snapshot.connection.execute(
                query.where(runs.c.state == "running").order_by(runs.c.id.desc()).limit(1)
            ).one_or_none()
        return "" if row is None else f" (run {row.id}, {row.action} by {row.who} on {row.host}, process {row.pid})"

    def _must_write(self) -> None:
        if not self._writable:
            raise Refused(
                f"The archive at {self.url} is open for reading only, so nothing was changed. "
                "Open it from an account that may write to its folder, and without `as_of`."
            )

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (DataError, IntegrityError) as error:
            raise BadQuery(f"The database {self.url} refuses these values: {error.orig}. Correct them.") from error
        except SQLAlchemyError as error:
            raise unavailable(error, self._url) from error


def newest_commit(connection: Connection) -> int:
    """Give the number of the newest commit a connection sees."""
    return int(connection.execute(_NEWEST).scalar_one())


def earliest_commit(connection: Connection) -> int:
    """Give the number of the earliest commit that can still be asked; 0: nothing was pruned."""
    counter = t.commit_counter
    return int(connection.execute(select(counter.c.earliest).where(counter.c.id == 1)).scalar_one())


def who() -> str:
    """Give the name of the person whose process this is."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())
