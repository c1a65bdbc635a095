"""Header-3 telemetry by pseudo-MSID, under the names and arguments of `mica.archive.aca_hdr3`.

Owns names, masks and the joining of slots. Must not know files or how rows are stored.
See spec/aca-dark-hdr3-l0.md 1.5 and 4.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from astropy.time import Time
from numpy.typing import NDArray

from longwatch.archive import Archive
from longwatch.domain.times import Instant, cxc_from_us, from_us, to_us, us_from_cxc
from longwatch.domain.timespan import Timespan
from longwatch.errors import BadQuery, NotFound
from longwatch.instruments.aca.hdr3_channels import CHANNELS, FIELDS, JOINED, Channel, Field, Joined
from longwatch.instruments.aca.hdr3_decode import field_values, lose_unfollowed, nearest
from longwatch.instruments.aca.hdr3_join import joined_samples, joined_values
from longwatch.instruments.aca.opening import shown
from longwatch.instruments.aca.samples import Samples, lose_registered, samples
from longwatch.instruments.aca.statistics import fill_statistics
from longwatch.instruments.aca.telemetry import Telemetry, TelemetrySet
from longwatch.plots.figure import Axis, Figure, Panel, Trace
from longwatch.series.blocks import Blocks

SERIES: Final = "aca.hdr3"
"""Name of the series asked."""

_AFTER_S: Final = 33.0
_CHANNELS: Final = {channel.name: channel for channel in CHANNELS}
_FIELDS: Final = {field.name: field for field in FIELDS}
_JOINED: Final = {joined.name: joined for joined in JOINED.values()}
_KEYS: Final = {channel.key: channel.name for channel in CHANNELS} | {key: one.name for key, one in JOINED.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class MsidInfo:
    """What a pseudo-MSID is.

    Parameters
    ----------
    name, key
        Its name, and slot, image type and first word as three digits.
    unit
        `astropy.units` string.
    description
        One sentence.
    slots
        Slots it needs.
    """

    name: str
    key: str
    unit: str
    description: str
    slots: tuple[int, ...]


class MSID(Telemetry):
    """Samples of one pseudo-MSID.

    Parameters
    ----------
    msid
        Name in any case, or key of three digits: `"ccd_temp"`, `"776"`; bit fields such as `"update_counter"` too.
    start, stop
        Any accepted time; samples with start <= time <= stop.
    filter_bad
        True: leave out what is masked.
    archive
        None: `$LONGWATCH_ARCHIVE`, else the folder one stands in.
    legacy
        True: the scale factors of older software, where those differ (spec 8.1, B2 to B4 and B13).
    stat
        `"5min"`, `"hour"` or `"daily"`: statistics of the good samples, see `statistics.fill_statistics`.

    Attributes
    ----------
    vals
        (n,) in `unit`; masked where the bytes may be of two images or are of bad quality. NaN: off the curve.
    times
        (n,) middle of the integration [Chandra seconds].

    Raises
    ------
    NotFound
        Raised if there is no such MSID.
    """

    msid: str
    hdr3_msid: str
    unit: str
    desc: str
    longdesc: str
    tstart: float
    tstop: float

    def __init__(
        self,
        msid: str,
        start: Instant,
        stop: Instant | None = None,
        *,
        filter_bad: bool = False,
        archive: Archive | None = None,
        legacy: bool = False,
        stat: str | None = None,
    ) -> None:
        info = describe(msid)
        with shown(archive) as site:
            slots = _Slots(site, start, stop)
            if stat is None:
                _fill(self, info, slots, legacy=legacy)
            else:
                fill_statistics(self, stat, slots.span, partial(MSID, msid, archive=site, legacy=legacy))
        if filter_bad:
            self.filter_bad()

    @property
    def datestart(self) -> str:
        """Start of what was asked, `YYYY:DDD:HH:MM:SS.sss`."""
        return _yday(self.tstart)

    @property
    def datestop(self) -> str:
        """End of what was asked."""
        return _yday(self.tstop)

    def plot(self) -> Figure:
        """Give its picture; `longwatch.plots.render.render_png` draws it."""
        return hdr3_figure([self])


class Msid(MSID):
    """As `MSID`, without masked samples."""

    def __init__(
        self,
        msid: str,
        start: Instant,
        stop: Instant | None = None,
        *,
        archive: Archive | None = None,
        legacy: bool = False,
        stat: str | None = None,
    ) -> None:
        super().__init__(msid, start, stop, filter_bad=True, archive=archive, legacy=legacy, stat=stat)


class MSIDset(TelemetrySet[MSID]):
    """Several pseudo-MSIDs on the times of all slots involved; masked where a slot lacks the sample.

    Parameters
    ----------
    msids
        As for `MSID`.
    start, stop, archive, legacy
        As for `MSID`; each slot is read once.
    """

    def __init__(
        self,
        msids: Sequence[str],
        start: Instant,
        stop: Instant | None = None,
        *,
        archive: Archive | None = None,
        legacy: bool = False,
    ) -> None:
        super().__init__()
        with shown(archive) as site:
            slots = _Slots(site, start, stop)
            for msid in msids:
                one = MSID.__new__(MSID)
                _fill(one, describe(msid), slots, legacy=legacy)
                self[one.msid] = one
        union = np.unique(np.concatenate([one.times for one in self.values()])) if self else np.array([])
        for one in self.values():
            bads = np.zeros(len(union), dtype=bool)
            bads[np.searchsorted(union, one.times)] = one.bads
            one.times, one.vals, one.bads = union, _spread(union, one.times, np.ma.asarray(one.vals)), bads


def confirm_msid(msid: str) -> str:
    """Give the key of three digits of a name or key; raises `NotFound` naming those near."""
    return describe(msid).key


def slot_for_msid(msid: str) -> int:
    """Give the slot whose images carry an MSID (the first, of two)."""
    return int(confirm_msid(msid)[0])


def describe(msid: str) -> MsidInfo:
    """Give what an MSID is.

    Parameters
    ----------
    msid
        Name in any case, or key.

    Raises
    ------
    NotFound
        Raised if there is none; the message lists all.
    """
    name = _KEYS.get(msid, msid.lower())
    if name in _JOINED:
        one = _JOINED[name]
        key = next(k for k, joined in JOINED.items() if joined is one)
        return MsidInfo(
            name=name,
            key=key,
            unit=one.unit,
            description=one.description,
            slots=(_CHANNELS[one.high].slot, _CHANNELS[one.low].slot),
        )
    found: Channel | Field | None = _CHANNELS.get(name) or _FIELDS.get(name)
    if found is None:
        raise NotFound(f"msid {msid!r} not found. There are: {', '.join(names())}.")
    of = _CHANNELS[name] if name in _CHANNELS else _CHANNELS[_FIELDS[name].of]
    return MsidInfo(name=name, key=of.key, unit=found.unit, description=found.description, slots=(of.slot,))


def names() -> list[str]:
    """Give the names of all pseudo-MSIDs and bit fields."""
    return list(dict.fromkeys([*_KEYS.values(), *_FIELDS]))


def hdr3_figure(msids: Sequence[MSID]) -> Figure:
    """Give the picture of several MSIDs, a panel each."""
    panels = tuple(
        Panel(
            x=Axis(label="Date", time=True),
            y=Axis(label=one.msid, unit=one.unit),
            traces=(
                Trace(
                    x=np.asarray(us_from_cxc(one.times), dtype=float),
                    y=np.ma.filled(np.ma.asarray(one.vals).astype(float), np.nan),
                    style="line",
                ),
            ),
        )
        for one in msids
    )
    name = "_".join(one.msid for one in msids[:3])
    return Figure(name=f"aca.hdr3.{name}", title="ACA header-3 telemetry", panels=panels)


class _Slots:
    """Rows of slots in a span, each slot read once for the columns it is asked."""

    def __init__(self, archive: Archive, start: Instant, stop: Instant | None) -> None:
        self.start_us = to_us(start, now=Time.now)
        self.stop_us = to_us(stop if stop is not None else Time.now(), now=Time.now)
        if self.stop_us < self.start_us:
            raise BadQuery(f"The span from {start} to {stop} ends before it begins. Swap start and stop.")
        self.tstart, self.tstop = (float(cxc_from_us(us)) for us in (self.start_us, self.stop_us))
        self._after = self.tstop + _AFTER_S
        self._series, self._bad = archive.series[SERIES].pinned(), archive.series.bad_times
        self._known: dict[str, Samples] = {}

    @property
    def span(self) -> Timespan:
        """What was asked."""
        return Timespan(self.start_us, self.stop_us)

    def column(self, channel: Channel) -> tuple[NDArray[np.float64], np.ma.MaskedArray]:
        """Give times and values of a channel; masked where they cannot be trusted."""
        if channel.name not in self._known:
            blocks = self._blocks(channel)
            found = samples(blocks, channel.name, channel.dtype)
            lose_registered(found, self._bad, blocks, channel.name)
            lose_unfollowed(found.time, found.lost, self._after)
            self._known[channel.name] = found
        return self._cut(self._known[channel.name])

    def joined(self, joined: Joined) -> tuple[NDArray[np.float64], np.ma.MaskedArray]:
        """Give times and values of a number whose halves come in two slots; masked where they cannot be trusted."""
        high, low = _CHANNELS[joined.high], _CHANNELS[joined.low]
        blocks = self._blocks(high), self._blocks(low)
        known = [len(self._bad.spans(*one)[0]) for one in zip(blocks, (joined.high, joined.low), strict=True)]
        found = None if any(known) else joined_samples(joined, *blocks, self._after)
        if found is not None:
            return self._cut(found)
        time, values = self.column(high)
        return time, joined_values(joined, values, _beside(time, *self.column(low)))

    def _cut(self, found: Samples) -> tuple[NDArray[np.float64], np.ma.MaskedArray]:
        end = int(np.searchsorted(found.time, self.tstop, side="right"))
        return found.time[:end], np.ma.MaskedArray(found.values[:end], mask=found.lost[:end])

    def _blocks(self, channel: Channel) -> Blocks:
        start, stop = (float(cxc_from_us(us)) for us in (self.start_us, self.stop_us + int(_AFTER_S * 1e6)))
        return self._series.blocks(["quality", channel.name], start, stop, where={"slot": channel.slot})


def _fill(one: MSID, info: MsidInfo, slots: _Slots, *, legacy: bool) -> None:
    one.msid, one.hdr3_msid = info.name, info.key
    one.desc, one.unit = info.description, info.unit
    one.longdesc = f"{info.description} [{info.unit or 'no unit'}], key {info.key}"
    one.tstart, one.tstop = slots.tstart, slots.tstop
    one.times, one.vals = _samples(info, slots, legacy=legacy)
    one.bads = np.ma.getmaskarray(one.vals)


def _samples(info: MsidInfo, slots: _Slots, *, legacy: bool) -> tuple[NDArray[np.float64], np.ma.MaskedArray]:
    if info.name in _JOINED and not (legacy and info.name in _CHANNELS):
        return slots.joined(_JOINED[info.name])
    if info.name in _FIELDS:
        field = _FIELDS[info.name]
        time, words = slots.column(_CHANNELS[field.of])
        return time, np.ma.MaskedArray(field_values(field, np.ma.getdata(words)), mask=np.ma.getmaskarray(words))
    channel = _CHANNELS[info.name]
    time, values = slots.column(channel)
    if legacy and channel.legacy_scale is not None:
        values = values * (channel.legacy_scale / channel.scale)
    return time, values


def _beside(time: NDArray[np.float64], other: NDArray[np.float64], low: np.ma.MaskedArray) -> np.ma.MaskedArray:
    """Give the values of another slot that belong to the same updates; masked where there is none."""
    index, found = nearest(time, other)
    if not found.any():
        return np.ma.MaskedArray(np.zeros(len(time), np.int64), mask=True)
    return np.ma.MaskedArray(np.ma.getdata(low)[index], mask=~found | np.ma.getmaskarray(low)[index])


def _spread(union: NDArray[np.float64], time: NDArray[np.float64], values: np.ma.MaskedArray) -> np.ma.MaskedArray:
    """Give values at the times of all slots; masked where there is none."""
    spread = np.ma.MaskedArray(np.zeros(len(union), values.dtype), mask=True)
    spread[np.searchsorted(union, time)] = values
    return spread


def _yday(seconds: float) -> str:
    return str(from_us(int(us_from_cxc(seconds))).yday)
