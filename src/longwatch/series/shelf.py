"""The shelf: statistics that were made before, found again by what they were made from.

Owns finding and keeping them. Must not know how they are made. What is damaged or gone is as if it had never been kept:
it can always be made again from rows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from longwatch.catalog.catalog import Catalog
from longwatch.catalog.summaries import SummaryInfo, drop_summaries, keep_summaries, summaries_of
from longwatch.contracts.objectstore import ObjectId, ObjectStore, Staged
from longwatch.contracts.reading import Columns
from longwatch.domain.column import Column
from longwatch.errors import NotFound, Unavailable
from longwatch.series.bins import Level
from longwatch.series.inputs import channel_digest
from longwatch.series.plan import Plan
from longwatch.series.summary import Group, Summary, SummaryFiles, encode

_CHANNELS = 512


@dataclass(frozen=True, slots=True)
class Block:
    """One channel of a series in one month or year.

    Parameters
    ----------
    plan
        The series at a commit.
    column
        The channel.
    number
        YYYYMM or YYYY.
    base
        Digest of what its rows are.
    """

    plan: Plan
    column: Column
    number: int
    base: str

    @property
    def digest(self) -> str:
        """Digest of all that its statistics are made from."""
        return channel_digest(self.base, self.column)


class Shelf:
    """Keeps statistics.

    Parameters
    ----------
    catalog
        Says which objects hold them.
    store
        Holds them.
    """

    def __init__(self, catalog: Catalog, store: ObjectStore) -> None:
        self._catalog = catalog
        self._store = store
        self._files = SummaryFiles(store)
        self._gone: set[ObjectId] = set()
        self._known = lru_cache(maxsize=_CHANNELS)(self._read_known)

    def has(self, block: Block) -> bool:
        """Tell whether the statistics of a block are kept."""
        return self._info(block) is not None

    def read(self, block: Block, level: Level, group: Group | None) -> Columns | None:
        """Give the statistics of a group of rows (None: of all), if they are kept."""
        info = self._info(block)
        if info is None:
            return None
        try:
            return self._files.read(info.oid, block.column, level, group)
        except (NotFound, Unavailable):
            self._gone.add(info.oid)
            return None

    def summary(self, block: Block, levels: Sequence[Level]) -> Summary | None:
        """Give all statistics of a block at some levels, if they are kept."""
        info = self._info(block)
        if info is None:
            return None
        try:
            return self._files.summary(info.oid, block.column, levels)
        except (NotFound, Unavailable):
            self._gone.add(info.oid)
            return None

    def look_for_all(self, series_id: int) -> None:
        """Read the objects of a series; what is lost or damaged counts as never kept."""
        with self._catalog.read() as snapshot:
            kept = {one.oid for one in summaries_of(snapshot, series_id)}
        self._gone = (self._gone - kept) | {oid for oid in kept if not self._is_sound(oid)}

    def keep(self, made: Sequence[tuple[Block, Summary]], *, patient: bool = False) -> int:
        """Keep statistics, all of one series.

        Parameters
        ----------
        made
            What they are of, and the statistics.
        patient
            Whether to wait for another writer; else `Busy` is raised.

        Returns
        -------
        int
            Bytes that were stored.
        """
        staged = [self._stage(encode(block.column, summary)) for block, summary in made]
        oids = self._store.settle(staged)
        self._gone -= {oid for oid in self._gone.intersection(oids) if self._is_sound(oid)}
        new = [
            SummaryInfo(channel=block.column.name, block=block.number, digest=block.digest, oid=oid, size=one.size)
            for (block, _), oid, one in zip(made, oids, staged, strict=True)
        ]
        if new:
            with self._catalog.aside(patient=patient) as aside:
                keep_summaries(aside, made[0][0].plan.series_id, new)
            self._known.cache_clear()
        return sum(one.size for one in staged)

    def drop_all_but(self, series_id: int, digests: Mapping[tuple[str, int], str]) -> int:
        """Forget what is kept of a series but those of some (channel, block) with their digests; gives how many."""
        with self._catalog.aside(patient=True) as aside:
            kept = summaries_of(aside, series_id)
            gone = [(s.channel, s.block) for s in kept if digests.get((s.channel, s.block)) != s.digest]
            drop_summaries(aside, series_id, gone)
        self._known.cache_clear()
        return len(gone)

    def _stage(self, data: bytes) -> Staged:
        """Stage an object; a damaged one of its name must go first, or it would stand for it."""
        oid = hashlib.sha256(data).hexdigest()
        if oid in self._gone:
            self._store.remove(oid, older_than_s=0)
        return self._store.stage(data)

    def _is_sound(self, oid: ObjectId) -> bool:
        try:
            return self._store.verify(oid)
        except NotFound:
            return False

    def _info(self, block: Block) -> SummaryInfo | None:
        plan = block.plan
        info = self._known(plan.series_id, block.column.name, plan.commit).get(block.number)
        sound = info is not None and info.digest == block.digest and info.oid not in self._gone
        return info if sound else None

    def _read_known(self, series_id: int, channel: str, _commit: int) -> Mapping[int, SummaryInfo]:
        with self._catalog.read() as snapshot:
            return {info.block: info for info in summaries_of(snapshot, series_id, channel)}
