"""Summaries: which objects hold the statistics of a channel, and what they were made from.

Owns the table `summaries`. Must not know what statistics are, nor how a digest comes about.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select

from longwatch.catalog import tables as t
from longwatch.catalog.bulk import insert_columns
from longwatch.catalog.snapshot import Aside, Snapshot, chunks


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryInfo:
    """The statistics of one channel in one month or year.

    Parameters
    ----------
    channel
        Name of the column.
    block
        YYYYMM or YYYY.
    digest
        Of all they were made from.
    oid, size
        The stored object and its bytes.
    """

    channel: str
    block: int
    digest: str
    oid: str
    size: int


def summaries_of(snapshot: Snapshot, series_id: int, channel: str | None = None) -> list[SummaryInfo]:
    """Give what is kept of a series, or of one channel; the same at whatever commit."""
    kept = t.summaries
    query = select(kept.c.channel, kept.c.block, kept.c.digest, kept.c.oid, kept.c.size)
    query = query.where(kept.c.series_id == series_id)
    if channel is not None:
        query = query.where(kept.c.channel == channel)
    return [
        SummaryInfo(channel=name, block=block, digest=digest, oid=oid, size=size)
        for name, block, digest, oid, size in snapshot.connection.execute(query)
    ]


def keep_summaries(aside: Aside, series_id: int, new: Sequence[SummaryInfo]) -> None:
    """Keep summaries in place of those of the same channels and blocks."""
    drop_summaries(aside, series_id, [(one.channel, one.block) for one in new])
    columns: dict[str, list[object]] = {
        "series_id": [series_id] * len(new),
        "channel": [one.channel for one in new],
        "block": [one.block for one in new],
        "digest": [one.digest for one in new],
        "oid": [one.oid for one in new],
        "size": [one.size for one in new],
    }
    insert_columns(aside.connection, t.summaries, columns)


def drop_summaries(aside: Aside, series_id: int, gone: Iterable[tuple[str, int]]) -> None:
    """Forget the summaries of some (channel, block); their objects are removed by `doctor --fix`."""
    kept, by_channel = t.summaries, dict[str, list[int]]()
    for channel, block in gone:
        by_channel.setdefault(channel, []).append(block)
    for channel, blocks in by_channel.items():
        for some in chunks(blocks):
            which = kept.c.series_id == series_id, kept.c.channel == channel, kept.c.block.in_(some)
            aside.connection.execute(delete(kept).where(*which))
