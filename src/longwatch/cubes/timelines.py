"""The public face of timelines: which epoch a time lies in, and what belongs to it.

Owns `archive.timelines`. Must not know how epochs are cut, nor cubes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from astropy.table import MaskedColumn, Table
from astropy.time import Time
from typing_extensions import override

from longwatch.catalog.catalog import Catalog
from longwatch.catalog.epochs import epochs_of, members_of, timelines
from longwatch.cubes.plan import times
from longwatch.domain.epoch import Epoch, EpochMember, Scalar
from longwatch.domain.times import Instant, from_us, to_us
from longwatch.errors import NoSuchName, NotFound


def find_epoch(epochs: Sequence[Epoch], instant_us: int, *, timeline: str) -> Epoch:
    """Give the epoch whose half-open span holds an instant.

    Parameters
    ----------
    epochs
        The epochs of a timeline.
    instant_us
        The instant [microseconds of TAI].
    timeline
        Its name, for the message.

    Returns
    -------
    Epoch
        Of several that overlap, the one that began last.

    Raises
    ------
    NotFound
        Raised if the instant lies in no epoch; the message names the neighbours.
    """
    timed = sorted(((e.start_us, e.number, e) for e in epochs if e.start_us is not None), key=lambda found: found[:2])
    before = [e for start, _, e in timed if start <= instant_us]
    for epoch in reversed(before):
        if instant_us < epoch.stop_us if epoch.stop_us is not None else epoch is before[-1]:
            return epoch
    after = next((e for start, _, e in timed if start > instant_us), None)
    near = [f"after epoch {before[-1].number} ({_span(before[-1])})"] if before else []
    near += [f"before epoch {after.number} ({_span(after)})"] if after else []
    there = f"It lies {' and '.join(near)}." if near else "The timeline has no epoch with a known start."
    raise NotFound(
        f"No epoch of {timeline} holds {from_us(instant_us).isot} UTC. {there} Ask by number or another time."
    )


class Timeline:
    """One timeline: numbered, half-open epochs.

    Parameters
    ----------
    name
        Its full name, `stis.anneal`.
    room
        What opens snapshots.
    """

    def __init__(self, name: str, room: TimelineRoom) -> None:
        self.name = name
        self._room = room

    @override
    def __repr__(self) -> str:
        """Say how many epochs there are and over which range."""
        found = self._room.entries(self.name)
        if not found:
            return f"<Timeline {self.name}: no epochs>"
        return f"<Timeline {self.name}: {len(found)} epochs, {found[0].number} to {found[-1].number}>"

    def at(self, time: Instant, *, as_of: Instant | None = None) -> Epoch:
        """Give the epoch whose half-open span holds a time; `NotFound` names the neighbours of a gap."""
        return find_epoch(self._room.entries(self.name, as_of), self._room.instant(time), timeline=self.name)

    def epoch(self, number: int, *, as_of: Instant | None = None) -> Epoch:
        """Give an epoch by number; raises `NotFound` naming the range there is."""
        found = {epoch.number: epoch for epoch in self._room.entries(self.name, as_of)}
        if number in found:
            return found[number]
        there = f"There are {len(found)}, {min(found)} to {max(found)}." if found else "There are none."
        raise NotFound(f"Timeline {self.name} has no epoch {number}. {there} `missing()` lists the numbers left out.")

    def epochs(self, *, as_of: Instant | None = None) -> Table:
        """Give number, start, stop (UTC; masked where unknown) and attributes of every epoch."""
        found = self._room.entries(self.name, as_of)
        table = Table({"number": np.array([e.number for e in found], dtype=np.int64)}, meta={"timeline": self.name})
        table["start"] = times([e.start_us for e in found])
        table["stop"] = times([e.stop_us for e in found])
        return _with_attributes(table, [e.attributes for e in found])

    def members(self, number: int | None = None, *, as_of: Instant | None = None) -> Table:
        """Give number, member, time (UTC; masked where unknown) and attributes of what an epoch (None: each) holds."""
        found = self._room.belonging(self.name, number, as_of)
        table = Table({"number": np.array([m.number for m in found], dtype=np.int64)}, meta={"timeline": self.name})
        table["member"] = np.array([m.member for m in found], dtype=str)
        table["time"] = times([m.t_us for m in found])
        return _with_attributes(table, [m.attributes for m in found])

    def missing(self, *, as_of: Instant | None = None) -> list[int]:
        """Give the numbers left out between the first and the last epoch."""
        found = {epoch.number for epoch in self._room.entries(self.name, as_of)}
        return sorted(set(range(min(found), max(found))) - found) if found else []


class TimelineRoom(Mapping[str, Timeline]):
    """The timelines of an archive, by name or by the last part of it.

    Parameters
    ----------
    catalog
        Where epochs are known.
    commit
        The commit to speak for; None: the newest at each call.
    now
        Gives the present, for relative times.
    """

    def __init__(self, catalog: Catalog, *, commit: int | None = None, now: Callable[[], Time] = Time.now) -> None:
        self._catalog = catalog
        self._commit = commit
        self._now = now

    @override
    def __getitem__(self, name: str) -> Timeline:
        """Give a timeline: `"stis.anneal"`, or `"anneal"` where only one ends so."""
        known = list(self)
        found = [name] if name in known else [full for full in known if full.endswith(f".{name}")]
        if len(found) != 1:
            raise NoSuchName(
                f"{len(found)} timelines are called {name!r}. There are: {', '.join(known) or 'none yet'}. "
                "Give the full name."
            )
        return Timeline(found[0], self)

    @override
    def __iter__(self) -> Iterator[str]:
        with self._catalog.read(self._commit) as snapshot:
            return iter(timelines(snapshot))

    @override
    def __len__(self) -> int:
        return len(list(iter(self)))

    @override
    def __repr__(self) -> str:
        """Name the timelines, one a line."""
        return "\n".join([f"<{len(self)} timelines>", *(f"  {timeline!r}" for timeline in self.values())])

    def instant(self, time: Instant) -> int:
        """Give a time as microseconds of TAI."""
        return to_us(time, now=self._now())

    def entries(self, name: str, as_of: Instant | None = None) -> list[Epoch]:
        """Give the epochs of a timeline by number."""
        with self._catalog.read(self._at(as_of)) as snapshot:
            return epochs_of(snapshot, name)

    def belonging(self, name: str, number: int | None, as_of: Instant | None = None) -> list[EpochMember]:
        """Give the members of an epoch (None: of each)."""
        with self._catalog.read(self._at(as_of)) as snapshot:
            return members_of(snapshot, name, number)

    def _at(self, as_of: Instant | None) -> int | None:
        return self._commit if as_of is None else self._catalog.commit_at(self.instant(as_of))


def _span(epoch: Epoch) -> str:
    ends = [from_us(us).isot if us is not None else "not known yet" for us in (epoch.start_us, epoch.stop_us)]
    return " to ".join(ends)


def _with_attributes(table: Table, attributes: Sequence[Mapping[str, Scalar]]) -> Table:
    """Add a column for each attribute; masked where an entry does not have it."""
    for name in dict.fromkeys(name for entry in attributes for name in entry):
        values = [entry.get(name) for entry in attributes]
        there = np.array([value is not None for value in values])
        present = np.array([value for value in values if value is not None])
        data = np.zeros(len(values), dtype=present.dtype if present.size else np.float64)
        data[there] = present
        table[name if name not in table.colnames else f"{name}_"] = MaskedColumn(data, mask=~there)
    return table
