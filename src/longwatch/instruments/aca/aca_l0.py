"""Level-0 image telemetry under the names and arguments of `mica.archive.aca_l0`.

Owns the old names, types and ends of intervals. Must not know files or how rows are stored.
See spec/aca-dark-hdr3-l0.md 1.4, 3.3 and 3.4. Intervals include both ends, as users of those functions expect.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

import numpy as np
from astropy.table import Table
from astropy.time import Time

from longwatch.archive import Archive
from longwatch.domain.epoch import Scalar
from longwatch.domain.times import Instant, cxc_from_us, from_us, parse_span, to_us
from longwatch.errors import BadQuery, NotFound
from longwatch.instruments.aca import columns as c
from longwatch.instruments.aca.aca_image import ACAImage
from longwatch.instruments.aca.aca_table import image_table
from longwatch.instruments.aca.observations import TIMELINE
from longwatch.instruments.aca.opening import shown
from longwatch.instruments.aca.samples import Samples, lose_registered, present_samples
from longwatch.instruments.aca.slot_rows import COLUMNS, FILENAME, old_type, structured
from longwatch.instruments.aca.statistics import fill_statistics
from longwatch.instruments.aca.telemetry import Telemetry, TelemetrySet
from longwatch.series.blocks import Blocks

KIND: Final = "aca.l0"
"""Kind of the files and name of the series."""

IMAGE_COLUMNS: Final = ("TIME", "BGDAVG", "IMGSTAT", "IMGFUNC1", "IMGSIZE", "IMGSCALE", "INTEG")
"""Metadata of images from `get_l0_images`, where none are named; IMGROW0 and IMGCOL0 are always there."""


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
    asked = list(dict.fromkeys([*COLUMNS, FILENAME] if columns is None else columns))
    unknown = [name for name in asked if name not in {*COLUMNS, FILENAME}]
    if unknown:
        raise BadQuery(f"Image telemetry has no columns {unknown}. It has: {', '.join(COLUMNS)}, {FILENAME}.")
    stored = [name.lower() for name in asked if name != FILENAME]
    with shown(archive) as site:
        blocks = site.series[KIND].blocks([*stored, "imgsize"], *_both_ends(start, stop), where={"slot": slot})
        rows = structured(asked, blocks, centered=centered_8x8)
        wanted = None if imgsize is None else np.isin(blocks.column("imgsize").numbers, _numbers(imgsize, c.SIZES))
    return rows if wanted is None else rows[wanted]


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
    kept = [name for name in dict.fromkeys([*names, "IMGROW0", "IMGCOL0"]) if name not in {"IMGRAW", FILENAME}]
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
        if self.msid not in COLUMNS:
            raise NotFound(f"Image telemetry has no column {msid!r}. It has: {', '.join(COLUMNS)}.")
        with shown(archive) as site:
            if stat is not None:
                span = parse_span(start, stop, now=Time.now)
                fill_statistics(self, stat, span, partial(MSID, msid, slot, archive=site))
                return
            name = self.msid.lower()
            blocks = site.series[KIND].blocks([name, "quality"], *_both_ends(start, stop), where={"slot": slot})
            found = (_images if self.msid == "IMGRAW" else present_samples)(blocks, name, old_type(self.msid))
            lose_registered(found, site.series.bad_times, blocks, name)
        self.vals, self.times, self.bads = found.values, found.time, found.lost


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
    where: dict[str, Scalar] = {} if slot is None else {"slot": slot}
    return site.series[KIND].fetch(names, *_both_ends(start, stop), where=where)


def _both_ends(start: Instant, stop: Instant) -> tuple[float, float]:
    """Give the half-open span of the rows with start <= time <= stop, to the microsecond [Chandra seconds]."""
    first, last = (to_us(end, now=Time.now) for end in (start, stop))
    return float(cxc_from_us(first)), float(cxc_from_us(last + 1))


def _numbers(wanted: Sequence[int] | int | None, every: Sequence[int]) -> list[int]:
    match wanted:
        case None:
            return list(every)
        case int():
            return [wanted]
        case _:
            return list(wanted)


def _images(blocks: Blocks, name: str, dtype: np.dtype[np.generic]) -> Samples:
    """Give the images of a slot, (n, 64); masked where there are no pixels."""
    found, (numbers, missing) = present_samples(blocks, "time", np.float64), blocks.column(name)
    images = np.ma.MaskedArray(numbers.astype(dtype), mask=False if missing is None else missing)
    images = images.reshape(-1, c.FULL * c.FULL)
    there = ~np.ma.getmaskarray(images).all(axis=1)
    return Samples(found.time[there], images[there], found.lost[there])


def _metas(name: str, values: np.ma.MaskedArray) -> list[Scalar]:
    """Give the metadata of each image; None where masked."""
    celsius = values.astype(float) - c.KELVIN if name.startswith("TEMP") else values
    found: list[Scalar] = celsius.tolist()
    return found
