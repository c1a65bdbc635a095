"""Level-0 image telemetry under the names and arguments of `mica.archive.aca_l0`.

Owns the old names, types and ends of intervals. Must not know files or how rows are stored.
See spec/aca-dark-hdr3-l0.md 1.4, 3.3 and 3.4. Intervals include both ends, as users of those functions expect.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

import numpy as np
from astropy.table import Table
from astropy.time import Time
from numpy.typing import NDArray

from longwatch.archive import Archive
from longwatch.domain.epoch import Scalar
from longwatch.domain.times import Instant, cxc_from_us, from_us, parse_span, to_us, us_from_cxc
from longwatch.errors import BadQuery, NotFound
from longwatch.instruments.aca import columns as c
from longwatch.instruments.aca.aca_image import ACAImage
from longwatch.instruments.aca.aca_table import centred, image_table
from longwatch.instruments.aca.observations import TIMELINE
from longwatch.instruments.aca.opening import shown
from longwatch.instruments.aca.statistics import fill_statistics
from longwatch.instruments.aca.telemetry import Telemetry, TelemetrySet
from longwatch.series.intervals import present
from longwatch.series.memory import flags
from longwatch.series.order import chosen

KIND: Final = "aca.l0"
"""Kind of the files and name of the series."""

IMAGE_COLUMNS: Final = ("TIME", "BGDAVG", "IMGSTAT", "IMGFUNC1", "IMGSIZE", "IMGSCALE", "INTEG")
"""Metadata of images from `get_l0_images`, where none are named; IMGROW0 and IMGCOL0 are always there."""

_DTYPES: Final[dict[str, str]] = {"str": "U4"} | {name: name for name in ("f8", "f4", "i4", "i2", "u2", "u1")}
_STORED: Final = {column.name.upper(): column.dtype for column in c.COLUMNS}
_ALL: Final = tuple(column.name.upper() for column in c.COLUMNS if column is not c.SLOT)
_FILENAME: Final = "FILENAME"
_BLOCK: Final = 1024
"""Rows that are put into a structured array together: about as many as fit into the cache."""


def get_files(
    obsid: int | None = None,
    start: Instant | None = None,
    stop: Instant | None = None,
    slots: Sequence[int] | int | None = None,
    imgsize: Sequence[int] | int | None = None,
    archive: Archive | None = None,
) -> list[str]:
    """Give the level-0 files that overlap a span, in order of time.

    Parameters
    ----------
    obsid
        An observation: from the start of its first dwell to the end of its last.
    start, stop
        The span, where no obsid is given.
    slots
        Which slots; None: all eight.
    imgsize
        Which sizes of images, 4, 6 or 8; None: all.
    archive
        None: `$LONGWATCH_ARCHIVE`, else the folder one stands in.

    Returns
    -------
    list of str
        Where each file came from or lies; `archive.products.data` gives the bytes of a copied one.

    Raises
    ------
    BadQuery
        Raised if neither an obsid nor start and stop are given.
    NotFound
        Raised if the obsid is in no table of observations.
    """
    with shown(archive) as site:
        first, last = _span(site, obsid, start, stop)
        end = from_us(to_us(last, now=Time.now) + 1)
        found = site.products.find(kind=KIND, start=first, stop=end, slot=(0, 7), imgsize=(4, 8))
    wanted = np.isin(found["slot"], _numbers(slots, range(c.SLOTS)))
    wanted &= np.isin(found["imgsize"], _numbers(imgsize, c.SIZES))
    chosen = found[wanted]
    order = np.argsort(np.array([to_us(t) for t in chosen["t_min"]], dtype=np.int64), kind="stable")
    paths = np.ma.asarray(chosen["path"])
    gone = np.ma.getmaskarray(paths)
    return [str(chosen["name"][i]) if gone[i] else str(paths[i]) for i in order]


def get_slot_data(
    start: Instant,
    stop: Instant,
    slot: int,
    imgsize: Sequence[int] | int | None = None,
    columns: Sequence[str] | None = None,
    *,
    centered_8x8: bool = False,
    archive: Archive | None = None,
) -> np.ma.MaskedArray:
    """Give the rows of a slot as a masked structured array.

    Parameters
    ----------
    start, stop
        Rows with start <= TIME <= stop.
    slot
        Image slot.
    imgsize
        Which sizes of images; None: all.
    columns
        Names in capitals; None: all. `FILENAME` names the file a row came with.
    centered_8x8
        True: IMGRAW is (8, 8) with the image in the middle; False: (64,) with the image in the low corner.
    archive
        As for `get_files`.

    Returns
    -------
    np.ma.MaskedArray
        Sorted by time, each image once, whatever files overlap; bad rows included (QUALITY). What images of a size do
        not carry is masked: 48 pixels of 4x4, 28 of 6x6, whose four corners are 0 and not masked.

    Raises
    ------
    BadQuery
        Raised if there is no such column.
    """
    asked = [*_ALL, _FILENAME] if columns is None else list(columns)
    unknown = [name for name in asked if name not in {*_ALL, _FILENAME}]
    if unknown:
        raise BadQuery(f"Image telemetry has no columns {unknown}. It has: {', '.join(_ALL)}, {_FILENAME}.")
    stored = [name.lower() for name in asked if name != _FILENAME]
    with shown(archive) as site:
        rows = _columns(
            _fetch(site, start, stop, slot, [*stored, *(["imgsize"] if imgsize is not None or centered_8x8 else [])])
        )
        if imgsize is not None:
            wanted = np.isin(rows["imgsize"], _numbers(imgsize, c.SIZES))
            rows = {name: values[wanted] for name, values in rows.items()}
        if _FILENAME in asked:
            rows["filename"] = _file_names(site, slot, rows["time"])
    return _structured({name: _field(rows, name, centered=centered_8x8) for name in asked}, len(rows["time"]))


def get_l0_images(
    start: Instant,
    stop: Instant,
    slot: int,
    imgsize: Sequence[int] | int | None = None,
    columns: Sequence[str] | None = None,
    archive: Archive | None = None,
) -> list[ACAImage]:
    """Give the good images of a slot, each in its own size [DN].

    Parameters
    ----------
    start, stop, slot, imgsize, archive
        As for `get_slot_data`.
    columns
        Which metadata the images get; None: `IMAGE_COLUMNS`. Never changed. IMGROW0 and IMGCOL0 come in any case.

    Returns
    -------
    list of ACAImage
        Temperatures in `meta` are deg_C here; what is masked is left out.
    """
    names = list(IMAGE_COLUMNS if columns is None else columns)
    kept = [name for name in dict.fromkeys([*names, "IMGROW0", "IMGCOL0"]) if name not in {"IMGRAW", _FILENAME}]
    rows = get_slot_data(
        start,
        stop,
        slot,
        imgsize,
        list(dict.fromkeys([*kept, "IMGSIZE", "QUALITY", "IMGRAW"])),
        archive=archive,
    )
    rows = rows[rows["QUALITY"] == 0]
    sizes = np.ma.getdata(rows["IMGSIZE"])
    pixels = np.ma.getdata(rows["IMGRAW"]).reshape(-1, c.FULL, c.FULL)
    metas = [_metas(name, rows[name]) for name in kept]
    return [
        ACAImage(
            pixels[i, : sizes[i], : sizes[i]],
            meta={name: meta[i] for name, meta in zip(kept, metas, strict=True) if meta[i] is not None},
        )
        for i in range(len(rows))
    ]


def get_aca_images(start: Instant, stop: Instant, archive: Archive | None = None) -> Table:
    """Give the good images of all slots in one table, each in the middle of 8x8 pixels.

    Parameters
    ----------
    start, stop, archive
        As for `get_slot_data`.

    Returns
    -------
    Table
        Sorted by TIME and IMGNUM; IMG [DN] is masked where nothing was read out, temperatures are in K. Without any
        row the columns are all there.
    """
    with shown(archive) as site:
        table = _fetch(site, start, stop, None, None)
    return image_table(table[np.ma.filled(table["quality"], 0) == 0])


class MSID(Telemetry):
    """One column of a slot, from images of any size.

    Parameters
    ----------
    msid
        Name of a column, in any case.
    slot, start, stop, archive
        As for `get_slot_data`.
    stat
        `"5min"`, `"hour"` or `"daily"`: statistics of the good rows, see `statistics.fill_statistics`.

    Attributes
    ----------
    vals
        (n,) values of the rows that have one.
    times
        (n,) [Chandra seconds].
    bads
        (n,), which rows are of bad quality or lie in a registered bad time.

    Raises
    ------
    NotFound
        Raised if there is no such column.
    """

    def __init__(
        self,
        msid: str,
        slot: int,
        start: Instant,
        stop: Instant,
        *,
        archive: Archive | None = None,
        stat: str | None = None,
    ) -> None:
        self.msid, self.slot = msid.upper(), slot
        if self.msid not in _ALL:
            raise NotFound(f"Image telemetry has no column {msid!r}. It has: {', '.join(_ALL)}.")
        with shown(archive) as site:
            if stat is not None:
                span = parse_span(start, stop, now=Time.now)
                fill_statistics(self, stat, span, partial(MSID, msid, slot, archive=site))
                return
            table = _fetch(site, start, stop, slot, list(dict.fromkeys([self.msid.lower(), "quality"])))
            registered = site.series.bad_times.holds(table, self.msid.lower())
        rows = _columns(table)
        values, self.times = _field(rows, self.msid, centered=False), rows["time"]
        self.bads = np.not_equal(np.ma.filled(rows["quality"], 0), 0, out=flags(len(table)))
        self.bads |= registered
        there = present(table[self.msid.lower()])
        if self.msid == "IMGRAW":
            self.vals, self.times, self.bads = np.ma.asarray(values)[there], self.times[there], self.bads[there]
        elif there.all():
            self.vals = np.ma.getdata(values)
        else:
            self.vals, self.times, self.bads = chosen(there, np.ma.getdata(values), self.times, self.bads)


class MSIDset(TelemetrySet[MSID]):
    """Several columns of a slot, by name in capitals; arguments as for `MSID`."""

    def __init__(
        self, msids: Sequence[str], slot: int, start: Instant, stop: Instant, *, archive: Archive | None = None
    ) -> None:
        super().__init__()
        with shown(archive) as site:
            for msid in msids:
                self[msid.upper()] = MSID(msid, slot, start, stop, archive=site)


def _span(site: Archive, obsid: int | None, start: Instant | None, stop: Instant | None) -> tuple[Instant, Instant]:
    if obsid is not None:
        if TIMELINE not in site.timelines:
            raise NotFound(
                f"No observation {obsid}: the archive has no table of them. Ingest a CSV file with obsid,start,stop."
            )
        epoch = site.timelines[TIMELINE].epoch(obsid)
        if epoch.start_us is not None and epoch.stop_us is not None:
            return from_us(epoch.start_us), from_us(epoch.stop_us)
    if start is None or stop is None:
        raise BadQuery("Files are asked for by obsid, or by both start and stop. Give one or the other.")
    return start, stop


def _fetch(site: Archive, start: Instant, stop: Instant, slot: int | None, names: Sequence[str] | None) -> Table:
    """Give rows with start <= time <= stop, to the microsecond."""
    first, last = (to_us(end, now=Time.now) for end in (start, stop))
    where: dict[str, Scalar] = {} if slot is None else {"slot": slot}
    begin_s, end_s = (float(cxc_from_us(us)) for us in (first, last))
    table = site.series[KIND].fetch(names, begin_s - 1e-6, end_s + 2e-6, where=where)
    low, high = begin_s - 5e-7, end_s + 5e-7
    begin, end = int(np.searchsorted(table["time"].data, low)), int(np.searchsorted(table["time"].data, high))
    return table if (begin, end) == (0, len(table)) else table[begin:end]


def _columns(table: Table) -> dict[str, np.ndarray]:
    """Give the columns of a table; masked arrays only where elements are missing."""
    return {column.name: column.data for column in table.columns.values()}


def _numbers(wanted: Sequence[int] | int | None, every: Sequence[int]) -> list[int]:
    match wanted:
        case None:
            return list(every)
        case int():
            return [wanted]
        case _:
            return list(wanted)


def _field(rows: Mapping[str, np.ndarray], name: str, *, centered: bool) -> np.ndarray:
    """Give a column under its old name, in its old type and shape."""
    values = rows[name.lower()]
    if name == _FILENAME:
        return values
    if name == "IMGRAW":
        flat = values.reshape(len(values), c.FULL * c.FULL)
        return centred(np.ma.asarray(values), rows["imgsize"]) if centered else flat
    return values.astype("i4" if name == "IMGSIZE" else _DTYPES[_STORED[name]], copy=False)


def _structured(fields: Mapping[str, np.ndarray], n: int) -> np.ma.MaskedArray:
    dtype = np.dtype([(name, values.dtype, values.shape[1:]) for name, values in fields.items()])
    data = np.empty(n, dtype)
    mask: np.ndarray = np.zeros(n, np.dtype([(name, bool, values.shape[1:]) for name, values in fields.items()]))
    filled = [(data[name], np.ma.getdata(values)) for name, values in fields.items()]
    filled += [
        (mask[name], np.ma.getmaskarray(v)) for name, v in fields.items() if np.ma.getmask(v) is not np.ma.nomask
    ]
    for begin in range(
        0, n, _BLOCK
    ):  # a row is wide: column by column, all rows would pass through the cache each time
        rows = slice(begin, begin + _BLOCK)
        for into, given in filled:
            into[rows] = given[rows]
    return np.ma.MaskedArray(data, mask=mask, keep_mask=False)


def _file_names(site: Archive, slot: int, time: NDArray[np.float64]) -> NDArray[np.str_]:
    """Give the file each row came with."""
    if not len(time):
        return np.zeros(0, "U1")
    first, last = us_from_cxc(time[[0, -1]]).tolist()
    found = site.series[KIND].origins(from_us(first - 1), from_us(last + 2), where={"slot": slot})
    return np.asarray(found["file"])[np.searchsorted(found["time"], time)]


def _metas(name: str, values: np.ma.MaskedArray) -> list[Scalar]:
    """Give the metadata of each image; None where masked."""
    celsius = values.astype(float) - c.KELVIN if name.startswith("TEMP") else values
    found: list[Scalar] = celsius.tolist()
    return found
