"""Ledgers: small tables that people edit, kept as series, so that every state of them stays askable.

Owns adding and withdrawing entries, and who did so when. Must not know what entries mean.

An entry is a row; withdrawing one brings a row of the same key that says so. Nothing is ever lost, and `as_of` shows
what held then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
from astropy.table import Table
from astropy.time import Time

from longwatch.catalog.catalog import who
from longwatch.contracts.reading import Reading, Rows
from longwatch.contracts.writer import Writer
from longwatch.domain.column import Column
from longwatch.domain.product import Identity
from longwatch.domain.series import SeriesSpec
from longwatch.domain.times import us_from_time
from longwatch.domain.timespan import MAX_US, MIN_US
from longwatch.series.answer import to_astropy
from longwatch.series.own import content_hash
from longwatch.series.plan import Plans
from longwatch.series.read import Ask, Reader, Spans

OWNER = "longwatch"
"""Instrument of what the archive keeps about itself."""

WITHDRAWN, WHO, NOTED = "withdrawn", "who", "noted"
"""Columns that every ledger has: whether the entry holds no longer, who said so, when [microseconds of TAI]."""

BOOKKEEPING = (
    Column(name=WITHDRAWN, unit="", description="Whether the entry was taken back", dtype="bool"),
    Column(name=WHO, unit="", description="Who made or withdrew the entry", dtype="str"),
    Column(name=NOTED, unit="us", description="When, microseconds of TAI since 1970-01-01T00:00:00 TAI", dtype="i8"),
)

_COMMITS = 16


class Ledger:
    """One ledger.

    Parameters
    ----------
    spec
        Its series, with the columns of `BOOKKEEPING`; its key is what tells entries apart.
    plans, reader
        Read it.
    until
        The column that says when what an entry says ends, as the time column says when it begins; None: it holds for
        all times. Whoever names the ledger as an input is due where an entry came or went.
    """

    def __init__(self, spec: SeriesSpec, plans: Plans, reader: Reader, *, until: str | None = None) -> None:
        self.spec = spec
        self._until = until
        self._plans = plans
        self._reader = reader
        self.entries = lru_cache(maxsize=_COMMITS)(self._entries)

    def _entries(self, commit: int) -> Table:
        """Give the entries that hold at a commit, by time and key; not to be changed."""
        found = self.history(commit)
        return found[~np.asarray(found[WITHDRAWN])]

    def history(self, commit: int) -> Table:
        """Give every entry as it was last noted, those withdrawn among them."""
        names = [column.name for column in self.spec.columns]
        if self.spec.name not in self._plans.declared(commit):
            return Table({c.name: np.empty(0, "U1" if c.dtype == "str" else c.dtype) for c in self.spec.columns})
        plan = self._plans.plan(self.spec.name, commit)
        everything = Spans.of(self.spec, np.array([MIN_US]), np.array([MAX_US]))
        return to_astropy(self.spec.columns, self._reader.rows(plan, Ask(columns=names), everything), {})

    def note(
        self, writer: Writer, entries: Mapping[str, Sequence[object]], *, commit: int, withdrawn: bool = False
    ) -> int:
        """Add entries, or withdraw them.

        Parameters
        ----------
        writer
            Keeps them.
        entries
            Every column but those of `BOOKKEEPING`, by name.
        commit
            The newest one: whether the ledger is declared yet.
        withdrawn
            True: they hold no longer.

        Returns
        -------
        int
            How many.
        """
        size = len(entries[self.spec.time])
        if not size:
            return 0
        columns = {
            **{name: np.array(values) for name, values in entries.items()},
            WITHDRAWN: np.full(size, withdrawn),
            WHO: np.full(size, who()),
            NOTED: np.full(size, int(us_from_time(Time.now()))),
        }
        declared = self._plans.declared(commit)
        if self.spec.name not in declared or declared[self.spec.name].spec != self.spec:
            writer.declare(self.spec)
        identity = Identity(OWNER, self.spec.name, content_hash(columns))
        rows = (Rows(series=self.spec.name, columns=columns),)
        t_min_us = t_max_us = None
        if self._until is not None:
            t_min_us, end_us = int(np.min(columns[self.spec.time])), int(np.max(columns[self._until]))
            t_max_us = end_us if end_us == MAX_US else end_us - 1
        writer.store(identity, Reading(key=identity.key, t_min_us=t_min_us, t_max_us=t_max_us, rows=rows))
        return size
