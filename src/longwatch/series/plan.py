"""The plan of a series at one commit: its segments, and the versions that do not answer.

Owns what reading needs of the catalogue, loaded once a commit. Must not know Parquet.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from longwatch.catalog.catalog import Catalog
from longwatch.catalog.declared import Declared, declared_series
from longwatch.catalog.segments import SegmentInfo, hidden_spans, names_of_versions, segments_of, version_ranks
from longwatch.domain.series import SeriesSpec
from longwatch.domain.timespan import MAX_US, MIN_US
from longwatch.domain.utc import Ints

_COMMITS = 16
_PLANS = 256
_FILES = 100_000


@dataclass(frozen=True, slots=True)
class Plan:
    """What the catalogue says of one series at one commit.

    Parameters
    ----------
    series_id, spec, commit
        The series, its declaration, the commit.
    segments
        By first instant.
    first, last
        (n_segment,), the instants between which each segment's rows lie, both inclusive [microseconds of TAI].
    hidden
        (n_hidden,), versions whose rows do not answer.
    hidden_first, hidden_last
        (n_hidden,), between which instants their rows lie.
    """

    series_id: int
    spec: SeriesSpec
    commit: int
    segments: tuple[SegmentInfo, ...]
    first: Ints
    last: Ints
    hidden: Ints
    hidden_first: Ints
    hidden_last: Ints

    def clusters(self, start_us: Ints, stop_us: Ints) -> Iterator[list[SegmentInfo]]:
        """Give the segments that may hold rows of some half-open spans, those that overlap each other together.

        Parameters
        ----------
        start_us, stop_us
            (n,), spans by ascending start.

        Yields
        ------
        list of SegmentInfo
            By time; no row of one cluster has the time of a row of another.
        """
        if not len(start_us):
            return
        begun = np.searchsorted(start_us, self.last, side="right")
        reach = np.maximum.accumulate(stop_us)
        wanted = np.flatnonzero((begun > 0) & (reach[begun - 1] > self.first))
        cluster: list[SegmentInfo] = []
        end = MIN_US
        for number in wanted:
            segment = self.segments[number]
            if cluster and segment.span[0] > end:
                yield cluster
                cluster = []
            cluster.append(segment)
            end = max(end, segment.span[1])
        if cluster:
            yield cluster

    def rows_before(self, us: Ints) -> NDArray[np.float64]:
        """Give about how many rows lie before (n,) instants [microseconds of TAI], as if each segment's lay evenly."""
        share = np.clip((us[:, None] - self.first) / (self.last + 1 - self.first), 0.0, 1.0)
        return np.asarray(share @ np.array([segment.n_rows for segment in self.segments], dtype=np.float64))

    def hidden_in(self, segments: Sequence[SegmentInfo]) -> Ints:
        """Give the versions that may have rows in some segments that do not answer."""
        if not len(self.hidden):
            return self.hidden
        first, last = min(s.span[0] for s in segments), max(s.span[1] for s in segments)
        return self.hidden[(self.hidden_first <= last) & (self.hidden_last >= first)]


class Plans:
    """Plans by series and commit, and the ranks and files of versions, remembered: none of them ever changes.

    Parameters
    ----------
    catalog
        Where they come from.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._ranks: dict[int, tuple[str, int]] = {}
        self._files: dict[int, str] = {}
        self._seen: set[str] = set()
        self.declared = lru_cache(maxsize=_COMMITS)(self._declared)
        self.plan = lru_cache(maxsize=_PLANS)(self._plan)

    def newest(self) -> int:
        """Give the newest commit."""
        return self._catalog.head()

    def seen(self, name: str) -> bool:
        """Tell whether a series was declared at a commit that was asked for; it still is at all later ones."""
        return name in self._seen

    def ranks(self, version_ids: Ints) -> NDArray[np.intp]:
        """Give for each version its place among them: a higher one wins over a lower one."""
        unknown = [int(number) for number in version_ids if int(number) not in self._ranks]
        if unknown:
            with self._catalog.read() as snapshot:
                self._ranks.update(version_ranks(snapshot, unknown))
        order = sorted(range(len(version_ids)), key=lambda i: self._ranks[int(version_ids[i])])
        places = np.empty(len(order), dtype=np.intp)
        places[order] = np.arange(len(order))
        return places

    def files(self, version_ids: Ints, commit: int | None = None) -> Mapping[int, str]:
        """Give for each version the name of the file it came with; a commit that is known saves asking for it."""
        wanted = version_ids.tolist()
        found = {number: self._files[number] for number in wanted if number in self._files}
        unknown = [number for number in wanted if number not in found]
        if unknown:
            with self._catalog.read(commit) as snapshot:
                found |= names_of_versions(snapshot, unknown)
            if len(self._files) > _FILES:
                self._files = {}
            self._files.update(found)
        return found

    def _declared(self, commit: int) -> Mapping[str, Declared[SeriesSpec]]:
        with self._catalog.read(commit) as snapshot:
            found = declared_series(snapshot)
        self._seen.update(found)
        return found

    def _plan(self, name: str, commit: int) -> Plan:
        known = self.declared(commit)[name]
        with self._catalog.read(commit) as snapshot:
            segments = segments_of(snapshot, known.id)
            hidden = hidden_spans(snapshot, known.id)
        spans = [(MIN_US if a is None else a, MAX_US if b is None else b) for _, a, b in hidden]
        return Plan(
            known.id,
            known.spec,
            commit,
            tuple(segments),
            *_ends([s.span for s in segments]),
            np.array([number for number, _, _ in hidden], dtype=np.int64),
            *_ends(spans),
        )


def _ends(spans: list[tuple[int, int]]) -> tuple[Ints, Ints]:
    pairs = np.array(spans, dtype=np.int64).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]
